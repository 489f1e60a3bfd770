"""InfoGAN (Chen 2016): a GAN some of whose inputs can be read off what it draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn
from torch.distributions import Normal
from torch.nn import functional as F

from vaedemo.data import Pictures
from vaedemo.models.base import Batch, LatentModel, Player, Terms, model
from vaedemo.models.nets import chain_decoder, jittered

LR_SCALE = 0.2  # the discriminator's learning rate over the generator's; the paper's are 2e-4 and 1e-3


@model("infogan")
class InfoGAN(LatentModel):
    """z is a category (one-hot), continuous codes uniform in [-1, 1], and Gaussian noise, in that order.

    The discriminator tells drawn pictures from real ones; on its features the head Q guesses category and codes. Both
    players also maximize log Q(c | G(z)), a lower bound of the information that codes and picture share: `information`
    weighs the category's, `continuous` the codes'. The discriminator learns slower than the generator, as in the
    paper, else it wins; its BatchNorm sees drawn and real pictures in batches of their own.

    It sees all pictures turned, sheared, resized and moved a little at random, by about `jitter` (radians; Zhao 2020):
    what that changes makes a poor category. Two such looks at a real picture shall tell of one category: `iic` weighs
    the information that the guesses of both share (invariant information clustering; Ji 2019); the paper has no such
    term. The category's information is reached linearly over `warmup` steps, the codes' comes in after `styles` steps,
    when categories have settled: else codes take part in what tells digits apart.
    """

    CARD = (
        "An InfoGAN (Chen et al. 2016): a generator of a category, two continuous codes and noise; a head on the "
        "discriminator's features guesses category and codes, and generator and discriminator make that guess easier. "
        "Unlike the paper's, both nets are smaller, the discriminator sees all pictures turned, sheared and moved a "
        "little (differentiable augmentation, Zhao et al. 2020), two such looks at a real picture shall be of one "
        "category (invariant information clustering, Ji et al. 2019, weighed by `iic`), the category's term comes in "
        "over `warmup` steps, and the codes' after `styles` steps. Without `iic` a run of the same recipe reached "
        "0.84 on the test split."
    )

    has_prior = False  # no q(z|x), so no rate either

    def __init__(
        self,
        categories: int,
        codes: int,
        noise: int,
        hidden: int,
        base: Sequence[int],
        ups: Sequence[int],
        widths: Sequence[int],
        features: int,
        shape: Sequence[int] = (1, 28, 28),
        information: float = 1.0,
        continuous: float = 0.1,
        warmup: float = 0,
        styles: float = 0,
        jitter: float = 0.0,
        iic: float = 0.0,
    ):
        super().__init__()
        self.categories, self.codes, self.z = categories, codes, categories + codes + noise
        self.shape = (shape[0], shape[1], shape[2])
        self.information, self.continuous, self.jitter, self.iic = information, continuous, jitter, iic
        self.warmup, self.styles = warmup, styles
        self.decoder = chain_decoder(self.z, hidden, base, [], ups, shape[0])  # the generator
        layers: list[nn.Module] = [nn.Conv2d(shape[0], widths[0], 4, 2, 1), nn.LeakyReLU(0.1)]
        for channels, wider in pairwise(widths):
            layers += [nn.Conv2d(channels, wider, 4, 2, 1, bias=False), nn.BatchNorm2d(wider), nn.LeakyReLU(0.1)]
        last = nn.Linear(widths[-1] * (shape[1] >> len(widths)) ** 2, features, bias=False)
        self.trunk = nn.Sequential(*layers, nn.Flatten(), last, nn.BatchNorm1d(features), nn.LeakyReLU(0.1))
        self.real = nn.Linear(features, 1)
        self.head = nn.Sequential(  # Q
            nn.Linear(features, 128), nn.LeakyReLU(0.1), nn.Linear(128, categories + 2 * codes)
        )

    def players(self) -> dict[str, Player]:
        judges = [*self.trunk.parameters(), *self.real.parameters(), *self.head.parameters()]
        return {
            "discriminator": Player(judges, lr_scale=LR_SCALE, beta1=0.5),
            "generator": Player(list(self.decoder.parameters()), beta1=0.5),
        }

    def from_normal(self, z: Tensor) -> Tensor:
        """Samples (B, Z) of N(0, I) to samples of the prior: the greatest of the first numbers is the category."""
        category, codes, noise = z.split([self.categories, self.codes, self.z - self.categories - self.codes], 1)
        one_hot = F.one_hot(category.argmax(1), self.categories).to(z)
        return torch.cat([one_hot, torch.erf(codes / math.sqrt(2)), noise], 1)

    def page_tensors(self, pictures: Pictures) -> dict[str, Tensor]:
        """digits (categories,): the label that each category stands for. There is no encoder, so no codes."""
        guessed = self.guesses(pictures)
        return {"digits": labels_of(guessed, pictures.y, self.categories).to(torch.uint8)}

    def guesses(self, pictures: Pictures) -> Tensor:
        """The likeliest category of each picture, (N,)."""
        pieces = torch.arange(len(pictures)).split(500)
        return torch.cat([self.guess(pictures.floats(piece))[0].argmax(1) for piece in pieces])

    def guess(self, x: Tensor) -> tuple[Tensor, Normal]:
        """Q(c|x): logits of the category (B, categories), and the codes' Normal (B, codes). x (B, C, H, W)."""
        return self._heads(self.trunk(x))

    def _features(self, x: Tensor, real: bool) -> Tensor:
        """The trunk's features of jittered pictures, (B, features)."""
        for layer in self.trunk:
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                layer.momentum = 0.1 if real else 0.0  # what stays for `guess` are statistics of real pictures alone
        return self.trunk(jittered(x, self.jitter))

    def _heads(self, features: Tensor) -> tuple[Tensor, Normal]:
        category, mean, spread = self.head(features).float().split([self.categories, self.codes, self.codes], 1)
        return category, Normal(mean, F.softplus(spread) + 1e-2, validate_args=False)

    def forward(self, player: str, batch: Batch) -> Terms:
        z = self.from_normal(torch.randn(len(batch.x), self.z, device=batch.x.device))
        with torch.set_grad_enabled(player == "generator"):
            drawn = self.render(self.decode(z).float())
        features = self._features(drawn, real=False)
        category, codes = self._heads(features)
        asked = z[:, : self.categories].argmax(1)
        given = z[:, self.categories : self.categories + self.codes]
        category_cost = F.cross_entropy(category, asked)
        codes_cost = -codes.log_prob(given).sum(1).mean()
        told = self.ramp(batch.step) * self.information * category_cost
        told = told + (batch.step >= self.styles) * self.continuous * codes_cost
        unlike = self.real(features).float()
        if player == "discriminator":
            looks = [self._features(batch.x, real=True) for _ in range(2)]
            alike = self.real(looks[0]).float()
            caught = F.softplus(unlike).mean() + F.softplus(-alike).mean()
            one, other = (self._heads(look)[0].softmax(1) for look in looks)
            shared = shared_information(one, other)
            return {"total": caught + told - self.iic * shared, "caught": caught, "shared": shared}
        fooled = F.softplus(-unlike).mean()  # non-saturating
        return {"total": fooled + told, "fooled": fooled, "category": category_cost, "codes": codes_cost}


def shared_information(one: Tensor, other: Tensor) -> Tensor:
    """Mutual information, in nats, of the categories that two looks at the same pictures are given, when each is drawn
    from its guess: probabilities (B, categories). At most the logarithm of their number (Ji 2019, section 3.1)."""
    joint = one.T @ other / len(one)
    joint = (joint + joint.T) / 2
    apart = joint.sum(1, keepdim=True) * joint.sum(0, keepdim=True)
    return (joint * ((joint + 1e-8).log() - (apart + 1e-8).log())).sum()


def labels_of(guessed: Tensor, truth: Tensor, categories: int) -> Tensor:
    """The one label for each category that makes most pictures right, (categories,). guessed, truth: (N,)."""
    table = confusion(guessed, truth, categories)
    return torch.from_numpy(linear_sum_assignment(-table)[1])


def confusion(guessed: Tensor, labels: Tensor, categories: int) -> NDArray[np.int64]:
    """How many pictures of each label each category got, (categories, categories)."""
    return torch.bincount(guessed * categories + labels, minlength=categories**2).view(categories, -1).numpy()
