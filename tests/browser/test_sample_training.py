"""No weights, no Hub, no data: the page opens all the same, and the map unfolds while its model is trained."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from server_thread import Server
from small_models import alone

from vaedemo import data
from vaedemo.app import create_app
from vaedemo.app.server import opening_training
from vaedemo.data import Pictures, digits
from vaedemo.release import quick_train
from vaedemo.store import checksums

ROOT = Path(__file__).parents[2]
MAP = '[data-part="map"] img'


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[str]:
    """The address of `python app.py` on a machine that has nothing but the code."""
    (tmp_path / "weights").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("VAEDEMO_", "HF_"))},
        "VAEDEMO_WEIGHTS": str(tmp_path / "weights"),
        "VAEDEMO_RUNS": str(tmp_path / "runs"),
        "HF_ENDPOINT": "http://127.0.0.1:1",
        "HOME": str(tmp_path),  # nor anything in the caches there
    }
    command = [sys.executable, "app.py", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        while not _answers(address):
            assert process.poll() is None, "app.py ended"
            time.sleep(0.1)
        yield address
        process.terminate()


def _answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(address, timeout=30).status == 200
    except OSError:
        return False


def _status(address: str) -> dict[str, object]:
    return json.load(urllib.request.urlopen(f"{address}/live/training", timeout=10))


def test_the_map_unfolds_until_it_is_cancelled(chromium: Browser, bare: str) -> None:
    page = chromium.new_page()
    page.goto(bare)
    training = page.locator('[data-part="training"]')
    expect(training).to_contain_text("trained before your eyes", timeout=30_000)
    expect(training).to_contain_text("drawn digits, not real ones", timeout=90_000)
    pictures = {_map_pixels(page, None)}
    for _ in range(2):
        pictures.add(_map_pixels(page, page.locator(MAP).get_attribute("src")))
    assert len(pictures) == 3
    assert page.locator('.vd-hero [data-part="trouble"]').inner_text() == ""
    training.get_by_role("button", name="Cancel").click()
    cancelled = time.monotonic()
    while _status(bare)["state"] != "stopped":
        assert time.monotonic() - cancelled < 30  # after its step; whole it takes two minutes
        time.sleep(0.05)
    expect(training).to_contain_text("was stopped")
    expect(page.locator(MAP)).to_be_visible()  # as far as it unfolded
    page.close()


def _map_pixels(page: Page, before: str | None) -> str:
    """The map's picture as a data URL, once it is another one than `before`."""
    return page.wait_for_function(
        f"""before => {{
          const map = document.querySelector('{MAP}');
          const other = map?.src.includes('training/map.png') && map.src !== before;
          if (!other || !map.complete || !map.naturalWidth) return;
          const canvas = new OffscreenCanvas(map.naturalWidth, map.naturalHeight), pen = canvas.getContext('2d');
          pen.drawImage(map, 0, 0);
          return pen.getImageData(0, 0, canvas.width, canvas.height).data.join();
        }}""",
        arg=before,
        timeout=60_000,
    ).json_value()


def test_a_finished_training_makes_the_map_live(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = digits.twin("validation")
    few = Pictures(drawn.source, True, drawn.x, drawn.y)
    monkeypatch.setitem(data.sets(), "digits", replace(data.sets()["digits"], twin=lambda split: few))
    monkeypatch.setattr(quick_train, "MINUTES", 0.1)
    monkeypatch.setattr(quick_train, "PROBE_MINUTES", 0.02)
    monkeypatch.setattr(checksums, "CHECKSUMS", tmp_path / "none.json")
    monkeypatch.delenv("VAEDEMO_DATA", raising=False)
    with alone(tmp_path):
        server = Server(create_app())
        try:
            page = chromium.new_page()
            page.goto(server.address)
            canvas = page.locator('[data-part="digit"]')
            expect(canvas).to_have_attribute("data-drawn", "browser", timeout=90_000)
            expect(page.locator('[data-part="training"]')).to_be_hidden()
            badge = page.locator('.vd-hero [data-part="badge"]')
            expect(badge).to_contain_text(re.compile("trained here 0.1 min on synthetic digits"), timeout=10_000)
            expect(page.locator(MAP)).to_have_attribute("src", re.compile("digits-2d/map.png"))
            page.close()
        finally:
            opening_training.cancel()
            server.stop()
