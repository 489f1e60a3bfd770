"""How well a model of faces guesses what is hidden, beside the nearest training face's answer."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from vaedemo import data
from vaedemo.data import Pictures
from vaedemo.evaluation.attributes import READER, reader_of
from vaedemo.evaluation.registry import measure
from vaedemo.models.base import Trainable
from vaedemo.models.cvae import AttributeCVAE
from vaedemo.models.reader import Reader
from vaedemo.vision.latent_inversion import fitted

FACES = 60  # of the split, evenly through it
GUESSES = 8
HIDDEN = ((0, 24, 64, 41), (13, 42, 51, 58), (0, 0, 32, 64), (32, 0, 64, 64))  # eyes, mouth, left, right: x, y, x, y


@measure(
    "faces",
    "attributecvae",
    units={
        "completion_error": "squared error a hidden value of [0, 1], best of 8 guesses; 60 faces",
        "completion_error_nn": "the same of the nearest training face by what is visible",
        "completion_spread": "variance over the 8 guesses",
    },
    judges=(READER,),
)
def completed(model: AttributeCVAE, pictures: Pictures, peers: Mapping[str, Trainable]) -> dict[str, float]:
    """Squared error a hidden value of [0, 1], mean over faces: of the best of eight guesses; of the hidden part of the
    training face whose visible part is nearest; and how far the guesses lie apart (mean variance over the eight).

    Each face has one part hidden, in turn. The model is told what the reader reads in the picture that the nearest
    neighbour completes, so that nobody saw the hidden part.
    """
    with torch.inference_mode(False), torch.no_grad():  # fitting takes gradients, which inference mode would forbid
        return _completed(model, pictures, reader_of(peers))


def _completed(model: AttributeCVAE, pictures: Pictures, reader: Reader) -> dict[str, float]:
    seen = data.load("faces", "train", twin=pictures.synthetic)
    errors, neighbours, spreads = [], [], []
    for i, row in enumerate(torch.linspace(0, len(pictures) - 1, FACES).long().tolist()):
        x = pictures.floats(slice(row, row + 1))[0, :3]
        visible = torch.ones(x.shape[1:])
        left, top, right, bottom = HIDDEN[i % len(HIDDEN)]
        visible[top:bottom, left:right] = 0
        near = torch.where(visible > 0, x, _nearest(seen, x, visible))
        y = reader.expected(near[None])[0, model.columns]
        *_, (_, z) = fitted(model, x, y, visible, GUESSES, spread=True, seed=i)
        guesses = model.render(model.decode(z, y.expand(GUESSES, -1)))[:, :, visible == 0]  # (GUESSES, 3, hidden)
        truth = x[:, visible == 0]
        errors.append((guesses - truth).square().mean((1, 2)).min())
        neighbours.append((near[:, visible == 0] - truth).square().mean())
        spreads.append(guesses.var(0).mean())
    return {
        "completion_error": float(torch.stack(errors).mean()),
        "completion_error_nn": float(torch.stack(neighbours).mean()),
        "completion_spread": float(torch.stack(spreads).mean()),
    }


def _nearest(seen: Pictures, x: Tensor, visible: Tensor) -> Tensor:
    """The training face (3, H, W) whose visible pixels are nearest to those of x."""
    distances = [
        ((seen.floats(part) - x) * visible).square().sum((1, 2, 3)) for part in torch.arange(len(seen)).split(2_000)
    ]
    return seen.floats(torch.cat(distances).argmin()[None])[0]
