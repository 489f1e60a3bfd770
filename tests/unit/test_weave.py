"""What a decoder's upsampling weaves into pictures: seen, whatever its period, and unlearned."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vaedemo.models.weave import PERIOD, Weave, log_power

SIDE = 32


def photos(count: int, seed: int) -> torch.Tensor:
    """Smooth noise without a grid, (count, 3, SIDE, SIDE)."""
    dice = torch.Generator().manual_seed(seed)
    noise = torch.randn(count, 3, SIDE + 8, SIDE + 8, generator=dice)
    return 0.5 + 0.2 * torch.nn.functional.avg_pool2d(noise, 3, 1)[:, :, 3 : 3 + SIDE, 3 : 3 + SIDE]


def woven(x: torch.Tensor, period: int, strength: float) -> torch.Tensor:
    """With every `period`-th column a little brighter."""
    stripes = (torch.arange(SIDE) % period == 0).float() * strength
    return x + stripes


def test_power_is_that_of_a_discrete_fourier_transform_of_the_whole_picture() -> None:
    x = photos(3, 0)
    spectrum = np.fft.fft2(x.double().numpy()) / (SIDE / PERIOD) ** 2  # of the whole, at multiples of SIDE / PERIOD
    step = SIDE // PERIOD
    expected = np.log((np.abs(spectrum[..., ::step, ::step]) ** 2).mean((0, 1)).ravel()[1:])
    assert np.allclose(log_power(x).numpy(), expected, atol=1e-3)


def test_of_the_photos_themselves_nothing_is_wrong() -> None:
    weave = Weave()
    weave.begin(photos(64, 0))
    assert weave(photos(64, 0)).item() == 0
    assert weave(photos(64, 1)).item() < 0.2


@pytest.mark.parametrize("period", [2, 4, 8])
def test_a_pattern_of_any_period_is_seen(period: int) -> None:
    weave = Weave()
    weave.begin(photos(64, 0))
    plain = weave(photos(64, 1)).item()
    assert weave(woven(photos(64, 1), period, 0.2)).item() > 3 * plain


def test_a_wave_that_fits_no_such_pattern_is_no_business_of_it() -> None:
    weave = Weave()
    weave.begin(photos(64, 0))
    plain = weave(photos(64, 1)).item()
    wave = 0.2 * torch.cos(2 * torch.pi * 3 * torch.arange(SIDE) / SIDE)  # three times across the picture
    assert weave(photos(64, 1) + wave).item() == pytest.approx(plain, rel=0.01)


def test_its_slope_takes_a_pattern_out() -> None:
    weave, x = Weave(), photos(64, 1)
    weave.begin(photos(64, 0))
    strength = torch.tensor(0.2, requires_grad=True)
    optimizer = torch.optim.Adam([strength], lr=0.02)
    stripes = (torch.arange(SIDE) % 4 == 0).float()
    for _ in range(60):
        optimizer.zero_grad()
        weave(x + strength * stripes).backward()
        optimizer.step()
    assert abs(strength.item()) < 0.03
