"""Latent codes in NumPy, without torch: draws from the prior, ways between codes, what codes tell of factors."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from vaedemo.errors import Refused

MOST = 1_024  # codes that one call may ask for
LAST_SEED = 2**32 - 1  # of those that a page, a link or a call may name: 0 is the first


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


def mutual_information(codes: NDArray, factors: NDArray, bins: int = 20) -> NDArray[np.float64]:
    """I(code; factor) in nats, (Z, F), of codes (N, Z) and integer factors (N, F).

    Each code is cut into `bins` equal intervals between its own least and greatest value, as in Locatello et al. 2019.
    The estimate is the plain one: with few points it is biased upwards, about (bins - 1)(values - 1) / 2N.
    ValueError if the shapes don't match or a code is not finite.
    """
    check_pairs(codes, factors)
    ranks = np.stack([np.unique(column, return_inverse=True)[1] for column in factors.T])  # (F, N), from 0 on
    values = int(ranks.max()) + 1
    answers = np.empty((codes.shape[1], len(ranks)))
    for k, code in enumerate(codes.T):
        interval = _histogram_bins(code, bins)
        for f, rank in enumerate(ranks):
            joint = np.bincount(interval * values + rank, minlength=bins * values).reshape(bins, values) / len(code)
            apart = joint.sum(1, keepdims=True) * joint.sum(0)
            met = joint > 0
            answers[k, f] = (joint[met] * np.log(joint[met] / apart[met])).sum()
    return answers


def entropies(factors: NDArray) -> NDArray[np.float64]:
    """The entropy of each column of integer factors (N, F) in nats, (F,)."""
    frequencies = [np.unique(column, return_counts=True)[1] / len(column) for column in factors.T]
    return np.array([-(p * np.log(p)).sum() for p in frequencies])


def _histogram_bins(code: NDArray, bins: int) -> NDArray[np.int64]:
    """The interval (0 to bins - 1) that each value of one code (N,) lies in; a constant code lies in one of them."""
    code = code.astype(np.float64)  # float32 may have fewer steps than bins between the extremes of a dead code
    return np.digitize(code, np.histogram(code, bins)[1][:-1]) - 1


def check_pairs(codes: NDArray, factors: NDArray) -> None:
    """Raises ValueError unless codes are (N, Z) and factors (N, F), of as many pictures, at least one."""
    if codes.ndim != 2 or factors.ndim != 2 or len(codes) != len(factors) or not len(codes):
        raise ValueError(f"codes (N, Z) and factors (N, F) are wanted, got {codes.shape} and {factors.shape}")


def checked(name: str, z: NDArray, width: int, argument: str = "z") -> NDArray[np.float32]:
    """z as (n, width) float32. Raises Refused for a wrong length, too many, or numbers that are not finite."""
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused below
        z = np.asarray(z).astype(np.float32)
    if z.ndim == 1:
        z = z[None]
    if z.ndim != 2 or z.shape[1] != width:
        raise Refused(f"{argument}: {name} takes vectors of {width} numbers, not an array of shape {tuple(z.shape)}")
    if not 1 <= len(z) <= MOST:
        raise Refused(f"{argument}: between 1 and {MOST:,} vectors at once, not {len(z):,}")
    if not np.isfinite(z).all():
        raise Refused(f"{argument}: holds a number that is not finite")
    return z.clip(-1e4, 1e4)
