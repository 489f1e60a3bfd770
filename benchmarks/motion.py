"""Seconds for eight futures of a still, animated, from the picture's file to the GIF's bytes.

Run on a quiet machine:  python benchmarks/motion.py [--json]

Beside it the same with every frame warped backwards by OpenCV, without a look at what moves and what lay behind.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from io import BytesIO

import cv2
import numpy as np
import torch
from PIL import Image

from vaedemo import forecast
from vaedemo.data import motion_scenes
from vaedemo.data.motion import to_offsets
from vaedemo.vision import animations

FUTURES, RUNS = 8, 5
LEAST, AIM = 2.0, 0.8


def file_of(scene: motion_scenes.Scene) -> bytes:
    file = BytesIO()
    Image.fromarray(scene.still(256).transpose(1, 2, 0)).save(file, "PNG")
    return file.getvalue()


def ours(file: bytes, seed: int) -> bytes:
    seen = forecast.seen(file)
    found = forecast.forecast(forecast.DRAWN, seen.still, FUTURES, seed)
    return forecast.animation(seen.shown, found.futures)


def plain(file: bytes, seed: int) -> bytes:
    seen = forecast.seen(file)
    found = forecast.forecast(forecast.DRAWN, seen.still, FUTURES, seed)
    x, y = np.meshgrid(np.arange(256, dtype=np.float32), np.arange(256, dtype=np.float32))
    films = []
    for future in found.futures:
        offsets = 4 * to_offsets(torch.from_numpy(future.trajectories)).numpy()
        large = [[cv2.resize(plane, (256, 256)) for plane in axis] for axis in offsets]
        films.append([cv2.remap(seen.shown, x - right, y - down, cv2.INTER_LINEAR) for right, down in zip(*large)])
    frames = [np.hstack([film[t] for film in films]).transpose(2, 0, 1) for t in range(len(films[0]))]
    return animations.gif(np.stack(frames), forecast.MS)


def seconds(work: Callable[[bytes, int], bytes], file: bytes, seed: int) -> float:
    start = time.perf_counter()
    with Image.open(BytesIO(work(file, seed))) as film:
        assert getattr(film, "n_frames", 1) > 8
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one flat object and nothing else")
    as_json = parser.parse_args().json
    file = file_of(motion_scenes.scene("fork-4", 0))
    ours(file, 0)  # loads the model
    times = {"ours": [], "plain": []}
    for run in range(RUNS):  # in turns, so that both meet the same machine; each with draws of its own
        times["ours"].append(seconds(ours, file, 2 * run + 1))
        times["plain"].append(seconds(plain, file, 2 * run + 2))
    figures = {f"eight_futures_s_{name}": round(statistics.median(found), 3) for name, found in times.items()}
    if as_json:
        print(json.dumps(figures))
    else:
        print(f"eight futures of a still, animated (bar {LEAST} s, aim {AIM} s), median of {RUNS}:")
        print("\n".join(f"  {name:<26} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
