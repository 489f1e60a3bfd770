"""Conditional VAEs of color fields on the image tower (Sohn 2015): the baselines of `colorization`, and its base.

A picture x (B, 27, 32, 32) is 25 planes of L / 100, the 5 x 5 pixels of each cell, and the two of the cell's color; in
training a 28th says where the thing lies whose color could be another. The condition y (B, 25600) is L / 100 at 160 x
160, row by row. Color fields are ab / 128, (B, 2, 32, 32).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Independent, Normal
from torch.nn import functional as F

from vaedemo.data import Pictures, photos
from vaedemo.data.salient_region import turned
from vaedemo.latents import draw
from vaedemo.models.base import Batch, LatentModel, Order, Terms, Trainable, model
from vaedemo.models.color_fields import BINS, COLORIZE, Answers, bins_of, color_of
from vaedemo.models.color_nets import STANDARD_OF, Brush, Reader, Trunk
from vaedemo.models.image_tower import maps_of, photos_light, shared
from vaedemo.vision.cielab import SIDE, to_rgb

GREYS = photos.SEEN**2
EVEN_LIGHT = 0.65  # L / 100 at which colors are shown that are on no photo
EVEN = 0.5  # of a color's frequency that is taken as if all colors were equally frequent (Zhang 2016)
COMPONENTS = 20  # principal components of color fields that L_mah looks at
LOOKED_AT = 8_000  # color fields that these, and the frequencies, are computed from
KEEP = 0.99  # of running means: a hundred batches
TURN = (0.74, 5.54)  # radians of hue that a thing is turned by: never next to nothing
TURNED = 0.8  # of the pictures with such a thing
FOCUS, FACES = 4.0, 0.5  # how often a picture with such a thing, and a face, is seen, where others are seen once


def light_of(y: Tensor) -> Tensor:
    """L / 100 (B, 1, 160, 160) of conditions y (B, 25600)."""
    return y.view(-1, 1, photos.SEEN, photos.SEEN)


def condition_of(x: Tensor) -> Tensor:
    """The condition y (B, 25600) of pictures x (B, 27 or 28, 32, 32)."""
    return photos_light(x).flatten(1)


def field_of(x: Tensor) -> Tensor:
    """The color field (B, 2, 32, 32) of pictures x (B, 27 or 28, 32, 32)."""
    return 2 * x[:, photos.PLANES : photos.PLANES + 2] - 1


def tint_of(residual: Tensor) -> Tensor:
    """The tint (B, 2) of color fields less their mean: the median over cells, which no single thing moves."""
    return residual.flatten(2).median(2).values


class Grey(NamedTuple):
    """What is known of grey pictures before any code."""

    maps: tuple[Tensor, Tensor, Tensor]  # sides 8, 16, 32
    mean: Tensor  # of the color field, (B, 2, 32, 32)
    top: Tensor  # the tower's last map, averaged over the picture, (B, 192)


@model("colorcvae")
class ColorCVAE(LatentModel):
    """The conditional VAE of color fields (Sohn 2015): encoder and decoder see the grey picture, p(z) = N(0, I).

    Distortion is L_hist + `mahalanobis` L_mah + `gradient` L_grad. L_hist: squared error, each cell weighed by how rare
    its color is (`rare` 0: all alike). L_mah: squared error of the projections on the twenty principal components of
    color fields, each over its standard deviation. L_grad: squared error of differences between neighbours. Their sum
    counts as the energy of a Gaussian whose one sigma is learned, so that the distortion is in nats. The mean learns by
    squared error, `centre` times. Bins of colors are a task of their own (Zhang 2016), cell by cell: they teach the
    trunk what colors there may be.
    """

    CODE = COLORIZE

    CARD = (
        "A conditional VAE (Sohn et al. 2015) on the nets of `colorization`, as its baseline: encoder and decoder see "
        "the grey picture, p(z) is N(0, I), and no tint is apart. The loss is the same."
    )

    def __init__(
        self,
        z: int,
        maps: Sequence[int],
        widths: Sequence[int],
        dropout: float = 0.1,
        rare: float = 1.0,
        mahalanobis: float = 0.0,
        gradient: float = 0.0,
        centre: float = 1.0,
        beta: float = 1.0,
        warmup: float = 0,
        told: int = 0,
    ):
        """`told`: how many numbers of a code the encoder does not give."""
        super().__init__()
        high = maps[-1]
        self.trunk = Trunk(maps, dropout)
        self.mean = nn.Sequential(nn.Conv2d(high, high, 3, 1, 1), nn.ReLU(), nn.Conv2d(high, 2, 1))
        self.bins = nn.Sequential(
            *(nn.Conv2d(high, high, 3, 1, 1, bias=False), nn.BatchNorm2d(high), nn.ReLU()),
            nn.Conv2d(high, BINS * BINS, 1),
        )
        self.z, self.y, self.shape, self.more_planes = z + told, GREYS, (photos.PLANES + 2, SIDE, SIDE), 1
        self.rare, self.mahalanobis, self.gradient, self.centre = rare, mahalanobis, gradient, centre
        self.beta, self.warmup = beta, warmup
        self.brush = Brush(self.z, maps, widths)
        self.encoder = Reader(z, maps)
        self.rarity: Tensor  # of each color bin, its mean over pictures 1
        self.components: Tensor  # principal components, each over its standard deviation
        self.noise: Tensor  # sigma of p(ab|z, y), where rarity is 1
        self.register_buffer("rarity", torch.ones(BINS * BINS))
        self.register_buffer("components", torch.zeros(COMPONENTS, 2 * SIDE * SIDE))
        self.register_buffer("noise", torch.tensor(0.1))

    def companion(self, pictures: Pictures) -> Callable[[Tensor], tuple[Tensor, ...]]:
        return maps_of(pictures)

    def order(self, y: Tensor, batch: int, seed: int) -> Order:
        return Weighed(y, batch, seed)

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        some = torch.randperm(len(pictures))[:STANDARD_OF]
        self.trunk.standards.measure(self.companion(pictures)(some))
        ab = field_of(pictures.floats(torch.randperm(len(pictures))[:LOOKED_AT]))
        share = bins_of(ab).flatten().bincount(minlength=BINS * BINS) / (len(ab) * SIDE**2)
        smooth = F.avg_pool2d(share.view(1, 1, BINS, BINS), 3, 1, 1).flatten()
        rarity = 1 / ((1 - EVEN) * smooth + EVEN / BINS**2)
        self.rarity.copy_(rarity / (share * rarity).sum())
        _, deviations, axes = torch.pca_lowrank(ab.flatten(1), COMPONENTS, niter=4)
        self.components.copy_((axes / (deviations / math.sqrt(len(ab) - 1))).T)

    def grey(self, y: Tensor) -> Grey:
        """What there is to know of grey pictures y (B, 25600). Raises Unavailable where the tower's files are not."""
        light = light_of(y)
        return self.seen(light, shared()(light))

    def seen(self, light: Tensor, told: Sequence[Tensor]) -> Grey:
        maps, whole = self.trunk(light, told)
        return Grey(maps, self.mean(maps[2]).float(), whole)

    def logits(self, y: Tensor) -> Tensor:
        """Of the color bins, (B, 100, 32, 32), for grey pictures y (B, 25600)."""
        return self.bins(self.grey(y).maps[2]).float()

    def cells(self, y: Tensor, n: int, seed: int) -> Tensor:
        """n color fields (n, 2, 32, 32) on the grey picture y (25600,), each cell drawn on its own."""
        shares = self.logits(y[None])[0].flatten(1).T.softmax(1)
        drawn = torch.multinomial(shares, n, replacement=True, generator=torch.Generator().manual_seed(seed))
        return color_of(drawn.T.reshape(n, SIDE, SIDE))

    def surprise(self, grey: Grey, ab: Tensor) -> Tensor:
        """-log P(color bins | grey) in nats a picture, mean over the batch."""
        return F.cross_entropy(self.bins(grey.maps[2]).float(), bins_of(ab)) * SIDE**2

    def condition(self, y: Tensor) -> Tensor:
        """A label tells nothing of a picture: one even grey, (B, 25600)."""
        return torch.full((len(y), GREYS), 0.5, device=y.device)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        return self.posterior(x, self.grey(condition_of(x)))

    def posterior(self, x: Tensor, grey: Grey, true: Tensor | None = None) -> Independent:
        """q of pictures x whose grey ones are known; `true`: their own colors, where x has a thing in another."""
        mean, log_sigma = self.encoder(field_of(x) - grey.mean.detach(), photos_light(x), grey.maps)
        return Independent(Normal(mean, log_sigma.exp()), 1)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Color fields (B, 2, 32, 32) of codes (B, Z) on grey pictures y (B, 25600) or one for all (1, 25600)."""
        if y is None:
            raise ValueError("y: the grey picture to color is wanted")
        return self.painted(z, self.laid(y))

    def laid(self, y: Tensor) -> list[Tensor]:
        """What decoding takes of grey pictures y (B, 25600): computed once, it serves any number of codes."""
        return self.laid_of(self.grey(y))

    def laid_of(self, grey: Grey) -> list[Tensor]:
        return [*self.brush.laid(grey.maps), grey.mean.detach()]

    def painted(self, z: Tensor, laid: Sequence[Tensor]) -> Tensor:
        """Color fields (B, 2, 32, 32) of codes (B, Z) on what is laid: the mean, and what the code changes of it."""
        *maps, mean = laid
        return mean + self.brush(z, maps)

    def picture(self, y: Tensor, ab: Tensor) -> Tensor:
        """x (B, 27, 32, 32) of grey pictures y (B, 25600) and color fields (B, 2, 32, 32)."""
        return torch.cat([F.pixel_unshuffle(light_of(y), photos.PIXELS), ab / 2 + 0.5], 1)

    def answers(self, y: Tensor, n: int, seed: int) -> Answers:
        """n colorings of the grey picture y (25600,), of z ~ N(0, I)."""
        z = torch.from_numpy(draw(n, self.z, seed=seed)).to(y)
        return Answers(self.decode(z, y[None]), z=z)

    def render(self, decoded: Tensor) -> Tensor:
        """The colors alone, (B, 3, 32, 32) in [0, 1], at an even lightness; on a photo: `cielab.colored`."""
        return to_rgb(torch.full_like(decoded[:, :1], EVEN_LIGHT), decoded)

    def page_tensors(self, pictures: Pictures) -> dict[str, Tensor]:
        """Nothing: what a code stands for, the grey picture tells most of."""
        return {}

    def errors(self, painted: Tensor, ab: Tensor) -> Terms:
        """L_hist, L_mah and L_grad of each picture, (B,), whatever this model's loss weighs them."""
        error = painted.float() - ab
        across, along = error.diff(dim=3), error.diff(dim=2)
        return {
            "hist": (self.rarity[bins_of(ab)][:, None] * error.square()).flatten(1).sum(1),
            "mah": (error.flatten(1) @ self.components.T).square().sum(1),
            "grad": across.square().flatten(1).sum(1) + along.square().flatten(1).sum(1),
        }

    def energy(self, painted: Tensor, ab: Tensor) -> Tensor:
        """What the loss makes of these errors, (B,); without `rare`, plain squared error is in L_hist's place."""
        errors = self.errors(painted, ab)
        first = errors["hist"] if self.rare else (painted.float() - ab).square().flatten(1).sum(1)
        return first + self.mahalanobis * errors["mah"] + self.gradient * errors["grad"]

    def distortion(self, x: Tensor, z: Tensor, y: Tensor | None = None) -> Tensor:
        """-log p(ab|z, L) in nats a picture, (B,), where the loss' energy is the Gaussian's; L is x's own."""
        return self._nats(self.energy(self.decode(z, condition_of(x)), field_of(x)))

    def _nats(self, energy: Tensor) -> Tensor:
        cells = 2 * SIDE * SIDE
        variance = energy.mean() / cells if self.training else self.noise**2
        if self.training:
            self.noise.lerp_(variance.detach().sqrt(), 1 - KEEP)
        return 0.5 * (energy / variance + cells * torch.log(2 * math.pi * variance))

    def forward(self, player: str, batch: Batch) -> Terms:
        x, maps = mirrored(batch.x, batch.maps)
        true = field_of(x)
        x = recolored(x)
        ab, grey = field_of(x), self.seen(photos_light(x), maps)
        posterior = self.posterior(x, grey, true)
        z = posterior.rsample()
        distortion = self._nats(self.energy(self.painted(z, self.laid_of(grey)), ab)).mean()
        rate = self.rate(posterior)[:, : self.encoder.z].sum(1).mean()  # the rest, nothing learns
        centre = (grey.mean - ab).square().flatten(1).sum(1).mean()
        more = {"surprise": self.surprise(grey, true), **self.forecast(grey, z.detach())}
        total = distortion + self.beta * self.ramp(batch.step) * rate + self.centre * centre + sum(more.values())
        return {"total": total, "distortion": distortion, "rate": rate, "centre": centre, **more}

    def forecast(self, grey: Grey, z: Tensor) -> Terms:
        """Terms of whatever foretells codes from the grey picture: nothing does here."""
        return {}


@model("colorvae")
class ColorVAE(ColorCVAE):
    """`ColorCVAE` with something left out of its loss: what that is for."""

    CARD = (
        "The conditional VAE `colorization-cvae` with less training, to tell what each term of its loss is for: the "
        "models `colorization-whole`, `-l2`, `-no-mah` and `-no-grad` are alike but for these terms."
    )


class Weighed:
    """Batches of a training set of `photos` with labels y (N, 3): pictures with a region more often, faces less."""

    def __init__(self, y: Tensor, size: int, seed: int):
        self.size, self.seed = size, seed
        self.weights = 1 + (FOCUS - 1) * y[:, 2].float()
        self.weights[y[:, 0] == photos.SETS.index("faces")] = FACES
        self.sums = self.weights.double().cumsum(0)

    def batch(self, step: int) -> Tensor:
        dice = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        places = torch.rand(self.size, generator=dice, dtype=torch.float64) * self.sums[-1]
        return torch.searchsorted(self.sums, places).clamp_max(len(self.sums) - 1).sort().values


def mirrored(x: Tensor, maps: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """Pictures of a training step and their maps, all mirrored in half of the steps."""
    if torch.rand(()) < 0.5:
        return x, list(maps)
    light = F.pixel_unshuffle(photos_light(x).flip(3), photos.PIXELS)
    return torch.cat([light, x[:, photos.PLANES :].flip(3)], 1), [one.flip(3) for one in maps]


def recolored(x: Tensor) -> Tensor:
    """Pictures x (B, 28, 32, 32) of a training step; most of those with a region have it in another hue."""
    angle = torch.empty(len(x), device=x.device).uniform_(*TURN)
    some = (torch.rand(len(x), device=x.device) < TURNED).float()
    light = x[:, : photos.PLANES].mean(1)
    with torch.autocast(x.device.type, enabled=False):  # eight bits are too few for colors
        ab = turned(field_of(x), light, x[:, -1] * some[:, None, None], angle)
    return torch.cat([x[:, : photos.PLANES], ab / 2 + 0.5, x[:, -1:]], 1)
