"""What browser tests share, beside `chromium` of tests/conftest.py: a small HTTP server in a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from server_thread import Server
from starlette.types import ASGIApp


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
