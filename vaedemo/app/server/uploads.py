"""The folder of uploaded files. Gradio's usual one, /tmp/gradio, belongs to whoever on this machine came first."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from vaedemo.app.server.answers import drain, sentence
from vaedemo.errors import NoFolder

VARIABLE = "GRADIO_TEMP_DIR"  # Gradio reads it when it is imported, and later too

_own: Path | None = None


def choose_folder() -> None:
    """Names a folder of this process' own in GRADIO_TEMP_DIR, unless the variable is set. Makes no folder yet."""
    global _own
    if os.environ.get(VARIABLE):
        return
    try:
        parent = Path(tempfile.gettempdir()).resolve()
    except OSError:  # no temporary folder can be written: `make_folder` will say so
        parent = Path(os.sep)
    _own = parent / f"vaedemo-{secrets.token_hex(8)}"  # nobody can guess it, and be there first
    os.environ[VARIABLE] = str(_own)


def make_folder() -> None:
    """Makes the folder, for this user alone, where it is not there yet. Raises NoFolder where it cannot be written."""
    folder = Path(os.environ[VARIABLE])
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        why = error.strerror or error
        raise NoFolder(
            f"Uploads cannot be kept in {folder} ({why}): {VARIABLE} must name a folder that can be written."
        ) from error


def remove_own() -> None:
    """Deletes the folder that `choose_folder` named. A person's own stays."""
    if _own is not None:
        shutil.rmtree(_own, ignore_errors=True)


class UploadFolder:
    """ASGI middleware: makes the folder before an upload, or answers 503 and one sentence."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/upload"):
            try:
                await run_in_threadpool(make_folder)
            except NoFolder as error:
                await drain(receive)
                return await sentence(str(error), 503)(scope, receive, send)
        await self.app(scope, receive, send)
