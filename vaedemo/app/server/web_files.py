"""The browser's own files, served as they lie: an address below vaedemo/ is the path in the package."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from vaedemo.app.widgets import PACKAGE

mimetypes.add_type("text/javascript", ".mjs")  # Debian's table lacks it, and a browser refuses other types
mimetypes.add_type("application/wasm", ".wasm")
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("image/webp", ".webp")

SERVED = {".mjs", ".css", ".wasm", ".woff2", ".png", ".jpg", ".webp", ".md", ".json", ".html"}
"""Suffixes that a browser may ask for; the package's Python is nobody's business."""


class _WebFiles(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        parts = PurePosixPath(path)
        if parts.suffix not in SERVED or parts.parts[:1] not in (("web",), ("app",)):
            raise HTTPException(404)
        return await super().get_response(path, scope)


def application() -> Starlette:
    """Everything below vaedemo/, compressed: mounted beside the page."""
    return Starlette(
        routes=[Mount("/", _WebFiles(directory=PACKAGE))],
        middleware=[Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6)],
    )
