"""How much a request may carry: Gradio parses any JSON, whatever its size, while everybody else waits."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vaedemo.vision.preprocessing import MOST_BYTES

MOST_JSON = 2_000_000  # 1,024 vectors of 64 numbers are 1.4 MB; Gradio takes a second for each MB of what is no number
MOST_FILE = MOST_BYTES + 1_000_000  # a picture and what wraps it


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
            await _drain(receive)
            return await PlainTextResponse(_sentence(limit), 413)(scope, receive, send)
        taken = 0

        async def counted() -> Message:  # a body may come in chunks that announce no length
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413, _sentence(limit))
            return message

        await self.app(scope, counted, send)


def _limit(path: str) -> int:
    takes_files = path.endswith(("/upload", "/live/photo", "/live/full", "/live/motion/still"))
    takes_files = takes_files or any(f"/live/{route}/" in path for route in ("encode", "activations", "face"))
    return MOST_FILE if takes_files else MOST_JSON


def _sentence(limit: int) -> str:
    return f"The request is too large: at most {limit // 1_000_000} MB are taken here."


async def _drain(receive: Receive) -> None:
    """Many clients read no answer before they have sent everything."""
    while (await receive()).get("more_body", False):
        pass
