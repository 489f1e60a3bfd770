"""The plain nets that the models share.

Speed on two CPU cores decides their form: a stride-2 stem leaves 28x28 at once, and the capacity sits at 7x7 and 14x14.
Decoders are plain chains (DCGAN's practice), because the browser runs them too; encoders may be anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F


class Residual(nn.Module):
    """Two 3x3 convolutions beside the identity (He 2016). (B, C, H, W) to the same shape."""

    def __init__(self, channels: int):
        super().__init__()
        self.path = nn.Sequential(*_conv(channels, channels), nn.ReLU(), *_conv(channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.path(x))


def conv_encoder(shape: Sequence[int], widths: Sequence[int], blocks: int, out: int) -> nn.Sequential:
    """(B, *shape) to (B, out): one stride-2 convolution for each of `widths`, then `blocks` residual blocks."""
    channels, height, side = shape
    layers: list[nn.Module] = []
    for width in widths:
        layers += [nn.Conv2d(channels, width, 4, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        channels, height, side = width, height // 2, side // 2
    layers += [Residual(channels) for _ in range(blocks)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * height * side, out))


def chain_decoder(
    z: int, hidden: int, base: Sequence[int], convs: Sequence[int], ups: Sequence[int], out: int
) -> nn.Sequential:
    """(B, z) to (B, out, H, W), where H = base's height * 2 ** (len(ups) + 1).

    Two linear layers to `base` (C, H, W), a 3x3 convolution for each of `convs`, then doubling transposed
    convolutions with `ups` channels, and one more that gives the `out` planes.
    """
    channels, height, width = base
    layers: list[nn.Module] = [
        nn.Linear(z, hidden),
        nn.ReLU(),
        nn.Linear(hidden, channels * height * width),
        nn.Unflatten(1, (channels, height, width)),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
    ]
    for wider in convs:
        layers += [*_conv(channels, wider), nn.ReLU()]
        channels = wider
    for wider in ups:
        layers += [nn.ConvTranspose2d(channels, wider, 4, 2, 1, bias=False), nn.BatchNorm2d(wider), nn.ReLU()]
        channels = wider
    return nn.Sequential(*layers, nn.ConvTranspose2d(channels, out, 4, 2, 1))


def _conv(channels: int, wider: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(channels, wider, 3, 1, 1, bias=False), nn.BatchNorm2d(wider)
