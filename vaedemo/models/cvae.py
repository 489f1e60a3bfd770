"""The conditional VAE (Sohn 2015; M2 of Kingma 2014 with every label seen): the VAE's derivation, given y."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Independent
from torch.nn import functional as F

from vaedemo.data.face_set import ATTRIBUTES, USUAL
from vaedemo.models.base import Batch, Terms, model
from vaedemo.models.vae import VAE

KEEP = 0.98  # of the running covariance: fifty batches


class Conditional(VAE):
    """log p(x|y) >= E_q[log p(x|z, y)] - KL(q(z|x, y) || p(z)): encoder and decoder are told y, the prior not.

    So z need not hold what y says. That what it holds instead means the same under every y is not asked for; it mostly
    comes about, because all share the layers. `told` is how many numbers y is.
    """

    def __init__(self, told: int, **net: Any):
        super().__init__(**net)
        self.y = told
        first, last = self.decoder[0], self.encoder[-1]
        assert isinstance(first, nn.Linear)
        assert isinstance(last, nn.Linear)
        self.decoder[0] = nn.Linear(self.z + told, first.out_features)
        self.encoder = nn.Sequential(*list(self.encoder)[:-1])
        self.posterior = nn.Sequential(
            nn.Linear(last.in_features + told, last.in_features), nn.ReLU(), nn.Linear(last.in_features, 2 * self.z)
        )

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        if y is None:
            raise ValueError("y: q(z|x, y) wants the condition of each picture")
        return self._told(self.encoder(x), y)

    def _told(self, features: Tensor, y: Tensor) -> Independent:
        return self.gaussian_of(self.posterior(torch.cat([features, y.to(features).expand(len(features), -1)], 1)))


@model("cvae")
class CVAE(Conditional):
    """Told a label: y is one-hot, (B, labels)."""

    CARD = (
        "A conditional VAE (Sohn et al. 2015; Kingma et al. 2014): encoder and decoder are told the label, minimizes "
        "distortion + beta * rate in nats a picture, which bounds -log p(x|y). The prior is not told the label, so z "
        "need not hold it. `model.recognize(x)` gives the label that explains a picture best."
    )
    CODE = (
        'import torch, vaedemo\nmodel = vaedemo.load("{name}")\n'
        "sevens = model.condition(torch.full((16,), 7))  # (16, labels), one-hot\n"
        "pictures = model.sample(16, seed=0, y=sevens)  # (16, C, H, W) in [0, 1]"
    )

    def __init__(self, labels: int, **net: Any):
        super().__init__(labels, **net)

    def condition(self, y: Tensor) -> Tensor:
        return F.one_hot(y, self.y).float()

    def recognize(self, x: Tensor) -> Tensor:
        """The label whose ELBO, at the posterior's mean, is greatest, (B,): Bayes' rule, with labels equally likely."""
        features, bounds = self.encoder(x), []
        for label in self.condition(torch.arange(self.y, device=x.device)):
            y = label.expand(len(x), -1)
            posterior = self._told(features, y)
            bounds.append(-self.distortion(x, posterior.mean, y) - self.rate(posterior).sum(1))
        return torch.stack(bounds, 1).argmax(1)


class RareOften:
    """Batches drawn with replacement, each picture as often as the rarest of its attributes' values is rare.

    A bald head is one in forty, and a model would soon leave it to z to say so. How often which y comes is no part of
    p(x|y): to draw by y alone changes what is learned first, not what is learned.
    """

    def __init__(self, y: Tensor, batch: int, seed: int):
        share = (y > 0).float().mean(0).clamp(1e-3, 1 - 1e-3)
        self.weights = torch.where(y > 0, 1 / share, 1 / (1 - share)).amax(1)
        self.size, self.seed = batch, seed

    def batch(self, step: int) -> Tensor:
        dice = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        return torch.multinomial(self.weights, self.size, replacement=True, generator=dice)


@model("attributecvae")
class AttributeCVAE(Conditional):
    """Told attributes (the CVAE of Attribute2Image; Yan 2016): y is (B, A), each from -1, not there, to 1, there.

    At test time z comes from the prior, whatever y is; in training q(z|x, y), averaged over the pictures of one y,
    should be that prior, too. The bound asks for it, at the price of a few nats among thousands, so a net leaves z to
    say much of what y says (the hair's color), and y alone then changes little. `independence` makes it dearer: it
    weighs the squared covariance of z's means with y (standardized), which is held as a running mean over batches.
    """

    CARD = (
        "A conditional VAE of faces (the CVAE of Attribute2Image, Yan et al. 2016): encoder and decoder are told "
        "attributes, each from -1 to 1; minimizes distortion + beta * rate in nats a picture, with a Gaussian "
        "p(x|z, y) of one sigma. A net smaller than the paper's. Unlike the paper's, rare attributes are drawn often, "
        "and `independence` weighs the squared covariance of z's means with the attributes, so that y alone says them."
    )
    CODE = (
        'import vaedemo\nmodel = vaedemo.load("{name}")\n'
        'asked = model.asked({"Smiling": 1, "Eyeglasses": 1}).expand(16, -1)  # (16, A)\n'
        "pictures = model.sample(16, seed=0, y=asked)  # (16, 3, 64, 64) in [0, 1]"
    )

    def __init__(self, attributes: Sequence[str], independence: float = 0.0, **net: Any):
        super().__init__(len(attributes), **net)
        self.attributes = tuple(attributes)
        self.columns = [ATTRIBUTES.index(name) for name in attributes]
        self.independence = independence
        self.leaning: Tensor  # the running covariance, (A, Z)
        if independence:
            self.register_buffer("leaning", torch.zeros(self.y, self.z))

    def forward(self, player: str, batch: Batch) -> Terms:
        posterior, _, terms = self.reconstruct(batch)
        rate = self.rate(posterior).sum(1).mean()
        terms = {**terms, "total": terms["distortion"] + self.beta * self.ramp(batch.step) * rate, "rate": rate}
        if not self.independence:
            return terms
        y = self.condition(batch.y)
        y = (y - y.mean(0)) / y.std(0).clamp(min=0.1)
        covariance = (y[:, :, None] * posterior.mean[:, None]).mean(0)  # (A, Z); a matrix product would be in bf16
        self.leaning.lerp_(covariance.detach(), 1 - KEEP)
        # A batch's own square is mostly noise; the running mean times the batch's has the same gradient without it.
        pull = 2 * (self.leaning * covariance).sum()
        return {**terms, "total": terms["total"] + self.independence * pull, "leaning": self.leaning.square().sum()}

    def condition(self, y: Tensor) -> Tensor:
        return y[:, self.columns].float()

    def order(self, y: Tensor, batch: int, seed: int) -> RareOften:
        return RareOften(self.condition(y), batch, seed)

    def asked(self, values: Mapping[str, float]) -> Tensor:
        """y (A,) of a description: attributes by name, from -1 to 1. Of those that are not named the
        `face_set.USUAL` are there, the others are not.

        Raises ValueError for a name that the model does not know, and for a value out of range.
        """
        told = {**USUAL, **values}
        for name, value in values.items():
            if name not in self.attributes:
                raise ValueError(f"attributes: unknown {name!r}; known: {', '.join(self.attributes)}")
            if not -1 <= value <= 1:
                raise ValueError(f"attributes: {name} is {value}; from -1 (not there) to 1 (there) is wanted")
        return torch.tensor([float(told.get(name, -1.0)) for name in self.attributes])
