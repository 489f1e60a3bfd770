"""Expressions: backward flows between the expressions of 662 people, and landmarks of their faces.

Two sets of one pack. `expressions`: x (N, 4, 64, 64) is the picture that a flow edits, and as a fourth plane the cells
that no warp can fill (0 or 255); y holds who, from and to which expression, landmarks and the flow itself: see
`flow.rows`. `landmarks`: x (P, 3, 128, 128) are the pictures alone, y (P, 279) a person's number, the source, the
expression and 138 points in pixels of 64. No person is in two splits.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from vaedemo.data import DataSet, Pictures, Split, Terms, dataset, packs
from vaedemo.data.flow import EXPRESSIONS, FLOW, KINDS, POINTS, SHAPES, SIDE, SOURCES, Edits, rows
from vaedemo.data.synthetic import grimaces
from vaedemo.errors import DataMissing

FINE = 2 * SIDE  # pixels of a picture's side
UNDER = "pictures/"
SOURCE = "London, CelebA, Yale, Canada and ICT"

HOW = (
    "The flows between expressions were not found. They are a pack, expressions.zip, in the folder that VAEDEMO_DATA "
    "names: pictures/*.webp (128x128 RGB) of the Face Research Lab London Set (DeBruine & Jones 2017), CelebA, Yale, "
    "the set Canada and heads of ICT-FaceKit; pictures.csv (file, person, expression, source, split), points.npz with "
    "138 landmarks of each; labels.csv (picture, from, to, strength, kind, person, source, split) and, for each of its "
    "rows, a backward flow, cells without answer and blendshape weights in flows.npz."
)


def real(folder: Path | None, split: Split) -> Pictures:
    """The flows of a split. Raises DataMissing where expressions.zip is not found or damaged."""
    file = packs.find("expressions", folder, HOW)
    with packs.opened(file, HOW, "pictures.csv", UNDER) as pack:
        place = {name: i for i, name in enumerate(pack.words("file"))}
        pictures = pack.pictures(np.ones(len(place), bool), "RGB", FINE)
        points = _points(pack, list(place))
    with packs.opened(file, HOW, "labels.csv", UNDER, "picture") as pack:
        chosen = np.array(pack.words("split")) == packs.SPLITS[split]
        if not chosen.any():
            raise ValueError("it has no flow of this split")
        stored = pack.arrays("flows.npz")
        mine = [place[name] for name, wanted in zip(pack.words("picture"), chosen) if wanted]
        if len(stored["d"]) != len(chosen) or stored["shapes"].tolist() != list(SHAPES):
            raise ValueError("flows.npz does not fit labels.csv")

        def column(name: str) -> list[str]:
            return [word for word, wanted in zip(pack.words(name), chosen) if wanted]

        edits = Edits(
            _numbers(column("person")),
            _places(column("source"), SOURCES),
            _places(column("from"), EXPRESSIONS),
            _places(column("to"), EXPRESSIONS),
            _places(column("kind"), KINDS),
            torch.tensor([float(word) for word in column("strength")]),
            points[mine],
            torch.from_numpy(stored["aus"][chosen].astype(np.float32)),
            _flows(stored["d"][chosen]),
        )
        x = torch.cat([halved(pictures)[mine], _holes(stored["holes"][chosen])], 1)
    return Pictures(SOURCE, False, x, rows(edits))


def real_faces(folder: Path | None, split: Split) -> Pictures:
    """The pictures of a split with their landmarks. Raises DataMissing where the pack is not found or damaged."""
    with packs.opened(packs.find("expressions", folder, HOW), HOW, "pictures.csv", UNDER) as pack:
        chosen = np.array(pack.words("split")) == packs.SPLITS[split]
        files = [name for name, wanted in zip(pack.words("file"), chosen) if wanted]

        def column(name: str) -> list[str]:
            return [word for word, wanted in zip(pack.words(name), chosen) if wanted]

        y = face_rows(
            _numbers(column("person")),
            _places(column("source"), SOURCES),
            _places(column("expression"), EXPRESSIONS),
            _points(pack, files),
        )
        return Pictures(SOURCE, False, pack.pictures(chosen, "RGB", FINE), y)


def face_rows(person: Tensor, source: Tensor, expression: Tensor, points: Tensor) -> Tensor:
    """What the set `landmarks` has as y, (P, 3 + 276) float32, of three (P,) and landmarks (P, 138, 2)."""
    return torch.cat([torch.stack([person, source, expression], 1).float(), points.float().flatten(1)], 1)


def of_face_rows(y: Tensor) -> tuple[Tensor, Tensor]:
    """Expressions (P,) and landmarks (P, 138, 2) of y (P, 279)."""
    return y[:, 2].long(), y[:, 3:].unflatten(1, (POINTS, 2))


def twin(split: Split) -> Pictures:
    """Drawn faces that make faces: flows known exactly."""
    drawn = grimaces.edits(split)
    x = torch.cat([halved(torch.from_numpy(drawn.pictures)), torch.from_numpy(drawn.holes)[:, None]], 1)
    return Pictures(grimaces.NAME, True, x, rows(drawn.edits))


def twin_faces(split: Split) -> Pictures:
    """The drawn faces alone, with their landmarks."""
    drawn = grimaces.faces(split)
    place = torch.full((len(drawn.points),), SOURCES.index("drawn"))
    y = face_rows(torch.from_numpy(drawn.person), place, torch.from_numpy(drawn.expression), drawn.points)
    return Pictures(grimaces.NAME, True, torch.from_numpy(drawn.pictures), y)


def where(folder: Path | None) -> str:
    """A sentence: where the pack is, or how to get it."""
    return packs.where("Flows between expressions", ("expressions",), folder, HOW)


def download(folder: Path) -> None:
    """Raises DataMissing: the originals have to be aligned, and their flows measured."""
    raise DataMissing(HOW)


def halved(pictures: Tensor) -> Tensor:
    """Pictures (N, C, 2 S, 2 S) uint8 at half the size."""
    return (F.avg_pool2d(pictures.float(), 2) + 0.5).to(torch.uint8)


def _points(pack: packs.Pack, files: list[str]) -> Tensor:
    """Landmarks (files, 138, 2) in pixels of 64."""
    stored = pack.arrays("points.npz")
    place = {name: i for i, name in enumerate(stored["files"].tolist())}
    points = stored["points"][[place[name] for name in files]].astype(np.float32)
    if points.shape[1:] != (POINTS, 2) or not np.isfinite(points).all():
        raise ValueError("points.npz holds no 138 landmarks a picture")
    return torch.from_numpy(points)


def _flows(stored: NDArray[np.int8]) -> Tensor:
    """Flows (N, 2, 64, 64) in pixels: differences down the picture are stored, in sixteenths."""
    flows = np.cumsum(stored, axis=1, dtype=np.int8).astype(np.float32) / 16
    return torch.from_numpy(flows.transpose(0, 3, 1, 2).copy())


def _holes(stored: NDArray[np.uint8]) -> Tensor:
    """A plane (N, 1, 64, 64) uint8, 255 where no warp has an answer."""
    bits = np.unpackbits(stored, axis=1)[:, : FLOW // 2].reshape(-1, 1, SIDE, SIDE)
    return torch.from_numpy(255 * bits)


def _numbers(words: list[str]) -> Tensor:
    return torch.from_numpy(np.unique(words, return_inverse=True)[1].astype(np.int64))


def _places(words: list[str], among: tuple[str, ...]) -> Tensor:
    """Where each word stands; a ValueError names one that does not."""
    return torch.tensor([among.index(word) for word in words])


TERMS = {
    SOURCE: Terms(
        "4,554 flows between expressions of 662 people, split by person: measured between two photographs of a person "
        "(the Face Research Lab London Set, DeBruine & Jones 2017, CC BY 4.0; CelebA and the Yale Face Database, "
        "research); ICT-FaceKit's blendshapes (MIT) moved onto photographed faces of these sets and of the set Canada; "
        "and rendered ICT heads, whose flows are exact. The weights follow the strictest of these terms, research. "
        "Sad, angry, disgusted, puckered, winking, squinting faces and raised brows are blendshapes, not photographs. "
        "CelebA's people are celebrities who smile to please; two thirds of all people here are from there. A flow can "
        "move skin, and no more: it makes no teeth, wrinkles or shading. What a face shows is not what a person feels.",
        license="other",
    ),
    grimaces.NAME: Terms("Faces drawn by this project, and their flows; no terms but the code's (Apache-2.0)."),
}

dataset("expressions", DataSet(real, twin, where, download, TERMS))
dataset("landmarks", DataSet(real_faces, twin_faces, where, download, TERMS))
