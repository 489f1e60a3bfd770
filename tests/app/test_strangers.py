"""The page on a machine that does not know who starts it, or where nothing can be written."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import stranger


@contextmanager
def served(cwd: Path, *options: str, **variables: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of `vaedemo demo` by a stranger, in the folder `cwd`."""
    words = stranger.command("-m", "vaedemo", "demo", "--port", "0", *options)
    environment = stranger.environment(**variables)
    with subprocess.Popen(words, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=2, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().removeprefix("Starting: ").strip(), process
        finally:
            process.send_signal(signal.SIGTERM)


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that cannot be written."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    yield folder
    folder.chmod(0o755)


def upload(address: str) -> httpx.Response:
    return httpx.post(f"{address}/gradio_api/upload", files={"files": ("drawing.txt", b"ink")}, timeout=60)


def test_nobody_in_a_locked_folder_gets_the_page_and_uploads_of_ones_own(locked: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    temporary.chmod(0o777)
    first = temporary / "gradio"  # of the machine's first user
    first.mkdir(mode=0o555)
    with served(locked, TMPDIR=str(temporary)) as (address, process):
        assert "latent" in httpx.get(address, timeout=60).text.lower()
        facts = httpx.get(f"{address}/live/models/digits-2d.json", timeout=60)
        assert facts.json()["badge"]["kind"] == "bundled"
        decoded = httpx.post(f"{address}/live/decode/digits-2d", content=bytes(8), timeout=60)
        assert len(decoded.content) == 28 * 28, decoded.text
        answer = upload(address)
        assert answer.status_code == 200, answer.text
        folder = Path(answer.json()[0]).parents[1]
        assert folder.parent == temporary
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert list(temporary.iterdir()) == [first]
    assert list(first.iterdir()) == []
    assert list(locked.iterdir()) == []


def test_the_containers_settings_serve_anybody_and_write_to_its_temporary_folder_alone(
    locked: Path, tmp_path: Path
) -> None:
    """What the Dockerfile sets, /tmp being a folder of the test's own; a user id without a name, a locked folder."""
    tmp_path.chmod(0o755)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    temporary.chmod(0o777)
    lines = (stranger.ROOT / "Dockerfile").read_text().splitlines()
    settings = [pair.split("=") for line in lines if line.startswith("ENV ") for pair in line.split()[1:]]
    variables = {name: value.replace("/tmp", str(temporary)) for name, value in settings}
    (command,) = (json.loads(line.removeprefix("CMD ")) for line in lines if line.startswith("CMD "))
    assert command[:2] == ["vaedemo", "demo"]
    with served(locked, *command[2:], TMPDIR=str(temporary), **variables) as (address, process):
        assert "latent" in httpx.get(address, timeout=60).text.lower()
        decoded = httpx.post(f"{address}/live/decode/digits-2d", content=bytes(8), timeout=60)
        assert len(decoded.content) == 28 * 28, decoded.text
        assert upload(address).status_code == 200
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert list(locked.iterdir()) == []


def test_where_nothing_can_be_written_one_sentence_names_the_variable(locked: Path) -> None:
    words = stranger.command("-m", "vaedemo", "demo", "--port", "0")
    for variables in ({"GRADIO_TEMP_DIR": str(locked / "uploads")}, {"GRADIO_TEMP_DIR": str(locked)}):
        environment = stranger.environment(**variables)
        done = subprocess.run(words, cwd=locked, env=environment, capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stdout) == (1, "")
        sentence = r"Uploads cannot be kept in .* \(Permission denied\): GRADIO_TEMP_DIR must name a folder .*\.\n"
        assert re.fullmatch(sentence, done.stderr)
