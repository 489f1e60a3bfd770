"""store.bundles: the order of the sources, and every fault named and passed over within five seconds."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import fake_hub
import pytest
from fake_hub import FakeHub
from fake_machine import REPO, Machine, ask
from safetensors.numpy import save

from vaedemo import zoo
from vaedemo.errors import Unavailable, UnknownModel
from vaedemo.store import bundles, checksums, download

NAME = "digits-2d"


class Looks:
    """A clock of how often a download was looked after, every twentieth of a second: where the machine stalls it does,
    too. It begins when the Hub is first asked: to start the client takes a busy machine a second."""

    def __init__(self, begun: Callable[[], bool]):
        self.begun, self.now = begun, 0.0

    def monotonic(self) -> float:
        self.now += 0.05 * self.begun()
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Looks:
    clock = Looks(lambda: True)
    monkeypatch.setattr(download, "time", clock)
    return clock


def notes() -> str:
    """Why no source has the model, within five seconds of the downloads' clock; after a minute it is ended anyhow."""
    looks, start = download.time, time.monotonic()
    then = looks.monotonic()
    with pytest.raises(Unavailable) as refusal:
        bundles.find(NAME, stop=lambda: time.monotonic() > start + 60)
    assert looks.monotonic() - then < 5
    return "\n".join(refusal.value.notes)


def test_importing_it_needs_neither_torch_nor_the_client() -> None:
    modules = "vaedemo, vaedemo.zoo, vaedemo.store.bundles, vaedemo.recipes, vaedemo.errors"
    code = f"import sys, {modules}; sys.exit(bool({{'torch', 'huggingface_hub', 'safetensors'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_unknown_name_lists_the_known_ones(machine: Machine) -> None:
    with pytest.raises(UnknownModel, match=r"unknown model 'digit'; known: .*digits-2d"):
        bundles.find("digit")


def test_intact_weights_touch_no_network(machine: Machine, there: FakeHub) -> None:
    machine.bundle()
    bundle = bundles.find(NAME)
    assert bundle == bundles.Bundle(NAME, machine.weights / NAME, bundles.Badge("bundled"))
    assert bundle.badge.text == "bundled"
    assert bundles.find(NAME) is bundle
    assert there.requests == []


def damaged(kind: str, content: bytes) -> bytes | None:
    return {
        "missing": None,
        "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "truncated": content[:-1000],
        "cut in its header": content[:20],
        "empty": b"",
        "pickle": b"\x80\x04\x95" + content,
        "torch archive": b"PK\x03\x04" + content,
        "other bytes": content[:-1] + b"\x7f",
        "text": b"<html>not found</html>",
        "nested without end": (10**6).to_bytes(8, "little") + b'{"a":' + b"[" * 10**6,
    }[kind]


FAULTS = {
    "missing": "model.safetensors is missing",
    "pointer": "model.safetensors is a Git LFS pointer, not the file itself; run: git lfs pull",
    "truncated": "model.safetensors is truncated: 261232 of 262232 bytes",
    "cut in its header": "model.safetensors is truncated: it ends inside its header, after 20 bytes",
    "empty": "model.safetensors is truncated: it ends inside its header, after 0 bytes",
    "pickle": "model.safetensors is a pickle, which could run any code",
    "torch archive": "model.safetensors is a pickle, which could run any code",
    "other bytes": "model.safetensors is not the file this version was published with",
    "text": "model.safetensors is not a safetensors file",
    "nested without end": "model.safetensors has a damaged safetensors header",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_damage_is_named(machine: Machine, fault: str) -> None:
    machine.bundle()
    path = machine.weights / NAME / "model.safetensors"
    content = damaged(fault, path.read_bytes())
    path.unlink() if content is None else path.write_bytes(content)
    wrong = checksums.problem(path.parent, checksums.checksums(NAME))
    assert wrong is not None
    assert wrong.startswith(FAULTS[fault])


def test_latents_without_tensors_are_whole(machine: Machine) -> None:
    """A net that has no latent space has nothing to tell of one."""
    machine.bundle()
    (machine.weights / NAME / "latents.safetensors").write_bytes(save({}, {"factors": "[]"}))
    assert checksums.problem(machine.weights / NAME, None) is None


@pytest.mark.parametrize("fault", ["pointer", "truncated", "other bytes", "pickle"])
def test_damaged_weights_are_named_and_the_hub_is_next(machine: Machine, there: FakeHub, fault: str) -> None:
    files = machine.bundle()
    there.put(REPO, {f"{NAME}/{file}": content for file, content in files.items()})
    path = machine.weights / NAME / "model.safetensors"
    path.write_bytes(damaged(fault, path.read_bytes()) or b"")
    bundle = bundles.find(NAME)
    assert bundle.badge.text == f"Hub {REPO}@{there.commit(REPO)[:7]}"
    assert len(bundle.notes) == 1
    assert bundle.notes[0].startswith(f"weights/{NAME}: {FAULTS[fault]}")
    assert {file: (bundle.folder / file).read_bytes() for file in files} == files


@pytest.mark.parametrize("fault", ["truncated", "other bytes", "pickle"])
def test_damaged_files_on_the_hub_are_named(machine: Machine, there: FakeHub, fault: str) -> None:
    files = machine.bundle()
    machine.lose()
    content = damaged(fault, files["model.safetensors"]) or b""
    there.put(REPO, {f"{NAME}/{file}": kept for file, kept in (files | {"model.safetensors": content}).items()})
    assert f"Hub {REPO}@main: {FAULTS[fault]}" in notes()
    assert not (machine.runs / NAME / "hub").exists()


def test_broken_json_is_named(machine: Machine) -> None:
    machine.bundle()
    (machine.weights / NAME / "config.json").write_text("{")
    assert f"weights/{NAME}: config.json is not valid JSON" in notes()


def test_weights_that_no_checksum_knows_are_refused(machine: Machine, there: FakeHub) -> None:
    machine.bundle(listed=False)
    said = notes()
    assert "model.safetensors is not listed in checksums.json" in said
    assert "checksums.json lists no digits-2d, so nothing could be trusted" in said
    assert there.requests == []


def test_a_foreign_repository_injects_nothing(machine: Machine, there: FakeHub) -> None:
    """Right names, valid files, other content: any one of them is enough for a refusal."""
    files = machine.bundle()
    machine.lose()
    there.put(REPO, {f"{NAME}/{file}": content for file, content in (files | {"README.md": b"# mine\n"}).items()})
    assert "README.md is not the file this version was published with" in notes()


def test_the_hub_comes_before_what_was_trained_here(machine: Machine, there: FakeHub) -> None:
    """Two minutes of training, once when there was no network, must not hide the published model for ever."""
    files = machine.bundle()
    machine.runs.joinpath(NAME).mkdir(parents=True)
    (machine.weights / NAME).rename(machine.runs / NAME / "bundle")
    (machine.runs / NAME / "bundle" / "origin.json").write_text('{"detail": "2 min on synthetic digits"}')
    assert bundles.find(NAME).badge.text == "trained here 2 min on synthetic digits"  # nothing is there yet
    zoo.forget()
    there.put(REPO, {f"{NAME}/{file}": content for file, content in files.items()})
    assert bundles.find(NAME).badge.kind == "hub"


def test_what_was_downloaded_serves_without_a_network(machine: Machine, there: FakeHub) -> None:
    files = machine.bundle()
    machine.lose()
    there.put(REPO, {f"{NAME}/{file}": content for file, content in files.items()})
    first = bundles.find(NAME)
    asked = len(there.requests)
    zoo.forget()
    assert bundles.find(NAME) == first
    assert len(there.requests) == asked
    (first.folder / "model.safetensors").write_bytes(b"damaged since")
    zoo.forget()
    assert bundles.find(NAME) == first
    assert (first.folder / "model.safetensors").read_bytes() == files["model.safetensors"]


STATUS = {
    401: "asks for a token (401)",
    403: "forbids access (403)",
    429: "says too many requests (429)",
    500: "answers with status 500",
    503: "is out of service (503)",
}


@pytest.mark.parametrize("status", STATUS)
def test_refusals_are_named(machine: Machine, there: FakeHub, status: int) -> None:
    machine.bundle()
    machine.lose()
    there.status = status
    assert f"Hub {REPO}@main {STATUS[status]}" in notes()
    assert len(there.requests) == 1


def test_missing_things_are_named(machine: Machine, there: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.bundle()
    machine.lose()
    assert "has no such repository or revision (404)" in notes()
    there.put(REPO, {"digits/README.md": b""})
    zoo.forget()
    assert "has no such file (404)" in notes()
    monkeypatch.setenv("VAEDEMO_HUB_REVISION", "v9")
    zoo.forget()
    assert f"Hub {REPO}@v9 has no such repository or revision (404)" in notes()


def test_nobody_listens(machine: Machine) -> None:
    machine.bundle()
    machine.lose()
    assert "cannot be reached: " in notes()


def test_a_server_that_hangs(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.bundle()
    machine.lose()
    with fake_hub.silent() as url:
        ask(url, monkeypatch)
        assert "did not answer in 4 seconds" in notes()


def test_a_server_that_trickles_its_header(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every byte restarts the client's own timeout."""
    machine.bundle()
    machine.lose()
    with fake_hub.silent(b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 1000) as url:
        ask(url, monkeypatch)
        assert "did not answer in 4 seconds" in notes()


def test_a_server_that_trickles_its_body(machine: Machine, there: FakeHub) -> None:
    files = machine.bundle()
    machine.lose()
    there.put(REPO, {f"{NAME}/{file}": content for file, content in files.items()})
    there.trickle = (100, 0.1)
    said = notes()
    assert "sent only " in said
    assert "bytes in 4 seconds" in said


def test_a_slow_line_may_take_its_time(
    machine: Machine, there: FakeHub, clock: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = machine.bundle()
    machine.lose()
    there.put(REPO, {f"{NAME}/{file}": content for file, content in files.items()})
    monkeypatch.setattr(download, "PATIENCE", 2.0)
    clock.begun = lambda: bool(there.requests)
    there.trickle = (download.STEP, 0.6)
    start = time.monotonic()
    assert bundles.find(NAME).badge.kind == "hub"
    assert time.monotonic() - start > 2 * download.PATIENCE


def test_a_download_can_be_stopped(machine: Machine, there: FakeHub) -> None:
    files = machine.bundle()
    machine.lose()
    there.put(REPO, {f"{NAME}/{file}": content for file, content in files.items()})
    there.trickle = (100, 0.1)
    start = time.monotonic()
    with pytest.raises(Unavailable, match="the download was stopped"):
        bundles.find(NAME, stop=lambda: time.monotonic() - start > 0.5)
    assert time.monotonic() - start < 30  # whole it would take minutes
    there.trickle = None
    assert bundles.find(NAME).badge.kind == "hub"


def test_a_file_may_be_renamed_while_it_is_watched(tmp_path: Path) -> None:
    assert download._size(tmp_path / "model.safetensors.part") == 0


def test_an_endless_file_ends(machine: Machine, there: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "LARGEST", 1 << 20)
    there.put(REPO, {"big.safetensors": bytes(1 << 21)})
    machine.runs.mkdir()
    with pytest.raises(ValueError, match="sends more than 1 MiB"):
        download._download(REPO, "main", ["big.safetensors"], str(machine.runs))


def test_offline_is_respected(machine: Machine, there: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.bundle()
    machine.lose()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "is not asked: HF_HUB_OFFLINE is set" in notes()
    assert there.requests == []


def test_a_dead_hub_is_left_alone_for_a_minute(
    machine: Machine, there: FakeHub, clock: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of many models waits for it once."""
    for name in ("digits", NAME, "digits-ae"):
        machine.bundle(name)
        machine.lose(name)
    there.status = 503
    notes()
    then = clock.now
    for name in ("digits", NAME, "digits-ae"):
        with pytest.raises(Unavailable, match=r"out of service \(503\) \(asked again in \d+ s\)"):
            bundles.find(name)
    assert len(there.requests) == 1
    assert clock.now == then  # nothing was waited for
    later = time.monotonic() + bundles.PAUSE
    monkeypatch.setattr(bundles, "time", SimpleNamespace(monotonic=lambda: later))
    with pytest.raises(Unavailable):
        bundles.find(NAME)
    assert len(there.requests) == 2


def test_one_missing_model_does_not_silence_the_hub(machine: Machine, there: FakeHub) -> None:
    machine.bundle("digits")
    machine.lose("digits")
    files = machine.bundle(NAME)
    machine.lose(NAME)
    there.put(REPO, {f"{NAME}/{file}": content for file, content in files.items()})
    with pytest.raises(Unavailable, match="has no such file"):
        bundles.find("digits")
    assert bundles.find(NAME).badge.kind == "hub"


def test_a_cache_that_cannot_be_written_is_named(
    machine: Machine, there: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.bundle()
    machine.lose()
    machine.runs.write_text("a file where a folder should be")
    assert "its files cannot be kept here" in notes()
