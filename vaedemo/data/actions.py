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
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

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


class Moving(NamedTuple):
    """A still of a clip, and how it moves."""

    frame: NDArray[np.uint8]  # (128, 128, 3), BGR
    offsets: NDArray[np.float32]  # (2, 16 instants, 16, 16), in pixels of a still of 64 x 64
    source: str


def real(folder: Path | None, split: Split) -> Pictures:
    """Raises DataMissing where the pack is not found or damaged, or OpenCV is not installed.

    Flow takes minutes: it is kept beside the cache of downloads, under the pack's size and time.
    """
    pack = packs.find("actions", folder, HOW)
    facts = pack.stat()
    name = f"actions-{split}-{facts.st_size}-{facts.st_mtime_ns}-{VERSION}"
    x, y = kept(name, lambda: moving_stills(pack, split), _small)
    return Pictures("JHMDB, Weizmann and gestures", False, x, y)


def kept(
    name: str, stills: Callable[[], Iterator[Moving]], picture: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
) -> tuple[Tensor, Tensor]:
    """x and y of these stills, each frame made a `picture`: from the file NAME.npz of the cache, written if missing."""
    file = cache_folder() / f"{name}.npz"
    if not file.exists():
        found = [(picture(frame), offsets, source) for frame, offsets, source in stills()]
        frames, offsets, words = zip(*found)
        numbers = {source: i for i, source in enumerate(sorted(set(words)))}
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".npz", delete=False) as beside:
            np.savez(
                beside,
                stills=np.stack(frames),
                trajectories=np.stack([to_coefficients(torch.from_numpy(way)).numpy() for way in offsets]),
                sources=np.array([numbers[source] for source in words]),
            )
        Path(beside.name).replace(file)
    with np.load(file) as parts:
        names = "stills", "trajectories", "sources"
        x, trajectories, sources = (torch.from_numpy(parts[name]) for name in names)
    return x, rows(sources, trajectories)


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


def moving_stills(
    pack: Path, split: Split, paces: Sequence[float] = (1.0,), how: str = HOW, both: bool = False
) -> Iterator[Moving]:
    """Those of a pack's clips, each clip played at these paces; at each pace the stills are other frames. With `both`
    every clip is played backwards too, not only those to learn from that are actions that way.

    Raises DataMissing where the pack is damaged or OpenCV is not installed.
    """
    with packs.damage_is_missing(pack, how), zipfile.ZipFile(pack) as archive:
        clips, none = [clip for clip in _table(archive) if clip[1] == packs.SPLITS[split]], True
        for clip, _ in clips:
            frames, times = _frames(archive.read(f"clips/{clip.name}.mp4"), clip)
            backwards = both or (split == "train" and _reversible(clip))
            for frame, offsets in _moving(frames, times, EVERY[split], backwards, paces):
                none = False
                yield Moving(frame, offsets, clip.source)
        if none:
            raise ValueError("it has no clip of this split")


def _small(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The still (3, 64, 64) of a frame."""
    cv2 = _opencv()
    still = cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(still, cv2.COLOR_BGR2RGB).transpose(2, 0, 1)


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


def _moving(
    frames: NDArray, times: NDArray, every: int, backwards: bool, paces: Sequence[float]
) -> Iterator[tuple[NDArray, NDArray]]:
    """Frames (128, 128, 3) of a clip that are stills, with their offsets (2, 16 instants, 16, 16)."""
    cv2 = _opencv()
    grey = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in frames]
    forth, back = _flows(grey), _flows(grey[::-1])[::-1]  # back[i]: from frame i + 1 to i
    films = [(forth, back, times, frames)]
    if backwards:
        films.append((back[::-1], forth[::-1], times[-1] - times[::-1], frames[::-1]))
    for (onward, home, ticks, pictures), (first, pace) in product(films, enumerate(paces)):
        clock = ticks / pace
        for start in range(first, len(pictures) - 1, every):
            end = int(np.searchsorted(clock, clock[start] + SECONDS - 0.01))
            if end >= len(clock):
                break
            offsets = _chained(onward[start:end], home[start:end])
            instants = clock[start : end + 1] - clock[start]
            yield pictures[start], _at_instants(offsets, instants)


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
    middle = _median(points, known) if count.any() else points.mean(-1)
    held = (count >= HELD * CELL * CELL).astype(np.float32)
    if held.all() or not held.any():
        return middle.astype(np.float32)
    around = [_blur(held * plane) / np.maximum(_blur(held), 1e-3) for plane in middle]
    return np.where(held > 0, middle, np.stack(around)).astype(np.float32)


def _median(points: NDArray, known: NDArray) -> NDArray[np.float32]:
    """That of the known of a cell's points (2, 16, 16, P), 0 where none is: NumPy's own takes ten times as long."""
    ordered, count = np.sort(np.where(known, points, np.inf), -1), known.sum(-1)
    halves = (np.maximum(count - 1, 0) // 2, count // 2)
    low, high = (np.take_along_axis(ordered, np.stack([half, half])[..., None], -1)[..., 0] for half in halves)
    return np.where(count > 0, (low + high) / 2, 0).astype(np.float32)


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
