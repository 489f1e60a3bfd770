"""The estimators of evaluation/likelihood.py against models whose evidence is known exactly."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from small_models import few
from torch import Tensor, nn
from torch.distributions import Bernoulli, Independent, MultivariateNormal, Normal, kl_divergence

from vaedemo import data
from vaedemo.data import Pictures, Split
from vaedemo.evaluation import (
    conditions,
    evaluate,
    eyes,
    face_critic,
    frechet,
    likelihood,
    measures_of,
    motion,
    peers_of,
    quadrants,
)
from vaedemo.models import build, build_net
from vaedemo.models.vae import VAE
from vaedemo.recipes import KNOWN, NETS, RECIPES, Recipe

torch.set_num_threads(1)

NOISE = 0.5  # sigma of p(x|z) of the linear model
WEIGHT = torch.tensor([[1.0, 0.3], [-0.5, 0.8], [0.2, -1.1]])  # (pixels, Z)


class Hand(VAE):
    """A VAE without a net: q(z|x) is what the test says."""

    def __init__(self, z: int, shape: tuple[int, int, int]) -> None:
        nn.Module.__init__(self)
        self.gaussian, self.beta = False, 1.0
        self.z, self.shape, self.beta, self.warmup = z, shape, 1.0, 0
        self.anchor = nn.Parameter(torch.zeros(1))  # where prior() looks for the device


class Linear(Hand):
    """Probabilistic PCA (Tipping & Bishop 1999): x = W z + noise. Its posterior is Gaussian with a known covariance.

    The columns of W are made orthogonal, so that the exact posterior is an Independent Normal, as `encode` must be.
    `off` widens sigma and shifts the mean of q away from the exact posterior.
    """

    def __init__(self, off: float = 0.0) -> None:
        super().__init__(2, (3, 1, 1))
        self.weight = torch.linalg.qr(WEIGHT)[0] * torch.tensor([1.5, 0.7])
        self.off = off

    def exact(self, x: Tensor) -> Independent:
        precision = 1 + (self.weight**2).sum(0) / NOISE**2  # (Z,)
        mean = x.flatten(1) @ self.weight / NOISE**2 / precision
        return Independent(Normal(mean, precision.rsqrt().expand_as(mean)), 1)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        q = self.exact(x)
        return Independent(Normal(q.mean + self.off / 2, q.stddev * (1 + self.off)), 1)

    def distortion(self, x: Tensor, z: Tensor, y: Tensor | None = None) -> Tensor:
        return -Normal(z @ self.weight.T, NOISE).log_prob(x.flatten(1)).sum(1)

    def log_evidence(self, x: Tensor) -> Tensor:
        covariance = self.weight @ self.weight.T + NOISE**2 * torch.eye(3)
        return MultivariateNormal(torch.zeros(3), covariance).log_prob(x.flatten(1))


class FourPixels(Hand):
    """One latent, four Bernoulli pixels: p(x) is an integral over a line, and x has sixteen values."""

    def __init__(self) -> None:
        super().__init__(1, (1, 2, 2))
        self.slope, self.offset = torch.tensor([[2.0, -1.0, 0.5, 3.0]]), torch.tensor([0.2, -0.4, 0.0, 1.0])

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return (z @ self.slope + self.offset).view(-1, 1, 2, 2)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        mean = ((x.flatten(1) - 0.5) @ self.slope.T) / 3
        return Independent(Normal(mean, torch.full_like(mean, 0.8)), 1)

    def log_evidence(self, x: Tensor) -> Tensor:
        """By the trapezoid rule over 20,001 z in [-10, 10], in double precision."""
        z = torch.linspace(-10, 10, 20_001, dtype=torch.float64)[:, None]
        logits = (z @ self.slope.double() + self.offset.double())[:, None]  # (points, 1, 4)
        joint = Bernoulli(logits=logits).log_prob(x.flatten(1).double()).sum(2) + Normal(0.0, 1.0).log_prob(z)
        return torch.logsumexp(joint, 0) + math.log(20 / 20_000)


def every_x() -> Tensor:
    return torch.tensor([[float(k >> bit & 1) for bit in range(4)] for k in range(16)]).view(-1, 1, 2, 2)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def test_the_oracle_is_a_distribution() -> None:
    assert float(FourPixels().log_evidence(every_x()).exp().sum()) == pytest.approx(1, abs=1e-6)


def test_nll_of_bernoulli_pixels_is_the_integral() -> None:
    """Within five standard errors of the weights' mean, and most within two: neither biased nor worse than claimed."""
    model, x = FourPixels(), every_x()
    truth = -model.log_evidence(x)
    samples = 4_000
    estimate = likelihood.negative_log_likelihood(model, x, samples)
    q = model.encode(x)
    z = q.sample(torch.Size([samples]))  # (S, 16, 1)
    log_likelihood = torch.stack([-model.distortion(x, one) for one in z])
    weights = (log_likelihood + model.prior().log_prob(z) - q.log_prob(z) + truth).exp()  # their mean is 1
    error = weights.std(0) / math.sqrt(samples)
    assert ((estimate - truth).abs() < 5 * error + 1e-4).all()
    assert ((estimate - truth).abs() < 2 * error).float().mean() > 0.7


def test_nll_tightens_from_above() -> None:
    model, x = FourPixels(), every_x().repeat(15, 1, 1, 1)
    truth = -model.log_evidence(x).mean()
    few, more, many = (likelihood.negative_log_likelihood(model, x, k).mean() - truth for k in (1, 5, 300))
    assert few > more > many > -0.01
    assert many < 0.01


@pytest.mark.parametrize("off", [0.0, 0.4])
def test_nll_of_the_linear_model_is_its_gaussian(off: float) -> None:
    model, x = Linear(off), torch.randn(50, 3, 1, 1)
    estimate = likelihood.negative_log_likelihood(model, x, 1_000)
    # Under the exact posterior every weight is p(x) itself: no sample deviates.
    torch.testing.assert_close(estimate, -model.log_evidence(x), rtol=0, atol=1e-4 if off == 0 else 0.12)


@pytest.mark.parametrize("off", [0.0, 0.4, 1.0])
def test_elbo_lies_below_by_the_divergence_to_the_posterior(off: float) -> None:
    model, x = Linear(off), torch.randn(20, 3, 1, 1)
    draws = [likelihood._elbo_terms(model, x, x.new_zeros(len(x), 0)) for _ in range(1_500)]
    elbo = -torch.stack([distortion + rate.sum(1) for distortion, rate, _ in draws])  # (draws, 20)
    gap = model.log_evidence(x) - elbo.mean(0)
    error = elbo.std(0) / math.sqrt(len(draws))
    expected = kl_divergence(model.encode(x), model.exact(x))
    assert ((gap - expected).abs() < 5 * error + 1e-4).all()
    assert (gap > -5 * error - 1e-4).all()
    assert (expected.max() < 1e-5) == (off == 0)


def test_a_gap_means_the_posterior_is_not_exact() -> None:
    model, x = FourPixels(), every_x()
    elbo = torch.stack(
        [
            -(d + r.sum(1))
            for d, r, _ in (likelihood._elbo_terms(model, x, x.new_zeros(len(x), 0)) for _ in range(2_000))
        ]
    )
    assert (elbo.mean(0) < model.log_evidence(x)).all()


def test_active_latents_are_those_whose_mean_varies() -> None:
    class Codes(FourPixels):
        """Means of variance 0.0064, 0.0144 and 1 over black and white pictures, and one that never varies."""

        def __init__(self) -> None:
            super().__init__()
            self.z, self.slope = 4, torch.zeros(4, 4)

        def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
            sign = 2 * x.flatten(1)[:, :1] - 1
            mean = sign * torch.tensor([0.08, 0.12, 1.0, 0.0]) + torch.tensor([0.0, 0.0, 0.0, 3.0])
            return Independent(Normal(mean, torch.ones_like(mean)), 1)

    x = torch.tensor([0, 255], dtype=torch.uint8).repeat(200).view(-1, 1, 1, 1).expand(-1, 1, 2, 2)
    metrics = likelihood.vae(Codes(), Pictures("x", True, x, torch.zeros(400)))
    assert metrics["active_dimensions"] == 2
    assert metrics["rate"] == pytest.approx(0.5 * (0.08**2 + 0.12**2 + 1 + 9), rel=1e-4)
    assert metrics["elbo"] == pytest.approx(-metrics["rate"] - metrics["distortion"], rel=1e-5)


NET = {"z": 3, "widths": [4, 6], "blocks": 1, "hidden": 16, "base": [4, 7, 7], "convs": [], "ups": [4]}


@pytest.mark.parametrize("model", ["vae", "autoencoder"])
def test_metrics_are_flat_repeatable_and_say_what_they_are(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likelihood, "NLL_PICTURES", 6)
    monkeypatch.setattr(likelihood, "NLL_SAMPLES", 100)
    recipe = Recipe("tiny", "Tiny", model, "digits", NET)
    pictures = Pictures("noise", True, torch.randint(0, 256, (30, 1, 28, 28), dtype=torch.uint8), torch.zeros(30))
    net = build(recipe)
    metrics = evaluate(net, recipe, pictures, "test")
    assert metrics == evaluate(net, recipe, pictures, "test")
    assert {type(value) for value in metrics.values()} <= {int, float, str}
    about = {"recipe": "tiny", "data": "noise", "split": "test", "seed": 0, "n": 30}
    assert about.items() <= metrics.items()
    measured = {"nll", "nll_se", "elbo", "rate", "distortion", "active_dimensions"}
    assert (measured if model == "vae" else {"distortion", "distortion_se"}) <= metrics.keys()


def test_every_headline_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """One model of each kind, on random weights and few pictures; DCI would take minutes, and heads nothing."""
    monkeypatch.setattr(likelihood, "NLL_PICTURES", 5)
    monkeypatch.setattr(likelihood, "NLL_SAMPLES", 10)
    monkeypatch.setattr(quadrants, "PICTURES", 5)
    monkeypatch.setattr(quadrants, "SAMPLES", 10)
    monkeypatch.setattr(eyes, "COUNT", 5)
    monkeypatch.setattr(conditions, "ASKED", 20)
    monkeypatch.setattr(conditions, "EPOCHS", 1)
    monkeypatch.setattr(frechet, "COUNT", 20)
    monkeypatch.setattr(face_critic, "COUNT", 20)
    monkeypatch.setattr(motion, "SAMPLES", 5)
    monkeypatch.setattr(motion, "DRAWN", 5)
    splits: dict[str, tuple[Split]] = {"turntable": ("train",)}  # which views lie between those seen is measured
    monkeypatch.setattr(data, "load", lambda name, *_, **__: few(name, *splits.get(name, ())))  # the rest is drawn once
    kinds = {(r.data, r.model, r.headline[0]): r for r in (*RECIPES.values(), *NETS.values())}
    for recipe in kinds.values():
        assert measures_of(recipe)
        key, pictures = recipe.headline[0], few(recipe.data)
        if recipe.data in ("colors", "photos", "forks", "people"):  # painted or sampled one by one
            pictures = replace(pictures, x=pictures.x[:10], y=pictures.y[:10])
        peers = {name: build_net(KNOWN[name]).eval() for name in peers_of(recipe)[0]}
        assert key in evaluate(build_net(recipe), recipe, pictures, "validation", peers, until=key)
