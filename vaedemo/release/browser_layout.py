"""How weights lie in the files that the browser's kernels read: channels in eights, checked as they are read.

`browser_export` writes decoders by it, `browser_encoders` encoders, `browser_nets` all else. They lay out places, not
numbers: where in its tensor each number of a weight is found. So a weight that the model's file has in int8
(`store/packed.py`) is in the browser's file the same int8, and what the kernels make of it the same float16. In panels
(..., outputs / 8, inputs, 8) it is three tensors of a layer's:

- ``weight``, int8: the numbers;
- ``scale``, float16 (outputs / 8, G, 8): eights of scales, of which most are those of many eights of numbers;
- ``groups``, uint16 (inputs): which of its panel's G eights of scales each eight of numbers has.

All else is float16. Imports no PyTorch: the page's server runs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vaedemo.errors import ChainError, Misfit
from vaedemo.store.packed import Tensors, spread

PANEL = 8
"""Channels are stored in eights: two SIMD registers."""


@dataclass(frozen=True)
class Picture:
    """What flows between two layers: ``channels`` real ones, stored in ``room`` (the rest are zeros)."""

    channels: int
    height: int
    width: int
    room: int


class Reader:
    """The tensors of a file, checked as they are read."""

    def __init__(self, file: Any) -> None:
        self._tensors = Tensors(file)
        self.names = self._tensors.names

    def __call__(self, name: str, rank: int) -> np.ndarray:
        """Tensor ``name`` of ``rank`` dimensions, as float16. Raises ChainError."""
        if name not in self.names:
            raise ChainError(f"tensor {name} is missing")
        try:
            tensor = self._tensors(name)
        except Misfit as error:
            raise ChainError(str(error)) from error
        if tensor.ndim != rank:
            raise ChainError(f"{name} has shape {list(tensor.shape)}; {rank} dimensions were expected")
        if not np.isfinite(tensor).all() or np.abs(tensor).max(initial=0) > np.finfo(np.float16).max:
            raise ChainError(f"{name} holds numbers that float16 cannot")
        return tensor.astype(np.float16)

    def shape(self, name: str) -> tuple[int, ...]:
        return self._tensors.shape(name)

    def places(self, name: str, rank: int) -> np.ndarray:
        """The places of the numbers of tensor ``name``, counted from 1, in its own shape: what `layer` wants once they
        are laid out, a 0 wherever no number belongs. Raises ChainError."""
        shape = self(name, rank).shape
        return np.arange(1, 1 + np.prod(shape), dtype=np.int32).reshape(shape)

    def layer(self, key: str, name: str, places: np.ndarray, bias: np.ndarray) -> dict[str, np.ndarray]:
        """The tensors that the browser's file has of ``name``, its layer ``key``: those of the weight, in panels as
        ``places`` says, and the bias, which is laid out."""
        numbers, scale = self._tensors.stored(f"{name}.weight")
        kept = {f"{key}.weight": _taken(numbers if scale is not None else numbers.astype(np.float16), places)}
        if scale is not None:
            kept[f"{key}.scale"], kept[f"{key}.groups"] = _grouped(scale, numbers.shape, places)
        return {**kept, f"{key}.bias": bias}


def _taken(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    return np.append(values.dtype.type(0), values)[places]


def _grouped(scale: np.ndarray, shape: tuple[int, ...], places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``scale`` and ``groups`` of a weight of ``shape`` in panels."""
    columns = np.prod(shape[1:], dtype=int)
    which = _taken(spread(np.arange(1, 1 + scale.size, dtype=np.int32).reshape(scale.shape), columns), places)
    # Of a transposed convolution's four parts the first says it all: the sixteen numbers of its window share a scale.
    first = which.reshape(-1, *which.shape[-3:])[0].swapaxes(0, 1)
    found, groups = np.unique(first.reshape(len(first), -1), axis=0, return_inverse=True)
    scales = _taken(scale, found).reshape(len(found), *first.shape[1:]).swapaxes(0, 1)
    return np.ascontiguousarray(scales), groups.ravel().astype(np.uint16)


def check_bias(name: str, bias: np.ndarray, outputs: int) -> None:
    if len(bias) != outputs:
        raise ChainError(f"{name}.bias has {len(bias)} numbers; {outputs} were expected")


def eights(size: int) -> int:
    return -(-size // PANEL) * PANEL


def widen(array: np.ndarray, axis: int, size: int) -> np.ndarray:
    """``array`` with zeros appended on ``axis`` up to ``size``."""
    return np.pad(array, [(0, size - array.shape[i] if i == axis else 0) for i in range(array.ndim)])


def panels(weight: np.ndarray) -> np.ndarray:
    """(..., outputs) to (outputs / 8, all inputs, 8): the order in which the kernels read."""
    table = weight.reshape(-1, weight.shape[-1] // PANEL, PANEL)
    return np.ascontiguousarray(table.swapaxes(0, 1))
