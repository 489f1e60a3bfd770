"""CelebA (Liu et al. 2015): 24,235 aligned faces with 40 attributes, and who in each is person, who background.

Two sets of the same pictures: `faces` has their colors, `portraits` the person's mask as a fourth plane. The training
split holds each picture and its mirror image.
"""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from torch import Tensor

from vaedemo.data import DataSet, Pictures, Split, Terms, dataset, packs
from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.data.synthetic import cartoons
from vaedemo.errors import DataMissing

TWINS = {"train": 5_000, "validation": 300, "test": 600}
SEEDS = {"train": 0, "validation": 1, "test": 2}

HOW = (
    "CelebA was not found. The original is by the Chinese University of Hong Kong (CelebFaces Attributes, aligned and "
    "cropped; research only). Put it as faces.zip into the folder that VAEDEMO_DATA names: faces/NAME.webp, 64x64 RGB "
    "with the eyes at (21.7, 33.1) and (41.2, 33.1), and attributes.csv with the columns file, split (train, val, "
    "test; no person in two of them) and the 40 attributes as 1 or -1; and faces_masks.npz with files (N,) and masks "
    "(N, 64, 64), 1 where the person is."
)


def real(folder: Path | None, split: Split) -> Pictures:
    """CelebA: x (N, 3, 64, 64), y (N, 40) of 1 and -1. Raises DataMissing where faces.zip is not found or damaged."""
    x, y, _ = _read(folder, split)
    return _mirrored(x, y, split, "CelebA", False)


def real_portraits(folder: Path | None, split: Split) -> Pictures:
    """The same with the person's mask, 0 or 255, as x's fourth plane. Raises DataMissing, also for faces_masks.npz."""
    x, y, files = _read(folder, split)
    file = packs.find("faces", folder, HOW).with_name("faces_masks.npz")
    try:
        with np.load(file) as masks:
            rows = {name: row for row, name in enumerate(masks["files"].tolist())}
            mine = masks["masks"][[rows[name] for name in files]]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataMissing(f"{file} is not there, or damaged ({error}). {HOW}") from error
    planes = torch.from_numpy(255 * (mine > 0).astype(np.uint8))[:, None]
    return _mirrored(torch.cat([x, planes], 1), y, split, "CelebA", False)


def _read(folder: Path | None, split: Split) -> tuple[Tensor, Tensor, list[str]]:
    """Pictures (N, 3, 64, 64), attributes (N, 40) and file names of a split."""
    with packs.opened(packs.find("faces", folder, HOW), HOW, "attributes.csv", "faces/") as pack:
        chosen = np.array(pack.words("split")) == packs.SPLITS[split]
        y = pack.labels(*ATTRIBUTES)[chosen]
        if not np.isin(y, (-1, 1)).all():
            raise ValueError("its attributes.csv has an attribute that is neither 1 nor -1")
        files = [name for name, mine in zip(pack.words("file"), chosen) if mine]
        return pack.pictures(chosen, "RGB"), torch.from_numpy(y), files


def _mirrored(x: Tensor, y: Tensor, split: Split, source: str, synthetic: bool) -> Pictures:
    if split == "train":
        x, y = torch.cat([x, x.flip(3)]), y.repeat(2, 1)
    return Pictures(source, synthetic, x, y, ATTRIBUTES)


def where(folder: Path | None) -> str:
    """A sentence: where CelebA is, or how to get it."""
    return packs.where("CelebA", ("faces",), folder, HOW)


def download(folder: Path) -> None:
    """Raises DataMissing: the original has to be scaled and split by hand."""
    raise DataMissing(HOW)


def twin(split: Split) -> Pictures:
    """Cartoon faces with exact attributes; those that no cartoon shows are -1 throughout."""
    drawn = twin_portraits(split)
    return Pictures(drawn.source, True, drawn.x[:, :3], drawn.y, ATTRIBUTES)


def twin_portraits(split: Split) -> Pictures:
    """The same with the person's mask as x's fourth plane."""
    shown = cartoons.chances(TWINS[split], SEEDS[split])
    x = cartoons.portraits(shown, SEEDS[split])
    y = np.full((len(x), len(ATTRIBUTES)), -1)
    for name, there in shown.items():
        y[:, ATTRIBUTES.index(name)] = np.where(there, 1, -1)
    return _mirrored(torch.from_numpy(x), torch.from_numpy(y), split, "cartoon faces", True)


TERMS = {
    "CelebA": Terms(
        "CelebA (Liu et al. 2015), here 24,235 aligned faces of 5,932 people, 64 x 64 in color, split by person; "
        "research, non-commercial. The weights follow those terms. They are celebrities, photographed to please: "
        "young, made up, light-skinned and smiling more often than people are, men without make-up and women with "
        "it; the model knows no other world, and moves what went together there. The 40 attributes are what labellers "
        "saw in a picture: `Male` and `Young` are no facts about a person. Not for judging anybody.",
        license="other",
    ),
    "cartoon faces": Terms("Cartoon faces drawn by this project; no terms but the code's (Apache-2.0)."),
}

dataset("faces", DataSet(real, twin, where, download, TERMS))
dataset("portraits", DataSet(real_portraits, twin_portraits, where, download, TERMS))
