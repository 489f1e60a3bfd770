"""A training so small that a test can kill it: a VAE of a few thousand weights on 96 drawn digits.

In a process of its own it writes a checkpoint after every step and sends a dot a step, so that whoever started it can
end it anywhere. `kill_and_resume` is who does.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

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
    seen = []
    for attempt in range(kills + 1):
        here, there = get_context("forkserver").Pipe(duplex=False)
        process = started(_train_and_tell, runs, steps, there)
        there.close()
        if attempt < kills:
            done = checkpoint(runs)["step"] if (runs / RECIPE.name / "checkpoint.pt").exists() else 0
            wanted = chance.randrange(max(1, steps - done - SPARE))
            assert [here.recv_bytes() for _ in range(wanted)] == [b"."] * wanted
            time.sleep(chance.uniform(0, 0.02))
            process.kill()
            seen.append(wanted)
        with suppress(EOFError):
            while here.recv_bytes():
                pass
        process.join()
        assert process.exitcode == (-9 if attempt < kills else 0), process.exitcode
    return seen


def started(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """A process that calls `target` and is forked from one that has imported torch: one import for all of them."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["training_server"])
    process = context.Process(target=target, args=arguments, daemon=True)
    with patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path), OMP_NUM_THREADS="1"):
        process.start()
    return process


def _train_and_tell(runs: Path, steps: int, there: Connection) -> None:
    def tell() -> bool:
        there.send_bytes(b".")
        return False

    os.environ["VAEDEMO_RUNS"] = str(runs)
    torch.set_num_threads(1)
    train(steps=steps, save_seconds=0, stop=tell)
