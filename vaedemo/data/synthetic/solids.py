"""Twenty toys for the turntable's twin: unions of boxes and round parts, ray-cast in numpy.

Each part is a cube or a solid of revolution in coordinates of its own, where it lies between -1 and 1. The camera is
orthographic, so a ray's direction is one for all pixels and an intersection takes a few lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

SIDE = 64  # pixels
FINE = 2 * SIDE  # rays along each side: four a pixel, for smooth edges
TILT = np.radians(25)  # how far the camera looks down, as in COIL-100
GROUND = 0.08  # the background, nearly black
# Unit vectors (right, up, to the camera): the light, which does not turn, and where a gloss is brightest.
LIGHT = np.array([-0.45, 0.6, 0.66])
HALFWAY = np.array([-0.247, 0.329, 0.911])

Vector = tuple[float, float, float]
Array = NDArray[np.float64]
BALL = (1.0, 0.0, -1.0)  # the profile of a ball

PALETTE: tuple[Vector, ...] = (
    *((0.86, 0.22, 0.18), (0.95, 0.55, 0.15), (0.96, 0.82, 0.25), (0.35, 0.68, 0.30), (0.15, 0.55, 0.60)),
    *((0.20, 0.38, 0.78), (0.52, 0.30, 0.66), (0.90, 0.50, 0.62), (0.93, 0.90, 0.82), (0.50, 0.33, 0.20)),
)
WHITE, DARK, WOOD = PALETTE[8], (0.16, 0.16, 0.18), PALETTE[9]


@dataclass(frozen=True)
class Part:
    """A cube, or the solid of revolution x² + z² <= p + q y + r y² within |y| <= 1; stretched, turned, then moved."""

    profile: Vector | None  # (p, q, r); None for the cube
    centre: Vector
    half: Vector  # half its extent along its own x, y, z
    colour: Vector
    other: Vector  # of every second stripe
    across: Vector  # a stripe is 1 wide in this direction of its own coordinates
    begin: float  # where the stripes begin
    turn: tuple[str, float]  # about which axis, in degrees

    @cached_property
    def own(self) -> Array:
        """The matrix (3, 3) from world axes to its own coordinates."""
        axis, degrees = self.turn
        i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        turned = np.eye(3)
        turned[i, i] = turned[j, j] = np.cos(np.radians(degrees))
        turned[j, i] = np.sin(np.radians(degrees))
        turned[i, j] = -turned[j, i]
        return turned.T / np.array(self.half)[:, None]


def box(centre: Vector, half: Vector, colour: Vector, **more) -> Part:
    return _part(None, centre, half, colour, **more)


def ball(centre: Vector, half: Vector, colour: Vector, **more) -> Part:
    return _part(BALL, centre, half, colour, **more)


def cone(centre: Vector, half: Vector, top: float, colour: Vector, **more) -> Part:
    """`top`: the upper radius, where the lower is 1; 1 gives a cylinder, 0 a tip."""
    middle, slope = (1 + top) / 2, (top - 1) / 2
    return _part((middle**2, 2 * middle * slope, slope**2), centre, half, colour, **more)


def _part(
    profile: Vector | None,
    centre: Vector,
    half: Vector,
    colour: Vector,
    other: Vector | None = None,
    across: Vector = (1, 0, 0),
    begin: float = 0,
    turn: tuple[str, float] = ("y", 0),
) -> Part:
    return Part(profile, centre, half, colour, other or colour, across, begin, turn)


# The toys: each draws its proportions from `random` and is painted in three colours. y is up, the front is +z.

Toy = Callable[[np.random.Generator, Vector, Vector, Vector], list[Part]]


def parcel(random: np.random.Generator, a: Vector, b: Vector, c: Vector) -> list[Part]:
    x, y, z = random.uniform((0.6, 0.4, 0.4), (0.9, 0.7, 0.6))
    return [
        box((0, 0, 0), (x, y, z), a),
        box((0, 0, 0), (x * 0.2, y * 1.02, z * 1.02), b),
        box((x * 0.55, y * 0.35, z), (x * 0.3, y * 0.4, 0.03), WHITE),
        ball((0, y, 0), (0.22, 0.14, 0.14), c),
    ]


def mug(random: np.random.Generator, a: Vector, b: Vector, c: Vector) -> list[Part]:
    r, h, w = random.uniform((0.45, 0.5, 0.08), (0.6, 0.75, 0.12))
    reach = r + 0.3
    return [
        cone((0, 0, 0), (r, h, r), random.uniform(0.85, 1.15), a, other=b, across=(0, 0, 1), begin=0.4),
        cone((0, h, 0), (r * 0.82, 0.03, r * 0.82), 1, DARK),
        box((reach, 0, 0), (w, h * 0.5, w), a),
        box((reach / 2 + 0.15, h * 0.5, 0), (reach / 2 - 0.05, w, w), a),
        box((reach / 2 + 0.15, -h * 0.5, 0), (reach / 2 - 0.05, w, w), a),
    ]


def tower(random: np.random.Generator, a: Vector, b: Vector, c: Vector) -> list[Part]:
    h, r, top = random.uniform((0.7, 0.4, 0.0), (0.9, 0.55, 0.3))
    return [
        box((0, -h, 0), (0.65, 0.08, 0.65), DARK if top < 0.15 else WOOD),
        cone((0, 0, 0), (r, h, r), top, a, other=WHITE, across=(0, 1.6, 0), begin=0.5),
        box((0, -h * 0.55, r * 0.85), (r * 0.4, h * 0.3, 0.16), b),
        ball((r * 0.8, -h * 0.45, 0), (0.2, 0.2, 0.2), c),
    ]


def corner(random: np.random.Generator, a: Vector, b: Vector, c: Vector) -> list[Part]:
    h, x, z = random.uniform((0.6, 0.6, 0.4), (0.85, 0.8, 0.7))
    w, thin = 0.24, 0.23  # faces in one plane would flicker
    return [
        box((0, -h + w, -z / 2), (x, w, w), a),
        box((-x + w, thin / 2, -z / 2), (thin, h - thin / 2, thin), b),
        box((x - w, -h + w, z / 2), (thin, thin, z), c),
    ]


def car(random: np.random.Generator, a: Vector, b: Vector, c: Vector) -> list[Part]:
    x, cabin, back = random.uniform((0.8, 0.35, -0.3), (0.95, 0.5, 0.1))
    wheels = [
        cone((x * 0.6 * i, -0.25, 0.4 * j), (0.22, 0.09, 0.22), 1, DARK, turn=("x", 90))
        for i in (-1, 1)
        for j in (-1, 1)
    ]
    hubs = [
        cone((x * 0.6 * i, -0.25, 0.43 * j), (0.1, 0.09, 0.1), 1, WHITE, turn=("x", 90))
        for i in (-1, 1)
        for j in (-1, 1)
    ]
    return [
        box((0, 0, 0), (x, 0.22, 0.42), a),
        box((back, 0.38, 0), (cabin, 0.2, 0.36), (0.55, 0.75, 0.85)),
        box((back, 0.6, 0), (cabin * 1.05, 0.05, 0.38), b),
        *(ball((x, 0.02, 0.25 * j), (0.06, 0.1, 0.1), PALETTE[2]) for j in (-1, 1)),
        *wheels,
        *hubs,
    ]


def house(random: np.random.Generator, a: Vector, b: Vector, c: Vector) -> list[Part]:
    x, z, h = random.uniform((0.55, 0.4, 0.35), (0.8, 0.55, 0.5))
    roof = z * 0.95  # a cube on its edge, half of it inside the walls
    return [
        box((0, -h, 0), (x, h, z), WHITE),
        box((0, 0, 0), (x * 0.98, roof * 0.85, roof * 0.85), a, turn=("x", 45)),
        box((x * 0.3, -h * 1.3, z), (x * 0.2, h * 0.7, 0.04), b),
        box((-x * 0.45, -h * 0.9, z), (x * 0.25, h * 0.35, 0.03), (0.45, 0.65, 0.85)),
        box((x, -h * 0.9, 0), (0.03, h * 0.35, z * 0.4), (0.45, 0.65, 0.85)),
        box((-x * 0.6, roof, z * 0.35), (0.11, 0.32, 0.11), c),
    ]


def teapot(random: np.random.Generator, a: Vector, b: Vector, c: Vector) -> list[Part]:
    r, h = random.uniform((0.55, 0.45), (0.65, 0.6))
    return [
        ball((0, 0, 0), (r, h, r), a, other=b, across=(0, 1.1, 0.5), begin=0.2),
        cone((0, h * 0.95, 0), (r * 0.4, 0.08, r * 0.4), 0.8, b),
        ball((0, h * 0.95 + 0.16, 0), (0.11, 0.11, 0.11), c),
        cone((r * 1.15, h * 0.25, 0), (0.16, 0.4, 0.16), 0.5, b, turn=("z", -50)),
        box((-r - 0.25, 0.05, 0), (0.07, h * 0.6, 0.09), c),
        box((-r - 0.05, h * 0.55, 0), (0.24, 0.07, 0.09), c),
        box((-r - 0.05, -h * 0.45, 0), (0.24, 0.07, 0.09), c),
    ]


def duck(random: np.random.Generator, a: Vector, b: Vector, c: Vector) -> list[Part]:
    x, h, head = random.uniform((0.65, 0.35, 0.3), (0.8, 0.45, 0.38))
    y = h + head * 0.7
    return [
        ball((0, 0, 0), (x, h, 0.45), a),
        ball((x * 0.55, y, 0), (head, head, head), a),
        cone((x * 0.55 + head * 1.1, y - 0.05, 0), (0.1, 0.22, 0.16), 0.3, b, turn=("z", -90)),
        cone((-x * 0.95, h * 0.5, 0), (0.2, 0.25, 0.2), 0.1, a, turn=("z", 50)),
        *(ball((-0.1, 0.05, 0.38 * j), (x * 0.5, h * 0.55, 0.12), c) for j in (-1, 1)),
        *(ball((x * 0.55 + head * 0.65, y + head * 0.3, head * 0.6 * j), (0.08, 0.08, 0.08), DARK) for j in (-1, 1)),
    ]


def rocket(random: np.random.Generator, a: Vector, b: Vector, c: Vector) -> list[Part]:
    r, h = random.uniform((0.26, 0.5), (0.36, 0.65))
    fins = [
        box((r * np.cos(w) * 1.3, -h * 0.75, r * np.sin(w) * 1.3), (0.2, 0.24, 0.04), b, turn=("y", -np.degrees(w)))
        for w in np.radians([0, 120, 240])
    ]
    return [
        cone((0, 0, 0), (r, h, r), 1, WHITE, other=a, across=(0, 1.4, 0), begin=0.2),
        cone((0, h + 0.28, 0), (r, 0.28, r), 0, b),
        cone((0, -h - 0.1, 0), (r * 0.8, 0.1, r * 0.8), 0.6, DARK),
        ball((0, h * 0.45, r * 0.85), (0.16, 0.16, 0.1), c),
        *fins,
    ]


def snowman(random: np.random.Generator, a: Vector, b: Vector, c: Vector) -> list[Part]:
    low, mid = random.uniform((0.5, 0.34), (0.6, 0.42))
    y = low * 0.8 + mid * 0.8
    top = y + mid * 0.75 + 0.22
    snow = (0.92, 0.93, 0.96)
    return [
        ball((0, 0, 0), (low, low * 0.9, low), snow),
        ball((0, y, 0), (mid, mid, mid), snow),
        cone((0, y + mid * 0.8, 0), (mid * 1.15, 0.05, mid * 1.15), 1, a),
        cone((0, top, 0), (mid * 0.75, 0.25, mid * 0.75), 0.9, a),
        cone((0, y, mid + 0.1), (0.09, 0.24, 0.09), 0, PALETTE[1], turn=("x", 90)),
        *(ball((0.15 * j, y + 0.13, mid * 0.85), (0.07, 0.07, 0.07), DARK) for j in (-1, 1)),
        cone((0, y - mid * 0.85, 0), (mid * 0.85, 0.09, mid * 0.85), 1, b),
        cone((mid + 0.12, y + 0.02, 0), (0.05, 0.28, 0.05), 0.7, WOOD, turn=("z", -60)),
        cone((-mid - 0.12, y - 0.12, 0), (0.05, 0.28, 0.05), 0.7, WOOD, turn=("z", 115)),
        ball((mid + 0.4, y + 0.2, 0), (0.11, 0.11, 0.11), c),
        box((0.2, low * 0.5, low * 0.72), (0.08, 0.26, 0.06), b, turn=("x", -25)),
        *(ball((0, low * d, low * 0.98), (0.07, 0.07, 0.07), c) for d in (-0.05, 0.3)),
    ]


TOYS: tuple[Toy, ...] = (parcel, mug, tower, corner, car, house, teapot, duck, rocket, snowman)
COUNT = 2 * len(TOYS)


def solid(number: int) -> list[Part]:
    """The parts of one of the COUNT toys, the same at every call."""
    again, toy = divmod(number, len(TOYS))
    first = 5 * toy + 3 * again + 7  # neighbours differ in colour, and the duck is yellow
    a, b, c = (PALETTE[(first + step) % 8] for step in (0, 3, 6))
    return TOYS[toy](np.random.default_rng(number), a, b, c)


def views(parts: list[Part], degrees: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Pictures (A, 3, 64, 64) of a solid that was turned by `degrees` (A,) about the vertical, in one frame."""
    corners = [_CUBE @ np.linalg.inv(part.own).T + np.array(part.centre) for part in parts]
    frame = _frame(np.concatenate(corners))
    return np.stack([_view(parts, corners, _camera(angle), *frame) for angle in degrees.tolist()])


_CUBE = np.stack(np.meshgrid(*[(-1, 1)] * 3), -1).reshape(-1, 3)


@lru_cache(maxsize=360)
def _camera(degrees: int) -> Array:
    """Where the picture's right, its up and the camera are seen from the solid: unit vectors (3, 3), one a row."""
    turn = np.radians(degrees)
    right = np.array([np.cos(turn), 0, np.sin(turn)])
    ahead = np.array([-np.sin(turn) * np.cos(TILT), np.sin(TILT), np.cos(turn) * np.cos(TILT)])
    return np.stack([right, np.cross(ahead, right), ahead])


def _frame(corners: Array) -> tuple[Array, float]:
    """The point that the camera looks at, and half the picture's side, so that the solid fits at every angle."""
    right, up, _ = np.stack([corners @ _camera(angle).T for angle in range(0, 360, 5)]).reshape(-1, 3).T
    middle = (up.max() + up.min()) / 2
    return np.array([0, middle / np.cos(TILT), 0]), 1.03 * max(np.abs(right).max(), np.abs(up - middle).max())


def _view(parts: list[Part], corners: list[Array], camera: Array, middle: Array, reach: float) -> NDArray[np.uint8]:
    """One picture (3, 64, 64): for each part the rays of its own rectangle, the nearest surface wins."""
    across = ((np.arange(FINE) + 0.5) / FINE * 2 - 1) * reach
    depth = np.full((FINE, FINE), np.inf)
    picture = np.full((FINE, FINE, 3), GROUND)
    for part, corner in zip(parts, corners):
        # The picture's rows go down.
        low, high = np.sort((corner - middle) @ camera.T * (1, -1, 1), 0)[[0, -1]]
        columns, rows = (slice(*np.searchsorted(across, (low[k], high[k]))) for k in (0, 1))
        right, up, ahead = camera @ part.own.T
        rays = right * across[None, columns, None] - up * across[rows, None, None]  # (rows, columns, 3)
        rays += part.own @ (middle - np.array(part.centre))
        near = _enter(part, rays, -ahead)
        closer = near < depth[rows, columns]
        depth[rows, columns][closer] = near[closer]
        picture[rows, columns][closer] = _shaded(part, rays[closer] - near[closer, None] * ahead, camera)
    picture = picture.clip(0, 1)
    picture = picture[::2] + picture[1::2]
    return (255 / 4 * (picture[:, ::2] + picture[:, 1::2]) + 0.5).astype(np.uint8).transpose(2, 0, 1)


def _enter(part: Part, rays: Array, way: Array) -> Array:
    """How far each ray, `rays` (..., 3) + t `way` (3,), goes until it enters the part; infinite where it passes by."""
    near, far = -np.inf, np.inf
    for k in range(3) if part.profile is None else (1,):
        step = way[k] or 1e-9
        centre, half = rays[..., k] / -step, abs(1 / step)
        near, far = np.maximum(near, centre - half), np.minimum(far, centre + half)
    if part.profile is not None:
        p, q, r = part.profile
        x, y, z, dx, dy, dz = rays[..., 0], rays[..., 1], rays[..., 2], *way
        a = dx * dx + dz * dz - r * dy * dy  # positive: no cone here is so flat that the camera sees into its slope
        b = x * dx + z * dz - (r * y + q / 2) * dy
        inside = b * b - a * (x * x + z * z - p - (q + r * y) * y)
        root = np.sqrt(inside.clip(0))
        near, far = np.maximum(near, (-b - root) / a), np.minimum(far, (-b + root) / a)
    return np.where(near < far, near, np.inf)


def _shaded(part: Part, at: Array, camera: Array) -> Array:
    """The colours (N, 3) that the camera sees at points `at` (N, 3) of the part's surface, in its own coordinates."""
    if part.profile is None:
        normal = np.eye(3)[np.abs(at).argmax(1)] * np.sign(at)
    else:
        _, q, r = part.profile
        normal = at * (1, -r, 1) - (0, q / 2, 0)
        if part.profile != BALL:
            normal = np.where(np.abs(at[:, 1:2]) > 0.999, np.sign(at) * (0, 1, 0), normal)
    normal = normal @ part.own @ camera.T
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    second = (at @ np.array(part.across) + part.begin) % 2 > 1
    colour = np.where(second[:, None], part.other, part.colour)
    return colour * (0.35 + 0.7 * (normal @ LIGHT).clip(0))[:, None] + 0.2 * (normal @ HALFWAY).clip(0)[:, None] ** 30
