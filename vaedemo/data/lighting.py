"""Extended Yale B, cropped: 38 faces under 64 lights (Georghiades et al. 2001, Lee, Ho and Kriegman 2005)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vaedemo.data import DataSet, Pictures, Split, Terms, dataset, packs
from vaedemo.data.synthetic import heads
from vaedemo.errors import DataMissing

FACTORS = ("person", "azimuth", "elevation")
NUMBERS = (*range(1, 14), *range(15, 40))  # of the 38 people: there is no yaleB14

# The 64 lights as (azimuth, elevation) in degrees: seen from the camera's axis; positive azimuth lights the picture's
# left. Six are in the middle, the others in pairs on both sides.
_MIDDLE = ((0, -35), (0, -20), (0, 0), (0, 20), (0, 45), (0, 90))
_SIDE = (
    *((5, -10), (5, 10), (10, -20), (10, 0), (15, 20), (20, -40), (20, -10), (20, 10), (25, 0), (35, -20)),
    *((35, 15), (35, 40), (35, 65), (50, -40), (50, 0), (60, -20), (60, 20), (70, -35), (70, 0), (70, 45)),
    *((85, -20), (85, 20), (95, 0), (110, -20), (110, 15), (110, 40), (110, 65), (120, 0), (130, 20)),
)
LIGHTS = tuple(sorted((*_MIDDLE, *_SIDE, *((-azimuth, elevation) for azimuth, elevation in _SIDE))))

# Held out for all people. Each lies inside the others' hull, with lights to learn from near it to the left, to the
# right, above and below: the task is to go between lights, not beyond them. No two are mirror images.
VALIDATION_LIGHTS = ((-25, 0), (0, -35), (0, 45), (50, 0), (85, -20))
TEST_LIGHTS = (
    *((-95, 0), (-70, 45), (-60, -20), (-35, 15), (-10, -20)),
    *((0, 20), (20, 10), (35, -20), (35, 40), (85, 20)),
)

HOW = (
    "Extended Yale B was not found. The original is by the University of California, San Diego, and Yale University "
    "(the Extended Yale Face Database B, cropped version). Put it as lighting.zip into the folder that VAEDEMO_DATA "
    "names: the pictures scaled to 64x64 grey (PNG), and a labels.csv with the columns file, person (1 to 39, no 14), "
    "azimuth, elevation (degrees, positive azimuth lights the picture's left)."
)


def real(folder: Path | None, split: Split) -> Pictures:
    """Extended Yale B: x (N, 1, 64, 64), y (N, 3): person from 0, azimuth and elevation of the light in degrees.

    Some pictures are nearly black, as in the original. Raises DataMissing where lighting.zip is not found, or is
    damaged.
    """
    with packs.opened(packs.find("lighting", folder, HOW), HOW) as pack:
        y = pack.labels(*FACTORS)
        unknown = set(map(tuple, y[:, 1:].tolist())) - set(LIGHTS)
        if unknown or not np.isin(y[:, 0], NUMBERS).all():
            raise ValueError("its labels.csv has a person or a light that Extended Yale B has not")
        y[:, 0] = np.searchsorted(NUMBERS, y[:, 0])
        chosen = in_split(y[:, 1:], split)
        return Pictures("Extended Yale B", False, pack.pictures(chosen, "L"), torch.from_numpy(y[chosen]), FACTORS)


def in_split(lights: NDArray[np.int64], split: Split) -> NDArray[np.bool_]:
    """Which `lights` (N, 2), azimuth and elevation in degrees, belong to a split."""
    held_out = dict.fromkeys(VALIDATION_LIGHTS, "validation") | dict.fromkeys(TEST_LIGHTS, "test")
    return np.array([held_out.get(tuple(light), "train") == split for light in lights.tolist()])


def where(folder: Path | None) -> str:
    """A sentence: where Extended Yale B is, or how to get it."""
    return packs.where("Extended Yale B", ("lighting",), folder, HOW)


def download(folder: Path) -> None:
    """Raises DataMissing: the original has to be scaled and labelled by hand."""
    raise DataMissing(HOW)


def twin(split: Split) -> Pictures:
    """Synthetic lighting: twenty drawn heads under the same lights, split by the same rule."""
    lights = np.array(LIGHTS)
    lights = lights[in_split(lights, split)]
    x = np.concatenate([heads.portraits(number, lights) for number in range(heads.COUNT)])
    y = np.column_stack([np.repeat(np.arange(heads.COUNT), len(lights)), np.tile(lights, (heads.COUNT, 1))])
    return Pictures("synthetic lighting", True, torch.from_numpy(x), torch.from_numpy(y), FACTORS)


TERMS = {
    "Extended Yale B": Terms(
        "The Extended Yale Face Database B, cropped (Georghiades et al. 2001, Lee et al. 2005), 38 people under 64 "
        "lights, here 64 x 64 in grey; research use. The weights follow those terms. Ten people would make a class; 38 "
        "make no picture of mankind: faces of other ages, skins or poses are read poorly. Some pictures are nearly "
        "black, as in the original.",
        license="other",
    ),
    "synthetic lighting": Terms("Heads drawn by this project; no terms but the code's (Apache-2.0)."),
}

dataset("lighting", DataSet(real, twin, where, download, TERMS))
