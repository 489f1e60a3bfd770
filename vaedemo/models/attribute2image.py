"""Attribute2Image (Yan 2016): a face is a person before a background; attributes tell something of the person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.distributions import Independent
from torch.nn import functional as F

from vaedemo.models.base import model
from vaedemo.models.cvae import AttributeCVAE
from vaedemo.models.nets import chain_decoder


class Layers(NamedTuple):
    """What a picture is made of, all in [0, 1]: gate * foreground + (1 - gate) * background."""

    foreground: Tensor  # (B, 3, H, W)
    gate: Tensor  # (B, 1, H, W)
    background: Tensor  # (B, 3, H, W)


@model("discvae")
class DisCVAE(AttributeCVAE):
    """The disCVAE: foreground and gate are decoded from (z_fg, y), the background from z_bg alone.

    z is z_fg and then z_bg, of `behind` numbers. Pictures of the training have the person's mask as a fourth plane: the
    gate is a Bernoulli p(mask | z_fg, y), whose nats count `supervision` times (the paper has no masks, and trains a
    foreground first). `far` is the background's base channels and its `ups`.
    """

    more_planes = 1  # the person's mask
    CARD = (
        "The disCVAE of Attribute2Image (Yan et al. 2016): a person (from z_fg and the attributes) before a background "
        "(from z_bg alone), composited by a gate; minimizes distortion + beta * rate in nats a picture. Unlike the "
        "paper's, the gate is taught by masks, as a Bernoulli of its own, and foreground and background are learned "
        "together; rare attributes are drawn often. The masks are a segmentation model's output, not ground truth."
    )

    def __init__(
        self,
        z: int,
        behind: int,
        hidden: int,
        base: Sequence[int],
        convs: Sequence[int],
        ups: Sequence[int],
        far: Sequence[int],
        shuffle: int = 1,
        last: int = 0,
        norm: bool = True,
        supervision: float = 1.0,
        **net: Any,
    ):
        super().__init__(
            z=z, hidden=hidden, base=base, convs=convs, ups=ups, shuffle=shuffle, last=last, norm=norm, **net
        )
        del self.decoder
        self.behind, self.supervision = behind, supervision
        front, last = z - behind + self.y, last or (shuffle if shuffle > 1 else 0)
        self.foreground = chain_decoder(front, hidden, base, convs, ups, 4, last, norm)
        self.background = chain_decoder(behind, hidden // 2, [far[0], *base[1:]], [], far[1:], 3, last, norm)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        return super().encode(x[:, :3], y)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Logits of foreground, gate and background in a row, (B, 7, H, W)."""
        if y is None:
            raise ValueError("y: the foreground wants the condition of each picture")
        front, back = z.split([self.z - self.behind, self.behind], 1)
        return torch.cat(
            [self.foreground(torch.cat([front, y.to(front).expand(len(front), -1)], 1)), self.background(back)], 1
        )

    def layers(self, decoded: Tensor) -> Layers:
        """`decode`'s answer as layers."""
        return Layers(*decoded.sigmoid().split([3, 1, 3], 1))

    def render(self, decoded: Tensor) -> Tensor:
        front, gate, back = self.layers(decoded)
        return gate * front + (1 - gate) * back

    def distortion(self, x: Tensor, z: Tensor, y: Tensor | None = None) -> Tensor:
        """-log p(x|z, y) in nats a picture, (B,); where x has the mask as a fourth plane, the gate's nats too."""
        decoded = self.decode(z, y).float()
        nats = self.gaussian_nats(self.render(decoded), x[:, :3])
        if x.shape[1] > 3:
            gate = F.binary_cross_entropy_with_logits(decoded[:, 3], x[:, 3], reduction="none")
            nats = nats + self.supervision * gate.flatten(1).sum(1)
        return nats
