"""Exact evidence of two latents: against closed forms, and its identity log p(x) = ELBO + gap."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

import vaedemo
from vaedemo.data import Pictures
from vaedemo.evaluation import evidence
from vaedemo.models import build
from vaedemo.models.vae import VAE
from vaedemo.recipes import Recipe

torch.set_num_threads(1)
EYE = torch.eye(2, dtype=torch.float64)


class LinearGaussian:
    """x = W z + noise (Tipping & Bishop 1999), seen through one x: evidence and posterior are Gaussians, and known."""

    def __init__(self, noise: float, seed: int, pixels: int = 5, tilted: bool = True) -> None:
        dice = torch.Generator().manual_seed(seed)
        weight = torch.randn(pixels, 2, generator=dice, dtype=torch.float64)
        self.weight = weight if tilted else torch.linalg.qr(weight)[0] * torch.tensor([1.5, 0.6])
        self.noise = noise
        z = torch.randn(2, generator=dice, dtype=torch.float64)
        self.x = self.weight @ z + noise * torch.randn(pixels, generator=dice, dtype=torch.float64)
        covariance = torch.linalg.inv(EYE + self.weight.T @ self.weight / noise**2)
        self.posterior = evidence.gaussian(covariance @ self.weight.T @ self.x / noise**2, covariance)
        total = self.weight @ self.weight.T + noise**2 * torch.eye(pixels, dtype=torch.float64)
        self.log_p = float(MultivariateNormal(torch.zeros(pixels, dtype=torch.float64), total).log_prob(self.x))

    def score(self, z: Tensor) -> Tensor:
        return Normal(z.double() @ self.weight.T, self.noise).log_prob(self.x).sum(1)


@pytest.mark.parametrize("noise", [0.01, 0.03, 0.1, 0.5, 3.0])
@pytest.mark.parametrize("seed", range(3))
def test_grid_evidence_of_a_linear_model_is_its_gaussian(noise: float, seed: int) -> None:
    """Posteriors from a three-hundredth of the prior's width up to the prior itself, tilted."""
    model = LinearGaussian(noise, seed)
    counted: list[int] = []

    def counting(z: Tensor) -> Tensor:
        counted.append(len(z))
        return model.score(z)

    found = evidence.grid(counting)
    assert found.log_p == pytest.approx(model.log_p, abs=0.003)
    mean, covariance = found.moments()
    sigma = model.posterior.covariance_matrix.diagonal().sqrt()
    assert ((mean - model.posterior.mean).abs() < 0.02 * sigma).all()
    cells = found.width**2 / 12 * EYE  # a cell's own spread is not in the middles
    torch.testing.assert_close(covariance + cells, model.posterior.covariance_matrix + cells, rtol=0.05, atol=1e-7)
    assert sum(counted) < 40_000


@pytest.mark.parametrize("sigma", [0.009, 0.03, 0.2])
def test_grid_finds_every_peak_however_narrow_and_wherever(sigma: float) -> None:
    """Five peaks off the grid, of unequal height, one of them far out in the prior."""
    middles = torch.tensor([[0.31, -0.47], [0.35, -0.4], [-2.2, 1.9], [3.6, 0.1], [-0.013, 0.07]]).double()
    heights = torch.tensor([0.0, -1.0, 0.5, 5.0, -0.3]).double()
    peaks = MultivariateNormal(middles, sigma**2 * EYE.expand(5, 2, 2))

    def score(z: Tensor) -> Tensor:
        return torch.logsumexp(peaks.log_prob(z.double()[:, None]) + heights, 1)

    blurred = MultivariateNormal(torch.zeros(2).double(), (1 + sigma**2) * EYE)
    truth = float(torch.logsumexp(blurred.log_prob(middles) + heights, 0))
    assert evidence.grid(score).log_p == pytest.approx(truth, abs=0.01)


@pytest.mark.parametrize("off", [0.0, 0.7])
def test_importance_sampling_says_how_far_off_it_is(off: float) -> None:
    """Also from a q that is too narrow and beside the posterior: the mixture keeps its weights bounded."""
    torch.manual_seed(0)
    model = LinearGaussian(0.2, 1, tilted=False)
    sigma = model.posterior.covariance_matrix.diagonal().sqrt().float()
    q = Independent(Normal(model.posterior.mean.float() + off * sigma, sigma * (1 - off / 2)), 1)
    runs = [evidence.importance(model.score, q, 2_000) for _ in range(40)]
    away = torch.tensor([(found - model.log_p) / error for found, error in runs])
    assert away.abs().max() < 4.5
    assert 0.5 < away.std() < 1.6
    assert all(0 < error < 0.15 for _, error in runs)


def test_throws_of_the_prior_come_out_low() -> None:
    torch.manual_seed(0)
    model = LinearGaussian(0.05, 2)
    few = torch.tensor([evidence.naive(model.score, 2, 30)[0] for _ in range(60)])
    assert few.median() < model.log_p - 2
    found, error = evidence.naive(model.score, 2, 200_000)
    assert abs(found - model.log_p) < 5 * error


@pytest.mark.parametrize("noise", [0.03, 0.3])
def test_evidence_is_elbo_plus_gap_over_a_thousand_ellipses(noise: float) -> None:
    """All three by different sums, and each against its closed form; the gap is never negative."""
    model = LinearGaussian(noise, 5)
    found = evidence.grid(model.score)
    dice = torch.Generator().manual_seed(1)
    prior = MultivariateNormal(torch.zeros(2).double(), EYE)
    for _ in range(500):
        q = evidence.random_ellipse(found, dice)
        gap = evidence.gap(model.score, q, found.log_p)
        assert gap > -0.003
        assert gap == pytest.approx(float(kl_divergence(q, model.posterior)), abs=0.005)
        elbo = evidence.elbo(model.score, q)
        assert elbo == pytest.approx(found.log_p - gap, abs=0.005)
        exact = model.log_p - float(kl_divergence(q, model.posterior))
        assert elbo == pytest.approx(exact, abs=1e-6 * abs(exact) + 1e-6)
        assert float(kl_divergence(q, prior)) > 0


def test_identity_holds_where_the_score_bends() -> None:
    """|a . z|, as of a ReLU's kink, under an ellipse thirty times as long as wide that crosses it: the mean is known,
    and no polynomial."""
    angle, scale = 0.4, 60.0
    across = torch.tensor([math.cos(angle), math.sin(angle)], dtype=torch.float64)
    axes = torch.diag(torch.tensor([0.6, 0.02], dtype=torch.float64))
    q = evidence.gaussian(torch.tensor([0.3, -0.2]), axes @ axes)

    def score(z: Tensor) -> Tensor:
        return -scale * (z.double() @ across).abs()

    middle, sigma = float(q.mean @ across), float((across @ q.covariance_matrix @ across).sqrt())
    folded = sigma * math.sqrt(2 / math.pi) * math.exp(-((middle / sigma) ** 2) / 2) + middle * math.erf(
        middle / sigma / math.sqrt(2)
    )
    standard = MultivariateNormal(torch.zeros(2).double(), EYE)
    wanted = -scale * folded - float(kl_divergence(q, standard))
    assert evidence.elbo(score, q) == pytest.approx(wanted, abs=0.03)
    log_p = evidence.grid(score).log_p
    assert log_p == pytest.approx(evidence.elbo(score, q) + evidence.gap(score, q, log_p), abs=0.05)


def test_gap_is_nothing_only_at_the_posterior_itself() -> None:
    model = LinearGaussian(0.1, 3)
    assert evidence.gap(model.score, model.posterior, model.log_p) == pytest.approx(0, abs=1e-6)
    moved = evidence.gaussian(model.posterior.mean + 0.1, model.posterior.covariance_matrix)
    assert evidence.gap(model.score, moved, model.log_p) > 0.05


def test_identity_holds_for_the_shipped_digits() -> None:
    """A drawn digit under weights/digits-2d: bent posteriors, kinks of the ReLUs and all."""
    model = vaedemo.load("digits-2d")
    assert isinstance(model, VAE)
    x = (model.sample(1, seed=5) > 0.5).float()
    score = evidence.scorer(model, x)
    with torch.inference_mode():
        found = evidence.grid(score)
        for q in (evidence.of_encoder(model.encode(x)), *(evidence.random_ellipse(found, DICE) for _ in range(8))):
            gap = evidence.gap(score, q, found.log_p)
            assert gap > 0
            assert found.log_p == pytest.approx(evidence.elbo(score, q) + gap, abs=0.05)
        estimate, error = evidence.importance(score, evidence.single(model.encode(x)), 3_000)
        distortion = float(model.distortion(x, torch.zeros(1, 2)))
    assert abs(estimate - found.log_p) < 5 * error + 0.005
    assert error < 0.1
    assert float(score(torch.zeros(1, 2))) == pytest.approx(-distortion, abs=1e-4)


DICE = torch.Generator().manual_seed(2)
NET = {"widths": [4, 6], "blocks": 1, "hidden": 16, "base": [4, 7, 7], "convs": [], "ups": [4]}


def test_what_is_measured_of_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in (("PICTURES", 2), ("SAMPLES", 200), ("ELLIPSES", 4)):
        monkeypatch.setattr(evidence, name, few)
    pictures = Pictures("noise", True, torch.randint(0, 256, (3, 1, 28, 28), dtype=torch.uint8), torch.zeros(3))

    def measured(z: int, beta: float) -> dict[str, float]:
        torch.manual_seed(0)
        model = build(Recipe("tiny", "Tiny", "vae", "digits", {"z": z, **NET}, {"beta": beta}))
        assert isinstance(model, VAE)
        nn.init.normal_(model.decoder[-1].weight, std=0.5)  # type: ignore[arg-type]
        with torch.inference_mode():
            return evidence.exact(model.eval(), pictures)

    found = measured(2, 1.0)
    assert (found["evidence_pictures"], found["evidence_samples"], found["gap_ellipses"]) == (2, 200, 4)
    assert found["evidence_error"] < 5 * found["evidence_error_se"] + 0.01
    assert found["evidence_identity_error"] < 0.05
    assert found["gap_min"] > -0.01
    assert measured(3, 1.0) == measured(2, 4.0) == {}
    assert math.isfinite(sum(found.values()))
