"""Whether a conditional model of faces draws the attributes it is asked for, and what else moves, as a reader sees it.

The reader is `faces-reader`, which no model here learned from. All asked attribute vectors are those of the split's
people, so that no combination is asked that nobody has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from vaedemo import data
from vaedemo.data import Pictures
from vaedemo.evaluation.factors import means
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.attribute2image import DisCVAE
from vaedemo.models.base import LatentModel, Trainable
from vaedemo.models.cvae import AttributeCVAE
from vaedemo.models.reader import Reader
from vaedemo.models.vae import VAE

READER, PLAIN = "faces-reader", "faces-vae"
PIECE = 500  # pictures at once
SWEPT = 200  # z for each attribute that is swept
STEPS = 5  # of a sweep from -1 to 1

_AGREEMENT = {
    "balanced_agreement": "balanced accuracy of the reader on drawn faces, by what was asked; mean over attributes",
    "balanced_agreement_real": "the same reader's on real faces of the split, by their labels",
    "balanced_agreement_share": "the first of these in parts of the second",
    "attribute_cosine": "cosine of asked and read attributes, drawn faces",
    "attribute_cosine_baseline": "the same of real training faces that share the rarest asked value",
    "attribute_cosine_vae": "the same of faces-vae, codes of other people moved along attribute vectors",
}
_LEAKAGE = {
    "monotonic_share": "z for which the reader's score rises at each of 4 steps from -1 to 1; mean over attributes",
    "monotonic_share_least": "the same, of the worst attribute",
    "leak": "movement of other attributes relative to its own, beyond what goes together in real faces",
}
DRAWN = {
    "pixel_mse": "squared error a value of [0, 1], reconstructions from posterior means",
    "sharpness": "mean gradient energy of samples relative to real pictures",
}


@measure(
    "faces",
    "reader",
    units={
        "reader_balanced_accuracy": "mean over 40 attributes of the balanced accuracy on real faces",
        "reader_balanced_accuracy_least": "the same, of the attribute read worst",
    },
)
def reader_accuracy(model: Reader, pictures: Pictures) -> Numbers:
    """Balanced accuracy on real pictures: the mean over all 40 attributes, and the worst of them."""
    each = balanced_accuracies(_scores(model, pictures.floats(slice(None))), pictures.y)
    return {"reader_balanced_accuracy": float(each.mean()), "reader_balanced_accuracy_least": float(each.min())}


def balanced_accuracies(scores: Tensor, y: Tensor) -> Tensor:
    """The mean of the shares of pictures read right among those with and among those without, for each attribute that
    some have and some have not. scores (N, A), positive where read as there; y (N, A) of 1 and -1."""
    right, there = ((scores > 0) == (y > 0)).float(), (y > 0).float()
    both = (there.sum(0) > 0) & (there.sum(0) < len(y))
    with_it, without = (right * there).sum(0) / there.sum(0), (right * (1 - there)).sum(0) / (1 - there).sum(0)
    return ((with_it + without) / 2)[both]


@measure("faces", "attributecvae", "cvaegan", units=_AGREEMENT, judges=(READER,), rivals=(PLAIN,))
@measure("portraits", "discvae", units=_AGREEMENT, judges=(READER,), rivals=(PLAIN,))
def attribute_agreement(model: AttributeCVAE, pictures: Pictures, peers: Mapping[str, Trainable]) -> Numbers:
    """Agreement: for each person's attributes a picture is drawn, z from the prior, and read.

    Cosine: between asked and read attributes, read as p(there) - p(not there) where both are equally likely; beside it
    that of a real training face, picked at random among those that agree in the asked value that is rarest; and that of
    `faces-vae`, another person's code moved along attribute vectors (mean code with minus without; Larsen 2016).
    """
    reader, asked = reader_of(peers), model.condition(pictures.y)
    drawn = _scores(reader, _drawn(model, model.prior().sample((len(asked),)), asked))[:, model.columns]
    real = _scores(reader, pictures.floats(slice(None))[:, :3])[:, model.columns]
    agreement, agreement_real = (float(balanced_accuracies(s, asked).mean()) for s in (drawn, real))
    picked, edited = _picked(reader, model, pictures), _edited(reader, model, pictures, peers.get(PLAIN))
    return {
        "balanced_agreement": agreement,
        "balanced_agreement_real": agreement_real,
        "balanced_agreement_share": agreement / agreement_real,
        "attribute_cosine": _cosine(drawn, asked),
        "attribute_cosine_baseline": _cosine(picked, asked),
        **({} if edited is None else {"attribute_cosine_vae": _cosine(edited, asked)}),
    }


def _cosine(scores: Tensor, asked: Tensor) -> float:
    return float(torch.cosine_similarity((scores / 2).tanh(), asked).mean())


def _picked(reader: Reader, model: AttributeCVAE, pictures: Pictures) -> Tensor:
    """Scores of training faces, each picked for one asked vector by that vector's rarest value."""
    seen = data.load("faces", "train", twin=pictures.synthetic)
    have, asked = model.condition(seen.y), model.condition(pictures.y)
    share = (have > 0).float().mean(0)
    rarest = torch.where(asked > 0, share, 1 - share).argmin(1)
    rows = torch.empty(len(asked), dtype=torch.int64)
    for column in rarest.unique().tolist():
        for value in (-1.0, 1.0):
            mine = (rarest == column) & (asked[:, column] == value)
            alike = (have[:, column] == value).nonzero()[:, 0]
            rows[mine] = alike[torch.randint(len(alike), (int(mine.sum()),))]
    return _scores(reader, seen.floats(rows))[:, model.columns]


def _edited(reader: Reader, model: AttributeCVAE, pictures: Pictures, plain: Trainable | None) -> Tensor | None:
    """Scores of the plain VAE's edited pictures, one an asked vector; None where there is no plain VAE."""
    if plain is None:
        return None
    seen = data.load("faces", "train", twin=pictures.synthetic)
    assert isinstance(plain, VAE)
    vectors = attribute_vectors(means(plain, seen), model.condition(seen.y))
    codes, asked = means(plain, replace(pictures, x=pictures.x[:, :3])), model.condition(pictures.y)
    other = torch.randperm(len(asked))
    z = codes[other] + (asked - asked[other]) / 2 @ vectors
    return _scores(reader, torch.cat([plain.render(plain.decode(part)) for part in z.split(PIECE)]))[:, model.columns]


def attribute_vectors(codes: Tensor, y: Tensor) -> Tensor:
    """Mean code with an attribute minus mean code without, (A, Z), of codes (N, Z) and y (N, A) of 1 and -1."""
    there, gone = (y > 0).float(), (y <= 0).float()
    return there.T @ codes / there.sum(0)[:, None] - gone.T @ codes / gone.sum(0)[:, None]


@measure("faces", "attributecvae", "cvaegan", units=_LEAKAGE, judges=(READER,))
@measure("portraits", "discvae", units=_LEAKAGE, judges=(READER,))
def attribute_leakage(model: AttributeCVAE, pictures: Pictures, peers: Mapping[str, Trainable]) -> Numbers:
    """Each attribute is swept from -1 to 1 for some z and people, all else kept.

    Monotonic: the share of z for which its score rises at every step; the mean over attributes, and the least. Leak:
    how far the other attributes' scores (as p(there) - p(not there)) move, mean over z of the absolute movement, less
    what goes with it in real faces (the difference of the score between real people with and without, in proportion),
    and not below 0; the mean over the others, in parts of its own movement; the mean over attributes.
    """
    reader = reader_of(peers)
    people = model.condition(pictures.y)
    with_it = (_scores(reader, pictures.floats(slice(None))[:, :3])[:, model.columns] / 2).tanh()
    going = attribute_vectors(with_it, people)  # (A, A): row a, how scores differ between people with a and without
    monotonic, leaks = [], []
    for a in range(model.y):
        if not going[a].isfinite().all():
            continue  # a twin's attribute that nobody has
        z = model.prior().sample((SWEPT,))
        scores = sweep(model, reader, z, people[torch.randint(len(people), (SWEPT,))], a)
        monotonic.append(float((scores[:, :, a].diff(dim=1) > 0).all(1).float().mean()))
        ends = (scores[:, [0, -1]] / 2).tanh()
        own = float((ends[:, 1, a] - ends[:, 0, a]).mean())
        beyond = (ends[:, 1] - ends[:, 0]).abs().mean(0) - (going[a] * own / going[a, a]).abs()
        others = torch.arange(model.y) != a
        leaks.append(float(beyond.clamp(min=0)[others].mean()) / max(own, 1e-6))
    return {
        "monotonic_share": sum(monotonic) / len(monotonic),
        "monotonic_share_least": min(monotonic),
        "leak": sum(leaks) / len(leaks),
    }


def sweep(model: AttributeCVAE, reader: Reader, z: Tensor, y: Tensor, attribute: int) -> Tensor:
    """The reader's scores (N, STEPS, A) while one attribute passes from -1 to 1, z (N, Z) and the rest of y (N, A)
    kept."""
    answers = []
    for value in torch.linspace(-1, 1, STEPS):
        told = y.clone()
        told[:, attribute] = value
        answers.append(_scores(reader, _drawn(model, z, told))[:, model.columns])
    return torch.stack(answers, 1)


@measure("faces", "attributecvae", "cvaegan", "vae", "vaedis", "vaegan", units=DRAWN)
@measure("portraits", "discvae", units=DRAWN)
def reconstruction_and_sharpness(model: VAE, pictures: Pictures) -> Numbers:
    """Squared error of reconstructions (posterior means, values in [0, 1]); and the mean gradient energy of samples,
    relative to that of the split's pictures."""
    y, errors = model.condition(pictures.y), []
    for part in torch.arange(len(pictures)).split(PIECE):
        x = pictures.floats(part)
        answer = model.render(model.decode(model.encode(x, y[part]).mean, y[part]))
        errors.append((answer - x[:, :3]).square().flatten(1).mean(1))
    samples = _drawn(model, model.prior().sample((len(y),)), y)
    return {
        "pixel_mse": float(torch.cat(errors).mean()),
        "sharpness": gradients(samples) / gradients(pictures.floats(slice(None))[:, :3]),
    }


def gradients(x: Tensor) -> float:
    """The mean squared difference of neighbouring pixels, down and across, of pictures (N, C, H, W)."""
    return float(x.diff(dim=2).square().mean() + x.diff(dim=3).square().mean())


@measure(
    "portraits",
    "discvae",
    units={
        "gate_iou": "gate against masks: the person's intersection over union, all pixels of the split",
        "background_iou": "the same of the background",
    },
)
def layer_iou(model: DisCVAE, pictures: Pictures) -> Numbers:
    """Intersection over union of the gate (above 1/2) of reconstructions with the masks, as person and as background,
    over all pixels of the split."""
    y, counts = model.condition(pictures.y), torch.zeros(4)
    for part in torch.arange(len(pictures)).split(PIECE):
        x = pictures.floats(part)
        gate = model.layers(model.decode(model.encode(x, y[part]).mean, y[part])).gate[:, 0] > 0.5
        mask = x[:, 3] > 0.5
        counts += torch.stack([(gate & mask).sum(), (gate | mask).sum(), (~gate & ~mask).sum(), (~gate | ~mask).sum()])
    return {"gate_iou": float(counts[0] / counts[1]), "background_iou": float(counts[2] / counts[3])}


def reader_of(peers: Mapping[str, Trainable]) -> Reader:
    """The net `faces-reader` of some peers."""
    reader = peers[READER]
    assert isinstance(reader, Reader)
    return reader


def _scores(reader: Reader, x: Tensor) -> Tensor:
    """The reader's log odds of all attributes, (N, 40)."""
    return torch.cat([reader.read(part) for part in x.split(PIECE)])


def _drawn(model: LatentModel, z: Tensor, y: Tensor) -> Tensor:
    return torch.cat([model.render(model.decode(*parts)) for parts in zip(z.split(PIECE), y.split(PIECE))])
