"""One thing in other colors: codes whose fields agree with one coloring everywhere but where the thing is.

No two of some hundred draws of P(z|grey) agree in all but one thing. So a code is looked for that does: the likeliest
one, given a color at the chosen cell and the coloring's own colors elsewhere. For that a field counts as a linear
function of its code, which is learned from the draws: then it is least squares, as in the ensemble Kalman filter
(Evensen 1994). What belongs to the thing the draws say as well: cells whose colors the chosen cell's color foretells.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

AGREE = 64.0  # as many places must agree as `distances` looks at: neighbors say the same
SIGMA = 10 / 128  # of ab / 128: as far off elsewhere a color may be, and still agrees
NEAR = 2 / 128  # of ab / 128: as far off at the cell itself the color may be
LITTLE = 1e-3  # of the codes' variance, added to each: draws may not fill all directions


class Response(NamedTuple):
    """How color fields follow codes around their mean."""

    covariance: Tensor  # of the codes, (Z, Z)
    slopes: Tensor  # of the fields, (Z, 2, 32, 32)


def response(codes: Tensor, fields: Tensor) -> Response:
    """The linear map from codes (N, Z) to their fields (N, 2, 32, 32) that is nearest by squared error."""
    away = codes - codes.mean(0)
    covariance = away.T @ away / len(codes)
    covariance += LITTLE * covariance.diagonal().mean() * torch.eye(len(covariance))
    moved = (fields - fields.mean(0)).flatten(1)
    slopes = torch.linalg.solve(covariance, away.T @ moved / len(codes))
    return Response(covariance, slopes.unflatten(1, fields.shape[1:]))


def belonging(known: Response, row: int, column: int) -> Tensor:
    """How much of each cell's variance the color at one cell foretells, from 0 to 1, (32, 32)."""
    here = known.slopes[:, :, row, column]  # (Z, 2)
    spread = here.T @ known.covariance @ here + 1e-8 * torch.eye(2)
    shared = torch.einsum("zc,zy,ykhw->ckhw", here, known.covariance, known.slopes)
    told = torch.einsum("ckhw,cd,dkhw->hw", shared, torch.linalg.inv(spread), shared)
    total = torch.einsum("zkhw,zy,ykhw->hw", known.slopes, known.covariance, known.slopes)
    return (told / (total + 1e-8)).clamp(0, 1)


def recolored(base: Tensor, away: Tensor, known: Response, row: int, column: int, part: Tensor) -> Tensor:
    """The likeliest codes (N, Z) near `base` (Z,) whose color at a cell is `away` (N, 2) from that of `base`, and whose
    fields are its field wherever `part` (32, 32) is 0; where fields are linear in z, and z is Gaussian around `base`.
    """
    held = known.slopes * (AGREE / part.numel() * (1 - part)).sqrt() / SIGMA
    here = known.slopes[:, :, row, column] / NEAR
    precision = torch.linalg.inv(known.covariance) + held.flatten(1) @ held.flatten(1).T + here @ here.T
    return base + torch.linalg.solve(precision, here @ away.T / NEAR).T
