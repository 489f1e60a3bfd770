"""Explore the latent spaces of variational autoencoders, in a browser or from Python.

import vaedemo
model = vaedemo.load("digits")          # bundled, else from the Hub, else trained here
pictures = model.sample(16, seed=0)     # (16, 1, 28, 28), means of p(x|z), in [0, 1]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaedemo.models.base import LatentModel

__version__ = "0.2.0"
__all__ = ["__version__", "load", "names"]


def names() -> list[str]:
    """The names that `load` knows, in the order of the lecture."""
    from vaedemo.recipes import RECIPES

    return list(RECIPES)


def load(name: str) -> LatentModel:
    """The trained model `name`, ready to use: from `weights/`, else the Hugging Face Hub, else trained here.

    Raises `vaedemo.zoo.UnknownModel` for a name that `names()` does not list.
    """
    from vaedemo import zoo

    return zoo.load(name)
