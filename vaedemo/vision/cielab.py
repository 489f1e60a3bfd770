"""CIE Lab of sRGB pictures (D65), and colors spread from a small ab field over a large picture.

L is in [0, 100]. The color field ab is kept as ab / 128, which every sRGB color has within [-1, 1].
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE = 32  # cells of a color field, as the packs store color: at half the resolution of their 64x64 pixels
PIECE = 1 << 16  # pixels at once: what a cache holds
FLAT = 2e-4  # variance of L / 100 below which a neighbourhood counts as one surface
_WHITE = torch.tensor([0.95047, 1.0, 1.08883])
_XYZ = torch.tensor([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
_RGB = torch.linalg.inv(_XYZ)
_KNEE = 6 / 29
_LEVELS = 4_096  # of the table from linear light to sRGB's curve


def _linear(rgb: Tensor) -> Tensor:
    """The light of sRGB levels, both in [0, 1]."""
    return torch.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)


_LINEAR = _linear(torch.arange(256) / 255)
_LIGHT = torch.linspace(0, 1, _LEVELS + 1)
_CURVE = torch.where(_LIGHT > 0.0031308, 1.055 * _LIGHT ** (1 / 2.4) - 0.055, 12.92 * _LIGHT)


def from_rgb(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """L / 100 (B, 1, H, W) and ab / 128 (B, 2, H, W) of pictures (B, 3, H, W) in [0, 1]."""
    x, y, z = _root(torch.einsum("ij,bjhw->bihw", _XYZ / _WHITE[:, None], _linear(rgb))).unbind(1)
    return (1.16 * y - 0.16)[:, None], torch.stack([500 / 128 * (x - y), 200 / 128 * (y - z)], 1)


def lightness(rgb: Tensor) -> Tensor:
    """L / 100 (1, 1, H, W) of a picture (H, W, 3) uint8, piece by piece as in `colored`."""
    weights = _XYZ[1]
    pieces = [_root(_LINEAR[part.int()] @ weights) * 1.16 - 0.16 for part in rgb.flatten(0, 1).split(PIECE)]
    return torch.cat(pieces).view(1, 1, *rgb.shape[:2])


def to_rgb(light: Tensor, ab: Tensor) -> Tensor:
    """Pictures (B, 3, H, W) in [0, 1] of L / 100 (B, 1, H, W) and ab / 128 (B, 2, H, W); what sRGB lacks is clipped."""
    y = (light[:, 0] + 0.16) / 1.16
    xyz = torch.stack([y + ab[:, 0] * (128 / 500), y, y - ab[:, 1] * (128 / 200)], 1)
    xyz = torch.where(xyz > _KNEE, xyz**3, 3 * _KNEE**2 * (xyz - 4 / 29))
    rgb = torch.einsum("ij,bjhw->bihw", _RGB * _WHITE, xyz).clamp_(0, 1)
    return _CURVE[(rgb * _LEVELS).round_().int()]


def spread(ab: Tensor, light: Tensor) -> Tensor:
    """Color fields (B, 2, h, w) at the size of the picture's L / 100 (1, 1, H, W): colors follow its edges.

    Each cell's color is fitted as a linear function of the lightness around it, and the functions, not the colors, are
    enlarged and applied to every pixel (fast guided filter: He & Sun 2015; the guided filter: He et al. 2010, eq. 5-8).
    """
    return _applied(_fitted(ab, light), light, slice(None))


def _fitted(ab: Tensor, light: Tensor) -> Tensor:
    """The functions of `spread`: two slopes and two starts for each cell, (B, 4, h, w)."""
    height, width = ab.shape[-2:]
    small = F.adaptive_avg_pool2d(light, (height, width))
    mean, mean_ab = _around(small), _around(ab)
    slope = (_around(small * ab) - mean * mean_ab) / (_around(small * small) - mean * mean + FLAT)
    return torch.cat([_around(slope), _around(mean_ab - slope * mean)], 1)


def _applied(lines: Tensor, light: Tensor, rows: slice) -> Tensor:
    """The fields that `_fitted`'s functions give on some rows of the picture."""
    (height, width), (tall, wide) = lines.shape[-2:], light.shape[-2:]
    slope, start = (_enlarging(height, tall)[rows] @ lines @ _enlarging(width, wide).T).chunk(2, 1)
    return torch.addcmul(start, slope, light[:, :, rows])


def colored(ab: Tensor, light: Tensor) -> Tensor:
    """The picture of L / 100 (1, 1, H, W) in the colors of one field (1, 2, h, w): (H, W, 3) uint8.

    Piece by piece: of twenty megapixels the whole in floats would take a gigabyte.
    """
    tall, wide = light.shape[-2:]
    piece = max(1, PIECE // wide)
    strips = [slice(top, top + piece) for top in range(0, tall, piece)]
    lines = _fitted(ab, light)
    return torch.cat(
        [
            (to_rgb(light[:, :, rows], _applied(lines, light, rows))[0] * 255 + 0.5).to(torch.uint8).permute(1, 2, 0)
            for rows in strips
        ]
    )


def _root(xyz: Tensor) -> Tensor:
    """CIE's cube root, straight near black."""
    return torch.where(xyz > _KNEE**3, xyz.clamp_min(1e-9) ** (1 / 3), xyz / (3 * _KNEE**2) + 4 / 29)


def _around(x: Tensor) -> Tensor:
    """The mean over the 3x3 cells around each, of those that there are."""
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


def _enlarging(n: int, large: int) -> Tensor:
    """The matrix (large, n) of bilinear enlargement along an axis."""
    return F.interpolate(torch.eye(n)[None], large, mode="linear", align_corners=False)[0].T
