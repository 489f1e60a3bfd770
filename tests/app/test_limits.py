"""limits: a request that is too large is refused unparsed, however it comes."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Iterator

import gradio as gr
import httpx
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from vaedemo import errors
from vaedemo.app.server import endpoints, inference, routes
from vaedemo.app.server.limits import BodyLimit
from vaedemo.app.tab import Route as Raw
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


STATUS = {errors.UnknownModel: 404, errors.Refused: 422, errors.BadPicture: 422, errors.ChainError: 422}  # others: 503
OURS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.VaedemoError)]
every_error = pytest.mark.parametrize("kind", OURS)


def raised(kind: type[errors.VaedemoError]) -> errors.VaedemoError:
    if kind is errors.Unavailable:
        return errors.Unavailable("digits", ("weights/digits: not there",))
    if kind is errors.DownloadFailed:
        return errors.DownloadFailed("The network is away.", everything=True)
    return kind("This is a sentence.")


@every_error
def test_every_error_of_ours_is_answered_with_its_sentence(
    kind: type[errors.VaedemoError], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(request: Request) -> PlainTextResponse:
        raise raised(kind)

    monkeypatch.setattr(routes, "all_routes", lambda: (Raw("fails", fails, methods=("GET",)),))
    answer = TestClient(routes.application()).get("/fails")  # an error that is not answered would be raised here
    assert answer.status_code == STATUS.get(kind, 503)
    assert answer.headers["x-vaedemo"] == "1"
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.endswith(str(raised(kind)))


@every_error
def test_an_endpoint_answers_every_error_of_ours_with_its_sentence(kind: type[errors.VaedemoError]) -> None:
    def fails() -> None:
        raise raised(kind)

    with pytest.raises(gr.Error) as refusal:
        endpoints.plainly(fails)()
    assert refusal.value.message == str(raised(kind))
    assert not refusal.value.print_exception


def test_forty_slow_calls_keep_no_file_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, arrived, running, done = 40, 0, 0, threading.Event()  # as many as there are threads

    def slow(name: str, y: np.ndarray) -> np.ndarray:
        nonlocal running
        running += 1
        assert done.wait(60)
        return np.zeros(1, np.uint8)

    async def body() -> AsyncIterator[bytes]:
        nonlocal arrived
        yield bytes(4)
        arrived += 1

    async def asked() -> None:
        app = routes.application()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as visitor:
            slow_ones = [asyncio.create_task(visitor.post("/predict/any", content=body())) for _ in range(calls)]
            try:
                while arrived < calls or running < routes.WORKING:
                    await asyncio.sleep(0.01)
                quick = await asyncio.wait_for(visitor.get("/models/nobody/card.md"), 30)  # by way of a thread
                assert quick.status_code == 404
                assert running == routes.WORKING
                assert not any(task.done() for task in slow_ones)
            finally:
                done.set()
            assert {answer.status_code for answer in await asyncio.gather(*slow_ones)} == {200}

    monkeypatch.setattr(inference, "predict", slow)
    asyncio.run(asked())
