"""People in motion: JHMDB (clips with a still camera), Weizmann's waves, jacks and bends, and arm gestures.

A still x (3, 64, 64) is a frame; its trajectories are dense optical flow (DIS, Kroeger 2016) from frame to frame,
chained over the 0.6 seconds after it, checked by the flow back, and the median of each cell's 16 points. A clip gives
several stills; to learn from, also backwards where that is an action too. Sources are persons or source videos, and no
source is in two splits.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from vaedemo.data import DataSet, Pictures, Split, Terms, cache_folder, dataset, motion_scenes, packs
from vaedemo.data.motion import CELL, GRID, SECONDS, SIDE, TIMES, rows, to_coefficients
from vaedemo.errors import DataMissing

FINE = 2 * SIDE  # pixels a side at which flow is computed
VERSION = 1  # of what is below: a kept file of another is made anew
EVERY = {"train": 3, "validation": 6, "test": 6}  # frames from one still of a clip to the next
LOST = 1.5  # pixels of `FINE` that a point may be off after a step forth and back
HELD = 0.5  # of a cell's points that must be on trail all the way; else its motion is its neighbours'
BACKWARDS = ("wave", "jack", "bend", "gesture", "clap", "pullup", "brush_hair", "climb_stairs", "push")

HOW = (
    "The clips of people in motion were not found. They are a pack, actions.zip, in the folder that VAEDEMO_DATA "
    "names: clips/CLIP.mp4 of JHMDB (Jhuang et al. 2013), Weizmann's actions (Blank et al. 2005) and gestures; "
    "clips.csv with the columns clip, person, action, fps and split (train, val, test); repeats.csv with clip and "
    "repeated, the numbers of frames that only repeat the one before. Reading them takes the extra `train` "
    "(opencv-python-headless)."
)


class Clip(NamedTuple):
    name: str
    source: str  # a person, or a source video
    action: str
    fps: float
    repeated: frozenset[int]


def real(folder: Path | None, split: Split) -> Pictures:
    """Raises DataMissing where the pack is not found or damaged, or OpenCV is not installed.

    Flow takes minutes: it is kept beside the cache of downloads, under the pack's size and time.
    """
    pack = packs.find("actions", folder, HOW)
    facts = pack.stat()
    kept = cache_folder() / f"actions-{split}-{facts.st_size}-{facts.st_mtime_ns}-{VERSION}.npz"
    if not kept.exists():
        stills, trajectories, sources = _of_pack(pack, split)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=kept.parent, suffix=".npz", delete=False) as file:
            np.savez(file, stills=stills, trajectories=trajectories, sources=sources)
        Path(file.name).replace(kept)
    with np.load(kept) as parts:
        names = "stills", "trajectories", "sources"
        stills, trajectories, sources = (torch.from_numpy(parts[name]) for name in names)
    return Pictures("JHMDB, Weizmann and gestures", False, stills, rows(sources, trajectories))


def twin(split: Split) -> Pictures:
    """Drawn scenes."""
    drawn = motion_scenes.twin(split)
    return Pictures(drawn.source, True, drawn.x, drawn.y)


def where(folder: Path | None) -> str:
    """A sentence: where the pack is, or how to get it."""
    return packs.where("People in motion", ("actions",), folder, HOW)


def download(folder: Path) -> None:
    """Raises DataMissing: the originals have to be cut and split by hand."""
    raise DataMissing(HOW)


def _of_pack(pack: Path, split: Split) -> tuple[NDArray, NDArray, NDArray]:
    """Stills (N, 3, 64, 64) uint8, trajectories (N, 10, 16, 16) and the numbers of their sources (N,)."""
    with packs.damage_is_missing(pack, HOW), zipfile.ZipFile(pack) as archive:
        clips = [clip for clip in _table(archive) if clip[1] == packs.SPLITS[split]]
        numbers = {source: i for i, source in enumerate(sorted({clip.source for clip, _ in clips}))}
        found = []
        for clip, _ in clips:
            frames, times = _frames(archive.read(f"clips/{clip.name}.mp4"), clip)
            for still, offsets in _moving(frames, times, EVERY[split], split == "train" and _reversible(clip)):
                found.append((still, to_coefficients(torch.from_numpy(offsets)).numpy(), numbers[clip.source]))
        if not found:
            raise ValueError("it has no clip of this split")
    stills, trajectories, sources = zip(*found)
    return np.stack(stills), np.stack(trajectories), np.array(sources)


def _table(archive: zipfile.ZipFile) -> list[tuple[Clip, str]]:
    """All clips, each with the split it is in."""
    tables = [csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode())) for name in ("clips", "repeats")]
    repeats = {row["clip"]: frozenset(map(int, row["repeated"].split())) for row in tables[1]}
    return [
        (
            Clip(row["clip"], row["person"], row["action"], float(row["fps"]), repeats.get(row["clip"], frozenset())),
            row["split"],
        )
        for row in tables[0]
    ]


def _reversible(clip: Clip) -> bool:
    return clip.action.startswith(BACKWARDS)


def _frames(film: bytes, clip: Clip) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Frames (F, 128, 128, 3) in BGR, without those that repeat, and their times (F,) in seconds."""
    cv2 = _opencv()
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(film)
        file.flush()
        reader, frames = cv2.VideoCapture(file.name), []
        while (read := reader.read())[0]:
            frames.append(read[1])
    if not frames:
        raise ValueError(f"{clip.name}: not a film")
    new = [i for i in range(len(frames)) if i not in clip.repeated]
    seconds = (np.array(new) / clip.fps).astype(np.float32)
    return np.stack([cv2.resize(frames[i], (FINE, FINE)) for i in new]), seconds


def _moving(frames: NDArray, times: NDArray, every: int, backwards: bool) -> Iterator[tuple[NDArray, NDArray]]:
    """Stills (3, 64, 64) of a clip with their offsets (2, 16 instants, 16, 16)."""
    cv2 = _opencv()
    grey = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in frames]
    forth, back = _flows(grey), _flows(grey[::-1])[::-1]  # back[i]: from frame i + 1 to i
    films = [(forth, back, times, frames)]
    if backwards:
        films.append((back[::-1], forth[::-1], times[-1] - times[::-1], frames[::-1]))
    for onward, home, clock, pictures in films:
        for start in range(0, len(pictures) - 1, every):
            end = int(np.searchsorted(clock, clock[start] + SECONDS - 0.01))
            if end >= len(clock):
                break
            offsets = _chained(onward[start:end], home[start:end])
            instants = clock[start : end + 1] - clock[start]
            still = cv2.resize(pictures[start], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
            yield cv2.cvtColor(still, cv2.COLOR_BGR2RGB).transpose(2, 0, 1), _at_instants(offsets, instants)


def _flows(grey: list[NDArray]) -> list[NDArray]:
    """Optical flow (128, 128, 2) from each frame to the next."""
    cv2 = _opencv()
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setFinestScale(0)  # the preset stops at half the resolution, and falls a tenth short of the way
    return [search.calc(one, other, None) for one, other in pairwise(grey)]


def _chained(onward: list[NDArray], home: list[NDArray]) -> NDArray[np.float32]:
    """Offsets of cells at each frame, (F + 1, 2, 16, 16) in pixels of the still: its points' median, where enough of
    them come back to within `LOST` at every step, else the mean of the cells around."""
    cv2 = _opencv()
    steps = np.arange(SIDE, dtype=np.float32) * (FINE / SIDE) + 0.5 * (FINE / SIDE - 1)
    start = np.stack(np.meshgrid(steps, steps), -1)  # of a fine picture's pixels
    place, trusted, found = start.copy(), np.ones((SIDE, SIDE), bool), [np.zeros((2, GRID, GRID), np.float32)]
    for there, here in zip(onward, home):
        step = cv2.remap(there, place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        place = place + step
        again = cv2.remap(here, place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        trusted &= np.hypot(*np.moveaxis(step + again, -1, 0)) < LOST
        found.append(_by_cell((place - start) * (SIDE / FINE), trusted))
    return np.stack(found)


def _by_cell(offsets: NDArray, trusted: NDArray) -> NDArray[np.float32]:
    """(2, 16, 16) of points' offsets (64, 64, 2)."""
    points = offsets.reshape(GRID, CELL, GRID, CELL, 2).transpose(4, 0, 2, 1, 3).reshape(2, GRID, GRID, -1)
    known = trusted.reshape(GRID, CELL, GRID, CELL).transpose(0, 2, 1, 3).reshape(GRID, GRID, -1)
    count = known.sum(-1)
    middle = np.nan_to_num(np.nanmedian(np.where(known, points, np.nan), -1)) if count.any() else points.mean(-1)
    held = (count >= HELD * CELL * CELL).astype(np.float32)
    if held.all() or not held.any():
        return middle.astype(np.float32)
    around = [_blur(held * plane) / np.maximum(_blur(held), 1e-3) for plane in middle]
    return np.where(held > 0, middle, np.stack(around)).astype(np.float32)


def _blur(plane: NDArray) -> NDArray:
    return _opencv().GaussianBlur(plane.astype(np.float32), (0, 0), 1.5)


def _at_instants(offsets: NDArray, seconds: NDArray) -> NDArray[np.float32]:
    """Offsets (2, 16 instants, 16, 16) of those (F + 1, 2, 16, 16) at the frames' `seconds` (F + 1,)."""
    wanted = np.linspace(0, SECONDS, TIMES)
    after = np.searchsorted(seconds, wanted).clip(1, len(seconds) - 1)
    part = ((wanted - seconds[after - 1]) / (seconds[after] - seconds[after - 1])).clip(0, 1)[:, None, None, None]
    between = (1 - part) * offsets[after - 1] + part * offsets[after]
    return between.transpose(1, 0, 2, 3).astype(np.float32)


def _opencv() -> Any:  # its stubs lack DISOpticalFlow and the arguments of remap
    try:
        import cv2
    except ImportError as error:
        raise DataMissing(HOW) from error
    return cv2


TERMS = {
    "JHMDB, Weizmann and gestures": Terms(
        "Clips of people with a still camera: 267 of JHMDB (Jhuang et al. 2013), 36 of Weizmann's actions (Blank et "
        "al. 2005), 27 of arm gestures of three people; split by person or source video, research use. The weights "
        "follow those terms. Trajectories are optical flow (DIS, Kroeger et al. 2016), chained over 0.6 seconds and "
        "checked by the flow back; where a wall has no texture, flow smears over it from whatever moves before it, and "
        "the model has learned that too. 244 clips of 67 sources are few: it knows golf, pull-ups and pouring, and "
        "guesses at the rest. Not for judging what a person will do.",
        license="other",
    ),
}

dataset("actions", DataSet(real, twin, where, download, {**motion_scenes.TERMS, **TERMS}))
