"""The nets of colorizations on the image tower: what fuses its maps, paints, reads a color field, foretells codes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.distributions import Categorical, Distribution, Independent, MixtureSameFamily, Normal
from torch.nn import functional as F

from vaedemo.models.nets import Residual
from vaedemo.models.tower import CHANNELS
from vaedemo.vision.cielab import SIDE

STANDARD_OF = 1_024  # pictures that the tower's maps are standardized by
LOG_SIGMAS = (-5.0, 1.0)  # of the posterior and of the mixture, bounds


class Standard(nn.Module):
    """Maps (B, C, S, S) with mean 0 and deviation 1 in each channel, as measured once."""

    def __init__(self, channels: int):
        super().__init__()
        self.mean: Tensor
        self.gain: Tensor
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("gain", torch.ones(channels))

    def measure(self, maps: Tensor) -> None:
        values = maps.float().transpose(0, 1).flatten(1)
        self.mean.copy_(values.mean(1))
        self.gain.copy_(1 / values.std(1).clamp_min(1e-3))

    def forward(self, maps: Tensor) -> Tensor:
        return (maps.float() - self.mean[:, None, None]) * self.gain[:, None, None]


class Standards(nn.ModuleList):
    """A standard for each of the tower's four maps."""

    def __init__(self) -> None:
        super().__init__(map(Standard, CHANNELS.values()))

    def measure(self, maps: Sequence[Tensor]) -> None:
        for standard, one in zip(self, maps):
            assert isinstance(standard, Standard)
            standard.measure(one)


class Trunk(nn.Module):
    """The tower's four maps and the picture's own pixels, fused to maps of `widths` channels with sides 8, 16, 32."""

    def __init__(self, widths: Sequence[int], dropout: float):
        super().__init__()
        low, middle, high = widths
        fine, half, quarter, top = CHANNELS.values()
        self.standards = Standards()
        self.top = nn.Sequential(nn.Conv2d(top, low, 1), nn.ReLU(), nn.Conv2d(low, low, 1))
        self.whole = nn.Sequential(nn.Linear(top, 64), nn.ReLU(), nn.Linear(64, low))
        self.low = nn.Conv2d(quarter + half, low, 1)
        self.dropout = nn.Dropout2d(dropout)
        self.deeper = Residual(low)
        self.middle = nn.ModuleList([nn.Conv2d(low, middle, 1), nn.Conv2d(half, middle, 1)])
        self.joined = nn.Sequential(nn.Conv2d(middle, middle, 3, 1, 1, bias=False), nn.BatchNorm2d(middle), nn.ReLU())
        self.pixels = nn.Sequential(nn.Conv2d(4, fine, 3, 1, 1), nn.ReLU())
        self.high = nn.ModuleList([nn.Conv2d(middle, high, 1), nn.Conv2d(2 * fine, high, 3, 1, 1)])

    def forward(self, light: Tensor, maps: Sequence[Tensor]) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
        """The maps of L / 100 (B, 1, 160, 160) and the tower's maps; and its last one's mean, (B, 192)."""
        fine, half, quarter, top = (standard(one) for standard, one in zip(self.standards, maps))
        whole = top.mean((2, 3))
        h = self.low(torch.cat([quarter, F.avg_pool2d(half, 2)], 1)) + doubled(self.top(top))
        low = self.deeper(F.relu(self.dropout(h + self.whole(whole)[:, :, None, None])))
        middle = self.joined(F.relu(doubled(self.middle[0](low)) + self.middle[1](half)))
        pixels = self.pixels(_planes(light) - 0.5)
        high = F.relu(doubled(self.high[0](middle)) + self.high[1](torch.cat([fine, pixels.float()], 1)))
        return (low, middle, high), whole


class Film(nn.Module):
    """Scales and shifts each channel of h (B or 1, C, S, S) by what codes (B, Z) say (Perez 2018)."""

    def __init__(self, z: int, channels: int):
        super().__init__()
        self.linear = nn.Linear(z, 2 * channels)
        nn.init.normal_(self.linear.weight, std=0.05)
        nn.init.zeros_(self.linear.bias)  # type: ignore[arg-type]

    def forward(self, h: Tensor, z: Tensor) -> Tensor:
        scale, shift = self.linear(z).to(h.dtype)[:, :, None, None].chunk(2, 1)
        return h * (1 + scale) + shift


class Brush(nn.Module):
    """What codes (B, Z) change of the mean color field, (B, 2, 32, 32): they scale and shift features at three sizes.

    What depends on the grey picture's maps alone is `laid`; of one picture it serves any number of codes. What autocast
    gives in bfloat16 is widened before it meets a `laid` in float32: a sum of both kinds is slow.
    """

    def __init__(self, z: int, maps: Sequence[int], widths: Sequence[int]):
        super().__init__()
        low, middle, high = widths
        self.sides = nn.ModuleList(nn.Conv2d(told, mine, 1) for told, mine in zip(maps, widths))
        self.films = nn.ModuleList(Film(z, mine) for mine in widths)
        self.low = nn.Sequential(nn.Conv2d(low, low, 3, 1, 1), nn.ReLU(), nn.Conv2d(low, middle, 1))
        self.middle = nn.Sequential(nn.Conv2d(middle, middle, 3, 1, 1), nn.ReLU(), nn.Conv2d(middle, high, 1))
        self.last = nn.Conv2d(high, 2, 3, 1, 1)
        nn.init.normal_(self.last.weight, std=0.01)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def laid(self, maps: Sequence[Tensor]) -> list[Tensor]:
        return [side(told) for side, told in zip(self.sides, maps)]

    def forward(self, z: Tensor, laid: Sequence[Tensor]) -> Tensor:
        h = self.low(F.relu(self.films[0](laid[0], z)))
        h = self.middle(F.relu(self.films[1](laid[1], z) + doubled(h.to(laid[1].dtype))))
        return self.last(F.relu(self.films[2](laid[2], z) + doubled(h.to(laid[2].dtype))))


class Reader(nn.Module):
    """The encoder: mean and log sigma of z, (B, Z) each, of what is left of a color field, its lightness and maps."""

    def __init__(self, z: int, maps: Sequence[int]):
        super().__init__()
        self.z = z
        self.first = nn.Conv2d(3, 32, 4, 2, 1)
        self.second = nn.Conv2d(32, 64, 4, 2, 1)
        self.told = nn.ModuleList([nn.Conv2d(maps[1], 32, 1), nn.Conv2d(maps[0], 64, 1)])
        self.rest = nn.Sequential(
            *(nn.Conv2d(64, 64, 3, 1, 1), nn.ReLU(), nn.Conv2d(64, 80, 4, 2, 1), nn.ReLU(), nn.Flatten()),
            *(nn.Linear(80 * 16, 160), nn.ReLU(), nn.Linear(160, 2 * z)),
        )

    def forward(self, residual: Tensor, light: Tensor, maps: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        even = F.adaptive_avg_pool2d(light, SIDE) - 0.5
        h = F.relu(self.first(torch.cat([4 * residual, even], 1)) + self.told[0](maps[1]))
        h = F.relu(self.second(h) + self.told[1](maps[0]))
        mean, log_sigma = self.rest(h).float().chunk(2, 1)
        return mean, log_sigma.clamp(*LOG_SIGMAS)


class Mixture(nn.Module):
    """A mixture density net (Bishop 1994) of codes given the grey picture: `mixture` Gaussians with own diagonals."""

    def __init__(self, z: int, mixture: int, hidden: int, dropout: float, low: int):
        super().__init__()
        self.z, self.mixture = z, mixture
        self.squeeze = nn.Sequential(nn.Conv2d(low, 32, 1), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten())
        self.net = nn.Sequential(
            *(nn.Linear(32 * 16 + CHANNELS[32], hidden), nn.ReLU(), nn.Dropout(dropout)),
            *(nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(dropout)),
        )
        self.last = nn.Linear(hidden, mixture * (1 + 2 * z))
        with torch.no_grad():  # the components begin apart
            self.last.bias[mixture : mixture * (1 + z)].normal_(0, 0.7)

    def forward(self, low: Tensor, whole: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Log weights (B, K), means and sigmas (B, K, Z)."""
        told = self.last(self.net(torch.cat([self.squeeze(low), whole.to(low.dtype)], 1))).float()
        logits, means, log_sigmas = told.split([self.mixture, self.mixture * self.z, self.mixture * self.z], 1)
        shape = (-1, self.mixture, self.z)
        return logits.log_softmax(1), means.view(shape), log_sigmas.view(shape).clamp(*LOG_SIGMAS).exp()


def density(logits: Tensor, means: Tensor, sigmas: Tensor) -> Distribution:
    """The mixture of batch shape (B,) and event shape (Z,)."""
    return MixtureSameFamily(Categorical(logits=logits), Independent(Normal(means, sigmas), 1))


def _planes(light: Tensor) -> Tensor:
    """The picture squeezed to 64 x 64 as four planes, (B, 4, 32, 32): detail that all training pictures have."""
    small = F.interpolate(light, (2 * SIDE, 2 * SIDE), mode="bilinear", align_corners=False, antialias=True)
    return F.pixel_unshuffle(small, 2)


def doubled(h: Tensor) -> Tensor:
    return F.interpolate(h, scale_factor=2.0, mode="bilinear", align_corners=False)
