"""What models of data with known factors are worth: sprites, things on a turntable, faces under a lamp."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.distributions import Independent

from vaedemo import data
from vaedemo.data import Pictures, sprites
from vaedemo.evaluation import disentanglement
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.base import Trainable
from vaedemo.models.dcign import DCIGN
from vaedemo.models.vae import VAE

PLAIN = "turntable-vae"
PIECE = 500  # pictures encoded or decoded at once
TRAIN_POINTS, TEST_POINTS = 10_000, 5_000  # of DCI, as in Locatello et al. 2019
DEGREE = 3  # of the polynomial that reads an angle off one latent


# --- sprites ---------------------------------------------------------------------------------------------------------


@measure(
    "sprites",
    "vae",
    "tcvae",
    "factorvae",
    units={
        "mig": "mutual information gap, 20 bins, posterior means (Chen et al. 2018)",
    },
)
def mig(model: VAE, pictures: Pictures) -> Numbers:
    """MIG (Chen et al. 2018) on the pictures of the split."""
    return {"mig": disentanglement.mig(means(model, pictures).numpy(), pictures.y.numpy())}


@measure(
    "sprites",
    "vae",
    "tcvae",
    "factorvae",
    units={
        "factor_score": "FactorVAE score (Kim & Mnih 2018), 10,000 votes to learn, 5,000 to test",
        "dci_disentanglement": "DCI (Eastwood & Williams 2018), gradient-boosted trees, 10,000 points",
        "dci_completeness": "the same",
        "dci_informativeness": "the same; accuracy on 5,000 other points",
    },
)
def factor_and_dci(model: VAE, pictures: Pictures) -> Numbers:
    """The FactorVAE score (Kim & Mnih 2018) and DCI (Eastwood & Williams 2018), on points drawn from all 737,280
    sprites. All are encoded once, which takes a minute or two; DCI's trees take some more."""
    everything = np.stack(np.unravel_index(np.arange(math.prod(sprites.SIZES)), sprites.SIZES), 1)
    table = torch.cat(
        [model.encode(sprites.draw(part)).mean for part in torch.from_numpy(everything).split(PIECE)]
    ).numpy()

    def represent(factors: NDArray[np.int64]) -> NDArray[np.float32]:
        return table[np.ravel_multi_index(tuple(factors.T), sprites.SIZES)]

    votes = disentanglement.factor_score(represent, sprites.SIZES, np.random.default_rng(torch.initial_seed()))
    random = np.random.default_rng(torch.initial_seed())
    train, test = (random.integers(sprites.SIZES, size=(n, len(sprites.SIZES))) for n in (TRAIN_POINTS, TEST_POINTS))
    dci = disentanglement.dci(represent(train), train, represent(test), test, jobs=-1)
    return {
        "factor_score": votes,
        "dci_disentanglement": dci.disentanglement,
        "dci_completeness": dci.completeness,
        "dci_informativeness": dci.informativeness_test,
    }


# --- turntable -------------------------------------------------------------------------------------------------------


@measure(
    "turntable",
    "vae",
    "dcign",
    units={
        "heldout_error": "squared error a value of [0, 1] at angles it never saw, from the codes of both neighbours",
        "heldout_error_pixel_baseline": "the same, blending the two neighbouring photos",
    },
)
def interpolation_error(model: VAE, pictures: Pictures) -> Numbers:
    """Squared error a value of pictures that the model never saw, drawn from the codes of the training pictures to
    either side of their angle; beside it the error of blending those two pictures' pixels.
    """
    seen = data.load("turntable", "train", twin=pictures.synthetic)
    left, right, share, here = neighbours(seen.y, pictures.y)
    truth = pictures.floats(here)
    blended = torch.lerp(seen.floats(left), seen.floats(right), share[:, None, None, None])
    error, baseline = _errors(_drawn_between(model, seen, left, right, share), truth), _errors(blended, truth)
    return {
        "heldout_error": float(error.mean()),
        "heldout_error_se": float(error.std() / math.sqrt(len(error))),
        "heldout_error_pixel_baseline": float(baseline.mean()),
        "heldout_pictures": len(error),
    }


@measure(
    "turntable",
    "dcign",
    units={
        "heldout_error_vae_baseline": "the same as the first, of a plain VAE with the same net and training",
    },
    rivals=(PLAIN,),
)
def interpolation_error_of_vae(model: VAE, pictures: Pictures, peers: Mapping[str, Trainable]) -> Numbers:
    """The error of the plain VAE on the same pictures; nothing where `peers` has no such VAE."""
    plain = peers.get(PLAIN)
    if plain is None:
        return {}
    assert isinstance(plain, VAE)
    return {"heldout_error_vae_baseline": interpolation_error(plain, pictures)["heldout_error"]}


def _drawn_between(model: VAE, seen: Pictures, left: Tensor, right: Tensor, share: Tensor) -> Tensor:
    codes = means(model, seen)
    z = torch.lerp(codes[left], codes[right], share[:, None])
    return torch.cat([model.render(model.decode(part)) for part in z.split(PIECE)])


def _errors(pictures: Tensor, truth: Tensor) -> Tensor:
    return (pictures - truth).square().flatten(1).mean(1)


def neighbours(seen: Tensor, asked: Tensor, step: int = 15) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The pictures on both sides of each asked one: rows of `seen`, rows of `seen`, the way from one to the other in
    [0, 1], rows of `asked` (whose neighbours are both there). seen, asked: (N, 2) object and angle in degrees."""
    place = {(int(thing), int(angle)): row for row, (thing, angle) in enumerate(seen.tolist())}
    found = []
    for row, (thing, angle) in enumerate(asked.tolist()):
        before = angle // step * step
        pair = place.get((thing, before)), place.get((thing, (before + step) % 360))
        if None not in pair:
            found.append((*pair, (angle - before) / step, row))
    left, right, share, here = zip(*found)
    return torch.tensor(left), torch.tensor(right), torch.tensor(share), torch.tensor(here)


# --- lighting --------------------------------------------------------------------------------------------------------


@measure(
    "lighting",
    "dcign",
    units={
        "light_azimuth_r2": "R2 of the light's azimuth, from its own latent, on lights it never saw",
        "light_elevation_r2": "R2 of the light's elevation, likewise",
        "light_leak": "R2 of both angles from all other latents, linear, mean of the two (lower is better)",
    },
)
def light_regression(model: DCIGN, pictures: Pictures) -> Numbers:
    """How much of the light's angles their own latent tells, and how much the other latents tell of them: R2 on lights
    that the model never saw, of polynomials (own latent) and of linear regressions (the rest), both fitted on training
    pictures. The leak is the mean over both angles, and 0 where the rest tells nothing.

    Codes are samples of q(z|x), which is what the decoder gets: a trace below the noise tells it nothing.
    """
    seen = data.load("lighting", "train", twin=pictures.synthetic)
    fit_on, test_on = (posterior_samples(model, some) for some in (seen, pictures))
    owners, answers, leaks = model.owners(), {}, []
    for factor, name in ((1, "azimuth"), (2, "elevation")):
        angle, truth = seen.y[:, factor].double(), pictures.y[:, factor].double()
        own, rest = owners == factor, owners == 0
        answers[f"light_{name}_r2"] = _r2(_powers(fit_on[:, own]), angle, _powers(test_on[:, own]), truth)
        leaks.append(max(0.0, _r2(fit_on[:, rest], angle, test_on[:, rest], truth)))
    return {**answers, "light_leak": sum(leaks) / len(leaks)}


def _powers(codes: Tensor) -> Tensor:
    return torch.cat([codes**power for power in range(1, DEGREE + 1)], 1)


def _r2(x: Tensor, y: Tensor, x_test: Tensor, y_test: Tensor) -> float:
    """R2 on test of the least-squares fit with a constant. x (N, K), y (N,)."""
    table, test = (torch.cat([part.double(), torch.ones(len(part), 1).double()], 1) for part in (x, x_test))
    weights = torch.linalg.lstsq(table, y[:, None]).solution
    residue = y_test - (test @ weights)[:, 0]
    return float(1 - residue.square().sum() / (y_test - y_test.mean()).square().sum())


def means(model: VAE, pictures: Pictures) -> Tensor:
    """Posterior means of all pictures, (N, Z)."""
    return torch.cat([posterior.mean for posterior in _posteriors(model, pictures)])


def posterior_samples(model: VAE, pictures: Pictures) -> Tensor:
    """A sample of q(z|x) for each picture, (N, Z)."""
    return torch.cat([posterior.sample() for posterior in _posteriors(model, pictures)])


def _posteriors(model: VAE, pictures: Pictures) -> Iterator[Independent]:
    """q(z|x) of all pictures, piece by piece."""
    return (model.encode(pictures.floats(piece)) for piece in torch.arange(len(pictures)).split(PIECE))
