"""A decoder of faces that a projected critic has taught, told y: the CVAE's z, the CVAE's attributes, sharp pictures.

The mean of a Gaussian p(x|z, y) averages over whatever z leaves open (each hair, each crease), hence it is smooth.
Discriminators that tell photographs from drawn pictures (Goodfellow 2014) reward one plausible picture instead. It is
the VAE/GAN (Larsen 2016) made conditional, with a classifier, as the CVAE-GAN is (Bao 2017); unlike in both, the
encoder has learned before, in a CVAE, and stays as it is, so that one z is drawn by both, smooth or sharp.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from vaedemo.data import Pictures
from vaedemo.models.base import Batch, Player, Terms, Trainable, model
from vaedemo.models.critic import Critic, Look
from vaedemo.models.cvae import AttributeCVAE, RareOften
from vaedemo.models.folding import fold_batchnorm
from vaedemo.models.nets import chain_decoder, conv_encoder, jittered
from vaedemo.models.tower import weights_file
from vaedemo.models.vaegan import BETA2, COLOR, HOLD, held, settle_batchnorm, some_photos
from vaedemo.models.weave import LEARNED, Weave

BLOCK = 4  # pixels: of what is coarser than that, `held` keeps the CVAE's
HEAD, JITTER, TUTOR_LR_SCALE = 256, 0.05, 2.5  # of the tutor: hidden units; radians; learning rate over the decoder's
PEOPLE = 1_024  # descriptions at which BatchNorm's statistics are taken


@dataclass
class Scene:
    """What a step draws, B reconstructions and then B samples, and what the critic's tower makes of it."""

    batch: Batch
    y: Tensor  # (B, A), of the photos and of their reconstructions
    asked: Tensor  # (2 B, A), of all drawn pictures
    z: Tensor  # (2 B, Z)
    drawn: Tensor  # (2 B, C, H, W)
    photos: list[Tensor]  # features of the photos, and of the drawn pictures, halves apart
    of_rebuilt: list[Tensor]
    of_sampled: list[Tensor]

    def of_drawn(self) -> list[Tensor]:
        return [torch.cat(pair) for pair in zip(self.of_rebuilt, self.of_sampled)]


@model("cvaegan")
class CVAEGAN(AttributeCVAE):
    """Encoder and posterior are those of the CVAE `smooth` and stay; the decoder is new. `before` describes the CVAE's
    own decoder, as arguments of `chain_decoder`; `looked` is the side at which the critic looks.

    For the first `alone` steps no critic looks: the decoder learns to draw the CVAE's own pictures, by squared error,
    of z ~ N(0, I). That takes it minutes, and it draws many faces then, where a critic would begin with one.

    After that a batch's photos are reconstructed, each with its own y, and as many pictures are drawn with z ~ N(0, I)
    and the y of another photo. The discriminators, told y by projection, minimize the hinge loss on photos and both
    kinds of drawn pictures. The decoder minimizes L_GAN + `gamma` * Dis_l + `pixels` * squared error, the last two on
    reconstructions, + `held` * the square of the difference to the CVAE's picture of the same z and y, averaged over
    blocks of BLOCK x BLOCK pixels, so that z keeps its meaning + `woven` * the error of its pictures' spectrum (see
    `Weave`) + `told` * the tutor's logistic loss at y, mean over attributes, which grows in over `warmup` steps. The
    tutor, with `tutor` channels, learns to read attributes from photographs alone, moved a little.

    A photo and its reconstruction are shown to the critic moved and colored alike. All terms but `distortion` are bare
    numbers, and that is only told. Pictures are no longer the mean of p(x|z, y).
    """

    CARD = (
        "The conditional VAE of faces `faces-cvae` with another decoder: a VAE/GAN's (Larsen et al. 2016), told "
        "attributes; the encoder is the CVAE's, so the same z and attributes give the same face, but with edges. "
        "A projected critic (Sauer et al. 2021) teaches it: four small discriminators on the maps of a frozen "
        "EfficientNet-Lite0, which tell photographs of a description from drawn pictures of it (by projection, Miyato "
        "& Koyama 2018), and in whose middle layers reconstructions are compared with photos. Patterns that upsampling "
        "weaves are punished (spectral regularization, after Durall et al. 2020). A small net that "
        "learned attributes from photographs rewards it where what was asked can be read (as the classifier of the "
        "CVAE-GAN, Bao et al. 2017). Critic, tutor and EfficientNet-Lite0 do not ship with it. Details of a photo "
        "that z does not hold are invented: plausible, and not the person's. Its pictures are no means of p(x|z, y); "
        "their squared error is larger."
    )

    hold = HOLD
    only_in_training = ("critic", "weave", "tutor", "before", "people")

    def __init__(
        self,
        smooth: str,
        before: Mapping[str, Any],
        looked: int,
        tutor: Sequence[int],
        gamma: float,
        pixels: float,
        held: float,
        woven: float,
        told: float,
        alone: int,
        warmup: float,
        **net: Any,
    ):
        super().__init__(warmup=warmup, **net)
        fold_batchnorm(self.encoder)  # as what it begins with is
        self.smooth = smooth
        self.gamma, self.pixels, self.held, self.woven = gamma, pixels, held, woven
        self.told, self.alone = told, alone
        self.critic, self.weave = Critic(looked, self.y), Weave()
        self.tutor = conv_encoder(self.shape, tutor, 0, self.y, shuffle=2, head=HEAD, norm=False)
        self.before = fold_batchnorm(chain_decoder(self.z + self.y, out=self.shape[0], **before))
        self.people: Tensor  # descriptions, as often as a training sees them
        self.register_buffer("people", torch.zeros(PEOPLE, self.y))
        for part in (self.encoder, self.posterior, self.before):
            part.requires_grad_(False)
        self._scene: Scene | None = None

    @classmethod
    def check_packages(cls) -> None:
        weights_file()

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        cvae = pretrained[self.smooth]
        assert isinstance(cvae, AttributeCVAE)
        for part in ("encoder", "posterior"):
            getattr(self, part).load_state_dict(getattr(cvae, part).state_dict())
        self.before.load_state_dict(cvae.decoder.state_dict())
        self.noise.copy_(cvae.noise)
        y = self.condition(pictures.y)
        self.people.copy_(y[RareOften(y, PEOPLE, 0).batch(0)])
        self.critic.begin(some_photos(pictures, self.noise.device))
        self.weave.begin(some_photos(pictures, self.noise.device, LEARNED))

    def players(self) -> dict[str, Player]:
        return {
            "discriminators": Player(list(self.critic.judges.parameters()), beta1=0.0, beta2=BETA2),
            "tutor": Player(list(self.tutor.parameters()), lr_scale=TUTOR_LR_SCALE),
            "decoder": Player(list(self.decoder.parameters()), beta1=0.0, beta2=BETA2),
        }

    def settle(self) -> None:
        settle_batchnorm(self.decoder, self.z, self.people)

    def forward(self, player: str, batch: Batch) -> Terms:
        if player == "tutor":
            misread = self._misread(batch.x, self.condition(batch.y))
            return {"total": misread, "misread": misread}
        if batch.step < self.alone:
            return self._without_critic(player, batch)
        if self._scene is None or self._scene.batch is not batch:
            self._scene = self._draw(batch)
        scene = self._scene
        if player == "discriminators":
            caught = self.critic.caught(scene.photos, [h.detach() for h in scene.of_drawn()], scene.y, scene.asked)
            return {"total": caught, "caught": caught}
        self._scene = None
        return self._decoder(scene)

    def _misread(self, x: Tensor, y: Tensor) -> Tensor:
        """The tutor's logistic loss, mean over pictures x and their attributes y."""
        return F.softplus(-y * self.tutor(jittered(x, JITTER)).float()).mean()

    def _without_critic(self, player: str, batch: Batch) -> Terms:
        if player == "discriminators":
            rest = next(self.critic.judges.parameters()).sum() * 0  # no slope, so no step
            return {"total": rest}
        asked = self.condition(batch.y).repeat(2, 1)
        z = torch.randn(len(asked), self.z, device=batch.x.device)
        strayed = (self.render(self.decode(z, asked).float()) - self._before(z, asked)).square().mean()
        return {"total": self.held * strayed, "strayed": strayed}

    @torch.no_grad()
    def _before(self, z: Tensor, y: Tensor) -> Tensor:
        """The CVAE's pictures, (B, C, H, W)."""
        return self.render(self.before(torch.cat([z, y], 1)).float())

    def _draw(self, batch: Batch) -> Scene:
        x, y, count = batch.x, self.condition(batch.y), len(batch.x)
        with torch.no_grad():
            z = self.encode(x, y).rsample()
            z, asked = torch.cat([z, torch.randn_like(z)]), torch.cat([y, y.roll(1, 0)])
        drawn = self.render(self.decode(z, asked).float())
        look, other = Look.draw(count, x.device, COLOR), Look.draw(count, x.device, COLOR)
        with torch.no_grad():
            photos = self.critic.features(look(x))
        seen, other_seen = self.critic.features(look(drawn[:count])), self.critic.features(other(drawn[count:]))
        return Scene(batch, y, asked, z, drawn, photos, seen, other_seen)

    def _decoder(self, scene: Scene) -> Terms:
        x, drawn = scene.batch.x, scene.drawn
        with held(self.critic.judges):
            fooled = self.critic.fooled(scene.of_drawn(), scene.asked)
            away = self.critic.away(scene.of_rebuilt, scene.photos)
        before = self._before(scene.z, scene.asked)
        with torch.no_grad():
            distortion = self.gaussian_nats(drawn[: len(x)], x).mean()  # sigma is learned here
        error = (drawn[: len(x)] - x).square().mean()
        strayed = F.avg_pool2d(drawn - before, BLOCK).square().mean()
        with held(self.tutor):
            unread = self._misread(drawn, scene.asked)
        uneven = self.weave(drawn)
        kept = self.gamma * away + self.pixels * error + self.held * strayed + self.woven * uneven
        bare = {"away": away, "strayed": strayed, "fooled": fooled, "unread": unread, "uneven": uneven}
        rewarded = fooled + self.ramp(scene.batch.step - self.alone) * self.told * unread
        return {"total": kept + rewarded, "distortion": distortion, **bare}
