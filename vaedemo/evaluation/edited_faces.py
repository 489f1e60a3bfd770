"""What a reader of attributes sees in photos whose expression was edited, by flow and, beside it, in pixels.

The photos are those of the split's people, aligned by their eyes; `faces-reader`, the judge, never learned from them.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from vaedemo import data
from vaedemo.data import Pictures
from vaedemo.data.expressions import halved, of_face_rows
from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.data.flow import EXPRESSIONS, of_rows, opened, painted, warped
from vaedemo.evaluation.attributes import PIECE, READER, attribute_vectors, gradients, reader_of
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.base import Trainable
from vaedemo.models.cvae import AttributeCVAE
from vaedemo.models.expressions import MEASURED, SHAPED, Expressions, codes_of
from vaedemo.models.reader import Reader

PIXELS = "faces-cvae"
SMILING = ATTRIBUTES.index("Smiling")
NEUTRAL, SMILE, SMILE_OPEN = (EXPRESSIONS.index(name) for name in ("neutral", "smile", "smile_open"))


@measure(
    "expressions",
    "expressions",
    units={
        "read_as_smiling": "share of neutral photos taken for smiling once a smile is added, its mouth painted",
        "read_as_smiling_unpainted": "the same of the warp alone",
        "read_as_not_smiling": "share of smiling photos that it takes for not smiling once the smile is taken off",
        "read_as_smiling_before": "share of neutral photos that it takes for smiling as they are",
        "read_as_not_smiling_before": "share of smiling photos that it takes for not smiling as they are",
        "leak": "movement of other attributes relative to Smiling's, beyond what goes together in real faces",
        "sharpness": "gradient energy of photos with an added smile relative to the photos, 128 x 128",
        "read_as_smiling_pixels": "share of neutral photos taken for smiling that faces-cvae rebuilt, Smiling at 1",
        "leak_pixels": "leak of these",
        "sharpness_pixels": "gradient energy of these relative to the photos, 64 x 64",
    },
    judges=(READER,),
    rivals=(PIXELS,),
)
def edited_photos(model: Expressions, pictures: Pictures, peers: Mapping[str, Trainable]) -> Numbers:
    """A smile at strength 1 is added to all neutral photos of the split's people; all smiling ones are made neutral.

    Both edits are those of `vaedemo.express`, by an expression's code for the face: an open smile as blendshapes have
    it, and smile to neutral as real pairs do; a mouth that opens is painted. A photo is read as smiling where the
    reader's balanced log odds are above 0. Leak, as in `attributes.attribute_leakage`: with scores as p(there) - p(not
    there), the mean movement of the other 39 attributes, each less what differs between real people with and without a
    smile in proportion to the movement of Smiling and not below 0, in parts of that. Sharpness: mean squared difference
    of neighbouring pixels, after the warp alone over before. In pixels: `faces-cvae` encodes the photo, described as
    the reader sees it, and decodes it, Smiling at 1.
    """
    reader, codes = reader_of(peers), codes_of(model, data.load("expressions", "train", twin=pictures.synthetic))
    photos = photos_of(pictures)
    expression, points = of_face_rows(photos.y)
    x, y = photos.floats(slice(None)), model.face(points)
    neutral, smiling = expression == NEUTRAL, (expression == SMILE) | (expression == SMILE_OPEN)

    def edited(which: Tensor, kind: int, goal: int, fine: Tensor) -> tuple[Tensor, Tensor]:
        """Photos warped alone, and with what `opened` says painted."""
        flow = model.decode(codes.at(kind, goal, y[which]), y[which])
        plain = warped(fine[which], flow)
        share, teeth = (F.interpolate(part[:, None], plain.shape[-1])[:, 0] for part in opened(flow, points[which]))
        return plain, painted(plain, share, teeth)

    small = halved(photos.x).float() / 255
    plain, whole = edited(neutral, SHAPED, SMILE_OPEN, small)
    before, after = reader.read(small[neutral]), reader.read(whole)
    going = smiling_ways(reader, pictures.synthetic)
    found = {
        "read_as_smiling": seen_smiling(after),
        "read_as_smiling_unpainted": seen_smiling(reader.read(plain)),
        "read_as_not_smiling": 1 - seen_smiling(reader.read(edited(smiling, MEASURED, NEUTRAL, small)[1])),
        "read_as_smiling_before": seen_smiling(before),
        "read_as_not_smiling_before": 1 - seen_smiling(reader.read(small[smiling])),
        "leak": leak(before, after, going),
        "sharpness": gradients(edited(neutral, SHAPED, SMILE_OPEN, x)[0]) / gradients(x[neutral]),
    }
    rival = peers.get(PIXELS)
    if not isinstance(rival, AttributeCVAE):
        return found
    drawn = _smiling_in_pixels(rival, reader, small[neutral])
    rebuilt = reader.read(drawn)
    return found | {
        "read_as_smiling_pixels": seen_smiling(rebuilt),
        "leak_pixels": leak(before, rebuilt, going),
        "sharpness_pixels": gradients(drawn) / gradients(small[neutral]),
    }


def photos_of(pictures: Pictures) -> Pictures:
    """The photos (set `landmarks`) of the people whose flows `pictures` are: the split that has the first flow's face.

    Raises ValueError where none has it.
    """
    face = of_rows(pictures.y[:1]).points
    for split in ("test", "validation", "train"):
        photos = data.load("landmarks", split, twin=pictures.synthetic)
        if (of_face_rows(photos.y)[1] == face).flatten(1).all(1).any():
            return photos
    raise ValueError("no split of the landmarks has the faces of these flows")


def seen_smiling(scores: Tensor) -> float:
    """The share of photos that are taken for smiling, of the reader's scores (N, 40)."""
    return float((scores[:, SMILING] > 0).float().mean())


def leak(before: Tensor, after: Tensor, going: Tensor) -> float:
    """See `edited_photos`. Scores (N, 40) of photos before and after; going (40,): see `smiling_ways`."""
    ways = (after / 2).tanh() - (before / 2).tanh()
    own = float(ways[:, SMILING].mean())
    beyond = (ways.abs().mean(0) - (going * own / going[SMILING]).abs()).clamp(min=0)
    others = torch.arange(len(ATTRIBUTES)) != SMILING
    return float(beyond[others].mean()) / max(own, 1e-6)


def smiling_ways(reader: Reader, synthetic: bool) -> Tensor:
    """How each score, as p(there) - p(not there), differs between real people with and without a smile, (40,)."""
    real = data.load("faces", "test", twin=synthetic)
    scores = torch.cat([(reader.read(real.floats(part)) / 2).tanh() for part in torch.arange(len(real)).split(PIECE)])
    return attribute_vectors(scores, real.y[:, [SMILING]])[0]


def _smiling_in_pixels(model: AttributeCVAE, reader: Reader, x: Tensor) -> Tensor:
    """Photos (N, 3, 64, 64), rebuilt with Smiling at 1."""
    y = reader.expected(x)[:, model.columns]
    asked = y.clone()
    asked[:, model.attributes.index("Smiling")] = 1.0
    return model.render(model.decode(model.encode(x, y).mean, asked))
