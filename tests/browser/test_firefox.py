"""The first stops of the lecture in Firefox, where one is installed: it is spoken to by WebDriver BiDi."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from folds import WAIT_MS
from server_thread import Server

from vaedemo.app.tab import stops
from vaedemo.app.tabs import tabs

websockets = pytest.importorskip("websockets.sync.client", reason="the package websockets is not installed")
FIREFOX = shutil.which("firefox") or shutil.which("firefox-esr")
SEEN = 3  # stops
RIGHT = "\ue014"  # the key ArrowRight, as WebDriver names it
TITLE = "document.querySelector('.vd-stops [data-part=title]')?.textContent"
DRAWN = """[...document.querySelectorAll('[data-vd-here] canvas')].some(canvas => {
    if (!canvas.width || !canvas.checkVisibility()) return false;
    const small = Object.assign(document.createElement('canvas'), {width: 12, height: 12}).getContext('2d');
    small.drawImage(canvas, 0, 0, 12, 12);
    return new Set(small.getImageData(0, 0, 12, 12).data).size > 2;
})"""

pytestmark = pytest.mark.skipif(FIREFOX is None, reason="no Firefox is installed")


class Firefox:
    """A page in Firefox, and what its console called an error."""

    def __init__(self, socket: Any) -> None:
        self._socket, self._asked = socket, 0
        self.errors: list[str] = []
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        self._page: str = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": params}))
        while True:
            told = json.loads(self._socket.recv(WAIT_MS / 1000))
            if told.get("method") == "log.entryAdded" and told["params"]["level"] == "error":
                self.errors.append(told["params"]["text"])
            if told.get("id") == self._asked:
                assert told["type"] == "success", told
                return told["result"]

    def open(self, address: str) -> None:
        self.ask("browsingContext.navigate", context=self._page, url=address, wait="complete")

    def press(self, key: str) -> None:
        strokes = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        keys = {"type": "key", "id": "keys", "actions": strokes}
        self.ask("input.performActions", context=self._page, actions=[keys])

    def wait_for(self, expression: str, wanted: object) -> None:
        end = time.monotonic() + WAIT_MS / 1000
        while (value := self._value_of(expression)) != wanted:
            assert time.monotonic() < end, f"{expression} is {value!r}, not {wanted!r}; errors: {self.errors}"
            time.sleep(0.1)

    def _value_of(self, expression: str) -> object:
        target = {"context": self._page}
        told = self.ask("script.evaluate", expression=expression, target=target, awaitPromise=False)
        return told["result"].get("value")


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    assert FIREFOX is not None
    command = [FIREFOX, "--headless", "--remote-debugging-port", "0", "--profile", str(tmp_path), "--no-remote"]
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


def test_the_first_stops_are_shown_without_an_error(firefox: Firefox, server: Server) -> None:
    firefox.open(f"{server.address}/?present")
    for index, stop in enumerate(stops(tabs())[:SEEN]):
        if index:
            firefox.press(RIGHT)
        firefox.wait_for(TITLE, stop["title"])
        firefox.wait_for(DRAWN, True)
    assert not firefox.errors
