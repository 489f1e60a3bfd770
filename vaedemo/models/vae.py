"""The variational autoencoder (Kingma & Welling 2014; tutorial: Doersch 2016), and the plain autoencoder beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.distributions import Independent, Normal
from torch.nn import functional as F

from vaedemo.models.base import Batch, LatentModel, Terms, model
from vaedemo.models.nets import chain_decoder, conv_encoder

KEEP = 0.99  # of the running noise: a hundred batches


@model("vae")
class VAE(LatentModel):
    """log p(x) >= E_q[log p(x|z)] - KL(q(z|x) || p(z)): minimizes distortion + beta * rate.

    With p(x|z) Bernoulli, pictures are binarized afresh at every step (a pixel of 0.7 is white in 7 of 10 draws), as
    the digits' literature does. With p(x|z) Gaussian, its mean is a sigmoid of the decoder's answer and one sigma
    serves the whole model: in training the maximum-likelihood one of the batch (sigma-VAE; Rybkin 2021), afterwards its
    running mean, so that beta = 1 is the real ELBO. `beta` is reached linearly over `warmup` steps, so that no latent
    dies before the decoder can use it (Bowman 2016). `shuffle` is the encoder's, and the decoder's where `last` is 0;
    `last` 1 ends the decoder by a 3x3 convolution at full size.
    """

    CARD = (
        "A convolutional variational autoencoder (Kingma & Welling 2014; with beta other than 1, Higgins et al. 2017): "
        "minimizes distortion + beta * rate in nats a picture."
    )

    encoder: nn.Sequential

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
        shuffle: int = 1,
        last: int = 0,
        head: int = 0,
        norm: bool = True,
        likelihood: Literal["bernoulli", "gaussian"] = "bernoulli",
        beta: float = 1.0,
        warmup: float = 0,
    ):
        super().__init__()
        self.z, self.shape = z, (shape[0], shape[1], shape[2])
        self.beta, self.warmup = beta, warmup
        self.encoder = conv_encoder(shape, widths, blocks, 2 * z, shuffle, head, norm)
        last = last or (shuffle if shuffle > 1 else 0)
        self.decoder = chain_decoder(z, hidden, base, convs, ups, shape[0], last, norm)
        self.gaussian = likelihood == "gaussian"
        self.noise: Tensor  # sigma of p(x|z), in units of [0, 1]
        if self.gaussian:
            self.register_buffer("noise", torch.tensor(0.25))

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        return self.gaussian_of(self.encoder(x))

    @staticmethod
    def gaussian_of(numbers: Tensor) -> Independent:
        """The Normal whose means and log variances an encoder gave as (B, 2 Z)."""
        mean, log_var = numbers.float().chunk(2, dim=1)
        # A posterior narrower than e^-6 or wider than e^3 of the prior is numerically useless and overflows early on.
        return Independent(Normal(mean, torch.exp(0.5 * log_var.clamp(-12, 6)), validate_args=False), 1)

    def distortion(self, x: Tensor, z: Tensor, y: Tensor | None = None) -> Tensor:
        """-log p(x|z, y) in nats a picture, (B,).

        x is in [0, 1]. For a Bernoulli p(x|z) one that is not binary gets its expectation over binarizations. A
        Gaussian one is a density: its nats may be negative.
        """
        logits = self.decode(z, y).float()
        if not self.gaussian:
            return F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)
        return self.gaussian_nats(logits.sigmoid(), x)

    def gaussian_nats(self, mean: Tensor, x: Tensor) -> Tensor:
        """-log N(x; mean, sigma^2) in nats a picture, (B,), with the model's sigma; in training it also learns that."""
        error = (mean - x).square().flatten(1)  # (B, D)
        variance = error.mean() if self.training else self.noise**2
        if self.training:
            self.noise.lerp_(error.detach().mean().sqrt(), 1 - KEEP)
        return 0.5 * (error.sum(1) / variance + error.shape[1] * torch.log(2 * math.pi * variance))

    def forward(self, player: str, batch: Batch) -> Terms:
        posterior, _, terms = self.reconstruct(batch)
        rate = self.rate(posterior).sum(1).mean()
        return {**terms, "total": terms["distortion"] + self.beta * self.ramp(batch.step) * rate, "rate": rate}

    def reconstruct(self, batch: Batch) -> tuple[Independent, Tensor, Terms]:
        """q(z|x) of a batch, a sample z (B, Z) of it, and the distortion's term: what every objective here shares."""
        x = batch.x if self.gaussian else torch.bernoulli(batch.x)
        y = self.condition(batch.y)
        posterior = self.encode(x, y)
        z = posterior.rsample()  # z = mean + sigma * eps
        return posterior, z, {"distortion": self.distortion(x, z, y).mean()}


@model("autoencoder")
class Autoencoder(VAE):
    """The same net with neither KL nor noise: its codes lie where they please, with holes between them.

    It has no prior. q(z|x) is a point; `encode` gives it a sigma of 1e-6, so that callers need no second path.
    """

    CARD = (
        "A plain autoencoder: the VAE's net with neither the KL term nor noise. Its codes have no prior, and there are "
        "holes between them; it is here to show those."
    )

    has_prior = False

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        mean = self.encoder(x).float().chunk(2, dim=1)[0]
        return Independent(Normal(mean, torch.full_like(mean, 1e-6), validate_args=False), 1)

    def forward(self, player: str, batch: Batch) -> Terms:
        x = torch.bernoulli(batch.x)
        distortion = self.distortion(x, self.encode(x).mean).mean()
        return {"total": distortion, "distortion": distortion}
