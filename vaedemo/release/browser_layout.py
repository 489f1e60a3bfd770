"""How weights lie in the files that the browser's kernels read: channels in eights, float16, checked as they are read.

`browser_export` writes decoders by it, `browser_encoders` encoders. Imports no PyTorch: the page's server runs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vaedemo.errors import ChainError, Misfit
from vaedemo.store.packed import Tensors

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
