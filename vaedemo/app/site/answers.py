"""What a page without a server fetches below live/: the server's own answers, asked for while the site is written."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import suppress

from starlette.testclient import TestClient

from vaedemo.app.server import routes
from vaedemo.app.tabs import tabs
from vaedemo.errors import Unavailable
from vaedemo.recipes import KNOWN
from vaedemo.store import bundles

# No page encodes by them in the browser: 7 MB that nobody would fetch.
UNASKED = {f"models/{name}/encoder.safetensors" for name in ("faces-discvae", "faces-sharp", "digits-quadrant")}


def all_answers() -> Iterator[tuple[str, bytes]]:
    """Path below live/ and content: of every route that is a plain address, for every model that is here; then of the
    questions that the tabs name, kept under a key of what was asked."""
    with TestClient(routes.application()) as client:
        for path in _addresses():
            if path in UNASKED:
                continue
            answer = client.get(f"/{path}")
            if answer.status_code == 200:  # a net that no browser decodes has no file for it
                yield path, answer.content
        kept = _examples(client)
    yield "answers.json", json.dumps(sorted(kept)).encode()
    for name, content in kept.items():
        yield f"answers/{name}", content


def _examples(client: TestClient) -> dict[str, bytes]:
    """By key what the server says to the tabs' examples; none of one whose model is nowhere."""
    kept: dict[str, bytes] = {}

    def ask(address: str, body: bytes) -> bytes:
        answer = client.post(f"/{address}", content=body) if body else client.get(f"/{address}")
        if answer.status_code != 200:
            raise Unavailable(address, (answer.text,))
        kept[key(address, body)] = answer.content
        return answer.content

    for example in (example for tab in tabs() for example in tab.examples):
        with suppress(Unavailable):
            example(ask)
    return kept


def key(address: str, body: bytes) -> str:
    """As web/page/without-server.mjs names a question: checksums of its address and its body, and the body's length."""
    return f"{zlib.crc32(address.encode()):x}-{len(body):x}-{zlib.crc32(body):x}"


def _addresses() -> Iterator[str]:
    """Of all routes that are got, without a query."""
    here = [name for name in KNOWN if _is_here(name)]
    for route in routes.all_routes():
        if "GET" in route.methods:
            yield from (route.path.format(name=name) for name in (here if "{name}" in route.path else [""]))


def _is_here(name: str) -> bool:
    try:
        bundles.find(name)
    except Unavailable:
        return False
    return True
