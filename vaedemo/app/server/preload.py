"""What makes the first picture early: its modules and the opening decoder load beside Gradio, not after it."""

from __future__ import annotations

import gzip
import json
import re
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vaedemo.app.server import files
from vaedemo.app.server.anywhere import anywhere
from vaedemo.app.server.opening_training import OPENING
from vaedemo.app.tab import declarations
from vaedemo.app.tabs import tabs
from vaedemo.app.widgets import PACKAGE

_GRADIOS_OWN = re.compile(rb"(^|&)(deep_link|page)=")  # what Gradio itself reads of the page's query
_MAP = f'<link rel="preload" as="image" href="live/models/{OPENING}/map.png">'


class EarlyHead:
    """Writes `tags` into the page's <head>. Gradio's own `head` adds them only once all of its scripts have run.

    What then is sent does not depend on who asks, but for the questions in `_GRADIOS_OWN`. So it is kept, compressed:
    to write its half megabyte anew takes Gradio 20 ms of a core, while everybody else waits.
    """

    def __init__(self, app: ASGIApp, tags: str) -> None:
        self.app, self.tags = app, tags.encode()
        self._kept: files.Kept | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            return await self.app(scope, receive, send)
        anew = _GRADIOS_OWN.search(scope["query_string"])
        if anew or self._kept is None:
            start, page = await self._written(scope, receive)
            if anew or start["status"] != 200:
                MutableHeaders(scope=start)["content-length"] = str(len(page))
                await send(start)
                return await send({"type": "http.response.body", "body": page})
            self._kept = files.kept("text/html", page, gzip.compress(page, 6))
        await self._kept.answer(Headers(scope=scope))(scope, receive, send)

    async def _written(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        """The start of Gradio's answer, and its page with the tags."""
        start: Message = {}
        page = b""

        async def taken(message: Message) -> None:
            nonlocal start, page
            if message["type"] == "http.response.start":
                start = message
            elif message["type"] == "http.response.body":
                page += message.get("body", b"")

        await self.app(scope, receive, taken)
        return start, anywhere(page).replace(b"</head>", self.tags + b"</head>", 1)


@lru_cache
def tags() -> str:
    """Preloads of every module that the opening picture needs, and the script that opens its decoder."""
    return (
        f"<script>{(PACKAGE / 'web/page/loading-clock.mjs').read_text(encoding='utf-8')}</script>"
        f'{_state()}<script type="module" async src="vaedemo/web/page/preload.mjs"></script>{_MAP}'
        '<link rel="icon" href="favicon.ico">'  # else a browser asks for it beside the path of a proxy
        f"{_modules(_hero(), PACKAGE / 'web/page/header.mjs')}"
    )


def tags_without_server() -> str:
    """The same of a page without Gradio. Nothing of it is slow, so the decoder is opened after the map is here."""
    return f"{_state()}{_MAP}{_modules(PACKAGE / 'web/page/static-shell.mjs', _hero())}"


def _hero() -> Path:
    """What the page opens with."""
    return PACKAGE / "app/tabs" / tabs()[0].name / "hero.mjs"


def _modules(*starts: Path) -> str:
    addresses = (f"vaedemo/{module.relative_to(PACKAGE).as_posix()}" for module in _graph(*starts))
    return "".join(f'<link rel="modulepreload" href="{address}">' for address in addresses)


def _state() -> str:
    """What the address may hold, and the names of tabs and folds."""
    names = {tab.name: [fold.name for fold in tab.folds] for tab in tabs()}
    return _told("vd-state", declarations(tabs())) + _told("vd-tabs", names)


def _told(name: str, what: object) -> str:
    """What the page's modules read as JSON in the element of this id."""
    text = json.dumps(what, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>'


def _graph(*modules: Path) -> list[Path]:
    """The modules and all that they import, each once."""
    found = list(modules)
    for module in found:  # grows while it is read
        text = module.read_text(encoding="utf-8")
        for name in re.findall(r"""^import\b[^'"]*['"](\.[^'"]+)['"]""", text, re.MULTILINE):
            imported = module.parent.joinpath(name).resolve()
            if imported not in found:
                found.append(imported)
    return found
