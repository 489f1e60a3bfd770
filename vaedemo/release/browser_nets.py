"""Nets that are no chain, for the browser: the image tower, and what colors a photo or moves it on its maps.

The browser's own modules say how their layers hang together (`image-tower.mjs`, `color-net.mjs`, `motion-net.mjs`);
a file holds each layer under the name that it has in PyTorch, its weights laid out for ``kernels.ts``. Imports no
PyTorch: the page's server runs it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from vaedemo.errors import ChainError
from vaedemo.recipes import Recipe
from vaedemo.release.browser_layout import Reader, check_bias, eights, panels, widen

PARTS = {
    "tower": ("tower.",),
    "colorization": ("trunk.", "mean.", "brush.", "foreteller.", "bins."),
    "colorcvae": ("trunk.", "mean.", "brush."),
    "towermotion": ("image.", "tower.", "will_move.", "typical", "usual", "strangest"),
}
"""By the model's registered name: how the tensors are called that the browser needs."""


def net_file(model: Path, recipe: Recipe) -> bytes:
    """The net of ``model`` (a model.safetensors), one of `PARTS`, as the browser wants it.

    Metadata of the result: ``net``, what the recipe says of it, and ``layers``, a JSON object of {op, in, out, rows} by
    name: ``in`` and ``out`` are whole eights, but for inputs of fewer than eight; ``rows`` are the real outputs, and a
    ``conv`` and a ``depthwise`` have a ``size``. Tensors that belong to no layer (what maps are standardized by) stay
    as they are. Raises ChainError, naming file and tensor.
    """
    try:
        with safe_open(model, framework="numpy") as file:
            return _lay_out(Reader(file), recipe)
    except SafetensorError as error:
        raise ChainError(f"{model}: not a whole safetensors file ({error})") from error
    except ChainError as error:
        raise ChainError(f"{model}: {error}") from error


def _lay_out(read: Reader, recipe: Recipe) -> bytes:
    layers: dict[str, dict[str, Any]] = {}
    tensors: dict[str, np.ndarray] = {}
    wanted = sorted(name for name in read.names if name.startswith(PARTS[recipe.model]))
    for name in wanted:
        layer, _, part = name.rpartition(".")
        if part == "weight":
            layers[layer], kept = _layer(read, layer)
            tensors |= kept
        elif f"{layer}.weight" not in read.names:
            tensors[name] = read(name, len(read.shape(name)))
    net = json.dumps(dict(recipe.net), separators=(",", ":"))
    return save(tensors, {"net": net, "layers": json.dumps(layers, separators=(",", ":"))})


def _layer(read: Reader, name: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Description and tensors."""
    rank = len(read.shape(f"{name}.weight"))
    weight, bias = read.places(f"{name}.weight", 2 if rank == 2 else 4), read(f"{name}.bias", 1)
    rows, inputs = weight.shape[:2]
    check_bias(name, bias, rows)
    out = eights(rows)
    bias, weight = widen(bias, 0, out), widen(weight, 0, out)
    described = {"out": out, "rows": rows, **({} if rank == 2 else {"size": weight.shape[2]})}
    if name.endswith(".depthwise"):
        halves = widen(read(f"{name}.weight", 4), 0, out)[:, 0].transpose(1, 2, 0).copy()  # in no panels
        return {"op": "depthwise", "in": out, **described}, {f"{name}.weight": halves, f"{name}.bias": bias}
    if rank == 2:
        op, room, weight = "linear", inputs, weight.T
    else:
        op, room = "conv", inputs if inputs < 8 else eights(inputs)
        weight = widen(weight, 1, room).transpose(2, 3, 1, 0)
    return {"op": op, "in": room, **described}, read.layer(name, name, panels(weight), bias)
