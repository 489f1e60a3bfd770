"""What browser tests share, beside `chromium` of tests/conftest.py: small HTTP servers in threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from server_thread import Server
from small_models import alone
from starlette.types import ASGIApp

from vaedemo.app import create_app


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[ASGIApp], Server]]:
    """Starts servers that stop with the module."""
    servers: list[Server] = []

    def start(app: ASGIApp) -> Server:
        servers.append(Server(app))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def server(serve: Callable[[ASGIApp], Server], small_models: Path) -> Iterator[Server]:
    """The page with small random models, unless a test's module has a `server` of its own."""
    with alone(small_models):
        yield serve(create_app())
