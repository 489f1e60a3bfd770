"""Hints and bins of colors, written out by hand."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Normal

from vaedemo.models.color_fields import HINT, Draws, bins_of, color_of, hinted

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def test_a_hint_weighs_draws_by_a_gaussian() -> None:
    fields = torch.zeros(4, 2, 32, 32)
    fields[:, 0, 3, 9] = torch.tensor([0.0, 0.1, 0.1, 0.4])
    draws = Draws(torch.tensor([0, 0, 1, 2]), fields)
    weights, mean = hinted(draws, [(3, 9, (0.1, 0.0))], 4)
    density = Normal(0.0, HINT).log_prob(fields[:, 0, 3, 9] - 0.1).exp()
    share = density / density.sum()
    assert torch.allclose(weights, torch.stack([share[:2].sum(), share[2], share[3], torch.tensor(0.0)]), atol=1e-6)
    assert torch.allclose(mean[0, 0, 3, 9], 0.1 * share[1] / share[:2].sum(), atol=1e-6)
    assert torch.allclose(mean[2, 0, 3, 9], torch.tensor(0.4))


def test_without_hints_every_draw_counts_alike() -> None:
    fields = torch.randn(6, 2, 32, 32)
    weights, mean = hinted(Draws(torch.tensor([0, 0, 0, 1, 1, 2]), fields), [], 3)
    assert torch.allclose(weights, torch.tensor([3.0, 2.0, 1.0]) / 6)
    assert torch.allclose(mean[0], fields[:3].mean(0), atol=1e-6)


def test_bins_hold_their_own_middles_and_nothing_is_outside() -> None:
    numbers = torch.arange(100).view(1, 10, 10)
    assert torch.equal(bins_of(color_of(numbers)), numbers)
    assert set(bins_of(torch.tensor([-1.0, 1.0]).view(1, 2, 1, 1)).flatten().tolist()) == {9}
