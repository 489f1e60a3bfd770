"""Models: a file a paper. A class registers itself by `@model("cvae")`, the name that recipes give.

A file in this folder is all that it takes: the registry imports each of them when it is first asked.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import safe_open

from vaedemo.errors import Misfit
from vaedemo.models.base import REGISTRY, LatentModel, Trainable
from vaedemo.models.folding import fold_batchnorm
from vaedemo.recipes import Recipe
from vaedemo.scan import import_modules
from vaedemo.store.packed import Tensors


def registered() -> dict[str, type[Trainable]]:
    """Every class of models by its registered name."""
    import_modules(__name__)
    return REGISTRY


def class_of(recipe: Recipe) -> type[Trainable]:
    """The class that `recipe` names. Raises ValueError, which lists the names, where there is none."""
    known = registered()
    if recipe.model not in known:
        raise ValueError(f"recipe {recipe.name!r} asks for the model {recipe.model!r}; known: {', '.join(known)}")
    return known[recipe.model]


def build(recipe: Recipe, folded: bool = False) -> LatentModel:
    """`build_net` of a recipe whose model has a latent space. Raises ValueError for another."""
    model = build_net(recipe, folded)
    if not isinstance(model, LatentModel):
        raise ValueError(f"{recipe.name} has no latent space")
    return model


def build_net(recipe: Recipe, folded: bool = False) -> Trainable:
    """A freshly initialized model of `recipe`.

    `folded=True` gives what a promoted file's tensors fit: see `shipped`.
    """
    model = class_of(recipe)(**recipe.net, **recipe.objective)
    return shipped(model) if folded else model


def shipped(model: Trainable) -> Trainable:
    """`model`, in place, in eval mode, as it ships: BatchNorm folded, and without what only training needs."""
    for name in model.only_in_training:
        if hasattr(model, name):
            delattr(model, name)
    return fold_batchnorm(model)


def assemble(recipe: Recipe, folder: Path) -> Trainable:
    """The folded model of `recipe` with the tensors of folder/model.safetensors, unpacked to float32, in eval mode.

    Raises Misfit, which names the first tensor that is missing, unknown, of another shape or in another form than
    `store.packed` reads.
    """
    with safe_open(folder / "model.safetensors", framework="numpy") as file:
        read = Tensors(file)
        given = {name: torch.from_numpy(read(name)) for name in read.names}
    model = build_net(recipe, folded=True)
    wanted = model.state_dict()
    for key in sorted(wanted.keys() | given.keys()):
        if key not in given:
            raise Misfit(f"model.safetensors lacks {key}, which this version's {recipe.name} has")
        if key not in wanted:
            raise Misfit(f"model.safetensors has {key}, which this version's {recipe.name} lacks")
        if given[key].shape != wanted[key].shape:
            shapes = ["x".join(map(str, tensors[key].shape)) or "a number" for tensors in (given, wanted)]
            raise Misfit(
                f"model.safetensors has {key} of {shapes[0]}, where this version's {recipe.name} has {shapes[1]}"
            )
    model.load_state_dict(given, strict=True)
    return model.eval()
