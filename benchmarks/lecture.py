"""The lecture, walked by its arrow keys: how long each stop takes until its picture is there.

Run on a quiet machine:  python benchmarks/lecture.py [--json] [--rest SECONDS]

A lecturer stays half a minute or longer at a stop; here the hand rests for `--rest` seconds, in which the page fetches
the next one. A picture: a canvas that is not of one color, an image that has been loaded, or a table with figures, in
the section of the stop, of which nothing says that it is still at work on something else.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from harness import Server, chromium
from playwright.async_api import Page

LEAST_MS = 2_000
GIVE_UP_MS = 30_000
# Notes when an arrow key is pressed; seen() resolves with the ms from then until the stop's picture is there.
WATCH = """
  let pressed = 0;
  addEventListener('keydown', () => { pressed = performance.now(); }, true);
  const small = Object.assign(document.createElement('canvas'), {width: 12, height: 12});
  const pen = small.getContext('2d', {willReadFrequently: true});
  const painted = canvas => {
    if (!canvas.width || !canvas.height) return false;
    pen.clearRect(0, 0, 12, 12);
    pen.drawImage(canvas, 0, 0, 12, 12);
    const levels = new Set(pen.getImageData(0, 0, 12, 12).data);
    return levels.size > 2;
  };
  const isThere = ({title, tab, fold}) => {
    if (document.querySelector('.vd-stops [data-part=title]')?.textContent !== title) return false;
    const here = document.querySelector('[data-vd-here]');
    const inside = fold === null ? here?.closest(`#tab-${tab}`) : here?.id === `fold-${tab}-${fold}`;
    if (!inside || here.querySelector('.vd-section > [aria-busy=true], [data-mount] > [aria-busy=true]')) return false;
    const seen = [...here.querySelectorAll('canvas, img, table')].filter(one => one.checkVisibility());
    return seen.some(one => one.tagName === 'CANVAS' ? painted(one)
      : one.tagName === 'IMG' ? one.complete && one.naturalWidth > 0 : /[0-9]/.test(one.innerText));
  };
  window.seen = (stop, giveUp) => new Promise(done => {
    const look = () => {
      const ms = performance.now() - pressed;
      if (isThere(stop) || ms > giveUp) done(ms);
      else requestAnimationFrame(look);
    };
    look();
  });
"""


async def walk(page: Page, address: str, rest: float) -> list[tuple[str, float]]:
    """Title and ms of each stop."""
    stops = await (await page.request.get(f"{address}/live/stops.json")).json()
    found = []
    await page.goto(f"{address}/?present", wait_until="commit")
    for index, stop in enumerate(stops):
        if index:
            await page.keyboard.press("ArrowRight")
        found.append((stop["title"], await page.evaluate("([stop, most]) => seen(stop, most)", [stop, GIVE_UP_MS])))
        await page.wait_for_timeout(1000 * rest)
    return found


async def measured(rest: float) -> tuple[list[tuple[str, float]], list[str]]:
    """The stops' times, and what the browser's console called an error."""
    server = Server()
    errors: list[str] = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with chromium(Path(folder) / "net.json") as browser:
                page = await browser.new_page(viewport={"width": 1280, "height": 800})
                page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
                page.on("pageerror", lambda error: errors.append(str(error)))
                await page.add_init_script(WATCH)
                return await walk(page, server.address, rest), errors
    finally:
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one flat object and nothing else")
    parser.add_argument("--rest", type=float, default=3.0, help="seconds at each stop")
    given = parser.parse_args()
    found, errors = asyncio.run(measured(given.rest))
    times = [ms for _, ms in found]
    figures = {
        "stops": len(found),
        "first_ms": round(times[0]),
        "slowest_ms": round(max(times[1:])),
        "over_2_s": sum(ms > LEAST_MS for ms in times[1:]),
        "console_errors": len(errors),
    }
    if given.json:
        print(json.dumps(figures))
        return
    for number, (title, ms) in enumerate(found, 1):
        print(f"{number:3} {ms:7.0f} ms{' !' if ms > LEAST_MS else '  '} {title}")
    print("bars: over_2_s 0, console_errors 0; the first stop, which opens the page, is told apart")
    print("\n".join(f"  {name:<16} {value}" for name, value in figures.items()))
    print("\n".join(errors))


if __name__ == "__main__":
    main()
