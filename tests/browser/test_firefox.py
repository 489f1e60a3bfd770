"""The first stops of the lecture in Firefox, where one is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from server_thread import Server

from vaedemo.app.tab import stops
from vaedemo.app.tabs import tabs

pytest.importorskip("websockets.sync.client", reason="the package websockets is not installed")
from firefox_page import RIGHT, Firefox, program, started

SEEN = 3  # stops
TITLE = "document.querySelector('.vd-stops [data-part=title]')?.textContent"
DRAWN = """[...document.querySelectorAll('[data-vd-here] canvas')].some(canvas => {
    if (!canvas.width || !canvas.checkVisibility()) return false;
    const small = Object.assign(document.createElement('canvas'), {width: 12, height: 12}).getContext('2d');
    small.drawImage(canvas, 0, 0, 12, 12);
    return new Set(small.getImageData(0, 0, 12, 12).data).size > 2;
})"""


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    path = program()
    if path is None:
        pytest.skip("no Firefox is installed")
    with started(path, str(tmp_path)) as opened:
        yield opened


def test_the_first_stops_are_shown_without_an_error(firefox: Firefox, server: Server) -> None:
    firefox.open(f"{server.address}/?present")
    for index, stop in enumerate(stops(tabs())[:SEEN]):
        if index:
            firefox.press(RIGHT)
        firefox.wait_for(TITLE, stop["title"])
        firefox.wait_for(DRAWN, True)
    assert not firefox.errors
