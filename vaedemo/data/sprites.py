"""dSprites (Matthey et al. 2017), drawn here: its five factors exactly, its outlines by formulas of our own.

A sprite of one shape, scale and orientation is drawn once on a larger canvas; its 32 x 32 places are crops of that. So
all 737,280 pictures come from 720 drawings, and nothing is stored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaedemo.data import DataSet, Pictures, Split, Terms, dataset
from vaedemo.errors import DataMissing

FACTORS = ("shape", "scale", "orientation", "x", "y")
SIZES = (3, 6, 40, 32, 32)
SIDE = 64
CANVAS = SIDE + 31  # the crop that begins at 31 - k shows the sprite's centre at pixel 16 + k
REACH = 15.5  # pixels from a sprite's centre to its farthest point at full scale: inside the frame at every place
HEART = 0.2935  # how high the centre of area of the heart's curve lies
HELD_OUT = 10_000  # pictures of validation, and as many of test


@dataclass(frozen=True)
class Sprites(Pictures):
    """x: the drawings (720, 95, 95) uint8; y: the factors of the pictures of this split (N, 5), each from 0."""

    def __len__(self) -> int:
        return len(self.y)

    def floats(self, index: Tensor | slice) -> Tensor:
        return draw(self.y[index])


def draw(factors: Tensor) -> Tensor:
    """Sprites (N, 1, 64, 64) float32, 0 or 1, by their factors (N, 5) int64; x grows to the right, y downward."""
    shape, scale, orientation, x, y = factors.unbind(1)
    drawing = (shape * SIZES[1] + scale) * SIZES[2] + orientation
    crops = _drawings().as_strided(  # every crop of every drawing, as a view
        (len(_drawings()), 32, 32, SIDE, SIDE), (CANVAS * CANVAS, CANVAS, 1, CANVAS, 1)
    )
    return crops[drawing, 31 - y, 31 - x][:, None].to(torch.float32).div_(255)


def real(folder: Path | None, split: Split) -> Pictures:
    """A fixed random 10,000 of all pictures to test on, another 10,000 to choose by, the rest to train on."""
    chosen = _shuffled()
    part = {
        "test": chosen[:HELD_OUT],
        "validation": chosen[HELD_OUT : 2 * HELD_OUT],
        "train": chosen[2 * HELD_OUT :],
    }[split]
    factors = np.stack(np.unravel_index(part, SIZES), 1).astype(np.int64)
    return Sprites("drawn sprites", False, _drawings(), torch.from_numpy(factors), FACTORS)


def twin(split: Split) -> Pictures:
    """The same: the set is drawn anyway."""
    return real(None, split)


def where(folder: Path | None) -> str:
    return "sprites: drawn here, after dSprites (Matthey et al. 2017); there is nothing to find or to download"


def download(folder: Path) -> None:
    raise DataMissing(where(folder))


def _shuffled() -> NDArray[np.int64]:
    return np.random.default_rng(0).permutation(math.prod(SIZES))


@lru_cache
def _drawings() -> Tensor:
    """(720, 95, 95) uint8, 0 or 255: shape by shape, scale by scale, orientation by orientation."""
    to_centre = np.arange(CANVAS) - (CANVAS - 1) / 2
    right, down = np.meshgrid(to_centre, to_centre)
    scales = np.linspace(0.5, 1, SIZES[1])[:, None, None, None] * REACH
    turns = np.linspace(0, 2 * math.pi, SIZES[2])[:, None, None]  # as in dSprites, the last is the first again
    # Into the sprite's own frame, v upward, where its farthest point is at distance 1.
    u = (np.cos(turns) * right + np.sin(turns) * down) / scales
    v = (np.sin(turns) * right - np.cos(turns) * down) / scales
    inside = np.stack([_square(u, v), _ellipse(u, v), _heart(u, v)])
    return torch.from_numpy((inside * np.uint8(255)).reshape(-1, CANVAS, CANVAS))


def _square(u: NDArray, v: NDArray) -> NDArray[np.bool_]:
    return np.maximum(abs(u), abs(v)) <= math.sqrt(0.5)


def _ellipse(u: NDArray, v: NDArray) -> NDArray[np.bool_]:
    return u**2 + (2 * v) ** 2 <= 1


def _heart(u: NDArray, v: NDArray) -> NDArray[np.bool_]:
    """The curve (a^2 + b^2 - 1)^3 = a^2 b^3 about its centre of area, brought to reach 1: turned, it stays in place.

    Its tip, at (0, -1), is what lies farthest from that centre, (0, HEART).
    """
    a, b = (1 + HEART) * u, (1 + HEART) * v + HEART
    return (a**2 + b**2 - 1) ** 3 <= a**2 * b**3


TERMS = {
    "drawn sprites": Terms(
        "Sprites drawn by this project with the factors of dSprites (Matthey et al. 2017): 3 shapes, 6 scales, 40 "
        "orientations, 32 x 32 places. No terms but the code's (Apache-2.0). The outlines are our own, so figures "
        "published on the original drawings are near, not the same. A square looks the same after a quarter turn, an "
        "ellipse after half a turn: no single latent can stand for orientation, and MIG pays for that.",
    ),
}

dataset("sprites", DataSet(real, twin, where, download, TERMS))
