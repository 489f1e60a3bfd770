"""A machine to try sources on: its weights and cache, and which Hub it asks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from vaedemo.store import bundles

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
            bundles.record(name)
        return files

    def lose(self, name: str = "digits-2d") -> None:
        """Empties weights/NAME, as on a machine that has only the code."""
        for path in (self.weights / name).iterdir():
            path.unlink()
        (self.weights / name).rmdir()


def ask(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let huggingface_hub ask `url`, in this process too: it reads its environment only once, when it is imported."""
    from huggingface_hub import constants

    monkeypatch.setenv("HF_ENDPOINT", url)
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", "/nonexistent/token")
