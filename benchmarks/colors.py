"""Seconds for a photo of one megapixel in eight colorings, from its file to eight JPEGs in its own size, and for hints.

Run on a quiet machine:  python benchmarks/colors.py [--json]

Beside the first the same with scikit-image's Lab and colors enlarged without regard for edges, as a plain program would
do it. A hint needs 512 draws: thirty visitors with a photo each ask for theirs at once, over HTTP.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
from harness import Server
from PIL import Image
from skimage import color, transform

from vaedemo import colorize

SIDES = (1155, 866)
RUNS = 5
LEAST, AIM = 2.0, 0.7
VISITORS, HINT_LEAST = 30, 5.0


def photo(seed: int = 0, sides: tuple[int, int] = SIDES) -> bytes:
    """A smooth picture with some grain, a JPEG; of another seed another one."""
    dice = np.random.default_rng(seed)
    small = Image.fromarray(dice.integers(0, 255, (9, 12, 3), np.uint8)).resize(sides, Image.Resampling.BICUBIC)
    grain = dice.normal(0, 6, (sides[1], sides[0], 1))
    file = BytesIO()
    Image.fromarray((np.asarray(small) + grain).clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=92)
    return file.getvalue()


def ours(file: bytes) -> None:
    seen = colorize.photo(file)
    files = colorize.jpegs(seen.light, colorize.answers("colorization", seen.grey, 8, 0).fields)
    assert len(files) == 8
    assert Image.open(BytesIO(files[0])).size == SIDES


def plain(file: bytes) -> None:
    seen = colorize.photo(file)
    lab = np.asarray(color.rgb2lab(np.asarray(seen.image)))
    for field in colorize.answers("colorization", seen.grey, 8, 0).fields:
        ab = np.asarray(transform.resize((field / 127.5 - 1).transpose(1, 2, 0) * 128, (*lab.shape[:2], 2), order=1))
        rgb = np.asarray(color.lab2rgb(np.concatenate([lab[..., :1], ab], 2)))
        Image.fromarray((rgb * 255 + 0.5).astype(np.uint8)).save(BytesIO(), "JPEG", quality=colorize.QUALITY)


def seconds(work: Callable[[bytes], None], file: bytes) -> float:
    start = time.perf_counter()
    work(file)
    return time.perf_counter() - start


def hints(server: Server) -> list[float]:
    """Seconds until each of `VISITORS` who ask at once has the draws for a photo of their own."""
    dice = np.random.default_rng(1)
    greys = [dice.integers(0, 255, colorize.GREY, np.uint8).tobytes() for _ in range(VISITORS + 1)]
    address = f"{server.address}/live/draws/colorization?n={colorize.MOST}&seed=0"

    def asked(grey: bytes) -> float:
        start = time.perf_counter()
        with urllib.request.urlopen(urllib.request.Request(address, grey), timeout=120) as answer:
            answer.read()
        return time.perf_counter() - start

    asked(greys[0])  # loads the model
    with ThreadPoolExecutor(VISITORS) as pool:
        return list(pool.map(asked, greys[1:]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one flat object and nothing else")
    as_json = parser.parse_args().json
    file = photo()
    ours(file)  # loads the model
    times = {"ours": [], "plain": []}
    for _ in range(RUNS):  # in turns, so that both meet the same machine
        times["ours"].append(seconds(ours, file))
        times["plain"].append(seconds(plain, file))
    figures = {f"eight_colorings_s_{name}": round(statistics.median(found), 3) for name, found in times.items()}
    server = Server()
    try:
        waited = hints(server)
    finally:
        server.stop()
    figures |= {"hint_s_median_of_30": round(statistics.median(waited), 2), "hint_s_last_of_30": round(max(waited), 2)}
    if as_json:
        print(json.dumps(figures))
    else:
        print(f"eight colorings of a {SIDES[0]} x {SIDES[1]} photo (bar {LEAST} s, aim {AIM} s), median of {RUNS};")
        print(f"the draws for a hint (bar {HINT_LEAST} s), {VISITORS} at once:")
        print("\n".join(f"  {name:<26} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
