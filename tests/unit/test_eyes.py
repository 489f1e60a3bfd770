"""The eye net: its labels go where its pictures go, and its objective is what it says."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from vaedemo.data.face_set import EYES
from vaedemo.models import build_net
from vaedemo.models.base import Batch
from vaedemo.models.eyes import DECOYS, Eyes, moved, similarity, transformed
from vaedemo.recipes import NETS

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture
def net() -> Eyes:
    net = build_net(NETS["faces-eyes"])
    assert isinstance(net, Eyes)
    return net


def dots(count: int, places: Tensor) -> Tensor:
    """Soft dots at `places` (2, 2), one in each of the first two colors, (count, 3, 64, 64)."""
    axis = torch.arange(64.0)
    planes = [torch.exp(-((axis - x) ** 2 + (axis[:, None] - y) ** 2) / 8) for x, y in places.tolist()]
    return torch.stack([*planes, torch.zeros(64, 64)]).expand(count, 3, 64, 64)


def where_dots_are(x: Tensor) -> Tensor:
    """Their centres of mass, (B, 2, 2)."""
    axis, mass = torch.arange(64.0), x[:, :2]
    total = mass.sum((2, 3))
    return torch.stack([(mass.sum(2) * axis).sum(2) / total, (mass.sum(3) * axis).sum(2) / total], -1)


def test_labels_go_where_pictures_go(net: Eyes) -> None:
    eyes = torch.tensor(EYES)
    move = net.moves(64)
    expected = transformed(eyes.expand(64, 2, 2), move)
    seen = where_dots_are(moved(dots(64, eyes), move))
    inside = ((expected > 8) & (expected < 55)).flatten(1).all(1)  # a dot that is cut off has another centre
    assert inside.sum() > 40
    assert (seen - expected)[inside].abs().max() < 0.1


def test_a_similarity_by_hand() -> None:
    """Half as large, turned by a quarter clockwise about (31.5, 31.5), then 3 to the right and 2 down."""
    move = similarity(torch.tensor([0.5]), torch.tensor([math.pi / 2]), torch.tensor([[3.0, 2.0]]))
    points = torch.tensor([[[31.5, 31.5], [41.5, 31.5], [31.5, 21.5]]])
    torch.testing.assert_close(transformed(points, move), torch.tensor([[[34.5, 33.5], [34.5, 38.5], [39.5, 33.5]]]))


def test_moves_stay_in_their_range(net: Eyes) -> None:
    move = net.moves(4_000)
    size = torch.linalg.det(move[:, :, :2]).sqrt()
    angle = torch.atan2(move[:, 1, 0], move[:, 0, 0]).rad2deg()
    assert 0.5 <= size.min() < 0.55
    assert 1.25 < size.max() <= 1.3
    assert 42 < angle.abs().max() <= 45
    middle = transformed(torch.full((4_000, 1, 2), 31.5), move)[:, 0] - 31.5
    assert 11 < middle.abs().max() <= 12.001


def test_crops_are_pictures_and_some_are_decoys(net: Eyes) -> None:
    x = torch.rand(40, 3, 64, 64)
    crops, eyes, shown = net.crops(x)
    assert crops.shape == x.shape
    assert crops.min() >= 0
    assert crops.max() <= 1
    assert eyes.shape == (40, 2, 2)
    assert shown.sum() == 40 - 40 // DECOYS
    assert torch.isfinite(crops).all()


def test_the_objective_reaches_every_parameter_and_counts_no_place_in_decoys(net: Eyes) -> None:
    terms = net("model", Batch(torch.rand(15, 3, 64, 64), torch.zeros(15, 40), 0))
    assert terms.keys() == {"total", "distance", "face"}
    terms["total"].backward()
    assert [name for name, p in net.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


def test_a_net_without_an_opinion_says_the_aligned_places(net: Eyes) -> None:
    last = net.encoder[-1]
    assert isinstance(last, torch.nn.Linear)
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.zeros_(last.bias)
    eyes, logits = net.eval().locate(torch.rand(2, 3, 64, 64))
    torch.testing.assert_close(eyes, torch.tensor(EYES).expand(2, 2, 2))
    assert logits.tolist() == [0, 0]
