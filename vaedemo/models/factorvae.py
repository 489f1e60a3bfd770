"""FactorVAE (Kim & Mnih 2018): the total correlation, as a critic estimates it that knows permuted codes from real."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vaedemo.models.base import Batch, Player, Terms, model
from vaedemo.models.vae import VAE


@model("factorvae")
class FactorVAE(VAE):
    """Minimizes distortion + rate + gamma * KL(q(z) || prod_j q(z_j)).

    That KL is the mean of log q(z) / prod_j q(z_j), which the `critic` gives: it is trained to tell codes z from codes
    whose latents were permuted over the batch, each on its own (the density-ratio trick). `critic` holds the widths of
    its hidden layers; the paper's six of 1000 are more than sprites need.
    """

    CARD = (
        "A FactorVAE (Kim & Mnih 2018): minimizes distortion + rate + gamma * total correlation, which a critic "
        "estimates that tells codes from permuted codes. The critic is smaller than the paper's six layers of 1000."
    )

    only_in_training = ("critic",)

    def __init__(self, gamma: float, critic: list[int], **net: Any):
        super().__init__(**net)
        self.gamma = gamma
        layers: list[nn.Module] = []
        for before, after in pairwise([self.z, *critic]):
            layers += [nn.Linear(before, after), nn.LeakyReLU(0.2)]
        self.critic = nn.Sequential(*layers, nn.Linear(critic[-1], 1))

    def players(self) -> dict[str, Player]:
        return {
            "model": Player([*self.encoder.parameters(), *self.decoder.parameters()]),
            "critic": Player(list(self.critic.parameters()), beta1=0.5),
        }

    def forward(self, player: str, batch: Batch) -> Terms:
        return self._critic(batch) if player == "critic" else self._model(batch)

    def _model(self, batch: Batch) -> Terms:
        posterior, z, terms = self.reconstruct(batch)
        rate = self.rate(posterior).sum(1).mean()
        correlation = self.critic(z).float().mean()
        total = terms["distortion"] + rate + self.gamma * self.ramp(batch.step) * correlation
        return {**terms, "total": total, "rate": rate, "correlation": correlation}

    def _critic(self, batch: Batch) -> Terms:
        with torch.no_grad():
            z = self.encode(batch.x).rsample()
        joint, other = z.chunk(2)  # codes of different pictures, so that neither side knows the other's
        logits = self.critic(torch.cat([joint, permuted(other)])).float()[:, 0]
        truth = torch.cat([torch.ones(len(joint)), torch.zeros(len(other))]).to(logits)
        loss = F.binary_cross_entropy_with_logits(logits, truth)
        return {"total": loss, "critic": loss}


def permuted(z: Tensor) -> Tensor:
    """Codes (B, Z), each latent permuted over the batch on its own: samples of prod_j q(z_j)."""
    places = torch.rand_like(z).argsort(0)
    return z.gather(0, places)
