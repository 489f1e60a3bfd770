"""A training so small that a test can kill it: a VAE of a few thousand weights on 96 drawn digits.

    python small_training.py STEPS

trains it in VAEDEMO_RUNS, writing a checkpoint after every step, and prints a dot a step, so that whoever started it
can end it anywhere. `kill_and_resume` is who does.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch

import vaedemo
from vaedemo.data import Pictures, digits
from vaedemo.recipes import Recipe
from vaedemo.training import Run, fit

NET = {"widths": [4, 6], "blocks": 1, "hidden": 16, "base": [4, 7, 7], "convs": [6], "ups": [4]}
SPARE = 12  # steps that a fast machine takes in the 20 ms before a kill: the run must not be over by then
RECIPE = Recipe("tiny", "Tiny", "vae", "digits", {"z": 2, **NET}, {"warmup": 20.0}, batch=32, steps=60, lr=3e-3)


@cache
def some_pictures(count: int = 96) -> Pictures:
    twin = digits.twin("validation")
    return Pictures("a few digits", True, twin.x[:count], twin.y[:count])


def train(recipe: Recipe = RECIPE, **options: Any) -> Run:
    return fit(recipe, **{"pictures": some_pictures(), "device": "cpu", **options})


def after(steps: int) -> Callable[[], bool]:
    """A `stop` that says yes after so many steps."""
    count = iter(range(1, steps + 1))
    return lambda: next(count) == steps


def same(one: Any, other: Any) -> bool:
    """Whether two checkpoints hold the same, every tensor bit for bit."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other


def checkpoint(runs: Path, name: str = RECIPE.name) -> dict[str, Any]:
    return torch.load(runs / name / "checkpoint.pt", weights_only=True)


def kill_and_resume(runs: Path, steps: int, kills: int, chance: random.Random) -> list[int]:
    """Train in a process of its own, ended by SIGKILL `kills` times at random moments, then undisturbed to its end.

    The moment: a random one of the steps still to go, and up to 20 ms more, so that it may fall into a step or into
    the writing of its checkpoint. Returns the steps seen before each kill.
    """
    command = [sys.executable, __file__, str(steps)]
    here = str(Path(vaedemo.__file__).parents[1])  # where a checkout is not installed
    environment = {**os.environ, "VAEDEMO_RUNS": str(runs), "OMP_NUM_THREADS": "1", "PYTHONPATH": here}
    seen = []
    for attempt in range(kills + 1):
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            if attempt < kills:
                done = checkpoint(runs)["step"] if (runs / RECIPE.name / "checkpoint.pt").exists() else 0
                wanted = chance.randrange(max(1, steps - done - SPARE))
                assert process.stdout.read(wanted) == b"." * wanted
                time.sleep(chance.uniform(0, 0.02))
                process.kill()
                seen.append(wanted)
            process.stdout.read()
        assert process.returncode == (-9 if attempt < kills else 0), process.returncode
    return seen


def _tell() -> bool:
    print(".", end="", flush=True)
    return False


if __name__ == "__main__":
    torch.set_num_threads(1)
    train(steps=int(sys.argv[1]), save_seconds=0, stop=_tell)
