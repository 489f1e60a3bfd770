"""A net from scratch that reads grey pictures of 64 x 64 pixels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from vaedemo.models.nets import Residual


class Grey(nn.Module):
    """Features of grey pictures: (B, 4, 32, 32) to four maps of `widths` channels with sides 32, 16, 8, 4."""

    def __init__(self, widths: Sequence[int], norm: bool):
        super().__init__()

        stages = [nn.Sequential(nn.Conv2d(4, widths[0], 3, 1, 1), nn.ReLU())]  # full size costs most: no more there
        for told, mine in pairwise(widths):
            halved = nn.Conv2d(told, mine, 4, 2, 1), nn.BatchNorm2d(mine) if norm else nn.Identity(), nn.ReLU()
            stages.append(nn.Sequential(*halved, Residual(mine, norm)))
        self.stages = nn.ModuleList(stages)

    def forward(self, planes: Tensor) -> list[Tensor]:
        maps = [planes]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps[1:]
