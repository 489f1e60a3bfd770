"""A net from scratch that reads grey pictures of 64 x 64 pixels, and a classifier of colors that it learns by.

A picture x (B, 6, 32, 32) is four planes of L / 100, the 2 x 2 pixels of each cell, and the two of the cell's color.
The condition y (B, 4096) is the four planes of L in a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vaedemo.models.base import Batch, Terms, Trainable, model
from vaedemo.models.color_fields import BINS, bins_of
from vaedemo.models.nets import Residual
from vaedemo.vision.cielab import SIDE


def lightness(x: Tensor) -> Tensor:
    """The condition y (B, 4096) of pictures x (B, 6, 32, 32)."""
    return x[:, :4].flatten(1)


def field(x: Tensor) -> Tensor:
    """The color field (B, 2, 32, 32) of pictures x (B, 6, 32, 32)."""
    return 2 * x[:, 4:] - 1


def mirrored(x: Tensor) -> Tensor:
    """Pictures x (B, 6, 32, 32) of a training step, all mirrored in half of the steps."""
    return x[:, [1, 0, 3, 2, 4, 5]].flip(3) if torch.rand(()) < 0.5 else x


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


class Brush(nn.Module):
    """Paints (B, out, 32, 32) of z (B, Z) and a grey picture's features, which join at each size.

    What depends on the features alone is `laid`; of one picture it serves any number of z. With Z = 0 there is no z.
    """

    def __init__(self, z: int, grey: Sequence[int], widths: Sequence[int], out: int):
        super().__init__()
        self.side = SIDE // 2 ** (len(widths) - 1)
        self.start = nn.Linear(z, widths[0] * self.side**2) if z else None
        self.sides = nn.ModuleList(nn.Conv2d(told, mine, 1) for told, mine in zip(grey[::-1], widths))
        self.ups = nn.ModuleList(
            nn.Sequential(
                *(nn.Conv2d(below, below, 3, 1, 1), nn.BatchNorm2d(below), nn.ReLU()),
                *(nn.ConvTranspose2d(below, mine, 4, 2, 1), nn.BatchNorm2d(mine)),
            )
            for below, mine in pairwise(widths)
        )
        self.last = nn.Conv2d(widths[-1], out, 3, 1, 1)

    def laid(self, features: Sequence[Tensor]) -> list[Tensor]:
        """What the features add at each size, smallest first."""
        return [side(told) for side, told in zip(self.sides, reversed(features))]

    def forward(self, z: Tensor, laid: Sequence[Tensor]) -> Tensor:
        h = laid[0]
        if self.start is not None:
            h = h + self.start(z).view(len(z), -1, self.side, self.side)
        for up, told in zip(self.ups, laid[1:]):
            h = up(F.relu(h)) + told
        return self.last(F.relu(h))


def begin_with_features(grey: Grey, name: str, pretrained: Mapping[str, Trainable]) -> None:
    """Give `grey` the features of the net `name`, one of `pretrained`; "" leaves it as it is."""
    if name:
        net = pretrained[name]
        assert isinstance(net, ColorBins)
        grey.load_state_dict(net.grey.state_dict())


@model("colorbins")
class ColorBins(Trainable):
    """A classifier of each cell's color (Zhang 2016, smaller): its features are what other nets begin with."""

    CARD = (
        "A classifier of each cell's color, one of 100 bins of ab (after Zhang et al. 2016), from the grey picture. "
        "The models of people in motion stand on its features."
    )
    CODE = (
        "import torch, vaedemo\n"
        'net = vaedemo.load_net("{name}")\n'
        "logits = net.logits(torch.rand(1, 4096))  # of 100 bins of ab in 32 x 32 cells"
    )

    def __init__(self, grey: Sequence[int], widths: Sequence[int]):
        super().__init__()
        self.grey = Grey(grey, norm=True)
        self.brush = Brush(0, grey, widths, BINS * BINS)

    def logits(self, y: Tensor) -> Tensor:
        """Of the color bins, (B, 100, 32, 32), for grey pictures y (B, 4096)."""
        return _painted(self.grey, self.brush, y.view(-1, 4, SIDE, SIDE)).float()

    def forward(self, player: str, batch: Batch) -> Terms:
        x = mirrored(batch.x)
        surprise = F.cross_entropy(self.logits(lightness(x)), bins_of(field(x))) * SIDE**2
        return {"total": surprise, "surprise": surprise}


def _painted(grey: Grey, brush: Brush, planes: Tensor) -> Tensor:
    return brush(planes.new_zeros(len(planes), 0), brush.laid(grey(planes)))
