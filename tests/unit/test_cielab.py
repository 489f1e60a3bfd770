"""Lab against scikit-image, and the spreading of colors against the guided filter written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage import color
from torch.nn import functional as F

from vaedemo.vision import cielab

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def every_kind() -> torch.Tensor:
    """Pictures (1, 3, 60, 60): random colors, the corners of the cube, near blacks."""
    x = torch.rand(1, 3, 60, 60)
    x[0, :, 0, :8] = torch.cartesian_prod(*3 * [torch.tensor([0.0, 1.0])]).T
    x[0, :, 1] *= 0.02
    return x


def test_lab_is_that_of_scikit_image() -> None:
    rgb = every_kind()
    light, ab = cielab.from_rgb(rgb)
    expected = color.rgb2lab(rgb[0].permute(1, 2, 0).double().numpy())
    assert np.abs(100 * light[0, 0].numpy() - expected[..., 0]).max() < 1e-3
    assert np.abs(128 * ab[0].permute(1, 2, 0).numpy() - expected[..., 1:]).max() < 2e-3


def test_there_and_back_is_the_same_picture() -> None:
    rgb = every_kind()
    assert (cielab.to_rgb(*cielab.from_rgb(rgb)) - rgb).abs().max() < 1 / 255


def test_colors_that_srgb_lacks_are_clipped() -> None:
    shown = cielab.to_rgb(torch.full((1, 1, 1, 1), 0.5), torch.tensor([0.9, 0.9]).view(1, 2, 1, 1))
    assert shown.min() >= 0
    assert shown.max() <= 1


def test_lightness_of_bytes_is_lightness() -> None:
    rgb = (every_kind() * 255).round()
    light, _ = cielab.from_rgb(rgb / 255)
    alone = cielab.lightness(rgb[0].permute(1, 2, 0).to(torch.uint8))
    assert (alone - light).abs().max() < 1e-5


def guided(ab: np.ndarray, light: np.ndarray) -> np.ndarray:
    """He & Sun's fast guided filter, cell by cell: fields (2, h, w) on a lightness (H, W) whose sides are multiples."""
    _, h, w = ab.shape
    tall, wide = light.shape
    small = light.reshape(h, tall // h, w, wide // w).mean((1, 3))

    def around(x: np.ndarray) -> np.ndarray:
        found = np.empty_like(x)
        for i in range(h):
            for j in range(w):
                found[i, j] = x[max(0, i - 1) : i + 2, max(0, j - 1) : j + 2].mean()
        return found

    painted = []
    for plane in ab:
        mean = around(small)
        slope = (around(small * plane) - mean * around(plane)) / (around(small**2) - mean**2 + cielab.FLAT)
        lines = [around(slope), around(around(plane) - slope * mean)]
        a, b = (
            F.interpolate(torch.from_numpy(x)[None, None], (tall, wide), mode="bilinear", align_corners=False)[0, 0]
            for x in lines
        )
        painted.append(a.numpy() * light + b.numpy())
    return np.stack(painted)


def test_colors_spread_as_the_guided_filter_says() -> None:
    ab, light = 0.3 * torch.randn(3, 2, 8, 8, dtype=torch.float64), torch.rand(1, 1, 40, 24, dtype=torch.float64)
    spread = cielab.spread(ab.float(), light.float())
    for field, shown in zip(ab, spread):
        assert np.abs(shown.numpy() - guided(field.numpy(), light[0, 0].numpy())).max() < 1e-4


def test_an_even_color_stays_even_on_any_picture() -> None:
    field = torch.tensor([0.2, -0.3]).view(1, 2, 1, 1).expand(1, 2, 32, 32)
    spread = cielab.spread(field, torch.rand(1, 1, 77, 130))
    assert (spread - field[:, :, :1, :1]).abs().max() < 1e-4


def test_colors_follow_an_edge_that_no_cell_does() -> None:
    light = torch.full((1, 1, 256, 256), 0.3)
    light[..., 129:] = 0.8  # inside of a cell of eight pixels
    field = F.adaptive_avg_pool2d(torch.where(light > 0.5, 0.4, -0.4).expand(1, 2, -1, -1), 32)
    spread = cielab.spread(field, light)[0, 0]
    assert spread[:, 128].max() < -0.3
    assert spread[:, 129].min() > 0.3


def test_pieces_make_the_same_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    field, light = 0.3 * torch.randn(1, 2, 32, 32), torch.rand(1, 1, 50, 41)
    whole = cielab.colored(field, light)
    at_once = cielab.to_rgb(light, cielab.spread(field, light))[0]
    assert torch.equal(whole, (at_once * 255 + 0.5).byte().permute(1, 2, 0))
    monkeypatch.setattr(cielab, "PIECE", 41 * 7)
    assert (cielab.colored(field, light).int() - whole.int()).abs().max() <= 1
