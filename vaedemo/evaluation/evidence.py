"""The evidence log p(x) of a VAE with two latents, exactly: where the plane can be summed, nothing need be estimated.

All of it is of one picture x, black or white, (1, C, H, W), under one model without a condition; nats throughout.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, MultivariateNormal, Normal, kl_divergence

from vaedemo.data import Pictures
from vaedemo.evaluation.registry import measure
from vaedemo.models.vae import VAE

REACH, SIDE = 4.5, 64  # the plane that is summed, |z| <= REACH, and its first cells along a side
DEEPEST = 8  # halvings of a cell: 4.5 / 64 / 2^7 is 0.0005, a tenth of the narrowest posterior's sigma
RESOLVED = 1.25  # cells this wide, in the posterior's smaller sigma, sum a Gaussian to 2 e^-12
AGREED = 0.005  # nats between two sums, one finer than the other
# A cell is halved if its joint is within so many nats of the greatest: far more at first, since the middle of a wide
# cell may lie many sigmas from a peak inside it.
NEAR, FAR = 14.0, 120.0
AT_ONCE = 250  # codes decoded in one pass: they fit the cache
GAP_REACH, ELBO_REACH = 5.5, 6.5  # the disks that each is summed over, in q's sigmas: two lattices, no error shared
SPACINGS = 0.33, 0.23, 0.16, 0.11  # of their points, finer and finer until two sums agree
PICTURES, SAMPLES, ELLIPSES = 100, 100_000, 1_000  # what `measured` takes

Score = Callable[[Tensor], Tensor]
"""log p(x|z) in nats, (n,) in float64, of codes (n, Z)."""


@dataclass(frozen=True)
class Evidence:
    """log p(x), and the cells it was summed over: where the posterior is."""

    log_p: float
    z: Tensor  # (n, 2), the middles of the cells
    log_mass: Tensor  # (n,), of each cell: log p(x, z) + log area
    width: float  # of the smallest cells

    def moments(self) -> tuple[Tensor, Tensor]:
        """The posterior's mean (2,) and covariance (2, 2)."""
        return _moments(self.z, self.log_mass)


def scorer(model: VAE, x: Tensor) -> Score:
    """log p(x|z) under `model` of one picture x (1, C, H, W), for codes (n, Z)."""

    def piece(z: Tensor) -> Tensor:
        return -model.distortion(x.expand(len(z), *x.shape[1:]), z).double()

    @torch.no_grad()
    def score(z: Tensor) -> Tensor:
        return torch.cat([piece(some) for some in z.float().split(AT_ONCE)])

    return score


def log_prior(z: Tensor) -> Tensor:
    """log N(z; 0, I), (n,)."""
    return -0.5 * z.double().square().sum(1) - z.shape[1] / 2 * math.log(2 * math.pi)


def grid(score: Score) -> Evidence:
    """log p(x) = log of the integral of p(x|z) p(z) over the plane, by the midpoint rule on cells that are halved where
    the posterior is, until they are hardly wider than its smaller sigma and two halvings agree."""
    width = 2 * REACH / SIDE
    middles = (torch.arange(SIDE, dtype=torch.float64) + 0.5) * width - REACH
    z = torch.cartesian_prod(middles, middles)
    mass = score(z) + log_prior(z) + 2 * math.log(width)
    log_p = float(torch.logsumexp(mass, 0))
    small = torch.ones(len(z), dtype=torch.bool)  # cells of the present width
    corners = torch.cartesian_prod(*[torch.tensor([-0.5, 0.5], dtype=torch.float64)] * 2)
    for depth in range(DEEPEST):
        halved = small & (mass > mass[small].max() - max(NEAR, FAR / 2**depth))
        width /= 2
        fresh = (z[halved, None] + corners * width).flatten(0, 1)
        fresh_mass = score(fresh) + log_prior(fresh) + 2 * math.log(width)
        z, mass = torch.cat([z[~halved], fresh]), torch.cat([mass[~halved], fresh_mass])
        small = torch.arange(len(z)) >= len(z) - len(fresh)
        before, log_p = log_p, float(torch.logsumexp(mass, 0))
        narrow = float(torch.linalg.eigvalsh(_moments(z, mass)[1])[0].clamp(min=0).sqrt())
        if width <= RESOLVED * narrow and abs(log_p - before) < AGREED:
            break
    return Evidence(log_p, z, mass, width)


def _moments(z: Tensor, log_mass: Tensor) -> tuple[Tensor, Tensor]:
    weight = (log_mass - torch.logsumexp(log_mass, 0)).exp()
    mean = weight @ z
    return mean, (weight[:, None] * (z - mean)).T @ (z - mean)


def importance(score: Score, q: Independent, n: int) -> tuple[float, float]:
    """log p(x) and its standard error, by n draws of what the encoder says, q(z|x) of event shape (Z,), without batch.

    Half of the draws are of q itself, half of Gaussians three and eight times as wide: where q is narrower than the
    posterior, the weights p(x, z) / q(z) have no bounded variance, and those of the mixture do (defensive mixtures;
    Hesterberg 1995). p(x) is estimated without bias, its logarithm a little low.
    """
    widths = torch.tensor([1.0, 3.0, 8.0])
    proposal = MixtureSameFamily(
        Categorical(torch.tensor([0.5, 0.25, 0.25])),
        Independent(Normal(q.mean.expand(3, -1), q.stddev * widths[:, None]), 1),
    )
    z = proposal.sample(torch.Size([n]))
    return _mean_of(score(z) + log_prior(z) - proposal.log_prob(z).double())


def naive(score: Score, z: int, n: int) -> tuple[float, float]:
    """log p(x) and its standard error, by n draws of the prior of `z` latents: nearly all miss, so it comes out low."""
    return _mean_of(score(torch.randn(n, z)))


def _mean_of(log_weights: Tensor) -> tuple[float, float]:
    """The logarithm of the mean of exp(log_weights) (n,), and its standard error by the delta method."""
    top = log_weights.max()
    weights = (log_weights - top).exp()
    mean = weights.mean()
    return float(top + mean.log()), float(weights.std() / mean / math.sqrt(len(weights))) if len(weights) > 1 else 0.0


def elbo(score: Score, q: MultivariateNormal) -> float:
    """E_q[log p(x|z)] - KL(q || p(z)), for a Gaussian q of two latents, tilted as it may be."""
    standard = MultivariateNormal(torch.zeros_like(q.mean), torch.eye(len(q.mean), dtype=q.mean.dtype))
    return _mean(score, q, ELBO_REACH, 0.5) - float(kl_divergence(q, standard))


def gap(score: Score, q: MultivariateNormal, log_p: float) -> float:
    """KL(q || p(z|x)), without the ELBO's help: q's own mean of log q(z) - log p(z|x), at other points."""
    return _mean(lambda z: q.log_prob(z) - score(z) - log_prior(z), q, GAP_REACH, 0.0) + log_p


def _mean(f: Score, q: MultivariateNormal, reach: float, shift: float) -> float:
    """E_q[f(z)] by the trapezoid rule on a lattice in q's own axes, `shift` of a cell beside its middle.

    Under a Gaussian's weight it is as good as exact for all that is smooth (Trefethen and Weideman 2014); the kinks of
    a decoder's ReLUs, many to a long ellipse, are what takes finer lattices.
    """
    mean = math.inf
    for spacing in SPACINGS:
        most = math.ceil(reach / spacing)
        line = (torch.arange(-most, most + 1, dtype=torch.float64) + shift) * spacing
        unit = torch.cartesian_prod(line, line)
        unit = unit[unit.norm(dim=1) <= reach]
        before, mean = mean, float(log_prior(unit).softmax(0) @ f(q.mean + unit @ q.scale_tril.T))
        if abs(mean - before) < AGREED:
            break
    return mean


def gaussian(mean: Tensor, covariance: Tensor) -> MultivariateNormal:
    """N(mean (2,), covariance (2, 2)) in double precision."""
    return MultivariateNormal(mean.double(), covariance.double(), validate_args=False)


def of_encoder(q: Independent) -> MultivariateNormal:
    """The encoder's answer to one picture, of batch shape (1,), as `elbo` and `gap` take it."""
    return gaussian(q.mean[0].detach(), torch.diag(q.stddev[0].detach() ** 2))


def random_ellipse(evidence: Evidence, dice: torch.Generator) -> MultivariateNormal:
    """A Gaussian near the posterior: up to three of its sigmas away, a third to three times as wide, turned anyhow."""
    mean, covariance = evidence.moments()
    sigma = torch.linalg.eigvalsh(covariance).clamp(min=1e-8).sqrt()
    away, wide, turn = torch.rand(3, 2, generator=dice, dtype=torch.float64)
    angle = math.pi * turn[0]
    axes = torch.stack([torch.stack([angle.cos(), -angle.sin()]), torch.stack([angle.sin(), angle.cos()])])
    spread = torch.diag((sigma * 3 ** (2 * wide - 1)) ** 2)
    return gaussian(mean + 3 * sigma[1] * (2 * away - 1), axes @ spread @ axes.T)


@measure(
    "digits",
    "vae",
    units={
        "evidence_error": "nats between log p(x) by grid and by 100,000 samples (±: theirs), mean of 100 digits",
        "evidence_identity_error": "nats, largest of ∣log p(x) - ELBO - KL(q ‖ p(z∣x))∣ over 1,000 ellipses q",
        "gap_min": "nats, least KL(q ‖ p(z∣x)) of these",
    },
)
def exact(model: VAE, pictures: Pictures) -> dict[str, float]:
    """How far the grid is from importance sampling, and the identity log p(x) = ELBO + gap from holding, on the first
    pictures, each binarized; of models with two latents and the ELBO itself as their objective, of others nothing.

    evidence_error: mean absolute difference of `grid` and `importance`; evidence_error_se: what of it importance
    sampling alone explains, its mean standard error. evidence_identity_error, gap_min: the largest difference and the
    smallest gap over random ellipses.
    """
    if model.z != 2 or model.y or model.beta != 1:
        return {}
    model.decoder.to(memory_format=torch.channels_last)  # twice as fast  # pyright: ignore[reportCallIssue]
    x = torch.bernoulli(pictures.floats(slice(0, PICTURES)))
    dice = torch.Generator().manual_seed(0)
    errors, spread, identity, gaps = [], [], [], []
    for one in x.split(1):
        score = scorer(model, one)
        found = grid(score)
        estimate, error = importance(score, single(model.encode(one)), SAMPLES)
        errors.append(abs(found.log_p - estimate))
        spread.append(error)
        for _ in range(ELLIPSES // len(x)):
            q = random_ellipse(found, dice)
            gaps.append(gap(score, q, found.log_p))
            identity.append(abs(found.log_p - elbo(score, q) - gaps[-1]))
    return {
        "evidence_error": sum(errors) / len(errors),
        "evidence_error_se": sum(spread) / len(spread),
        "evidence_pictures": len(x),
        "evidence_samples": SAMPLES,
        "evidence_identity_error": max(identity),
        "gap_min": min(gaps),
        "gap_ellipses": len(gaps),
    }


def single(q: Independent) -> Independent:
    """q of batch shape (1,) without it."""
    return Independent(Normal(q.mean[0], q.stddev[0], validate_args=False), 1)
