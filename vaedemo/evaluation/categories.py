"""Whether the categories that an InfoGAN found by itself are the digits."""

from __future__ import annotations

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from vaedemo.data import Pictures
from vaedemo.models.infogan import InfoGAN


def accuracy(model: InfoGAN, pictures: Pictures) -> dict[str, float]:
    """Unsupervised accuracy: the share of pictures whose guessed category stands for their label, when each category is
    given the one label that makes this share greatest."""
    guessed = guesses(model, pictures)
    labels = labels_of(guessed, pictures.y, model.categories)
    return {"category_accuracy": float((labels[guessed] == pictures.y).float().mean())}


def guesses(model: InfoGAN, pictures: Pictures) -> Tensor:
    """The likeliest category of each picture, (N,)."""
    pieces = torch.arange(len(pictures)).split(500)
    return torch.cat([model.guess(pictures.floats(piece))[0].argmax(1) for piece in pieces])


def labels_of(guessed: Tensor, truth: Tensor, categories: int) -> Tensor:
    """The label that each category stands for, (categories,): see `accuracy`. guessed, truth: (N,)."""
    table = confusion(guessed, truth, categories)
    return torch.from_numpy(linear_sum_assignment(-table)[1])


def confusion(guessed: Tensor, labels: Tensor, categories: int) -> np.ndarray:
    """How many pictures of each label each category got, (categories, categories)."""
    return torch.bincount(guessed * categories + labels, minlength=categories**2).view(categories, -1).numpy()
