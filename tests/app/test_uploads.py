"""The folder of uploads: of this process alone, whoever else is on the machine."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from vaedemo.app.server import uploads
from vaedemo.app.server.endpoint_arguments import uploaded
from vaedemo.app.server.inference import Refused


async def _taken(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


client = TestClient(uploads.UploadFolder(Starlette(routes=[Route("/gradio_api/upload", _taken, methods=["POST"])])))


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder that this process would choose in an empty temporary folder."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(uploads, "_own", None)
    uploads.choose_folder()
    return Path(os.environ["GRADIO_TEMP_DIR"])


def test_the_folder_is_named_at_once_and_made_at_the_first_upload(own: Path) -> None:
    assert not own.exists()
    assert client.post("/gradio_api/upload", content=b"ink").text == "3"
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert list(own.iterdir()) == []


def test_it_comes_back_when_the_machine_tidies_up(own: Path) -> None:
    uploads.make_folder()
    own.rmdir()
    assert client.post("/gradio_api/upload", content=b"ink").status_code == 200
    assert own.is_dir()
    (own / "drawing.png").touch()
    uploads.remove_own()
    assert not own.exists()


def test_endpoints_take_what_was_uploaded_there_and_nothing_else(own: Path, tmp_path: Path) -> None:
    uploads.make_folder()
    (own / "a").mkdir()
    inside, outside = own / "a" / "drawing.png", tmp_path / "drawing.png"
    inside.touch()
    outside.touch()
    meta = {"_type": "gradio.FileData"}
    assert uploaded("image", {"path": str(inside), "meta": meta}) == inside
    for path in (outside, inside.parent / ".." / ".." / outside.name):
        with pytest.raises(Refused, match="is not a file that was uploaded here"):
            uploaded("image", {"path": str(path), "meta": meta})


def test_two_processes_have_two_folders() -> None:
    code = (
        "import os, vaedemo.app, gradio.utils; print(os.environ['GRADIO_TEMP_DIR'], gradio.utils.get_upload_folder())"
    )
    environment = {**os.environ, "GRADIO_TEMP_DIR": ""}
    folders = set()
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
        ours, gradios = done.stdout.split()
        assert ours == gradios
        folders.add(ours)
    assert len(folders) == 2


def test_a_folder_that_somebody_names_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "named"))
    monkeypatch.setattr(uploads, "_own", None)
    uploads.choose_folder()
    assert os.environ["GRADIO_TEMP_DIR"] == str(tmp_path / "named")
    assert client.post("/gradio_api/upload").status_code == 200
    uploads.remove_own()
    assert (tmp_path / "named").is_dir()


def _no_temporary_folder() -> str:
    raise FileNotFoundError("No usable temporary directory found")


def test_no_temporary_folder_at_all_is_told_when_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    monkeypatch.setattr(tempfile, "gettempdir", _no_temporary_folder)
    monkeypatch.setattr(uploads, "_own", None)
    uploads.choose_folder()
    assert Path(os.environ["GRADIO_TEMP_DIR"]).parent == Path(os.sep)  # root, alone, may make it there


def test_a_folder_that_cannot_be_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "file" / "folder"))
    answer = client.post("/gradio_api/upload", content=bytes(100_000))
    assert (answer.status_code, answer.headers["x-vaedemo"]) == (503, "1")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == (
        f"Uploads cannot be kept in {tmp_path}/file/folder (Not a directory): "
        "GRADIO_TEMP_DIR must name a folder that can be written."
    )
