"""Measures the page as people meet it: a fresh server, a real Chromium, a hand on the map.

Run on a quiet machine:  python benchmarks/live.py [--json]

The server is `python app.py` in a process of its own. Latency is counted to the moment the picture's pixels are on the
canvas; the display adds its own frame. The browser hands pointer moves to a page once a frame: `latency_ms` starts
where the page can start, in the handler; `latency_event_ms` starts at the event's own time, so it holds that wait too.
Chromium's CPU throttling slows the page's main thread, where small decoders run, and no worker.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import whyq
from harness import ROOT, Server, chromium
from playwright.async_api import Browser, Page, Request

sys.path.insert(0, str(ROOT))

MODEL = "digits-2d"
DRAG_SECONDS, DRAG_RATE = 5.0, 150  # the hand's moves a second, well above the display's rate
CLIENTS, SERVER_SECONDS = 8, 5.0
RANDOM_Z = 200
BARS = {  # at least, and aim
    "page_s": ("<=", 5, 4),
    "picture_s": ("<=", 1.5, 0.8),
    "rss_mb_start": ("<=", 400, 250),
    "rss_mb_used": ("<=", 1200, 800),
    "redraws": (">=", 57, 60),
    "redraws_throttled": (">=", 28, 40),
    "latency_ms": ("<=", 12, 7),
    "latency_ms_p95": ("<=", 25, 12),
    "kilobytes": ("<=", 2500, 1000),
    "server_decodes": (">=", 250, 500),
    "decoder_difference": ("<=", 1, 1),
    "external_requests": ("<=", 0, 0),
    "darts_s": ("<=", 1.5, 0.4),
    "ellipse_redraws": (">=", 30, 60),
    "bound_error": ("<=", 0.1, 0.1),
}

# Notes when the page's digit is painted with other pixels than before, and when the hand's moves reach the page.
WATCH = """
  const moves = [], paints = [];
  let last;
  addEventListener('pointermove', event => moves.push([performance.now(), event.timeStamp]), {capture: true});
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (image, ...rest) {
    put.call(this, image, ...rest);
    if (this.canvas.dataset.part !== 'digit') return;
    const hash = new Uint32Array(image.data.buffer).reduce((sum, pixel) => Math.imul(sum, 31) + pixel | 0, 7);
    if (hash !== last) paints.push([performance.now(), window.live?.timing.asked, document.timeline.currentTime]);
    last = hash;
  };
  window.watched = () => ({moves: moves.splice(0), paints: paints.splice(0)});
"""


# --- the server -------------------------------------------------------------------------------------------------------


def server_decodes(port: int) -> float:
    """Decodes a second of `CLIENTS` visitors at once, each with one z a request on one connection."""
    counts = [0] * CLIENTS
    start = threading.Barrier(CLIENTS + 1)

    def visitor(number: int) -> None:
        random = np.random.default_rng(number)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        _decode(connection, random)  # loads the model
        start.wait()
        while time.perf_counter() < end[0]:
            _decode(connection, random)
            counts[number] += 1

    end = [0.0]
    visitors = [threading.Thread(target=visitor, args=(number,)) for number in range(CLIENTS)]
    for each in visitors:
        each.start()
    end[0] = time.perf_counter() + 3600
    start.wait()
    end[0] = time.perf_counter() + SERVER_SECONDS
    for each in visitors:
        each.join()
    return sum(counts) / SERVER_SECONDS


def _decode(connection: http.client.HTTPConnection, random: np.random.Generator) -> bytes:
    z = random.standard_normal(2, np.float32).tobytes()
    connection.request("POST", f"/live/decode/{MODEL}", z, {"content-type": "application/octet-stream"})
    answer = connection.getresponse()
    pixels = answer.read()
    if answer.status != 200 or len(pixels) != 784:
        raise SystemExit(f"live/decode/{MODEL} answered {answer.status}: {pixels[:200]!r}")
    return pixels


# --- the browser ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def opened(browser: Browser, address: str) -> AsyncIterator[tuple[Page, list[Request]]]:
    """The page in a context of its own (nothing cached), with its first digit decoded."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    await page.add_init_script(WATCH)
    await page.goto(address, wait_until="commit")
    await page.wait_for_selector('canvas[data-part="digit"][data-drawn="browser"]', timeout=60_000)
    try:
        yield page, requests
    finally:
        await context.close()


async def first_picture(browser: Browser, address: str) -> tuple[float, float]:
    """Seconds from the start of navigation to the first decoded digit; kilobytes fetched for it beyond Gradio's."""
    async with opened(browser, address) as (page, requests):
        origin, mark = await page.evaluate(
            "[performance.timeOrigin, performance.getEntriesByName('vd-picture')[0].startTime]"
        )
        total = 0
        for request in requests:
            if (
                urlsplit(request.url).path.startswith(("/live/", "/vaedemo/"))
                and request.timing["startTime"] < origin + mark
            ):
                await (await _answer(request)).finished()
                sizes = await request.sizes()
                total += max(0, sizes["responseBodySize"]) + sizes["responseHeadersSize"]
    return mark / 1000, total / 1000


async def _answer(request: Request) -> Any:
    answer = await request.response()
    if answer is None:
        raise SystemExit(f"{request.url} was not answered")
    return answer


async def drag(page: Page, throttled: float = 1) -> dict[str, list[list[float]]]:
    """A hand on the map for `DRAG_SECONDS`: when its moves reached the page, and when new pictures were painted.

    The moves go to the browser without waiting for it, so that the hand is never the limit.
    """
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": throttled})
    await page.evaluate(
        "async name => { const {decoder} = await import(document.baseURI + 'vaedemo/web/engine/model-store.mjs');"
        " window.live = await decoder(name, 'hero'); }",
        MODEL,
    )
    box = await page.locator('[data-part="map"]').bounding_box()
    assert box is not None

    def at(t: float) -> dict[str, float]:
        x, y = 0.5 + 0.4 * np.sin(2.3 * t), 0.5 + 0.4 * np.sin(3.7 * t + 1)
        return {"x": box["x"] + float(x) * box["width"], "y": box["y"] + float(y) * box["height"]}

    async def send(kind: str, t: float) -> None:
        about = {"type": kind, "button": "left", "buttons": 0 if kind == "mouseReleased" else 1, "clickCount": 1}
        await session.send("Input.dispatchMouseEvent", {**about, **at(t)})

    await send("mousePressed", 0)
    moves, begun = [], time.perf_counter()
    seconds = DRAG_SECONDS + 0.5  # the first half second warms up
    for number in range(int(seconds * DRAG_RATE)):
        if number == int(0.5 * DRAG_RATE):
            await page.evaluate("watched()")
        moves.append(asyncio.create_task(send("mouseMoved", number / DRAG_RATE)))
        await asyncio.sleep(max(0, begun + (number + 1) / DRAG_RATE - time.perf_counter()))
    seen = await page.evaluate("watched()")
    await asyncio.gather(*moves)
    await send("mouseReleased", seconds)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    await session.detach()
    return seen


def redraws(seen: dict[str, list[list[float]]]) -> float:
    """Frames a second with a new picture: two pictures painted in one frame are seen as one."""
    return len({frame for _, _, frame in seen["paints"]}) / DRAG_SECONDS


def latencies(seen: dict[str, list[list[float]]]) -> dict[str, float]:
    """Milliseconds from the hand to the picture's pixels, from the handler's time and from the event's own."""
    from_handler, from_event = [], []
    for painted, asked, _ in seen["paints"]:
        handled = [move for move in seen["moves"] if move[0] <= asked]
        if handled:  # show() is called by the handler, so the newest move before it is the one it answers
            from_handler.append(painted - handled[-1][0])
            from_event.append(painted - handled[-1][1])
    return {
        "latency_ms": statistics.median(from_handler),
        "latency_ms_p95": float(np.quantile(from_handler, 0.95)),
        "latency_event_ms": statistics.median(from_event),
        "latency_event_ms_p95": float(np.quantile(from_event, 0.95)),
    }


async def use_everything(page: Page, address: str) -> None:
    """Every tab and fold opened and used once: draw, encode, dice, the server's route, an endpoint."""
    canvas = page.locator('[data-part="pad"] canvas:visible').first
    box = await canvas.bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(((0.3, 0.25), (0.7, 0.25), (0.62, 0.5), (0.5, 0.85))):
        await page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        if number == 0:
            await page.mouse.down()
    await page.mouse.up()
    for tab in await page.locator('#tabs [role="tab"]').all():
        await tab.click()
        for fold in await page.locator('[id^="fold-"]:visible').all():
            await fold.locator("button").first.click()
            await page.wait_for_timeout(1000)
            for button in await fold.locator(".vd-main").all():
                if await button.is_visible() and await button.is_enabled():
                    await button.click()
                    await page.wait_for_timeout(500)
            for slider in await fold.locator('input[type="range"]').all():
                if await slider.is_visible() and await slider.is_enabled():
                    await slider.press("ArrowRight")
            await page.wait_for_timeout(1000)
    await asyncio.to_thread(_call_endpoints, address)


def _call_endpoints(address: str) -> None:
    from gradio_client import Client

    from vaedemo.recipes import RECIPES

    client = Client(address, verbose=False)
    for name in RECIPES:
        try:
            client.predict(name, 16, 1.0, 0, api_name="/sample")
        except Exception as error:  # a model that is not here is no fault of the page
            print(f"/sample of {name}: {error}", file=sys.stderr)


async def decoder_difference(page: Page) -> int:
    """The largest |browser - PyTorch| of any pixel, in 1/255, over all decoders in weights/."""
    import torch
    from safetensors import safe_open

    import vaedemo
    from vaedemo.errors import Unavailable
    from vaedemo.store import bundles

    worst = 0
    for number, name in enumerate(vaedemo.names()):
        try:
            bundle = bundles.find(name)
        except Unavailable:
            continue
        with safe_open(bundle.folder / "model.safetensors", "numpy") as file:
            known = file.metadata() or {}
        if bundle.badge.kind != "bundled" or "decoder" not in known:  # without that the browser has no decoder of it
            continue
        model = vaedemo.load(name)
        z = np.random.default_rng(number).standard_normal((RANDOM_Z, int(known["z"]) + int(known["y"])), np.float32)
        given = torch.from_numpy(z).tensor_split([model.z], 1)
        with torch.inference_mode():
            wanted = (model.render(model.decode(given[0], given[1] if model.y else None)) * 255).round().numpy()
        planes = await page.evaluate(
            """async ([name, zs, n]) => {
              const {decoder} = await import(document.baseURI + 'vaedemo/web/engine/model-store.mjs');
              const live = await decoder(name), parts = [];
              await live.batch(zs, n, planes => parts.push(...planes));
              if (live.place !== 'browser') throw new Error(`${name} was decoded on the ${live.place}`);
              return parts;
            }""",
            [name, z.ravel().tolist(), RANDOM_Z],
        )
        worst = max(worst, int(np.abs(np.array(planes).reshape(wanted.shape) - wanted).max()))
    return worst


def external_hosts(log: Path) -> list[str]:
    """Hosts other than the page's own that the page asked for or looked up; not the browser's own errands."""
    text = log.read_text(encoding="utf-8", errors="replace")
    try:
        written = json.loads(text)
    except json.JSONDecodeError:  # the browser ended before it closed its log
        written = json.loads(text.rstrip().rstrip(",") + "]}")
    asked, errands = [], set()
    for event in written["events"]:
        about = event.get("params", {})
        host = urlsplit(about.get("url") or about.get("host") or "").hostname
        if not host or host == "127.0.0.1":
            continue
        if about.get("initiator") == "not an origin":  # the browser itself: what it does with forms, or updates
            errands.add(host)
        elif "initiator" in about or about.get("network_anonymization_key", "").startswith("http://127.0.0.1"):
            asked.append(host)
    return [host for host in asked if host not in errands]


# --- all of it --------------------------------------------------------------------------------------------------------


async def measure() -> dict[str, float]:
    found: dict[str, float] = {}
    starts = []
    for _ in range(2):
        server = Server()
        starts.append(server.page_s)
        server.stop()
    server = Server()
    try:
        found["page_s"] = statistics.median([*starts, server.page_s])
        time.sleep(5)
        found["rss_mb_start"] = server.rss_mb()
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "network.json"
            async with chromium(log) as browser:
                pictures = [await first_picture(browser, server.address) for _ in range(5)]
                found["picture_s"] = statistics.median(seconds for seconds, _ in pictures)
                found["kilobytes"] = max(kilobytes for _, kilobytes in pictures)
                async with opened(browser, server.address) as (page, _):
                    await page.wait_for_timeout(2000)
                    seen = await drag(page)
                    found["redraws"] = redraws(seen)
                    found |= latencies(seen)
                    found["redraws_throttled"] = redraws(await drag(page, throttled=4))
                    found["decoder_difference"] = await decoder_difference(page)
                    found |= await whyq.figures(page)
                    await use_everything(page, server.address)
            hosts = external_hosts(log)
            found["external_requests"] = len(hosts)
            for host in sorted(set(hosts)):
                print(f"the page asked {host}", file=sys.stderr)
        found["server_decodes"] = await asyncio.to_thread(server_decodes, server.port)
        found["rss_mb_used"] = server.rss_mb()
    finally:
        server.stop()
    return {name: round(value, 3) for name, value in found.items()}


def table(found: dict[str, float]) -> str:
    lines = [f"{'':<22} {'measured':>10}   {'at least':>9} {'aim':>9}"]
    for name, value in found.items():
        if name in BARS:
            sign, least, aim = BARS[name]
            met = value <= least if sign == "<=" else value >= least
            lines.append(f"{name:<22} {value:>10,.3g}   {sign} {least:>6} {aim:>9}   {'' if met else 'MISSED'}")
        else:
            lines.append(f"{name:<22} {value:>10,.3g}")
    return "\n".join((*lines, "", (__doc__ or "").split("\n\n")[-1].strip()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one flat object and nothing else")
    asked = parser.parse_args()
    found = asyncio.run(measure())
    print(json.dumps(found) if asked.json else table(found))


if __name__ == "__main__":
    main()
