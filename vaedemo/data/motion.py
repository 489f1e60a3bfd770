"""Trajectories of a still's cells (Walker 2016, section 3): where each part of it is over the next 0.6 seconds.

A still is 64 x 64 pixels; each cell of a 16 x 16 grid has one trajectory: its offset in x and y from where it is in the
still, in pixels of the still, at 16 instants from 0 to 0.6 s. Models see the first five coefficients of each axis'
orthonormal discrete cosine transform (DCT-II) over the instants: a tensor (10, 16, 16), the five of x first.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

SIDE, GRID = 64, 16
CELL = SIDE // GRID  # pixels
SECONDS, TIMES = 0.6, 16
KEPT = 5  # coefficients an axis
PLANES = 2 * KEPT
NUMBERS = PLANES * GRID * GRID  # coefficients of a still
MOVES = 0.5  # pixels of still's motion from which on a cell counts as moving

_BASIS = torch.tensor(
    [
        [math.sqrt((1 if k == 0 else 2) / TIMES) * math.cos(math.pi * (t + 0.5) * k / TIMES) for t in range(TIMES)]
        for k in range(KEPT)
    ]
)  # (5, 16), its rows orthonormal


def to_coefficients(offsets: Tensor) -> Tensor:
    """Trajectories (..., 10, 16, 16) of offsets (..., 2, 16 instants, 16, 16) in pixels."""
    return torch.einsum("kt,...ctij->...ckij", _BASIS.to(offsets), offsets).flatten(-4, -3)


def to_offsets(trajectories: Tensor) -> Tensor:
    """Offsets (..., 2, 16 instants, 16, 16) in pixels of trajectories (..., 10, 16, 16).

    Five coefficients do not quite end in nothing at the first instant; what they leave there is taken off everywhere.
    """
    parts = trajectories.unflatten(-3, (2, KEPT))
    offsets = torch.einsum("kt,...ckij->...ctij", _BASIS.to(parts), parts)
    return offsets - offsets[..., :1, :, :]


def to_ends(trajectories: Tensor) -> Tensor:
    """The last instant of `to_offsets`, (..., 2, 16, 16) in pixels: in a fifth of the time."""
    parts = trajectories.unflatten(-3, (2, KEPT))
    first, last = torch.einsum("kt,...ckij->t...cij", _BASIS[:, [0, -1]].to(parts), parts)
    return last - first


def reach(trajectories: Tensor) -> Tensor:
    """How far each cell gets from its place, in pixels, (..., 16, 16), of trajectories (..., 10, 16, 16)."""
    return to_offsets(trajectories).square().sum(-4).amax(-3).sqrt()


def mirrored(trajectories: Tensor) -> Tensor:
    """Of the still's mirror image: left and right changed, in place and in direction."""
    flipped = trajectories.flip(-1)
    return torch.cat([-flipped[..., :KEPT, :, :], flipped[..., KEPT:, :, :]], -3)


def at_pace(trajectories: Tensor, pace: Tensor) -> Tensor:
    """Of clips (N, 10, 16, 16) played at a pace (N,) of at most 1: where they would be after that part of the time."""
    offsets = to_offsets(trajectories)
    place = torch.arange(TIMES, device=pace.device) * pace[:, None]  # (N, 16), of instants
    before = place.long().clamp(max=TIMES - 2)
    part = (place - before)[:, None, :, None, None]
    at = before[:, None, :, None, None].expand_as(offsets)
    return to_coefficients((1 - part) * offsets.gather(2, at) + part * offsets.gather(2, at + 1))


def rows(sources: Tensor, trajectories: Tensor) -> Tensor:
    """What a data set of stills has as y, (N, 1 + 2560) float32: the source's number, then the trajectories."""
    return torch.cat([sources[:, None].float(), trajectories.flatten(1)], 1)


def of_rows(y: Tensor) -> Tensor:
    """The trajectories (N, 10, 16, 16) of rows y (N, 2561)."""
    return y[:, 1:].unflatten(1, (PLANES, GRID, GRID))
