"""What a few labels are worth: errors of the classifiers of semi-supervised models (Kingma 2014)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from vaedemo.data import Pictures
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.base import LatentModel, Trainable
from vaedemo.models.semisupervised import CODES, M1, M1M2, M2, Classifiers, encoded

COUNTS = (100, 1_000)

_UNITS = {
    "error_100": "share of pictures that are read wrong, mean over the draws of 100 labels",
    "error_100_sd": "standard deviation between those draws",
    "error_1000": "the same with 1,000 labels",
    "error_1000_sd": "standard deviation between those draws",
}
_ON_PIXELS = {"pixel_error_100": "the same with 100 labels, of logistic regressions on pixels"}


@measure("digits", "m1", units={**_UNITS, **_ON_PIXELS}, judges=(CODES,))
def m1_errors(model: M1, pictures: Pictures, peers: Mapping[str, Trainable]) -> Numbers:
    """Of the classifiers on codes; and pixel_error_100, of those on pixels that saw the same labels."""
    x = pictures.floats(slice(None))
    on_pixels = errors(model.on_pixels.of(COUNTS[0]), x.flatten(1), pictures.y)
    codes = _codes(peers, x)
    return {**errors_by_count(model.on_codes, codes, pictures.y), "pixel_error_100": float(on_pixels.mean())}


@measure("digits", "m2", units=_UNITS)
def m2_errors(model: M2, pictures: Pictures) -> Numbers:
    """Of q(y|x), for pictures that are not binarized."""
    return errors_by_count(model.classifiers, pictures.floats(slice(None)).flatten(1), pictures.y)


@measure("digits", "m1m2", units=_UNITS, judges=(CODES,))
def m1m2_errors(model: M1M2, pictures: Pictures, peers: Mapping[str, Trainable]) -> Numbers:
    """Of q(y|code), for the means of q(code|picture)."""
    return errors_by_count(model.classifiers, _codes(peers, pictures.floats(slice(None))), pictures.y)


def errors_by_count(classifiers: Classifiers, x: Tensor, y: Tensor) -> Numbers:
    """error_N and error_N_sd for each number N of labels: mean and standard deviation over the draws of the labels."""
    numbers: Numbers = {}
    for count in COUNTS:
        found = errors(classifiers.of(count), x, y)
        numbers |= {f"error_{count}": float(found.mean()), f"error_{count}_sd": float(found.std())}
    return numbers


def errors(classifiers: list[nn.Module], x: Tensor, y: Tensor) -> Tensor:
    """The share of x (N, D) that each classifier gives another label than y (N,), (classifiers,)."""
    return torch.stack([(net(x).argmax(1) != y).float().mean() for net in classifiers])


def _codes(peers: Mapping[str, Trainable], x: Tensor) -> Tensor:
    """The means of q(z|x) of `digits`, (N, Z)."""
    vae = peers[CODES]
    assert isinstance(vae, LatentModel)
    return encoded(vae, x)[0]
