"""store.upload, by the real client against a Hub on this machine, and what it brought back by bundles.find."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import fake_hub
import pytest
from fake_hub import READER, WRITER, FakeHub
from fake_machine import REPO, Machine, ask
from huggingface_hub import hf_hub_download

from vaedemo.errors import HubError
from vaedemo.store import bundles, checksums, upload
from vaedemo.store.upload import publish

NAME = "digits-2d"


def test_round_trip(machine: Machine, there: FakeHub) -> None:
    """Published here, found on a machine that has only the code, byte for byte."""
    files = machine.bundle()
    url = publish(NAME, REPO, WRITER)
    assert url == f"{there.url}/{REPO}/commit/{there.commit(REPO)}"
    assert len(there.repos[REPO]) == 1
    assert there.repos[REPO][0] == {f"{NAME}/{file}": content for file, content in files.items()}
    assert sum(request.startswith("PUT /store/") for request in there.requests) == 2
    shutil.rmtree(machine.weights)
    bundle = bundles.find(NAME)
    assert bundle.badge.text == f"Hub {REPO}@{there.commit(REPO)[:7]}"
    assert {file: (bundle.folder / file).read_bytes() for file in files} == files
    assert bundle.notes == (f"weights/{NAME}: there is no such folder",)


def test_the_fake_hub_satisfies_the_client_itself(machine: Machine, there: FakeHub) -> None:
    files = machine.bundle()
    publish(NAME, REPO, WRITER)
    for file in files:
        path = hf_hub_download(REPO, f"{NAME}/{file}", cache_dir=machine.runs)
        assert Path(path).read_bytes() == files[file]


def test_publishing_again(machine: Machine, there: FakeHub) -> None:
    """The same files make no new commit, other files one more, beside other models."""
    machine.bundle()
    first = publish(NAME, REPO, WRITER)
    assert publish(NAME, REPO, WRITER) == first
    (machine.weights / NAME / "metrics.json").write_text('{"nll": 2.0}')
    bundles.record(NAME)
    assert publish(NAME, REPO, WRITER) != first
    machine.bundle("digits")
    publish("digits", REPO, WRITER)
    assert len(there.repos[REPO]) == 3
    assert there.repos[REPO][-1][f"{NAME}/metrics.json"] == b'{"nll": 2.0}'
    assert "digits/README.md" in there.repos[REPO][-1]


def test_only_what_can_be_fetched_again_is_published(machine: Machine, there: FakeHub) -> None:
    machine.bundle(listed=False)
    with pytest.raises(HubError, match=r"not fit to be published: model\.safetensors is not listed in checksums"):
        publish(NAME, REPO, WRITER)
    with pytest.raises(HubError, match="weights/digit is not fit to be published: there is no such folder"):
        publish("digit", REPO, WRITER)
    assert there.requests == []


@pytest.mark.parametrize(
    ("token", "says"),
    [
        (None, "needs a token with write access: run `hf auth login`, or set HF_TOKEN"),
        ("hf_invented", r"does not accept the token \(401\)"),
        (READER, rf"may not write to {REPO} \(403\)"),
    ],
)
def test_a_token_that_does_not_serve(machine: Machine, there: FakeHub, token: str | None, says: str) -> None:
    machine.bundle()
    with pytest.raises(HubError, match=says):
        publish(NAME, REPO, token)


def test_a_reader_of_an_existing_repository(machine: Machine, there: FakeHub) -> None:
    machine.bundle()
    there.put(REPO, {"README.md": b""})
    with pytest.raises(HubError, match=r"may not write to .* \(403\)"):
        publish(NAME, REPO, READER)


@pytest.mark.parametrize("status", [429, 503])
def test_a_hub_that_refuses(machine: Machine, there: FakeHub, status: int) -> None:
    machine.bundle()
    there.status = status
    with pytest.raises(HubError, match=rf"\(429\); try again later|status {status}"):
        publish(NAME, REPO, WRITER)


def test_a_name_that_is_none(machine: Machine, there: FakeHub) -> None:
    machine.bundle()
    with pytest.raises(HubError, match="'a/b/c' is no repository's name"):
        publish(NAME, "a/b/c", WRITER)


def test_no_network(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.bundle()
    with pytest.raises(HubError, match="the Hub cannot be reached: "):
        publish(NAME, REPO, WRITER)
    monkeypatch.setattr(upload, "PATIENCE", 0.5)
    start = time.monotonic()
    with fake_hub.silent() as url:
        ask(url, monkeypatch)
        with pytest.raises(HubError, match="the Hub cannot be reached: "):
            publish(NAME, REPO, WRITER)
    assert time.monotonic() - start < 8  # by itself the client waits for ten


def test_the_list_of_checksums_is_sorted_and_stable(machine: Machine) -> None:
    for name in ("digits-2d", "digits"):
        machine.bundle(name)
    text = checksums.CHECKSUMS.read_text()
    keys = [line.split('"')[1] for line in text.splitlines() if ":" in line]
    assert keys == sorted(keys)
    assert len(keys) == 2 * len(checksums.FILES)
    bundles.record("digits-2d")
    assert checksums.CHECKSUMS.read_text() == text
    (machine.weights / "digits" / "config.json").write_text("{")
    with pytest.raises(ValueError, match=r"weights/digits: config\.json is not valid JSON"):
        bundles.record("digits")
