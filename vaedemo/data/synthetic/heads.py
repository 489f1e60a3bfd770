"""Twenty drawn heads for the lighting set's twin: height fields with Lambert shading, cast shadows and ambient light.

A head is symmetric, so two lights that are mirror images give pictures that are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SIDE = 64  # pixels
FINE = 2 * SIDE  # heights along each side: four a pixel, for smooth edges
COUNT = 20
AMBIENT = 0.025  # of the light's strength: the pictures with the light behind the head are nearly black
GAMMA = 1.8
WALL = -0.2  # the height of the ground behind the head
MARCH = (2, 3, 4, 6, 8, 11, 14, 18, 23, 29, 36, 44)  # where a shadow is looked for, in fine pixels towards the light

Array = NDArray[np.float32]


def portraits(number: int, lights: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Pictures (L, 1, 64, 64) of a head under `lights` (L, 2): azimuth and elevation in degrees, as in lighting.py."""
    height, albedo = _head(number)
    down, right = np.gradient(height, 2 / FINE)
    normal = np.stack([-right, down, np.ones_like(height)])
    normal /= np.linalg.norm(normal, axis=0)
    azimuth, elevation = np.radians(lights.astype(np.float32)).T
    # To the light from the head: (right in the picture, up, to the camera).
    way = np.stack([-np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)], 1)
    pictures = np.stack([_lit(height, albedo, normal, light) for light in way])
    pictures = pictures.reshape(-1, SIDE, 2, SIDE, 2).mean((2, 4))
    return (255 * pictures.clip(0, 1) + 0.5).astype(np.uint8)[:, None]


def _lit(height: Array, albedo: Array, normal: Array, light: Array) -> Array:
    """The fine picture (FINE, FINE) under one light (3,), brightness as a screen wants it."""
    lambert = np.einsum("chw,c->hw", normal, light).clip(0)
    seen = albedo * (1.15 * lambert * (1 - _shadow(height, light)) + AMBIENT)
    return seen ** (1 / GAMMA)


def _shadow(height: Array, light: Array) -> Array:
    """How much (FINE, FINE) of the light is hidden by higher parts, 0 to 1, with a soft edge."""
    across = float(np.hypot(light[0], light[1]))
    if across < 1e-3:
        return np.zeros_like(height)
    edge = MARCH[-1]
    around = np.pad(height, edge, mode="edge")
    above = np.full_like(height, -np.inf)
    for far in MARCH:
        x, y = round(far * float(light[0]) / across), -round(far * float(light[1]) / across)
        there = around[edge + y : edge + y + FINE, edge + x : edge + x + FINE]
        above = np.maximum(above, there - far * 2 / FINE * float(light[2]) / across)
    return ((above - height) / 0.03).clip(0, 1)


@dataclass(frozen=True)
class Features:
    """What makes a head another than the next; lengths where the picture is 2 wide, places from its middle."""

    half: float  # the skull's width, height, depth and squareness
    tall: float
    deep: float
    power: float
    jaw: float  # how much it narrows
    eye: float  # from the middle to an eye
    eyes: float  # their height, and so on downwards
    nose: float
    mouth: float
    lips: float  # half the mouth's width
    brow: float  # how far each stands out
    bridge: float
    cheek: float
    chin: float
    hairline: float
    arch: float
    ear: float
    skin: float  # albedo
    hair: float  # its albedo, relative to the skin's
    beard: float


def _features(number: int) -> Features:
    random = np.random.default_rng(number)

    def between(low: float, high: float) -> float:
        return float(random.uniform(low, high))

    return Features(
        half=between(0.66, 0.8),
        tall=between(0.88, 0.97),
        deep=between(0.6, 0.75),
        power=between(2.1, 2.8),
        jaw=between(0.1, 0.32),
        eye=between(0.27, 0.34),
        eyes=between(0.1, 0.2),
        nose=between(-0.26, -0.14),
        mouth=between(-0.54, -0.44),
        lips=between(0.16, 0.26),
        brow=between(0.02, 0.07),
        bridge=between(0.15, 0.26),
        cheek=between(0.02, 0.07),
        chin=between(0.03, 0.1),
        hairline=between(0.5, 0.72),
        arch=between(0.2, 1.0),
        ear=between(0.17, 0.24),
        skin=between(0.42, 0.8),
        hair=between(0.08, 0.5),
        beard=0.6 if number % 4 == 3 else 0,
    )


@lru_cache(maxsize=COUNT)
def _head(number: int) -> tuple[Array, Array]:
    """Height (towards the camera) and albedo of one head, (FINE, FINE) each."""
    f = _features(number)
    line = (np.arange(FINE) + 0.5) / FINE * 2 - 1
    u, v = np.meshgrid(np.abs(line), -line)  # from the middle to both sides, and up

    def bump(x: float, y: float, wide: float, high: float) -> NDArray[np.float64]:
        return np.exp(-0.5 * (((u - x) / wide) ** 2 + ((v - y) / high) ** 2))

    wide = f.half * (1 - f.jaw * (0.1 - v).clip(0) ** 1.3)
    inside = 1 - (u / wide) ** f.power - (np.abs(v) / f.tall) ** f.power
    ear = 1 - ((u - f.half * 1.02) / 0.1) ** 2 - ((v - 0.06) / f.ear) ** 2
    hair = _soft(v - f.hairline + f.arch * u**2, 0.02)
    ridge = 0.25 + 0.75 * ((f.eyes + 0.1 - v) / (f.eyes + 0.1 - f.nose)).clip(0, 1)

    head = f.deep * inside.clip(0) ** 0.45
    head += f.brow * bump(f.eye, f.eyes + 0.17, 0.17, 0.06)
    head -= 0.13 * bump(f.eye, f.eyes, 0.13, 0.09)  # sockets
    head += 0.07 * bump(f.eye, f.eyes - 0.01, 0.075, 0.05)  # eyeballs
    head += (
        f.bridge
        * ridge
        * _soft(v - f.nose + 0.02, 0.018)
        * _soft(f.eyes + 0.15 - v, 0.04)
        * np.exp(-0.5 * (u / 0.07) ** 2)
    )
    head += 0.09 * bump(0.09, f.nose + 0.01, 0.045, 0.045)  # the wings of the nose
    head += f.cheek * bump(f.half * 0.62, -0.1, 0.16, 0.14)
    head += 0.05 * bump(0, f.mouth + 0.06, f.lips, 0.05) + 0.06 * bump(0, f.mouth - 0.07, f.lips * 0.8, 0.05)
    head -= 0.05 * bump(0, f.mouth, f.lips * 1.1, 0.022)
    head += f.chin * bump(0, f.mouth - 0.28, 0.14, 0.09)
    head += 0.05 * hair
    height = np.where(inside > 0, head, np.where(ear > 0, 0.25 * np.sqrt(ear.clip(0)), WALL))

    lips = _soft(bump(0, f.mouth, f.lips * 0.8, 0.06) - 0.5, 0.1)
    cheeks = _soft(f.mouth + 0.12 + 0.6 * (u - 0.15).clip(0) - v, 0.03)  # where a beard grows
    albedo = f.skin * (1 - 0.6 * bump(f.eye, f.eyes + 0.17, 0.13, 0.035))  # eyebrows
    albedo *= 1 - 0.3 * lips - f.beard * cheeks * (1 - lips)
    albedo += (0.9 - albedo) * 0.7 * _soft(bump(f.eye, f.eyes - 0.01, 0.075, 0.04) - 0.5, 0.1)
    albedo *= 1 - 0.9 * _soft(bump(f.eye, f.eyes - 0.01, 0.04, 0.04) - 0.5, 0.1)  # irises
    albedo += (f.skin * f.hair - albedo) * hair
    albedo = np.where((inside > 0) | (ear > 0), np.where(inside > 0, albedo, f.skin), 0.05)
    return height.astype(np.float32), albedo.astype(np.float32)


def _soft(above: NDArray[np.float64], edge: float) -> NDArray[np.float64]:
    """0 where `above` is negative, 1 where it is positive, a smooth step as wide as `edge`."""
    return 0.5 + 0.5 * np.tanh(above / edge)
