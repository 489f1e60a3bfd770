"""release/face_directions.py: on a model whose decoder is a known matrix, and in a bundle."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Independent, Normal

from vaedemo import data
from vaedemo.data import Pictures
from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.models.base import LatentModel
from vaedemo.models.vae import VAE
from vaedemo.release import face_directions
from vaedemo.release.face_directions import DIRECTIONS, own_directions

torch.set_num_threads(1)
Z, HAT = 6, ATTRIBUTES.index("Wearing_Hat")
SHAPE = (3, 8, 8)
STRENGTHS = torch.tensor([0.1, 3.0, 0.2, 2.0, -1.0, 0.5])  # of a latent, on its own pixel


class Drawer(LatentModel):
    """Each latent of its own moves one pixel."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.z, self.shape = Z, SHAPE
        self.strengths = nn.Parameter(STRENGTHS)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        x = torch.zeros(len(z), 3 * 8 * 8)
        x[:, :Z] = z * self.strengths
        return x.view(-1, *self.shape)

    def render(self, decoded: Tensor) -> Tensor:
        return decoded


class Reading(VAE, Drawer):
    """Its code is the mean of the first Z pixels' rows."""

    def __init__(self) -> None:
        Drawer.__init__(self)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        mean = x[:, 0, 0, :Z]
        return Independent(Normal(mean, torch.ones_like(mean)), 1)

    decode, render = Drawer.decode, Drawer.render


@pytest.fixture
def hats(monkeypatch: pytest.MonkeyPatch) -> Pictures:
    """Faces with a hat have a 1 in the second pixel, all others a 0; nobody is bald."""
    y = torch.full((30, len(ATTRIBUTES)), -1)
    y[::3, HAT] = 1
    x = torch.zeros(30, *SHAPE, dtype=torch.uint8)
    x[::3, 0, 0, 1] = 255
    faces = Pictures("hats", True, x, y, ATTRIBUTES)
    monkeypatch.setattr(data, "load", lambda *_, **__: faces)
    return faces


def test_own_directions_are_those_that_change_the_picture_most() -> None:
    with torch.no_grad():
        ways = own_directions(Drawer())
    assert ways.shape == (DIRECTIONS, Z)
    wanted = torch.zeros(DIRECTIONS, Z)
    for row, (latent, way) in enumerate(((1, 1), (3, 1), (4, -1), (5, 1))):  # the fifth latent darkens
        wanted[row, latent] = way
    torch.testing.assert_close(ways, wanted, atol=1e-4, rtol=0)


def test_a_vector_is_the_difference_of_mean_codes(hats: Pictures) -> None:
    told = face_directions.face_directions(Reading(), twin=True)
    assert told["attribute_photos"].tolist() == [len(hats)]
    wanted = torch.zeros(len(ATTRIBUTES), Z)
    wanted[HAT, 1] = 1
    torch.testing.assert_close(told["attribute_vectors"].float(), wanted)


def test_without_an_encoder_codes_are_searched_for(hats: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_directions, "SEARCHED_TWIN", 15)
    told = face_directions.face_directions(Drawer(), twin=True)
    assert told["attribute_photos"].tolist() == [15]
    vectors = told["attribute_vectors"].float()
    others = torch.arange(len(ATTRIBUTES)) != HAT
    assert not vectors[others].any()
    assert vectors[HAT].abs().argmax() == 1
    assert vectors[HAT, 1] > 0.2


def test_a_model_that_is_told_attributes_has_none() -> None:
    told = Drawer()
    told.y = 3
    assert face_directions.face_directions(told, twin=True) == {}
