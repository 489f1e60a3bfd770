"""GAN, VAE/GAN and VAE_Dis_l on one decoder (Larsen 2016), judged by a projected critic (Sauer 2021).

A GAN draws sharp pictures and gives no z of a photo. A VAE gives it and draws their blurry mean, because it measures
errors pixel by pixel. The VAE/GAN measures them in a middle layer of the GAN's discriminators, which learn all along:
Dis_l. VAE_Dis_l measures them in those of a GAN that has learned before, and has no adversary.

Each step draws its pictures once, and looks at them once: its players, in turn, share the step's scene.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Independent

from vaedemo.data import Pictures
from vaedemo.models.base import Batch, LatentModel, Player, Terms, Trainable, model
from vaedemo.models.critic import Critic, Look
from vaedemo.models.nets import chain_decoder
from vaedemo.models.tower import weights_file
from vaedemo.models.vae import VAE
from vaedemo.models.weave import LEARNED, Weave

HOLD = 0.6  # of a training at the full rate: players that chase each other gain by going on, and by calm at the end
BETA2 = 0.99  # Adam's second beta, as in StyleGAN: a discriminator's slopes soon change their size
ENCODER_LR_SCALE = 2.5  # the encoder's learning rate over the decoder's
COLOR = 0.2  # of DiffAug's colors where reconstructions are compared with photos: in full, they leave colors free
CALIBRATED = 128  # photos
SETTLED = 8, 128  # batches, and z in each, of which BatchNorm's statistics are taken anew


@model("gan")
class GAN(LatentModel):
    """A generator and the projected critic's discriminators (Goodfellow 2014), hinge loss (Lim & Ye 2017).

    z ~ N(0, I). The generator begins as the decoder of the VAE `begun_as`, which draws many faces, all blurred (BAGAN
    begins with an autoencoder, too; Mariani 2018): begun with random weights it came to draw one face alone.
    Photographs and drawn pictures are shown to the discriminators in changed colors and moved a little (DiffAug; Zhao
    2020), which keeps them from learning the photographs by heart. Terms are bare numbers, not nats.
    """

    CARD = (
        "A GAN (Goodfellow et al. 2014): a generator, which is the other models' decoder, and a projected critic "
        "(Sauer et al. 2021), four small discriminators on fixed random mixings of the maps of a frozen EfficientNet-"
        "Lite0, which saw ImageNet. The generator began as the decoder of `faces-vae` (BAGAN, Mariani et al. 2018, "
        "begins with an autoencoder, too): begun with random weights it came to draw one face alone. Hinge loss, "
        "spectral norm, DiffAug without cutout; patterns that upsampling weaves are punished (spectral regularization, "
        "after Durall et al. 2020). It has no encoder: a photo's z is searched for. Neither critic nor "
        "EfficientNet-Lite0 ships with it."
    )

    has_prior = False  # no q(z|x), so no rate either
    begins_with_runs = True  # what ships of a VAE has its BatchNorm folded
    hold = HOLD
    only_in_training = ("critic", "weave")

    def __init__(
        self,
        z: int,
        hidden: int,
        base: Sequence[int],
        convs: Sequence[int],
        ups: Sequence[int],
        looked: int,
        begun_as: str,
        woven: float,
        shape: Sequence[int] = (3, 64, 64),
        last: int = 0,
    ):
        super().__init__()
        self.z, self.shape, self.begun_as = z, (shape[0], shape[1], shape[2]), begun_as
        self.woven = woven
        self.decoder = chain_decoder(z, hidden, base, convs, ups, shape[0], last)  # the generator
        self.critic, self.weave = Critic(looked), Weave()
        self._seen: tuple[Batch, Tensor, list[Tensor]] | None = None  # a step's pictures and their features

    @classmethod
    def check_packages(cls) -> None:
        weights_file()

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        self.decoder.load_state_dict(the_vae(pretrained, self.begun_as).decoder.state_dict())
        self.critic.begin(some_photos(pictures, next(self.parameters()).device))
        self.weave.begin(some_photos(pictures, self.weave.photos.device, LEARNED))

    def players(self) -> dict[str, Player]:
        return {
            "discriminators": Player(list(self.critic.judges.parameters()), beta1=0.0, beta2=BETA2),
            "decoder": Player(list(self.decoder.parameters()), beta1=0.0, beta2=BETA2),
        }

    def settle(self) -> None:
        settle_batchnorm(self.decoder, self.z)

    def page_tensors(self, pictures: Pictures) -> dict[str, Tensor]:
        """Nothing: it knows no picture's z."""
        return {}

    def forward(self, player: str, batch: Batch) -> Terms:
        if self._seen is None or self._seen[0] is not batch:
            z = torch.randn(len(batch.x), self.z, device=batch.x.device)
            drawn = self.render(self.decode(z).float())
            self._seen = batch, drawn, self.critic.features(Look.draw(len(z), z.device)(drawn))
        _, drawn, features = self._seen
        if player == "discriminators":
            with torch.no_grad():
                photos = self.critic.features(Look.draw(len(batch.x), batch.x.device)(batch.x))
            caught = self.critic.caught(photos, [h.detach() for h in features])
            return {"total": caught, "caught": caught}
        with held(self.critic.judges):
            fooled = self.critic.fooled(features)
        uneven = self.weave(drawn)
        self._seen = None
        return {"total": fooled + self.woven * uneven, "fooled": fooled, "uneven": uneven}


@dataclass
class Scene:
    """What a step of the VAE/GAN draws, B reconstructions and B samples, and what the critic's tower makes of it.

    Slopes are stopped between the parts, at leaves, so that each player carries on only what is its own.
    """

    batch: Batch
    posterior: Independent
    z: Tensor  # (B, Z), drawn from it
    told: Tensor  # z, as a leaf: what the decoder was given
    drawn: Tensor  # (2 B, C, H, W)
    rebuilt: Tensor  # the first half of it, as a leaf
    sampled: Tensor  # the second half of it, as a leaf
    photos: list[Tensor]  # features of the photos, of `rebuilt`, of `sampled`
    of_rebuilt: list[Tensor]
    of_sampled: list[Tensor]
    away: tuple[Tensor, Tensor] | None = None  # Dis_l, and its slope at `rebuilt`

    def of_drawn(self) -> list[Tensor]:
        return [torch.cat(pair) for pair in zip(self.of_rebuilt, self.of_sampled)]


@model("vaegan")
class VAEGAN(VAE):
    """The VAE/GAN, its gradients routed as in the paper (section 2.4).

    The discriminators minimize L_GAN alone, on photographs, reconstructions and samples of N(0, I). The encoder
    minimizes the rate + `likeness` * Dis_l, the decoder `gamma` * Dis_l + L_GAN + `woven` * the error of its pictures'
    spectrum (see `Weave`): no slope of L_GAN reaches the encoder.
    Encoder and decoder begin as those of the VAE `begun_as`: what is left to learn is another idea of an error.

    Dis_l is the squared error of the discriminators' middle layers in parts of the photos' power: a Gaussian's, whose
    variance is one, but for the weights. A photo and its reconstruction are shown moved and colored alike.

    `rate` is in nats a picture, and `distortion`, that of pixels, is only told; the rest are bare numbers.
    """

    CARD = (
        "A VAE/GAN (Larsen et al. 2016): reconstructions are compared in the middle layers of the discriminators of "
        "the GAN that its decoder is part of. The encoder minimizes rate + likeness * Dis_l, the decoder gamma * Dis_l "
        "+ the GAN's loss, the discriminators theirs alone, on photos, reconstructions and samples. Unlike the paper's "
        "the discriminators are a projected critic's (Sauer et al. 2021), on the maps of a frozen EfficientNet-Lite0, "
        "with hinge loss, the error is in parts of the photo's power, patterns that upsampling weaves are punished "
        "(spectral regularization, after Durall et al. 2020), and encoder and decoder began as those of "
        "`faces-vae`. Neither critic nor EfficientNet-Lite0 ships "
        "with it."
    )

    begins_with_runs = True  # what ships of a VAE has its BatchNorm folded
    hold = HOLD
    only_in_training = ("critic", "weave")

    def __init__(self, looked: int, begun_as: str, likeness: float, gamma: float, woven: float, **net: Any):
        super().__init__(**net)
        self.begun_as, self.likeness, self.gamma, self.woven = begun_as, likeness, gamma, woven
        self.critic, self.weave = Critic(looked), Weave()
        self._scene: Scene | None = None

    @classmethod
    def check_packages(cls) -> None:
        weights_file()

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        begin_as(self, the_vae(pretrained, self.begun_as))
        self.critic.begin(some_photos(pictures, self.noise.device))
        self.weave.begin(some_photos(pictures, self.noise.device, LEARNED))

    def players(self) -> dict[str, Player]:
        return {  # in this order: the decoder's step changes what the encoder's slope passes through
            "discriminators": Player(list(self.critic.judges.parameters()), beta1=0.0, beta2=BETA2),
            "encoder": Player(list(self.encoder.parameters()), lr_scale=ENCODER_LR_SCALE, beta2=BETA2),
            "decoder": Player(list(self.decoder.parameters()), beta1=0.0, beta2=BETA2),
        }

    def settle(self) -> None:
        settle_batchnorm(self.decoder, self.z)

    def forward(self, player: str, batch: Batch) -> Terms:
        if self._scene is None or self._scene.batch is not batch:
            self._scene = self._draw(batch)
        scene = self._scene
        if player == "discriminators":
            caught = self.critic.caught(scene.photos, [h.detach() for h in scene.of_drawn()])
            return {"total": caught, "caught": caught}
        if player == "encoder":
            return self._encoder(scene)
        self._scene = None
        return self._decoder(scene)

    def _draw(self, batch: Batch) -> Scene:
        x, count = batch.x, len(batch.x)
        posterior = self.encode(x)
        z = posterior.rsample()
        told = z.detach().requires_grad_()
        drawn = self.render(self.decode(torch.cat([told, torch.randn_like(told)])).float())
        rebuilt, sampled = (half.requires_grad_() for half in drawn.detach().split(count))
        look, other = Look.draw(count, x.device, COLOR), Look.draw(count, x.device, COLOR)
        with torch.no_grad():
            photos = self.critic.features(look(x))
        seen, other_seen = self.critic.features(look(rebuilt)), self.critic.features(other(sampled))
        return Scene(batch, posterior, z, told, drawn, rebuilt, sampled, photos, seen, other_seen)

    def _likeness(self, scene: Scene) -> tuple[Tensor, Tensor]:
        """Dis_l and its slope at the reconstructions: once a step, for two players."""
        if scene.away is None:
            with held(self.critic.judges):
                away = self.critic.away(scene.of_rebuilt, scene.photos)
            (slope,) = torch.autograd.grad(away, scene.rebuilt, retain_graph=True)
            scene.away = away.detach(), slope
        return scene.away

    def _encoder(self, scene: Scene) -> Terms:
        away, slope = self._likeness(scene)
        none = torch.zeros_like(scene.sampled)
        (pull,) = torch.autograd.grad(scene.drawn, scene.told, torch.cat([slope, none]), retain_graph=True)
        rate = self.rate(scene.posterior).sum(1).mean()
        with torch.no_grad():
            distortion = self.gaussian_nats(scene.rebuilt, scene.batch.x).mean()  # sigma is learned here
        total = rate + self.likeness * carried(away, (scene.z * pull).sum())
        return {"total": total, "rate": rate, "away": away, "distortion": distortion}

    def _decoder(self, scene: Scene) -> Terms:
        away, slope = self._likeness(scene)
        with held(self.critic.judges):
            fooled = self.critic.fooled(scene.of_drawn())
        seen, other_seen = torch.autograd.grad(fooled, (scene.rebuilt, scene.sampled))
        slopes = torch.cat([self.gamma * slope + seen, other_seen])
        uneven = self.weave(scene.drawn)
        total = carried(self.gamma * away + fooled.detach(), (scene.drawn * slopes).sum()) + self.woven * uneven
        return {"total": total, "fooled": fooled.detach(), "uneven": uneven}


@model("vaedis")
class VAEDis(VAE):
    """VAE_Dis_l: the rate + `likeness` * Dis_l, measured by the discriminators of the GAN `judge`, which stay as they
    are. No adversary is in it. Encoder and decoder begin as those of the VAE `begun_as`."""

    CARD = (
        "VAE_Dis_l (Larsen et al. 2016): a VAE whose reconstructions are compared in the middle layers of the "
        "discriminators of `faces-gan`, which stay as they are; minimizes likeness * Dis_l + rate. It has no "
        "adversary. Encoder and decoder began as those of `faces-vae`."
    )

    begins_with_runs = True  # what ships of a GAN is without its critic
    only_in_training = ("critic",)

    def __init__(self, looked: int, judge: str, begun_as: str, likeness: float, **net: Any):
        super().__init__(**net)
        self.judge, self.begun_as, self.likeness = judge, begun_as, likeness
        self.critic = Critic(looked).requires_grad_(False)

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        gan = pretrained[self.judge]
        assert isinstance(gan, GAN)
        self.critic.load_state_dict(gan.critic.state_dict())
        begin_as(self, the_vae(pretrained, self.begun_as))

    def players(self) -> dict[str, Player]:
        return {"model": Player([*self.encoder.parameters(), *self.decoder.parameters()])}

    def forward(self, player: str, batch: Batch) -> Terms:
        posterior = self.encode(batch.x)
        drawn = self.render(self.decode(posterior.rsample()).float())
        look = Look.draw(len(drawn), drawn.device, COLOR)
        with torch.no_grad():
            photos = self.critic.features(look(batch.x))
            distortion = self.gaussian_nats(drawn, batch.x).mean()  # sigma is learned here
        self.critic.eval()  # spectral norm would go on otherwise
        away = self.critic.away(self.critic.features(look(drawn)), photos)
        rate = self.rate(posterior).sum(1).mean()
        total = self.likeness * away + self.ramp(batch.step) * self.beta * rate
        return {"total": total, "rate": rate, "away": away, "distortion": distortion}


def the_vae(pretrained: Mapping[str, Trainable], name: str) -> VAE:
    vae = pretrained[name]
    assert isinstance(vae, VAE)
    return vae


def begin_as(model: VAE, vae: VAE) -> None:
    """Takes encoder, decoder and sigma of another one of the same nets."""
    model.encoder.load_state_dict(vae.encoder.state_dict())
    model.decoder.load_state_dict(vae.decoder.state_dict())
    model.noise.copy_(vae.noise)


@contextmanager
def held(module: nn.Module) -> Iterator[None]:
    """In here the module's parameters get no slopes."""
    module.requires_grad_(False)
    try:
        yield
    finally:
        module.requires_grad_(True)


def carried(value: Tensor, carrier: Tensor) -> Tensor:
    """A number that is worth `value` and has the slopes of `carrier`."""
    return value.detach() + (carrier - carrier.detach())


def settle_batchnorm(decoder: nn.Sequential, z: int, y: Tensor | None = None) -> None:
    """BatchNorm's statistics of `decoder`, in place, taken anew at z ~ N(0, I) of a fixed seed; it stays in eval mode.

    y: conditions (N, Y), which the z get in turn. Averages of weights are not what their averaged statistics were of.
    """
    norms = [layer for layer in decoder if isinstance(layer, nn.BatchNorm2d)]
    device, dice = next(decoder.parameters()).device, torch.Generator().manual_seed(0)
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean
    decoder.train()
    batches, count = SETTLED
    with torch.no_grad():
        for batch in range(batches):
            code = torch.randn(count, z, generator=dice).to(device)
            turn = torch.arange(batch * count, (batch + 1) * count)
            decoder(code if y is None else torch.cat([code, y[turn % len(y)].to(code)], 1))
    decoder.eval()
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum


def some_photos(pictures: Pictures, device: torch.device, count: int = CALIBRATED) -> Tensor:
    """Some `count` pictures from all over the set, (N, C, H, W) in [0, 1]."""
    return pictures.floats(torch.arange(0, len(pictures), max(1, len(pictures) // count))).to(device)
