"""How far drawn faces are from photographs, all at once: Fréchet distances (as FID, on smaller nets; Heusel 2017).

Two nets give the features, and each favors somebody: EfficientNet-Lite0's pooled numbers what was trained against that
net, `faces-reader`'s hidden layer what such a reader has taught. The distance of other photographs is the floor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import torch
from torch import Tensor

from vaedemo import data
from vaedemo.data import Pictures
from vaedemo.evaluation.attributes import DRAWN, READER, gradients, reader_of
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.base import LatentModel, Trainable
from vaedemo.models.reader import Reader
from vaedemo.models.tower import Tower

Features = Callable[[Tensor], Tensor]  # pictures (B, 3, H, W) in [0, 1] to (B, D)
COUNT = 5_000  # samples, photographs, and other photographs
PIECE = 100  # pictures at once
SIDE = 128  # pixels that Lite0 sees
PERIOD = 4  # pixels, of the weave
UNCONDITIONAL = ("vae", "gan", "vaedis", "vaegan")
CONDITIONAL = ("attributecvae", "cvaegan")

_BY_READER = {
    "fd_reader": "squared Fréchet distance of samples and photographs, in faces-reader's hidden layer",
    "fd_reader_floor": "the same, of other photographs and those",
    "spread": "distance of two samples there, relative to two photographs",
    "weave": "energy of what repeats every 4 pixels in samples, relative to photographs",
}
_BY_LITE0 = {
    "fd": "squared Fréchet distance of samples and photographs, in EfficientNet-Lite0's pooled numbers",
    "fd_floor": "the same, of other photographs and those",
}


@measure("faces", *UNCONDITIONAL, *CONDITIONAL, units=_BY_READER, judges=(READER,))
def by_reader(model: LatentModel, pictures: Pictures, peers: Mapping[str, Trainable]) -> Numbers:
    """`fd_reader` of COUNT samples to as many photographs, those of the split and training ones, and `fd_reader_floor`,
    that of COUNT other training ones.

    spread: the mean distance of random pairs of samples in the same features, relative to photographs': 0 where all
    faces are one. weave: the energy of what repeats every PERIOD pixels (see `repeating`), relative to photographs'.
    """
    features, samples = hidden(reader_of(peers)), drawn(model, pictures)
    photos, others = reference(pictures)
    mine, theirs = (_pieces(features, x) for x in (samples, photos))
    return {
        "fd_reader": frechet(mine, theirs),
        "fd_reader_floor": frechet(_pieces(features, others), theirs),
        "spread": apart(mine) / apart(theirs),
        "weave": repeating(samples) / repeating(photos),
    }


@measure("faces", *UNCONDITIONAL, *CONDITIONAL, units=_BY_LITE0)
def by_lite0(model: LatentModel, pictures: Pictures) -> Numbers:
    """`fd` and `fd_floor`: the same distances in the pooled numbers of EfficientNet-Lite0.

    Raises PackageMissing, saying what to install, where its weights are missing.
    """
    features = lite0().pooled
    photos, others = reference(pictures)
    theirs = _pieces(features, photos)
    return {
        "fd": frechet(_pieces(features, drawn(model, pictures)), theirs),
        "fd_floor": frechet(_pieces(features, others), theirs),
    }


@measure("faces", "gan", units={"sharpness": DRAWN["sharpness"]})
def sharpness(model: LatentModel, pictures: Pictures) -> Numbers:
    """The mean gradient energy of samples relative to photographs: who has an encoder is told it with its errors."""
    return {"sharpness": gradients(drawn(model, pictures)) / gradients(reference(pictures)[0])}


def drawn(model: LatentModel, pictures: Pictures) -> Tensor:
    """COUNT samples of the model, (COUNT, 3, H, W); of one with a condition, each of a description in `reference`."""
    z, (own, seen) = model.from_normal(torch.randn(COUNT, model.z)), _both(pictures)
    y = model.condition(torch.cat([own.y, seen.y])[:COUNT]).split(PIECE)
    parts = zip(z.split(PIECE), y)
    return torch.cat([model.render(model.decode(*part)).float() for part in parts])


def reference(pictures: Pictures) -> tuple[Tensor, Tensor]:
    """COUNT photographs: all of a split and then the first training ones, and COUNT further training ones."""
    split, seen = _both(pictures)
    own = split.floats(slice(None))[:COUNT, :3]
    more = COUNT - len(own)
    return torch.cat([own, seen.floats(slice(0, more))]), seen.floats(slice(more, more + COUNT))


def _both(pictures: Pictures) -> tuple[Pictures, Pictures]:
    """A split, and the training set."""
    return pictures, data.load("faces", "train", twin=pictures.synthetic)


def hidden(reader: Reader) -> Features:
    """The reader's last hidden layer, (B, 256)."""
    return reader.net[:-1]


@cache
def lite0() -> Tower:
    """EfficientNet-Lite0 with its ImageNet weights. Raises PackageMissing, saying what to install."""
    tower = Tower(SIDE, pooling=True)
    tower.fill()
    return tower.eval()


def frechet(mine: Tensor, theirs: Tensor) -> float:
    """The squared Fréchet distance of two Gaussians with the means and covariances of features (N, D) and (M, D)."""
    mine, theirs = mine.double(), theirs.double()
    covariance, other = torch.cov(mine.T), torch.cov(theirs.T)
    values, vectors = torch.linalg.eigh(covariance)
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    # The eigenvalues of root @ other @ root are those of covariance @ other, which is not symmetric.
    shared = torch.linalg.eigvalsh(root @ other @ root).clamp(min=0).sqrt().sum()
    distance = (mine.mean(0) - theirs.mean(0)).square().sum()
    return float(distance + covariance.trace() + other.trace() - 2 * shared)


def apart(features: Tensor) -> float:
    """The mean distance of random pairs: each of (N, D) to the one half-way further on."""
    return float((features - features.roll(len(features) // 2, 0)).norm(dim=1).mean())


def repeating(x: Tensor) -> float:
    """The energy of what repeats every PERIOD pixels in a picture, mean over pictures (N, C, H, W).

    It is the variance of the mean tile of PERIOD x PERIOD pixels: of a grid that some upsampling wove into a picture
    all remains, of what is drawn there next to nothing.
    """
    count, channels, height, width = x.shape
    tiles = x.reshape(count, channels, height // PERIOD, PERIOD, width // PERIOD, PERIOD).mean((2, 4))
    return float(tiles.var((2, 3), unbiased=False).mean())


def _pieces(features: Features, x: Tensor) -> Tensor:
    return torch.cat([features(part).float() for part in x.split(PIECE)])
