"""The report for a bug: what it tells is what is here, and what is broken does not keep it from telling the rest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
import torch

from vaedemo import doctor, zoo
from vaedemo.recipes import KNOWN
from vaedemo.store import paths


def parts(lines: list[str]) -> dict[str, list[str]]:
    """The lines below each head."""
    found: dict[str, list[str]] = {}
    for line in lines:
        head = line[:10].strip()
        found.setdefault(head or list(found)[-1], []).append(line[10:])
    return found


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No Hub."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    zoo.forget()
    yield
    zoo.forget()


def test_it_tells_what_is_here() -> None:
    told = parts(list(doctor.report()))
    assert list(told) == ["versions", "machine", "folders", "models", "data", "decoding"]
    assert f"torch {torch.__version__}" in told["versions"][1]
    assert told["folders"][0] == f"weights: {paths.weights_folder()}"
    here = sum(1 for folder in paths.weights_folder().iterdir() if folder.name in KNOWN)
    assert told["models"][0] == f"{len(KNOWN)} known; {here} bundled"
    assert "ms a picture" in told["decoding"][0]


def test_without_nodejs_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert list(doctor.decoding())[1] == "by the browser's kernels: not measured, Node.js is not here"


def test_a_broken_part_is_told_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken():
        raise OSError("the disk is gone")

    monkeypatch.setattr(paths, "weights_folder", broken)
    monkeypatch.setattr(doctor, "MODEL", "nope")
    told = parts(list(doctor.report()))
    assert told["folders"] == ["OSError: the disk is gone"]
    assert told["data"]
    assert told["decoding"][-1].startswith("UnknownModel: ")
