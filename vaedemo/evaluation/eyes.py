"""Whether `face_alignment` finds a face and its eyes, measured where the truth is known by construction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaedemo.data import Pictures
from vaedemo.data.face_set import EYES, SIDE
from vaedemo.evaluation.registry import measure
from vaedemo.models.eyes import Eyes
from vaedemo.vision.face_alignment import find_face

COUNT = 200
NEAR = 2.0  # pixels of an aligned face

_KINDS = ("plain", "gradient", "noise", "clouds")


@measure(
    "faces",
    "eyes",
    units={
        "faces_found": "share of 200 faces of the split, each placed on a larger canvas, turned by up to 30 degrees",
        "eyes_within_2px": "share of the same 200: both eyes within 2 pixels, counted on the aligned 64 x 64 face",
        "eye_error": "pixels there, of the worse eye, median of the faces found",
    },
)
def found(model: Eyes, pictures: Pictures) -> dict[str, float]:
    """`find_face` as people meet it, search and net together, on 200 faces of the split: see `placed`.

    faces_found: the share with an answer. eyes_within_2px: the share of all 200 whose eyes are both within 2 pixels of
    their place, counted in pixels of the aligned 64x64 face. eye_error: the worse eye's distance, median of those
    found, in the same pixels.
    """
    errors = []
    for image, eyes, scale in placed(pictures, COUNT):
        answer = find_face(image, model)
        errors.append(np.inf if answer is None else float(np.linalg.norm(answer - eyes, axis=1).max()) / scale)
    errors = np.array(errors)
    answered = errors[np.isfinite(errors)]
    return {
        "faces_found": len(answered) / len(errors),
        "eyes_within_2px": float((errors <= NEAR).mean()),
        "eye_error": float(np.median(answered)) if len(answered) else float("nan"),
    }


def placed(pictures: Pictures, count: int, seed: int = 0) -> Iterator[tuple[Image.Image, NDArray, float]]:
    """Faces on larger drawn canvases: the picture, the true eyes (2, 2) in its pixels, pixels a pixel of the face.

    Canvases have sides of 240 to 480 pixels: a plain color, a gradient, fine noise or soft clouds, in turn. A face is
    80 pixels wide up to half of the canvas' diagonal and no more than 240, turned by up to 30 degrees either way, and
    lies anywhere within. Every other is cut out as a soft oval, the rest are whole squares with hard edges.
    """
    rng = np.random.default_rng(seed)
    for number, index in enumerate(np.linspace(0, len(pictures) - 1, count).astype(int)):
        face = pictures.x[int(index)].permute(1, 2, 0).numpy()  # (64, 64, 3)
        canvas = _canvas(rng, _KINDS[number // 2 % len(_KINDS)])
        yield _paste(rng, face, canvas, soft=number % 2 == 0)


def _paste(
    rng: np.random.Generator, face: NDArray, canvas: Image.Image, soft: bool
) -> tuple[Image.Image, NDArray, float]:
    angle = np.radians(rng.uniform(-30, 30))
    reach = abs(np.cos(angle)) + abs(np.sin(angle))  # of a turned square's box, in its sides
    side = rng.uniform(80, min(240, min(canvas.size) / reach))
    centre = np.array([rng.uniform(side * reach / 2, length - side * reach / 2) for length in canvas.size])
    scale = side / SIDE
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    # Pillow asks for each pixel where it came from, both counted from the corner of a picture.
    back = np.linalg.inv(turn)
    start = SIDE / 2 - back @ centre
    matrix = (*back[0], start[0], *back[1], start[1])

    def turned(picture: Image.Image) -> Image.Image:
        return picture.transform(canvas.size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)

    canvas.paste(turned(Image.fromarray(face)), mask=turned(_oval() if soft else Image.new("L", (SIDE, SIDE), 255)))
    eyes = (np.array(EYES) + 0.5 - SIDE / 2) @ turn.T + centre - 0.5
    return canvas, eyes, scale


def _oval() -> Image.Image:
    axis = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    inside = 1 - np.hypot(axis / 0.85, axis[:, None] / 0.98)
    return Image.fromarray((255 * (12 * inside).clip(0, 1)).astype(np.uint8))


def _canvas(rng: np.random.Generator, kind: str) -> Image.Image:
    width, height = (int(side) for side in rng.integers(240, 481, 2))
    one, other = rng.uniform(0, 255, (2, 3))
    if kind == "gradient":
        share = np.linspace(0, 1, width)[None, :, None] * np.ones((height, 1, 1))
    elif kind == "noise":
        share = rng.uniform(0, 0.4, (height, width, 3))
    elif kind == "clouds":
        coarse = Image.fromarray(rng.integers(0, 256, (height // 40, width // 40), dtype=np.uint8))
        share = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))[..., None] / 255
    else:
        share = np.zeros((height, width, 1))
    return Image.fromarray((one + (other - one) * share).astype(np.uint8))
