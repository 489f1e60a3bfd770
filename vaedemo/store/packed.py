"""How tensors lie in a model.safetensors: large ones as int8 with a scale for each few numbers, all others as float16.

A packed tensor NAME is kept as q, int8, of its own shape, and as NAME.scale, float16 (R, ceil(C / `GROUP`)): of each of
its R rows (its first dimension), whose C numbers lie in the order of the file, a scale for every `GROUP` of them. It
stands for q * scale, rounded to float16: the same numbers for PyTorch and for the browser. That is little more than
half the bytes of float16, at an error of about 0.6 % of a weight; with a scale for each row it would be 0.9 %. A file
says by its dtypes what is packed, so that one of float16 alone is read, too. Free of torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vaedemo.errors import Misfit

LARGE = 4_096
"""Numbers, from which on a tensor is packed: all smaller ones of a model together are a few kilobytes."""

GROUP = 32  # numbers that share a scale
STEPS = 127  # int8 from -127 to 127: as far up as down

_SCALE = ".scale"


def pack(tensors: Mapping[str, np.ndarray], only_float16: bool = False) -> dict[str, np.ndarray]:
    """What a file keeps of `tensors`; `only_float16` packs none. Raises Misfit, naming the first that float16 cannot
    hold: it is what all are unpacked to."""
    kept: dict[str, np.ndarray] = {}
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all() or np.abs(tensor).max(initial=0) > np.finfo(np.float16).max:
            raise Misfit(f"{name} holds numbers that float16 cannot")
        if tensor.ndim > 1 and tensor.size >= LARGE and not only_float16:
            kept[name], kept[name + _SCALE] = _packed(tensor.astype(np.float32))
        else:
            kept[name] = tensor.astype(np.float16)
    return kept


def _packed(tensor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """q and scale. The scale is rounded up, so that the largest number of a group is at most `STEPS` steps."""
    rows = tensor.reshape(len(tensor), -1)
    columns = rows.shape[1]
    most = np.abs(np.pad(rows, ((0, 0), (0, -columns % GROUP)))).reshape(len(rows), -1, GROUP).max(2)
    scale = (most / STEPS).astype(np.float16)
    scale = np.where(scale.astype(np.float32) * STEPS < most, np.nextafter(scale, np.float16(np.inf)), scale)
    each = spread(scale.astype(np.float32), columns)
    q = np.rint(np.divide(rows, each, out=np.zeros_like(rows), where=each > 0))
    return q.astype(np.int8).reshape(tensor.shape), scale


def spread(scale: np.ndarray, columns: int) -> np.ndarray:
    """The scale of each number, (R, C), of the scales (R, ceil(C / `GROUP`))."""
    return np.repeat(scale, GROUP, axis=1)[:, :columns]


class Tensors:
    """The tensors of a model.safetensors by name, unpacked. `file` is what `safe_open(path, "numpy")` gives.

    Asking for one raises Misfit, a sentence that names it, where this version cannot read it.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self._kinds = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
        self.packed = {name for name, kind in self._kinds.items() if kind == "I8"}
        self.names = set(self._kinds) - {name + _SCALE for name in self.packed}

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._file.get_slice(name).get_shape())

    def __call__(self, name: str) -> np.ndarray:
        """Tensor `name`, float16; float32 where the file has that."""
        numbers, scale = self.stored(name)
        if scale is None:
            return numbers
        rows = numbers.reshape(len(scale), -1)
        return (rows * spread(scale.astype(np.float32), rows.shape[1])).astype(np.float16).reshape(numbers.shape)

    def stored(self, name: str) -> tuple[np.ndarray, np.ndarray | None]:
        """Tensor `name` as the file has it: q and scale, or its numbers and None."""
        kind = self._kinds[name]
        if kind in ("F16", "F32"):
            return self._file.get_tensor(name), None
        if kind != "I8":
            raise Misfit(f"model.safetensors has {name} as {kind}, which this version does not read")
        q = self._file.get_tensor(name)
        rows = q.reshape(len(q), -1) if q.ndim > 1 else q.reshape(1, -1)
        scale = self._file.get_tensor(name + _SCALE) if self._kinds.get(name + _SCALE) == "F16" else None
        if scale is None or scale.shape != (len(rows), -(-rows.shape[1] // GROUP)) or not np.isfinite(scale).all():
            raise Misfit(f"model.safetensors has {name} as int8, without the scales that belong to it")
        return q, scale
