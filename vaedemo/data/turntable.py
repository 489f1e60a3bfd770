"""COIL-100: 100 objects on a turntable, every 5 degrees (Nene, Nayar and Murase 1996, TR CUCS-006-96)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vaedemo.data import DataSet, Pictures, Split, Terms, dataset, packs
from vaedemo.data.synthetic import solids
from vaedemo.errors import DataMissing

FACTORS = ("object", "angle")
OBJECTS = 100
STEP = 5  # degrees between neighbours on the turntable
LEARNED = 15  # degrees: the angles to learn from are the multiples of this

HOW = (
    "COIL-100 was not found. The original is Columbia University's (www.cs.columbia.edu/CAVE, Columbia Object Image "
    "Library). Put it as turntable.zip into the folder that VAEDEMO_DATA names: the pictures scaled to 64x64 RGB (PNG "
    "or WebP), and a labels.csv with the columns file, object (1 to 100), angle (0 to 355 degrees)."
)


def real(folder: Path | None, split: Split) -> Pictures:
    """COIL-100: x (N, 3, 64, 64), y (N, 2): object from 0 and angle in degrees. The split is `in_split`'s.

    Raises DataMissing where turntable.zip is not found, or is damaged.
    """
    with packs.opened(packs.find("turntable", folder, HOW), HOW) as pack:
        y = pack.labels("object", "angle") - (1, 0)
        if y.min() < 0 or y[:, 0].max() >= OBJECTS or y[:, 1].max() >= 360 or (y[:, 1] % STEP).any():
            raise ValueError("its labels.csv has an object not in 1 to 100, or an angle not in 0, 5, ... 355")
        chosen = in_split(y[:, 1], split)
        return Pictures("COIL-100", False, pack.pictures(chosen, "RGB"), torch.from_numpy(y[chosen]), FACTORS)


def in_split(angle: NDArray[np.int64], split: Split) -> NDArray[np.bool_]:
    """Which `angle`s (N,), in degrees, belong to a split.

    Every third angle, 24 an object, is learned from; the two between each of these are held out. Those of every sixth
    gap (75 to 90 degrees, and so on round) are there to choose by, the others to test on.
    """
    learned = angle % LEARNED == 0
    choosing = angle // LEARNED % 6 == 5
    return {"train": learned, "validation": ~learned & choosing, "test": ~learned & ~choosing}[split]


def where(folder: Path | None) -> str:
    """A sentence: where COIL-100 is, or how to get it."""
    return packs.where("COIL-100", ("turntable",), folder, HOW)


def download(folder: Path) -> None:
    """Raises DataMissing: the original has to be scaled and labelled by hand."""
    raise DataMissing(HOW)


def twin(split: Split) -> Pictures:
    """Synthetic turntable: twenty drawn toys at the same angles, split by the same rule."""
    angle = np.arange(0, 360, STEP)
    angle = angle[in_split(angle, split)]
    x = np.concatenate([solids.views(solids.solid(number), angle) for number in range(solids.COUNT)])
    y = np.stack([np.repeat(np.arange(solids.COUNT), len(angle)), np.tile(angle, solids.COUNT)], 1)
    return Pictures("synthetic turntable", True, torch.from_numpy(x), torch.from_numpy(y), FACTORS)


TERMS = {
    "COIL-100": Terms(
        "COIL-100 (Nene, Nayar & Murase 1996), 100 things on a turntable, a picture every 5 degrees, here 64 x 64 in "
        "color; research use. The weights follow those terms. It trained on every third angle. The things are toys and "
        "packages on black ground, each in a pose of its own at angle 0; a photo from elsewhere lies far from them.",
        license="other",
    ),
    "synthetic turntable": Terms("Solids drawn by this project; no terms but the code's (Apache-2.0)."),
}

dataset("turntable", DataSet(real, twin, where, download, TERMS))
