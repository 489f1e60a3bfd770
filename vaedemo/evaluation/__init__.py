"""evaluate(): what a model is worth, as flat numbers that say what they are."""

from __future__ import annotations

from collections.abc import Callable

import torch

from vaedemo import data
from vaedemo.evaluation import (
    attributes,
    categories,
    colors,
    completion,
    conditions,
    evidence,
    eyes,
    factors,
    likelihood,
    motion,
    quadrants,
)
from vaedemo.models.base import Trainable
from vaedemo.recipes import Recipe

SEED = 0

Metrics = dict[str, float | int | str]
_SPRITES = (likelihood.elbo, factors.gap, factors.separation)
_FACES = (attributes.obeyed, attributes.moved, attributes.drawn_well)
_COLORS = (colors.answered, colors.along_edges)
MEASURES: dict[tuple[str, str], tuple[Callable[..., dict[str, float]], ...]] = {  # by data and model
    ("digits", "vae"): (likelihood.vae, evidence.exact),
    ("digits", "cvae"): (likelihood.elbo, conditions.obeyed),
    ("digits", "autoencoder"): (likelihood.autoencoder,),
    ("digits", "quadrant"): (quadrants.given_one, quadrants.sampled),
    ("digits", "quadrant-net"): (quadrants.direct,),
    ("digits", "infogan"): (categories.accuracy,),
    ("sprites", "vae"): _SPRITES,
    ("sprites", "tcvae"): _SPRITES,
    ("sprites", "factorvae"): _SPRITES,
    ("turntable", "dcign"): (likelihood.elbo, factors.between, factors.between_plain),
    ("turntable", "vae"): (likelihood.elbo, factors.between),
    ("lighting", "dcign"): (likelihood.elbo, factors.light),
    ("faces", "vae"): (likelihood.elbo, attributes.drawn_well),
    ("faces", "attributecvae"): (*_FACES, likelihood.elbo, completion.completed),
    ("faces", "sharpened"): _FACES,
    ("portraits", "discvae"): (*_FACES, likelihood.elbo, attributes.layered),
    ("faces", "reader"): (attributes.read_right,),
    ("faces", "eyes"): (eyes.found,),
    ("colors", "colorbins"): (colors.surprised,),
    ("colors", "colorization"): (*_COLORS, colors.kept, colors.told_once),
    ("colors", "colorcvae"): (*_COLORS, colors.kept),
    ("colors", "colorregression"): _COLORS,
    ("colors", "colorvae"): (colors.kept,),
    ("forks", "motion"): (motion.modes, motion.at_rest),
    ("actions", "motion"): (motion.likely, motion.against_rivals, motion.at_rest),
    ("actions", "motionregressor"): (motion.likely,),
    ("actions", "flowclassifier"): (motion.likely,),
}


def measure(
    model: Trainable, recipe: Recipe, pictures: data.Pictures, split: data.Split, until: str | None = None
) -> Metrics:
    """The metrics of `model` on a split, likelihoods in nats a picture; random draws use a fixed seed.

    until: stop as soon as this key is known, since some measures take minutes.
    """
    numbers: dict[str, float] = {}
    for measure_one in MEASURES[recipe.data, recipe.model]:
        torch.manual_seed(SEED)
        with torch.inference_mode():
            numbers |= measure_one(model.eval(), pictures)
        if until in numbers:
            break
    return {
        **{name: round(value, 6 if abs(value) < 1 else 4) for name, value in numbers.items()},
        "recipe": recipe.name,
        "data": pictures.source,
        "split": split,
        "seed": SEED,
        "n": len(pictures),
    }
