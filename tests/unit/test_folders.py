"""A user without a home, and folders that cannot be written: what is bundled works, the rest names its variable."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

import vaedemo
from vaedemo import data, zoo
from vaedemo.errors import NoFolder, Unavailable, VaedemoError
from vaedemo.store import checksums, paths

# A user that no passwd knows. (Not a real one: Python itself may lie where only this user reads.)
NOBODY = """
import os, pwd

def getpwuid(user):
    raise KeyError(user)

pwd.getpwuid = getpwuid
"""
BUNDLED = """
import vaedemo, vaedemo.data
from vaedemo import colorize, forecast
assert vaedemo.load("digits-2d").sample(4, seed=0).shape == (4, 1, 28, 28)
assert vaedemo.load_net("digits-quadrant-net").y == 784
assert vaedemo.folder("motion").name == "motion"
print(vaedemo.data.load("digits", "validation").source)
"""
REFUSED = """
import contextlib, io, json, os, sys
from vaedemo import errors, zoo
from vaedemo.__main__ import app

def refused(*arguments):
    with contextlib.redirect_stderr(io.StringIO()) as said:
        try:
            app(arguments)
        except SystemExit as end:
            assert end.code == 2, said.getvalue()
            return said.getvalue()

try:
    zoo.load("digits-2d")
except errors.VaedemoError as error:
    said = [str(error)]
said += [refused("train", "digits-2d"), refused("data", "digits", "--download")]
os.environ["VAEDEMO_RUNS"] = sys.argv[1]
print(json.dumps([*said, refused("train", "digits-2d")]))
"""


def run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python code, in a process of a user without home and passwd entry."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    top = str(Path(vaedemo.__file__).parents[1])
    environment = {**kept, "PYTHONPATH": top, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", **environment}
    command = [sys.executable, "-c", NOBODY + code, *arguments]
    return subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True)


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process has neither HOME nor a passwd entry."""

    def nobody(_: object) -> None:
        raise KeyError

    for name in ("HOME", "VAEDEMO_RUNS", "VAEDEMO_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    zoo.forget()


def test_the_fixture_is_what_it_says(homeless: None) -> None:
    with pytest.raises(RuntimeError):
        Path("~").expanduser()


def test_what_is_bundled_works_for_nobody() -> None:
    done = run(BUNDLED)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "synthetic digits\n"


def test_what_needs_a_folder_names_the_variable_for_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    done = run(REFUSED, str(tmp_path / "file"), VAEDEMO_WEIGHTS="/nonexistent")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout
    loaded, trained, downloaded, in_a_file = json.loads(
        done.stdout.splitlines()[-1]
    )  # what is said to whoever is not refused comes before
    assert "it cannot be trained here: this user has no home folder: set VAEDEMO_RUNS to a folder" in loaded
    assert "VAEDEMO_RUNS" in trained
    assert "VAEDEMO_DATA" in downloaded
    assert "VAEDEMO_RUNS" in in_a_file


def test_a_bundled_model_needs_no_home(homeless: None) -> None:
    assert vaedemo.load("digits-2d").sample(2).shape == (2, 1, 28, 28)
    assert data.load("digits", "validation").source == "synthetic digits"
    assert "MNIST was not found" in data.sets()["digits"].where(None)


def test_without_a_home_the_reasons_name_the_variable(
    homeless: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VAEDEMO_WEIGHTS", str(tmp_path / "none"))
    with pytest.raises(Unavailable) as refusal:
        vaedemo.load("digits-2d")
    assert all("set VAEDEMO_RUNS to a folder that can be written" in note for note in refusal.value.notes[1:])
    with pytest.raises(NoFolder, match="set VAEDEMO_RUNS to a folder that can be written"):
        paths.runs_folder()
    with pytest.raises(NoFolder, match="set VAEDEMO_DATA to a folder that holds the data"):
        data.cache_folder()
    assert issubclass(NoFolder, VaedemoError)


def test_a_folder_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path / "file"))
    monkeypatch.setenv("VAEDEMO_WEIGHTS", str(tmp_path / "none"))
    monkeypatch.setattr(checksums, "CHECKSUMS", tmp_path / "none.json")
    zoo.forget()
    with pytest.raises(Unavailable, match=r"cannot be written \(Not a directory\): set VAEDEMO_RUNS to a folder that"):
        vaedemo.load("digits-2d")
    zoo.forget()
