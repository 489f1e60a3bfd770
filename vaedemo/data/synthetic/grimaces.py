"""Drawn faces that make faces, for the twin of the expressions: each flow is a formula, so known exactly.

A face is its 138 landmarks, around which it is drawn. A blendshape moves a soft round patch of it (the corner of the
mouth, a lid, a part of a brow), and the flow of an expression is the sum of its blendshapes' patches.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor

from vaedemo.data import Split, flow
from vaedemo.data.flow import BROWS, EXPRESSIONS, EYES, LIPS, MOUTH, NOSE, OUTLINE, SHAPES, SIDE, Edits

NAME = "drawn grimaces"
PEOPLE = {"train": 130, "validation": 15, "test": 20}
SEEDS = {"train": 11, "validation": 12, "test": 13}
FINE = 2 * SIDE  # pixels of a drawn picture
BRUSH = 4  # drawn so many times as large, then reduced, for smooth edges
OTHERS = 8  # expressions that each person makes beside smiles

Array = NDArray[np.float32]
SKINS = ((245, 214, 190), (224, 178, 145), (180, 130, 96), (120, 80, 56))

# Which blendshapes an expression is made of, and how strong each is; a name without _L or _R is of both sides.
WEIGHTS: dict[str, dict[str, float]] = {
    "smile": {"mouthSmile": 1.0, "cheekSquint": 0.6},
    "smile_open": {"mouthSmile": 1.0, "cheekSquint": 0.8, "jawOpen": 0.4, "mouthUpperUp": 0.5},
    "laugh": {"mouthSmile": 1.2, "cheekSquint": 1.0, "jawOpen": 0.9, "eyeSquint": 0.6},
    "mouth_open": {"jawOpen": 1.0},
    "surprised": {"jawOpen": 0.8, "browInnerUp": 1.0, "browOuterUp": 1.0},
    "sad": {"mouthFrown": 1.0, "browInnerUp": 0.8},
    "angry": {"browDown": 1.0, "mouthFrown": 0.4, "eyeSquint": 0.5},
    "disgust": {"noseSneer": 1.0, "browDown": 0.5, "mouthUpperUp": 0.8},
    "pucker": {"mouthPucker": 1.0},
    "squint": {"eyeSquint": 1.0, "cheekSquint": 0.6},
    "brows_up": {"browInnerUp": 1.0, "browOuterUp": 1.0},
    "eyes_closed": {"eyeBlink": 1.0},
    "wink_left": {"eyeBlink_L": 1.0, "cheekSquint_L": 0.5},
    "wink_right": {"eyeBlink_R": 1.0, "cheekSquint_R": 0.5},
}


class Patch(NamedTuple):
    """What a blendshape moves: landmarks whose mean is its middle, its radii and how far it goes, in pixels of 64."""

    around: tuple[int, ...]
    radii: tuple[float, float]
    way: tuple[float, float]


class Faces(NamedTuple):
    pictures: NDArray[np.uint8]  # (P, 3, 128, 128)
    points: Tensor  # (P, 138, 2)
    person: NDArray[np.int64]
    expression: NDArray[np.int64]


class Drawn(NamedTuple):
    pictures: NDArray[np.uint8]  # (N, 3, 128, 128)
    holes: NDArray[np.uint8]  # (N, 64, 64), 0 or 255
    edits: Edits


def faces(split: Split) -> Faces:
    """Each person of the split, neutral and smiling."""
    dice = np.random.default_rng(SEEDS[split])
    points = people(PEOPLE[split], dice)
    skins = dice.integers(0, len(SKINS), len(points))
    smiling = moved(points, _weights("smile", len(points), dice))
    shown = np.concatenate([points, smiling])
    person = np.tile(np.arange(len(points)), 2)
    goal = np.repeat([EXPRESSIONS.index("neutral"), EXPRESSIONS.index("smile")], len(points))
    pictures = np.stack([draw(face, SKINS[skins[who]]) for face, who in zip(shown, person)])
    return Faces(pictures, torch.from_numpy(shown), person, goal)


def edits(split: Split) -> Drawn:
    """Flows of a split. Each person smiles, closed and open, in an own way; the smiling picture goes back to neutral,
    too (these are the twin's pairs); and makes some other expressions as everybody does, at some strength (exact)."""
    dice = np.random.default_rng(SEEDS[split])
    points = people(PEOPLE[split], dice)
    skins = dice.integers(0, len(SKINS), len(points))
    others = [name for name in WEIGHTS if name not in ("smile", "smile_open")]
    parts: list[tuple[int, str, str, str, float, Array, Array]] = []
    for who, face in enumerate(points):
        for name in ("smile", "smile_open"):
            own = _weights(name, 1, dice) * dice.uniform(0.6, 1.3, (1, len(SHAPES))).astype(np.float32)
            parts.append((who, "neutral", name, "pair", 1.0, face, own[0]))
            parts.append((who, name, "neutral", "pair", 1.0, moved(face[None], own)[0], -own[0]))
        for name in dice.permutation(others)[:OTHERS]:
            strength = float(dice.uniform(0.4, 1.0)) if dice.random() < 0.4 else 1.0
            parts.append((who, "neutral", str(name), "exact", strength, face, strength * _weights(str(name))[0]))
    person, start, goal, kind, strength, shown, weights = zip(*parts)
    faces_, amounts = np.stack(shown), np.stack(weights)
    after = torch.from_numpy(moved(faces_, amounts))
    opened = flow.inside(after[:, MOUTH]) & torch.from_numpy(amounts[:, SHAPES.index("jawOpen")] > 0.2)[:, None, None]
    whole = Edits(
        torch.tensor(person),
        torch.full((len(parts),), flow.SOURCES.index("drawn")),
        torch.tensor([EXPRESSIONS.index(name) for name in start]),
        torch.tensor([EXPRESSIONS.index(name) for name in goal]),
        torch.tensor([flow.KINDS.index(name) for name in kind]),
        torch.tensor(strength),
        torch.from_numpy(faces_),
        torch.from_numpy(amounts),
        torch.from_numpy(flows(faces_, amounts)),
    )
    pictures = np.stack([draw(face, SKINS[skins[who]]) for face, who in zip(faces_, person)])
    return Drawn(pictures, 255 * opened.numpy().astype(np.uint8), whole)


def people(count: int, dice: np.random.Generator) -> Array:
    """Landmarks (count, 138, 2) of neutral faces, the eyes where `flow` says."""
    wide, tall, chin, mouth, lips, brow, eye = dice.uniform(-1, 1, (7, count, 1)).astype(np.float32)

    def ring(size: int, first: float, way: int) -> tuple[Array, Array]:
        angle = np.radians(first + way * 360 * np.arange(size) / size)
        return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)

    points = np.zeros((count, flow.POINTS, 2), np.float32)
    cos, sin = ring(36, -90, 1)
    narrow = 1 - (0.22 + 0.06 * chin) * np.clip(sin, 0, 1) ** 2
    points[:, OUTLINE] = np.stack([31.45 + (21 + 1.5 * wide) * cos * narrow, 41 + (25 + 1.5 * tall) * sin], -1)
    for side, (eye_line, brow_line) in enumerate(zip(EYES, BROWS)):
        middle, outward = (21.7, -1) if side == 0 else (41.2, 1)
        cos, sin = ring(16, 0, 1)
        points[:, eye_line] = np.stack([middle + outward * 4.2 * cos + 0 * eye, 33.1 + (1.6 + 0.3 * eye) * sin], -1)
        along = np.linspace(1, -1, 5, dtype=np.float32)
        arch = 26.5 - 0.8 * brow - 1.2 * (1 - along**2)
        upper = np.stack([middle + outward * 6.0 * along + 0 * arch, arch], -1)
        points[:, brow_line] = np.concatenate([upper, upper[:, ::-1] + (0.0, 1.6)], 1)
    ridge = np.linspace(32, 47.5, 8, dtype=np.float32)
    points[:, NOSE] = np.concatenate([np.stack([np.full(8, 31.4), ridge], 1), [[26.6, 46.5], [36.3, 46.5]]])
    for line, high in ((LIPS, 2.4), (MOUTH, 0.25)):
        cos, sin = ring(20, 180, -1)
        across = (8.0 + 0.9 * lips) * (1 if line is LIPS else 0.9)
        points[:, line] = np.stack([31.45 + across * cos, 54 + mouth + (high + 0.4 * lips * (line is LIPS)) * sin], -1)
    return points


def flows(points: Array, weights: Array) -> Array:
    """Backward flows (N, 2, 64, 64) of faces (N, 138, 2) by blendshapes (N, 45): a patch that goes somewhere shows what
    came from the opposite side."""
    axis = np.arange(SIDE, dtype=np.float32) + 0.5
    cells = np.stack(np.meshgrid(axis, axis), -1).reshape(1, -1, 2)
    total = np.zeros((len(points), SIDE * SIDE, 2), np.float32)
    for name in _PATCHES:
        mine = np.nonzero(weights[:, SHAPES.index(name)])[0]
        total[mine] -= _pushed(cells, points[mine], name) * weights[mine, SHAPES.index(name), None, None]
    return total.transpose(0, 2, 1).reshape(-1, 2, SIDE, SIDE)


def moved(points: Array, weights: Array) -> Array:
    """Landmarks (N, 138, 2) after the blendshapes (N, 45), to first order."""
    after = points.copy()
    for name in _PATCHES:
        after += _pushed(points, points, name) * weights[:, SHAPES.index(name), None, None]
    return after


def draw(points: Array, skin: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A face around its landmarks (138, 2), (3, 128, 128)."""
    scale = BRUSH * FINE / SIDE
    canvas = Image.new("RGB", (BRUSH * FINE, BRUSH * FINE), (150, 170, 190))
    pen = ImageDraw.Draw(canvas)

    def shape(line: slice, color: tuple[int, ...]) -> None:
        pen.polygon([(float(x), float(y)) for x, y in points[line] * scale], fill=color)

    dark = tuple(int(0.6 * part) for part in skin)
    shape(OUTLINE, skin)
    for eye, brow in zip(EYES, BROWS):
        shape(eye, (250, 250, 250))
        (x, y), r = points[eye].mean(0) * scale, 1.4 * scale
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(60, 50, 40))
        shape(brow, (70, 50, 40))
    pen.line([(float(x), float(y)) for x, y in points[NOSE][[0, 4, 8, 6, 9]] * scale], fill=dark, width=int(scale))
    shape(LIPS, (190, 90, 90))
    shape(MOUTH, (60, 20, 25))
    small = np.asarray(canvas.reduce(BRUSH), np.uint8)
    return small.transpose(2, 0, 1).copy()


def _weights(name: str, count: int = 1, dice: np.random.Generator | None = None) -> Array:
    """Blendshapes (count, 45) of an expression; with dice each person's are a little others."""
    weights = np.zeros((count, len(SHAPES)), np.float32)
    for shape, amount in WEIGHTS[name].items():
        for column, other in enumerate(SHAPES):
            if other in (shape, f"{shape}_L", f"{shape}_R"):
                weights[:, column] = amount
    return weights if dice is None else weights * dice.uniform(0.8, 1.2, weights.shape).astype(np.float32)


def _pushed(places: Array, points: Array, name: str) -> Array:
    """How far places (N or 1, K, 2) on faces (N, 138, 2) are moved by a blendshape of weight 1, (N, K, 2)."""
    patch = _PATCHES[name]
    middle = points[:, list(patch.around)].mean(1, keepdims=True)
    away = ((places - middle) / np.array(patch.radii, np.float32)) ** 2
    return np.exp(-0.5 * away.sum(-1, keepdims=True)) * np.array(patch.way, np.float32)


def _patches() -> dict[str, Patch]:
    """Of both sides; _R is the person's right, left in the picture."""
    found = {"jawOpen": Patch(tuple(range(LIPS.start + 1, LIPS.start + 10)), (10.0, 5.0), (0.0, 3.2))}
    for side, outward, eye, brow, corner, nostril in (
        ("R", -1.0, EYES[0], BROWS[0], LIPS.start, 64),
        ("L", 1.0, EYES[1], BROWS[1], LIPS.start + 10, 65),
    ):
        upper, lower = tuple(range(eye.start + 9, eye.stop)), tuple(range(eye.start + 1, eye.start + 8))
        outer, inner = (brow.start, brow.start + 1), (brow.start + 4, brow.start + 5)
        found |= {
            f"mouthSmile_{side}": Patch((corner,), (5.0, 4.5), (outward * 1.6, -1.8)),
            f"mouthFrown_{side}": Patch((corner,), (5.0, 4.5), (0.0, 1.6)),
            f"mouthUpperUp_{side}": Patch((corner, LIPS.start + 15), (4.0, 3.0), (0.0, -0.8)),
            f"cheekSquint_{side}": Patch((corner, *lower), (6.0, 4.0), (0.0, -1.0)),
            f"browInnerUp_{side}": Patch(inner, (4.5, 3.5), (0.0, -1.8)),
            f"browOuterUp_{side}": Patch(outer, (4.5, 3.5), (0.0, -1.6)),
            f"browDown_{side}": Patch((*inner, *outer), (6.5, 3.5), (-outward * 0.4, 1.4)),
            f"eyeBlink_{side}": Patch(upper, (4.5, 2.2), (0.0, 2.0)),
            f"eyeSquint_{side}": Patch(lower, (4.5, 2.0), (0.0, -0.8)),
            f"noseSneer_{side}": Patch((nostril,), (3.5, 3.5), (0.0, -1.2)),
        }
    return found | {"mouthPucker": Patch((LIPS.start, LIPS.start + 10), (7.0, 4.0), (0.0, 0.8))}


_PATCHES = _patches()
