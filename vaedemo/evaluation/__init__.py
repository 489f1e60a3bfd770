"""evaluate(): what a model is worth, as flat numbers that say what they are."""

from __future__ import annotations

from collections.abc import Callable

import torch

from vaedemo import data
from vaedemo.evaluation import likelihood
from vaedemo.models.base import LatentModel
from vaedemo.models.vae import VAE, Autoencoder
from vaedemo.recipes import Recipe

SEED = 0

Metrics = dict[str, float | int | str]
MEASURES: dict[type[LatentModel], Callable[..., dict[str, float]]] = {
    VAE: likelihood.vae,
    Autoencoder: likelihood.autoencoder,
}


def measure(model: LatentModel, recipe: Recipe, pictures: data.Pictures, split: data.Split) -> Metrics:
    """The metrics of `model` on a split, likelihoods in nats a picture; random draws use a fixed seed."""
    torch.manual_seed(SEED)
    with torch.inference_mode():
        numbers = MEASURES[type(model)](model.eval(), pictures)
    return {
        **{name: round(value, 4) for name, value in numbers.items()},
        "recipe": recipe.name,
        "data": pictures.source,
        "split": split,
        "seed": SEED,
        "n": len(pictures),
    }
