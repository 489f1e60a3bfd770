"""The VAE and its net: what a model promises the loop, the evaluation and the page."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.distributions import Independent, Normal, kl_divergence

from vaedemo.data.faces import ATTRIBUTES
from vaedemo.models import build
from vaedemo.models.base import Batch
from vaedemo.models.folding import fold_batchnorm
from vaedemo.models.infogan import InfoGAN
from vaedemo.models.vae import VAE, Autoencoder
from vaedemo.models.vaegan import GAN
from vaedemo.recipes import RECIPES, Recipe

torch.set_num_threads(1)  # two threads that wait for each other are slow where other tests run beside

NET = {"widths": [4, 6], "blocks": 1, "hidden": 16, "base": [4, 7, 7], "convs": [6], "ups": [4]}
TINY = Recipe("tiny", "Tiny", "vae", "digits", {"z": 3, **NET}, {"beta": 2.0, "warmup": 9})


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def a_batch(step: int = 0, count: int = 5) -> Batch:
    return Batch(torch.rand(count, 1, 28, 28), torch.zeros(count, dtype=torch.int64), step)


def a_label(recipe: Recipe) -> torch.Tensor:
    """Three labels or factors as the recipe's data have them."""
    attributes = recipe.data in ("faces", "portraits")
    return torch.ones(3, len(ATTRIBUTES)) if attributes else torch.tensor([3, 1, 1])


def with_random_statistics(model: VAE) -> VAE:
    """BatchNorms as some training may have left them, negative gains included."""
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            assert layer.running_mean is not None
            assert layer.running_var is not None
            nn.init.normal_(layer.weight)
            nn.init.normal_(layer.bias)
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.01, 3)
    return model.eval()


OTHERWISE = ("photos", "forks", "people", "expressions")  # tests of their own: y is a picture or a face, or not shown


@pytest.mark.parametrize("name", [name for name in RECIPES if RECIPES[name].data not in OTHERWISE])
def test_every_recipe_builds_a_model_with_a_latent_space(name: str) -> None:
    recipe = RECIPES[name]
    model = build(recipe).eval()
    z = model.z
    y = model.condition(a_label(recipe))
    assert y.shape == (3, model.y)
    assert model.sample(3, y=y).shape == (3, *model.shape)
    if isinstance(model, InfoGAN | GAN):
        return  # it has no posterior
    x = torch.rand(3, *model.shape)
    posterior = model.encode(x, y)
    assert isinstance(posterior, Independent)
    assert isinstance(posterior.base_dist, Normal)
    assert (posterior.batch_shape, posterior.event_shape) == ((3,), (z,))
    assert (model.prior().batch_shape, model.prior().event_shape) == ((), (z,))
    shown = model.render(model.decode(posterior.mean, y))
    assert shown.shape == x.shape
    assert shown.min() >= 0
    assert shown.max() <= 1


def test_recipes_survive_json() -> None:
    for recipe in RECIPES.values():
        again = Recipe.from_json(recipe.to_json())
        assert build(again).state_dict().keys() == build(recipe).state_dict().keys()
        assert again == Recipe.from_json(again.to_json())


@pytest.mark.parametrize("text", ["", "[]", '{"name": "x"}', '{"unknown": 1}', "{" * 9])
def test_what_is_no_recipe_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a recipe"):
        Recipe.from_json(text)


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(ValueError, match=r"asks for the model 'oracle'; known: .*vae, autoencoder"):
        build(Recipe("x", "X", "oracle", "digits", {}))


def test_the_one_player_owns_every_parameter_once() -> None:
    model = build(TINY)
    (player,) = model.players().values()
    assert {id(p) for p in player.parameters} == {id(p) for p in model.parameters()}
    assert len(player.parameters) == len(list(model.parameters()))


@pytest.mark.parametrize(("step", "weight"), [(0, 0.2), (4, 1.0), (9, 2.0), (1_000, 2.0)])
def test_terms_are_nats_a_picture_and_the_rate_is_warmed_up(step: int, weight: float) -> None:
    model = build(TINY)
    terms = {name: term.detach() for name, term in model("model", a_batch(step)).items()}
    assert {name: term.shape for name, term in terms.items()} == dict.fromkeys(("total", "distortion", "rate"), ())
    assert float(terms["total"]) == pytest.approx(float(terms["distortion"] + weight * terms["rate"]), rel=1e-5)
    # A net that knows nothing yet says about 1/2 for each of 784 pixels: log 2 nats each, whatever the batch's size.
    assert float(terms["distortion"]) == pytest.approx(784 * 0.6931, rel=0.05)


def test_distortion_is_the_negative_log_likelihood_of_bernoulli_pixels() -> None:
    model = build(TINY).eval()
    assert isinstance(model, VAE)
    x, z = torch.bernoulli(a_batch().x), torch.randn(5, 3)
    pixels = torch.distributions.Bernoulli(logits=model.decode(z))
    torch.testing.assert_close(model.distortion(x, z), -pixels.log_prob(x).flatten(1).sum(1))


def test_the_objective_reaches_every_parameter() -> None:
    model = build(TINY)
    model("model", a_batch())["total"].backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


def test_pictures_are_binarized_afresh() -> None:
    """White noise of 0.5 costs each draw another distortion; a picture that is binary already costs the same."""
    model = build(TINY).eval()

    class Mean(VAE):
        def encode(self, x: torch.Tensor, y: torch.Tensor | None = None) -> Independent:
            return Independent(Normal(torch.zeros(len(x), 3), torch.full((len(x), 3), 1e-9), validate_args=False), 1)

    model.__class__ = Mean
    grey, black = torch.full((2, 1, 28, 28), 0.5), torch.zeros(2, 1, 28, 28)
    label = torch.zeros(2)
    with torch.no_grad():
        grey_costs = [float(model("model", Batch(grey, label, 0))["distortion"]) for _ in range(2)]
        black_costs = [float(model("model", Batch(black, label, 0))["distortion"]) for _ in range(2)]
    assert grey_costs[0] != grey_costs[1]
    assert black_costs[0] == pytest.approx(black_costs[1], rel=1e-6)


def test_rate_is_the_closed_form_and_what_samples_say() -> None:
    model = build(TINY)
    assert isinstance(model, VAE)
    mean, sigma = torch.tensor([[0.0, 1.5, -0.3], [0.2, 0.0, 2.0]]), torch.tensor([[1.0, 0.2, 0.7], [1.5, 1.0, 0.05]])
    posterior = Independent(Normal(mean, sigma), 1)
    rate = model.rate(posterior)
    assert rate.shape == (2, 3)
    torch.testing.assert_close(rate, 0.5 * (mean**2 + sigma**2 - 1) - sigma.log())
    torch.testing.assert_close(rate.sum(1), kl_divergence(posterior, model.prior().expand((2,))))
    z = posterior.sample(torch.Size([40_000]))
    differences = posterior.log_prob(z) - model.prior().log_prob(z)  # (40000, 2)
    error = differences.std(0) / 200
    assert ((differences.mean(0) - rate.sum(1)).abs() < 5 * error).all()


def test_encode_keeps_sigma_in_its_range() -> None:
    model = build(TINY).eval()
    assert isinstance(model, VAE)
    last = model.encoder[-1]
    assert isinstance(last, nn.Linear)
    nn.init.constant_(last.bias, 1e3)
    assert model.encode(a_batch().x).stddev.max() <= 20.1
    nn.init.constant_(last.bias, -1e3)
    assert model.encode(a_batch().x).stddev.min() >= 0.0024


@pytest.mark.parametrize("name", ["vae", "autoencoder"])
@pytest.mark.parametrize("seed", range(3))
def test_folded_equals_the_net_with_its_batchnorms(name: str, seed: int) -> None:
    torch.manual_seed(seed)
    objective = {} if name == "autoencoder" else TINY.objective
    recipe = Recipe("tiny", "Tiny", name, "digits", {"z": 3, **NET}, objective)
    model = with_random_statistics(build(recipe))  # type: ignore[arg-type]
    folded = fold_batchnorm(copy.deepcopy(model))
    assert not [layer for layer in folded.modules() if isinstance(layer, nn.BatchNorm2d)]
    x, z = torch.rand(4, 1, 28, 28), torch.randn(4, 3)
    torch.testing.assert_close(folded.encode(x).mean, model.encode(x).mean, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(folded.encode(x).stddev, model.encode(x).stddev, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(folded.decode(z), model.decode(z), rtol=1e-3, atol=1e-3)
    build(recipe, folded=True).load_state_dict(folded.state_dict(), strict=True)


def test_what_an_infogan_guesses_survives_folding() -> None:
    model = build(RECIPES["digits-infogan"])
    assert isinstance(model, InfoGAN)
    model.train()("discriminator", a_batch(count=16))  # statistics of some pictures
    folded = fold_batchnorm(copy.deepcopy(model.eval()))
    assert not [layer for layer in folded.modules() if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
    x = torch.rand(4, 1, 28, 28)
    torch.testing.assert_close(folded.guess(x)[0], model.guess(x)[0], rtol=1e-3, atol=1e-4)


def test_folding_twice_changes_nothing() -> None:
    once = fold_batchnorm(with_random_statistics(build(TINY)))  # type: ignore[arg-type]
    before = {name: value.clone() for name, value in once.state_dict().items()}
    after = fold_batchnorm(once).state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before | after)


@pytest.mark.parametrize(
    "chain",
    [
        nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 3, 3)),
        nn.Sequential(nn.Conv2d(3, 3, 3), nn.ReLU(), nn.BatchNorm2d(3)),
        nn.Sequential(nn.Conv2d(3, 3, 3), nn.Dropout(), nn.BatchNorm2d(3)),
    ],
)
def test_a_batchnorm_that_follows_no_linear_layer_is_refused(chain: nn.Sequential) -> None:
    with pytest.raises(ValueError, match=r"layer \d: a BatchNorm that follows no linear layer cannot be folded"):
        fold_batchnorm(chain)


def test_channels_last_changes_no_picture() -> None:
    model = with_random_statistics(build(TINY))  # type: ignore[arg-type]
    turned = copy.deepcopy(model).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    x, z = torch.rand(4, 1, 28, 28), torch.randn(4, 3)
    torch.testing.assert_close(turned.encode(x).mean, model.encode(x).mean, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(turned.decode(z), model.decode(z), rtol=1e-4, atol=1e-4)


def test_samples_are_kept_by_their_seed_and_do_not_depend_on_their_number() -> None:
    model = build(TINY).eval()
    four, nine = model.sample(4, seed=7), model.sample(9, seed=7)
    assert nine.shape == (9, 1, 28, 28)
    torch.testing.assert_close(four, nine[:4])
    assert not torch.allclose(four, model.sample(4, seed=8))
    cold = model.sample(4, temperature=0.0)
    torch.testing.assert_close(cold, cold[:1].expand_as(cold))


def test_autoencoder_has_neither_noise_nor_rate() -> None:
    model = build(Recipe("tiny", "Tiny", "autoencoder", "digits", {"z": 3, **NET}))
    assert isinstance(model, Autoencoder)
    terms = model("model", a_batch())
    assert terms.keys() == {"total", "distortion"}
    assert terms["total"] is terms["distortion"]
    model.eval()
    binary = Batch(torch.bernoulli(a_batch().x), torch.zeros(5), 0)
    assert float(model("model", binary)["total"]) == float(model("model", binary)["total"])
    assert model.encode(binary.x).stddev.max() == pytest.approx(1e-6)
