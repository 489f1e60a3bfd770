"""A machine of its own for each test: empty weights, cache and checksums, and a Hub that only this test sees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import fake_hub
import numpy as np
import pytest
from safetensors.numpy import save

from vaedemo import hub, integrity

REPO = "somebody/weights"


@dataclass
class Machine:
    weights: Path
    runs: Path

    def bundle(self, name: str = "digits-2d", listed: bool = True) -> dict[str, bytes]:
        """Writes an intact bundle into weights/NAME, 256 KiB of made-up tensors, and gives its files."""
        files = {
            "model.safetensors": save({"decoder.0.weight": np.arange(1 << 17, dtype=np.float16)}),
            "latents.safetensors": save({"kl": np.ones(2, np.float32)}),
            "config.json": json.dumps({"name": name}).encode(),
            "metrics.json": b'{"nll": 1.0}',
            "README.md": f"# {name}\n".encode(),
        }
        folder = self.weights / name
        folder.mkdir(parents=True)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        if listed:
            hub.write_checksums(name)
        return files

    def lose(self, name: str = "digits-2d") -> None:
        """Empties weights/NAME, as on a machine that has only the code."""
        for path in (self.weights / name).iterdir():
            path.unlink()
        (self.weights / name).rmdir()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    machine = Machine(tmp_path / "weights", tmp_path / "runs")
    machine.weights.mkdir()
    monkeypatch.setenv("VAEDEMO_WEIGHTS", str(machine.weights))
    monkeypatch.setenv("VAEDEMO_RUNS", str(machine.runs))
    monkeypatch.setenv("VAEDEMO_HUB_REPO", REPO)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("VAEDEMO_HUB_REVISION", raising=False)
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(integrity, "CHECKSUMS", tmp_path / "checksums.json")
    ask(fake_hub.nobody(), monkeypatch)
    hub.forget()
    yield machine
    hub.forget()


@pytest.fixture
def there(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[fake_hub.FakeHub]:
    """A Hub that this machine asks."""
    with fake_hub.running() as server:
        ask(server.url, monkeypatch)
        yield server


def ask(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let huggingface_hub ask `url`, in this process too: it reads its environment only once, when it is imported."""
    from huggingface_hub import constants

    monkeypatch.setenv("HF_ENDPOINT", url)
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", "/nonexistent/token")
