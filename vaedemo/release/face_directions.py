"""Ways through a latent space of faces, which the page's sliders go: along attributes, and along z's own directions."""

from __future__ import annotations

import torch
from torch import Tensor

from vaedemo import data
from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.evaluation.attributes import attribute_vectors
from vaedemo.evaluation.likeness import codes_of
from vaedemo.models.base import LatentModel, Trainable
from vaedemo.models.vae import VAE

ENCODED = 10_000  # training faces whose codes give the attribute vectors; of a model without encoder:
SEARCHED, SEARCHED_TWIN = 600, 60
STEPS = 60  # of such a search, one start
DIRECTIONS = 4
DRAWS = 24  # of the prior, where the decoder's slope is measured
APART = 0.1  # between two z that measure it, in parts of the prior's sigma


def face_directions(model: Trainable, twin: bool) -> dict[str, Tensor]:
    """Tensors for the page about a model of faces without condition; of another model none.

    attribute_vectors (40, Z) float16: mean code of training faces with an attribute minus that of those without, in the
    order of ATTRIBUTES (Larsen 2016); 0 where all or none of them have it. attribute_photos (1,): of how many faces; a
    model without encoder has the codes that a search finds. directions (4, Z) float16: see `own_directions`.
    """
    if not isinstance(model, LatentModel) or model.y:
        return {}
    seen = data.load("faces", "train", twin=twin)
    searched = SEARCHED_TWIN if twin else SEARCHED
    many = min(len(seen), ENCODED if isinstance(model, VAE) else searched)
    some = torch.arange(0, len(seen), len(seen) // many)[:many]
    with torch.no_grad():
        codes = codes_of(model, seen.floats(some)[:, :3], STEPS)
        ways = own_directions(model)
    vectors = attribute_vectors(codes, seen.y[some][:, : len(ATTRIBUTES)]).nan_to_num()
    return {
        "attribute_vectors": vectors.half(),
        "attribute_photos": torch.tensor([float(many)]),
        "directions": ways.half().contiguous(),
    }


def own_directions(model: LatentModel) -> Tensor:
    """The directions along which pictures of the prior change most, (DIRECTIONS, Z), the strongest first.

    With J the slope of the pixels by z they are the first eigenvectors of E[J' J], of length 1 and at right angles;
    forward is where pictures get lighter.
    """
    dice = torch.Generator().manual_seed(0)
    aside = APART / 2 * torch.eye(model.z)
    power, lighter = torch.zeros(model.z, model.z), torch.zeros(model.z)
    for z in torch.randn(DRAWS, model.z, generator=dice):
        ahead, behind = (model.render(model.decode(z + way)).flatten(1) for way in (aside, -aside))
        slope = (ahead - behind) / APART  # (Z, pixels)
        power += slope @ slope.T
        lighter += slope.mean(1)
    ways = torch.linalg.eigh(power).eigenvectors.flip(1)[:, :DIRECTIONS].T
    return ways * (ways @ lighter).sign()[:, None]
