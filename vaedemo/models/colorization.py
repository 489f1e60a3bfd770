"""Diverse colorization (Deshpande 2017): a VAE of color fields, and for each grey picture a mixture density of its z.

A picture x (B, 6, 32, 32) is four planes of L / 100, the 2 x 2 pixels of each cell, and the two of the cell's color.
The condition y (B, 4096) is the four planes of L in a row. Color fields are ab / 128, (B, 2, 32, 32).

All nets here have one form: features of the grey picture at four sizes, and a brush that paints a color field from z
with the features laid in on its way. The paper's decoder sees z alone and its pictures have soft edges; here edges come
from the grey picture, and z is left with what it does not tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Categorical, Distribution, Independent, MixtureSameFamily, Normal
from torch.nn import functional as F

from vaedemo.data import Pictures
from vaedemo.latents import draw
from vaedemo.models.base import Batch, LatentModel, Terms, Trainable, model
from vaedemo.models.nets import Residual, conv_encoder
from vaedemo.models.vae import VAE
from vaedemo.vision.cielab import SIDE, to_rgb

GREYS = 4 * SIDE * SIDE
BINS, WIDE = 10, 16 / 128  # colors by the value of a, of b; a bin's width. The outermost take what lies beyond
EVEN_LIGHT = 0.65  # L / 100 at which colors are shown that are on no photo
EVEN = 0.5  # of a color's frequency that is taken as if all colors were equally frequent (Zhang 2016)
HINT = 10 / 128  # sigma of a hint: how far a color may be from the dab that it agrees with
COMPONENTS = 20  # principal components of color fields that L_mah looks at
LOOKED_AT = 8_000  # color fields that these, and the frequencies, are computed from
KEEP = 0.99  # of running means: a hundred batches
COLORIZE = (  # the card's example of every model here
    "from pathlib import Path\n"
    "from vaedemo import colorize\n"
    'photo = colorize.photo(Path("photo.jpg"))\n'
    'found = colorize.answers("{name}", photo.grey, 8, seed=0)  # fields (n, 2, 32, 32)\n'
    "for i, jpeg in enumerate(colorize.jpegs(photo.light, found.fields)):\n"
    '    Path(f"colors{i}.jpg").write_bytes(jpeg)'
)


def lightness(x: Tensor) -> Tensor:
    """The condition y (B, 4096) of pictures x (B, 6, 32, 32)."""
    return x[:, :4].flatten(1)


def field(x: Tensor) -> Tensor:
    """The color field (B, 2, 32, 32) of pictures x (B, 6, 32, 32)."""
    return 2 * x[:, 4:] - 1


def bins_of(ab: Tensor) -> Tensor:
    """The number of each cell's color bin, (B, 32, 32), for color fields (B, 2, 32, 32)."""
    steps = (ab / WIDE + BINS / 2).floor().clamp(0, BINS - 1).long()
    return steps[:, 0] * BINS + steps[:, 1]


def color_of(number: Tensor) -> Tensor:
    """The middle of color bins, (B, 2, 32, 32), for their numbers (B, 32, 32)."""
    return (torch.stack([number // BINS, number % BINS], 1) + 0.5 - BINS / 2) * WIDE


def mirrored(x: Tensor) -> Tensor:
    """Pictures x (B, 6, 32, 32) of a training step, all mirrored in half of the steps."""
    return x[:, [1, 0, 3, 2, 4, 5]].flip(3) if torch.rand(()) < 0.5 else x


class Answers(NamedTuple):
    """n colorings of one grey picture, the likeliest first where there are weights."""

    fields: Tensor  # (n, 2, 32, 32)
    weights: Tensor | None = None  # (n,), their sum at most 1
    z: Tensor | None = None  # (n, Z)


class Draws(NamedTuple):
    """Draws of P(z|grey) for one grey picture: what hints choose among."""

    component: Tensor  # (n,) of the mixture, numbered as `Answers` orders them
    fields: Tensor  # (n, 2, 32, 32)


def hinted(draws: Draws, dabs: Sequence[tuple[int, int, tuple[float, float]]], mixture: int) -> tuple[Tensor, Tensor]:
    """Weights (K,) and color fields (K, 2, 32, 32) of the components, once colors were told at some places.

    dabs: (row, column, (a, b) / 128) of cells. Each draw counts by p(dabs|its field), Gaussian with sigma `HINT`:
    importance sampling of the posterior. A component's weight is its draws', its field their weighted mean.
    """
    away = draws.fields.new_zeros(len(draws.fields))
    for row, column, ab in dabs:
        away = away + (draws.fields[:, :, row, column] - draws.fields.new_tensor(ab)).square().sum(1)
    log_weights = -away / (2 * HINT**2)
    whose = F.one_hot(draws.component, mixture).T  # (K, n)
    within = torch.where(whose > 0, log_weights, -1e9).softmax(1)  # also where all of a component is far off
    weights = torch.where(whose > 0, log_weights.softmax(0), 0).sum(1)
    return weights, torch.einsum("kn,nchw->kchw", within, draws.fields)


class Grey(nn.Module):
    """Features of grey pictures: (B, 4, 32, 32) to four maps of `widths` channels with sides 32, 16, 8, 4."""

    def __init__(self, widths: Sequence[int], norm: bool):
        super().__init__()

        stages = [nn.Sequential(nn.Conv2d(4, widths[0], 3, 1, 1), nn.ReLU())]  # full size costs most: no more there
        for told, mine in pairwise(widths):
            halved = nn.Conv2d(told, mine, 4, 2, 1), nn.BatchNorm2d(mine) if norm else nn.Identity(), nn.ReLU()
            stages.append(nn.Sequential(*halved, Residual(mine, norm)))
        self.stages = nn.ModuleList(stages)

    def forward(self, planes: Tensor) -> list[Tensor]:
        maps = [planes]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps[1:]


class Brush(nn.Module):
    """Paints (B, out, 32, 32) of z (B, Z) and a grey picture's features, which join at each size.

    What depends on the features alone is `laid`; of one picture it serves any number of z. With Z = 0 there is no z.
    """

    def __init__(self, z: int, grey: Sequence[int], widths: Sequence[int], out: int):
        super().__init__()
        self.side = SIDE // 2 ** (len(widths) - 1)
        self.start = nn.Linear(z, widths[0] * self.side**2) if z else None
        self.sides = nn.ModuleList(nn.Conv2d(told, mine, 1) for told, mine in zip(grey[::-1], widths))
        self.ups = nn.ModuleList(
            nn.Sequential(
                *(nn.Conv2d(below, below, 3, 1, 1), nn.BatchNorm2d(below), nn.ReLU()),
                *(nn.ConvTranspose2d(below, mine, 4, 2, 1), nn.BatchNorm2d(mine)),
            )
            for below, mine in pairwise(widths)
        )
        self.last = nn.Conv2d(widths[-1], out, 3, 1, 1)

    def laid(self, features: Sequence[Tensor]) -> list[Tensor]:
        """What the features add at each size, smallest first."""
        return [side(told) for side, told in zip(self.sides, reversed(features))]

    def forward(self, z: Tensor, laid: Sequence[Tensor]) -> Tensor:
        h = laid[0]
        if self.start is not None:
            h = h + self.start(z).view(len(z), -1, self.side, self.side)
        for up, told in zip(self.ups, laid[1:]):
            h = up(F.relu(h)) + told
        return self.last(F.relu(h))


def begin_with_features(grey: Grey, name: str, pretrained: Mapping[str, Trainable]) -> None:
    """Give `grey` the features of the net `name`, one of `pretrained`; "" leaves it as it is."""
    if name:
        net = pretrained[name]
        assert isinstance(net, ColorBins)
        grey.load_state_dict(net.grey.state_dict())


@model("colorvae")
class ColorVAE(LatentModel):
    """The VAE of color fields: distortion of L_hist + `mahalanobis` L_mah + `gradient` L_grad, plus beta * rate.

    L_hist: squared error, each cell weighed by how rare its color is (`rare` 0: all alike). L_mah: squared error of the
    projections on the twenty principal components of color fields, each over its standard deviation. L_grad: squared
    error of differences between neighbours. Their sum counts as the energy of a Gaussian whose one sigma is learned as
    in `VAE`, so that the distortion is in nats. The encoder sees the color field alone.
    """

    CARD = "The VAE of `colorization` without its mixture, and with something left out of its loss: it shows what for."
    CODE = COLORIZE

    sees = 2  # of x's planes, the last ones

    def __init__(
        self,
        z: int,
        grey: Sequence[int],
        widths: Sequence[int],
        encoder: Sequence[int],
        features: str = "",
        rare: float = 1.0,
        mahalanobis: float = 0.0,
        gradient: float = 0.0,
        beta: float = 1.0,
        warmup: float = 0,
    ):
        super().__init__()
        self.z, self.y, self.shape = z, GREYS, (6, SIDE, SIDE)
        self.features, self.beta, self.warmup = features, beta, warmup
        self.rare, self.mahalanobis, self.gradient = rare, mahalanobis, gradient
        self.grey = Grey(grey, norm=False)  # begins with features that are learned already
        self.encoder = conv_encoder((self.sees, SIDE, SIDE), encoder, 0, 2 * z)
        self.brush = Brush(z, grey, widths, 2)
        self.rarity: Tensor  # of each color bin, its mean over pictures 1
        self.components: Tensor  # principal components, each over its standard deviation
        self.noise: Tensor  # sigma of p(ab|z, y), where rarity is 1
        self.register_buffer("rarity", torch.ones(BINS * BINS))
        self.register_buffer("components", torch.zeros(COMPONENTS, 2 * SIDE * SIDE))
        self.register_buffer("noise", torch.tensor(0.1))

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        begin_with_features(self.grey, self.features, pretrained)
        some = torch.randperm(len(pictures))[:LOOKED_AT]
        ab = field(pictures.floats(some))
        share = bins_of(ab).flatten().bincount(minlength=BINS * BINS) / (len(ab) * SIDE**2)
        smooth = F.avg_pool2d(share.view(1, 1, BINS, BINS), 3, 1, 1).flatten()
        rarity = 1 / ((1 - EVEN) * smooth + EVEN / BINS**2)
        self.rarity.copy_(rarity / (share * rarity).sum())
        fields = ab.flatten(1)
        _, deviations, axes = torch.pca_lowrank(fields, COMPONENTS, niter=4)
        self.components.copy_((axes / (deviations / math.sqrt(len(fields) - 1))).T)

    def condition(self, y: Tensor) -> Tensor:
        """A label tells nothing of a picture: one even grey, (B, 4096)."""
        return torch.full((len(y), GREYS), 0.5, device=y.device)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        return VAE.gaussian_of(self.encoder(x[:, -self.sees :]))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Color fields (B, 2, 32, 32) of z (B, Z) on grey pictures y (B, 4096) or one for all (1, 4096)."""
        if y is None:
            raise ValueError("y: the grey picture to color is wanted")
        return self.brush(z, self.laid(y))

    def laid(self, y: Tensor) -> list[Tensor]:
        """What the brush takes of grey pictures y (B, 4096): computed once, it serves any number of z."""
        return self.brush.laid(self.grey(y.view(-1, 4, SIDE, SIDE)))

    def painted(self, z: Tensor, laid: Sequence[Tensor]) -> Tensor:
        """Color fields (B, 2, 32, 32) of z (B, Z) on what is laid."""
        return self.brush(z, laid)

    def picture(self, y: Tensor, ab: Tensor) -> Tensor:
        """x (B, 6, 32, 32) of grey pictures y (B, 4096) and color fields (B, 2, 32, 32)."""
        return torch.cat([y.view(-1, 4, SIDE, SIDE), ab / 2 + 0.5], 1)

    def answers(self, y: Tensor, n: int, seed: int) -> Answers:
        """n colorings of the grey picture y (4096,), of z ~ N(0, I)."""
        z = torch.from_numpy(draw(n, self.z, seed=seed)).to(y)
        return Answers(self.decode(z, y[None]), z=z)

    def render(self, decoded: Tensor) -> Tensor:
        """The colors alone, (B, 3, 32, 32) in [0, 1], at an even lightness; on a photo: `cielab.colored`."""
        return to_rgb(torch.full_like(decoded[:, :1], EVEN_LIGHT), decoded)

    def page_tensors(self, pictures: Pictures) -> dict[str, Tensor]:
        """Nothing: what z stands for, the grey picture tells most of."""
        return {}

    def errors(self, painted: Tensor, ab: Tensor) -> Terms:
        """L_hist, L_mah and L_grad of each picture, (B,), whatever this model's loss weighs them."""
        error = painted.float() - ab
        rarity = self.rarity[bins_of(ab)][:, None]
        across, along = error.diff(dim=3), error.diff(dim=2)
        return {
            "hist": (rarity * error.square()).flatten(1).sum(1),
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
        return self._nats(self.energy(self.decode(z, lightness(x)), field(x)))

    def _nats(self, energy: Tensor) -> Tensor:
        cells = 2 * SIDE * SIDE
        variance = energy.mean() / cells if self.training else self.noise**2
        if self.training:
            self.noise.lerp_(variance.detach().sqrt(), 1 - KEEP)
        return 0.5 * (energy / variance + cells * torch.log(2 * math.pi * variance))

    def forward(self, player: str, batch: Batch) -> Terms:
        x = mirrored(batch.x)
        features, posterior = self.grey(x[:, :4]), self.encode(x)
        painted = self.brush(posterior.rsample(), self.brush.laid(features))
        distortion = self._nats(self.energy(painted, field(x))).mean()
        rate = self.rate(posterior).sum(1).mean()
        total = distortion + self.beta * self.ramp(batch.step) * rate
        more = self.forecast(features, posterior.mean.detach(), batch.step)
        return {"total": total + sum(more.values()), "distortion": distortion, "rate": rate, **more}

    def forecast(self, features: Sequence[Tensor], mean: Tensor, step: int) -> Terms:
        """Terms of whatever foretells z from the grey picture: nothing does here."""
        return {}


@model("colorcvae")
class ColorCVAE(ColorVAE):
    """The conditional VAE on the same nets (Sohn 2015): encoder and decoder see the grey picture, p(z) = N(0, I)."""

    CARD = (
        "A conditional VAE (Sohn et al. 2015) on the nets of `colorization`, as its baseline: the encoder sees the "
        "grey picture too, and p(z) is N(0, I). The loss is the same."
    )

    sees = 6


@model("colorization")
class Colorization(ColorVAE):
    """The VAE with P(z|grey), a mixture density net (Bishop 1994) of `mixture` Gaussians on the grey features.

    Only the component nearest to the posterior's mean learns from a picture, and its weight (paper, section 4.2). At
    first all learn, each by its nearness within `width`, which shrinks to nothing over the first half of `mdn_start`
    steps: else one component takes all. Sigma is no matter for that; it is what is left of z then, by dimension.
    """

    CARD = (
        "Diverse colorization (Deshpande et al. 2017): a VAE of color fields, ab at 32 x 32, whose loss weighs rare "
        "colors, principal components and gradients; and a mixture density net of 8 Gaussians over its z, given the "
        "grey picture. `model.answers(y, 8, seed=0)` are the 8 means, the likeliest first. Unlike the paper's, the "
        "decoder sees features of the grey picture at four sizes, so that edges are the photo's own; the features "
        "begin as those of `colorization-features` and learn on; VAE and mixture are learned together; and a "
        "component's spread, which hints draw by, is measured instead of set to 0.1."
    )

    def __init__(self, mixture: int, hidden: int, mdn_start: float, squeeze: int = 40, **net):
        super().__init__(**net)
        self.mixture, self.mdn_start = mixture, mdn_start
        side = self.brush.side
        self.foreteller = nn.Sequential(
            nn.Conv2d(net["grey"][-1], squeeze, 1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(squeeze * side**2, hidden),
            nn.ReLU(),
            nn.Linear(hidden, mixture * (self.z + 1)),
        )
        self.spread: Tensor  # sigma of every component, (Z,)
        self.register_buffer("spread", torch.ones(self.z))

    def foretell(self, features: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Log weights (B, K) and means (B, K, Z) of the mixture."""
        logits, means = self.foreteller(features[-1]).float().split([self.mixture, self.mixture * self.z], 1)
        return logits.log_softmax(1), means.view(-1, self.mixture, self.z)

    def prior(self, y: Tensor | None = None) -> Distribution:
        """P(z|grey) for grey pictures y (B, 4096), a mixture of batch shape (B,) and event shape (Z,)."""
        if y is None:
            raise ValueError("y: the grey picture to color is wanted")
        logits, means = self.foretell(self.grey(y.view(-1, 4, SIDE, SIDE)))
        return MixtureSameFamily(Categorical(logits=logits), Independent(Normal(means, self.spread), 1))

    def answers(self, y: Tensor, n: int, seed: int) -> Answers:
        """The means of the n components of P(z|grey) that weigh most; no chance is in them, whatever the seed."""
        features = self.grey(y.view(1, 4, SIDE, SIDE))
        logits, means = self.foretell(features)
        order = logits[0].argsort(descending=True)[:n]
        z = means[0, order]
        return Answers(self.brush(z, self.brush.laid(features)), logits[0, order].exp(), z)

    def draws(self, y: Tensor, n: int, seed: int) -> Draws:
        """n draws of P(z|grey) for the grey picture y (4096,)."""
        features = self.grey(y.view(1, 4, SIDE, SIDE))
        component, z = self._drawn(features, n, 1.0, seed)
        return Draws(component, self.brush(z, self.brush.laid(features)))

    def _drawn(self, features: Sequence[Tensor], n: int, temperature: float, seed: int) -> tuple[Tensor, Tensor]:
        """Components (n,), as `answers` orders them, and z (n, Z), for one picture's features."""
        logits, means = self.foretell(features)
        order = logits[0].argsort(descending=True)
        dice = torch.Generator().manual_seed(seed)
        component = torch.multinomial(logits[0, order].exp(), n, replacement=True, generator=dice)
        return component, means[0, order[component]] + temperature * self.spread * torch.randn(
            n, self.z, generator=dice
        )

    @torch.no_grad()
    def sample(self, n: int, temperature: float = 1.0, seed: int = 0, y: Tensor | None = None) -> Tensor:
        """The colors alone, (n, 3, 32, 32) in [0, 1], of z from P(z|grey) for each of the grey pictures y (n, 4096);
        `temperature` widens its components. Raises ValueError."""
        if y is None or y.shape != (n, self.y):
            raise ValueError(f"y: this model wants a condition of shape {(n, self.y)} for {n} pictures")
        features = self.grey(y.view(n, 4, SIDE, SIDE))
        z = [self._drawn([f[i : i + 1] for f in features], 1, temperature, seed + i)[1] for i in range(n)]
        return self.render(self.brush(torch.cat(z), self.brush.laid(features)))

    def forecast(self, features: Sequence[Tensor], mean: Tensor, step: int) -> Terms:
        logits, means = self.foretell(features)
        away = (means - mean[:, None]).square()  # (B, K, Z)
        near = away.detach().sum(2)
        width = 4 * 0.02 ** min(1.0, 2 * step / self.mdn_start)
        share = (-near / (2 * width**2)).softmax(1)  # (B, K)
        self.spread.lerp_((share[:, :, None] * away.detach()).sum(1).mean(0).sqrt(), 1 - KEEP)
        return {
            "missed": (share * away.sum(2)).sum(1).mean() / 2,
            "chosen": -(share * logits).sum(1).mean(),
        }


@model("colorregression")
class ColorRegression(Trainable):
    """One answer: the same nets without z, by squared error. Where several colors fit, it gives their mean."""

    CARD = "The nets of `colorization` without z, by squared error: one answer, the mean of all that fit."
    CODE = COLORIZE

    def __init__(self, grey: Sequence[int], widths: Sequence[int], features: str = ""):
        super().__init__()
        self.features = features
        self.grey = Grey(grey, norm=False)
        self.brush = Brush(0, grey, widths, 2)

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        begin_with_features(self.grey, self.features, pretrained)

    def answers(self, y: Tensor, n: int, seed: int) -> Answers:
        """The one answer to the grey picture y (4096,), whatever n and seed are."""
        return Answers(_painted(self.grey, self.brush, y.view(1, 4, SIDE, SIDE)))

    def forward(self, player: str, batch: Batch) -> Terms:
        x = mirrored(batch.x)
        painted = _painted(self.grey, self.brush, x[:, :4]).float()
        error = (painted - field(x)).square().flatten(1).sum(1).mean()
        return {"total": 100 * error, "error": error}


@model("colorbins")
class ColorBins(Trainable):
    """A classifier of each cell's color (Zhang 2016, smaller): its features are what the other nets begin with.

    What it says of a cell is a distribution over colors, and of two cells nothing in common.
    """

    CARD = (
        "A classifier of each cell's color, one of 100 bins of ab (after Zhang et al. 2016), from the grey picture. "
        "The models of color fields begin with its features. Cells drawn from it know nothing of each other."
    )
    CODE = COLORIZE

    def __init__(self, grey: Sequence[int], widths: Sequence[int]):
        super().__init__()
        self.grey = Grey(grey, norm=True)
        self.brush = Brush(0, grey, widths, BINS * BINS)

    def logits(self, y: Tensor) -> Tensor:
        """Of the color bins, (B, 100, 32, 32), for grey pictures y (B, 4096)."""
        return _painted(self.grey, self.brush, y.view(-1, 4, SIDE, SIDE)).float()

    def answers(self, y: Tensor, n: int, seed: int) -> Answers:
        """n times every cell's color on the grey picture y (4096,), each cell drawn on its own."""
        shares = self.logits(y[None])[0].flatten(1).T.softmax(1)  # (cells, bins)
        drawn = torch.multinomial(shares, n, replacement=True, generator=torch.Generator().manual_seed(seed))
        return Answers(color_of(drawn.T.reshape(n, SIDE, SIDE)))

    def forward(self, player: str, batch: Batch) -> Terms:
        x = mirrored(batch.x)
        surprise = F.cross_entropy(self.logits(lightness(x)), bins_of(field(x))) * SIDE**2
        return {"total": surprise, "surprise": surprise}


def _painted(grey: Grey, brush: Brush, planes: Tensor) -> Tensor:
    return brush(planes.new_zeros(len(planes), 0), brush.laid(grey(planes)))
