"""What is an error, and where does a discriminator look: two errors of a changed face, a score, and maps of them.

Pixels are compared one by one, Dis_l compares a hidden layer of the net `faces-critic` (Larsen 2016). Both errors are
given relative to the mean error between photographs of two people, so that one scale serves both.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from vaedemo.models.face_critic import FaceCritic


@dataclass(frozen=True)
class Error:
    """A squared error of one picture. In `relative` and `where` 1 is the mean error between two people."""

    error: float  # the mean of all numbers that are compared
    relative: float  # the same, relative to that between two people
    where: Tensor  # (H, W): relative, at each pixel; its mean is `relative`, but for the enlargement of Dis_l's map


@dataclass(frozen=True)
class Errors:
    pixels: Error
    features: Error  # Dis_l


@dataclass(frozen=True)
class Seen:
    """The critic's answer to B pictures: probabilities of a photograph, where photographs are as frequent as others."""

    scores: Tensor  # (B,), of whole pictures
    where: Tensor  # (B, H, W), of what surrounds each pixel


@torch.no_grad()
def errors(critic: FaceCritic, x: Tensor, changed: Tensor) -> Errors:
    """The two errors of a picture `changed`, compared with x; both (3, 64, 64) in [0, 1]."""
    pair = torch.stack([x, changed])
    maps = [(one[0] - one[1]).square().mean(0) for one in (pair, critic.judge(pair).hidden)]
    pixels, features = (_error(a_map, float(unit), x.shape[1:]) for a_map, unit in zip(maps, critic.between))
    return Errors(pixels, features)


@torch.no_grad()
def looks(critic: FaceCritic, x: Tensor) -> Seen:
    """How much pictures x (B, 3, 64, 64) in [0, 1] look like photographs, as a whole and place by place."""
    verdict = critic.judge(x)
    return Seen(verdict.logit.sigmoid(), _enlarged(verdict.places, x.shape[2:]).sigmoid())


def shifted(x: Tensor, right: int, down: int) -> Tensor:
    """Pictures x (B, C, H, W), moved by whole pixels; what comes in from outside repeats the edge."""
    reach = max(abs(right), abs(down), 1)
    height, width = x.shape[2:]
    padded = F.pad(x, (reach,) * 4, mode="replicate")
    return padded[:, :, reach - down : reach - down + height, reach - right : reach - right + width]


def blurred(x: Tensor, sigma: float) -> Tensor:
    """Pictures x (B, C, H, W) under a Gaussian blur of `sigma` pixels; the edge is repeated outside."""
    if sigma <= 0:
        return x
    reach = max(1, round(3 * sigma))
    offsets = torch.arange(-reach, reach + 1, dtype=x.dtype)
    bell = torch.exp(-(offsets**2) / (2 * sigma**2))
    bell = (bell / bell.sum()).expand(x.shape[1], 1, -1)
    x = F.conv2d(F.pad(x, (reach, reach, 0, 0), mode="replicate"), bell[:, :, None], groups=x.shape[1])
    return F.conv2d(F.pad(x, (0, 0, reach, reach), mode="replicate"), bell[..., None], groups=x.shape[1])


def brightened(x: Tensor, by: float) -> Tensor:
    """Pictures x in [0, 1], every number raised by `by`, and clipped to [0, 1]."""
    return (x + by).clamp(0, 1)


def _error(a_map: Tensor, unit: float, size: torch.Size) -> Error:
    error = float(a_map.mean())
    return Error(error, error / unit, _enlarged(a_map[None], size)[0] / unit)


def _enlarged(maps: Tensor, size: torch.Size) -> Tensor:
    """Maps (B, h, w), bilinear, as large as the pictures."""
    return F.interpolate(maps[:, None], size=list(size), mode="bilinear", align_corners=False)[:, 0]
