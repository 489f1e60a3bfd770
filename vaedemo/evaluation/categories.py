"""Whether the categories that an InfoGAN found by itself are the digits."""

from __future__ import annotations

from vaedemo.data import Pictures
from vaedemo.evaluation.registry import measure
from vaedemo.models.infogan import InfoGAN, labels_of


@measure(
    "digits",
    "infogan",
    units={
        "category_accuracy": "pictures whose category stands for their label, each category given one label",
    },
)
def category_accuracy(model: InfoGAN, pictures: Pictures) -> dict[str, float]:
    """Unsupervised accuracy: the share of pictures whose guessed category stands for their label, when each category is
    given the one label that makes this share greatest."""
    guessed = model.guesses(pictures)
    labels = labels_of(guessed, pictures.y, model.categories)
    return {"category_accuracy": float((labels[guessed] == pictures.y).float().mean())}
