"""An HTTP server in a thread, which a test may stop and start again."""

from __future__ import annotations

import socket
import threading
import time

import uvicorn
from starlette.types import ASGIApp


class Server:
    """Serves ``app`` on 127.0.0.1 in a thread, always on the same port."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        config = uvicorn.Config(self.app, "127.0.0.1", self.port, log_level="warning", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), f"nothing listens on {self.address}"
            time.sleep(0.01)

    def stop(self) -> None:
        """Returns when the port is closed and every connection with it."""
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()
