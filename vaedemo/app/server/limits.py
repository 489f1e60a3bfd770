"""How much a request may carry: Gradio parses any JSON, whatever its size, while everybody else waits."""

from __future__ import annotations

import re
from functools import cache

from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vaedemo.app.server.answers import MARK, drain, sentence
from vaedemo.app.server.routes import all_routes
from vaedemo.app.tab import Upload


class BodyLimit:
    """ASGI middleware: answers a request that is too large with 413 and one sentence, unparsed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        limit = _limit(scope["path"])
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > limit:
            await drain(receive)
            return await sentence(_sentence(limit), 413)(scope, receive, send)
        taken = 0

        async def counted() -> Message:  # a body may come in chunks that announce no length
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413, _sentence(limit), MARK)
            return message

        await self.app(scope, counted, send)


def _limit(path: str) -> int:
    """What the request at this path may carry: the page may be mounted below another path, so its end counts."""
    takes_files = path.endswith("/upload") or any(pattern.search(path) for pattern in _takes_files())
    return (Upload.PHOTO if takes_files else Upload.JSON).value


@cache
def _takes_files() -> list[re.Pattern[str]]:
    return [
        re.compile("/live/" + compile_path(route.path)[0].pattern.removeprefix("^"))
        for route in all_routes()
        if route.takes is Upload.PHOTO
    ]


def _sentence(limit: int) -> str:
    return f"The request is too large: at most {limit // 1_000_000} MB are taken here."
