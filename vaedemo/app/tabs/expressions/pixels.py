"""The same smile along a flow and in pixels: what each of them keeps of the photo at hand."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaedemo import express, zoo
from vaedemo.app.server import inference
from vaedemo.app.server.request_parsing import levels_in_base64
from vaedemo.app.widgets import PACKAGE
from vaedemo.vision import preprocessing

if TYPE_CHECKING:
    from torch import Tensor

MEAN, SHARP = "faces-cvae", "faces-sharp"  # both draw the same z and y
SAME = 0.2  # of the median distance to other portraits: what is nearer is this very face


class Figures(TypedDict):
    sharpness: float  # gradient energy relative to the photo's
    distance: float  # from the photo, of the reader's features; 1 is the mean distance to other portraits


class Encoded(TypedDict):
    z: list[float]  # the pixel models' code of a face
    y: list[float]  # what the reader reads in it


class Compared(Encoded):
    x: str  # the face as the models see it, base64 of 3 * 64 * 64 bytes
    figures: dict[str, Figures]  # of "flow", and of both pixel models


def compared(one: express.Face, smile: float) -> Compared:
    """A face with a smile, along the flow and by both pixel models. All is measured at 64 x 64 pixels, which is
    what the pixel models draw: the flow edits the photo at its full size, and is reduced.

    smile: from 0, as it is, to 1: the strength of the flow's
    smile, and the part of the way of the attribute Smiling to "there". Raises Unavailable.
    """
    x = _seen(one, one.image)
    code = encoded(x)
    asked = list(code["y"])
    at = inference.attributes(MEAN).index("Smiling")
    asked[at] += smile * (1 - asked[at])
    vector = np.array([*code["z"], *asked], np.float32)[None]
    drawn = {name: inference.decode(name, vector)[0] / np.float32(255) for name in (MEAN, SHARP)}
    drawn["flow"] = _seen(one, express.edited(one, "smile", smile))
    return {
        **code,
        "x": levels_in_base64(x),
        "figures": {name: figures(x, picture) for name, picture in drawn.items()},
    }


def encoded_face(one: express.Face) -> Encoded:
    """A face's code by the models of pixels. Raises Unavailable."""
    return encoded(_seen(one, one.image))


def encoded(x: NDArray[np.float32]) -> Encoded:
    """The code of a face as the models see it, (3, 64, 64) in [0, 1]."""
    q = inference.encode(MEAN, x)
    assert q.attributes is not None
    return {"z": q.mean.tolist(), "y": q.attributes.tolist()}


def _seen(one: express.Face, photo: Image.Image) -> NDArray[np.float32]:
    """The face as the models see it, (3, 64, 64) in [0, 1], in its photo or an edit of it."""
    return preprocessing.to_portrait(photo, np.array(express.OWN_EYES) @ one.linear.T + one.offset - 0.5)


def figures(x: NDArray[np.float32], picture: NDArray[np.float32]) -> Figures:
    """Of a picture (3, 64, 64) in [0, 1], beside the photo x."""
    import torch

    from vaedemo.evaluation.attributes import gradients

    pictures = torch.from_numpy(np.stack([x, picture]).astype(np.float32))
    here, there = _features(pictures)
    apart = (_others() - here).norm(dim=1)
    far = apart[apart > SAME * apart.median()].mean()
    return {
        "sharpness": gradients(pictures[1:]) / gradients(pictures[:1]),
        "distance": float((there - here).norm() / far),
    }


def _features(pictures: Tensor) -> Tensor:
    import torch

    from vaedemo.evaluation.attributes import READER
    from vaedemo.models.reader import Reader

    reader = zoo.loaded_net(READER)
    assert isinstance(reader, Reader)
    with torch.inference_mode():
        return reader.hidden(pictures)


@cache
def _others() -> Tensor:
    """Features of the page's portraits, (N, features)."""
    import torch

    known = json.loads(Path(PACKAGE / "app/tabs/expressions/lib/example-faces.json").read_text())
    faces = []
    for name, face in known.items():
        photo = Image.open(PACKAGE / f"web/examples/{name}.jpg").convert("RGB")
        linear, offset = photo.width * np.array(face["linear"]), photo.width * np.array(face["offset"])
        faces.append(_seen(express.Face(photo, torch.tensor(face["points"]), linear, offset), photo))
    return _features(torch.from_numpy(np.stack(faces).astype(np.float32)))
