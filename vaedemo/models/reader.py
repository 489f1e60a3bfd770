"""The reader of attributes: the judge of what conditional models draw. No other model ever learns from it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.models.base import Batch, Terms, Trainable, model
from vaedemo.models.nets import conv_encoder, jittered

KEEP = 0.995  # of the running shares: two hundred batches


@model("reader")
class Reader(Trainable):
    """Logistic regressions of all 40 attributes on one convolutional net; pictures are moved a little in training.

    Rare attributes stay rare in what it says, p(attribute|x). `read` takes how common each is out again, so that zero
    is the threshold of the best balanced accuracy (Menon 2021), for hats as for smiles.
    """

    CARD = (
        "A small convolutional net that reads 40 attributes off a face: the judge of the conditional models, none of "
        "which ever learned from it. `model.read(x)` gives log p(x|there) - log p(x|not there), (B, 40)."
    )

    def __init__(
        self,
        widths: Sequence[int],
        blocks: int,
        shape: Sequence[int] = (3, 64, 64),
        shuffle: int = 1,
        head: int = 0,
        jitter: float = 0.0,
    ):
        super().__init__()
        self.jitter = jitter
        self.net = conv_encoder(shape, widths, blocks, len(ATTRIBUTES), shuffle, head)
        self.shares: Tensor  # of pictures with each attribute, (40,)
        self.register_buffer("shares", torch.full((len(ATTRIBUTES),), 0.5))

    def read(self, x: Tensor) -> Tensor:
        """log p(x|there) - log p(x|not there) of each attribute, (B, 40), for pictures x (B, 3, H, W) in [0, 1]."""
        shares = self.shares.float().clamp(1e-3, 1 - 1e-3)
        return self.net(x).float() - shares.logit()

    def hidden(self, x: Tensor) -> Tensor:
        """What the last layer reads the attributes from, (B, features): faces that look alike lie near each other."""
        return self.net[:-1](x).float()

    def expected(self, x: Tensor) -> Tensor:
        """p(there|x) - p(not there|x) of each attribute where both are equally likely, (B, 40): a description of x."""
        return (self.read(x) / 2).tanh()

    def forward(self, player: str, batch: Batch) -> Terms:
        there = (batch.y > 0).float()
        self.shares.lerp_(there.mean(0), 1 - KEEP)
        logits = self.net(jittered(batch.x, self.jitter)).float()
        surprise = F.binary_cross_entropy_with_logits(logits, there, reduction="none").sum(1).mean()
        return {"total": surprise, "surprise": surprise}
