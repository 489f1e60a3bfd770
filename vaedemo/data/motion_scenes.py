"""Drawn stills that have several equally likely futures, each known exactly: what a model of motion must find.

A car before a fork in the road, of two to four ways; a pendulum caught in its swing, that may go left or right; a
figure about to raise its left arm, its right or both. All that moves is rigid: it turns about a point while that moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vaedemo.data import DataSet, Pictures, Split, Terms, dataset
from vaedemo.data.motion import GRID, SIDE, TIMES, rows, to_coefficients

Array = NDArray[np.float32]
Distance = Callable[[Array, Array], Array]  # signed, in pixels, of points x, y; negative inside
Color = tuple[float, float, float]

KINDS = ("fork-2", "fork-3", "fork-4", "pendulum", "figure")
COUNTS = {"train": 24_000, "validation": 200, "test": 200}
TWINS = {"train": 6_000, "validation": 200, "test": 200}  # enough for two minutes of training, and sooner drawn
SEEDS = {"train": 1, "validation": 2, "test": 3}
T = np.linspace(0, 1, TIMES, dtype=np.float32)  # of the 0.6 seconds
WIDEST = 0.95  # radians that a pendulum swings to
NEAR = 1.0  # pixels off a moving thing at which a cell's middle still goes with it: rods are thinner than a cell


@dataclass(frozen=True)
class Turning:
    """m rigid motions: about `centre`, by `angle` (m, 16) clockwise on the screen, and along by `shift` (m, 16, 2)."""

    centre: tuple[float, float]
    angle: Array
    shift: Array | None = None

    def offsets(self, points: Array) -> Array:
        """Of points (P, 2) at each instant, (m, 16, P, 2)."""
        from_centre = points - np.array(self.centre, np.float32)
        cos, sin = np.cos(self.angle)[..., None], np.sin(self.angle)[..., None]
        x, y = from_centre[:, 0], from_centre[:, 1]
        turned = np.stack([cos * x - sin * y, sin * x + cos * y], -1) - from_centre
        return (turned if self.shift is None else turned + self.shift[:, :, None]).astype(np.float32)


@dataclass(frozen=True)
class Scene:
    """What is painted, one over the other, and how it moves in each of `modes` futures."""

    kind: str
    modes: int
    parts: list[tuple[Distance, Color, Turning | None]] = field(default_factory=list)

    def paint(self, distance: Distance, color: Color, turning: Turning | None = None) -> None:
        self.parts.append((distance, color, turning))

    def still(self, side: int = SIDE) -> NDArray[np.uint8]:
        """The picture, (3, side, side)."""
        x, y = _middles(side)
        soft = SIDE / side
        picture = np.zeros((3, side, side), np.float32)
        for distance, color, _ in self.parts:
            cover = (0.5 - distance(x, y) / soft).clip(0, 1)
            picture += cover * (np.array(color, np.float32)[:, None, None] - picture)
        return (picture * 255).round().clip(0, 255).astype(np.uint8)

    def futures(self) -> Tensor:
        """Trajectories (modes, 10, 16, 16)."""
        x, y = _middles(GRID)
        offsets = np.zeros((self.modes, TIMES, GRID, GRID, 2), np.float32)
        for distance, _, turning in self.parts:
            mine = distance(x, y) < (NEAR if turning else 0)
            offsets[:, :, mine] = turning.offsets(np.stack([x[mine], y[mine]], -1)) if turning else 0
        return to_coefficients(torch.from_numpy(offsets.transpose(0, 4, 1, 2, 3).copy()))


def scene(kind: str, seed: int) -> Scene:
    """A scene of one of `KINDS`; the same seed draws the same. Raises ValueError for another kind."""
    if kind not in KINDS:
        raise ValueError(f"kind: one of {', '.join(KINDS)}, not {kind!r}")
    dice = np.random.default_rng([seed, KINDS.index(kind)])
    if kind == "pendulum":
        return _pendulum(dice)
    return _figure(dice) if kind == "figure" else _fork(dice, int(kind[-1]))


def scene_of(number: int) -> Scene:
    """The scene that a data set's y calls by this number."""
    return scene(KINDS[number % len(KINDS)], number)


def real(folder: Path | None, split: Split) -> Pictures:
    """Drawn here, whatever `folder` is: nothing has to be found. One of each scene's futures, by lot."""
    return _drawn(split, COUNTS[split])


def twin(split: Split) -> Pictures:
    """The first of the same: they are their own twin."""
    return _drawn(split, TWINS[split])


def _drawn(split: Split, count: int) -> Pictures:
    first, dice = SEEDS[split] * 1_000_000, np.random.default_rng(SEEDS[split])
    numbers = torch.arange(first, first + count)
    drawn = [scene_of(int(number)) for number in numbers]
    stills = torch.from_numpy(np.stack([one.still() for one in drawn]))
    chosen = torch.stack([one.futures()[dice.integers(one.modes)] for one in drawn])
    return Pictures("drawn forks, pendulums and figures", False, stills, rows(numbers, chosen))


def where(folder: Path | None) -> str:
    return "Forks, pendulums and figures: drawn here when they are needed"


def download(folder: Path) -> None:
    """Nothing to do."""


def _fork(dice: np.random.Generator, ways: int) -> Scene:
    made = Scene(f"fork-{ways}", ways)
    u = dice.random(12, np.float32)
    junction = np.array([32 + 6 * (u[0] - 0.5), 31 + 5 * (u[1] - 0.5)], np.float32)
    heading = 0.3 * (u[2] - 0.5)  # radians right of up
    spread = np.array({2: [-0.75, 0.75], 3: [-1.05, 0, 1.05], 4: [-1.3, -0.45, 0.45, 1.3]}[ways], np.float32)
    angles = heading + spread + 0.1 * (dice.random(ways, np.float32) - 0.5)
    green, grey = 0.42 + 0.2 * u[3], 0.38 + 0.14 * u[4]
    made.paint(lambda x, y: -np.ones_like(x), (0.45 * green + 0.14 * u[5], green, 0.5 * green))
    ends = [junction + 70 * np.array([np.sin(a), -np.cos(a)]) for a in (*angles, heading + np.pi)]
    for end in ends:
        made.paint(_bar(junction, end, 8.2), (0.86, 0.86, 0.82))
    for end in ends:
        made.paint(_bar(junction, end, 7.4), (grey, grey, grey + 0.03))
    back = 19 + 4 * u[6]  # from the junction, when the still was taken
    along, across = np.array([np.sin(heading), -np.cos(heading)]), np.array([np.cos(heading), np.sin(heading)])
    middle = junction - back * along
    gone = 40 * T  # pixels, of the car's middle
    turn, shift = [], []
    for angle in angles:  # the corner is cut: the car turns from 7 pixels before the junction to 7 after
        part = ((gone - back + 7) / 14).clip(0, 1)
        eased = (part * part * (3 - 2 * part))[:, None]
        straight = gone[:, None] * along
        bent = (back * along) + (gone - back)[:, None] * np.array([np.sin(angle), -np.cos(angle)])
        shift.append((1 - eased) * straight + eased * bent)
        turn.append(eased[:, 0] * (angle - heading))
    moves = Turning((middle[0], middle[1]), np.array(turn, np.float32), np.array(shift, np.float32))
    hue = _hue(u[7])
    made.paint(_box(middle, along, 8.6, 5.5, 2.4), hue, moves)
    made.paint(_box(middle + 2.0 * along, along, 1.8, 4.3, 0.7), (0.16, 0.2, 0.26), moves)
    made.paint(_box(middle - 5.2 * along, along, 1.1, 4.0, 0.6), (0.16, 0.2, 0.26), moves)
    for side in (-1, 1):
        made.paint(_disc(middle + 7.8 * along + 3.6 * side * across, 1.1), (1.0, 0.96, 0.72), moves)
    return made


def _pendulum(dice: np.random.Generator) -> Scene:
    made = Scene("pendulum", 2)
    u = dice.random(9, np.float32)
    wall = (0.62 + 0.3 * u[0], 0.62 + 0.3 * u[1], 0.66 + 0.28 * u[2])
    pivot = np.array([32 + 6 * (u[3] - 0.5), 9 + 3 * u[4]], np.float32)
    angle, length = 0.5 * (u[5] - 0.5), 33 + 6 * u[6]  # of the swing, to the right of straight down
    made.paint(lambda x, y: -np.ones_like(x), wall)
    made.paint(lambda x, y: np.maximum(np.abs(x - pivot[0]) - 15, np.abs(y - pivot[1] + 2.5) - 2.5), (0.36, 0.27, 0.2))
    bob = pivot + length * np.array([np.sin(angle), np.cos(angle)], np.float32)
    phase = np.arcsin(angle / WIDEST)
    swings = [WIDEST * np.sin(phase + way * 0.45 * np.pi * T) for way in (-1, 1)]
    # y points down: from below the pivot to the right is anticlockwise
    moves = Turning((pivot[0], pivot[1]), np.array([angle - swing for swing in swings], np.float32))
    made.paint(_bar(pivot, bob, 1.1), (0.25, 0.25, 0.28), moves)
    made.paint(_disc(bob, 6.8 + 1.2 * u[7]), _hue(u[8]), moves)
    made.paint(_disc(bob + np.array([-2.2, -2.4]), 1.6), (1.0, 1.0, 0.97), moves)
    made.paint(_disc(pivot, 2.0), (0.2, 0.2, 0.22))
    return made


def _figure(dice: np.random.Generator) -> Scene:
    made = Scene("figure", 3)
    u = dice.random(16, np.float32)
    wall, floor = 0.6 + 0.32 * u[:3], 0.3 + 0.3 * u[3:6]
    shirt, trousers = _hue(u[6]), (0.14 + 0.25 * u[7], 0.16 + 0.2 * u[8], 0.25 + 0.25 * u[9])
    skin = tuple(np.array([0.95, 0.76, 0.62]) * (1 - 0.55 * u[10]))
    x0, neck = 32 + 6 * (u[11] - 0.5), 21 + 3 * (u[12] - 0.5)
    made.paint(lambda x, y: -np.ones_like(x), (wall[0], wall[1], wall[2]))
    made.paint(lambda x, y: 54 - y, (floor[0], floor[1], floor[2]))
    for side in (-1, 1):
        hip, foot = np.array([x0 + 2.6 * side, neck + 19]), np.array([x0 + 4.0 * side, 60.0])
        made.paint(_bar(hip, foot, 2.7), trousers)
    made.paint(_box(np.array([x0, neck + 10.5]), np.array([0.0, 1.0]), 10.0, 6.2, 3.0), shirt)
    made.paint(_disc(np.array([x0, neck - 6.5]), 5.6), skin)
    made.paint(_bar(np.array([x0, neck - 2]), np.array([x0, neck]), 1.7), skin)
    made.paint(lambda x, y: np.maximum(np.hypot(x - x0, y - neck + 7.2) - 5.9, y - neck + 8.2), (0.2, 0.14, 0.1))
    raised = 2.35 * T * T * (3 - 2 * T)
    for side, ours in ((-1, (0, 2)), (1, (1, 2))):  # the futures in which this arm is raised
        shoulder = np.array([x0 + 6.6 * side, neck + 3.2])
        hanging = 0.22 + 0.25 * u[13 if side < 0 else 14]
        way = np.array([side * np.sin(hanging), np.cos(hanging)])
        angle = np.stack([(-side * raised if mode in ours else 0 * raised) for mode in range(3)])
        moves = Turning((shoulder[0], shoulder[1]), angle.astype(np.float32))
        elbow = shoulder + 16.5 * way
        made.paint(_bar(shoulder, elbow, 2.5), shirt, moves)
        made.paint(_disc(elbow + 1.2 * way, 2.9), skin, moves)
    return made


def _middles(side: int) -> tuple[Array, Array]:
    """x and y of the middles of side x side squares that fill the still, in its pixels."""
    steps = (np.arange(side, dtype=np.float32) + 0.5) * (SIDE / side)
    x, y = np.meshgrid(steps, steps)
    return x, y


def _disc(middle: NDArray, radius: float) -> Distance:
    return lambda x, y: np.hypot(x - middle[0], y - middle[1]) - radius


def _bar(start: NDArray, end: NDArray, radius: float) -> Distance:
    """A line of this radius with round ends."""

    def distance(x: Array, y: Array) -> Array:
        way = end - start
        part = (((x - start[0]) * way[0] + (y - start[1]) * way[1]) / (way @ way)).clip(0, 1)
        return np.hypot(x - start[0] - part * way[0], y - start[1] - part * way[1]) - radius

    return distance


def _box(middle: NDArray, along: NDArray, half: float, wide: float, round_: float) -> Distance:
    """A rectangle that reaches `half` along and `wide` across, its corners round."""

    def distance(x: Array, y: Array) -> Array:
        dx, dy = x - middle[0], y - middle[1]
        far = np.abs(dx * along[0] + dy * along[1]) - half + round_
        off = np.abs(dx * along[1] - dy * along[0]) - wide + round_
        return np.hypot(far.clip(0), off.clip(0)) + np.maximum(far, off).clip(None, 0) - round_

    return distance


def _hue(turn: float) -> Color:
    """A bright color of the wheel."""
    red, green, blue = (0.52 + 0.4 * np.cos(2 * np.pi * (turn - third / 3)) for third in range(3))
    return red, green, blue


TERMS = {
    "drawn forks, pendulums and figures": Terms("Scenes drawn by this project; no terms but the code's (Apache-2.0)."),
}

dataset("forks", DataSet(real, twin, where, download, TERMS))
