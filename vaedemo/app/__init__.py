"""The page: a Gradio app, with raw routes beside it for what must not wait in a queue."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from vaedemo.app.server import uploads

if TYPE_CHECKING:
    from fastapi import FastAPI

# Gradio reads both when it is imported, which every module below this package may be the first to do.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
uploads.choose_folder()


def create_app() -> FastAPI:
    """The whole application: Gradio's page at /, the raw routes below /live, the browser's files below /vaedemo.

    Raises errors.NoFolder where no upload could be kept: Gradio does not start without that folder.
    """
    uploads.make_folder()
    import gradio as gr
    from fastapi import FastAPI

    from vaedemo.app import page, widgets
    from vaedemo.app.server import limits, opening_training, preload, routes, web_files

    application = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan)
    application.add_middleware(preload.EarlyHead, tags=preload.tags())
    application.add_middleware(uploads.UploadFolder)
    application.add_middleware(limits.BodyLimit)
    application.mount("/live", routes.application())
    application.mount("/vaedemo", web_files.application())
    opening_training.begin_if_needed()
    return gr.mount_gradio_app(
        application,
        page.blocks(),
        path="",
        theme=page.theme(),
        css_paths=list(widgets.STYLES),
        ssr_mode=False,
        footer_links=["api"],
        show_error=True,
        max_file_size="30mb",
    )


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    uploads.remove_own()


def serve(host: str = "127.0.0.1", port: int = 7860) -> None:
    """Run the page until it is stopped; prints its address. Exits with one sentence where it cannot listen there."""
    from vaedemo.app.server import listening
    from vaedemo.errors import NoFolder

    try:
        uploads.make_folder()
        sockets = listening.listen(host, port)
    except (NoFolder, listening.CannotListen) as error:
        raise SystemExit(str(error)) from None
    from vaedemo.app.server.stopping import Server

    print(f"Starting: {listening.url(sockets[0])}", flush=True)
    with suppress(KeyboardInterrupt):  # uvicorn raises it once more when it has shut down
        Server(create_app(), grace=2).run(sockets)
