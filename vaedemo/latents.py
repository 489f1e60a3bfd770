"""Latent codes without torch: what the page draws before any model is loaded."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray


def draw(n: int, z: int, temperature: float = 1.0, seed: int = 0) -> NDArray[np.float32]:
    """n codes from N(0, temperature^2 I), (n, z). The same seed gives the same codes here, in Python and on the page.

    Code k does not depend on n: a larger grid keeps the pictures it had.
    """
    noise = np.random.default_rng(seed).standard_normal((n, z), dtype=np.float32)
    return noise * np.float32(temperature)


def lerp(a: NDArray, b: NDArray, n: int) -> NDArray[np.float32]:
    """n codes (n, z) on the straight line from a to b, both (z,)."""
    t = np.linspace(0, 1, n, dtype=np.float32)[:, None]
    return ((1 - t) * a + t * b).astype(np.float32)


def slerp(a: NDArray, b: NDArray, n: int) -> NDArray[np.float32]:
    """n codes (n, z) from a to b at a constant angular speed, the length passing linearly from one to the other.

    In many dimensions a Gaussian's mass lies near a shell; the straight line cuts through its hollow (White 2016).
    Codes that are parallel, or near zero, have no arc between them and take the straight line.
    """
    length_a, length_b = np.linalg.norm(a), np.linalg.norm(b)
    if min(length_a, length_b) < 1e-6:
        return lerp(a, b, n)
    cosine = np.clip(a @ b / (length_a * length_b), -1, 1)
    angle = np.arccos(cosine)
    if np.sin(angle) < 1e-4:
        return lerp(a, b, n)
    t = np.linspace(0, 1, n, dtype=np.float32)[:, None]
    arc = (np.sin((1 - t) * angle) * a / length_a + np.sin(t * angle) * b / length_b) / np.sin(angle)
    return (arc * ((1 - t) * length_a + t * length_b)).astype(np.float32)


def traversal(z: NDArray, dimension: int, n: int, edge: float = 0.02) -> NDArray[np.float32]:
    """n codes (n, Z) equal to z (Z,) but for one latent, at n quantiles of N(0, 1) from `edge` to 1 - `edge`."""
    codes = np.tile(np.asarray(z, np.float32), (n, 1))
    codes[:, dimension] = [NormalDist().inv_cdf(p) for p in np.linspace(edge, 1 - edge, n)]
    return codes
