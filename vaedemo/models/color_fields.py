"""What all models of color fields share: bins of colors, answers to a grey picture, and what hints make of draws.

Color fields are ab / 128, (B, 2, 32, 32).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

BINS, WIDE = 10, 16 / 128  # colors by the value of a, of b; a bin's width. The outermost take what lies beyond
HINT = 10 / 128  # sigma of a hint: how far a color may be from the dab that it agrees with
COLORIZE = (  # the card's example of every model here
    "from pathlib import Path\n"
    "from vaedemo import colorize\n"
    'photo = colorize.photo(Path("photo.jpg"))\n'
    'found = colorize.answers("{name}", photo.grey, 8, seed=0)  # fields (n, 2, 32, 32)\n'
    "for i, jpeg in enumerate(colorize.jpegs(photo.light, found.fields)):\n"
    '    Path(f"colors{i}.jpg").write_bytes(jpeg)'
)


def bins_of(ab: Tensor) -> Tensor:
    """The number of each cell's color bin, (B, 32, 32), for color fields (B, 2, 32, 32)."""
    steps = (ab / WIDE + BINS / 2).floor().clamp(0, BINS - 1).long()
    return steps[:, 0] * BINS + steps[:, 1]


def color_of(number: Tensor) -> Tensor:
    """The middle of color bins, (B, 2, 32, 32), for their numbers (B, 32, 32)."""
    return (torch.stack([number // BINS, number % BINS], 1) + 0.5 - BINS / 2) * WIDE


class Answers(NamedTuple):
    """n colorings of one grey picture, the likeliest first where there are weights."""

    fields: Tensor  # (n, 2, 32, 32)
    weights: Tensor | None = None  # (n,), their sum at most 1
    z: Tensor | None = None  # (n, Z)


class Draws(NamedTuple):
    """Draws of P(z|grey) for one grey picture: what hints choose among."""

    answer: Tensor  # (n,) the one of `Answers` that each draw counts to
    fields: Tensor  # (n, 2, 32, 32)


def hinted(draws: Draws, dabs: Sequence[tuple[int, int, tuple[float, float]]], count: int) -> tuple[Tensor, Tensor]:
    """Weights (K,) and color fields (K, 2, 32, 32) of the `count` answers, once colors were told at some places.

    dabs: (row, column, (a, b) / 128) of cells. Each draw counts by p(dabs|its field), Gaussian with sigma `HINT`:
    importance sampling of the posterior. An answer's weight is its draws', its field their weighted mean.
    """
    away = draws.fields.new_zeros(len(draws.fields))
    for row, column, ab in dabs:
        away = away + (draws.fields[:, :, row, column] - draws.fields.new_tensor(ab)).square().sum(1)
    log_weights = -away / (2 * HINT**2)
    whose = F.one_hot(draws.answer, count).T  # (K, n)
    within = torch.where(whose > 0, log_weights, -1e9).softmax(1)  # also where all of an answer are far off
    weights = torch.where(whose > 0, log_weights.softmax(0), 0).sum(1)
    return weights, torch.einsum("kn,nchw->kchw", within, draws.fields)
