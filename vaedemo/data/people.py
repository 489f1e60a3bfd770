"""People in motion at the size that the image tower looks at them: the clips of `actions`, and to learn from more.

A still x (25, 32, 32) is L / 100 at 160x160, the 5 x 5 pixels of each of 32 x 32 cells, as `photos` has it; y is as in
`data.motion`. Training clips are of both packs, actions.zip and actions2.zip (JHMDB whose moving camera was stabilized,
and push-ups), as they are and played faster. Who is in both packs is one source. Validation and test are those of
`actions`; the test of the other pack is a set of its own, `more-people`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaedemo.data import DataSet, Pictures, Split, Terms, actions, dataset, motion_scenes, packs, photos
from vaedemo.data.actions import Moving
from vaedemo.data.motion import rows
from vaedemo.errors import DataMissing

PACKS = ("actions", "actions2")
PACES = (1.0, 1.25)  # of clips to learn from; slower ones a model makes itself: see `motion.at_pace`
TWINS = {"train": 2_000, "validation": 200, "test": 200}  # drawn six times as large as those of `motion_scenes`
SOURCE = "JHMDB, Weizmann, gestures and push-ups"
MORE = "stabilized JHMDB and push-ups"

HOW = (
    "The clips of people in motion were not found. They are two packs, actions.zip and actions2.zip, in the folder "
    "that VAEDEMO_DATA names, of one form, that `data actions` tells of. actions2.zip has the clips of JHMDB whose "
    "moving camera was stabilized, and push-ups. Reading them takes the extra `train` (opencv-python-headless)."
)


def real(folder: Path | None, split: Split) -> Pictures:
    """Raises DataMissing where a pack is not found or damaged, or OpenCV is not installed. Its flow is kept, as that of
    `actions` is."""
    found = [packs.find(name, folder, HOW) for name in PACKS]
    learned = split == "train"
    x, y = _kept(found if learned else found[:1], split, PACES if learned else (1.0,))
    return Pictures(SOURCE, False, x, y)


def more(folder: Path | None, split: Split) -> Pictures:
    """The clips of the second pack alone, as they are. Raises DataMissing as `real` does."""
    x, y = _kept([packs.find(PACKS[1], folder, HOW)], split, (1.0,))
    return Pictures(MORE, False, x, y)


def _kept(found: list[Path], split: Split, paces: tuple[float, ...]) -> tuple[Tensor, Tensor]:
    def stills() -> Iterator[Moving]:
        for pack in found:
            yield from actions.moving_stills(pack, split, paces, HOW, both=split == "train")

    facts = [(file.stat().st_size, file.stat().st_mtime_ns) for file in found]
    words = [split, "both", *(f"{size}-{time}" for size, time in facts), *map(str, paces), str(actions.VERSION)]
    return actions.kept("-".join(["people", *words]), stills, _seen)


def _seen(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The still (25, 32, 32) of a frame (128, 128, 3) in BGR."""
    return still_of(torch.from_numpy(frame[..., ::-1].transpose(2, 0, 1).copy())).numpy()


def still_of(rgb: Tensor) -> Tensor:
    """The still x (25, 32, 32) uint8 of a picture (3, S, S) uint8."""
    return photos.planes(rgb[None])[0, : photos.PLANES]


def twin(split: Split) -> Pictures:
    """Drawn scenes, at the tower's size."""
    first, dice = motion_scenes.SEEDS[split] * 1_000_000, np.random.default_rng(motion_scenes.SEEDS[split])
    numbers = torch.arange(first, first + TWINS[split])
    drawn = [motion_scenes.scene_of(int(number)) for number in numbers]
    x = torch.stack([still_of(torch.from_numpy(one.still(photos.SEEN))) for one in drawn])
    chosen = torch.stack([one.futures()[dice.integers(one.modes)] for one in drawn])
    return Pictures("drawn forks, pendulums and figures", True, x, rows(numbers, chosen))


def where(folder: Path | None) -> str:
    """A sentence: where the packs are, or how to get them."""
    try:
        return f"People in motion: found in {', '.join(str(packs.find(name, folder, HOW)) for name in PACKS)}"
    except DataMissing as missing:
        return str(missing)


def download(folder: Path) -> None:
    """Raises DataMissing: the originals have to be cut and split by hand."""
    raise DataMissing(HOW)


TERMS = {
    SOURCE: Terms(
        "Clips of people: 267 of JHMDB (Jhuang et al. 2013) with a still camera and 99 whose moving one was "
        "stabilized, 36 of Weizmann's actions (Blank et al. 2005), 27 of arm gestures of three people, 106 of push-ups "
        "of 29 people; split by person or source video, research use. The weights follow those terms. It is measured "
        "on those with a still camera. Trajectories are optical flow (DIS, Kroeger et al. 2016), chained over 0.6 "
        "seconds and checked by the flow back; where a wall has no texture, flow smears over it from whatever moves "
        "before it, and what is left of a camera's own motion counts as motion, so that the model has learned both. "
        "Not for judging what a person will do.",
        license="other",
    ),
}
_TERMS = {**motion_scenes.TERMS, **TERMS}

dataset("people", DataSet(real, twin, where, download, _TERMS))
dataset("more-people", DataSet(more, twin, where, download, {**_TERMS, MORE: TERMS[SOURCE]}))
