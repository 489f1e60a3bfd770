"""A machine for tests of what ships: an MNIST of drawn digits, no weights, no Hub, a recipe that trains in seconds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from small_training import NET
from torch import Tensor

from vaedemo import data, zoo
from vaedemo.data import digits
from vaedemo.evaluation import evidence, likelihood
from vaedemo.recipes import RECIPES, Recipe
from vaedemo.store import checksums

NAME = "digits-2d"


@dataclass
class World:
    data: Path
    weights: Path
    runs: Path
    recipe: Recipe


@contextmanager
def small_world(folder: Path) -> Iterator[World]:
    """digits-2d is a few thousand weights there, trained for 40 steps; VAEDEMO_DATA is not set."""
    world = World(
        folder / "data",
        folder / "weights",
        folder / "runs",
        dataclasses.replace(RECIPES[NAME], net={"z": 2, **NET}, batch=32, steps=40, objective={"warmup": 5.0}),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VAEDEMO_WEIGHTS", str(world.weights))
        patch.setenv("VAEDEMO_RUNS", str(world.runs))
        patch.setenv("VAEDEMO_DATA", "")
        patch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
        patch.setattr(data, "cache_folder", lambda: folder / "cache")
        patch.setattr(checksums, "CHECKSUMS", folder / "checksums.json")
        patch.setattr(likelihood, "NLL_PICTURES", 20)
        patch.setattr(likelihood, "NLL_SAMPLES", 20)
        for constant, few in (("PICTURES", 2), ("SAMPLES", 50), ("ELLIPSES", 2)):
            patch.setattr(evidence, constant, few)
        patch.setitem(RECIPES, NAME, world.recipe)
        zoo.forget()
        yield world
    zoo.forget()


def write_mnist(folder: Path) -> None:
    """The twin's digits as if they were MNIST: 1,000 to train on, 2,000 to choose by, 300 to test on."""
    many, more = digits.twin("test"), digits.twin("validation")
    x, y = torch.cat([more.x, many.x]), torch.cat([more.y, many.y])
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part, chosen in (("train", slice(None)), ("t10k", slice(300))):
        _write_idx(raw / f"{part}-images-idx3-ubyte", x[chosen, 0])
        _write_idx(raw / f"{part}-labels-idx1-ubyte", y[chosen])


def _write_idx(path: Path, values: Tensor) -> None:
    shape = np.array(values.shape, ">u4").tobytes()
    path.write_bytes(bytes([0, 0, 8, values.dim()]) + shape + values.to(torch.uint8).numpy().tobytes())
