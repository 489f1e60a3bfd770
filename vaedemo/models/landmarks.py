"""Where the 138 landmarks of a face are: a small net that is asked about a photo already aligned by the eyes.

It learns from aligned pictures of the set `landmarks`, each moved by a random similarity, as large as finding eyes may
be off. `vaedemo.express` asks it twice: what it says of the eyes puts the alignment right.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from vaedemo.data import Pictures
from vaedemo.data.expressions import of_face_rows
from vaedemo.data.flow import EYES, POINTS, SIDE, mirrored_points
from vaedemo.models.base import Batch, Terms, Trainable, model
from vaedemo.models.eyes import photographed, signed
from vaedemo.models.nets import conv_encoder

REACH = 4.0  # pixels: how far a landmark usually is from its mean, so that the net's own numbers are about 1
MIDDLE = SIDE / 2


@model("landmarks")
class Landmarks(Trainable):
    """x (B, 3, 64, 64) in [0, 1], a face roughly aligned by its eyes, to 138 landmarks. The objective is in pixels, not
    nats: `distance` is the mean distance of a landmark."""

    CARD = (
        "A small convolutional net without a latent space: from a face, roughly aligned by its eyes, to 138 landmarks "
        "(outline, brows, nose, eyes, lips, in the order of `vaedemo.data.flow`). It learned from pictures with "
        "MediaPipe's landmarks, each mirrored or not, moved by a random similarity, in other light. Profiles, hands, "
        "masks and hats it has hardly seen."
    )
    CODE = (
        "import torch, vaedemo\n"
        'net = vaedemo.load_net("{name}")\n'
        "points = net.locate(torch.rand(1, 3, 64, 64))  # (1, 138, 2), x and y in pixels from the upper left corner"
    )

    def __init__(
        self,
        widths: list[int],
        blocks: int,
        head: int,
        shuffle: int = 2,
        turn: float = 12.0,
        shift: float = 3.0,
        size: float = 0.12,
    ):
        """turn, shift and size bound the moves: degrees, pixels, and parts of the face's size."""
        super().__init__()
        self.encoder = conv_encoder((3, SIDE, SIDE), widths, blocks, 2 * POINTS, shuffle, head)
        self.turn, self.shift, self.size = math.radians(turn), shift, size
        self.usual: Tensor  # mean landmarks, (138, 2)
        self.register_buffer("usual", torch.full((POINTS, 2), MIDDLE))

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        self.usual.copy_(of_face_rows(pictures.y)[1].mean(0))

    def locate(self, x: Tensor) -> Tensor:
        """Landmarks (B, 138, 2) of crops x (B, 3, 64, 64), in pixels from the crop's upper left corner."""
        return self.usual + REACH * self.encoder(x - 0.5).float().view(-1, POINTS, 2)

    def forward(self, player: str, batch: Batch) -> Terms:
        with torch.autocast(batch.x.device.type, enabled=False):  # bf16 tells places apart by a quarter of a pixel
            x, points = self.crops(batch.x, of_face_rows(batch.y)[1])
        distance = (self.locate(x) - points).square().sum(2).add(1e-4).sqrt().mean()
        return {"total": distance, "distance": distance}

    def crops(self, x: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
        """Aligned pictures x (B, 3, 128, 128) and their landmarks, mirrored or not, moved, in other light: crops (B, 3,
        64, 64) and landmarks (B, 138, 2) there."""
        flip = torch.rand(len(x), device=x.device) < 0.5
        x = torch.where(flip[:, None, None, None], x.flip(3), x)
        points = torch.where(flip[:, None, None], mirrored_points(points, MIDDLE), points)
        count = len(x)
        much = torch.rand(count)
        size, turn = 1 + self.size * much * signed(count), self.turn * much * signed(count)
        move = similarity(size, turn, self.shift * much[:, None] * signed(count, 2)).to(x)
        return photographed(cropped(x, move)), carried(points, move)


def similarity(size: Tensor, angle: Tensor, shift: Tensor) -> Tensor:
    """Similarities (B, 2, 3) of a square about its middle, then shifted by (B, 2) pixels of 64; angle (B,) in radians,
    clockwise as seen. Places are counted from the upper left corner."""
    cos, sin = size * angle.cos(), size * angle.sin()
    linear = torch.stack([torch.stack([cos, -sin], -1), torch.stack([sin, cos], -1)], -2)
    middle = torch.full((2,), MIDDLE, device=size.device)
    return torch.cat([linear, (middle + shift - linear @ middle)[..., None]], -1)


def carried(points: Tensor, move: Tensor) -> Tensor:
    """Where points (B, N, 2) go by moves (B, 2, 3)."""
    return points @ move[:, :, :2].mT + move[:, None, :, 2]


def cropped(x: Tensor, move: Tensor) -> Tensor:
    """Crops (B, C, 64, 64) of square pictures x (B, C, S, S), S from 64 to 128, after moves (B, 2, 3): what was at p is
    where `carried` says. Beyond the edge the border goes on."""
    back = torch.linalg.inv(move[:, :, :2])
    start = (back @ (MIDDLE - move[:, :, 2:]) - MIDDLE) / MIDDLE
    grid = F.affine_grid(torch.cat([back, start], -1), [len(x), x.shape[1], SIDE, SIDE], align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def eye_centres(points: Tensor) -> Tensor:
    """Centres of both eyes, the left one in the picture first, (B, 2, 2), of landmarks (B, 138, 2)."""
    return torch.stack([points[:, eye].mean(1) for eye in EYES], 1)
