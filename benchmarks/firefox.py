"""Every tab and every stop of the tour in Firefox: what its console calls an error, answers of 4xx and 5xx, and what
is not shown.

    python benchmarks/firefox.py [ADDRESS] [--rest SECONDS] [--json]

ADDRESS: where the page runs, with a server or without one; else `python app.py` is started. Needs Firefox and the
package websockets; ends with 1 where there was a fault.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import urllib.request

from harness import ROOT, Server

sys.path[:0] = [str(ROOT / "tests")]
from firefox_page import RIGHT, Firefox, program, started  # noqa: E402  # pyright: ignore[reportMissingImports]

TITLE = "document.querySelector('.vd-stops [data-part=title]')?.textContent"


def walk(firefox: Firefox, root: str, rest: float) -> tuple[int, list[str]]:
    """How many stops there are, and the faults, each after the place where it was met."""
    with urllib.request.urlopen(f"{root}live/stops.json") as answer:
        stops = json.load(answer)
    faults: list[str] = []

    def look(place: str, expression: str, wanted: object) -> None:
        try:
            firefox.wait_for(expression, wanted)
            time.sleep(rest)
            firefox.wait_for(expression, wanted)  # and what happened meanwhile is told
        except AssertionError as fault:
            faults.append(f"{place}: {fault}")
        faults.extend(f"{place}: {error}" for error in firefox.errors)
        firefox.errors.clear()

    for tab in dict.fromkeys(stop["tab"] for stop in stops):
        firefox.open(f"{root}?tab={tab}")
        shown = f"[...document.querySelectorAll('#tab-{tab} canvas')].some(canvas => canvas.checkVisibility())"
        look(tab, shown, True)
    firefox.open(f"{root}?present")
    for index, stop in enumerate(stops):
        if index:
            firefox.press(RIGHT)
        look(f"{index + 1} {stop['title']}", TITLE, stop["title"])
    return len(stops), faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", nargs="?")
    parser.add_argument("--rest", type=float, default=1.2, help="seconds at each stop")
    parser.add_argument("--json", action="store_true", help="print one flat object and nothing else")
    asked = parser.parse_args()
    path = program()
    if path is None:
        raise SystemExit("No Firefox is installed.")
    server = None if asked.address else Server()
    address = asked.address or (server.address if server else "")
    try:
        with tempfile.TemporaryDirectory() as profile, started(path, profile) as firefox:
            firefox.resize(1280, 900)
            stops, faults = walk(firefox, f"{address.rstrip('/')}/", asked.rest)
            version = firefox.version
    finally:
        if server:
            server.stop()
    if asked.json:
        print(json.dumps({"firefox": version, "stops": stops, "faults": len(faults)}))
    else:
        print("\n".join([*faults, f"Firefox {version}: {stops} stops, {len(faults)} faults (bar 0)"]))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
