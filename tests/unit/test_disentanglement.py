"""The measures of evaluation/disentanglement.py on codes whose worth is known, and against second implementations."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import hadamard
from scipy.stats import entropy, ortho_group
from sklearn.metrics import mutual_info_score

from vaedemo.evaluation.disentanglement import DCI, dci, entropies, factor_score, mig, mutual_information

DSPRITES = (3, 6, 40, 32, 32)
SMALL = (2, 3, 4)
Change = Callable[[NDArray], NDArray]


def grid(sizes: tuple[int, ...]) -> NDArray[np.int64]:
    """Every combination once, (N, F)."""
    return np.stack(np.unravel_index(np.arange(np.prod(sizes)), sizes), axis=1)


def drawn(n: int, sizes: tuple[int, ...] = DSPRITES, seed: int = 0) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(sizes, size=(n, len(sizes)))


def perfect(factors: NDArray, sizes: tuple[int, ...] = DSPRITES) -> NDArray[np.float32]:
    """One code a factor, of unit variance."""
    steps = np.array(sizes)
    return ((factors - (steps - 1) / 2) / np.sqrt((steps**2 - 1) / 12)).astype(np.float32)


def entangled(factors: NDArray, sizes: tuple[int, ...] = DSPRITES) -> NDArray[np.float32]:
    """Equal parts of all factors in each code, their signs apart: nothing is lost, no code stands for anything."""
    width = 4 if len(sizes) < 4 else 8
    return (perfect(factors, sizes) @ hadamard(width)[: len(sizes)] / np.sqrt(width)).astype(np.float32)


def rotated(factors: NDArray) -> NDArray[np.float32]:
    """A random rotation, in which some codes happen to lean towards one factor."""
    return perfect(factors) @ ortho_group.rvs(5, random_state=3).astype(np.float32)


def noise(factors: NDArray, z: int = 5, scale: float = 1.0) -> NDArray[np.float32]:
    return (np.random.default_rng(len(factors)).standard_normal((len(factors), z)) * scale).astype(np.float32)


def shuffled(codes: NDArray) -> NDArray:
    """The latents in another order, some of them mirrored."""
    flips = np.where(np.arange(codes.shape[1]) % 2, 1, -1).astype(np.float32)
    return (codes * flips)[:, ::-1]


def with_dead(codes: NDArray) -> NDArray:
    """Two latents more that the posterior hardly moves, and one that it doesn't move at all."""
    return np.hstack([codes, noise(codes, 2, 0.01), np.full((len(codes), 1), 0.7, np.float32)])


def test_mutual_information_is_that_of_scikit_learn() -> None:
    factors = drawn(3_000) * 7 - 5  # values need neither be neighbors nor start at 0
    codes = np.hstack([entangled(drawn(3_000)), noise(factors, 2) ** 3])
    for bins in (20, 7):
        cut = [np.digitize(code, np.histogram(code, bins)[1][:-1]) for code in codes.T]
        expected = [[mutual_info_score(factor, code) for factor in factors.T] for code in cut]
        np.testing.assert_allclose(mutual_information(codes, factors, bins), expected, atol=1e-9)


def test_entropies_of_uniform_factors_are_logarithms() -> None:
    np.testing.assert_allclose(entropies(grid(SMALL)), np.log(SMALL))
    np.testing.assert_allclose(entropies(np.array([[0], [0], [0], [9]])), entropy([0.75, 0.25]))


def test_codes_that_never_vary_tell_nothing() -> None:
    factors = drawn(500)
    nearly = np.where(factors[:, :1] > 0, np.float32(0.7), np.nextafter(np.float32(0.7), np.float32(1)))
    codes = np.hstack([np.zeros((500, 1), np.float32), np.full((500, 1), 1e6, np.float32), nearly])
    information = mutual_information(codes, factors)
    np.testing.assert_allclose(information[:2], 0, atol=1e-12)
    assert information[2, 0] == pytest.approx(entropy([1 / 3, 2 / 3]), abs=0.02)  # two neighbors in float32 are two


def test_mig_of_the_perfect_code_is_what_twenty_bins_leave() -> None:
    """Value k of s lies in bin 20 k / (s - 1), and a code without noise tells its factor as much as its bins can."""
    factors = grid(DSPRITES)
    shares = [
        entropy(np.bincount(np.arange(s) * 20 // (s - 1) - (np.arange(s) == s - 1))) / np.log(s) for s in DSPRITES
    ]
    assert mig(perfect(factors), factors) == pytest.approx(np.mean(shares), abs=1e-9)
    assert np.mean(shares) == pytest.approx(0.9024, abs=1e-4)
    sample = drawn(10_000)
    assert mig(perfect(sample), sample) == pytest.approx(np.mean(shares), abs=0.02)  # chance lifts the second code


@pytest.mark.parametrize("code", [entangled, noise])
def test_mig_of_mixed_and_of_idle_codes_is_near_zero(code: Change) -> None:
    factors = drawn(10_000)
    assert 0 <= mig(code(factors), factors) < 0.1


def test_two_codes_for_one_factor_have_no_gap() -> None:
    factors = grid(SMALL)
    assert mig(np.hstack([perfect(factors, SMALL)] * 2), factors) == pytest.approx(0)


@pytest.mark.parametrize("code", [perfect, entangled, rotated])
@pytest.mark.parametrize("change", [shuffled, with_dead])
def test_mig_sees_neither_order_nor_sign_nor_the_dead(code: Change, change: Change) -> None:
    """Noise is fitted a little by any histogram, so a dead code moves a small gap by what 10,000 points allow."""
    factors = drawn(10_000)
    codes = code(factors)
    assert mig(change(codes), factors) == pytest.approx(mig(codes, factors), abs=2e-3)


def score(represent: Change, sizes: tuple[int, ...] = DSPRITES, train: int = 1_500, evaluate: int = 1_500) -> float:
    random = np.random.default_rng(0)
    return factor_score(represent, sizes, random, train_votes=train, eval_votes=evaluate, variance_points=5_000)


def test_factor_score_of_the_perfect_code_is_one() -> None:
    assert score(perfect) == 1
    assert score(lambda factors: perfect(factors) * [1, 9, 0.1, 2, 4]) == 1  # scales are divided out


def test_factor_score_of_noise_is_chance() -> None:
    assert score(noise) == pytest.approx(1 / 5, abs=0.05)


def test_factor_score_of_an_even_mixture_is_low() -> None:
    assert score(entangled) < 0.4


def test_factor_score_forgives_a_rotation() -> None:
    """A known weakness: the code that leans most towards a factor shrinks most with it, however much else it holds."""
    assert 0.5 < score(rotated) < 1
    assert mig(rotated(grid(DSPRITES)), grid(DSPRITES)) < 0.2


def test_factor_score_without_live_codes_is_zero() -> None:
    assert score(lambda factors: np.zeros((len(factors), 4), np.float32)) == 0
    assert score(lambda factors: perfect(factors) * 0.04) == 0
    assert score(lambda factors: perfect(factors) * 0.06) == 1  # of variance 0.0036: deviations are compared


def test_factor_score_sees_neither_order_nor_sign_nor_the_dead() -> None:
    assert score(lambda factors: with_dead(perfect(factors))) == 1
    assert score(lambda factors: with_dead(shuffled(perfect(factors)))) == 1
    assert score(lambda factors: shuffled(rotated(factors))) == score(rotated)


def test_factor_score_is_that_of_a_plain_loop() -> None:
    """One vote at a time, as the paper's algorithm 2 tells it; within four standard errors."""
    random = np.random.default_rng(1)
    variance = rotated(drawn(5_000)).var(0)
    votes = np.zeros((2, 5, 5))
    for k in range(3_000):
        fixed, factors = random.integers(5), random.integers(DSPRITES, size=(64, 5))
        factors[:, fixed] = random.integers(DSPRITES[fixed])
        votes[k % 2, fixed, (rotated(factors).var(0) / variance).argmin()] += 1
    expected = sum(votes[1, factor, code] for code, factor in enumerate(votes[0].argmax(0))) / 1_500
    assert score(rotated) == pytest.approx(expected, abs=4 * np.sqrt(2 * 0.25 / 1_500))


def test_factor_score_holds_one_factor_in_each_batch() -> None:
    asked: list[NDArray] = []

    def represent(factors: NDArray) -> NDArray:
        asked.append(factors)
        return perfect(factors)

    score(represent, train=300, evaluate=20)
    assert [len(call) for call in asked] == [5_000, 256 * 64, 44 * 64, 20 * 64]
    batches = np.concatenate(asked[1:]).reshape(-1, 64, 5)
    constant = (batches == batches[:, :1]).all(1)  # (votes, F)
    assert (constant.sum(1) == 1).all()
    assert constant.any(0).all()
    assert (batches.max((0, 1)) == np.array(DSPRITES) - 1).all()
    assert batches.min() == 0


def dci_of(code: Change, jobs: int = 1) -> DCI:
    train, test = drawn(500, SMALL), drawn(300, SMALL, seed=1)
    return dci(code(train), train, code(test), test, jobs)


def small_perfect(factors: NDArray) -> NDArray:
    return perfect(factors, SMALL)


def small_entangled(factors: NDArray) -> NDArray:
    return entangled(factors, SMALL)


def test_dci_of_the_perfect_code_is_one() -> None:
    scores = dci_of(small_perfect)
    assert scores.disentanglement > 0.99
    assert scores.completeness > 0.99
    assert scores.informativeness_test == 1
    np.testing.assert_allclose(scores.importance, np.eye(3), atol=1e-3)


def test_dci_of_a_mixture_is_low_though_it_tells_all() -> None:
    scores = dci_of(small_entangled)
    assert scores.disentanglement < 0.4
    assert scores.completeness < 0.4
    assert scores.informativeness_test > 0.9


def test_dci_of_noise_is_near_zero() -> None:
    scores = dci_of(lambda factors: noise(factors, 4))
    assert scores.disentanglement < 0.1
    assert scores.completeness < 0.1
    assert scores.informativeness_test == pytest.approx(np.mean([1 / s for s in SMALL]), abs=0.08)


def test_dci_is_that_of_scipy_s_entropies() -> None:
    scores = dci_of(lambda factors: np.hstack([small_entangled(factors)[:, :2], small_perfect(factors)]))
    importance = scores.importance
    rows = 1 - entropy(importance.T + 1e-11, base=3)
    columns = 1 - entropy(importance + 1e-11, base=5)
    assert scores.disentanglement == pytest.approx(rows @ importance.sum(1) / importance.sum())
    assert scores.completeness == pytest.approx(columns @ importance.sum(0) / importance.sum())


def test_dci_sees_neither_order_nor_sign_nor_the_dead() -> None:
    plain, moved = dci_of(small_entangled), dci_of(lambda factors: shuffled(small_entangled(factors)))
    np.testing.assert_allclose(moved.importance, plain.importance[::-1], atol=0.03)
    assert moved.disentanglement == pytest.approx(plain.disentanglement, abs=0.03)
    dead = dci_of(lambda factors: with_dead(small_perfect(factors)))
    assert dead.disentanglement > 0.99
    np.testing.assert_allclose(dead.importance[3:], 0, atol=1e-3)


def test_dci_of_codes_that_never_vary_is_zero() -> None:
    scores = dci_of(lambda factors: np.zeros((len(factors), 2), np.float32))
    assert scores.disentanglement == pytest.approx(0)
    assert scores.completeness == pytest.approx(0)


def test_dci_does_not_depend_on_the_jobs() -> None:
    alone, together = dci_of(small_entangled), dci_of(small_entangled, jobs=2)
    np.testing.assert_array_equal(alone.importance, together.importance)
    assert alone[:3] == together[:3]


def test_dci_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(ImportError, match="scikit-learn"):
        dci_of(small_perfect)


def test_what_cannot_be_measured_is_said() -> None:
    factors = grid(SMALL)
    codes = perfect(factors, SMALL)
    with pytest.raises(ValueError, match=r"\(24, 3\) and \(23, 3\)"):
        mutual_information(codes, factors[1:])
    with pytest.raises(ValueError, match="two codes"):
        mig(codes[:, :1], factors)
    with pytest.raises(ValueError, match="factor 1 has one value"):
        mig(codes, factors * [1, 0, 1])
    with pytest.raises(ValueError, match="finite"):
        mutual_information(codes * np.nan, factors)
    with pytest.raises(ValueError, match="two factors"):
        dci(codes, factors[:, :1], codes, factors[:, :1])
