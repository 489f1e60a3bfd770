"""Explore the latent spaces of variational autoencoders, in a browser or from Python.

import vaedemo
model = vaedemo.load("digits")          # bundled, else from the Hub, else trained here
pictures = model.sample(16, seed=0)     # (16, 1, 28, 28), means of p(x|z), in [0, 1]

Beside it: `vaedemo.colorize`, `vaedemo.express` and `vaedemo.forecast` for photos, `vaedemo.errors` for what may be
raised.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vaedemo.errors import VaedemoError

if TYPE_CHECKING:
    from vaedemo.models.base import LatentModel, Trainable

__version__ = "0.2.0"
__all__ = ["VaedemoError", "__version__", "folder", "load", "load_net", "names"]


def names() -> list[str]:
    """The names that `load` knows, in the order of the lecture."""
    from vaedemo.recipes import RECIPES

    return list(RECIPES)


def load(name: str) -> LatentModel:
    """The trained model `name`, ready to use: from `weights/`, else the Hugging Face Hub, else trained here.

    Raises `errors.UnknownModel` for a name that `names()` does not list, and `errors.Unavailable` where no source has
    the model and it cannot be trained here.
    """
    from vaedemo import zoo

    return zoo.load(name)


def load_net(name: str) -> Trainable:
    """The same of a net without a latent space, a judge or a baseline such as "faces-reader", or of any model.

    `recipes.NETS` lists them. Raises what `load` raises.
    """
    from vaedemo import zoo

    return zoo.load_net(name)


def folder(name: str) -> Path:
    """The folder with the files of model or net `name` (model.safetensors, config.json, metrics.json ...); needs no
    torch. A download may come first. Raises `errors.UnknownModel`, and `errors.Unavailable` where no source has it."""
    from vaedemo.store import bundles

    return bundles.find(name).folder
