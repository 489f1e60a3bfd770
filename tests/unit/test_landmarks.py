"""The net that finds landmarks: they go where pictures go, and a few steps of training find those of drawn faces."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from vaedemo import data
from vaedemo.data.expressions import of_face_rows
from vaedemo.models import build_net
from vaedemo.models.base import Batch
from vaedemo.models.landmarks import Landmarks, carried, cropped, eye_centres, similarity
from vaedemo.recipes import NETS

torch.set_num_threads(1)


@pytest.fixture
def net() -> Landmarks:
    torch.manual_seed(0)
    net = build_net(NETS["faces-landmarks"])
    assert isinstance(net, Landmarks)
    return net


def dot(x: float, y: float, side: int) -> Tensor:
    """A soft dot at a place in pixels of 64, in a picture (1, 3, side, side)."""
    axis = (torch.arange(side) + 0.5) * 64 / side
    return torch.exp(-((axis - x) ** 2 + (axis[:, None] - y) ** 2) / 8).expand(1, 3, side, side).clone()


def middle(x: Tensor) -> Tensor:
    """The centre of mass of a picture (1, 3, 64, 64), in pixels from its corner."""
    axis, mass = torch.arange(64) + 0.5, x[0, 0] / x[0, 0].sum()
    return torch.stack([(mass.sum(0) * axis).sum(), (mass.sum(1) * axis).sum()])


@pytest.mark.parametrize("side", [64, 128])
def test_points_go_where_pictures_go(side: int) -> None:
    """A picture of 128 is read in 64: the same place in pixels of 64."""
    move = similarity(torch.tensor([0.9]), torch.tensor([0.2]), torch.tensor([[2.0, -1.5]]))
    seen = middle(cropped(dot(40.0, 25.0, side), move))
    torch.testing.assert_close(seen, carried(torch.tensor([[[40.0, 25.0]]]), move)[0, 0], atol=0.05, rtol=0)


def test_a_similarity_by_hand() -> None:
    """Half as large, turned by a quarter clockwise about (32, 32), then 3 to the right and 2 down."""
    move = similarity(torch.tensor([0.5]), torch.tensor([math.pi / 2]), torch.tensor([[3.0, 2.0]]))
    points = torch.tensor([[[32.0, 32.0], [42.0, 32.0], [32.0, 22.0]]])
    torch.testing.assert_close(carried(points, move), torch.tensor([[[35.0, 34.0], [35.0, 39.0], [40.0, 34.0]]]))


def test_crops_of_mirrored_dots_have_mirrored_landmarks(net: Landmarks, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nose's tip, which a mirror leaves itself, is a dot that moves with its landmark."""
    monkeypatch.setattr("vaedemo.models.landmarks.photographed", lambda x: x)
    points = torch.full((40, 138, 2), 30.0)
    points[:, 61] = torch.tensor([36.0, 41.0])
    x, found = net.crops(dot(36.0, 41.0, 128).expand(40, -1, -1, -1).clone(), points)
    seen = torch.stack([middle(one[None]) for one in x])
    torch.testing.assert_close(seen, found[:, 61], atol=0.1, rtol=0)
    assert (found[:, 61, 0] < 30).sum() > 8  # mirrored ones
    assert (found[:, 61, 0] > 34).sum() > 8


def test_a_net_without_an_opinion_says_the_mean_face(net: Landmarks) -> None:
    faces = data.load("landmarks", "validation", twin=True)
    net.begin(faces, {})
    last = net.encoder[-1]
    assert isinstance(last, torch.nn.Linear)
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.zeros_(last.bias)
    found = net.eval().locate(torch.rand(2, 3, 64, 64))
    mean = of_face_rows(faces.y)[1].mean(0)
    torch.testing.assert_close(found, mean.expand(2, -1, -1))
    assert eye_centres(found)[0, 0].tolist() == pytest.approx([21.7, 33.1], abs=0.3)


def test_training_finds_drawn_faces_that_were_shifted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vaedemo.models.landmarks.photographed", lambda x: x)
    torch.manual_seed(0)
    faces = data.load("landmarks", "validation", twin=True)
    net = Landmarks(widths=[16, 24, 32], blocks=0, head=64, turn=0.0, size=0.0)
    net.begin(faces, {})
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    lost = []
    for step in range(150):
        total = net("model", Batch(faces.floats(slice(None)), faces.y, step))["total"]
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        lost.append(float(total.detach()))
    assert sum(lost[-10:]) < 0.7 * sum(lost[:10])
