"""The page: a Gradio app, with raw routes beside it for what must not wait in a queue."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI


def create_app() -> FastAPI:
    """The whole application: Gradio's page at /, the raw routes below /live, the browser's files below /vaedemo."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    import gradio as gr
    from fastapi import FastAPI

    from vaedemo.app import page, widgets
    from vaedemo.app.server import limits, opening_training, preload, routes, web_files

    application = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    application.add_middleware(preload.EarlyHead, tags=preload.tags())
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


def serve(host: str = "127.0.0.1", port: int = 7860) -> None:
    """Run the page until it is stopped; prints its address. Exits with one sentence if the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = f"port {port} of {host} cannot be used ({error.strerror}); name another with --port"
            raise SystemExit(why) from error
    import uvicorn

    shown = "127.0.0.1" if host == "0.0.0.0" else host
    print(f"Starting: http://{shown}:{port}", flush=True)
    uvicorn.run(create_app(), host=host, port=port, log_level="warning", timeout_graceful_shutdown=2)
