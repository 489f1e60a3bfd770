"""evaluation/conditions.py on models made by hand: one that obeys its label, one that never does."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vaedemo import data
from vaedemo.data import Pictures
from vaedemo.evaluation import conditions
from vaedemo.models.base import LatentModel

torch.set_num_threads(1)


def bars(label: Tensor) -> Tensor:
    """A white bar whose height says its label, on (N, 1, 28, 28) bytes."""
    x = torch.zeros(len(label), 1, 28, 28, dtype=torch.uint8)
    for picture, one in zip(x, label.tolist()):
        picture[0, 4 + 6 * one : 8 + 6 * one, 4:24] = 255
    return x


class Drawing(LatentModel):
    """Draws the bar of the asked label, or of the one after it."""

    z, y, shape = 2, 3, (1, 28, 28)

    def __init__(self, off: int) -> None:
        super().__init__()
        self.off, self.weight = off, torch.nn.Parameter(torch.zeros(1))

    def condition(self, y: Tensor) -> Tensor:
        return torch.nn.functional.one_hot(y, 3).float()

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        assert y is not None
        return bars((y.argmax(1) + self.off) % 3).float() / 255

    def render(self, decoded: Tensor) -> Tensor:
        return decoded


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> Pictures:
    """Bars to read, all of them in every split."""
    y = torch.arange(3).repeat(300)
    some = Pictures("bars", True, bars(y), y)
    monkeypatch.setattr(data, "load", lambda *_, **__: some)
    return some


@pytest.mark.parametrize(("off", "share"), [(0, 1.0), (1, 0.0)])
def test_who_draws_what_is_asked_is_believed(pictures: Pictures, off: int, share: float) -> None:
    with torch.inference_mode():
        answer = conditions.label_agreement(Drawing(off), pictures)  # type: ignore[arg-type]
    assert answer["classifier_accuracy_real"] > 0.99
    assert answer["classifier_accuracy"] == pytest.approx(share, abs=0.01)


def test_the_judge_is_the_same_at_every_call(pictures: Pictures) -> None:
    before = torch.rand(1, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    one, other = (conditions.classifier(pictures, 3) for _ in range(2))
    assert torch.rand(1) == before  # nor does it move the caller's random numbers
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values()))
