"""A Firefox that is spoken to by WebDriver BiDi: for tests, and for benchmarks/firefox.py."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import websockets.sync.client as websockets

WAIT_S = 20
RIGHT = "\ue014"  # the key ArrowRight, as WebDriver names it


def program() -> str | None:
    """The path of an installed Firefox."""
    return shutil.which("firefox") or shutil.which("firefox-esr")


class Firefox:
    """A page in Firefox. `errors`: what its console called an error, and its answers of 4xx and 5xx."""

    def __init__(self, socket: Any) -> None:
        self._socket, self._asked = socket, 0
        self.errors: list[str] = []
        self.version: str = self.ask("session.new", capabilities={})["capabilities"]["browserVersion"]
        self.ask("session.subscribe", events=["log.entryAdded", "network.responseCompleted"])
        self._page: str = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a command, and before it all events that came meanwhile. Raises TimeoutError after `WAIT_S`."""
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": params}))
        while True:
            told = json.loads(self._socket.recv(WAIT_S))
            self._note(told.get("method"), told.get("params", {}))
            if told.get("id") == self._asked:
                assert told["type"] == "success", told
                return told["result"]

    def _note(self, event: str | None, about: dict[str, Any]) -> None:
        if event == "log.entryAdded" and about["level"] == "error":
            self.errors.append(about["text"])
        if event == "network.responseCompleted" and about["response"]["status"] >= 400:
            self.errors.append(f"{about['response']['status']} {about['request']['url']}")

    def resize(self, width: int, height: int) -> None:
        self.ask("browsingContext.setViewport", context=self._page, viewport={"width": width, "height": height})

    def open(self, address: str) -> None:
        self.ask("browsingContext.navigate", context=self._page, url=address, wait="complete")

    def press(self, key: str) -> None:
        strokes = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        keys = {"type": "key", "id": "keys", "actions": strokes}
        self.ask("input.performActions", context=self._page, actions=[keys])

    def wait_for(self, expression: str, wanted: object) -> None:
        """Raises AssertionError where the JavaScript is something else for `WAIT_S`."""
        end = time.monotonic() + WAIT_S
        while (value := self._value_of(expression)) != wanted:
            assert time.monotonic() < end, f"{expression} is {value!r}, not {wanted!r}; errors: {self.errors}"
            time.sleep(0.1)

    def _value_of(self, expression: str) -> object:
        target = {"context": self._page}
        told = self.ask("script.evaluate", expression=expression, target=target, awaitPromise=False)
        return told["result"].get("value")


@contextmanager
def started(path: str, profile: str) -> Iterator[Firefox]:
    """A headless Firefox of this program, with a folder of its own for what it keeps."""
    command = [path, "--headless", "--remote-debugging-port", "0", "--profile", profile, "--no-remote"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        found = (re.search(r"WebDriver BiDi listening on (ws://\S+)", line) for line in process.stderr)
        listening = next((one for one in found if one), None)
        assert listening, "Firefox ended before it listened"
        with websockets.connect(f"{listening[1]}/session", max_size=None) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.wait(20)
