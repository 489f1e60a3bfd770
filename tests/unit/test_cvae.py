"""The conditional VAE: what it is told, what it guesses, and that label and style come apart."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vaedemo.models import build
from vaedemo.models.base import Batch
from vaedemo.models.cvae import CVAE
from vaedemo.recipes import Recipe

torch.set_num_threads(1)

NET = {"widths": [8, 16], "blocks": 0, "hidden": 32, "base": [8, 7, 7], "convs": [], "ups": [8], "head": 32}
SMALL = Recipe("small", "Small", "cvae", "digits", {"z": 2, "labels": 3, **NET}, {"beta": 1.0})


def bars(label: Tensor, shift: Tensor) -> Tensor:
    """One bar, 3 high, in the third of the picture that the label names; the style is how far it lies from the left."""
    x = torch.zeros(len(label), 1, 28, 28)
    for picture, third, left in zip(x, label.tolist(), shift.tolist()):
        picture[0, 3 + 9 * third : 6 + 9 * third, left : left + 8] = 1
    return x


@pytest.fixture(scope="module")
def trained() -> CVAE:
    torch.manual_seed(0)
    model = build(SMALL).train()
    assert isinstance(model, CVAE)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for step in range(400):
        label, shift = torch.randint(3, (64,)), torch.randint(20, (64,))
        terms = model("model", Batch(bars(label, shift), label, step))
        optimizer.zero_grad()
        terms["total"].backward()
        optimizer.step()
    return model.eval()


@torch.no_grad()
def test_the_label_is_obeyed_whatever_z_says(trained: CVAE) -> None:
    z = trained.encode(
        bars(torch.zeros(3).long(), torch.tensor([2, 9, 16])), trained.condition(torch.zeros(3).long())
    ).mean
    z = torch.cat([z, torch.randn(20, 2)])
    for label in range(3):
        drawn = trained.render(trained.decode(z, trained.condition(torch.full((len(z),), label))))[:, 0]
        thirds = torch.stack([drawn[:, 9 * third : 9 * third + 9].sum((1, 2)) for third in range(3)], 1)
        assert (thirds[:, label] > 0.8 * thirds.sum(1)).all()


@torch.no_grad()
def test_it_recognizes_what_it_was_taught(trained: CVAE) -> None:
    label, shift = torch.randint(3, (60,)), torch.randint(20, (60,))
    assert (trained.recognize(bars(label, shift)) == label).float().mean() > 0.95


@torch.no_grad()
def test_z_does_not_tell_the_label(trained: CVAE) -> None:
    """What the VAE without labels has to put into z: here posteriors of all labels lie over each other."""
    label, shift = torch.arange(3).repeat(20), torch.arange(20).repeat_interleave(3)
    means = trained.encode(bars(label, shift), trained.condition(label)).mean
    centres = torch.stack([means[label == one].mean(0) for one in range(3)])
    assert centres.std(0).max() < 0.35 * means.std(0).max()


def test_without_a_condition_it_neither_encodes_nor_samples() -> None:
    model = build(SMALL).eval()
    with pytest.raises(ValueError, match="condition"):
        model.encode(torch.zeros(1, 1, 28, 28))
    with pytest.raises(ValueError, match=r"\(2, 3\)"):
        model.sample(2)
    with pytest.raises(ValueError, match=r"\(2, 3\)"):
        model.sample(2, y=torch.zeros(2, 4))
