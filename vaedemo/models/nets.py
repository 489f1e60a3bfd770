"""The plain nets that the models share.

Speed on two CPU cores decides their form: a stride-2 stem leaves 28x28 at once, and the capacity sits at 7x7 and 14x14.
Decoders are plain chains (DCGAN's practice), because the browser runs them too; encoders may be anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Residual(nn.Module):
    """Two 3x3 convolutions beside the identity (He 2016). (B, C, H, W) to the same shape.

    `norm` False leaves BatchNorm out; the layers keep their names, so that tensors of a folded one fit.
    """

    def __init__(self, channels: int, norm: bool = True):
        super().__init__()
        self.path = nn.Sequential(*_conv(channels, norm), nn.ReLU(), *_conv(channels, norm))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.path(x))


def conv_encoder(
    shape: Sequence[int],
    widths: Sequence[int],
    blocks: int,
    out: int,
    shuffle: int = 1,
    head: int = 0,
    norm: bool = True,
) -> nn.Sequential:
    """(B, *shape) to (B, out): one stride-2 convolution for each of `widths`, then `blocks` residual blocks.

    `shuffle` r lays r x r pixels into channels first: on a CPU the full-resolution end costs most. `head` adds a hidden
    linear layer of that width. `norm` False leaves BatchNorm out.
    """
    channels, height, side = shape[0] * shuffle**2, shape[1] // shuffle, shape[2] // shuffle
    layers: list[nn.Module] = [nn.PixelUnshuffle(shuffle)] if shuffle > 1 else []
    for width in widths:
        layers += [nn.Conv2d(channels, width, 4, 2, 1, bias=not norm), *_norm(width, norm), nn.ReLU()]
        channels, height, side = width, height // 2, side // 2
    layers += [Residual(channels) for _ in range(blocks)]
    size = channels * height * side
    hidden = [nn.Linear(size, head), nn.ReLU()] if head else []
    return nn.Sequential(*layers, nn.Flatten(), *hidden, nn.Linear(head or size, out))


def chain_decoder(
    z: int,
    hidden: int,
    base: Sequence[int],
    convs: Sequence[int],
    ups: Sequence[int],
    out: int,
    shuffle: int = 0,
    norm: bool = True,
) -> nn.Sequential:
    """(B, z) to (B, out, H, W), where H = base's height * 2 ** (len(ups) + 1); with `shuffle` r, * 2 ** len(ups) * r.

    Two linear layers to `base` (C, H, W), or one where `hidden` is 0, a 3x3 convolution for each of `convs`, then
    doubling transposed convolutions with `ups` channels, and a last one that gives the `out` planes: transposed too, or
    with `shuffle` a 3x3 convolution whose channels become r x r pixels. `norm` False leaves BatchNorm out.
    """
    channels, height, width = base
    layers: list[nn.Module] = [
        *((nn.Linear(z, hidden), nn.ReLU()) if hidden else ()),
        nn.Linear(hidden or z, channels * height * width),
        nn.Unflatten(1, (channels, height, width)),
        *_norm(channels, norm),
        nn.ReLU(),
    ]
    for wider in convs:
        layers += [nn.Conv2d(channels, wider, 3, 1, 1, bias=not norm), *_norm(wider, norm), nn.ReLU()]
        channels = wider
    for wider in ups:
        layers += [nn.ConvTranspose2d(channels, wider, 4, 2, 1, bias=not norm), *_norm(wider, norm), nn.ReLU()]
        channels = wider
    if not shuffle:
        return nn.Sequential(*layers, nn.ConvTranspose2d(channels, out, 4, 2, 1))
    last = nn.Conv2d(channels, out * shuffle**2, 3, 1, 1)
    return nn.Sequential(*layers, last, *([nn.PixelShuffle(shuffle)] if shuffle > 1 else []))


def jittered(x: Tensor, amount: float) -> Tensor:
    """Pictures (B, C, H, W), each turned, sheared, resized and moved a little at random; `amount` in radians."""
    if not amount:
        return x
    turn, shear, scale, right, down = (amount * torch.randn(5, len(x), device=x.device)).unbind()
    scale, right, down = 1 + scale / 2, right / 2, down / 2
    across = torch.stack([turn.cos() * scale, shear - turn.sin(), right], 1)
    along = torch.stack([turn.sin(), turn.cos() * scale, down], 1)
    grid = F.affine_grid(torch.stack([across, along], 1), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def _norm(channels: int, wanted: bool) -> list[nn.Module]:
    return [nn.BatchNorm2d(channels)] if wanted else []


def _conv(channels: int, norm: bool) -> tuple[nn.Module, nn.Module]:
    conv = nn.Conv2d(channels, channels, 3, 1, 1, bias=not norm)
    return conv, nn.BatchNorm2d(channels) if norm else nn.Identity()
