"""The variational autoencoder (Kingma & Welling 2014; tutorial: Doersch 2016), and the plain autoencoder beside it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import Independent, Normal
from torch.nn import functional as F

from vaedemo.models.base import Batch, LatentModel, Terms
from vaedemo.models.nets import chain_decoder, conv_encoder


class VAE(LatentModel):
    """log p(x) >= E_q[log p(x|z)] - KL(q(z|x) || p(z)), with p(x|z) Bernoulli: minimizes distortion + beta * rate.

    Pictures are binarized afresh at every step (a pixel of 0.7 is white in 7 of 10 draws), as the digits' literature
    does. `beta` is reached linearly over `warmup` steps, so that no latent dies before the decoder can use it (Bowman
    2016).
    """

    def __init__(
        self,
        z: int,
        widths: Sequence[int],
        blocks: int,
        hidden: int,
        base: Sequence[int],
        convs: Sequence[int],
        ups: Sequence[int],
        shape: Sequence[int] = (1, 28, 28),
        beta: float = 1.0,
        warmup: float = 0,
    ):
        super().__init__()
        self.z, self.shape = z, (shape[0], shape[1], shape[2])
        self.beta, self.warmup = beta, warmup
        self.encoder = conv_encoder(shape, widths, blocks, 2 * z)
        self.decoder = chain_decoder(z, hidden, base, convs, ups, shape[0])

    def encode(self, x: Tensor) -> Independent:
        mean, log_var = self.encoder(x).float().chunk(2, dim=1)
        # A posterior narrower than e^-6 or wider than e^3 of the prior is numerically useless and overflows early on.
        return Independent(Normal(mean, torch.exp(0.5 * log_var.clamp(-12, 6)), validate_args=False), 1)

    def distortion(self, x: Tensor, z: Tensor) -> Tensor:
        """-log p(x|z) in nats a picture, (B,). x is binary (or in [0, 1]: then its expectation over binarizations)."""
        logits = self.decode(z).float()
        return F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)

    def forward(self, player: str, batch: Batch) -> Terms:
        x = torch.bernoulli(batch.x)
        posterior = self.encode(x)
        z = posterior.rsample()  # z = mean + sigma * eps
        distortion = self.distortion(x, z).mean()
        rate = self.rate(posterior).sum(1).mean()
        weight = self.beta * min(1.0, (batch.step + 1) / (self.warmup + 1))
        return {"total": distortion + weight * rate, "distortion": distortion, "rate": rate}


class Autoencoder(VAE):
    """The same net with neither KL nor noise: its codes lie where they please, with holes between them.

    It has no prior. q(z|x) is a point; `encode` gives it a sigma of 1e-6, so that callers need no second path.
    """

    has_prior = False

    def encode(self, x: Tensor) -> Independent:
        mean = self.encoder(x).float().chunk(2, dim=1)[0]
        return Independent(Normal(mean, torch.full_like(mean, 1e-6), validate_args=False), 1)

    def forward(self, player: str, batch: Batch) -> Terms:
        x = torch.bernoulli(batch.x)
        distortion = self.distortion(x, self.encode(x).mean).mean()
        return {"total": distortion, "distortion": distortion}
