"""The package, the checkout and the Makefile: what a stranger's machine meets first."""

from __future__ import annotations

import ast
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from email.parser import Parser
from importlib.metadata import packages_distributions
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1_000_000
TOP_LEVEL = {
    *{".ci", ".git-blame-ignore-revs", ".gitattributes", ".gitignore"},
    *{"Makefile", "pyproject.toml", "requirements.txt", "constraints.txt", "Dockerfile", ".dockerignore"},
    *{".npmrc", ".prettierignore", ".prettierrc.json"},
    *{"eslint.config.mjs", "jsconfig.json", "package.json", "package-lock.json"},
    *{"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "docs"},
    *{"app.py", "vaedemo", "weights", "tests", "benchmarks", "tools"},
}

# In halves, so that this file passes its own test.
MACHINE_PATHS = ["/wor" + "k/", "/roo" + "t/", "/tmp/ba" + "sh"]
REGISTRY_HOSTS = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb.deb" + "ian.org"]


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """The files git has, as they are in the working tree."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", folder, ROOT], check=True, capture_output=True)
    return next(folder.glob("vaedemo-*.whl"))


def requirements(text: str) -> list[Requirement]:
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line]


def declared(wheel: Path) -> list[Requirement]:
    """What pyproject.toml asks for, extras included, as the wheel's metadata says it."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        fields = Parser().parsestr(archive.read(name).decode())
    return [Requirement(line) for line in fields.get_all("Requires-Dist", [])]


def test_requirements_equal_pyproject(wheel: Path) -> None:
    required = {str(requirement) for requirement in declared(wheel) if requirement.marker is None}
    assert {str(requirement) for requirement in requirements((ROOT / "requirements.txt").read_text())} == required


def test_constraints_pin_what_pyproject_allows(wheel: Path) -> None:
    allowed = {requirement.name: requirement.specifier for requirement in declared(wheel)}
    pinned = requirements((ROOT / "constraints.txt").read_text())
    assert allowed.keys() <= {pin.name for pin in pinned}
    for pin in pinned:
        (version,) = pin.specifier
        assert version.operator == "==", pin
        assert pin.name not in allowed or allowed[pin.name].contains(version.version), pin


def test_wheel_holds_the_package_the_models_and_nothing_else(wheel: Path, tracked: list[Path]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        about = set(archive.namelist()) - names
    ours = {path.relative_to(ROOT).as_posix() for path in tracked}
    package = {name for name in ours if name.startswith("vaedemo/")}
    assert package | {f"vaedemo/{name}" for name in ours if name.startswith("weights/")} <= names
    assert {name.split("/")[0] for name in names} == {"vaedemo"}
    assert "vaedemo/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in about)
    assert wheel.stat().st_size < 100 * 2**20  # an index takes no larger file unless asked


def test_an_editable_install_copies_no_models(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    code = f"import hatchling.build; hatchling.build.build_editable({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as archive:
        assert not [name for name in archive.namelist() if "weights" in name]


def test_sdist_holds_what_is_tracked_but_for_settings_of_tools(tmp_path: Path, tracked: list[Path]) -> None:
    pytest.importorskip("hatchling")
    code = f"import hatchling.build; hatchling.build.build_sdist({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    assert {name for path in tracked if not (name := path.relative_to(ROOT).as_posix()).startswith(".")} <= names
    hidden = {name for name in names if name.startswith(".")}
    assert hidden <= {".gitignore"}  # hatchling brings it, so that a wheel of the sdist leaves out the same
    assert not {name.split("/")[0] for name in names} & {"node_modules", "dist", "shared"}


def test_the_metadata_say_what_the_package_is(wheel: Path) -> None:
    from vaedemo import __version__

    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        fields = Parser().parsestr(archive.read(name).decode())
    assert fields["Version"] == __version__
    assert fields["License-Expression"] == "Apache-2.0"
    assert "Latent spaces, by hand" in fields.get_payload()
    known = pytest.importorskip("trove_classifiers").classifiers
    assert set(fields.get_all("Classifier", [])) <= known
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert changes.index(f"\n## {__version__}\n") < changes.index("\n## 0.1.0\n")


def imported(path: Path) -> set[tuple[str, bool]]:
    """The packages that a module imports, and whether only within functions or for type checkers."""
    found = set()

    def walk(node: ast.AST, late: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.update((name.name.split(".")[0], late) for name in child.names)
            elif isinstance(child, ast.ImportFrom) and not child.level and child.module:
                found.add((child.module.split(".")[0], late))
            walk(child, late or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.If))

    walk(ast.parse(path.read_text()), False)
    return found


def test_every_import_is_declared_and_every_declared_package_is_imported(wheel: Path) -> None:
    needed = {Requirement(str(r)).name for r in declared(wheel) if r.marker is None}
    extras = {r.name for r in declared(wheel) if r.marker and re.search("train|site", str(r.marker))}
    distributions = packages_distributions()
    seen: set[str] = set()
    for path in sorted((ROOT / "vaedemo").rglob("*.py")):
        for package, late in imported(path):
            if package == "vaedemo" or package in sys.stdlib_module_names:
                continue
            names = {canonicalize_name(name) for name in distributions.get(package, [package])}
            assert names & (needed | extras if late else needed), f"{path}: {package} is not declared"
            seen |= names
    assert (needed | extras) <= seen, "declared, and never imported"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with the wheel; all that it needs comes from this one, where no vaedemo is found."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", wheel], check=True, capture_output=True)
    site = next(folder.glob("lib/*/site-packages"))
    (site / "needed.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    return folder


def environment_of_a_stranger(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VAEDEMO_", "HF_", "PYTHON"))}
    return {**kept, "HOME": str(folder), "HF_ENDPOINT": "http://127.0.0.1:1"}


def test_the_installed_demo_serves_the_bundled_models_from_any_folder(installed: Path, tmp_path: Path) -> None:
    environment = environment_of_a_stranger(tmp_path)
    words = [installed / "bin" / "vaedemo", "demo", "--port", "0"]
    with subprocess.Popen(words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().removeprefix("Starting: ").strip()
            web = httpx.Client(base_url=address, timeout=120)
            assert "vaedemo/web/page/preload.mjs" in web.get("/").text
            assert web.get("/vaedemo/web/engine/kernels.wasm").content[:4] == b"\0asm"
            for name in ("digits-2d", "colorization"):
                assert web.get(f"/live/models/{name}.json").json()["badge"]["kind"] == "bundled"
            assert len(web.post("/live/decode/digits-2d", content=bytes(8)).content) == 28 * 28
        finally:
            process.terminate()
    assert list(tmp_path.iterdir()) == []


def test_the_installed_package_lists_every_model_as_bundled(installed: Path, tmp_path: Path) -> None:
    environment = environment_of_a_stranger(tmp_path)
    words = [installed / "bin" / "python", "-m", "vaedemo", "list"]
    done = subprocess.run(words, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
    shipped = {folder.name for folder in (ROOT / "weights").iterdir()}
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert shipped <= lines.keys()
    assert all("bundled" in lines[name] for name in shipped)


def test_the_container_gets_what_it_copies_and_the_build_needs(tmp_path: Path) -> None:
    """Docker is seldom here: its files are laid out as it would, and the wheel is built of them."""
    pytest.importorskip("hatchling")
    kept = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    copied = [line.split()[1:-1] for line in (ROOT / "Dockerfile").read_text().splitlines() if line[:5] == "COPY "]
    assert {name for names in copied for name in names} == kept
    for name in kept - {"weights"}:
        place = ROOT / name
        shutil.copytree(place, tmp_path / name) if place.is_dir() else shutil.copy(place, tmp_path / name)
    (tmp_path / "weights" / "digits-2d").mkdir(parents=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", tmp_path / "built", tmp_path], check=True, capture_output=True)
    with zipfile.ZipFile(next((tmp_path / "built").glob("vaedemo-*.whl"))) as archive:
        assert "vaedemo/app/page.py" in archive.namelist()


def test_top_level_is_as_designed(tracked: list[Path]) -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked} == TOP_LEVEL


def test_checkout_stays_small(tracked: list[Path]) -> None:
    assert sum(path.stat().st_size for path in tracked) < 150 * MEGABYTE
    assert [path for path in tracked if path.stat().st_size > 10 * MEGABYTE] == []


def test_text_names_no_machine(tracked: list[Path]) -> None:
    for path in tracked:
        content = path.read_bytes()
        if b"\0" in content:
            continue
        text = content.decode()
        assert [word for word in MACHINE_PATHS + REGISTRY_HOSTS if word in text] == [], path


def test_ci_only_calls_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert script.read_text().splitlines() == ["#!/usr/bin/env bash", "exec make test"]
    assert script.stat().st_mode & stat.S_IXUSR


# A Python that notes how it is called. As `-m venv` it copies itself into .venv; as pip it fails, is killed or works.
FAKE_PYTHON = """#!/bin/bash
echo "$@" >> calls
case "$*" in
    *version_info*) [ "${FAKE_OLD:-}" = "" ];;
    "-m venv"*) rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python;;
    "-m pip install"*) [ "${FAKE_PIP:-}" != killed ] || kill -9 $PPID; [ "${FAKE_PIP:-}" != fails ];;
    --version) echo "Python 3.8.0";;
esac
"""


class Checkout:
    """A folder with the real Makefile and scripts, whose Python is FAKE_PYTHON."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("Makefile", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, folder)
        shutil.copytree(ROOT / "tools", folder / "tools")
        (folder / "fake").write_text(FAKE_PYTHON)
        (folder / "fake").chmod(0o755)

    def make(self, *arguments: str, **variables: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
        """make's outcome, and how Python was called meanwhile (`pip --version` and other questions left out)."""
        calls = self.folder / "calls"
        calls.write_text("")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        environment = {**inherited, "PYTHON": "./fake", "TORCH_INDEX": "", "PORT": "", **variables}
        done = subprocess.run(["make", *arguments], cwd=self.folder, env=environment, capture_output=True, text=True)
        told = ("-m venv", "-m pip install", "app.py")
        return done, [line for line in calls.read_text().splitlines() if line.startswith(told)]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    if not shutil.which("make"):
        pytest.skip("no make")
    return Checkout(tmp_path)


INSTALL = "-m pip install --constraint constraints.txt --editable ."
INSTALL_ALL = INSTALL + "[site,train,dev]"


def test_demo_installs_once(checkout: Checkout) -> None:
    assert checkout.make("demo")[1] == ["-m venv --clear .venv", INSTALL, "app.py"]
    assert checkout.make("demo", PORT="7861")[1] == ["app.py --port 7861"]


def test_demo_installs_again_when_the_pins_change(checkout: Checkout) -> None:
    checkout.make("demo")
    for stamp in (checkout.folder / ".venv").glob("*.stamp"):
        os.utime(stamp, (0, 0))
    assert checkout.make("demo")[1] == [INSTALL, "app.py"]


def test_a_venv_made_by_hand_is_completed(checkout: Checkout) -> None:
    (checkout.folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(checkout.folder / "fake", checkout.folder / ".venv" / "bin" / "python")
    assert checkout.make("demo")[1] == [INSTALL, "app.py"]


def test_half_a_venv_is_made_anew(checkout: Checkout) -> None:
    (checkout.folder / ".venv" / "bin").mkdir(parents=True)
    assert checkout.make("demo")[1] == ["-m venv --clear .venv", INSTALL, "app.py"]


def test_an_install_that_was_killed_starts_over(checkout: Checkout) -> None:
    done, _ = checkout.make("demo", FAKE_PIP="killed")
    assert done.returncode != 0
    assert checkout.make("demo")[1] == ["-m venv --clear .venv", INSTALL, "app.py"]


def test_an_install_that_failed_is_taken_up_again(checkout: Checkout) -> None:
    done, calls = checkout.make("demo", FAKE_PIP="fails")
    assert done.returncode != 0
    assert "app.py" not in calls
    assert checkout.make("demo")[1] == [INSTALL, "app.py"]


def test_torch_index_reaches_pip(checkout: Checkout) -> None:
    done, calls = checkout.make("demo", TORCH_INDEX="https://example.org/cpu")
    assert "--extra-index-url https://example.org/cpu --editable ." in calls[1]
    assert "several GB" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gets the large build")
def test_the_large_download_is_announced(checkout: Checkout) -> None:
    assert "several GB" in checkout.make("demo")[0].stderr
    assert "several GB" not in checkout.make("demo")[0].stderr


def test_an_old_or_missing_python_is_told_plainly(checkout: Checkout) -> None:
    done, calls = checkout.make("demo", FAKE_OLD="yes")
    assert "'./fake' is Python 3.8.0; Python 3.10 or newer is needed." in done.stderr
    assert calls == []
    assert "No 'python9' here." in checkout.make("demo", PYTHON="python9")[0].stderr


def test_test_adds_what_it_needs(checkout: Checkout) -> None:
    checkout.make(".venv/test.stamp")
    assert checkout.make("demo")[1] == ["app.py"]
    assert checkout.make(".venv/test.stamp")[1] == []
    (checkout.folder / ".venv" / "test.stamp").unlink()
    assert checkout.make(".venv/test.stamp")[1] == [INSTALL_ALL]


def find_chromium(checkout: Checkout, *, works: bool) -> subprocess.CompletedProcess[str]:
    """What tools/chromium.sh says where PATH has one chromium that works or not, and no installer is left to try."""
    programs = checkout.folder / "programs"
    programs.mkdir()
    for name in ("bash", "cat"):
        (programs / name).symlink_to(shutil.which(name) or name)
    (programs / "chromium").write_text(f"#!/bin/bash\nexit {int(not works)}\n")
    (programs / "chromium").chmod(0o755)
    (checkout.folder / ".venv").mkdir()
    (checkout.folder / ".venv" / "chromium").touch()
    script = checkout.folder / "tools" / "chromium.sh"
    environment = {"PATH": str(programs)}
    return subprocess.run([script], cwd=checkout.folder, env=environment, check=True, capture_output=True, text=True)


def test_chromium_on_the_path_is_taken(checkout: Checkout) -> None:
    assert find_chromium(checkout, works=True).stdout == f"{checkout.folder}/programs/chromium\n"


def test_no_chromium_is_told_loudly(checkout: Checkout) -> None:
    done = find_chromium(checkout, works=False)
    assert done.stdout == ""
    assert "THE BROWSER TESTS ARE SKIPPED" in done.stderr
