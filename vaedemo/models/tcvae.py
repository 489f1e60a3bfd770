"""beta-TCVAE (Chen 2018): of the KL term only the total correlation is made dearer."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Independent

from vaedemo.models.base import Batch, Terms, model
from vaedemo.models.vae import VAE


@model("tcvae")
class TCVAE(VAE):
    """E_q[KL(q(z|x) || p(z))] = index-code mutual information + total correlation + dimension-wise KL; minimizes
    distortion + information + beta * correlation + dimensions, which is distortion + rate + (beta - 1) * correlation.

    Training begins with all but the distortion `pressure` times as dear, and comes down to that over `warmup` steps. So
    the latents that pay most are learned first and apart, as in Burgess 2018; from the start, place and size had spread
    over five latents that never came apart again.
    """

    CARD = (
        "A beta-TCVAE (Chen et al. 2018): minimizes distortion + information + beta * total correlation + dimension-"
        "wise KL in nats a picture. q(z) is estimated from the batch by minibatch-weighted sampling (the paper's "
        "appendix C.1; its stratified weights gave negative estimates with batches of 256). Unlike the paper's, the "
        "training begins with a dearer rate, `pressure` times, which falls to 1 over `warmup` steps: the latents that "
        "pay most are learned first, one after another."
    )

    def __init__(self, pressure: float = 1.0, **net: Any):
        super().__init__(**net)
        self.pressure = pressure

    def forward(self, player: str, batch: Batch) -> Terms:
        posterior, z, terms = self.reconstruct(batch)
        rate = self.rate(posterior).sum(1).mean()
        correlation = total_correlation(posterior, z)
        dearness = self.pressure ** (1 - self.ramp(batch.step))
        total = terms["distortion"] + dearness * (rate + (self.beta - 1) * correlation)
        return {**terms, "total": total, "rate": rate, "correlation": correlation}


def total_correlation(posterior: Independent, z: Tensor) -> Tensor:
    """KL(q(z) || prod_j q(z_j)) in nats, a scalar, of samples z (B, Z) of the batch's own posteriors.

    q(z) is taken as the mean of the batch's posteriors (minibatch-weighted sampling, Chen 2018, appendix C.1, up to a
    constant). That overestimates it where posteriors hardly overlap, and so weighs on the information too. The paper's
    stratified weights are free of that bias, but with a few hundred pictures of 700,000 their estimate turned negative
    and pulled nothing apart.
    """
    base = posterior.base_dist
    given = -0.5 * ((z[:, None] - base.mean) / base.stddev) ** 2 - base.stddev.log()  # (z's B, pictures' B, Z)
    joint = torch.logsumexp(given.sum(2), 1) - math.log(len(z))  # (B,)
    marginals = (torch.logsumexp(given, 1) - math.log(len(z))).sum(1)
    return (joint - marginals).mean()
