"""A decoder of faces that a critic has sharpened: the CVAE's z, the CVAE's attributes, and pictures with edges.

The mean of a Gaussian p(x|z, y) averages over whatever z leaves open (each hair, each crease), hence it is smooth. A
critic that tells photographs from drawn pictures (Goodfellow 2014) rewards one plausible picture instead. As in the
VAE/GAN (Larsen 2016) drawn pictures are reconstructions and samples alike, and reconstructions are also compared in the
critic's own features; unlike there the encoder has learned before, and stays. What y says is rewarded where a tutor can
read it in the picture, as in the AC-GAN (Odena 2017); unlike there it learns from photographs alone, so that the two
agree on no code of their own.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vaedemo.data import Pictures
from vaedemo.models.base import Batch, Player, Terms, Trainable, model
from vaedemo.models.cvae import AttributeCVAE
from vaedemo.models.folding import fold_batchnorm
from vaedemo.models.nets import conv_encoder, jittered

LR_SCALE = 2.0  # the critic's learning rate over the decoder's (two time scales; Heusel 2017)
EVERY = 4  # steps, of which one asks for the critic's slope (Karras 2020)
LOOKED_AT = 2  # of the critic's maps, from its first: where reconstructions are compared
BLOCK = 4  # pixels: what is coarser than that is the CVAE's to say
HEAD, JITTER, TUTOR_LR_SCALE = 256, 0.05, 5.0  # of the tutor: hidden units; radians; learning rate over the decoder's


class Critic(nn.Module):
    """How much pictures (B, C, H, W) look like photographs of what y (B, A) says, as log odds (B,); and its maps of
    them, fine to coarse. y comes in by a projection (Miyato & Koyama 2018)."""

    def __init__(self, channels: int, told: int, widths: Sequence[int]):
        super().__init__()
        self.stem = nn.Conv2d(4 * channels, widths[0], 3, 1, 1)
        self.halvings = nn.ModuleList(nn.Conv2d(before, after, 4, 2, 1) for before, after in pairwise(widths))
        self.real = nn.Linear(widths[-1], 1)
        self.told = nn.Linear(told, widths[-1], bias=False)

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, list[Tensor]]:
        h, maps = F.leaky_relu(self.stem(F.pixel_unshuffle(x - 0.5, 2)), 0.2), []
        for halving in self.halvings:
            h = F.leaky_relu(halving(h), 0.2)
            maps.append(h)
        features = h.sum((2, 3)) / math.sqrt(h[0, 0].numel())  # were places independent, as large as one of them
        return (self.real(features)[:, 0] + (features * self.told(y)).sum(1)).float(), maps


@model("sharpened")
class Sharpened(AttributeCVAE):
    """The CVAE `smooth`, its decoder trained further against a critic with `critic` channels.

    The first half of a batch is reconstructed, the other half drawn with z ~ N(0, I). The decoder minimizes
    log(1 + e^-critic), which grows in over `warmup` steps; on reconstructions `pixels` * squared error and `features` *
    error of the critic's maps, in parts of their power; and `held` * the square of the difference to the CVAE's picture
    of the same z and y, averaged over each window of BLOCK x BLOCK pixels: what z says stays said. `told` weighs the
    tutor's logistic loss at y, mean over attributes, which grows in as well. No rate is in it, for q(z|x, y) is the
    CVAE's; `distortion` is only told. Pictures are no longer the mean of p(x|z, y). The critic's loss is logistic,
    plus, in one step of EVERY and that many times, `steep` / 2 * its squared slope at photographs (R1; Mescheder 2018).
    The tutor, with `tutor` channels, minimizes its logistic loss on photographs that are moved a little. All terms but
    `distortion` are bare numbers, not nats.
    """

    CARD = (
        "The conditional VAE of faces `faces-cvae`, its decoder trained further against a critic, which tells "
        "photographs of a description from drawn ones (as in the VAE/GAN, Larsen et al. 2016, but with the encoder as "
        "it was), and rewarded where a net of its own, taught by the photographs alone and thrown away, reads what was "
        "asked (as the classifier of the AC-GAN, Odena et al. 2017; the judge below it never met): the same z and "
        "attributes give the same face, with edges, and what was asked shows, more often than labels show in "
        "photographs: that agreement is a touch of caricature. Of a photo what z does not hold is made up: plausible, "
        "and not the person's. Its pictures are no means of p(x|z, y); their squared error is larger. "
        "A fine weave shows in hair and ground, most where z is far out; 64 x 64 pixels stay 64 x 64 pixels."
    )

    only_in_training = ("critic", "tutor", "before")

    def __init__(
        self,
        smooth: str,
        critic: Sequence[int],
        tutor: Sequence[int],
        pixels: float,
        features: float,
        held: float,
        steep: float,
        told: float,
        warmup: float,
        **net: Any,
    ):
        super().__init__(warmup=warmup, **net)
        fold_batchnorm(self)  # as what it begins with is
        self.smooth = smooth
        self.pixels, self.features, self.held, self.steep, self.told = pixels, features, held, steep, told
        self.critic = Critic(self.shape[0], self.y, critic)
        self.tutor = conv_encoder(self.shape, tutor, 0, self.y, shuffle=2, head=HEAD, norm=False)
        self.before = copy.deepcopy(self.decoder).requires_grad_(False)  # the CVAE's own

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        cvae = pretrained[self.smooth]
        assert isinstance(cvae, AttributeCVAE)
        for part in ("encoder", "posterior", "decoder"):
            getattr(self, part).load_state_dict(getattr(cvae, part).state_dict())
        self.before.load_state_dict(cvae.decoder.state_dict())
        self.noise.copy_(cvae.noise)

    def players(self) -> dict[str, Player]:
        return {
            "critic": Player(list(self.critic.parameters()), lr_scale=LR_SCALE, beta1=0.0),
            "tutor": Player(list(self.tutor.parameters()), lr_scale=TUTOR_LR_SCALE),
            "model": Player(list(self.decoder.parameters()), beta1=0.0),
        }

    def forward(self, player: str, batch: Batch) -> Terms:
        y, half = self.condition(batch.y), len(batch.x) // 2
        if player == "tutor":
            misread = self._misread(batch.x, y)
            return {"total": misread, "misread": misread}
        with torch.no_grad():
            z = self.encode(batch.x[:half], y[:half]).rsample()
            z = torch.cat([z, torch.randn(len(y) - half, self.z, device=z.device)])
        return self._critic(z, y, batch) if player == "critic" else self._decoder(z, y, batch)

    def _misread(self, x: Tensor, y: Tensor) -> Tensor:
        """The tutor's logistic loss, mean over pictures x and their attributes y."""
        return F.softplus(-y * self.tutor(jittered(x, JITTER)).float()).mean()

    def _critic(self, z: Tensor, y: Tensor, batch: Batch) -> Terms:
        with torch.no_grad():
            drawn = self.render(self.decode(z, y).float())
        asked = batch.step % EVERY == 0
        x = batch.x.clone().requires_grad_(asked)
        alike, unlike = self.critic(x, y)[0], self.critic(drawn, y)[0]
        caught = F.softplus(-alike).mean() + F.softplus(unlike).mean()
        if not asked:
            return {"total": caught, "caught": caught}
        slopes = torch.autograd.grad(alike.sum(), x, create_graph=True)[0].float()
        penalty = slopes.square().flatten(1).sum(1).mean()
        return {"total": caught + EVERY * self.steep / 2 * penalty, "caught": caught}

    def _decoder(self, z: Tensor, y: Tensor, batch: Batch) -> Terms:
        drawn = self.render(self.decode(z, y).float())
        unlike, maps = self.critic(drawn, y)
        x = batch.x[: len(batch.x) // 2]
        with torch.no_grad():
            before = self.render(self.before(torch.cat([z, y.to(z)], 1)).float())
            real = self.critic(x, y[: len(x)])[1]
        distortion = self.gaussian_nats(drawn[: len(x)], x).mean()  # sigma is learned here
        error = (drawn[: len(x)] - x).square().mean()
        pairs = [(mine[: len(x)].float(), theirs.float()) for mine, theirs in zip(maps, real)][:LOOKED_AT]
        away = torch.stack([(mine - theirs).square().mean() / theirs.square().mean() for mine, theirs in pairs]).sum()
        strayed = F.avg_pool2d(drawn - before, BLOCK, 1).square().mean()
        fooled = F.softplus(-unlike).mean()
        unread = self._misread(drawn, y)
        rewarded = self.ramp(batch.step) * (fooled + self.told * unread)
        total = self.pixels * error + self.features * away + self.held * strayed + rewarded
        bare = {"away": away, "strayed": strayed, "fooled": fooled, "unread": unread}
        return {"total": total, "distortion": distortion, **bare}
