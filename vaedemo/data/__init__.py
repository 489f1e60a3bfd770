"""The data sets by name: the real one where it is found, else its synthetic twin, drawn here."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

CACHE = Path("~/.cache/vaedemo/data").expanduser()  # where downloads go that nobody named a folder for
Split = Literal["train", "validation", "test"]


class DataMissing(FileNotFoundError):
    """The real data are not here; the message says where they come from and where to put them."""


@dataclass(frozen=True)
class Pictures:
    """A split in memory: x (N, C, H, W) uint8, and y int64: labels (N,), or one column for each of `factors` (N, F).

    Of stills that move, y is float32: see `motion.rows`.
    """

    source: str  # "MNIST", or "synthetic digits"
    synthetic: bool
    x: Tensor
    y: Tensor
    factors: tuple[str, ...] = ()  # what the columns of y say, e.g. ("object", "angle")

    def __len__(self) -> int:
        return len(self.x)

    def floats(self, index: Tensor | slice) -> Tensor:
        """The chosen pictures as float32 in [0, 1]."""
        return self.x[index].to(torch.float32) / 255


@dataclass(frozen=True)
class DataSet:
    """`real(folder, split)` raises DataMissing where it finds nothing; `twin(split)` draws and never fails.

    `where(folder)` is a sentence for people; `download(folder)` fetches the original, or raises DataMissing.
    """

    real: Callable[[Path | None, Split], Pictures]
    twin: Callable[[Split], Pictures]
    where: Callable[[Path | None], str]
    download: Callable[[Path], None]


def load(name: str, split: Split, folder: Path | None = None, twin: bool | None = None) -> Pictures:
    """A split of a data set. `twin`: True draws it, False insists on the real one, None takes the real one if found."""
    if name not in sets():
        raise ValueError(f"unknown data set {name!r}; known: {', '.join(sets())}")
    chosen = sets()[name]
    if twin:
        return chosen.twin(split)
    try:
        return chosen.real(folder or data_folder(), split)
    except DataMissing:
        if twin is False:
            raise
        return chosen.twin(split)


def sets() -> dict[str, DataSet]:
    from vaedemo.data import actions, colors, digits, faces, lighting, motion_scenes, sprites, turntable

    return {
        "digits": DataSet(digits.real, digits.twin, digits.where, digits.download),
        "sprites": DataSet(sprites.real, sprites.twin, sprites.where, sprites.download),
        "turntable": DataSet(turntable.real, turntable.twin, turntable.where, turntable.download),
        "lighting": DataSet(lighting.real, lighting.twin, lighting.where, lighting.download),
        "faces": DataSet(faces.real, faces.twin, faces.where, faces.download),
        "colors": DataSet(colors.real, colors.twin, colors.where, colors.download),
        "forks": DataSet(motion_scenes.real, motion_scenes.twin, motion_scenes.where, motion_scenes.download),
        "actions": DataSet(actions.real, actions.twin, actions.where, actions.download),
        "portraits": DataSet(faces.real_portraits, faces.twin_portraits, faces.where, faces.download),
    }


def data_folder() -> Path | None:
    """The folder that VAEDEMO_DATA names, if any."""
    named = os.environ.get("VAEDEMO_DATA")
    return Path(named).expanduser() if named else None
