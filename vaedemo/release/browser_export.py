"""What the browser decodes: a decoder as a plain chain of layers, and its weights laid out for ``kernels.ts``.

``describe`` writes the chain down when a model is promoted; ``browser_file`` lays the weights out when the page asks
for them. The second runs in the page's server, so this module never imports PyTorch.
"""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from vaedemo.errors import ChainError
from vaedemo.release.browser_layout import Picture, Reader, check_bias, eights, panels, widen

if TYPE_CHECKING:
    from torch import nn

KERNELS = {"conv": (3, 3), "conv_transpose": (4, 4)}
"""Window of each kind: stride 1 and padding 1, or stride 2 and padding 1."""

TAPS = ((3, 1), (2, 0))
"""For an even and for an odd output row: the rows of a 4x4 stride-2 kernel that reach it, topmost input row first."""


# --- writing the chain down -----------------------------------------------------------------------------------------


def describe(decoder: nn.Sequential, prefix: str = "decoder") -> list[dict[str, Any]]:
    """The ops of a folded decoder, in the words of model.safetensors' metadata.

    Takes Linear, Unflatten, ReLU, Conv2d (3x3, stride 1, padding 1), ConvTranspose2d (4x4, stride 2, padding 1),
    Identity (what folding leaves of a BatchNorm), and at the very end a PixelShuffle: the ``shuffle`` of the
    convolution before it. Raises ChainError, naming the layer, for anything else.
    """
    ops: list[dict[str, Any]] = []
    for child, layer in decoder.named_children():
        name, kind = f"{prefix}.{child}", type(layer).__name__
        if kind == "Identity":
            continue
        if kind in ("ReLU", "Unflatten", "PixelShuffle") and not ops:
            raise ChainError(f"{name}: a {kind} cannot come first in a decoder")
        if ops and "shuffle" in ops[-1]:
            raise ChainError(f"{name}: a {kind} cannot follow a PixelShuffle, which must be the last layer")
        if kind == "ReLU":
            ops[-1]["relu"] = True
        elif kind == "Unflatten":
            if ops[-1]["op"] != "linear":
                raise ChainError(f"{name}: Unflatten must follow a Linear layer")
            ops[-1]["to"] = [int(size) for size in layer.unflattened_size]  # type: ignore[union-attr]
        elif kind == "PixelShuffle":
            if ops[-1]["op"] not in KERNELS:
                raise ChainError(f"{name}: PixelShuffle must follow a Conv2d or ConvTranspose2d layer")
            ops[-1]["shuffle"] = layer.upscale_factor
        else:
            ops.append({"op": _kind_of(name, layer), "name": name, "relu": False})
    return ops


def _kind_of(name: str, layer: Any) -> str:
    """The op that does what ``layer`` does, or a ChainError that names the setting which none of them has."""
    kind = type(layer).__name__
    if kind not in ("Linear", "Conv2d", "ConvTranspose2d"):
        raise ChainError(
            f"{name}: the browser has no {kind}; fold BatchNorm away, and use Linear, ReLU, Unflatten, "
            "Conv2d, ConvTranspose2d and, at the end, PixelShuffle"
        )
    if layer.bias is None:
        raise ChainError(f"{name}: needs a bias")
    if kind == "Linear":
        return "linear"
    op, size, stride = ("conv", 3, 1) if kind == "Conv2d" else ("conv_transpose", 4, 2)
    wanted = {
        "kernel_size": (size, size),
        "stride": (stride, stride),
        "padding": (1, 1),
        "dilation": (1, 1),
        "groups": 1,
        "padding_mode": "zeros",
    }
    if op == "conv_transpose":
        wanted["output_padding"] = (0, 0)
    for setting, value in wanted.items():
        if getattr(layer, setting) != value:
            raise ChainError(f"{name}: {setting} is {getattr(layer, setting)}; a {kind} in the browser has {value}")
    return op


# --- laying the weights out -----------------------------------------------------------------------------------------


def browser_file(model: Path) -> bytes:
    """The decoder of ``model`` (a model.safetensors) as the browser wants it, in the kernels' own layout.

    Metadata of the result: ``inputs`` (length of [z, y]), ``shape`` ([C, H, W]), ``head``, and ``layers``, a JSON list
    of {op, relu, in, out} and sizes (channels: the real ones), whose tensors begin with the layer's number
    (`browser_layout`); the last may have a ``shuffle``, PixelShuffle's factor, and then gives its planes before it, as
    ``shape`` is after it. Raises ChainError, naming file and layer, if it is not a safetensors file or its description
    does not fit its tensors.
    """
    try:
        with safe_open(model, framework="numpy") as file:
            return _lay_out(file.metadata() or {}, Reader(file))
    except SafetensorError as error:
        raise ChainError(f"{model}: not a whole safetensors file ({error})") from error
    except ChainError as error:
        raise ChainError(f"{model}: {error}") from error


def _lay_out(metadata: dict[str, str], read: Reader) -> bytes:
    inputs = _size(metadata, "z") + _size(metadata, "y")
    if metadata.get("head") != "sigmoid":
        raise ChainError(f"metadata head is {metadata.get('head')!r}; the browser knows 'sigmoid'")
    ops = _ops(metadata)
    layers: list[dict[str, Any]] = []
    tensors: dict[str, np.ndarray] = {}
    length, picture = inputs, None  # the first layers hand on a vector, the later ones a picture
    for index, op in enumerate(ops):
        last = index == len(ops) - 1
        if op["op"] == "linear":
            if picture is not None:
                raise ChainError(f"{op['name']}: a linear layer cannot follow a picture")
            layer, weight, bias, picture = _linear(op, read, length, last)
            length = layer.pop("rows")
        else:
            if picture is None:
                raise ChainError(f"{op['name']}: a {op['op']} needs a picture; give the linear layer before it a 'to'")
            layer, weight, bias, picture = _convolution(op, read, picture)
        layers.append({**layer, "relu": op["relu"], **({"channels": picture.channels} if picture else {})})
        tensors |= read.layer(str(index), op["name"], weight, bias)
    if picture is None:
        raise ChainError(f"{ops[-1]['name']}: the last layer must give a picture; it has no 'to'")
    shape = [picture.channels, picture.height, picture.width]
    if "shuffle" in ops[-1]:
        shape = _shuffled(ops[-1], shape)
        layers[-1]["shuffle"] = ops[-1]["shuffle"]
    return save(
        tensors,
        {
            "inputs": str(inputs),
            "shape": json.dumps(shape),
            "head": "sigmoid",
            "layers": json.dumps(layers, separators=(",", ":")),
        },
    )


def _size(metadata: dict[str, str], key: str) -> int:
    text = metadata.get(key)
    if text is None or not text.isdecimal():
        raise ChainError(f"metadata {key} is {text!r}; a whole number was expected")
    return int(text)


def _ops(metadata: dict[str, str]) -> list[dict[str, Any]]:
    try:
        ops = json.loads(metadata.get("decoder", ""))
    except json.JSONDecodeError as error:
        raise ChainError(f"metadata decoder is missing or not JSON ({error})") from error
    if not isinstance(ops, list) or not ops:
        raise ChainError("metadata decoder must be a list of layers, not empty")
    for op in ops:
        if not isinstance(op, dict) or not isinstance(op.get("name"), str):
            raise ChainError(f"metadata decoder: {op!r} is not a layer with a name")
        if op.get("op") not in ("linear", *KERNELS):
            raise ChainError(f"{op['name']}: the browser has no op {op.get('op')!r}")
        if not isinstance(op.get("relu"), bool):
            raise ChainError(f"{op['name']}: relu is {op.get('relu')!r}; true or false was expected")
        if "shuffle" in op and (op["op"] not in KERNELS or op is not ops[-1]):
            raise ChainError(f"{op['name']}: only a convolution at the end can have a shuffle")
    return ops


def _linear(
    op: dict[str, Any], read: Reader, length: int, last: bool
) -> tuple[dict[str, Any], np.ndarray, np.ndarray, Picture | None]:
    """A linear layer over a vector stored in ``length`` numbers; its rows go from C, H, W to H, W, C for a picture."""
    name = op["name"]
    weight, bias = read.places(f"{name}.weight", 2), read(f"{name}.bias", 1)
    rows, columns = weight.shape
    check_bias(name, bias, rows)
    if columns != length:
        raise ChainError(f"{name}.weight takes {columns} numbers; the layer before gives {length}")
    layer: dict[str, Any] = {"op": "linear", "in": columns, "rows": rows}
    picture = None
    if "to" in op:
        to = op["to"]
        if not (isinstance(to, list) and len(to) == 3 and all(isinstance(n, int) and n > 0 for n in to)):
            raise ChainError(f"{name}: to is {to!r}; [channels, height, width] was expected")
        if prod(to) != rows:
            raise ChainError(f"{name}: to is {to}, which is {prod(to)} numbers; the layer gives {rows}")
        picture = Picture(*to, room=to[0] if last else eights(to[0]))
        weight, bias = _pixel_by_pixel(weight, to, picture.room), _pixel_by_pixel(bias, to, picture.room)
        layer |= {"room": picture.room, "height": picture.height, "width": picture.width}
    out = eights(len(bias))
    layer["out"] = out
    return layer, panels(widen(weight, 0, out).T), widen(bias, 0, out), picture


def _pixel_by_pixel(table: np.ndarray, to: list[int], room: int) -> np.ndarray:
    """Rows that are C, H, W as rows that are H, W, C, with ``room`` for C."""
    rest = table.shape[1:]
    return np.moveaxis(widen(table.reshape(*to, *rest), 0, room), 0, 2).reshape(-1, *rest)


def _convolution(
    op: dict[str, Any], read: Reader, before: Picture
) -> tuple[dict[str, Any], np.ndarray, np.ndarray, Picture]:
    """A convolution, or a transposed one as four of them: one a parity of output row and column."""
    name, kind = op["name"], op["op"]
    weight, bias = read.places(f"{name}.weight", 4), read(f"{name}.bias", 1)
    if weight.shape[2:] != KERNELS[kind]:
        raise ChainError(f"{name}.weight has a window of {list(weight.shape[2:])}; a {kind} has {list(KERNELS[kind])}")
    if kind == "conv":
        weight = weight.swapaxes(0, 1)
    channels, outputs = weight.shape[:2]
    if channels != before.channels:
        raise ChainError(f"{name}.weight takes {channels} channels; the layer before gives {before.channels}")
    check_bias(name, bias, outputs)
    scale = 1 if kind == "conv" else 2
    after = Picture(outputs, before.height * scale, before.width * scale, eights(outputs))
    # (in, out, rows, columns) to (rows, columns, in, out)
    weight = widen(widen(weight, 0, before.room), 1, after.room).transpose(2, 3, 0, 1)
    if kind == "conv":
        weight = panels(weight)
    else:
        weight = np.stack([panels(weight[np.ix_(rows, columns)]) for rows in TAPS for columns in TAPS])
    layer = {"op": kind, "in": before.room, "out": after.room, "height": after.height, "width": after.width}
    return layer, weight, widen(bias, 0, after.room), after


def _shuffled(op: dict[str, Any], shape: list[int]) -> list[int]:
    """[C * r * r, H, W] of the last layer as PixelShuffle(r) leaves it: [C, H * r, W * r]."""
    (channels, height, width), factor = shape, op["shuffle"]
    if type(factor) is not int or factor < 1:
        raise ChainError(f"{op['name']}: shuffle is {factor!r}; a positive whole number was expected")
    if channels % factor**2:
        raise ChainError(f"{op['name']}: shuffle is {factor}; {channels} channels do not divide by {factor**2}")
    return [channels // factor**2, height * factor, width * factor]
