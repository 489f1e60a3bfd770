"""limits: a request that is too large is refused unparsed, however it comes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from vaedemo.app.server import routes
from vaedemo.app.server.limits import BodyLimit
from vaedemo.app.tab import Upload


async def _length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


client = TestClient(BodyLimit(Starlette(routes=[Route("/{path:path}", _length, methods=["GET", "POST"])])))


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/gradio_api/call/decode", Upload.JSON.value),
        ("/gradio_api/queue/join", Upload.JSON.value),
        ("/live/decode/digits", Upload.JSON.value),
        ("/gradio_api/upload", Upload.PHOTO.value),
        ("/live/encode/digits", Upload.PHOTO.value),
        ("/live/activations/digits", Upload.PHOTO.value),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_limits(path: str, limit: int, chunked: bool) -> None:
    def body(size: int) -> bytes | Iterator[bytes]:
        return iter([b"x" * (size - 1), b"x"]) if chunked else b"x" * size

    fits = client.post(path, content=body(limit))
    assert (fits.status_code, fits.text) == (200, str(limit))
    refused = client.post(path, content=body(limit + 1))
    assert refused.status_code == 413
    assert refused.headers["x-vaedemo"] == "1"
    assert refused.text == f"The request is too large: at most {limit // 1_000_000} MB are taken here."


def test_a_request_without_a_body_passes() -> None:
    assert client.get("/").status_code == 200


def test_every_answer_of_ours_bears_the_mark_that_a_proxys_page_lacks() -> None:
    live = TestClient(routes.application())
    for route in routes.all_routes():
        path = re.sub(r"{\w+}", "no-such-model", route.path)
        answer = live.request(route.methods[0], f"/{path}")
        assert answer.headers["x-vaedemo"] == "1", path
        if answer.status_code >= 400:
            assert answer.headers["content-type"].startswith("text/plain"), path
            assert answer.text, path
            assert "\n" not in answer.text, path
    assert "x-vaedemo" not in live.get("/no/such/route").headers
