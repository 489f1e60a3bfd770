"""evaluate(): what a model is worth, as flat numbers that say what they are. A file a family of measures."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from vaedemo import data, models
from vaedemo.evaluation.registry import MEASURES, Measure
from vaedemo.models.base import Trainable
from vaedemo.recipes import Recipe
from vaedemo.scan import import_modules

SEED = 0

Metrics = dict[str, float | int | str]


def evaluate(
    model: Trainable,
    recipe: Recipe,
    pictures: data.Pictures,
    split: data.Split,
    peers: Mapping[str, Trainable] | None = None,
    until: str | None = None,
) -> Metrics:
    """The metrics of `model` on a split, likelihoods in nats a picture; random draws use a fixed seed.

    peers: the judges and rivals of `peers_of`, by name; a rival may be left out, and its figures with it. until: only
    what gives this key is measured, since some measures take minutes. Raises ValueError where a judge is missing, or
    where nothing measures such a model.
    """
    nets = peers or {}
    numbers: dict[str, float] = {}
    measures = measures_of(recipe)
    if not measures:
        raise ValueError(f"{recipe.name}: no measure of {recipe.model!r} on {recipe.data!r} is registered")
    for one in measures:
        if until in numbers or (until is not None and until not in one.units):
            continue
        for judge in one.judges:
            if judge not in nets:
                raise ValueError(f"{recipe.name} is judged by {judge}: evaluate(..., peers={{{judge!r}: net}})")
        torch.manual_seed(SEED)
        with torch.inference_mode():
            numbers |= one.run(model.eval(), pictures, *([nets] if one.judges or one.rivals else []))
    return {
        **{name: round(value, 6 if abs(value) < 1 else 4) for name, value in numbers.items()},
        "recipe": recipe.name,
        "data": pictures.source,
        "split": split,
        "seed": SEED,
        "n": len(pictures),
    }


def measures_of(recipe: Recipe) -> list[Measure]:
    """The measures of a recipe's model on its data, that of the headline first.

    They are the nearest base class's where the model has none of its own.
    """
    import_modules(__name__)
    for cls in models.class_of(recipe).__mro__:
        found = MEASURES.get((recipe.data, cls.__dict__.get("REGISTERED", "")))
        if found:
            return sorted(found, key=lambda one: recipe.headline[0] not in one.units)
    return []


def peers_of(recipe: Recipe) -> tuple[set[str], set[str]]:
    """The names of the nets that the measures of `recipe` are judged by, and of those that they compare with."""
    found = measures_of(recipe)
    judges = {name for one in found for name in one.judges}
    return judges, {name for one in found for name in one.rivals} - judges


def units_of(recipe: Recipe) -> dict[str, str]:
    """What each figure of `recipe` is counted in, in the order in which a card lists them."""
    return {key: unit for one in measures_of(recipe) for key, unit in one.units.items()}
