"""The page: a Gradio app, with raw routes beside it for what must not wait in a queue."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from vaedemo.app.server import uploads
from vaedemo.errors import PackageMissing

if TYPE_CHECKING:
    from fastapi import FastAPI

# Gradio reads both when it is imported, which every module below this package may be the first to do.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
uploads.choose_folder()


QUEUE_LOOK = 0.02
"""Seconds between two looks of Gradio at its empty queue. Its own 0.001 cost an idle server 6 % of a core."""
SWITCH = 0.0005
"""Seconds for which one thread may keep the interpreter from the others. Python's own 0.005 make the thread that sends
files wait ten times as long for each of its calls while others compute: a page asks for a hundred files."""
MCP_MISSING = "--mcp: the package mcp is not installed: pip install 'vaedemo[mcp]'"


def create_app(mcp: bool = False) -> FastAPI:
    """The whole application: Gradio's page at /, the raw routes below /live, the browser's files below /vaedemo; with
    `mcp`, the endpoints as tools of the Model Context Protocol at /gradio_api/mcp/.

    Raises errors.PackageMissing where that protocol's package is not here, and errors.NoFolder where no upload could be
    kept: Gradio does not start without that folder.
    """
    if mcp and find_spec("mcp") is None:
        raise PackageMissing(MCP_MISSING)
    uploads.make_folder()
    import gradio as gr
    from fastapi import FastAPI

    from vaedemo.app import page, widgets
    from vaedemo.app.server import limits, memory, opening_training, preload, routes, web_files

    memory.keep_little()
    application = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan)
    application.add_middleware(preload.EarlyHead, tags=preload.tags())
    application.add_middleware(uploads.UploadFolder)
    application.add_middleware(limits.BodyLimit)
    application.mount("/live", routes.application())
    application.mount("/vaedemo", web_files.application())
    opening_training.begin_if_needed()
    blocks = page.blocks()
    mounted = gr.mount_gradio_app(
        application,
        blocks,
        path="",
        theme=page.theme(),
        css_paths=list(widgets.STYLES),
        ssr_mode=False,
        footer_links=["api"],
        show_error=True,
        max_file_size="30mb",
        mcp_server=mcp,
    )
    blocks._queue.sleep_when_free = QUEUE_LOOK
    return mounted


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    from vaedemo.app.server import memory

    async with memory.small_pieces_returned():
        yield
    uploads.remove_own()


def serve(host: str = "127.0.0.1", port: int = 7860, mcp: bool = False) -> None:
    """Run the page until it is stopped; prints its address. Exits with one sentence where it cannot listen there, or
    where `mcp` asks for a package that is not here."""
    from vaedemo.app.server import listening
    from vaedemo.errors import NoFolder

    if mcp and find_spec("mcp") is None:
        raise SystemExit(MCP_MISSING)
    try:
        uploads.make_folder()
        sockets = listening.listen(host, port)
    except (NoFolder, listening.CannotListen) as error:
        raise SystemExit(str(error)) from None
    from vaedemo.app.server.stopping import Server

    sys.setswitchinterval(SWITCH)
    print(f"Starting: {listening.url(sockets[0])}", flush=True)
    if mcp:
        print(f"Tools of the Model Context Protocol: {listening.url(sockets[0])}/gradio_api/mcp/", flush=True)
    with suppress(KeyboardInterrupt):  # uvicorn raises it once more when it has shut down
        Server(create_app(mcp), grace=2).run(sockets)
