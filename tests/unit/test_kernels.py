"""The committed kernels are what their sources build to, byte for byte."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = "vaedemo/web/engine"
SOURCES = ("kernels", "training-kernels")
BUILT = [f"{name}{kind}.wasm" for name in SOURCES for kind in ("", "-fused")]


def npm(*arguments: str, folder: Path, node: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{node}:{os.environ['PATH']}"}
    return subprocess.run(["npm", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def locked(file: Path) -> list[str]:
    """The hashes of the compiler's packages that a lock file names; none where there is no file."""
    packages = json.loads(file.read_text())["packages"] if file.exists() else {}
    return [
        entry["integrity"] for name in ("assemblyscript", "binaryen") if (entry := packages.get(f"node_modules/{name}"))
    ]


def test_kernels_rebuild_byte_for_byte(tmp_path: Path) -> None:
    node = subprocess.run(["tools/node.sh"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    if not node:
        pytest.skip("no Node.js is here: the kernels were not rebuilt")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ENGINE).mkdir(parents=True)
    for name in SOURCES:
        shutil.copy(ROOT / ENGINE / f"{name}.ts", tmp_path / ENGINE)
    if locked(ROOT / "node_modules/.package-lock.json") == locked(ROOT / "package-lock.json"):  # make lint was here
        (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    else:
        options = ("--engine-strict", "--fetch-retries=1", "--fetch-timeout=20000")
        installed = npm("ci", *options, folder=tmp_path, node=node)
        if installed.returncode:
            pytest.skip(
                f"npm could not install AssemblyScript: the kernels were not rebuilt ({installed.stderr[-300:]})"
            )
    built = npm("run", "build", folder=tmp_path, node=node)
    assert built.returncode == 0, built.stderr
    for name in BUILT:
        built_file, committed = (root / ENGINE / name for root in (tmp_path, ROOT))
        assert built_file.read_bytes() == committed.read_bytes(), name


def test_lock_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_kernels_need_no_more_than_a_page_can_wait_for() -> None:
    for name in BUILT:
        assert (ROOT / ENGINE / name).stat().st_size < (6144 if name.startswith("training") else 4096), name
