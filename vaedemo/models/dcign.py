"""DC-IGN (Kulkarni 2015): latents that learn what they mean from minibatches in which one factor varies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Independent, Normal

from vaedemo.models.base import Batch, Terms, model
from vaedemo.models.vae import VAE


@model("dcign")
class DCIGN(VAE):
    """A VAE whose first latents belong to named factors: `codes` latents to each factor but the first, the identity,
    which has the rest.

    A batch holds several minibatches of `group` pictures; in each the same one factor varies. The latents of the other
    factors are clamped to their minibatch's mean before the decoder sees them, and their gradient is replaced by the
    difference to that mean, times `invariance`: 1/100 in the paper, more here, where the loss is in nats a picture and
    so thousands of times as large. The identity varies in `identity` batches for each one of another factor, about 10
    in the paper.
    """

    CARD = (
        "A DC-IGN (Kulkarni et al. 2015): a VAE with a Gaussian p(x|z) whose first latents belong to named factors. In "
        "each minibatch one factor varies; the other factors' latents are clamped to the minibatch's mean, and their "
        "gradient is the difference to that mean, `invariance` times. Unlike the paper's, a batch holds several such "
        "minibatches, the identity varies `identity` times as often as another factor, and the pull is stronger than "
        "1/100, since the loss is in nats a picture."
    )

    def __init__(self, codes: Sequence[int], group: int, invariance: float = 0.01, identity: float = 10.0, **net: Any):
        super().__init__(**net)
        self.codes, self.group, self.invariance, self.identity = tuple(codes), group, invariance, identity

    def order(self, y: Tensor, batch: int, seed: int) -> OneFactorVaries:
        return OneFactorVaries(y, batch, self.group, self.identity, seed)

    def owners(self) -> Tensor:
        """Which factor each latent belongs to, (Z,): a column of y; 0 is the identity."""
        named = [factor for factor, count in enumerate(self.codes, 1) for _ in range(count)]
        return torch.tensor(named + [0] * (self.z - len(named)))

    def forward(self, player: str, batch: Batch) -> Terms:
        posterior = self.encode(batch.x)
        z = self.clamped(posterior, batch.y).rsample()
        distortion = self.distortion(batch.x, z).mean()
        rate = self.rate(posterior).sum(1).mean()  # of the encoder's own answer: clamped latents pay theirs as well
        total = distortion + self.beta * self.ramp(batch.step) * rate
        return {"total": total, "distortion": distortion, "rate": rate}

    def clamped(self, posterior: Independent, y: Tensor) -> Independent:
        """The posterior (B, Z) with the latents of what does not vary clamped. y: factors (B, F)."""
        grouped = y.view(-1, self.group, y.shape[1])
        varies = (grouped != grouped[:, :1]).any(1).any(0)  # (F,): the same factor in every minibatch
        free = varies[self.owners().to(y.device)]  # (Z,)
        base = posterior.base_dist
        mean = _Clamp.apply(base.mean, free, self.group, self.invariance / len(y))
        deviation = _Clamp.apply(base.stddev, free, self.group, 0.0)
        return Independent(Normal(mean, deviation, validate_args=False), 1)


class _Clamp(torch.autograd.Function):
    """Forward: where not `free`, each minibatch's mean. Backward: there, pull * (value - mean), not the gradient."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, free: Tensor, group: int, pull: float) -> Tensor:
        means = values.view(-1, group, values.shape[1]).mean(1, keepdim=True).expand(-1, group, -1).reshape_as(values)
        ctx.save_for_backward(free, values - means)
        ctx.pull = pull
        return torch.where(free, values, means)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        free, difference = ctx.saved_tensors
        return torch.where(free, grads[0], ctx.pull * difference), None, None, None


class OneFactorVaries:
    """Which pictures step s sees: minibatches in each of which one factor varies and all else is fixed.

    The identity (the first factor) varies `identity` times as often as each other factor. A minibatch draws with
    replacement where the set has fewer pictures than it takes.
    """

    def __init__(self, y: Tensor, batch: int, group: int, identity: float, seed: int):
        if batch % group:
            raise ValueError(f"a batch of {batch} does not hold whole minibatches of {group}")
        self.minibatches, self.group, self.seed = batch // group, group, seed
        self.families = [_families(y, factor) for factor in range(y.shape[1])]
        self.shares = torch.tensor([identity] + [1.0] * (y.shape[1] - 1))

    def batch(self, step: int) -> Tensor:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        factor = int(torch.multinomial(self.shares, 1, generator=generator))
        families = self.families[factor]
        sizes = torch.tensor([len(family) for family in families], dtype=torch.float32)
        chosen = torch.multinomial(sizes, self.minibatches, replacement=True, generator=generator)
        return torch.cat([self._some(families[i], generator) for i in chosen.tolist()])

    def _some(self, family: Tensor, generator: torch.Generator) -> Tensor:
        """`group` pictures of a family, of which at least two differ."""
        if len(family) >= self.group:
            return family[torch.randperm(len(family), generator=generator)[: self.group]]
        more = torch.randint(len(family), (self.group - len(family),), generator=generator)
        return torch.cat([family, family[more]])


def _families(y: Tensor, factor: int) -> list[Tensor]:
    """The pictures (indices) that differ in one factor alone, family by family; those of a single picture left out."""
    others = [column for column in range(y.shape[1]) if column != factor]
    _, family = torch.unique(y[:, others], dim=0, return_inverse=True)
    order = torch.argsort(family, stable=True)
    parts = torch.split(order, torch.bincount(family).tolist())
    return [part for part in parts if len(part) > 1]
