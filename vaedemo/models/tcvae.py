"""beta-TCVAE (Chen 2018): of the KL term only the total correlation is made dearer."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.distributions import Independent

from vaedemo.models.base import Batch, Terms
from vaedemo.models.vae import VAE


class TCVAE(VAE):
    """E_q[KL(q(z|x) || p(z))] = index-code mutual information + total correlation + dimension-wise KL; minimizes
    distortion + information + beta * correlation + dimensions.

    q(z) and its marginals are estimated from the batch by minibatch-stratified sampling (Chen 2018, appendix C.2);
    `pictures` is the size of the training set, which that needs.
    """

    def __init__(self, pictures: int, **net: Any):
        super().__init__(**net)
        self.pictures = pictures

    def forward(self, player: str, batch: Batch) -> Terms:
        posterior, z, terms = self.reconstruct(batch)
        rate = self.rate(posterior).sum(1).mean()
        correlation = total_correlation(posterior, z, self.pictures)
        # information + beta * correlation + dimensions = rate + (beta - 1) * correlation
        extra = (self.beta - 1) * self.ramp(batch.step) * correlation
        return {**terms, "total": terms["distortion"] + rate + extra, "rate": rate, "correlation": correlation}


def total_correlation(posterior: Independent, z: Tensor, pictures: int) -> Tensor:
    """KL(q(z) || prod_j q(z_j)) in nats, a scalar, of samples z (B, Z) of the batch's posteriors.

    `pictures` N is how many q(z) averages over. log q(z) is the logsumexp over the batch of log q(z|x_i) plus the log
    weight of x_i: 1/N for the picture that z came from, and the others stand for the rest of the set.
    """
    count = len(z)
    base = posterior.base_dist
    given = -0.5 * ((z[:, None] - base.mean) / base.stddev) ** 2 - base.stddev.log()  # (z's B, pictures' B, Z)
    weights = _stratified_weights(count, pictures, z.device)[:, :, None]
    joint = torch.logsumexp(given.sum(2) + weights[:, :, 0], 1)  # (B,)
    marginals = torch.logsumexp(given + weights, 1).sum(1)
    return (joint - marginals).mean()


def _stratified_weights(count: int, pictures: int, device: torch.device) -> Tensor:
    """Log weights (B, B), rows of sum 1: the own picture 1/N, one other the strata's remainder, the rest 1/(B - 1)."""
    others = count - 1
    weights = torch.full((count, count), 1 / others, device=device)
    weights.fill_diagonal_(1 / pictures)
    remainder = (pictures - others) / (pictures * others)
    weights.diagonal(1).fill_(remainder)  # for each row the next picture, for the last row the first
    weights[-1, 0] = remainder
    return weights.log()

