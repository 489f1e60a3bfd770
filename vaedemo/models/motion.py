"""Motion forecasting (Walker 2016): a CVAE of the trajectories that start from one still.

The condition y (B, 12288) is the still, 3 x 64 x 64 values in [0, 1] in a row; what is observed are its trajectories
(B, 10, 16, 16), see `data.motion`. An image tower reads the still; the encoder tower, in training alone, the
trajectories too; the decoder tower turns z, the same for every cell, and the image's features into each cell's motion.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Independent
from torch.nn import functional as F

from vaedemo.data import Pictures
from vaedemo.data.motion import GRID, PLANES, SIDE, mirrored, of_rows, to_ends
from vaedemo.latents import draw
from vaedemo.models.base import Batch, LatentModel, Order, Terms, Trainable, model
from vaedemo.models.grey_features import Grey
from vaedemo.models.nets import conv_encoder
from vaedemo.models.vae import KEEP, VAE
from vaedemo.vision.cielab import from_rgb

STILL = 3 * SIDE * SIDE
ZOOM, SHIFT, TONE = 0.2, 0.12, 0.15  # of stills at jitter 1: size, place in half sides, contrast and brightness
CLUSTERS = 40  # of trajectories, as Walker 2015 quantizes flow
LOOKED_AT = 60_000  # moving cells that these are found in
SUMMED = 2_000  # stills that tell what is usual
FAR = 6e4  # a strangeness that no still has; float16 holds it
HINT = 2.5  # sigma of a hint in pixels: how far a future may be from the arrow that it agrees with


class Futures(NamedTuple):
    """n futures of one still."""

    trajectories: Tensor  # (n, 10, 16, 16)
    z: Tensor | None = None  # (n, Z)


def hinted(futures: Tensor, arrows: Sequence[tuple[int, int, float, float]]) -> Tensor:
    """Weights (n,) of futures (n, 10, 16, 16) drawn from the prior, once told where some cells go.

    arrows: (row, column, right, down), the last two in pixels of the still, for the end of the 0.6 seconds. Each future
    counts by the arrows' Gaussian likelihood, of sigma `HINT`: importance sampling of the posterior.
    """
    ends = to_ends(futures)  # (n, 2, 16, 16)
    away = ends.new_zeros(len(ends))
    for row, column, right, down in arrows:
        away = away + (ends[:, :, row, column] - ends.new_tensor([right, down])).square().sum(1)
    return (-away / (2 * HINT**2)).softmax(0)


class ImageTower(nn.Module):
    """Features (B, C, 16, 16) of stills y (B, 12288): of their lightness at four sizes, the smaller three joined."""

    def __init__(self, grey: Sequence[int], channels: int):
        super().__init__()
        self.summed = grey[-1]
        self.grey = Grey(grey, norm=True)
        self.sides = nn.ModuleList(nn.Conv2d(told, channels, 1) for told in grey[1:])
        self.mixed = nn.ModuleList(nn.Conv2d(channels, channels, 3, 1, 1) for _ in grey[2:])

    def forward(self, y: Tensor) -> Tensor:
        return self.of_lightness(from_rgb(y.view(-1, 3, SIDE, SIDE))[0])

    def of_lightness(self, light: Tensor) -> Tensor:
        """The same of L / 100 (B, 1, 64, 64)."""
        maps = self.grey(F.pixel_unshuffle(light, 2))[1:]
        h = self.sides[-1](maps[-1])
        for told, side, mixed in zip(maps[-2::-1], list(self.sides)[-2::-1], self.mixed):
            h = F.interpolate(mixed(F.relu(h)), scale_factor=2, mode="nearest") + side(told)
        return h

    def looked_at(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Features and `summary` of stills y (B, 12288)."""
        return self(y), self.summary(y)

    def summary(self, y: Tensor) -> Tensor:
        """Of stills y (B, 12288): each of the coarsest features, mean over the still (B, C)."""
        return self.grey(F.pixel_unshuffle(from_rgb(y.view(-1, 3, SIDE, SIDE))[0], 2))[-1].mean((2, 3))


class DecoderTower(nn.Module):
    """(B, out, 16, 16) of z (B, Z) and features (B or 1, C, 16, 16): z scales and shifts the features everywhere alike.

    With Z = 0 the features alone decide.
    """

    def __init__(self, z: int, channels: int, out: int):
        super().__init__()
        self.scale, self.shift = (nn.Linear(z, channels) if z else None for _ in range(2))
        self.cells = nn.Sequential(
            *(nn.ReLU(), nn.Conv2d(channels, channels, 3, 1, 1)),
            *(nn.ReLU(), nn.Conv2d(channels, channels, 3, 1, 1)),
            *(nn.ReLU(), nn.Conv2d(channels, out, 1)),
        )

    def forward(self, z: Tensor, features: Tensor) -> Tensor:
        h = features
        if self.scale is not None and self.shift is not None:
            h = h * (1 + self.scale(z)[:, :, None, None]) + self.shift(z)[:, :, None, None]
        return self.cells(h).float()


class Forecaster(Trainable):
    """What all models of trajectories ask of their image tower; `out` planes a cell leave the decoder tower."""

    numbers: ClassVar[int] = STILL  # of a still
    out: ClassVar[int]
    image: Any  # what `seen_by` gave
    jitter: float
    dropout: float

    def seen_by(self, channels: int, **net: Any) -> Any:
        """The image tower: features (B, C, 16, 16) of stills y, and the `summed` numbers of their summaries."""
        return ImageTower(channels=channels, **net)

    def still(self, x: Tensor) -> Tensor:
        """The still y of a data set's picture x (C, H, W) in [0, 1], all its numbers in a row."""
        return x.flatten()

    def order(self, y: Tensor, batch: int, seed: int) -> Order:
        return BySource(y[:, 0], batch, seed)

    def learned(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The image's features of a training batch, augmented, and its trajectories."""
        light, trajectories = augmented(batch, self.jitter)
        return F.dropout2d(self.image.of_lightness(light), self.dropout, self.training), trajectories

    def summaries(self, pictures: Pictures, which: Tensor) -> Tensor | None:
        """The image tower's summaries (N, C) of some of the training stills; None where they still change."""
        return None


@model("motion")
class Motion(Forecaster, LatentModel):
    """Walker's CVAE: each cell's trajectory is a magnitude times a direction, and each has its loss.

    The direction is the unit vector of a cell's ten coefficients, its squared error weighed by the true magnitude's
    square: an answer that is not sure where to goes all the same, while squared error alone would make it timid. Both
    losses are in squared pixels, and their sum counts as the energy of a Gaussian whose one sigma is learned as in
    `VAE`. Stills are drawn evenly by source, and augmented by `jitter` (see `augmented`).
    """

    observed = None  # trajectories in pixels
    out = PLANES + 1
    CARD = (
        "Motion forecasting (Walker et al. 2016): a CVAE of the trajectories that start from one still, each the first "
        "five DCT coefficients of its x and y over 0.6 seconds, for each cell of a 16 x 16 grid. `model.futures(y, n)` "
        "draws n of them for the still y. Image tower, encoder tower (training only) and decoder tower, z shared over "
        "space, direction and magnitude with a loss each, as in the paper. Unlike the paper's, the nets are small, z "
        "scales and shifts the image's features, and the rate weighs `beta`."
    )
    CODE = (
        "import torch, vaedemo\n"
        "from vaedemo.data import motion, motion_scenes\n"
        'model = vaedemo.load("{name}")\n'
        'still = motion_scenes.scene("fork-3", seed=0).still()  # (3, 64, 64), or a photo of a person of that size\n'
        "y = torch.from_numpy(still).flatten() / 255\n"
        "futures = model.futures(y, 6, seed=0)  # trajectories (6, 10, 16, 16), z (6, Z)\n"
        "offsets = motion.to_offsets(futures.trajectories)  # (6, 2, 16 instants, 16, 16), in pixels"
    )

    def __init__(
        self,
        z: int,
        channels: int,
        encoder: Sequence[int],
        beta: float = 1.0,
        warmup: float = 0,
        jitter: float = 0.0,
        dropout: float = 0.0,
        **image: Any,
    ):
        """`image`: of the image tower, see `seen_by`."""
        super().__init__()
        self.z, self.y, self.shape = z, self.numbers, (PLANES, GRID, GRID)
        self.beta, self.warmup, self.jitter, self.dropout = beta, warmup, jitter, dropout
        self.image = self.seen_by(channels, **image)
        self.encoder = conv_encoder((PLANES + channels, GRID, GRID), encoder, 0, 2 * z)
        self.tower = DecoderTower(z, channels, self.out)
        self.typical: Tensor  # root mean square of a coefficient, in pixels
        self.noise: Tensor  # sigma of p(trajectories|z, y), in pixels
        self.usual: Tensor  # mean and standard deviation of the training stills' summaries
        self.strangest: Tensor  # how far from these they are, but for one in a hundred
        self.register_buffer("typical", torch.tensor(1.0))
        self.register_buffer("noise", torch.tensor(1.0))
        self.register_buffer("usual", torch.stack([torch.zeros(self.image.summed), torch.ones(self.image.summed)]))
        self.register_buffer("strangest", torch.tensor(FAR))

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        super().begin(pictures, pretrained)
        self.typical.copy_(of_rows(pictures.y).square().mean().sqrt())
        summaries = self.summaries(pictures, torch.randperm(len(pictures))[:SUMMED])
        if summaries is not None:
            self.usual.copy_(torch.stack([summaries.mean(0), summaries.std(0) + 1e-3]))
            self.strangest.copy_(self._strangeness(summaries).quantile(0.99))

    def unlike(self, y: Tensor) -> bool:
        """Whether the still y (12288,) is unlike those it learned from: farther off than 99 % of these were."""
        return self._is_strange(self.image.summary(y[None]))

    def looked_at(self, y: Tensor) -> tuple[Tensor, bool]:
        """The image tower's features (1, C, 16, 16) of the still y (12288,), and whether it is `unlike`."""
        features, summary = self.image.looked_at(y[None])
        return features, self._is_strange(summary)

    def _is_strange(self, summary: Tensor) -> bool:
        return bool(self._strangeness(summary)[0] > self.strangest)

    def _strangeness(self, summaries: Tensor) -> Tensor:
        mean, deviation = self.usual
        return ((summaries - mean) / deviation).square().mean(1)

    def condition(self, y: Tensor) -> Tensor:
        """Trajectories tell nothing of a picture: one even grey, (B, Y)."""
        return torch.full((len(y), self.y), 0.5, device=y.device)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        """q(z | x, y) of trajectories x (B, 10, 16, 16) from stills y (B, 12288)."""
        if y is None:
            raise ValueError("y: the still that these trajectories start from is wanted")
        return self._posterior(x, self.image(y))

    def _posterior(self, trajectories: Tensor, features: Tensor) -> Independent:
        return VAE.gaussian_of(self.encoder(torch.cat([trajectories / self.typical, features], 1)))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Trajectories (B, 10, 16, 16) of z (B, Z) from stills y (B, 12288), or one for all (1, 12288)."""
        if y is None:
            raise ValueError("y: the still that moves is wanted")
        return self.moved(z, self.image(y))

    def moved(self, z: Tensor, features: Tensor) -> Tensor:
        """The same of the image tower's features: computed once, they serve any number of z."""
        direction, magnitude = self._parts(z, features)
        return direction * magnitude

    def _parts(self, z: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        """Unit directions (B, 10, 16, 16) and magnitudes (B, 1, 16, 16) in pixels."""
        numbers = self.tower(z, features)
        return F.normalize(numbers[:, :PLANES], dim=1), self.typical * F.softplus(numbers[:, PLANES:])

    def futures(self, y: Tensor, n: int, seed: int = 0, temperature: float = 1.0) -> Futures:
        """n futures of the still y (12288,), of z ~ N(0, I) times `temperature`."""
        return self.drawn(self.image(y[None]), n, seed, temperature)

    def drawn(self, features: Tensor, n: int, seed: int = 0, temperature: float = 1.0, after: int = 0) -> Futures:
        """`futures` of a still by the image tower's features of it, (1, C, 16, 16), but for the first `after`."""
        z = torch.from_numpy(draw(n, self.z, temperature, seed)[after:]).to(features)
        return Futures(torch.cat([self.moved(part, features) for part in z.split(100)]), z)

    def render(self, decoded: Tensor) -> Tensor:
        """Where each cell ends, as flow colors (B, 3, 16, 16): see `flow_colors`."""
        return flow_colors(to_ends(decoded))

    def page_tensors(self, pictures: Pictures) -> dict[str, Tensor]:
        """Nothing: what z stands for, the still tells most of."""
        return {}

    def distortion(self, x: Tensor, z: Tensor, y: Tensor | None = None) -> Tensor:
        """-log p(x|z, y) in nats a still, (B,), where the losses are the Gaussian's energy; x are trajectories."""
        if y is None:
            raise ValueError("y: the still that moves is wanted")
        return self._nats(self._energy(x, z, self.image(y)))

    def _energy(self, trajectories: Tensor, z: Tensor, features: Tensor) -> Tensor:
        direction, magnitude = self._parts(z, features)
        true = trajectories.norm(dim=1, keepdim=True)
        turned = (true * direction - trajectories).square().flatten(1).sum(1)  # true^2 |direction - its own|^2
        return (magnitude - true).square().flatten(1).sum(1) + turned

    def _nats(self, energy: Tensor) -> Tensor:
        numbers = PLANES * GRID * GRID
        variance = energy.mean() / numbers if self.training else self.noise**2
        if self.training:
            self.noise.lerp_(variance.detach().sqrt(), 1 - KEEP)
        return 0.5 * (energy / variance + numbers * torch.log(2 * math.pi * variance))

    def forward(self, player: str, batch: Batch) -> Terms:
        features, trajectories = self.learned(batch)
        posterior = self._posterior(trajectories, features)
        distortion = self._nats(self._energy(trajectories, posterior.rsample(), features)).mean()
        rate = self.rate(posterior).sum(1).mean()
        total = distortion + self.beta * self.ramp(batch.step) * rate
        return {"total": total, "distortion": distortion, "rate": rate}


class _Towers(Forecaster):
    """The image and decoder towers of `Motion` without z: what its rivals share."""

    def __init__(self, channels: int, jitter: float = 0.0, dropout: float = 0.0, **image: Any):
        """`image`: of the image tower, see `seen_by`."""
        super().__init__()
        self.jitter, self.dropout = jitter, dropout
        self.image = self.seen_by(channels, **image)
        self.tower = DecoderTower(0, channels, self.out)

    def cells(self, features: Tensor) -> Tensor:
        """(B, out, 16, 16) of the image's features."""
        return self.tower(features.new_zeros(len(features), 0), features)


@model("motionregressor")
class MotionRegressor(_Towers):
    """One answer, by squared error. Where a thing may go left or right, it stays between."""

    CARD = (
        "The towers of `motion` without z, by squared error: one answer, the mean of all futures, which need be none."
    )

    out = PLANES

    def futures(self, y: Tensor, n: int, seed: int = 0) -> Futures:
        """The one answer to the still y (12288,), (1, 10, 16, 16), whatever n and seed are."""
        return Futures(self.cells(self.image(y[None])))

    def forward(self, player: str, batch: Batch) -> Terms:
        features, trajectories = self.learned(batch)
        error = (self.cells(features) - trajectories).square().flatten(1).sum(1).mean()
        return {"total": error, "error": error}


@model("flowclassifier")
class FlowClassifier(_Towers):
    """Which of forty typical trajectories each cell takes (Walker 2015, who quantizes flow): a distribution a cell, and
    of two cells nothing in common."""

    CARD = (
        "Quantized flow (after Walker et al. 2015): each cell's trajectory is one of forty clusters, classified from "
        "the features of `motion`'s image tower. Cells drawn from it know nothing of each other."
    )

    out = CLUSTERS

    def __init__(self, **net):
        super().__init__(**net)
        self.centres: Tensor
        self.register_buffer("centres", torch.zeros(CLUSTERS, PLANES))

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        super().begin(pictures, pretrained)
        cells = of_rows(pictures.y).movedim(1, -1).flatten(0, 2)
        moving = cells[cells.square().sum(1) > 1]
        self.centres[1:] = clustered(moving[torch.randperm(len(moving))[:LOOKED_AT]], CLUSTERS - 1)

    def futures(self, y: Tensor, n: int, seed: int = 0) -> Futures:
        """n futures of the still y (12288,), each cell drawn on its own."""
        logits = self.cells(self.image(y[None]))[0].flatten(1).T  # (cells, clusters)
        dice = torch.Generator().manual_seed(seed)
        drawn = torch.multinomial(logits.softmax(1), n, replacement=True, generator=dice).T
        return Futures(self.centres[drawn].movedim(-1, 1).unflatten(2, (GRID, GRID)))

    def forward(self, player: str, batch: Batch) -> Terms:
        features, trajectories = self.learned(batch)
        cells = trajectories.movedim(1, -1)
        nearest = torch.cdist(cells.flatten(0, 2), self.centres).argmin(1).view(cells.shape[:3])
        surprise = F.cross_entropy(self.cells(features), nearest) * GRID**2
        return {"total": surprise, "surprise": surprise}


class BySource:
    """Batches whose sources are drawn evenly, then their stills: one source of twenty clips counts as one."""

    def __init__(self, sources: Tensor, batch: int, seed: int):
        self.batch_size, self.seed = batch, seed
        _, number, count = sources.unique(return_inverse=True, return_counts=True)
        self.weights = 1 / count[number].double()

    def batch(self, step: int) -> Tensor:
        dice = torch.Generator().manual_seed((self.seed << 32) + step)
        return torch.multinomial(self.weights, self.batch_size, replacement=True, generator=dice)


def augmented(batch: Batch, jitter: float) -> tuple[Tensor, Tensor]:
    """Lightness (B, 1, 64, 64) and trajectories (B, 10, 16, 16) of a batch: each still mirrored or not, and with
    `jitter` resized, moved and toned at random, its motion along with it."""
    light, trajectories = from_rgb(batch.x)[0], of_rows(batch.y)
    n, device = len(light), light.device
    flip = (torch.rand(n, device=device) < 0.5)[:, None, None, None]
    light = torch.where(flip, light.flip(3), light)
    trajectories = torch.where(flip, mirrored(trajectories), trajectories)
    if not jitter:
        return light, trajectories
    zoom, window = windows(n, jitter, device)
    light, trajectories = through(light, window), through(trajectories, window)
    contrast, brightness = jitter * TONE * (2 * torch.rand(2, n, 1, 1, 1, device=device) - 1)
    middle = light.mean((1, 2, 3), keepdim=True)
    light = (middle + (1 + contrast) * (light - middle) + brightness).clamp(0, 1)
    return light, trajectories / zoom[:, None, None, None]


def windows(n: int, jitter: float, device: torch.device) -> tuple[Tensor, Tensor]:
    """n parts of a picture, drawn: how large each is (n,), and where it lies, (n, 2, 3) as `affine_grid` has it."""
    zoom = 1 + jitter * ZOOM * (2 * torch.rand(n, device=device) - 1)
    right, down = jitter * SHIFT * (2 * torch.rand(2, n, device=device) - 1)
    none = torch.zeros_like(zoom)
    return zoom, torch.stack([torch.stack([zoom, none, right], 1), torch.stack([none, zoom, down], 1)], 1)


def through(plane: Tensor, window: Tensor) -> Tensor:
    """Planes (B, C, H, W) as seen through windows (B, 2, 3), in the same size."""
    grid = F.affine_grid(window, list(plane.shape), align_corners=False)
    return F.grid_sample(plane, grid, padding_mode="border", align_corners=False)


def clustered(points: Tensor, k: int, rounds: int = 20) -> Tensor:
    """Means (k, D) of the clusters that Lloyd's algorithm finds in points (N, D), from k of them drawn at random."""
    centres = points[torch.randperm(len(points))[:k]].clone()
    for _ in range(rounds):
        mine = torch.cdist(points, centres).argmin(1)
        sums = torch.zeros_like(centres).index_add_(0, mine, points)
        count = mine.bincount(minlength=k)[:, None]
        centres = torch.where(count > 0, sums / count.clamp_min(1), centres)
    return centres


def flow_colors(flow: Tensor, most: float = 16.0) -> Tensor:
    """Flow (B, 2, H, W) in pixels as colors (B, 3, H, W): hue is the direction (right is red, down is yellow-green),
    white stands still, full color is `most` pixels or more."""
    angle = torch.atan2(flow[:, 1], flow[:, 0])
    part = (flow.norm(dim=1) / most).clamp(0, 1)
    turns = torch.stack([angle - third * 2 * math.pi / 3 for third in range(3)], 1)
    return 1 - part[:, None] * (0.5 - 0.5 * torch.cos(turns))
