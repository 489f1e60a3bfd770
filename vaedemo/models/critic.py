"""The projected critic: small discriminators on a frozen net's maps (Projected GAN; Sauer 2021).

What a picture shows is told by a net that saw ImageNet; whether it is a photograph, by four small discriminators, each
on a fixed random mixing of that net's maps of one stride. Mixed across channels and across strides, all of the maps
counts, and not only what is easiest to look at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from vaedemo.models.tower import CHANNELS, Tower

MIXED = (48, 64, 128, 256)  # channels of the mixed maps, strides 4 to 32
WIDTHS = ((64, 128, 128), (128, 128), (128,), ())  # of the discriminators' halvings
LOW = 128  # channels of the one convolution where there is nothing left to halve
SHIFT = 8  # pixels, of DiffAug
KEEP = 0.9  # of BatchNorm's running statistics, a batch of photographs


class Mixing(nn.Module):
    """Fixed random mixings of four maps: 1x1 convolutions of each, and of each with the coarser ones, top down.

    `calibrate` gives every map and every mixed one unit power at some pictures. All of it are buffers or frozen.
    """

    def __init__(self) -> None:
        super().__init__()
        self.across = nn.ModuleList(_random(before, after) for before, after in zip(CHANNELS.values(), MIXED))
        self.down = nn.ModuleList(_random(coarse, fine) for fine, coarse in pairwise(MIXED))
        self.before: Tensor
        self.after: Tensor
        self.register_buffer("before", torch.ones(len(MIXED)))
        self.register_buffer("after", torch.ones(len(MIXED)))

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        mixed, coarser = [], None
        for index in reversed(range(len(maps))):
            h = self.across[index](maps[index] * self.before[index].to(maps[index].dtype))
            if coarser is not None:
                below = F.interpolate(self.down[index](coarser), size=h.shape[2:], mode="bilinear", align_corners=False)
                h = (h + below) * 0.5**0.5
            coarser = h
            mixed.append(h * self.after[index].to(h.dtype))
        return mixed[::-1]

    @torch.no_grad()
    def calibrate(self, maps: Sequence[Tensor]) -> None:
        self.before.copy_(torch.stack([power(h).rsqrt() for h in maps]))
        self.after.fill_(1.0)
        self.after.copy_(torch.stack([power(h).rsqrt() for h in self(maps)]))


class Discriminator(nn.Module):
    """Whether one mixed map is a photograph's: a logit for each of some places, (B, 1, H, W). The higher, the more so.

    Spectral norm (Miyato 2018) and BatchNorm in every layer. Photographs and drawn pictures come in batches of their
    own; the statistics that BatchNorm keeps are of photographs alone. With `told` A the logit is of a photograph *of y*
    (B, A): the inner product of each place's features with a linear embedding of y is added (Miyato & Koyama 2018).
    """

    def __init__(self, channels: int, widths: Sequence[int], told: int = 0):
        super().__init__()
        layers: list[nn.Module] = []
        for width in widths:
            layers += [_normed(nn.Conv2d(channels, width, 4, 2, 1, bias=False)), *_act(width)]
            channels = width
        if not widths:
            layers, channels = [_normed(nn.Conv2d(channels, LOW, 3, 1, 1, bias=False)), *_act(LOW)], LOW
        self.body = nn.Sequential(*layers)
        self.real = _normed(nn.Conv2d(channels, 1, 3, 1, 1))
        self.embed = _normed(nn.Linear(told, channels, bias=False)) if told else None

    def forward(self, mixed: Tensor, photos: bool, y: Tensor | None = None) -> Tensor:
        for layer in self.body:
            if isinstance(layer, nn.BatchNorm2d):
                layer.momentum = 1 - KEEP if photos else 0.0
        features = self.body(mixed)
        logits = self.real(features).float()
        if self.embed is None:
            return logits
        if y is None:
            raise ValueError("y: this discriminator judges pictures of a condition, and wants that of each picture")
        told = self.embed(y / y.shape[1] ** 0.5)  # of values -1 and 1, y is a unit vector then
        return logits + (features * told[:, :, None, None]).sum(1, keepdim=True).float()

    def middle(self, mixed: Tensor) -> Tensor:
        """The first layer's activations (B, C, H, W), under BatchNorm's kept statistics: a function of one picture."""
        conv, norm, act = self.body[0], self.body[1], self.body[2]
        assert isinstance(norm, nn.BatchNorm2d)
        h = F.batch_norm(conv(mixed), norm.running_mean, norm.running_var, norm.weight, norm.bias, False, 0.0, norm.eps)
        return act(h)


class Critic(nn.Module):
    """The frozen tower, the mixing and the four discriminators. `size`: the side to which pictures are enlarged;
    `told`: how many numbers the condition y of a picture is, for discriminators that judge by it, too."""

    def __init__(self, size: int, told: int = 0):
        super().__init__()
        self.tower = Tower(size)
        self.mixing = Mixing()
        self.judges = nn.ModuleList(Discriminator(*shape, told) for shape in zip(MIXED, WIDTHS))

    def begin(self, photos: Tensor) -> None:
        """Take the tower's weights and calibrate the mixing on some photos. Raises PackageMissing: see `Tower.fill`."""
        self.tower.fill()
        with torch.no_grad():
            self.mixing.calibrate(self.tower(photos))

    def _each(self) -> Iterator[Discriminator]:
        for judge in self.judges:
            assert isinstance(judge, Discriminator)
            yield judge

    def features(self, x: Tensor) -> list[Tensor]:
        """The mixed maps of pictures (B, 3, H, W) in [0, 1], fine to coarse: what the discriminators look at."""
        return self.mixing(self.tower(x))

    def caught(
        self, photos: Sequence[Tensor], drawn: Sequence[Tensor], y: Tensor | None = None, asked: Tensor | None = None
    ) -> Tensor:
        """The hinge loss of the discriminators, summed over the four, at features of photos and of drawn pictures; y
        and `asked` are their conditions."""
        alike = sum(F.relu(1 - judge(h, True, y)).mean() for judge, h in zip(self._each(), photos))
        unlike = sum(F.relu(1 + judge(h, False, asked)).mean() for judge, h in zip(self._each(), drawn))
        return torch.as_tensor(alike + unlike)

    def fooled(self, drawn: Sequence[Tensor], asked: Tensor | None = None) -> Tensor:
        """The loss of who draws: the negative logits, a mean over places, summed over the four."""
        return -torch.stack([judge(h, False, asked).mean() for judge, h in zip(self._each(), drawn)]).sum()

    def away(self, drawn: Sequence[Tensor], photos: Sequence[Tensor]) -> Tensor:
        """Dis_l (Larsen 2016): the squared error of the discriminators' middle layers, in parts of the photos' power,
        a mean over the four. Of features of as many drawn pictures as photos."""
        pairs = [(judge.middle(mine), judge.middle(theirs)) for judge, mine, theirs in zip(self._each(), drawn, photos)]
        return torch.stack([power(mine - theirs.detach()) / power(theirs.detach()) for mine, theirs in pairs]).mean()


@dataclass(frozen=True)
class Look:
    """One DiffAug (Zhao 2020) of each of B pictures, the same whenever it is applied: brightness, saturation, contrast,
    and a shift by up to SHIFT pixels; what comes in from outside is black."""

    brightness: Tensor  # (B, 1, 1, 1), as are the next two
    saturation: Tensor
    contrast: Tensor
    corner: list[list[int]]  # (B, 2) rows and columns, from 0 to 2 * SHIFT

    @classmethod
    def draw(cls, count: int, device: torch.device, color: float = 1.0) -> Look:
        """`color`: how strong the changes of color are, in parts of the paper's."""
        brightness, saturation, contrast = (color * (torch.rand(3, count, 1, 1, 1, device=device) - 0.5)).unbind()
        corner = torch.randint(0, 2 * SHIFT + 1, (count, 2)).tolist()
        return cls(brightness, 1 + 2 * saturation, 1 + contrast, corner)

    def __call__(self, x: Tensor) -> Tensor:
        x = x + self.brightness
        grey = x.mean(1, keepdim=True)
        x = (x - grey) * self.saturation + grey
        mean = x.mean((1, 2, 3), keepdim=True)
        x = (x - mean) * self.contrast + mean
        height, width = x.shape[2:]
        padded = F.pad(x, (SHIFT,) * 4).unbind()
        parts = [h[:, row : row + height, left : left + width] for h, (row, left) in zip(padded, self.corner)]
        return torch.stack(parts)


def power(x: Tensor) -> Tensor:
    """The mean square of all numbers, in float32."""
    return x.float().square().mean()


def _random(channels: int, out: int) -> nn.Conv2d:
    conv = nn.Conv2d(channels, out, 1, bias=False).requires_grad_(False)
    nn.init.normal_(conv.weight, std=channels**-0.5)
    return conv


def _normed(layer: nn.Module) -> nn.Module:
    return spectral_norm(layer)


def _act(channels: int) -> list[nn.Module]:
    return [nn.BatchNorm2d(channels), nn.LeakyReLU(0.2, inplace=True)]
