"""Street scenes for the twin of the color set: some colors are fixed, one has two values, one is free.

Sky, grass and road have their color; a lamp is red or green, a van any color of the wheel. Lightness tells nothing of
the choice: it is drawn apart from it, in Lab.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SIDE = 64  # pixels; the color field has half as many cells a side
SOFT = 0.8  # pixels over which an edge fades
SKY, GRASS, ROAD = (-4.0, -24.0), (-34.0, 36.0), (0.0, 2.0)  # ab
LAMP = ((58.0, 42.0), (-52.0, 34.0))
CHROMA = 46.0  # of a van

Array = NDArray[np.float32]


class Streets(NamedTuple):
    lightness: Array  # (n, 64, 64), L
    field: Array  # (n, 2, 32, 32), ab
    parts: dict[str, NDArray[np.bool_]]  # cells (n, 32, 32) that are all "van", "lamp", "grass", "sky"


def streets(n: int, seed: int) -> Streets:
    """n scenes; the same seed draws the same."""
    dice = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(SIDE) + 0.5, np.arange(SIDE) + 0.5)
    u = dice.random((n, 12), np.float32)[:, :, None, None]
    horizon, kerb = 24 + 8 * u[:, 0], 44 + 6 * u[:, 1]
    hue, lit = 2 * np.pi * dice.random(n, np.float32), dice.integers(0, 2, n)
    light = (88 - 14 * u[:, 2] * y / SIDE).astype(np.float32)
    field = np.broadcast_to(np.array(SKY, np.float32)[:, None, None], (n, 2, SIDE, SIDE)).copy()
    owner = np.zeros((n, SIDE, SIDE), np.int8)  # whose color a pixel has: 0 the sky's

    def paint(distance: NDArray, lightness: NDArray | float, ab: NDArray | tuple[float, float], whose: int) -> None:
        """Cover what has a negative signed `distance` (n, H, W) in pixels; ab (2,) or (n, 2)."""
        nonlocal light, field
        cover = (0.5 - distance / SOFT).clip(0, 1).astype(np.float32)
        light = light * (1 - cover) + lightness * cover
        tint = np.broadcast_to(np.asarray(ab, np.float32), (n, 2))[:, :, None, None]
        field = field * (1 - cover[:, None]) + tint * cover[:, None]
        owner[cover > 0] = np.where(cover[cover > 0] > 0.99, whose, -1)

    blades = 5 * dice.random((n, SIDE, SIDE), np.float32)
    paint(horizon - y, 44 + 14 * u[:, 3] + blades, GRASS, 1)
    paint(np.abs(y - kerb - 5) - 5, 38 + 12 * u[:, 4], ROAD, 2)
    left, long, tall = 3 + 22 * u[:, 5], 25 + 9 * u[:, 6], 14 + 5 * u[:, 7]
    body = np.maximum(np.abs(x - left - long / 2) - long / 2, np.abs(y - kerb - 3 + tall / 2) - tall / 2)
    van = CHROMA * np.stack([np.cos(hue), np.sin(hue)], 1)
    paint(body, 46 + 22 * u[:, 8], van, 3)
    window = np.maximum(np.abs(x - left - 0.72 * long) - 0.16 * long, np.abs(y - kerb - 3 + 0.7 * tall) - 0.17 * tall)
    paint(window, 24.0, ROAD, 2)
    for place in (0.22, 0.78):
        paint(np.hypot(x - left - place * long, y - kerb - 3) - 3.2, 12.0, ROAD, 2)
    pole = 52 + 7 * u[:, 9]
    paint(np.maximum(np.abs(x - pole) - 0.8, np.abs(y - kerb + 12) - 13), 22.0, ROAD, 2)
    paint(np.hypot(x - pole, y - kerb + 25) - 4.6, 58 + 6 * u[:, 10], np.array(LAMP)[lit], 4)
    cells = owner.reshape(n, SIDE // 2, 2, SIDE // 2, 2)
    whole = {"sky": 0, "grass": 1, "van": 3, "lamp": 4}
    parts = {name: (cells == number).all((2, 4)) for name, number in whole.items()}
    halved = field.reshape(n, 2, SIDE // 2, 2, SIDE // 2, 2).mean((3, 5))
    return Streets(light.astype(np.float32), halved.astype(np.float32), parts)
