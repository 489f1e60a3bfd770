"""A server that is told to end while streams are open: it ends in silence, and its answers end whole."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest

PROGRAM = """
import asyncio, socket
from contextlib import suppress
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route
from vaedemo.app.server.stopping import Server

async def stream(request):
    async def beats():
        try:
            while True:
                yield b"beat\\n"
                await asyncio.sleep(0.05)
        finally:
            print("left", flush=True)
    return StreamingResponse(beats())

async def slow(request):
    print("asked", flush=True)
    await asyncio.sleep(3_600)

with socket.socket() as listening:
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    print(listening.getsockname()[1], flush=True)
    app = Starlette(routes=[Route("/stream", stream), Route("/slow", slow)])
    with suppress(KeyboardInterrupt):
        Server(app, grace=1).run([listening])
"""


@pytest.fixture
def server() -> Iterator[subprocess.Popen[str]]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", PROGRAM], text=True, **pipes) as process:  # type: ignore[call-overload]
        yield process
        process.kill()


def asked(server: subprocess.Popen[str], path: str) -> HTTPConnection:
    assert server.stdout
    connection = HTTPConnection("127.0.0.1", int(server.stdout.readline()), timeout=60)
    connection.request("GET", path)
    return connection


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_open_streams_end_whole_and_nothing_is_said(server: subprocess.Popen[str], sign: signal.Signals) -> None:
    answer: HTTPResponse = asked(server, "/stream").getresponse()
    assert answer.read(5) == b"beat\n"
    server.send_signal(sign)
    rest = answer.read()  # IncompleteRead, if the stream were cut off
    assert rest.replace(b"beat\n", b"") == b""
    out, told = server.communicate(timeout=60)
    assert out == "left\n"
    assert told == ""


def test_an_answer_that_does_not_come_is_cut_off_without_a_traceback(server: subprocess.Popen[str]) -> None:
    asked(server, "/slow")
    assert server.stdout
    assert server.stdout.readline() == "asked\n"
    begun = time.monotonic()
    server.send_signal(signal.SIGTERM)
    _, told = server.communicate(timeout=60)
    assert time.monotonic() - begun < 30
    assert "Traceback" not in told
