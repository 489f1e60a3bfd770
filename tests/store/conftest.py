"""A machine of its own for each test: empty weights, cache and checksums, and a Hub that only this test sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fake_hub
import pytest
from fake_machine import REPO, Machine, ask

from vaedemo import zoo
from vaedemo.store import checksums


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
    monkeypatch.setattr(checksums, "CHECKSUMS", tmp_path / "checksums.json")
    ask(fake_hub.nobody(), monkeypatch)
    zoo.forget()
    yield machine
    zoo.forget()


@pytest.fixture
def there(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[fake_hub.FakeHub]:
    """A Hub that this machine asks."""
    with fake_hub.running() as server:
        ask(server.url, monkeypatch)
        yield server
