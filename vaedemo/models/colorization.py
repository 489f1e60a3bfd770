"""Diverse colorization on the image tower, the tint apart: the paper's system (Deshpande 2017), and what z is for.

A picture x (B, 27, 32, 32) is 25 planes of L / 100, the 5 x 5 pixels of each cell, and the two of the cell's color; in
training a 28th says where the thing lies whose color could be another. The condition y (B, 25600) is L / 100 at 160 x
160, row by row. Color fields are ab / 128, (B, 2, 32, 32): the mean that the grey picture tells, plus one tint for the
whole picture, plus what z says of the things in it.

With z alone, four fifths of what differed between answers was one tint over everything: it is the cheapest way to be
nearer to the truth. So the tint t, (B, 2), is a latent of its own, told to the decoder, and z is left with the things.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent, Normal
from torch.nn import functional as F

from vaedemo.data import Pictures, photos
from vaedemo.data.salient_region import turned
from vaedemo.latents import draw
from vaedemo.models import one_object
from vaedemo.models.base import Batch, LatentModel, Order, Terms, Trainable, model
from vaedemo.models.color_fields import BINS, COLORIZE, Answers, Draws, bins_of, color_of
from vaedemo.models.color_nets import Brush, Mixture, Reader, Trunk, density
from vaedemo.models.image_tower import maps_of, photos_light, shared
from vaedemo.models.one_object import belonging, response
from vaedemo.vision.cielab import SIDE, to_rgb

GREYS = photos.SEEN**2
EVEN_LIGHT = 0.65  # L / 100 at which colors are shown that are on no photo
EVEN = 0.5  # of a color's frequency that is taken as if all colors were equally frequent (Zhang 2016)
COMPONENTS = 20  # principal components of color fields that L_mah looks at
LOOKED_AT = 8_000  # color fields that these, and the frequencies, are computed from
KEEP = 0.99  # of running means: a hundred batches
TINT = 10.0  # t times this is about as large as z
BLUR = 0.1  # sigma of the posterior of TINT t: 1.3 of ab
TURN = (0.74, 5.54)  # radians of hue that a thing is turned by: never next to nothing
TURNED = 0.8  # of the pictures with such a thing
FOCUS, FACES = 4.0, 0.5  # how often a picture with such a thing, and a face, is seen, where others are seen once
MEASURED = 1_024  # pictures that the tower's maps are standardized by
DRAWN = 256  # draws that tell how colors at a place are distributed
MANY = 128  # draws that the answers are chosen among
IN_CACHE = 16  # fields painted in one pass: more would not fit a processor's cache
CALM = 0.7  # of the tint's deviation, when answers are drawn
APART = 0.5  # of what is one tint over the whole picture, and counts as no difference between draws
STRETCH = 1.5  # of a group's mean code from that of all draws: means lie nearer to the middle than draws do


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


class OneObject(NamedTuple):
    """One thing of a grey picture in other colors."""

    fields: Tensor  # (n, 2, 32, 32), alike elsewhere, in the order of the hues that were wanted there
    part: Tensor  # how much each cell belongs to the thing, from 0 to 1, (32, 32)
    colors: Tensor  # ab / 128 at the chosen cell in draws of P(z, t|grey) as they come, (DRAWN, 2)


class Grey(NamedTuple):
    """What is known of grey pictures before any code."""

    maps: tuple[Tensor, Tensor, Tensor]  # sides 8, 16, 32
    mean: Tensor  # of the color field, (B, 2, 32, 32)
    top: Tensor  # the tower's last map, averaged over the picture, (B, 192)


class OnTower(Trainable):
    """What all colorings on the tower have: its maps, the trunk, the mean of the color field, and bins of colors.

    The bins are a task of their own (Zhang 2016), cell by cell: they teach the trunk what colors there may be.
    """

    CODE = COLORIZE

    def __init__(self, maps: Sequence[int], dropout: float = 0.1):
        super().__init__()
        high = maps[-1]
        self.trunk = Trunk(maps, dropout)
        self.mean = nn.Sequential(nn.Conv2d(high, high, 3, 1, 1), nn.ReLU(), nn.Conv2d(high, 2, 1))
        self.bins = nn.Sequential(
            *(nn.Conv2d(high, high, 3, 1, 1, bias=False), nn.BatchNorm2d(high), nn.ReLU()),
            nn.Conv2d(high, BINS * BINS, 1),
        )

    def companion(self, pictures: Pictures) -> Callable[[Tensor], tuple[Tensor, ...]]:
        return maps_of(pictures)

    def order(self, y: Tensor, batch: int, seed: int) -> Order:
        return Weighed(y, batch, seed)

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        some = torch.randperm(len(pictures))[:MEASURED]
        self.trunk.measure(self.companion(pictures)(some))

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


@model("colorcvae")
class ColorCVAE(OnTower, LatentModel):
    """The conditional VAE of color fields (Sohn 2015): encoder and decoder see the grey picture, p(z) = N(0, I).

    Distortion is L_hist + `mahalanobis` L_mah + `gradient` L_grad. L_hist: squared error, each cell weighed by how rare
    its color is (`rare` 0: all alike). L_mah: squared error of the projections on the twenty principal components of
    color fields, each over its standard deviation. L_grad: squared error of differences between neighbours. Their sum
    counts as the energy of a Gaussian whose one sigma is learned, so that the distortion is in nats. The mean learns by
    squared error, `centre` times.
    """

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
        super().__init__(maps, dropout)
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

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        super().begin(pictures, pretrained)
        ab = field_of(pictures.floats(torch.randperm(len(pictures))[:LOOKED_AT]))
        share = bins_of(ab).flatten().bincount(minlength=BINS * BINS) / (len(ab) * SIDE**2)
        smooth = F.avg_pool2d(share.view(1, 1, BINS, BINS), 3, 1, 1).flatten()
        rarity = 1 / ((1 - EVEN) * smooth + EVEN / BINS**2)
        self.rarity.copy_(rarity / (share * rarity).sum())
        _, deviations, axes = torch.pca_lowrank(ab.flatten(1), COMPONENTS, niter=4)
        self.components.copy_((axes / (deviations / math.sqrt(len(ab) - 1))).T)

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


@model("colorization")
class Colorization(ColorCVAE):
    """The VAE of color fields with the tint apart, and P(z, t|grey), a mixture density net.

    A code is z and `TINT` t in a row. The mixture learns the codes that the encoder draws, which do not learn from it.
    """

    CARD = (
        "Diverse colorization (Deshpande et al. 2017) on features of ImageNet: a VAE of color fields, ab at 32 x 32, "
        "whose loss weighs rare colors, principal components and gradients; and a mixture density net of 8 Gaussians "
        "over its codes, given the grey picture. Unlike the paper's, a field is the mean that the grey picture tells, "
        "plus one tint, plus what z says of the things in it: the tint is a latent of its own, so that z need not "
        "carry it. The decoder sees the maps of `imagenet-tower`, which is frozen, so that edges are the photo's own. "
        "In pictures of things whose color is free the hue of one region was turned in training. "
        "`model.answers(y, 8, seed=0)` are groups of 128 draws, grouped by how things differ, the largest first: their "
        "mean codes, each moved half as far again from the middle, since means lie nearer to it than draws do; with "
        "`tints=True` they may differ by a tint of the whole picture, and are not moved. Their "
        "weights are the groups' shares."
    )

    def __init__(self, z: int, mixture: int, hidden: int, unsure: float = 0.3, **net):
        """`unsure`: the dropout of the mixture density net."""
        super().__init__(z, told=2, **net)
        self.mixture = mixture
        self.foreteller = Mixture(self.z, mixture, hidden, unsure, net["maps"][0])

    def posterior(self, x: Tensor, grey: Grey, true: Tensor | None = None) -> Independent:
        ab, mean = field_of(x), grey.mean.detach()
        tint = tint_of((ab if true is None else true) - mean)  # a thing's new color is no tint
        means, log_sigmas = self.encoder(ab - mean - tint[:, :, None, None], photos_light(x), grey.maps)
        codes = torch.cat([means, TINT * tint], 1)
        sigmas = torch.cat([log_sigmas.exp(), torch.full_like(tint, BLUR)], 1)
        return Independent(Normal(codes, sigmas), 1)

    def painted(self, z: Tensor, laid: Sequence[Tensor]) -> Tensor:
        """Color fields (B, 2, 32, 32) of codes (B, Z): the mean, the tint, and what the code says of things."""
        return super().painted(z, laid) + z[:, -2:, None, None] / TINT

    def prior(self, y: Tensor | None = None) -> Distribution:
        """P(z, t|grey) for grey pictures y (B, 25600), a mixture of batch shape (B,) and event shape (Z,)."""
        if y is None:
            raise ValueError("y: the grey picture to color is wanted")
        return density(*self._foretold(self.grey(y)))

    def _foretold(self, grey: Grey) -> tuple[Tensor, Tensor, Tensor]:
        return self.foreteller(grey.maps[0].detach(), grey.top)

    def forecast(self, grey: Grey, z: Tensor) -> Terms:
        return {"missed": -density(*self._foretold(grey)).log_prob(z).mean()}

    def drawn(self, grey: Grey, n: int, seed: int, calm: float = 1.0, temperature: float = 1.0) -> Tensor:
        """n codes (n, Z) of P(z, t|grey) for one picture, each tint `calm` times as far from the tints' mean."""
        logits, means, sigmas = (told[0] for told in self._foretold(grey))
        dice = torch.Generator().manual_seed(seed)
        which = torch.multinomial(logits.exp(), n, replacement=True, generator=dice)
        z = means[which] + temperature * sigmas[which] * torch.randn(n, self.z, generator=dice)
        middle = (logits.exp()[:, None] * means[:, -2:]).sum(0)
        return torch.cat([z[:, :-2], torch.lerp(middle, z[:, -2:], calm)], 1)

    def answers(self, y: Tensor, n: int, seed: int, tints: bool = False) -> Answers:
        """n colorings of the grey picture y (25600,), at most `mixture`: stretched means of groups of `MANY` draws.

        Draws are grouped by how their things differ, most of what is one tint left out, and tints are drawn near their
        mean; with `tints` neither, and means are not stretched. The draws are the same whatever the seed, so that the
        answers are the picture's own.
        """
        grey = self.grey(y[None])
        return self._chosen(grey, self.laid_of(grey), n, tints)

    def _chosen(self, grey: Grey, laid: Sequence[Tensor], n: int, tints: bool = False) -> Answers:
        codes = self.drawn(grey, MANY, 0, 1.0 if tints else CALM)
        group = grouped(self.painted(codes, laid), self.mixture, 0.0 if tints else APART)
        whose = F.one_hot(group, self.mixture).T.float()  # (K, MANY)
        share = whose.sum(1)
        order = share.argsort(descending=True)[: min(n, int((share > 0).sum()))]
        mean = codes.mean(0)
        z = mean + (1.0 if tints else STRETCH) * (whose[order] @ codes / share[order, None] - mean)
        return Answers(self.painted(z, laid), share[order] / MANY, z)

    def draws(self, y: Tensor, n: int, seed: int) -> Draws:
        """n draws of P(z, t|grey) for the grey picture y (25600,), each counted to the answer that it is nearest to."""
        grey = self.grey(y[None])
        laid = self.laid_of(grey)
        codes = self.drawn(grey, n, seed)
        fields = torch.cat([self.painted(part, laid) for part in codes.split(IN_CACHE)])  # half the time of one pass
        answers = self._chosen(grey, laid, self.mixture).fields
        return Draws(distances(fields, answers, APART).argmin(1), fields)

    def of_one_object(self, y: Tensor, row: int, column: int, n: int, seed: int) -> OneObject:
        """The grey picture y (25600,) in n colorings that differ at one cell and what belongs to it, and agree with the
        first answer elsewhere. The colors there run through P(color|grey): the quantiles of `DRAWN` draws by hue."""
        grey = self.grey(y[None])
        laid = self.laid_of(grey)
        codes = self.drawn(grey, DRAWN, seed)
        fields = self.painted(codes, laid)
        base = self._chosen(grey, laid, 1).z
        assert base is not None
        field = self.painted(base, laid)[0]
        known = response(codes[:, :-2], fields - codes[:, -2:, None, None] / TINT)  # the tint is no thing's
        part = belonging(known, row, column)
        colors = fields[:, :, row, column]
        hues = torch.atan2(colors[:, 1], colors[:, 0]).argsort()
        wanted = colors[hues[((torch.arange(n) + 0.5) * DRAWN / n).long()]]
        z = one_object.recolored(base[0, :-2], wanted - field[:, row, column], known, row, column, part)
        return OneObject(self.painted(torch.cat([z, base[:, -2:].expand(n, 2)], 1), laid), part, colors)

    @torch.no_grad()
    def sample(self, n: int, temperature: float = 1.0, seed: int = 0, y: Tensor | None = None) -> Tensor:
        """The colors alone, (n, 3, 32, 32) in [0, 1], of codes from P(z, t|grey) for each of the grey pictures y
        (n, 25600); `temperature` widens its components. Raises ValueError."""
        if y is None or y.shape != (n, self.y):
            raise ValueError(f"y: this model wants a condition of shape {(n, self.y)} for {n} pictures")
        each = [self.grey(one) for one in y.split(1)]
        z = [self.drawn(grey, 1, seed + i, temperature=temperature) for i, grey in enumerate(each)]
        return self.render(torch.cat([self.painted(code, self.laid_of(grey)) for code, grey in zip(z, each)]))


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


def distances(fields: Tensor, others: Tensor, apart: float) -> Tensor:
    """(N, M) of color fields (N, 2, 32, 32) and (M, 2, 32, 32): the mean over 8 x 8 blocks of how far colors are, once
    `apart` of the mean difference, which is one tint, was taken out."""
    mine, theirs = (F.adaptive_avg_pool2d(some, 8).flatten(2) for some in (fields, others))
    away = mine[:, None] - theirs[None]
    return (away - apart * away.mean(3, keepdim=True)).square().sum(2).sqrt().mean(2)


def grouped(fields: Tensor, groups: int, apart: float, rounds: int = 10) -> Tensor:
    """The group (N,) of each color field (N, 2, 32, 32): k-medoids by `distances` (Kaufman & Rousseeuw 1990).

    The first medoid is the field nearest to all; each further one takes away most of what distance is left.
    """
    away = distances(fields, fields, apart)
    chosen = [int(away.sum(1).argmin())]
    for _ in range(min(groups, len(fields)) - 1):
        left = away[chosen].amin(0)
        chosen.append(int((left - away).clamp_min(0).sum(1).argmax()))
    for _ in range(rounds):
        group = away[chosen].argmin(0)
        members = [(group == k).nonzero()[:, 0] for k in range(len(chosen))]
        better = [
            int(mine[away[mine][:, mine].sum(1).argmin()]) if len(mine) else old for mine, old in zip(members, chosen)
        ]
        if better == chosen:
            break
        chosen = better
    return away[chosen].argmin(0)
