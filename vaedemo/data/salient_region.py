"""The one thing in a photo whose color could be another: a connected region of one strong hue, apart from the rest.

Its hue is turned in training, so that a model sees the same van in other colors. So a region is refused sooner than
taken: at the picture's border, in the colors of skin, wood and earth, of leaves, and of the sky at its place.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from vaedemo.vision import cielab

LEAST, MOST = 0.035, 0.5  # of the picture's cells
HUES = 12  # tried, evenly round the circle, each with what is within `NEAR`
NEAR = np.pi / 5  # radians of hue
STRONG = 0.11  # chroma, ab / 128, of a cell that may belong to the region
APART = 0.14  # of the region's mean color from that of its surroundings, and from the median of all else
VIVID = 0.17  # chroma of its mean color
AT_BORDER = 0.16  # of the border's cells that may be the region's
EARTH, LEAVES, SKY = (0.4, 1.3), (1.5, 2.6), (-2.6, -0.8)  # hues in radians


def salient_region(ab: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """The region (32, 32) of a color field (2, 32, 32), ab / 128, that stands out most; None where none does."""
    chroma, hue = np.hypot(*ab), np.arctan2(ab[1], ab[0])
    if (chroma > STRONG).mean() < LEAST:
        return None
    best, found = 0.0, None
    for middle in np.arange(HUES) * (2 * np.pi / HUES):
        away = np.abs((hue - middle + np.pi) % (2 * np.pi) - np.pi)
        region = _largest((away < NEAR) & (chroma > STRONG))
        score = 0.0 if region is None else _stands_out(ab, region)
        if score > best:
            best, found = score, region
    return found


def _largest(cells: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The largest connected part of some cells, gaps closed and holes filled; None where its size is not right."""
    parts, count = ndimage.label(ndimage.binary_closing(cells) | cells)  # type: ignore[misc]
    if not count:
        return None
    largest = np.bincount(parts.ravel())[1:].argmax() + 1
    region = np.asarray(ndimage.binary_fill_holes(parts == largest), bool)
    return region if LEAST < region.mean() < MOST else None


def _stands_out(ab: NDArray[np.float32], region: NDArray[np.bool_]) -> float:
    """How much a region stands out: its distance in color, times its length; 0 where it may be no thing of its own."""
    near = np.asarray(ndimage.binary_dilation(region), bool)
    around = np.asarray(ndimage.binary_dilation(region, iterations=3), bool) & ~near
    border = np.concatenate([region[0], region[-1], region[:, 0], region[:, -1]]).mean()
    mine = ab[:, region].mean(1)
    chroma, hue = float(np.hypot(*mine)), float(np.arctan2(mine[1], mine[0]))
    if around.sum() < 20 or border > AT_BORDER or chroma < VIVID or _is_natural(region, chroma, hue):
        return 0.0
    distances = mine - ab[:, around].mean(1), mine - np.median(ab[:, ~region], axis=1)
    distance = min(float(np.hypot(*one)) for one in distances)
    return distance * (1 - border) * float(np.sqrt(region.mean())) if distance > APART else 0.0


def _is_natural(region: NDArray[np.bool_], chroma: float, hue: float) -> bool:
    """Whether a region has the color of skin, wood or earth, of leaves, or of the sky and lies where that does."""
    if EARTH[0] < hue < EARTH[1] and chroma < 0.36:
        return True
    if LEAVES[0] < hue < LEAVES[1] and chroma < 0.3:
        return True
    rows = np.nonzero(region)[0]
    return SKY[0] < hue < SKY[1] and bool(region[0].mean() > 0.1 or rows.mean() < 12)


def turned(ab: Tensor, light: Tensor, region: Tensor, angle: Tensor) -> Tensor:
    """Color fields (B, 2, 32, 32) with the hue of a region (B, 32, 32), in [0, 1], turned by angles (B,) in radians.

    `light` (B, 32, 32) is L / 100: colors that sRGB lacks at it become the nearest that it has.
    """
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    turned_ab = torch.stack([cos * ab[:, 0] - sin * ab[:, 1], sin * ab[:, 0] + cos * ab[:, 1]], 1)
    shown = cielab.to_rgb(light[:, None], turned_ab)
    return torch.lerp(ab, cielab.from_rgb(shown)[1], region[:, None])
