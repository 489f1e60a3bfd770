"""Color photographs as lightness and a color field: scenes (five sources), Tiny ImageNet, CelebA's faces.

A picture x (6, 32, 32): four planes of L / 100, the 2 x 2 pixels of each cell of the 64x64 picture, and the two of the
cell's color, (ab / 128 + 1) / 2. y (N,) tells which of `SETS` a picture is of.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from vaedemo.data import DataSet, Pictures, Split, Terms, dataset, faces, packs
from vaedemo.data.synthetic import streets
from vaedemo.errors import DataMissing
from vaedemo.vision import cielab

SETS = ("scenes", "tinyimagenet", "faces")
TWINS = {"train": 4_000, "validation": 200, "test": 400}
FACES = 15_000  # to learn from, none of them a mirror image: more would outweigh the other sets
_PIECE = 1_000  # pictures converted at once

HOW = (
    "The color photographs were not found. They are three packs in the folder that VAEDEMO_DATA names, each with its "
    "pictures as 64x64 RGB (PNG or WebP): scenes.zip (Intel's image classification of six scenes, BSDS500, Urban100, "
    "Sun-Hays 80, outdoor classes of Tiny ImageNet) and tinyimagenet.zip (Stanford's, other classes), each with a "
    "labels.csv of the columns file and split (train, val, test); and faces.zip as `data faces` tells."
)


def real(folder: Path | None, split: Split) -> Pictures:
    """The three sets in a row. Raises DataMissing where one of the packs is not found or damaged."""
    parts = [_of_pack(name, folder, split) for name in SETS[:2]]
    parts.append(faces.real(folder, split).x[: FACES if split == "train" else None])
    y = torch.cat([torch.full((len(part),), i) for i, part in enumerate(parts)])
    return Pictures("scenes, Tiny ImageNet and CelebA", False, torch.cat([planes(part) for part in parts]), y)


def _of_pack(name: str, folder: Path | None, split: Split) -> Tensor:
    with packs.opened(packs.find(name, folder, HOW), HOW) as pack:
        return pack.pictures(np.array(pack.words("split")) == packs.SPLITS[split], "RGB")


def planes(rgb: Tensor) -> Tensor:
    """x (N, 6, 32, 32) uint8 of pictures (N, 3, 64, 64) uint8."""
    return torch.cat([packed(*cielab.from_rgb(part.float() / 255)) for part in rgb.split(_PIECE)])


def packed(light: Tensor, ab: Tensor) -> Tensor:
    """x (N, 6, 32, 32) uint8 of L / 100 (N, 1, 64, 64) and ab / 128 (N, 2, 64, 64) or (N, 2, 32, 32)."""
    x = torch.cat([F.pixel_unshuffle(light, 2), F.adaptive_avg_pool2d(ab, cielab.SIDE) / 2 + 0.5], 1)
    return (255 * x.clamp(0, 1)).round().to(torch.uint8)


def where(folder: Path | None) -> str:
    """A sentence: where the packs are, or how to get them."""
    return packs.where("Color photographs", SETS, folder, HOW)


def download(folder: Path) -> None:
    """Raises DataMissing: the originals have to be scaled and split by hand."""
    raise DataMissing(HOW)


def twin(split: Split) -> Pictures:
    """Drawn street scenes; all count as of the first set."""
    drawn = streets.streets(TWINS[split], faces.SEEDS[split])
    light, ab = torch.from_numpy(drawn.lightness)[:, None] / 100, torch.from_numpy(drawn.field) / 128
    return Pictures("drawn streets", True, packed(light, ab), torch.zeros(len(light), dtype=torch.int64))


TERMS = {
    "scenes, Tiny ImageNet and CelebA": Terms(
        "Three sets, here 64 x 64 in color: scenes (Intel's image classification of six scenes, 22 outdoor classes of "
        "Tiny ImageNet, BSDS500, Urban100, Sun-Hays 80), Tiny ImageNet (68 pictures of each of its 200 classes), and "
        "15,000 faces of CelebA to learn from; research, non-commercial. The weights follow those terms. Colors are "
        "kept at half the resolution, 32 x 32. The photographs are from the web: its skies are blue, its grass is "
        "green, its skins those of celebrities. An answer is a guess at what was in front of a camera, no evidence.",
        license="other",
    ),
    "drawn streets": Terms("Street scenes drawn by this project; no terms but the code's (Apache-2.0)."),
}

dataset("colors", DataSet(real, twin, where, download, TERMS))
