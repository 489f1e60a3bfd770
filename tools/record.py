"""Records docs/tour.webp, the ten seconds that the README opens with, from a running page.

    python -m vaedemo demo --port 7860
    python tools/record.py http://127.0.0.1:7860

Three stops of the lecture, presented: the digit morphs under the dot, a photo takes eight colorings, a smile is pulled.
Time is the recording's own: a frame is taken after each small move, however long that took.
"""

from __future__ import annotations

import io
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

FILE = Path(__file__).parents[1] / "docs/tour.webp"
SIZE, VIEW = (720, 450), ViewportSize(width=1120, height=700)
FRAME_MS, QUALITY = 80, 55
MOST_BYTES = 3_000_000
PLAIN = ".vd-stops .vd-row { display: none !important } :focus-visible { outline: none !important }"


def frame(page: Page, settle_ms: int = 60) -> Image.Image:
    """What is shown, once it has followed the hand."""
    page.wait_for_timeout(settle_ms)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)


def digit(page: Page) -> Iterator[Image.Image]:
    """The dot goes once around the map."""
    canvas = page.locator("[data-vd-here] .vd-map").first
    page.locator("[data-part=digit][data-drawn]").wait_for()
    box = canvas.bounding_box()
    assert box
    for step in range(48):
        angle = 2 * math.pi * step / 48
        x, y = 0.5 + 0.36 * math.cos(angle), 0.5 + 0.36 * math.sin(2 * angle)
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if step == 0:
            page.mouse.down()
        yield frame(page)
    page.mouse.up()


def colors(page: Page) -> Iterator[Image.Image]:
    """Each of the eight colorings for a while."""
    page.locator("[data-vd-here] .eight:not([aria-busy=true])").wait_for()
    yield from [frame(page, 800)] * 4
    for index, button in enumerate(page.locator("[data-vd-here] [data-act=pick]").all()):
        button.click()
        if index == 0:
            page.locator("[data-vd-here] .divider").press("Home")  # the coloring alone, no grey beside it
        yield from [frame(page, 700)] * 5


def smile(page: Page) -> Iterator[Image.Image]:
    """From the photo as it is to a smile beyond its strength, and back."""
    page.locator("[data-vd-here] canvas[data-drawn]").first.wait_for()
    slider = page.locator("[data-vd-here] [data-part=strength]")
    pull = "(slider, to) => { slider.value = to; slider.dispatchEvent(new Event('input', {bubbles: true})); }"
    for step in range(40):
        slider.evaluate(pull, str(0.65 * (1 - math.cos(2 * math.pi * step / 40))))
        yield frame(page)


SCENES = (("Two numbers draw a digit", digit), ("One grey photo, many answers", colors), ("Encode the flow", smile))


def main(address: str) -> None:
    frames: list[Image.Image] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("VAEDEMO_CHROMIUM"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=VIEW, reduced_motion="reduce", color_scheme="light")
        stops = page.request.get(f"{address}/live/stops.json").json()
        for title, scene in SCENES:
            number = next(i for i, stop in enumerate(stops, 1) if stop["title"].startswith(title))
            page.goto(f"{address}/?present&stop={number}")
            page.add_style_tag(content=PLAIN)
            page.locator("[data-vd-here]").wait_for()
            page.wait_for_timeout(3_000)  # until the section has found its size
            frames += scene(page)
        browser.close()
    first, *rest = frames
    first.save(FILE, save_all=True, append_images=rest, duration=FRAME_MS, loop=0, quality=QUALITY, method=4)
    size = FILE.stat().st_size
    print(f"{len(frames)} frames, {len(frames) * FRAME_MS / 1000:.1f} s, {size / 1e6:.2f} MB")
    if size > MOST_BYTES:
        raise SystemExit(f"over {MOST_BYTES / 1e6} MB: lower QUALITY or SIZE")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
