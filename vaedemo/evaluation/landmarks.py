"""How far off the landmarks are that a net finds, on pictures of people it never saw."""

from __future__ import annotations

import math

import torch

from vaedemo.data import Pictures
from vaedemo.data.expressions import of_face_rows
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.eyes import signed
from vaedemo.models.landmarks import Landmarks, carried, cropped, eye_centres, similarity

SIZE, TURN, SHIFT = 0.08, 8.0, 2.0  # how far off the alignment of a photo is at most: parts, degrees, pixels of 64


@measure(
    "landmarks",
    "landmarks",
    units={
        "landmark_error": "mean distance of 138 landmarks, of the eyes' distance; alignment off by up to 2 pixels",
        "landmark_error_mean_face": "the same of the mean face, laid on the picture by its true eyes",
    },
)
def landmark_error(model: Landmarks, pictures: Pictures) -> Numbers:
    """Each picture of the split is moved as a photo is whose eyes were found a little off: resized by up to 8 %, turned
    by up to 8 degrees, shifted by up to 2 pixels of 64. The distance of each landmark from where it went is taken in
    parts of the distance between the eyes' centres, and averaged over landmarks and pictures. The mean face has the
    true eyes to begin with."""
    points = of_face_rows(pictures.y)[1]
    count = len(points)
    move = similarity(1 + SIZE * signed(count), math.radians(TURN) * signed(count), SHIFT * signed(count, 2))
    answer = torch.cat(
        [model.locate(cropped(pictures.floats(part), move[part])) for part in torch.arange(count).split(100)]
    )
    true = carried(points, move)
    return {"landmark_error": relative(answer, true), "landmark_error_mean_face": relative(model.usual, points)}


def relative(found: torch.Tensor, true: torch.Tensor) -> float:
    """The mean distance of landmarks found from the true ones (N, 138, 2), in parts of the eyes' distance."""
    eyes = eye_centres(true)
    apart = (eyes[:, 1] - eyes[:, 0]).norm(dim=1)
    return float(((found - true).norm(dim=2).mean(1) / apart).mean())
