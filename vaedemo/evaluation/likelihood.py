"""Likelihoods of a VAE: the ELBO and its two terms, and log p(x) by importance sampling."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Independent

from vaedemo.data import Pictures
from vaedemo.evaluation.registry import measure
from vaedemo.models.vae import VAE

NLL_PICTURES = 1_000
NLL_SAMPLES = 1_000
ACTIVE = 0.01  # Burda et al. 2016: a latent is active if the variance of its posterior mean over the data exceeds this

_BOUND = {
    "elbo": "nats a picture",
    "rate": "KL(q(z∣x) ‖ p(z)), nats a picture",
    "distortion": "-E_q[log p(x∣z)], nats a picture",
    "objective": "distortion + beta * rate, nats a picture",
    "active_dimensions": "latents whose posterior mean varies over the data (variance > 0.01; Burda et al. 2016)",
}


@measure("digits", "vae", units={"nll": "-log p(x), nats a picture, importance sampling from q", **_BOUND})
def vae(model: VAE, pictures: Pictures) -> dict[str, float]:
    """NLL (importance sampling, a fixed random 1,000 pictures), and what `elbo` gives, on the same binarization."""
    x = _observed(model, pictures)
    y = model.condition(pictures.y)
    bound = _bound(model, x, y)
    chosen = torch.randperm(len(x))[:NLL_PICTURES]
    nll = negative_log_likelihood(model, x[chosen], NLL_SAMPLES, y[chosen])
    return {
        "nll": float(nll.mean()),
        "nll_se": standard_error(nll),
        "nll_n": len(chosen),
        "nll_samples": NLL_SAMPLES,
        **bound,
    }


@measure("digits", "cvae", units=_BOUND)
@measure("sprites", "vae", "tcvae", "factorvae", units=_BOUND)
@measure("turntable", "vae", "dcign", units=_BOUND)
@measure("lighting", "dcign", units=_BOUND)
@measure("faces", "vae", "attributecvae", "vaedis", "vaegan", units=_BOUND)
@measure("portraits", "discvae", units=_BOUND)
def elbo(model: VAE, pictures: Pictures) -> dict[str, float]:
    """ELBO, rate and distortion (all pictures), active latents, and where beta is not 1 the objective.

    Where p(x|z) is Bernoulli the pictures are binarized once, with the seed that the caller set; where it is Gaussian,
    the ELBO bounds a density.
    """
    return _bound(model, _observed(model, pictures), model.condition(pictures.y))


def _observed(model: VAE, pictures: Pictures) -> Tensor:
    x = pictures.floats(slice(None))
    return x if model.gaussian else torch.bernoulli(x)


def _bound(model: VAE, x: Tensor, y: Tensor) -> dict[str, float]:
    parts = [_elbo_terms(model, part, given) for part, given in zip(x.split(500), y.split(500))]
    distortion, rate, means = (torch.cat(values) for values in zip(*parts, strict=True))
    bound = -(distortion + rate.sum(1))
    numbers = {
        "elbo": float(bound.mean()),
        "elbo_se": standard_error(bound),
        "rate": float(rate.sum(1).mean()),
        "distortion": float(distortion.mean()),
        "active_dimensions": int((means.var(0) > ACTIVE).sum()),
    }
    if model.beta != 1:
        numbers["objective"] = numbers["distortion"] + model.beta * numbers["rate"]
    return numbers


@measure("digits", "autoencoder", units={"distortion": "-E_q[log p(x∣z)], nats a picture"})
def autoencoder(model: VAE, pictures: Pictures) -> dict[str, float]:
    """A plain autoencoder has no likelihood of x, only the distortion of its one reconstruction, in nats a picture."""
    x = torch.bernoulli(pictures.floats(slice(None)))
    distortion = torch.cat([model.distortion(part, model.encode(part).mean) for part in x.split(500)])
    return {"distortion": float(distortion.mean()), "distortion_se": standard_error(distortion)}


def negative_log_likelihood(model: VAE, x: Tensor, samples: int, y: Tensor | None = None) -> Tensor:
    """-log p(x) in nats, (B,): logmeanexp over `samples` draws of q(z|x) of p(x|z) p(z) / q(z|x) (Burda et al. 2016).

    An upper bound in expectation that tightens with `samples`. x is binary, (B, C, H, W). With conditions y (B, Y) all
    of it is given y: the answer is -log p(x|y).
    """
    prior = model.prior()
    answers = []
    for one, given in zip(x.split(1), (x.new_zeros(len(x), 0) if y is None else y).split(1)):
        q = model.encode(one, given)
        z = q.sample(torch.Size([samples]))[:, 0]  # (samples, Z)
        weights = prior.log_prob(z) + _log_likelihood(model, one, z, given) - q.log_prob(z[:, None])[:, 0]
        answers.append(math.log(samples) - torch.logsumexp(weights, 0))
    return torch.stack(answers)


def _log_likelihood(model: VAE, one: Tensor, z: Tensor, y: Tensor) -> Tensor:
    """log p(x|z, y) of one picture (1, C, H, W) for every code (S, Z), (S,), in pieces that fit the cache."""

    def piece(z: Tensor) -> Tensor:
        return -model.distortion(one.expand(len(z), *one.shape[1:]), z, y.expand(len(z), -1))

    return torch.cat([piece(some) for some in z.split(250)])


def _elbo_terms(model: VAE, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    q: Independent = model.encode(x, y)
    return model.distortion(x, q.rsample(), y), model.rate(q), q.mean


def standard_error(values: Tensor) -> float:
    """Of the mean of independent values, (N,)."""
    return float(values.std() / math.sqrt(len(values)))
