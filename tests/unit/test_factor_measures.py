"""What evaluation/factors.py and categories.py say of models made by hand, whose worth is known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.distributions import Independent, Normal

from vaedemo import data
from vaedemo.data import Pictures, sprites
from vaedemo.evaluation import categories, factors
from vaedemo.models.infogan import InfoGAN, labels_of

torch.set_num_threads(1)


class Knowing:
    """An encoder whose means are `codes` of the factors that stand in the picture's first pixels."""

    def __init__(self, codes, owners: Tensor | None = None) -> None:
        self.codes, self._owners = codes, owners

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        mean = self.codes(x.flatten(1)).float()
        return Independent(Normal(mean, torch.full_like(mean, 1e-4)), 1)

    def owners(self) -> Tensor:
        assert self._owners is not None
        return self._owners


class Written(Pictures):
    """Pictures whose pixels are their factors, so that `Knowing` can read them."""

    def floats(self, index: Tensor | slice) -> Tensor:
        return self.y[index].float()[:, None, None]


def written(y: Tensor, names: tuple[str, ...]) -> Pictures:
    return Written("x", True, torch.empty(len(y)), y, names)


# --- sprites ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_sprites(monkeypatch: pytest.MonkeyPatch) -> Pictures:
    sizes = (3, 4, 5, 6, 6)
    monkeypatch.setattr(sprites, "SIZES", sizes)
    monkeypatch.setattr(sprites, "draw", lambda y: y.float()[:, None, None])
    monkeypatch.setattr(factors, "TRAIN_POINTS", 400)
    monkeypatch.setattr(factors, "TEST_POINTS", 200)
    return written(torch.cartesian_prod(*[torch.arange(size) for size in sizes]), sprites.FACTORS)


def test_a_perfect_code_of_sprites(small_sprites: Pictures) -> None:
    model = Knowing(lambda y: y)
    assert factors.mig(model, small_sprites)["mig"] == pytest.approx(1, abs=1e-6)  # type: ignore[arg-type]
    scores = factors.factor_and_dci(model, small_sprites)  # type: ignore[arg-type]
    assert scores["factor_score"] == 1
    assert scores["dci_disentanglement"] > 0.95
    assert scores["dci_informativeness"] > 0.95


def test_a_code_that_mixes_all_factors(small_sprites: Pictures) -> None:
    mix = torch.linalg.qr(torch.randn(5, 5, generator=torch.Generator().manual_seed(0))).Q
    model = Knowing(lambda y: y @ mix)
    assert factors.mig(model, small_sprites)["mig"] < 0.2  # type: ignore[arg-type]
    scores = factors.factor_and_dci(model, small_sprites)  # type: ignore[arg-type]
    assert scores["dci_disentanglement"] < 0.5


# --- turntable -------------------------------------------------------------------------------------------------------


def test_neighbours_around_the_circle_and_gaps() -> None:
    seen = torch.tensor([[0, 0], [0, 15], [0, 345], [1, 30], [1, 60]])
    asked = torch.tensor([[0, 5], [0, 350], [1, 35], [0, 20]])  # the last two lack a neighbour
    left, right, share, here = factors.neighbours(seen, asked)
    assert left.tolist() == [0, 2]
    assert right.tolist() == [1, 0]
    assert torch.allclose(share, torch.tensor([1 / 3, 1 / 3]))
    assert here.tolist() == [0, 1]


def test_held_out_angles_of_a_model_that_knows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures on a circle of pixels: a code that is the angle draws them exactly, blending pixels cannot."""
    angles = torch.arange(0, 360, 5)
    y = torch.stack([torch.zeros_like(angles), angles], 1)

    def drawn(degrees: Tensor) -> Tensor:
        turn = torch.deg2rad(degrees.float())
        return torch.stack([turn.cos(), turn.sin()], 1).view(-1, 1, 1, 2)

    class Circle:
        def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
            angle = torch.rad2deg(torch.atan2(x[:, 0, 0, 1], x[:, 0, 0, 0]))[:, None] % 360
            return Independent(Normal(angle, torch.ones_like(angle)), 1)

        def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
            return drawn(z[:, 0])

        def render(self, decoded: Tensor) -> Tensor:
            return decoded

    class Turning(Pictures):
        def floats(self, index: Tensor | slice) -> Tensor:
            return drawn(self.y[index][:, 1])

    def turning(y: Tensor) -> Pictures:
        return Turning("x", True, torch.empty(len(y)), y, ("object", "angle"))

    held = (angles % 15 != 0) & (angles < 345)  # the last sector crosses 360, which this code cannot
    monkeypatch.setattr(data, "load", lambda *_, **__: turning(y[angles % 15 == 0]))
    metrics = factors.interpolation_error(Circle(), turning(y[held]))  # type: ignore[arg-type]
    assert metrics["heldout_pictures"] == int(held.sum())
    assert metrics["heldout_error"] < 1e-8
    # A chord lies inside its circle: at a third of 15 degrees by 1 - |2/3 + 1/3 e^(i 15 deg)|, and a little ahead.
    third = torch.deg2rad(torch.tensor(15.0))
    chord = torch.stack([2 / 3 + third.cos() / 3, third.sin() / 3])
    truth = torch.stack([(third / 3).cos(), (third / 3).sin()])
    assert metrics["heldout_error_pixel_baseline"] == pytest.approx(float((chord - truth).square().mean()), rel=1e-2)


# --- lighting --------------------------------------------------------------------------------------------------------


def lit(monkeypatch: pytest.MonkeyPatch, codes) -> dict[str, float]:
    y = torch.cartesian_prod(torch.arange(6), torch.arange(-90, 91, 15), torch.tensor([-40, -20, 0, 20, 40]))
    names = ("person", "azimuth", "elevation")
    monkeypatch.setattr(data, "load", lambda *_, **__: written(y[::2], names))
    owners = torch.tensor([1, 2, 0, 0])
    return factors.light_regression(Knowing(codes, owners), written(y[1::2], names))  # type: ignore[arg-type]


def test_light_from_its_own_latent_and_none_in_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = lit(monkeypatch, lambda y: torch.stack([y[:, 1] / 90, -y[:, 2] / 40, y[:, 0], y[:, 0] ** 2], 1))
    assert metrics["light_azimuth_r2"] == pytest.approx(1, abs=1e-4)
    assert metrics["light_elevation_r2"] == pytest.approx(1, abs=1e-4)
    assert metrics["light_leak"] < 0.01


def test_light_that_leaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the azimuth and none of the elevation stands in an identity's latent: half of the light leaks."""
    metrics = lit(monkeypatch, lambda y: torch.stack([y[:, 2] / 40, y[:, 1] / 90, y[:, 1], y[:, 0]], 1))
    assert metrics["light_azimuth_r2"] < 0.01
    assert metrics["light_leak"] == pytest.approx(0.5, abs=0.01)


# --- categories ------------------------------------------------------------------------------------------------------


class Guessing:
    """A head that takes pictures of a grey level for the category that `table` gives it."""

    categories = 3
    guesses = InfoGAN.guesses

    def __init__(self, table: dict[int, int]) -> None:
        self.table = table

    def guess(self, x: Tensor) -> tuple[Tensor, None]:
        answers = torch.tensor([self.table[round(float(level) * 255)] for level in x.flatten(1)[:, 0]])
        return torch.nn.functional.one_hot(answers, 3).float(), None


def test_categories_are_matched_to_labels_one_to_one() -> None:
    y = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2, 2, 2])
    pictures = Pictures("x", True, (y * 10).to(torch.uint8).view(-1, 1, 1, 1), y)
    perfect, merged = Guessing({0: 2, 10: 0, 20: 1}), Guessing({0: 2, 10: 2, 20: 1})
    assert categories.category_accuracy(perfect, pictures)["category_accuracy"] == 1  # type: ignore[arg-type]
    guessed = perfect.guesses(pictures)  # type: ignore[misc]
    assert labels_of(guessed, y, 3).tolist() == [1, 2, 0]
    # Zeros and ones share a category: it can stand for the zeros alone.
    assert categories.category_accuracy(merged, pictures)["category_accuracy"] == pytest.approx(0.8)  # type: ignore[arg-type]
