"""What makes the first picture early: its modules and the opening decoder load beside Gradio, not after it."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vaedemo import live
from vaedemo.app.server.opening_training import OPENING
from vaedemo.app.widgets import STATIC

PLACES = {"page": STATIC, "static": Path(live.__file__).parent / "static"}  # below live/


class EarlyHead:
    """Writes `tags` into the page's <head>. Gradio's own `head` adds them only once all of its scripts have run."""

    def __init__(self, app: ASGIApp, tags: str) -> None:
        self.app, self.tags = app, tags.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            return await self.app(scope, receive, send)
        start: Message = {}
        page = b""

        async def send_page(message: Message) -> None:
            nonlocal start, page
            if message["type"] == "http.response.start":
                start = message
                return
            page += message.get("body", b"")
            if message.get("more_body"):
                return
            page = page.replace(b"</head>", self.tags + b"</head>", 1)
            MutableHeaders(scope=start)["content-length"] = str(len(page))
            await send(start)
            await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, send_page)


@lru_cache
def tags() -> str:
    """Preloads of every module that the opening picture needs, and the script that opens its decoder."""
    modules = _graph(("page", "sample.mjs"), ("page", "stops.mjs"))
    preloads = (f'<link rel="modulepreload" href="live/{place}/{path}">' for place, path in modules)
    return (
        '<script type="module" async src="live/page/opening.mjs"></script>'
        f'<link rel="preload" as="image" href="live/models/{OPENING}/map.png">{"".join(preloads)}'
    )


def _graph(*modules: tuple[str, str]) -> list[tuple[str, str]]:
    """The modules and all that they import, as (place, path below it), each once."""
    found = list(modules)
    for where, module in found:  # grows while it is read
        text = (PLACES[where] / module).read_text(encoding="utf-8")
        for name in re.findall(r"""^import\b[^'"]*['"](\.[^'"]+)['"]""", text, re.MULTILINE):
            beside = (PLACES[where] / module).parent.joinpath(name)
            # In the address the two folders are neighbours, page/ and static/; on disk they are not.
            imported = ("static", name.split("static/")[1]) if "static/" in name else (where, _below(beside, where))
            if imported not in found:
                found.append(imported)
    return found


def _below(path: Path, place: str) -> str:
    return path.resolve().relative_to(PLACES[place].resolve()).as_posix()
