"""Where the page listens: either family of addresses, and one sentence where that cannot be."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from typer.testing import CliRunner

from vaedemo.__main__ import app
from vaedemo.app.server import listening
from vaedemo.app.server.listening import CannotListen


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            return True
    except OSError:
        return False


ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


async def _hello(_: object) -> PlainTextResponse:
    return PlainTextResponse("hello")


@contextmanager
def served(host: str) -> Iterator[str]:
    """The printed address of a small application on `host`."""
    sockets = listening.listen(host, 0)
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[Route("/", _hello)]), log_level="warning"))
    thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield listening.url(sockets[0])
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        pytest.param("::1", "[::1]", marks=ipv6),
        pytest.param("[::1]", "[::1]", marks=ipv6),
        pytest.param("::", "[::1]", marks=ipv6),
    ],
)
def test_the_printed_address_answers(host: str, shown: str) -> None:
    with served(host) as url:
        parts = urlsplit(url)
        assert parts.netloc == f"{shown}:{parts.port}"
        assert httpx.get(url).text == "hello"


@ipv6
def test_every_address_of_every_family_lets_both_in() -> None:
    with served("::") as url:
        port = urlsplit(url).port
        assert httpx.get(f"http://127.0.0.1:{port}").text == "hello"


def test_a_name_listens_on_each_of_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 0, 0, 0)),
        *2 * [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))],
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0)),  # a test network's: not of this machine
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    sockets = listening.listen("here", 0)
    named = [found.getsockname()[:2] for found in sockets]
    for found in sockets:
        found.close()
    assert [host for host, _ in named] == ["127.0.0.1", *(["::1"] if has_ipv6() else [])]
    assert len({port for _, port in named}) == 1


@ipv6
def test_an_address_of_one_link_is_a_valid_url() -> None:
    class Listening:
        family = socket.AF_INET6

        def getsockname(self) -> tuple[str, int, int, int]:
            return "fe80::1%eth0", 7860, 0, 2

    assert listening.url(Listening()) == "http://[fe80::1%25eth0]:7860"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--port", "99999"), "--port 99999: a port is a whole number from 0 to 65,535; 0 is any free one."),
        (("--port", "-1"), "--port -1: a port is a whole number from 0 to 65,535; 0 is any free one."),
        (("--host", "192.0.2.1"), "--host 192.0.2.1: this machine has no such address"),
        (("--host", "no.such.host.invalid"), "--host no.such.host.invalid: no such host is known here"),
        (("--host", "a" * 70), "no such host is known here"),
        (("--host", ".."), "no such host is known here"),
        (("--host", ""), "no such host is known here"),
        (("--host", "256.1.1.1"), "no such host is known here"),
        (("--host", "http://localhost"), "no such host is known here"),
    ],
)
def test_where_the_page_cannot_listen_one_sentence_says_so(words: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(app, ["demo", *words])
    assert isinstance(result.exception, SystemExit)
    sentence = str(result.exception.code)
    assert said in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=ipv6)])
def test_a_port_that_is_taken(host: str) -> None:
    taken = listening.listen(host, 0)[0]
    port = taken.getsockname()[1]
    with pytest.raises(CannotListen, match=rf"^--port {port}: it cannot be used on {host} \(Address already in use\)"):
        listening.listen(host, port)
    taken.close()


def test_small_answers_are_sent_at_once() -> None:
    """asyncio turns Nagle's algorithm off for sockets that name TCP as their protocol, and for no others."""
    for listener in listening.listen("127.0.0.1", 0):
        with listener:
            assert listener.proto == socket.IPPROTO_TCP
