"""The objectives beside the plain VAE's, against closed forms: total correlation, DC-IGN's clamp, InfoGAN's prior."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Independent, MultivariateNormal, Normal

from vaedemo.models import build
from vaedemo.models.base import Batch
from vaedemo.models.dcign import DCIGN, OneFactorVaries
from vaedemo.models.factorvae import FactorVAE, permuted
from vaedemo.models.infogan import InfoGAN, shared_information
from vaedemo.models.nets import jittered
from vaedemo.models.tcvae import total_correlation
from vaedemo.models.vae import VAE
from vaedemo.recipes import RECIPES, Recipe

torch.set_num_threads(1)

NET = {"widths": [4, 6], "blocks": 0, "hidden": 16, "base": [4, 4, 4], "convs": [], "ups": [4, 4], "shape": [1, 64, 64]}
NET |= {"shuffle": 4, "head": 8, "norm": False}


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def normal(mean: Tensor, deviation: Tensor) -> Independent:
    return Independent(Normal(mean, deviation), 1)


# --- total correlation -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_total_correlation_of_a_gaussian_code(correlation: float) -> None:
    """q(z) = N(0, C) as a mixture of posteriors wide enough to overlap: its total correlation is -log det C / 2."""
    covariance = torch.tensor([[1.0, correlation], [correlation, 1.0]])
    noise = 0.09  # variance of each posterior; the means bring the rest
    means = MultivariateNormal(torch.zeros(2), covariance - noise * torch.eye(2)).sample(torch.Size([2_000]))
    posterior = normal(means, torch.full_like(means, math.sqrt(noise)))
    estimate = float(total_correlation(posterior, posterior.sample()))
    assert estimate == pytest.approx(-0.5 * math.log(1 - correlation**2), abs=0.06)


def test_the_tcvae_is_a_vae_where_beta_is_one() -> None:
    plain = build(Recipe("x", "X", "vae", "sprites", {"z": 3, **NET}))
    dear = build(Recipe("x", "X", "tcvae", "sprites", {"z": 3, **NET}, {"beta": 1.0}))
    dear.load_state_dict(plain.state_dict())
    batch = Batch((torch.rand(6, 1, 64, 64) > 0.5).float(), torch.zeros(6, 1), 0)
    totals = []
    for model in (plain, dear):
        torch.manual_seed(1)
        totals.append(float(model("model", batch)["total"].detach()))
    assert totals[0] == pytest.approx(totals[1], rel=1e-6)


def test_the_pressure_falls_to_one() -> None:
    recipe = Recipe("x", "X", "tcvae", "sprites", {"z": 3, **NET}, {"beta": 6.0, "pressure": 20.0, "warmup": 99})
    model = build(recipe)
    for step, dearness in ((0, 20 ** (1 - 0.01)), (49, 20**0.5), (99, 1.0), (5_000, 1.0)):
        torch.manual_seed(1)
        terms = {k: float(v.detach()) for k, v in model("model", a_batch(step)).items()}
        wanted = terms["distortion"] + dearness * (terms["rate"] + 5 * terms["correlation"])
        assert terms["total"] == pytest.approx(wanted, rel=1e-5)


def a_batch(step: int = 0, count: int = 6) -> Batch:
    return Batch((torch.rand(count, 1, 64, 64) > 0.5).float(), torch.zeros(count, 1), step)


def test_permuted_codes_keep_each_latent_and_lose_what_they_share() -> None:
    z = torch.randn(4_000, 1).expand(-1, 2) + 0.1 * torch.randn(4_000, 2)
    apart = permuted(z)
    torch.testing.assert_close(apart.sort(0).values, z.sort(0).values)
    assert float(torch.corrcoef(z.T)[0, 1]) > 0.98
    assert abs(float(torch.corrcoef(apart.T)[0, 1])) < 0.06


def test_the_critic_learns_the_total_correlation() -> None:
    """Trained on codes whose total correlation is known, the critic's mean comes near it."""
    correlation = 0.8
    truth = -0.5 * math.log(1 - correlation**2)
    root = torch.linalg.cholesky(torch.tensor([[1.0, correlation], [correlation, 1.0]]))

    class Known(FactorVAE):
        def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
            z = torch.randn(len(x), 2) @ root.T
            return normal(z, torch.full_like(z, 1e-4))

    model = Known(gamma=1.0, critic=[32, 32], z=2, **NET)
    optimizer = torch.optim.Adam(model.players()["critic"].parameters, lr=1e-2)
    batch = a_batch(count=512)
    for _ in range(250):
        optimizer.zero_grad()
        model("critic", batch)["total"].backward()
        optimizer.step()
    with torch.no_grad():
        estimate = float(model.critic(torch.randn(20_000, 2) @ root.T).mean())
    assert estimate == pytest.approx(truth, abs=0.12)


def test_each_player_moves_its_own_parameters_alone() -> None:
    for name in ("sprites-factor", "digits-infogan"):
        model = build(RECIPES[name])
        players = model.players()
        owned = [id(p) for player in players.values() for p in player.parameters]
        assert sorted(owned) == sorted(id(p) for p in model.parameters())
        assert len(set(owned)) == len(owned)
        shape = (4, *model.shape)
        for player, who in players.items():
            model.zero_grad(set_to_none=True)
            model(player, Batch((torch.rand(shape) > 0.5).float(), torch.zeros(4), 0))["total"].backward()
            assert all(p.grad is not None for p in who.parameters), (name, player)


# --- the Gaussian likelihood -----------------------------------------------------------------------------------------


def test_gaussian_distortion_is_the_negative_log_density() -> None:
    model = VAE(z=3, likelihood="gaussian", **NET).eval()
    model.noise.fill_(0.2)
    x, z = torch.rand(4, 1, 64, 64), torch.randn(4, 3)
    pixels = Normal(model.render(model.decode(z)), 0.2)
    torch.testing.assert_close(model.distortion(x, z), -pixels.log_prob(x).flatten(1).sum(1), rtol=1e-4, atol=1e-2)


def test_the_noise_is_the_training_error() -> None:
    """In training sigma is the batch's RMSE, whose density is the greatest; the stored one follows it."""
    model = VAE(z=3, likelihood="gaussian", **NET).train()
    x, z = torch.rand(4, 1, 64, 64), torch.randn(4, 3)
    error = float((model.render(model.decode(z)) - x).detach().square().mean().sqrt())
    with torch.no_grad():
        for _ in range(1_499):
            model.distortion(x, z)
        best = model.distortion(x, z)
    assert float(model.noise) == pytest.approx(error, rel=1e-3)
    model.eval()
    torch.testing.assert_close(model.distortion(x, z), best, rtol=1e-3, atol=0.5)
    for other in (0.8 * error, 1.25 * error):
        model.noise.fill_(other)
        assert model.distortion(x, z).mean() > best.mean()


# --- DC-IGN ----------------------------------------------------------------------------------------------------------


def a_dcign(**objective: float) -> DCIGN:
    return DCIGN(codes=[2], group=3, z=5, likelihood="gaussian", **NET, **objective)  # type: ignore[arg-type]


def test_latents_of_what_does_not_vary_are_clamped_to_their_minibatch() -> None:
    model = a_dcign()
    posterior = normal(torch.randn(6, 5), torch.rand(6, 5) + 0.1)
    angles = torch.tensor([[0, 10], [0, 20], [0, 30], [4, 50], [4, 60], [4, 70]])  # two things, each turning
    clamped = model.clamped(posterior, angles).base_dist
    mean = posterior.mean
    torch.testing.assert_close(clamped.mean[:, :2], mean[:, :2])  # the angle's own are free
    wanted = torch.cat([mean[:3, 2:].mean(0).expand(3, -1), mean[3:, 2:].mean(0).expand(3, -1)])
    torch.testing.assert_close(clamped.mean[:, 2:], wanted)
    things = angles.flip(1)  # now the thing varies and the angle is fixed
    clamped = model.clamped(posterior, things).base_dist
    torch.testing.assert_close(clamped.mean[:, 2:], mean[:, 2:])
    torch.testing.assert_close(clamped.mean[:3, :2], mean[:3, :2].mean(0).expand(3, -1))


def test_a_clamped_latent_is_pulled_to_its_mean_and_by_nothing_else() -> None:
    model = a_dcign(invariance=0.5)
    mean = torch.randn(6, 5, requires_grad=True)
    angles = torch.tensor([[0, 10], [0, 20], [0, 30], [4, 50], [4, 60], [4, 70]])
    clamped = model.clamped(normal(mean, torch.full((6, 5), 0.3)), angles).base_dist.mean
    (7.0 * clamped).sum().backward()
    assert mean.grad is not None
    torch.testing.assert_close(mean.grad[:, :2], torch.full((6, 2), 7.0))
    difference = mean.detach()[:3, 2:] - mean.detach()[:3, 2:].mean(0)
    torch.testing.assert_close(mean.grad[:3, 2:], 0.5 / 6 * difference)


def test_in_each_minibatch_one_factor_varies() -> None:
    y = torch.cartesian_prod(torch.arange(5), torch.arange(0, 90, 15), torch.tensor([-10, 0, 20]))
    order = OneFactorVaries(y, batch=12, group=4, identity=10, seed=3)
    often = torch.zeros(3)
    for step in range(400):
        chosen = order.batch(step)
        assert len(chosen) == 12
        groups = y[chosen].view(3, 4, 3)
        varies = (groups != groups[:, :1]).any(1)  # (minibatches, factors)
        assert (varies.sum(1) == 1).all()
        assert (varies == varies[0]).all()
        often += varies[0]
    assert torch.allclose(often / 400, torch.tensor([10.0, 1, 1]) / 12, atol=0.06)
    assert torch.equal(order.batch(17), OneFactorVaries(y, 12, 4, 10, 3).batch(17))  # a resumed run sees the same


def test_small_families_are_filled_up_and_lonely_pictures_left_out() -> None:
    y = torch.tensor([[0, 0], [0, 1], [1, 0], [2, 7]])
    order = OneFactorVaries(y, batch=4, group=4, identity=10, seed=0)
    seen = torch.cat([order.batch(step) for step in range(50)])
    assert 3 not in seen
    with pytest.raises(ValueError, match="does not hold whole minibatches"):
        OneFactorVaries(y, batch=6, group=4, identity=10, seed=0)


# --- InfoGAN ---------------------------------------------------------------------------------------------------------


def test_the_prior_of_an_infogan() -> None:
    model = build(RECIPES["digits-infogan"]).eval()
    assert isinstance(model, InfoGAN)
    z = model.from_normal(torch.randn(20_000, model.z))
    category, codes, noise = z.split([10, 2, 62], 1)
    assert (category.sum(1) == 1).all()
    assert set(category.unique().tolist()) == {0.0, 1.0}
    assert torch.allclose(category.mean(0), torch.full((10,), 0.1), atol=0.01)
    assert codes.abs().max() <= 1
    assert torch.allclose(codes.std(0), torch.full((2,), 1 / math.sqrt(3)), atol=0.01)  # uniform on [-1, 1]
    assert torch.allclose(noise.std(0), torch.ones(62), atol=0.03)
    assert model.sample(3, seed=5).shape == (3, 1, 28, 28)
    with pytest.raises(NotImplementedError):
        model.encode(torch.zeros(1, 1, 28, 28))


def test_both_players_of_an_infogan_learn_of_the_information() -> None:
    model = build(RECIPES["digits-infogan"])
    assert isinstance(model, InfoGAN)
    players, weights = model.players(), {"category": model.information, "codes": model.continuous}
    for step, known in ((model.warmup, {"category"}), (model.styles, {"category", "codes"})):
        batch = Batch(torch.rand(8, 1, 28, 28), torch.zeros(8, dtype=torch.int64), int(step))
        for name, own in (("discriminator", "caught"), ("generator", "fooled")):
            torch.manual_seed(0)
            terms = model(name, batch)
            model.zero_grad()
            terms["total"].backward()
            assert all(p.grad is not None and p.grad.any() for p in players[name].parameters)
            torch.manual_seed(0)
            told = model("generator", batch)
            parts = terms[own] + sum(weights[term] * told[term] for term in known)
            parts = parts - model.iic * terms.get("shared", 0)
            assert torch.allclose(terms["total"], parts, atol=1e-4)


def test_an_infogan_keeps_statistics_of_real_pictures_alone() -> None:
    model = build(RECIPES["digits-infogan"])
    assert isinstance(model, InfoGAN)
    norms = [layer for layer in model.trunk if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
    assert norms

    def kept() -> list[torch.Tensor]:
        return [norm.running_mean.clone() for norm in norms if norm.running_mean is not None]

    batch = Batch(torch.rand(8, 1, 28, 28), torch.zeros(8, dtype=torch.int64), 0)
    before = kept()
    model("generator", batch)
    assert all(torch.equal(old, new) for old, new in zip(before, kept(), strict=True))
    model("discriminator", batch)
    assert not any(torch.equal(old, new) for old, new in zip(before, kept(), strict=True))


def test_the_information_that_two_guesses_share() -> None:
    sure = torch.eye(10).repeat(5, 1)
    assert float(shared_information(sure, sure)) == pytest.approx(math.log(10), abs=1e-4)
    assert float(shared_information(sure, torch.full((50, 10), 0.1))) == pytest.approx(0, abs=1e-5)
    renamed = shared_information(sure, sure.roll(1, 1))  # a guess keeps its name: two looks, two names
    assert float(renamed) == pytest.approx(math.log(5), abs=1e-4)
    assert float(shared_information(sure[:1], sure[:1])) == pytest.approx(0, abs=1e-5)  # one category for all
    one, other = torch.rand(2, 40, 3, dtype=torch.float64).softmax(2)
    joint = np.zeros((3, 3))
    for p, q in zip(one.numpy(), other.numpy(), strict=True):
        joint += (np.outer(p, q) + np.outer(q, p)) / 80
    entropy = -(joint.sum(0) * np.log(joint.sum(0))).sum()
    told = 2 * entropy + (joint * np.log(joint)).sum()  # I = H(one) + H(other) - H(both)
    assert float(shared_information(one, other)) == pytest.approx(told, abs=1e-6)


def test_a_jittered_picture_is_the_same_thing_elsewhere() -> None:
    x = torch.zeros(4_000, 1, 28, 28)
    x[:, :, 12:16, 10:18] = 1
    assert jittered(x, 0) is x
    moved = jittered(x, 0.1)
    places = torch.arange(28.0)
    ink = moved.sum((1, 2, 3))
    centres = (moved.sum(2) * places).sum((1, 2)) / ink
    assert ink.mean() == pytest.approx(32, rel=0.03)
    assert centres.mean() == pytest.approx(13.5, abs=0.1)
    assert centres.std() == pytest.approx(0.1 / 2 * 14, rel=0.2)  # half a jitter of half the picture's width
