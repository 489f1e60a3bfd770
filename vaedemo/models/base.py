"""What the training loop, the evaluation and the page ask of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent, Normal, kl_divergence

from vaedemo.data import Pictures

Terms = dict[str, Tensor]
"""Named scalars in nats a picture; `total` is what the player minimizes."""


@dataclass(frozen=True)
class Batch:
    x: Tensor  # (B, C, H, W), in [0, 1]
    y: Tensor  # labels (B,), or factors (B, F)
    step: int  # of the training, from 0: schedules read it


@dataclass(frozen=True)
class Player:
    """Who learns: its parameters, its share of the recipe's learning rate, and Adam's first beta."""

    parameters: list[nn.Parameter]
    pace: float = 1.0
    momentum: float = 0.9


class Order(Protocol):
    """Which pictures a step sees, the same at every call: a resumed run sees what it would have seen."""

    def batch(self, step: int) -> Tensor:
        """Indices into the training set, (B,)."""
        ...


class Trainable(nn.Module):
    """A model whose forward *is* its objective, so that DistributedDataParallel sees it."""

    warmup: float = 0  # in steps
    only_in_training: tuple[str, ...] = ()  # modules that teach the others; what ships is without them

    def players(self) -> dict[str, Player]:
        """Who learns what: one optimizer a player, in turn. Most models have one."""
        return {"model": Player(list(self.parameters()))}

    def begin(self, pictures: Pictures) -> None:
        """Look at the training set once, before the first step: for statistics, say. Most models need none."""

    def order(self, y: Tensor, batch: int, seed: int) -> Order | None:
        """The batches of a training set whose labels or factors are y; None: in random order, as most models want."""
        return None

    def ramp(self, step: int) -> float:
        """How much of what `warmup` holds back a step of the training takes: it grows linearly to 1."""
        return min(1.0, (step + 1) / (self.warmup + 1))

    def forward(self, player: str, batch: Batch) -> Terms:
        raise NotImplementedError


class LatentModel(Trainable):
    """A model with a latent space. z is (B, Z), x is (B, C, H, W), the condition y is (B, Y): see `condition`."""

    has_prior = True
    z: int
    y: int = 0  # numbers in a condition; z and y in a row are the vectors that the page decodes
    shape: tuple[int, int, int]  # C, H, W of a picture
    decoder: nn.Sequential

    def prior(self) -> Distribution:
        """p(z) = N(0, I), of event shape (Z,)."""
        zero = next(self.parameters()).new_zeros(self.z)
        return Independent(Normal(zero, torch.ones_like(zero)), 1)

    def from_normal(self, z: Tensor) -> Tensor:
        """Samples (B, Z) of N(0, I), turned into samples of the model's prior."""
        return z

    def condition(self, y: Tensor) -> Tensor:
        """What the model is told of labels or factors y (B, ...): numbers (B, Y); of most models Y is 0."""
        return torch.zeros(len(y), 0, device=y.device)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        """The approximate posterior q(z|x, y), an Independent Normal of event shape (Z,)."""
        raise NotImplementedError

    def rate(self, posterior: Independent) -> Tensor:
        """KL(q(z|x) || p(z)) in nats, for each latent dimension, (B, Z). Without a prior it means nothing."""
        return kl_divergence(posterior.base_dist, Normal(0.0, 1.0))

    def distortion(self, x: Tensor, z: Tensor, y: Tensor | None = None) -> Tensor:
        """-log p(x|z, y) in nats a picture, (B,)."""
        raise NotImplementedError

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Logits of p(x|z, y), (B, C, H, W)."""
        return self.decoder(z if y is None else torch.cat([z, y.to(z)], 1))

    def render(self, decoded: Tensor) -> Tensor:
        """What is shown of `decode`'s answer: the mean of p(x|z), in [0, 1], (B, C, H, W)."""
        return decoded.sigmoid()

    @torch.no_grad()  # not inference_mode: its tensors could not be encoded outside of it
    def sample(self, n: int, temperature: float = 1.0, seed: int = 0, y: Tensor | None = None) -> Tensor:
        """n pictures, (n, C, H, W) in [0, 1]: z from the prior (times `temperature`), then the mean of p(x|z, y).

        y: the condition of each, (n, Y); a model that has one cannot do without. Raises ValueError.
        """
        from vaedemo.latents import draw

        if self.y and (y is None or y.shape != (n, self.y)):
            raise ValueError(f"y: this model wants a condition of shape {(n, self.y)} for {n} pictures")
        z = torch.from_numpy(draw(n, self.z, temperature, seed)).to(next(self.parameters()))
        return self.render(self.decode(self.from_normal(z), y))
