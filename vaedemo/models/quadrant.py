"""Structured prediction (Sohn 2015): the rest of a picture, given some of its quadrants.

One question with many right answers, so a distribution over answers. Beside it the net without latent space that has
to give one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Independent
from torch.nn import functional as F

from vaedemo.models.base import Batch, Terms, Trainable, model
from vaedemo.models.nets import chain_decoder, conv_encoder
from vaedemo.models.vae import VAE

HIDDEN = -1.0  # a hidden pixel in a condition; given ones are 0 to 1
TURNS = ((2, 4), (1, 3))  # upper left, upper right; lower left, lower right: how many quadrants are given from when on
COUNTS = (0, 1, 1, 2, 2, 3, 3)  # what a training picture shows is one of these; 0 keeps the model whole without any


def hide(x: Tensor, given: Tensor | int) -> Tensor:
    """The condition y (B, H * W) of pictures x (B, 1, H, W): given pixels as they are, row by row, hidden ones at -1.

    given: how many quadrants are told, 0 to 3, of all pictures or of each (B,). 1: the lower left; 2: the left half;
    3: all but the upper right.
    """
    height, width = x.shape[2] // 2, x.shape[3] // 2
    turns = torch.tensor(TURNS, device=x.device).repeat_interleave(height, 0).repeat_interleave(width, 1)  # (H, W)
    told = torch.as_tensor(given, device=x.device).view(-1, 1, 1, 1)
    return torch.where(turns <= told, x, HIDDEN).flatten(1)


def asked(x: Tensor) -> tuple[Tensor, Tensor]:
    """What both models learn from: pictures x (B, 1, H, W), binarized afresh, and a random condition of each."""
    x = torch.bernoulli(x)
    return x, hide(x, torch.tensor(COUNTS, device=x.device)[torch.randint(len(COUNTS), (len(x),), device=x.device)])


def hidden_nats(logits: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """-log p of the hidden pixels alone, Bernoulli, in nats a picture, (B,).

    logits and x: (B, 1, H, W); y (B, H * W): see `hide`.
    """
    nats = F.binary_cross_entropy_with_logits(logits.float(), x, reduction="none").flatten(1)
    return nats.where(y < 0, 0).sum(1)


def completed(decoded: Tensor, y: Tensor) -> Tensor:
    """Given pixels as they are, elsewhere the mean of p(x|z, y), in [0, 1]. decoded: logits (B, 1, H, W)."""
    return torch.where(y.view_as(decoded) < 0, decoded.sigmoid(), y.view_as(decoded).to(decoded))


@model("quadrant")
class Quadrant(VAE):
    """log p(hidden|y) >= E_q[log p(hidden|z, y)] - KL(q(z|x, y) || p(z)): y is what is seen of the picture.

    y is the picture with its hidden pixels at -1, (B, H * W): `hide` makes it. The decoder's vector [z, y] is a plain
    one; the encoder sees picture and condition as two channels. p(z) is N(0, I) for every y, where Sohn et al. let it
    depend on y: here the decoder has to turn the same z into something that fits.
    """

    CARD = (
        "A conditional VAE for structured prediction (Sohn et al. 2015): the condition y is the picture with some of "
        "its quadrants hidden (their pixels at -1), and p(x|z, y) is asked for the hidden pixels alone. Minimizes "
        "their distortion + beta * rate in nats a picture. In training 0 to 3 quadrants are given, in the order lower "
        "left, upper left, lower right. Unlike the paper's, p(z) is N(0, I) whatever is given; one model serves all."
    )
    CODE = (
        "import vaedemo\n"
        "from vaedemo.models.quadrant import completed, hide\n"
        'model = vaedemo.load("{name}")\n'
        'digit = vaedemo.load("digits").sample(1, seed=0)  # (1, 1, 28, 28) in [0, 1]\n'
        "y = hide(digit, 1).expand(8, -1)  # (8, 784): its lower left quadrant\n"
        "z = model.prior().sample((8,))\n"
        "pictures = completed(model.decode(z, y), y)  # (8, 1, 28, 28) in [0, 1]"
    )

    def __init__(
        self,
        z: int,
        widths: Sequence[int],
        blocks: int,
        hidden: int,
        base: Sequence[int],
        convs: Sequence[int],
        ups: Sequence[int],
        head: int = 0,
        beta: float = 1.0,
        warmup: float = 0,
    ):
        super().__init__(z, widths, blocks, hidden, base, convs, ups, head=head, beta=beta, warmup=warmup)
        channels, height, width = self.shape
        self.y = height * width
        self.encoder = conv_encoder((2 * channels, height, width), widths, blocks, 2 * z, head=head)
        self.decoder = chain_decoder(z + self.y, hidden, base, convs, ups, channels)
        told = self.decoder[0]
        assert isinstance(told, nn.Linear)
        # As wide as if z came alone: else 784 pixels drown it at first, and the posterior collapses before it is heard.
        nn.init.uniform_(told.weight[:, :z].data, -(z**-0.5), z**-0.5)

    def condition(self, y: Tensor) -> Tensor:
        """Nothing is told of a picture by its label: all of it is hidden, (B, H * W)."""
        return torch.full((len(y), self.y), HIDDEN, device=y.device)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        """q(z|x, y). Without y nothing was told."""
        y = self.condition(x) if y is None else y
        return self.gaussian_of(self.encoder(torch.cat([x, y.view_as(x).to(x)], 1)))

    def distortion(self, x: Tensor, z: Tensor, y: Tensor | None = None) -> Tensor:
        """-log p(x|z, y) of the hidden pixels, in nats a picture, (B,). x is in [0, 1]."""
        y = self.condition(x) if y is None else y
        return hidden_nats(self.decode(z, y), x, y)

    def reconstruct(self, batch: Batch) -> tuple[Independent, Tensor, Terms]:
        x, y = asked(batch.x)
        posterior = self.encode(x, y)
        z = posterior.rsample()
        return posterior, z, {"distortion": self.distortion(x, z, y).mean()}


@model("quadrant-net")
class QuadrantNet(Trainable):
    """The deterministic baseline: the same decoder without z, so that y has one answer, the mean of all that fit."""

    CARD = (
        "A deterministic net, the baseline of `digits-quadrant`: the same decoder without z. Minimizes the cross "
        "entropy of the hidden pixels in nats a picture, and so answers with the mean of all that fit what is given."
    )
    CODE = (
        "import vaedemo\n"
        "from vaedemo.models.quadrant import completed, hide\n"
        'net = vaedemo.load_net("{name}")\n'
        'y = hide(vaedemo.load("digits").sample(1, seed=0), 1)  # (1, 784): a digit\'s lower left quadrant\n'
        "picture = completed(net.predict(y), y)  # (1, 1, 28, 28) in [0, 1]"
    )

    def __init__(self, shape: Sequence[int] = (1, 28, 28), **net: Any):
        super().__init__()
        self.y = shape[1] * shape[2]
        self.decoder = chain_decoder(self.y, out=shape[0], **net)

    def predict(self, y: Tensor) -> Tensor:
        """Logits of every pixel, given y (B, H * W); (B, 1, H, W)."""
        return self.decoder(y)

    def forward(self, player: str, batch: Batch) -> Terms:
        x, y = asked(batch.x)
        nats = hidden_nats(self.predict(y), x, y).mean()
        return {"total": nats, "distortion": nats}
