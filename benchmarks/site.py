"""The page without a server as a phone meets it: written to a folder, served as plain files, through a slow network.

Run on a quiet machine:  python benchmarks/site.py [--json]

The browser has seen nothing yet. The network is the host's own, so that it holds for workers, too: 1.6 Mbit/s in all,
and each answer 150 ms late. A first digit is live when it follows the dot: at first out of the map's pictures, then
decoded. The host compresses nothing, as `python -m http.server` does; GitHub Pages and Spaces compress all but the
weights. Then it is stopped, and the page is loaded once more from what its service worker kept.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from harness import ROOT, chromium
from playwright.async_api import Browser, Page

sys.path.insert(0, str(ROOT))

RATE, LATENCY = 1.6e6 / 8, 0.15  # bytes a second, seconds
PART = 4_096  # bytes at a time
BARS = {  # at most, and aim
    "write_s": (60, 20),
    "megabytes": (90, 60),
    "first_digit_kilobytes": (600, 300),
    "first_digit_s": (4, 2),
    "decoder_kilobytes": (2_500, 1_000),
    "decoder_s": (12, 8),
    "offline_digit_s": (2, 1),
}
MARK = "performance.getEntriesByName('{}')[0]?.startTime"


class SlowHost(SimpleHTTPRequestHandler):
    """Hands out files through a network of the whole host's, and notes what it has sent."""

    protocol_version = "HTTP/1.1"  # connections are used again, as by every host but Python's own
    is_slow = True
    sent: ClassVar[list[tuple[float, int]]] = []  # when, bytes
    line = threading.Lock()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        if self.is_slow:
            time.sleep(LATENCY)
        super().do_GET()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        while part := source.read(PART):
            with self.line:
                if self.is_slow:
                    time.sleep(len(part) / RATE)
                self.sent.append((time.time(), len(part)))
            outputfile.write(part)


async def marked(page: Page, name: str) -> float:
    """Seconds from the navigation to a mark of the page's own."""
    handle = await page.wait_for_function(MARK.format(name), timeout=120_000)
    return await handle.json_value() / 1_000


async def visit(browser: Browser, host: ThreadingHTTPServer) -> dict[str, float]:
    """A first visit through the slow network, and one more when the host is gone."""
    context = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = await context.new_page()
    address = f"http://127.0.0.1:{host.server_port}/below/"
    begun = time.time()
    await page.goto(address, wait_until="commit")
    found: dict[str, float] = {}
    for name, mark in (("first_digit", "vd-map-picture"), ("decoder", "vd-picture")):
        found[f"{name}_s"] = await marked(page, mark)
        until = begun + found[f"{name}_s"]
        found[f"{name}_kilobytes"] = sum(size for when, size in SlowHost.sent if when <= until) / 1_000
    SlowHost.is_slow = False
    await page.evaluate("navigator.serviceWorker.ready")
    await page.wait_for_function("navigator.serviceWorker.controller")
    host.shutdown()
    host.server_close()
    await page.goto(address)
    found["offline_digit_s"] = await marked(page, "vd-picture")
    await context.close()
    return found


async def measure() -> dict[str, float]:
    from vaedemo.app import site

    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder, "host")
        begun = time.perf_counter()
        site.write(top / "below")
        found = {"write_s": time.perf_counter() - begun}
        found["megabytes"] = sum(path.stat().st_size for path in top.rglob("*") if path.is_file()) / 1e6
        host = ThreadingHTTPServer(("127.0.0.1", 0), partial(SlowHost, directory=str(top)))
        threading.Thread(target=host.serve_forever, daemon=True).start()
        async with chromium(Path(folder, "net.json")) as browser:
            return found | await visit(browser, host)


def report(figures: dict[str, float]) -> None:
    print(f"{'':<24}{'':>9}{'at most':>9}{'aim':>9}")
    for name, value in figures.items():
        least, aim = BARS[name]
        print(f"{name:<24}{value:>9.1f}{least:>9,}{aim:>9,}{'' if value <= least else '   MISSED'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    as_json = parser.parse_args().json
    figures = asyncio.run(measure())
    if as_json:
        print(json.dumps({name: round(value, 2) for name, value in figures.items()}))
    else:
        report(figures)


if __name__ == "__main__":
    main()
