"""Whether a model of faces keeps who is in a photo, draws what it is asked for, and finds a photo's z.

The judge is `faces-reader`, which no model here learned from. Larsen's protocol (2016, section 4.2), with our reader
and our split: attributes are read off the pictures, and compared with those that were asked.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import torch
from torch import Tensor

from vaedemo import data
from vaedemo.data import Pictures
from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.evaluation.attributes import READER, attribute_vectors, reader_of
from vaedemo.evaluation.frechet import UNCONDITIONAL, hidden
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.base import LatentModel, Trainable
from vaedemo.models.vae import VAE
from vaedemo.recipes import RECIPES
from vaedemo.vision.latent_inversion import searched

PIECE = 100  # pictures at once
SEEN = 10_000  # training faces whose codes give the attribute vectors; of a model without encoder:
SEARCHED = 1_000
PEOPLE = 500  # of the split, asked for
SHORT = 100  # steps of a search, where a thousand photos are searched for; one start
LONG = 200  # steps of the full search, four starts
FOUND = 24  # photos of it
THREADS = 2  # that its seconds are for

_REBUILT = {
    "reader_feature_error": "squared error of reconstructions in faces-reader's hidden layer, in parts of the variance",
    "attribute_cosine_rebuilt": "cosine of the attributes read off reconstruction and photo",
    "attribute_mse_rebuilt": "squared error of the same, attributes from -1 to 1",
}
_ASKED = {
    "attribute_cosine": "cosine of asked and read attributes, codes of other people moved along attribute vectors",
    "attribute_mse": "squared error of the same, attributes from -1 to 1",
    "attribute_cosine_real": "the same cosine, as read off the person's own photo",
}
_FOUND = {
    "inversion_mse": "squared error a value of [0, 1] after a search for z, best of four starts",
    "inversion_s": "seconds of that search, a photo, two threads",
}


@measure("faces", "vae", "vaedis", "vaegan", units=_REBUILT, judges=(READER,))
def rebuilt(model: VAE, pictures: Pictures, peers: Mapping[str, Trainable]) -> Numbers:
    """Of reconstructions from posterior means. reader_feature_error: the squared error in the reader's hidden layer, in
    parts of the photos' own variance there. attribute_cosine_rebuilt, attribute_mse_rebuilt: between the attributes
    (as p(there) - p(not there)) that are read off the reconstruction and off the photo, a mean over people.
    """
    reader, columns = reader_of(peers), asked_columns()
    features = hidden(reader)
    errors, photos, cosines, squares = [], [], [], []
    for part in torch.arange(len(pictures)).split(PIECE):
        x = pictures.floats(part)[:, :3]
        shown = model.render(model.decode(model.encode(x).mean)).float()
        photos.append(features(x).float())
        errors.append((features(shown).float() - photos[-1]).square().sum(1))
        read, own = reader.expected(shown)[:, columns], reader.expected(x)[:, columns]
        cosines.append(torch.cosine_similarity(read, own))
        squares.append((read - own).square().mean(1))
    return {
        "reader_feature_error": float(torch.cat(errors).mean() / torch.cat(photos).var(0, unbiased=False).sum()),
        "attribute_cosine_rebuilt": float(torch.cat(cosines).mean()),
        "attribute_mse_rebuilt": float(torch.cat(squares).mean()),
    }


@measure("faces", *UNCONDITIONAL, units=_ASKED, judges=(READER,))
def asked(model: LatentModel, pictures: Pictures, peers: Mapping[str, Trainable]) -> Numbers:
    """attribute_cosine, attribute_mse: between the attributes of a person, 1 or -1, and what is read (as p(there) -
    p(not there)) off another person's picture, whose code was moved along attribute vectors (mean code with minus
    without) to those attributes; beside it attribute_cosine_real, of the person's own photo.

    A code is the posterior's mean, and where a model has no encoder, what a search finds.
    """
    reader, columns = reader_of(peers), asked_columns()
    seen = data.load("faces", "train", twin=pictures.synthetic)
    many = SEEN if isinstance(model, VAE) else SEARCHED
    some = torch.arange(0, len(seen), max(1, len(seen) // many))
    wanted = pictures.y[:PEOPLE, columns].float()
    vectors = attribute_vectors(codes_of(model, seen.floats(some)[:, :3]), seen.y[some][:, columns])
    vectors = vectors.nan_to_num()  # of an attribute that nobody or everybody of these has
    x = pictures.floats(slice(0, PEOPLE))[:, :3]
    other = torch.arange(len(x)).roll(len(x) // 2)
    z = codes_of(model, x)[other] + (wanted - wanted[other]) / 2 @ vectors
    shown = torch.cat([model.render(model.decode(part)).float() for part in z.split(PIECE)])
    read, real = (torch.cat([reader.expected(p)[:, columns] for p in faces.split(PIECE)]) for faces in (shown, x))
    return {
        "attribute_cosine": float(torch.cosine_similarity(read, wanted).mean()),
        "attribute_mse": float((read - wanted).square().mean()),
        "attribute_cosine_real": float(torch.cosine_similarity(real, wanted).mean()),
    }


@measure("faces", *UNCONDITIONAL, units=_FOUND)
def found(model: LatentModel, pictures: Pictures) -> Numbers:
    """inversion_mse: the pixel error of the best of four starts after LONG steps of search, a mean over FOUND photos of
    the split; inversion_s: the seconds that takes of one photo on two threads."""
    spread = torch.arange(0, len(pictures), max(1, len(pictures) // FOUND))[:FOUND]
    half = torch.cpu._is_avx512_bf16_supported()
    with torch.inference_mode(False):
        model.decoder.to(memory_format=torch.channels_last)  # faster by a half  # pyright: ignore[reportCallIssue]
        x = pictures.floats(spread)[:, :3]
        *_, (_, _, errors) = searched(model, x, LONG, half=half)
        threads = torch.get_num_threads()
        torch.set_num_threads(THREADS)
        try:
            began = time.perf_counter()
            for _ in searched(model, x[:1], LONG, half=half):
                pass
            seconds = time.perf_counter() - began
        finally:
            torch.set_num_threads(threads)
    return {"inversion_mse": float(errors.amin(1).mean()), "inversion_s": seconds}


def asked_columns() -> list[int]:
    """The attributes that 64 x 64 pixels show, and that are no opinions: those that `faces-cvae` is told."""
    return [ATTRIBUTES.index(name) for name in RECIPES["faces-cvae"].net["attributes"]]


def codes_of(model: LatentModel, x: Tensor, steps: int | None = None) -> Tensor:
    """Codes (N, Z) of pictures (N, 3, H, W): posterior means; of a model without encoder what a search finds in so many
    steps from one start."""
    if isinstance(model, VAE):
        return torch.cat([model.encode(part).mean for part in x.split(PIECE)])
    with torch.inference_mode(False):
        answers, half = [], torch.cpu._is_avx512_bf16_supported()
        for part in x.clone().split(PIECE):
            *_, (_, z, _) = searched(model, part, steps or SHORT, starts=1, half=half)
            answers.append(z[:, 0])
    return torch.cat(answers)
