"""fitting.py against the posterior of a linear-Gaussian model, which is known in closed form."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Independent, Normal

from vaedemo.models.vae import VAE
from vaedemo.vision.latent_inversion import fitted

torch.set_num_threads(1)
SIDE, Z, NOISE = 4, 3, 0.5
D = 3 * SIDE * SIDE


class Linear(VAE):
    """p(x|z, y) = N(W z + V y, NOISE^2): its posterior is Gaussian, with mean and covariance in closed form."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        dice = torch.Generator().manual_seed(0)
        self.z, self.y, self.shape, self.gaussian, self.noise = Z, 1, (3, SIDE, SIDE), True, torch.tensor(NOISE)
        self.w, self.v = (torch.randn(D, k, generator=dice) / 4 for k in (Z, 1))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        assert y is not None
        return (z @ self.w.T + y @ self.v.T).view(-1, 3, SIDE, SIDE)

    def render(self, decoded: Tensor) -> Tensor:
        return decoded

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        return Independent(Normal(torch.full((len(x), Z), 2.0), torch.ones(len(x), Z)), 1)  # a poor guess


@pytest.fixture
def half() -> Tensor:
    visible = torch.ones(SIDE, SIDE)
    visible[:, 2:] = 0
    return visible


def posterior(model: Linear, x: Tensor, y: Tensor, visible: Tensor) -> tuple[Tensor, Tensor]:
    seen = visible.expand(3, -1, -1).flatten() > 0
    w, rest = model.w[seen], (x.flatten() - model.v @ y)[seen]
    covariance = torch.linalg.inv(torch.eye(Z) + w.T @ w / NOISE**2)
    return covariance @ w.T @ rest / NOISE**2, covariance


def last(*args: object, **options: object) -> Tensor:
    *_, (_, z) = fitted(*args, **options)  # type: ignore[arg-type]
    return z


def test_the_mode_is_the_posteriors_mean(half: Tensor) -> None:
    model, x, y = Linear(), torch.rand(3, SIDE, SIDE), torch.tensor([0.7])
    for visible in (None, half):
        mean, _ = posterior(model, x, y, torch.ones(SIDE, SIDE) if visible is None else visible)
        torch.testing.assert_close(last(model, x, y, visible, steps=600)[0], mean, atol=2e-3, rtol=0)


def test_spread_answers_are_draws_from_the_posterior(half: Tensor) -> None:
    model, x, y = Linear(), torch.rand(3, SIDE, SIDE), torch.tensor([-0.4])
    mean, covariance = posterior(model, x, y, half)
    z = last(model, x, y, half, 4_000, True, seed=3, steps=600)
    torch.testing.assert_close(z.mean(0), mean, atol=0.05, rtol=0)
    torch.testing.assert_close(z.T.cov(), covariance, atol=0.05, rtol=0)


def test_hidden_pixels_say_nothing(half: Tensor) -> None:
    model, y = Linear(), torch.tensor([0.0])
    x = torch.rand(3, SIDE, SIDE)
    other = torch.where(half > 0, x, torch.rand(3, SIDE, SIDE))
    assert torch.equal(last(model, x, y, half), last(model, other, y, half))


def test_it_tells_of_its_steps_and_the_same_seed_gives_the_same() -> None:
    model, x, y = Linear(), torch.rand(3, SIDE, SIDE), torch.tensor([0.0])
    told = list(fitted(model, x, y, n=2, spread=True, seed=7, steps=25))
    assert [step for step, _ in told] == [10, 20, 25]
    assert all(z.shape == (2, Z) and not z.requires_grad for _, z in told)
    assert torch.equal(told[-1][1], last(model, x, y, n=2, spread=True, seed=7, steps=25))
    assert not torch.equal(told[-1][1], last(model, x, y, n=2, spread=True, seed=8, steps=25))


def test_a_bernoulli_model_is_refused() -> None:
    model = Linear()
    model.gaussian = False
    with pytest.raises(ValueError, match="Gaussian"):
        last(model, torch.rand(3, SIDE, SIDE), torch.tensor([0.0]))
