"""Renders the thumbnails of the lecture's outline from a running page, one for each stop, into vaedemo/web/stops/.

    python -m vaedemo demo --port 7860
    python tools/thumbnails.py http://127.0.0.1:7860 [STOP ...]

STOP is a stop's number, from 1 on; without any, all are rendered and pictures of no stop are removed. Look at each one
before you commit it: pictures that are decoded, drawn or may ship, and none of a data set.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

FOLDER = Path(__file__).parents[1] / "vaedemo/web/stops"
SIZE = (240, 150)
QUALITY = 75
FIRST_MS, SETTLED_MS, MOST_MS = 2_800, 600, 6_000  # before a look, and between two; what still moves then is taken so
VIEW = ViewportSize(width=1280, height=860)
BAR = "query => document.querySelector('.vd-stops [data-part=title]')?.textContent === query"
# The rectangle around the stop's pictures: of what is large, and in view above the bar; else the section itself.
AROUND = """() => {
    const here = document.querySelector('[data-vd-here]');
    const floor = document.querySelector('.vd-stops').getBoundingClientRect().top;
    const boxes = [...here.querySelectorAll('canvas, img, svg, .levels, table, input[type=range]')]
        .filter(one => one.checkVisibility({visibilityProperty: true}))
        .filter(one => one.clientWidth > 60 && (one.clientHeight > 40 || one.type === 'range'))
        .map(one => one.getBoundingClientRect())
        .filter(box => box.top < floor - 40);
    const all = boxes.length ? boxes : [here.getBoundingClientRect()];
    const left = Math.min(...all.map(box => box.left)), right = Math.max(...all.map(box => box.right));
    const top = Math.min(...all.map(box => box.top)), bottom = Math.min(floor, Math.max(...all.map(box => box.bottom)));
    return [Math.max(0, left), Math.max(0, top), Math.min(innerWidth, right), bottom];
}"""


def settled(page: Page) -> Image.Image:
    """The page once it stands still, or after MOST_MS."""
    before = b""
    page.wait_for_timeout(FIRST_MS)
    for _ in range(MOST_MS // SETTLED_MS):
        page.wait_for_timeout(SETTLED_MS)
        now = page.screenshot()
        if now == before:
            break
        before = now
    return Image.open(io.BytesIO(before)).convert("RGB")


def framed(picture: Image.Image, box: list[float]) -> Image.Image:
    """The box's content on the page's ground, whole, in the form of SIZE."""
    left, top, right, bottom = (round(side) for side in box)
    content = picture.crop((left, top, max(left + 1, right), max(top + 1, bottom)))
    scale = min((SIZE[0] - 12) / content.width, (SIZE[1] - 12) / content.height)
    content = content.resize((max(1, round(scale * content.width)), max(1, round(scale * content.height))))
    ground = Image.new("RGB", SIZE, picture.getpixel((2, 2)))
    ground.paste(content, ((SIZE[0] - content.width) // 2, (SIZE[1] - content.height) // 2))
    return ground


def main(address: str, wanted: list[int]) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("VAEDEMO_CHROMIUM"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=VIEW, color_scheme="light")
        stops = page.request.get(f"{address}/live/stops.json").json()
        numbers = wanted or range(1, len(stops) + 1)
        page.goto(f"{address}/?present&stop={numbers[0]}", wait_until="commit")
        at = numbers[0]
        for number in numbers:
            for _ in range(number - at):
                page.keyboard.press("ArrowRight")
            at = number
            stop = stops[number - 1]
            page.wait_for_function(BAR, arg=stop["title"], timeout=60_000)
            picture = framed(settled(page), page.evaluate(AROUND))
            file = FOLDER / Path(stop["picture"]).name
            picture.save(file, "WEBP", quality=QUALITY, method=6)
            print(f"{number:3} {file.stat().st_size / 1000:5.1f} KB  {stop['title']}", flush=True)
        browser.close()
    if not wanted:
        known = {Path(stop["picture"]).name for stop in stops}
        for file in FOLDER.iterdir():
            if file.name not in known:
                file.unlink()
    print(f"{sum(file.stat().st_size for file in FOLDER.iterdir()) / 1000:.0f} KB in all")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sorted(int(number) for number in sys.argv[2:]))
