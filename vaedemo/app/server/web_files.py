"""The browser's own files, served as they lie: an address below vaedemo/ is the path in the package."""

from __future__ import annotations

import gzip
import mimetypes
import os
from functools import lru_cache
from pathlib import Path, PurePosixPath
from stat import S_ISREG

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

from vaedemo.app.widgets import PACKAGE

mimetypes.add_type("text/javascript", ".mjs")  # Debian's table lacks it, and a browser refuses other types
mimetypes.add_type("application/wasm", ".wasm")
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("image/webp", ".webp")

SERVED = {".mjs", ".css", ".wasm", ".woff2", ".png", ".jpg", ".webp", ".md", ".json", ".html"}
"""Suffixes that a browser may ask for; the package's Python is nobody's business."""

GAIN = 0.9  # of a file's bytes: what compresses to no less is sent as it is, as pictures are


class _WebFiles(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        parts = PurePosixPath(path)
        if parts.suffix not in SERVED or parts.parts[:1] not in (("web",), ("app",)):
            raise HTTPException(404)
        file, told = self.lookup_path(path)  # not in a thread, where it would wait for those that compute
        if told is None or not S_ISREG(told.st_mode) or scope["method"] != "GET":
            return await super().get_response(path, scope)
        return self.file_response(file, told, scope)

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.add_vary_header("Accept-Encoding")
        asked = Headers(scope=scope)
        if not isinstance(response, FileResponse) or scope["method"] != "GET" or "range" in asked:
            return response
        content, packed = _read(str(full_path), stat_result.st_mtime_ns)
        headers = {key: response.headers[key] for key in ("content-type", "etag", "last-modified", "vary")}
        if packed and "gzip" in asked.get("accept-encoding", ""):
            return Response(packed, headers={**headers, "content-encoding": "gzip"})
        return Response(content, headers=headers)


@lru_cache(maxsize=1024)  # they are a few megabytes in all
def _read(file: str, written: int) -> tuple[bytes, bytes]:
    """The file as it was `written`, and compressed; that is empty where it gains little."""
    content = Path(file).read_bytes()
    packed = gzip.compress(content, 6)
    return content, packed if len(packed) < GAIN * len(content) else b""


def application() -> Starlette:
    """Everything below vaedemo/, read and compressed once: mounted beside the page."""
    return Starlette(routes=[Mount("/", _WebFiles(directory=PACKAGE))])
