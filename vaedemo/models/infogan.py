"""InfoGAN (Chen 2016): a GAN some of whose inputs can be read off what it draws."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.distributions import Normal
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from vaedemo.models.base import Batch, LatentModel, Player, Terms
from vaedemo.models.nets import chain_decoder, jittered

LOUDER = 2.5


class InfoGAN(LatentModel):
    """z is a category (one-hot), continuous codes uniform in [-1, 1], and Gaussian noise, in that order.

    The discriminator tells drawn pictures from real ones; on its features the head Q guesses category and codes. The
    generator and Q also maximize log Q(c | G(z)), a lower bound of the information that codes and picture share:
    `information` weighs the category's, `continuous` the codes'. The discriminator's features serve only its own end,
    so a category has to show in what tells digits from scribbles, and cannot hide in some detail.

    The discriminator is held smooth by spectral norms (Miyato 2018) where the paper's has BatchNorm, and sees how much
    its features vary over the batch (Karras 2018): else the generator soon draws one picture a category. It sees all
    pictures turned, sheared, resized and moved a little at random, by about `jitter` (radians; Zhao 2020): what that
    changes makes a poor category. The category's information is reached linearly over `warmup` steps, the codes' comes
    after: categories that form before there are digits divide something else.
    """

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
        jitter: float = 0.0,
    ):
        super().__init__()
        self.categories, self.codes, self.z = categories, codes, categories + codes + noise
        self.shape = (shape[0], shape[1], shape[2])
        self.information, self.continuous, self.jitter = information, continuous, jitter
        self.warmup = warmup
        self.decoder = chain_decoder(self.z, hidden, base, [], ups, shape[0])  # the generator
        with torch.no_grad():  # else the noise drowns what the category does, and Q finds nothing to begin with
            next(self.decoder.parameters())[:, :categories] *= LOUDER
        layers: list[nn.Module] = []
        channels, side = shape[0], shape[1]
        for wider in widths:
            layers += [spectral_norm(nn.Conv2d(channels, wider, 4, 2, 1)), nn.LeakyReLU(0.1)]
            channels, side = wider, side // 2
        last = spectral_norm(nn.Linear(channels * side**2, features))
        self.trunk = nn.Sequential(*layers, nn.Flatten(), last, nn.LeakyReLU(0.1))
        self.real = spectral_norm(nn.Linear(2 * features, 1))
        self.head = nn.Sequential(  # Q
            nn.Linear(features, 128), nn.LeakyReLU(0.1), nn.Linear(128, categories + 2 * codes)
        )

    def players(self) -> dict[str, Player]:
        return {
            "discriminator": Player([*self.trunk.parameters(), *self.real.parameters()], momentum=0.5),
            "generator": Player([*self.decoder.parameters(), *self.head.parameters()], momentum=0.5),
        }

    def from_normal(self, z: Tensor) -> Tensor:
        """Samples (B, Z) of N(0, I) to samples of the prior: the greatest of the first numbers is the category."""
        category, codes, noise = z.split([self.categories, self.codes, self.z - self.categories - self.codes], 1)
        one_hot = F.one_hot(category.argmax(1), self.categories).to(z)
        return torch.cat([one_hot, torch.erf(codes / math.sqrt(2)), noise], 1)

    def guess(self, x: Tensor) -> tuple[Tensor, Normal]:
        """Q(c|x): logits of the category (B, categories), and the codes' Normal (B, codes). x (B, C, H, W)."""
        return self._heads(self.trunk(x))

    def _judged(self, features: Tensor) -> Tensor:
        """The logit of being real, (B, 1), of each picture of a batch's features (B, features)."""
        spread = features.float().std(0).expand(len(features), -1)
        return self.real(torch.cat([features, spread.to(features.dtype)], 1)).float()

    def _heads(self, features: Tensor) -> tuple[Tensor, Normal]:
        category, mean, spread = self.head(features).float().split([self.categories, self.codes, self.codes], 1)
        return category, Normal(mean, F.softplus(spread) + 1e-2, validate_args=False)

    def forward(self, player: str, batch: Batch) -> Terms:
        z = self.from_normal(torch.randn(len(batch.x), self.z, device=batch.x.device))
        if player == "discriminator":
            with torch.no_grad():
                drawn = self.render(self.decode(z).float())
            unlike, alike = (self._judged(self.trunk(jittered(x, self.jitter))) for x in (drawn, batch.x))
            caught = F.softplus(unlike).mean() + F.softplus(-alike).mean()
            return {"total": caught, "caught": caught}
        features = self.trunk(jittered(self.render(self.decode(z).float()), self.jitter))
        category, codes = self._heads(features)
        asked = z[:, : self.categories].argmax(1)
        given = z[:, self.categories : self.categories + self.codes]
        fooled = F.softplus(-self._judged(features)).mean()  # non-saturating
        category_cost = F.cross_entropy(category, asked)
        codes_cost = -codes.log_prob(given).sum(1).mean()
        ramp = self.ramp(batch.step)
        total = fooled + ramp * self.information * category_cost + (ramp == 1) * self.continuous * codes_cost
        return {"total": total, "fooled": fooled, "category": category_cost, "codes": codes_cost}
