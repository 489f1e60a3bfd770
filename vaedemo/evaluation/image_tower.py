"""What the image tower's maps tell of colors, by a straight line through them: a linear probe (Alain & Bengio 2017)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from vaedemo.data import Pictures, photos
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.image_tower import PIECE, ImageTower, photos_light

CELLS = 8  # a side of the maps and fields that are compared
RIDGE = 1e-2  # of the mean variance of a channel


@measure(
    "photos",
    "tower",
    units={"probe_r2": "share of the variance of ab that a linear function of the maps explains, 8 x 8 cells"},
)
def linear_probe(model: ImageTower, pictures: Pictures) -> Numbers:
    """probe_r2: of ridge regressions of each cell's ab on the tower's maps there, learned on every other picture of the
    split and measured on the rest."""
    maps, colors = [], []
    for index in torch.arange(len(pictures)).split(PIECE):
        x = pictures.floats(index)
        told = [F.interpolate(one, (CELLS, CELLS), mode="area") for one in model(photos_light(x))]
        maps.append(torch.cat(told, 1).permute(0, 2, 3, 1).flatten(1, 2))
        ab = 2 * x[:, photos.PLANES : photos.PLANES + 2] - 1
        colors.append(F.adaptive_avg_pool2d(ab, CELLS).permute(0, 2, 3, 1).flatten(1, 2))
    x, y = torch.cat(maps), torch.cat(colors)
    return {"probe_r2": explained(*(some.flatten(0, 1) for some in (x[::2], y[::2], x[1::2], y[1::2])))}


def explained(x: Tensor, y: Tensor, new_x: Tensor, new_y: Tensor) -> float:
    """R2 at rows (M, D) and (M, C) of the ridge regression that is learned from rows (N, D) and (N, C)."""
    mean, scale = x.mean(0), x.std(0).clamp_min(1e-6)
    x, new_x = ((some - mean) / scale for some in (x, new_x))
    weights = torch.linalg.solve(x.T @ x / len(x) + RIDGE * torch.eye(x.shape[1]), x.T @ (y - y.mean(0)) / len(x))
    error = (new_y - y.mean(0) - new_x @ weights).square().sum()
    return 1 - float(error / (new_y - new_y.mean(0)).square().sum())
