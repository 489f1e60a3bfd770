"""Codes without torch: draws that a seed keeps, and the ways between two codes."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from vaedemo.latents import draw, lerp, slerp, traversal


def random_codes(z: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.random.default_rng(seed).standard_normal((2, z)).astype(np.float32)
    return a, b


def test_no_torch_is_needed() -> None:
    code = "import sys, vaedemo.latents; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_seed_keeps_its_codes_whatever_their_number() -> None:
    few, many = draw(3, 32, seed=5), draw(100, 32, seed=5)
    assert (few.dtype, many.shape) == (np.float32, (100, 32))
    assert np.array_equal(few, many[:3])
    assert not np.array_equal(few, draw(3, 32, seed=6))
    # Links keep these forever: they must be what they were when the link was made.
    assert draw(1, 2, seed=0)[0] == pytest.approx([1.1176, -1.3871], abs=1e-3)


def test_temperature_only_scales() -> None:
    assert np.array_equal(draw(4, 8, 0.5, 1), draw(4, 8, 1.0, 1) * np.float32(0.5))
    assert not draw(4, 8, 0.0, 1).any()
    codes = draw(20_000, 2)
    assert np.abs(codes.mean(0)).max() < 0.03
    assert np.abs(codes.std(0) - 1).max() < 0.03


@pytest.mark.parametrize("way", [lerp, slerp])
@pytest.mark.parametrize("z", [1, 2, 32])
@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_way_goes_from_one_code_to_the_other(way, z: int, n: int) -> None:
    a, b = random_codes(z)
    codes = way(a, b, n)
    assert (codes.shape, codes.dtype) == ((n, z), np.float32)
    assert np.allclose(codes[0], a, atol=1e-5)
    assert n == 1 or np.allclose(codes[-1], b, atol=1e-5)


def test_lerp_moves_at_a_constant_speed() -> None:
    steps = np.diff(lerp(*random_codes(32), 9), axis=0)
    assert np.allclose(steps, steps[0], atol=1e-5)


@pytest.mark.parametrize("z", [2, 3, 64])
def test_slerp_turns_at_a_constant_speed_and_keeps_to_the_shell(z: int) -> None:
    a, b = random_codes(z)
    codes = slerp(a, b, 11)
    lengths = np.linalg.norm(codes, axis=1)
    units = codes / lengths[:, None]
    angles = np.arccos(np.clip((units[1:] * units[:-1]).sum(1), -1, 1))
    assert np.allclose(angles, angles[0], rtol=1e-2)
    assert np.allclose(np.diff(lengths), lengths[1] - lengths[0], atol=1e-4)
    # All in the plane of a and b.
    assert np.linalg.matrix_rank(np.stack([a, b, *codes]), tol=1e-3) == 2


UNIT = np.array([0.6, 0.8, 0.0], np.float32)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (UNIT, UNIT),
        (UNIT, 2 * UNIT),
        (UNIT, -UNIT),
        (np.zeros(3, np.float32), UNIT),
        (UNIT, np.zeros(3, np.float32)),
        (np.zeros(3, np.float32), np.zeros(3, np.float32)),
        (UNIT, UNIT + np.float32(1e-7)),
        (1e-9 * UNIT, -1e-9 * UNIT),
    ],
)
def test_where_there_is_no_arc_slerp_is_the_straight_line(a: np.ndarray, b: np.ndarray) -> None:
    codes = slerp(a, b, 5)
    assert np.isfinite(codes).all()
    assert np.allclose(codes, lerp(a, b, 5))


def test_a_traversal_moves_one_latent_through_the_priors_quantiles() -> None:
    z = np.array([1.5, -2.0, 0.5])
    codes = traversal(z, 1, 5)
    assert (codes.dtype, codes.shape) == (np.float32, (5, 3))
    assert np.array_equal(codes[:, [0, 2]], np.tile([1.5, 0.5], (5, 1)))
    assert codes[:, 1] == pytest.approx([-2.0537, -0.6433, 0, 0.6433, 2.0537], abs=1e-3)
    assert z[1] == -2
