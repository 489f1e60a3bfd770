"""What the browser encodes with: an encoder of `nets.conv_encoder`, its weights laid out for ``kernels.ts``.

What ships holds an encoder's tensors, and no description of its layers. `conv_encoder` has few kinds of them, which
their windows tell apart, so that the description is read off the tensors and the recipe. Judges of faces, which end in
numbers and have no posterior, are such nets, too. Imports no PyTorch: the page's server runs it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from vaedemo.data.face_set import ATTRIBUTES, EYES
from vaedemo.errors import ChainError
from vaedemo.recipes import Recipe
from vaedemo.release.browser_layout import Picture, Reader, check_bias, eights, panels, widen

HALVES, BLOCK = (4, 4), (3, 3)
"""Windows: a convolution of stride 2 and padding 1, and the two of a residual block, of stride 1 and padding 1."""

POSTERIORS = frozenset(
    ("vae", "autoencoder", "tcvae", "factorvae", "dcign", "cvae", "quadrant", "attributecvae", "discvae", "cvaegan")
) | {"vaegan", "vaedis"}
"""Registered names of the models whose `encoder` is one of `conv_encoder`, and gives means and log variances of z."""

JUDGES = {"eyes": "encoder", "landmarks": "encoder", "reader": "net"}
"""Registered names of nets that give numbers, and what their `conv_encoder` is called."""

HIDDEN = -1.0  # what `models.quadrant` puts in the place of a hidden pixel
EYES_REACH, LANDMARKS_REACH = 10.0, 4.0  # pixels, of `models.eyes` and `models.landmarks`


@dataclass(frozen=True)
class _Seen:
    """What an encoder is shown, besides the picture (C, H, W) itself."""

    shape: tuple[int, int, int]
    shuffle: int = 1  # r x r pixels are laid into channels first
    less: float = 0.0  # taken off every pixel
    beside: int = 0  # channels more, of a condition that is a picture


def encoder_file(model: Path, recipe: Recipe) -> bytes:
    """The encoder of ``model`` (a model.safetensors) as the browser wants it, in the kernels' own layout.

    Metadata of the result: ``form``, a JSON object, and ``layers``, a JSON list as in `browser_export`, less what no
    encoder has and with two ops of its own: a ``conv`` has a ``size`` and a ``stride``, and may have ``adds``, the
    number of the layer whose picture is added before its ReLU; a ``linear`` may have ``told``, numbers of a condition
    that follow what the layer before gives.

    The form is what the encoder takes and gives: ``shape`` of the picture ([C, H, W]), ``input`` (``shuffle``, ``less``
    and the sizes of what comes of it), ``outputs``; of a posterior also ``z``, ``told`` ("label", "attributes",
    "picture" or null), ``point`` (it has a mean alone) and ``noise`` (of a Gaussian p(x|z), else null); of a judge
    ``middle`` and ``reach``: its answer is middle + reach * what the last layer gives.

    Raises ChainError, naming file and tensor, for a model without such an encoder, or a file that does not fit.
    """
    try:
        with safe_open(model, framework="numpy") as file:
            read = Reader(file)
            if recipe.model in POSTERIORS:
                return _posterior(read, recipe)
            if recipe.model in JUDGES:
                return _judge(read, recipe)
    except SafetensorError as error:
        raise ChainError(f"{model}: not a whole safetensors file ({error})") from error
    except ChainError as error:
        raise ChainError(f"{model}: {error}") from error
    raise ChainError(f"{model}: {recipe.name} has no encoder that the browser runs")


def _posterior(read: Reader, recipe: Recipe) -> bytes:
    net = recipe.net
    z, (channels, height, width) = int(net["z"]), net.get("shape", (1, 28, 28))
    told = _told(recipe)
    beside = channels if told == "picture" else 0
    seen = _Seen((channels, height, width), net.get("shuffle", 1), beside=beside)
    chain = _Chain(read, seen)
    chain.stage("encoder")
    if told in ("label", "attributes"):
        chain.rectify()  # the layer that would have given z is in `posterior`
        chain.stage("posterior", told=net["labels"] if told == "label" else len(net["attributes"]))
    gaussian = net.get("likelihood") == "gaussian"
    about = {
        "z": z,
        "told": told,
        "point": recipe.model == "autoencoder",
        "noise": float(read("noise", 0)) if gaussian else None,
        "layered": recipe.model == "discvae",
    }
    if told == "attributes":
        about["attributes"] = list(net["attributes"])
    return chain.file(2 * z, about)


def _told(recipe: Recipe) -> str | None:
    if recipe.model == "quadrant":
        return "picture"
    if "labels" in recipe.net:
        return "label"
    return "attributes" if "attributes" in recipe.net else None


def _judge(read: Reader, recipe: Recipe) -> bytes:
    faces = recipe.model in ("eyes", "landmarks")
    shuffle = recipe.net.get("shuffle", 2 if faces else 1)
    chain = _Chain(read, _Seen((3, 64, 64), shuffle, 0.5 if faces else 0.0))
    chain.stage(JUDGES[recipe.model])
    if recipe.model == "eyes":
        about: dict[str, Any] = {"middle": [*np.ravel(EYES).tolist(), 0], "reach": [EYES_REACH] * 4 + [1]}
    elif recipe.model == "landmarks":
        middle = read("usual", 2).astype(float).ravel()
        about = {"middle": middle.tolist(), "reach": [LANDMARKS_REACH] * len(middle)}
    else:
        shares = read("shares", 1).astype(float).clip(1e-3, 1 - 1e-3)
        middle = np.log1p(-shares) - np.log(shares)
        about = {"middle": middle.tolist(), "reach": [1] * len(middle), "attributes": list(ATTRIBUTES)}
    return chain.file(len(about["middle"]), about)


class _Chain:
    """Layers and tensors of a file that is being laid out."""

    def __init__(self, read: Reader, seen: _Seen) -> None:
        channels, height, width = seen.shape
        factor = seen.shuffle
        if height % factor or width % factor:
            raise ChainError(f"shuffle is {factor}, which {height} x {width} pixels do not divide by")
        inputs = (channels + seen.beside) * factor**2
        self.read, self.seen = read, seen
        self.picture: Picture | None = Picture(inputs, height // factor, width // factor, inputs)
        self.input = {"shuffle": factor, "less": seen.less, **_sizes(self.picture)}
        self.length = 0  # of the vector that the last layer gave
        self.layers: list[dict[str, Any]] = []
        self.tensors: dict[str, np.ndarray] = {}

    def stage(self, prefix: str, told: int = 0) -> None:
        """The layers of a Sequential called ``prefix``, in order. All have a ReLU, but a vector's last one."""
        kept = re.compile(rf"{re.escape(prefix)}\.(\d+)\.(weight|path\.0\.weight)")
        found = sorted((int(match[1]), match[2]) for match in map(kept.fullmatch, self.read.names) if match)
        if not found:
            raise ChainError(f"there is no {prefix}")
        for index, part in found:
            name = f"{prefix}.{index}"
            if part != "weight":
                before = len(self.layers) - 1
                self._convolution(f"{name}.path.0", BLOCK, 1)
                self._convolution(f"{name}.path.3", BLOCK, 1)
                self.layers[-1]["adds"] = before
            elif self.read.shape(f"{name}.weight")[2:]:
                self._convolution(name, HALVES, 2)
            else:
                self._linear(name, told, relu=(index, part) != found[-1])
                told = 0

    def rectify(self) -> None:
        """The last layer has a ReLU."""
        self.layers[-1]["relu"] = True

    def file(self, outputs: int, about: dict[str, Any]) -> bytes:
        if self.picture is not None or self.layers[-1]["rows"] != outputs:
            raise ChainError(f"{outputs} numbers were expected of the last layer")
        form = {"shape": self.seen.shape, "input": self.input, "outputs": outputs, **about}
        layers = json.dumps(self.layers, separators=(",", ":"))
        return save(self.tensors, {"form": json.dumps(form, separators=(",", ":")), "layers": layers})

    def _convolution(self, name: str, window: tuple[int, int], stride: int) -> None:
        before = self.picture
        if before is None:
            raise ChainError(f"{name}: a convolution cannot follow a vector")
        weight, bias = self.read.places(f"{name}.weight", 4), self.read(f"{name}.bias", 1)
        if weight.shape[2:] != window:
            raise ChainError(f"{name}.weight has a window of {list(weight.shape[2:])}; {list(window)} was expected")
        outputs, channels = weight.shape[:2]
        if channels != before.channels:
            raise ChainError(f"{name}.weight takes {channels} channels; there are {before.channels}")
        check_bias(name, bias, outputs)
        after = Picture(outputs, before.height // stride, before.width // stride, eights(outputs))
        # (out, in, rows, columns) to (rows, columns, in, out)
        weight = widen(widen(weight, 1, before.room), 0, after.room).transpose(2, 3, 1, 0)
        layer = {"op": "conv", "size": window[0], "stride": stride, "relu": True, "in": before.room, "out": after.room}
        self._add(name, {**layer, **_sizes(after)}, panels(weight), widen(bias, 0, after.room))
        self.picture = after

    def _linear(self, name: str, told: int, relu: bool) -> None:
        weight, bias = self.read.places(f"{name}.weight", 2), self.read(f"{name}.bias", 1)
        rows, columns = weight.shape
        check_bias(name, bias, rows)
        before = self.picture
        if before is not None:  # from C, H, W to H, W, C
            size = (before.channels, before.height, before.width)
            if columns != np.prod(size):
                raise ChainError(f"{name}.weight takes {columns} numbers; there are {np.prod(size)}")
            weight = widen(weight.reshape(rows, *size), 1, before.room).transpose(0, 2, 3, 1).reshape(rows, -1)
        else:
            if columns != self.length + told:
                raise ChainError(f"{name}.weight takes {columns} numbers; there are {self.length + told}")
            if told:  # the condition lies behind a whole number of eights
                seen = widen(weight[:, : self.length], 1, eights(self.length))
                weight = np.concatenate([seen, weight[:, self.length :]], 1)
        out = eights(rows)
        layer: dict[str, Any] = {"op": "linear", "relu": relu, "in": weight.shape[1], "out": out, "rows": rows}
        layer |= {"told": told} if told else {}
        self._add(name, layer, panels(widen(weight, 0, out).T), widen(bias, 0, out))
        self.picture, self.length = None, rows

    def _add(self, name: str, layer: dict[str, Any], weight: np.ndarray, bias: np.ndarray) -> None:
        self.tensors |= self.read.layer(str(len(self.layers)), name, weight, bias)
        self.layers.append(layer)


def _sizes(picture: Picture) -> dict[str, int]:
    return {
        "channels": picture.channels,
        "room": picture.room,
        "height": picture.height,
        "width": picture.width,
    }
