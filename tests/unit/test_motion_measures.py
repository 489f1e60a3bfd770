"""Measures of forecasts, on forecasters whose figures are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from vaedemo import data
from vaedemo.data import Pictures, motion, motion_scenes
from vaedemo.evaluation import motion as measures
from vaedemo.evaluation.motion import Away
from vaedemo.models.motion import Futures, MotionRegressor

torch.set_num_threads(1)


class Known(MotionRegressor):
    """Gives what `answer` says of the still with this number."""

    def __init__(self, pictures: Pictures, answer):
        super().__init__(grey=[4, 4, 4, 4], channels=4)
        self.stills, self.answer = pictures.floats(slice(None)).flatten(1), answer

    def futures(self, y: Tensor, n: int, seed: int = 0, temperature: float = 1.0) -> Futures:
        return Futures(self.answer(int((self.stills - y).abs().sum(1).argmin()), n))


@pytest.fixture(scope="module")
def scenes() -> Pictures:
    whole = data.load("forks", "validation")
    return Pictures(whole.source, whole.synthetic, whole.x[:15], whole.y[:15])


def futures_of(pictures: Pictures, i: int) -> Tensor:
    return motion_scenes.scene_of(int(pictures.y[i, 0])).futures()


def test_parzen_is_a_mixture_of_gaussians_as_torch_has_it() -> None:
    torch.manual_seed(0)
    samples, true, width = torch.randn(7, motion.NUMBERS), torch.randn(motion.NUMBERS), 1.3
    mixture = MixtureSameFamily(Categorical(logits=torch.zeros(7)), Independent(Normal(samples, width), 1))
    squares = (samples - true).square().sum(1)[None]
    found = measures._nll(squares, width)
    assert float(found[0]) == pytest.approx(-float(mixture.log_prob(true)) / motion.NUMBERS, rel=1e-5)


def test_the_best_bandwidth_of_one_answer_is_its_error() -> None:
    sigma = 1.7
    squares = torch.full((6, 1), motion.NUMBERS * sigma**2)
    width = measures._bandwidth(Away(squares, torch.arange(6)))
    assert width == min((float(w) for w in measures.BANDWIDTHS), key=lambda w: abs(math.log(w / sigma)))
    entropy = 0.5 * math.log(2 * math.pi * math.e * sigma**2)
    assert float(measures._nll(squares, sigma)[0]) == pytest.approx(entropy)


def test_best_of_k_is_the_mean_least_of_groups() -> None:
    dice = np.random.default_rng(0)
    distances = dice.random((4, 100)).astype(np.float32)
    away = Away(torch.from_numpy(distances) ** 2 * motion.NUMBERS, torch.tensor([0, 0, 1, 2]))
    found = measures._best_of(away)
    for k in (1, 5, 50, 100):
        a_still = [row.reshape(-1, k).min(1).mean() for row in distances]
        by_hand = np.mean([np.mean(a_still[:2]), a_still[2], a_still[3]])
        assert found[f"best_of_{k}"] == pytest.approx(by_hand, rel=1e-4)
    falling = [found[f"best_of_{k}"] for k in measures.BEST_OF]
    assert falling == sorted(falling, reverse=True)


def test_one_answer_is_the_best_of_any_number() -> None:
    found = measures._best_of(Away(torch.full((3, 1), 4.0 * motion.NUMBERS), torch.arange(3)))
    assert set(found.values()) == {2.0}


def test_every_source_counts_alike() -> None:
    values, sources = torch.tensor([1.0, 1.0, 1.0, 5.0]), torch.tensor([3.0, 3.0, 3.0, 8.0])
    assert measures._mean_by_source(values, sources) == 3.0


def test_intervals_are_over_sources_not_stills() -> None:
    torch.manual_seed(0)
    apart = torch.randn(40)
    low, high = measures._interval(apart.repeat_interleave(50), torch.arange(40).repeat_interleave(50))
    error = float(apart.std()) / math.sqrt(40)
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.15)  # a hundredth of that, were stills drawn anew
    assert low < float(apart.mean()) < high


def test_who_knows_all_futures_finds_all_with_even_shares(scenes: Pictures) -> None:
    def perfect(i: int, n: int) -> Tensor:
        futures = futures_of(scenes, i)
        return futures[torch.arange(n) % len(futures)]

    found = measures.mode_coverage(Known(scenes, perfect), scenes)  # type: ignore[arg-type]
    assert [found[f"modes_found_{m}"] for m in (2, 3, 4)] == [1, 1, 1]
    assert found["mode_share_error"] < 0.01
    assert found["mode_shares_within_half"] == 1


def test_who_knows_one_future_finds_one(scenes: Pictures) -> None:
    known = Known(scenes, lambda i, n: futures_of(scenes, i)[:1].expand(n, -1, -1, -1))
    found = measures.mode_coverage(known, scenes)  # type: ignore[arg-type]
    assert [found[f"modes_found_{m}"] for m in (2, 3, 4)] == pytest.approx([1 / 2, 1 / 3, 1 / 4])
    kinds = [motion_scenes.scene_of(int(number)).modes for number in scenes.y[:, 0]]
    assert found["mode_share_error"] == pytest.approx(np.mean(kinds) - 1)


def test_the_mean_of_all_futures_is_none_of_them(scenes: Pictures) -> None:
    known = Known(scenes, lambda i, n: futures_of(scenes, i).mean(0, keepdim=True).expand(n, -1, -1, -1))
    found = measures.mode_coverage(known, scenes)  # type: ignore[arg-type]
    assert found["modes_found_4"] == 0


def test_cells_at_rest(scenes: Pictures) -> None:
    true = motion.of_rows(scenes.y)
    exact = Known(scenes, lambda i, n: true[i : i + 1].expand(n, -1, -1, -1))
    assert measures.static_cell_motion(exact, scenes)["still_motion_ratio"] < 0.01  # type: ignore[arg-type]
    everything = torch.zeros(10, 16, 16)
    everything[1] = 4.0
    smear = Known(scenes, lambda i, n: everything.expand(n, -1, -1, -1))
    assert measures.static_cell_motion(smear, scenes)["still_motion_ratio"] == pytest.approx(1)  # type: ignore[arg-type]


def test_a_nearer_forecaster_has_the_lower_nll(scenes: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    true = motion.of_rows(scenes.y)
    monkeypatch.setattr(measures, "_validation_of", lambda *_: scenes)

    def within(sigma: float) -> Known:
        return Known(scenes, lambda i, n: true[i : i + 1] + sigma * torch.randn(8, 10, 16, 16))

    found = [measures.parzen_nll(within(sigma), scenes) for sigma in (0.2, 1.0, 3.0)]
    assert found[0]["nll"] < found[1]["nll"] < found[2]["nll"]
    assert found[0]["best_of_1"] == pytest.approx(0.2, rel=0.05)
    assert found[2]["best_of_10"] < found[2]["best_of_1"]


def test_the_best_noise_is_found_on_validation(scenes: Pictures) -> None:
    true = motion.of_rows(scenes.y)
    known = Known(scenes, lambda i, n: true[i : i + 1] + 1.0)
    found = measures._with_noise(measures._method(known), scenes, scenes)
    assert found["best_of_10_regressor_noise"] == pytest.approx(1.0, rel=0.02)  # in 2,560 directions noise never helps


def rigid(*offsets: float) -> Tensor:
    """Futures in which a patch of cells ends so many pixels to the right, (n, 10, 16, 16)."""
    ease = (1 - torch.cos(torch.pi * (torch.arange(16) + 0.5) / 16)) / 2
    ways = torch.zeros(len(offsets), 2, 16, 16, 16)
    ways[:, 0, :, 5:8, 5:8] = (torch.tensor(offsets)[:, None] * ease)[:, :, None, None]
    return motion.to_coefficients(ways)


def drawn(scenes: Pictures, shares: tuple[float, ...], ways: Tensor, noise: float = 0.02) -> Known:
    """Gives each of these `ways` (m, 10, 16, 16) with its share, whatever the still."""
    dice = torch.Generator().manual_seed(0)

    def answer(i: int, n: int) -> Tensor:
        counts = [round(share * n) for share in shares]
        which = torch.repeat_interleave(torch.arange(len(shares)), torch.tensor(counts))[
            torch.randperm(n, generator=dice)
        ]
        return ways[which] + noise * torch.randn(n, 10, 16, 16, generator=dice)

    return Known(scenes, answer)


@pytest.mark.parametrize(
    ("shares", "groups"),
    [((1.0,), 1), ((0.5, 0.5), 2), ((0.4, 0.3, 0.3), 3), ((0.95, 0.05), 1), ((0.86, 0.14), 2)],
)
def test_groups_count_from_a_tenth_of_the_draws_on(scenes: Pictures, shares: tuple[float, ...], groups: int) -> None:
    known = drawn(scenes, shares, rigid(8.0, -8.0, 24.0)[: len(shares)])
    assert measures.spread_of_draws(known, scenes)["future_groups"] == groups  # type: ignore[arg-type]


def test_draws_of_the_truths_own_distribution_are_as_far_apart_as_from_the_truth(scenes: Pictures) -> None:
    """Truth and draws alike are one of two ways, each as often: a draw is off by nothing or by what lies between."""
    ways = rigid(9.0, -9.0)
    truth = Pictures(scenes.source, True, scenes.x, motion.rows(torch.arange(15), ways[torch.arange(15) % 2]))
    even = measures.spread_of_draws(drawn(scenes, (0.5, 0.5), ways, 0.0), truth)["draws_apart"]  # type: ignore[arg-type]
    assert even == pytest.approx(1, abs=0.06)
    timid = drawn(scenes, (0.5, 0.5), ways / 3, 0.0)  # two draws: 0 or 6 pixels; from the truth: 6 or 12
    assert measures.spread_of_draws(timid, truth)["draws_apart"] == pytest.approx(1 / 3, abs=0.03)  # type: ignore[arg-type]
    one = drawn(scenes, (1.0,), rigid(3.0), 0.0)
    assert measures.spread_of_draws(one, truth)["draws_apart"] == pytest.approx(0, abs=1e-4)  # type: ignore[arg-type]
