"""The page opened in a browser, its tabs and folds, and a hand in it: what tests of the folds share."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs, urlsplit

import numpy as np
from numpy.typing import ArrayLike, NDArray
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect
from server_thread import Server

from vaedemo.app.server import inference

WAIT_MS = 20_000  # the first picture that is encoded waits for torch
# A camera that sees green, for a page that has none.
CAMERA = """
navigator.mediaDevices ??= {};
navigator.mediaDevices.getUserMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), {width: 320, height: 240});
    const context = canvas.getContext('2d');
    const fill = () => { context.fillStyle = '#00ff00'; context.fillRect(0, 0, 320, 240); };
    fill(); // the first frame, too
    setInterval(fill, 30);
    return canvas.captureStream(30);
};
"""


def opened(
    chromium: Browser,
    server: Server,
    width: int,
    height: int,
    tab: str | None = None,
    query: str = "",
    absent: str | None = None,
    lost: str | None = None,
    ready: str = "canvas[data-drawn]:visible",
) -> Iterator[Page]:
    """The page at a size, reduced motion, at a tab's label; fails at the end for what went wrong in its console.

    ready: what is there once the page is.
    absent: a pattern of what a test lets the server refuse; that the browser says so is no failure.
    lost: a pattern of addresses that never answer, from the page's first request on.
    """
    context = chromium.new_context(
        viewport={"width": width, "height": height}, has_touch=width < 500, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error" and not (absent and re.search(f"/({absent})", said.location.get("url", ""))):
            errors.append(f"{said.text} {said.location}")

    page.on("console", hear)
    if lost:
        page.route(lost, lambda route: route.abort())
    page.goto(f"{server.address}{query}")
    page.wait_for_selector(ready)
    if tab:
        choose(page, tab)
    yield page
    context.close()
    assert not errors, errors


def choose(page: Page, tab: str) -> None:
    """Selects a tab by its label; on a narrow page the bar scrolls to it."""
    page.get_by_role("tab", name=tab, exact=True).click()


def kept(page: Page) -> dict[str, list[str]]:
    """The address's query once the hand has rested. The page's own clock is waited for: it may be busy."""
    page.evaluate("() => new Promise(rested => setTimeout(rested, 400))")
    return parse_qs(urlsplit(page.url).query)


def section(page: Page, name: str) -> Locator:
    """The fold, open, and its pictures drawn."""
    fold = page.locator(f"#fold-{name}")
    if not fold.locator(".vd-section").is_visible():
        fold.locator("button").first.click()
    pictures = fold.locator(".vd-figure canvas.vd-ink")
    expect(pictures.first).to_be_visible()
    for picture in pictures.all():
        changed(picture, "")
    return fold


def ink(canvas: Locator) -> str:
    """The canvas's pixels as text; "" while it is of one color."""
    return canvas.evaluate(
        """canvas => {
            const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            return data.every((value, i) => i % 4 === 3 || value === data[0]) ? '' : data.join();
        }"""
    )


def changed(canvas: Locator, before: str) -> str:
    """Waits until the canvas shows something else than `before`."""
    for _ in range(WAIT_MS // 50):
        now = ink(canvas)
        if now not in ("", before):
            return now
        canvas.page.wait_for_timeout(50)
    raise AssertionError("the picture did not change")


def is_decoded(canvas: Locator, vectors: ArrayLike, names: Sequence[str], columns: int = 1) -> NDArray:
    """Waits until the canvas shows what PyTorch decodes, row by row, one model after the other, at most 2/255 apart;
    what it decodes. Pictures are 64 x 64, in color."""
    decoded = [inference.decode(name, np.asarray(vectors)) for name in names]
    wanted = np.concatenate(decoded).astype(int).transpose(0, 2, 3, 1)
    apart, end = 256, time.monotonic() + WAIT_MS / 1000
    while time.monotonic() < end:
        shown = np.array((ink(canvas) or "0").split(","), int)
        if shown.size * 3 == 4 * wanted.size:
            rows = shown.reshape(-1, 64, columns, 64, 4)[..., :3].swapaxes(1, 2).reshape(-1, 64, 64, 3)
            apart = np.abs(rows - wanted).max()
            if apart <= 2:
                return wanted
        canvas.page.wait_for_timeout(100)
    raise AssertionError(f"{apart}/255 apart")


def drag(element: Locator, *places: tuple[float, float]) -> None:
    """The pointer goes down at the first place, moves to the others, and is lifted; places are parts of the element."""
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    assert box
    mouse = element.page.mouse
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    mouse.move(*points[0])
    mouse.down()
    for point in points[1:]:
        mouse.move(*point, steps=6)
    mouse.up()


def fits_a_phone(fold: Locator) -> None:
    """Nothing of the fold reaches beyond the page's sides, and a thumb can press its buttons."""
    wide = fold.evaluate(
        """fold => [...fold.querySelectorAll('*')].filter(element => {
            const {left, right} = element.getBoundingClientRect();
            return right > innerWidth + 1 || left < -1;
        }).map(element => element.outerHTML.slice(0, 80))"""
    )
    assert not wide
    assert fold.page.evaluate("document.documentElement.scrollWidth") <= 390
    for control in fold.locator(".vd-section button:visible, .vd-section input[type=range]:visible").all():
        box = control.bounding_box()
        assert box
        assert box["height"] >= 31.5, control.evaluate("control => control.outerHTML.slice(0, 80)")
