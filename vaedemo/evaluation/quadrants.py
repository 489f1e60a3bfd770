"""How well 1, 2 or 3 quadrants of a digit predict its rest: conditional log-likelihoods (Sohn 2015)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from vaedemo.data import Pictures
from vaedemo.evaluation.likelihood import negative_log_likelihood, standard_error
from vaedemo.evaluation.registry import measure
from vaedemo.models.base import Trainable
from vaedemo.models.quadrant import Quadrant, QuadrantNet, hidden_nats, hide

PICTURES = 1_000
SAMPLES = 100
GIVEN = (1, 2, 3)
BASELINE = "digits-quadrant-net"

_UNITS = {
    "cll_1": "-log p(hidden∣given), nats a picture, given the lower left quadrant; the hidden pixels alone are counted",
    "cll_1_baseline": "the same, of the deterministic net `digits-quadrant-net`",
    "cll_2": "the same as the first, given the left half",
    "cll_2_baseline": "the same, of the deterministic net",
    "cll_3": "the same as the first, given all but the upper right quadrant",
    "cll_3_baseline": "the same, of the deterministic net",
}


@measure("digits", "quadrant", units={key: _UNITS[key] for key in ("cll_1", "cll_1_baseline")}, rivals=(BASELINE,))
def cll_one_quadrant(model: Quadrant, pictures: Pictures, peers: Mapping[str, Trainable]) -> dict[str, float]:
    """`cll_importance`, given one quadrant: the headline, so a promotion need not wait for the others."""
    return cll_importance(model, pictures, peers, (1,))


@measure("digits", "quadrant", units=_UNITS, rivals=(BASELINE,))
def cll_importance(
    model: Quadrant, pictures: Pictures, peers: Mapping[str, Trainable], counts: tuple[int, ...] = GIVEN
) -> dict[str, float]:
    """cll_K: -log p(hidden|given) in nats a picture, given K quadrants, and its standard error cll_K_se.

    Importance sampling from q(z|x, y), a fixed random 1,000 pictures, binarized once with the seed that the caller set.
    cll_K_baseline is the deterministic net's on the same pictures; left out where `peers` has no such net.
    """
    x = chosen(pictures)
    numbers: dict[str, float] = {"cll_n": len(x), "cll_samples": SAMPLES}
    for count in counts:
        nats = negative_log_likelihood(model, x, SAMPLES, hide(x, count))
        numbers |= _with_error(f"cll_{count}", nats)
    net = peers.get(BASELINE)
    if net is None:
        return numbers
    assert isinstance(net, QuadrantNet)
    for count in counts:
        numbers |= _with_error(f"cll_{count}_baseline", predicted_nats(net, x, hide(x, count)))
    return numbers


@measure("digits", "quadrant-net", units={key: _UNITS[key] for key in ("cll_1", "cll_2", "cll_3")})
def cll_exact(net: QuadrantNet, pictures: Pictures) -> dict[str, float]:
    """The same of a net without latent space: its pixels are independent given y, so the cross entropy is exact."""
    x = chosen(pictures)
    numbers: dict[str, float] = {"cll_n": len(x)}
    for count in GIVEN:
        numbers |= _with_error(f"cll_{count}", predicted_nats(net, x, hide(x, count)))
    return numbers


def chosen(pictures: Pictures) -> Tensor:
    """The pictures that are measured, binary, (1000, 1, H, W); the same whenever the caller set the same seed."""
    x = torch.bernoulli(pictures.floats(slice(None)))
    return x[torch.randperm(len(x))[:PICTURES]]


def predicted_nats(net: QuadrantNet, x: Tensor, y: Tensor) -> Tensor:
    """-log p(hidden|given) in nats, (B,)."""
    return torch.cat([hidden_nats(net.predict(told), part, told) for part, told in zip(x.split(250), y.split(250))])


def _with_error(key: str, nats: Tensor) -> dict[str, float]:
    return {key: float(nats.mean()), f"{key}_se": standard_error(nats)}
