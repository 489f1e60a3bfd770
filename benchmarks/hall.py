"""A lecture hall that opens the page: errors, waiting times, the server's memory; then thirty who ask at one moment.

Run on a quiet machine:  python benchmarks/hall.py [--visitors 200] [--pages 20] [--seconds 180] [--json]

The server is `python app.py` in a process of its own. Visitors arrive evenly over the first three quarters of the time.
`--pages` of them are pages in a real Chromium, which open the page, drag over the map and give Colorization a photo;
the others speak HTTP: they fetch the page and all that its HTML names, then ask what a visitor asks, with pictures of
their own, so that nothing is remembered from the one before: a digit's posterior, a photo in eight colors and its hint,
a portrait's face, a still's futures. An error is an answer other than 2xx, none within a minute, and a line of a page's
console that says "error".

Then, with nobody else there, thirty upload a photo of twelve megapixels at once, and thirty ask for a hint's draws.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import re
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import colors
import httpx
import numpy as np
from harness import ROOT, Server, chromium
from PIL import Image, ImageDraw
from playwright.async_api import Browser

PATIENCE = 60  # seconds for one answer
ARRIVING = 0.75  # of the time
PAUSE = (2.0, 8.0)  # seconds between two questions of a visitor
ACTS = 3  # questions of a visitor
AT_ONCE = 6  # files that a browser fetches from one server at a time
PORTRAITS = [ROOT / f"vaedemo/web/examples/average_{number}.jpg" for number in range(1, 11)]
LARGE = (4_000, 3_000)  # pixels of the thirty photos
NEEDED = ("digits-2d.safetensors", "digits-2d.json", "digits-2d/latents.safetensors")  # by the page's first picture
BARS = {  # at most, and aim
    "errors": (0, 0),
    "page_s_p95": (3, 1),
    "ask_s_p95": (8, 3),
    "rss_mb_peak": (1_500, 1_500),
    "hint_s_of_30": (5, 5),
}


class Notes:
    """What the visitors met."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)  # by kind: "page", "opened", "picture" or a question
        self.errors: list[str] = []

    @contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[kind].append(time.perf_counter() - start)

    def p95(self, *kinds: str) -> float:
        """Of all seconds of these kinds."""
        known = [second for kind in kinds for second in self.seconds[kind]]
        return round(float(np.percentile(known, 95)), 3) if known else float("nan")


class Memory:
    """The most megabytes that the server and its children had, looked at twice a second."""

    def __init__(self, server: Server) -> None:
        self.peak, self._server, self._done = 0.0, server, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(0.5):
            self.peak = max(self.peak, self._server.rss_mb())

    def stop(self) -> None:
        self._done.set()
        self._thread.join()


# --- those who speak HTTP ---------------------------------------------------------------------------------------------


class Visitor:
    """One of the hall: opens the page, then asks a few things with pictures of its own."""

    def __init__(self, address: str, notes: Notes, seed: int) -> None:
        self.notes, self.seed = notes, seed
        self.dice = np.random.default_rng(seed)
        limits = httpx.Limits(max_connections=AT_ONCE)
        self.client = httpx.AsyncClient(base_url=address, timeout=PATIENCE, limits=limits)

    async def come(self, after: float) -> None:
        await asyncio.sleep(after)
        acts = [self.digit, self.coloring, self.face, self.still]
        async with self.client:
            try:
                await self.open_page()
                for act in self.dice.permutation(len(acts))[:ACTS]:
                    await asyncio.sleep(self.dice.uniform(*PAUSE))
                    await acts[act]()
            except httpx.HTTPError as error:
                self.notes.errors.append(f"visitor {self.seed}: {error!r}")

    async def open_page(self) -> None:
        with self.notes.timed("opened"):
            with self.notes.timed("page"):
                page = (await self.client.get("/")).raise_for_status().text
            named = set(re.findall(r'(?:href|src)="(?:\./|/)?((?:vaedemo|assets|live|theme)[^"]*)"', page))
            if not named:
                self.notes.errors.append("the page names no file")
            named |= {f"live/models/{name}" for name in NEEDED}
            await asyncio.gather(*(self.fetch(f"/{name}") for name in sorted(named)))

    async def fetch(self, address: str) -> None:
        (await self.client.get(address)).raise_for_status()

    async def ask(self, kind: str, address: str, body: bytes) -> httpx.Response:
        with self.notes.timed(kind):
            return (await self.client.post(f"/live/{address}", content=body)).raise_for_status()

    async def digit(self) -> None:
        await self.ask("digit", "encode/digits-2d", drawing(self.dice))

    async def coloring(self) -> None:
        photo = await asyncio.to_thread(colors.photo, self.seed)
        grey = base64.b64decode((await self.ask("photo", "photo", photo)).json()["grey"])
        await self.ask("colors", "colors/colorization?n=8&seed=0", grey)
        await self.ask("hint", f"draws/colorization?n={colors.colorize.MOST}&seed=0", grey)

    async def face(self) -> None:
        await self.ask("face", "face/faces-cvae", PORTRAITS[self.seed % len(PORTRAITS)].read_bytes())

    async def still(self) -> None:
        seen = await self.ask("still", "motion/still", await asyncio.to_thread(colors.photo, self.seed))
        shown = base64.b64decode(seen.json()["shown"])
        await self.ask("futures", "motion/motion/futures?n=6&seed=0", shown)
        await self.ask("motion hint", "motion/motion/futures?n=6&seed=0&hints=8,8,4,0&brief=1", shown)


QUESTIONS = ("digit", "photo", "colors", "hint", "face", "still", "futures", "motion hint")


def drawing(dice: np.random.Generator) -> bytes:
    """A PNG of a pen's stroke."""
    image = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(image).line([tuple(place) for place in dice.uniform(50, 230, (4, 2))], 0, 26, "curve")
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


# --- those with a browser ---------------------------------------------------------------------------------------------


async def with_a_browser(browser: Browser, address: str, notes: Notes, seed: int, after: float) -> None:
    """Opens the page, drags over the map, gives Colorization a photo, and stays."""
    await asyncio.sleep(after)
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    page.on("console", lambda line: notes.errors.append(f"page {seed}: {line.text}") if line.type == "error" else None)
    page.on("pageerror", lambda error: notes.errors.append(f"page {seed}: {error}"))
    try:
        with notes.timed("picture"):
            await page.goto(address, wait_until="commit")
            await page.wait_for_selector('canvas[data-part="digit"][data-drawn="browser"]', timeout=PATIENCE * 1_000)
        box = await page.locator("#tab-sample canvas").first.bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + 40, box["y"] + 40)
        await page.mouse.down()
        await page.mouse.move(box["x"] + box["width"] - 40, box["y"] + box["height"] - 40, steps=60)
        await page.mouse.up()
        await page.get_by_role("tab", name="Colorization").click()
        await page.wait_for_selector("#tab-colorization canvas", timeout=PATIENCE * 1_000)
        photo = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": await asyncio.to_thread(colors.photo, seed)}
        with notes.timed("page's photo"):
            async with page.expect_response(re.compile("/live/colors/"), timeout=PATIENCE * 1_000):
                await page.locator("#tab-colorization input[type=file]").first.set_input_files(files=[photo])  # pyright: ignore[reportArgumentType]
    except Exception as error:  # whatever it is, this visitor did not see the page
        notes.errors.append(f"page {seed}: {str(error).splitlines()[0]}")


async def hall(address: str, visitors: int, pages: int, seconds: float) -> Notes:
    """Everybody once."""
    notes, start = Notes(), time.perf_counter()
    arrivals = np.linspace(0, ARRIVING * seconds, visitors)
    with tempfile.TemporaryDirectory() as folder:
        async with chromium(Path(folder) / "net.json") as browser:
            windows = set(np.linspace(0, visitors - 1, pages).astype(int).tolist())
            coming = [
                with_a_browser(browser, address, notes, seed, after)
                if seed in windows
                else Visitor(address, notes, seed).come(after)
                for seed, after in enumerate(arrivals.tolist())
            ]
            await asyncio.gather(*coming)
    notes.seconds["all"].append(time.perf_counter() - start)
    return notes


# --- thirty at once ---------------------------------------------------------------------------------------------------


async def uploads(address: str, notes: Notes) -> None:
    """Thirty photos of twelve megapixels, each another file, at one moment."""
    file = colors.photo(0, LARGE)

    async def sent(client: httpx.AsyncClient, number: int) -> None:
        with notes.timed("upload of 30"):
            body = file + number.to_bytes(2, "little")  # bytes behind a JPEG's end are nobody's
            answer = await client.post("/live/photo", content=body)
        if answer.status_code != 200:
            notes.errors.append(f"upload {number}: {answer.status_code} {answer.text[:200]}")

    async with httpx.AsyncClient(base_url=address, timeout=120, limits=httpx.Limits(max_connections=99)) as client:
        await asyncio.gather(*(sent(client, number) for number in range(colors.VISITORS)))


def measured(visitors: int, pages: int, seconds: float) -> tuple[dict[str, float], list[str]]:
    """The figures, and the first errors."""
    server = Server()
    memory = Memory(server)
    try:
        notes = asyncio.run(hall(server.address, visitors, pages, seconds))
        peak = memory.peak
        asyncio.run(uploads(server.address, notes))
        waited = colors.hints(server)
    finally:
        memory.stop()
        server.stop()
    each = {f"{kind.replace(' ', '_')}_s_p95": notes.p95(kind) for kind in QUESTIONS}
    figures: dict[str, Any] = {
        "visitors": visitors,
        "pages": pages,
        "seconds": round(notes.seconds["all"][0], 1),
        "errors": len(notes.errors),
        "page_s_p95": notes.p95("page"),
        "opened_s_p95": notes.p95("opened"),
        "picture_s_p95": notes.p95("picture"),
        "pages_photo_s_p95": notes.p95("page's photo"),
        "ask_s_p95": notes.p95(*QUESTIONS),
        **each,
        "rss_mb_hall": round(peak),
        "rss_mb_peak": round(memory.peak),
        "upload_s_of_30": round(max(notes.seconds["upload of 30"]), 2),
        "hint_s_median_of_30": round(float(np.median(waited)), 2),
        "hint_s_of_30": round(max(waited), 2),
    }
    return figures, notes.errors[:10]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=200)
    parser.add_argument("--pages", type=int, default=20, help="how many of them are pages in Chromium")
    parser.add_argument("--seconds", type=float, default=180, help="how long the hall takes to ask")
    parser.add_argument("--json", action="store_true", help="print one flat object and nothing else")
    asked = parser.parse_args()
    figures, errors = measured(asked.visitors, asked.pages, asked.seconds)
    if asked.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            least, aim = BARS.get(name, (None, None))
            told = f"   at most {least}, aim {aim}: " if least is not None else ""
            print(f"{name:<22} {value:>9}{told}{_judged(value, least, aim)}")
        print("\n".join(errors))
    return int(any(not value <= BARS[name][0] for name, value in figures.items() if name in BARS))


def _judged(value: float, least: float | None, aim: float | None) -> str:
    if least is None or aim is None:
        return ""
    return "yes" if value <= aim else "bar" if value <= least else "no"


if __name__ == "__main__":
    sys.exit(main())
