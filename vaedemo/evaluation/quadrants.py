"""How well the rest of a digit is foretold from 1, 2 or 3 of its quadrants: conditional log-likelihoods (Sohn 2015)."""

from __future__ import annotations

import torch
from torch import Tensor

from vaedemo import zoo
from vaedemo.data import Pictures
from vaedemo.evaluation.likelihood import negative_log_likelihood, standard_error
from vaedemo.models.quadrant import Quadrant, QuadrantNet, hidden_nats, hide

PICTURES = 1_000
SAMPLES = 100
GIVEN = (1, 2, 3)
BASELINE = "digits-quadrant-net"


def given_one(model: Quadrant, pictures: Pictures) -> dict[str, float]:
    """`sampled`, given one quadrant: the headline, so a promotion need not wait for the others."""
    return sampled(model, pictures, (1,))


def sampled(model: Quadrant, pictures: Pictures, counts: tuple[int, ...] = GIVEN) -> dict[str, float]:
    """cll_K: -log p(hidden|given) in nats a picture, given K quadrants, and its standard error cll_K_se.

    Importance sampling from q(z|x, y), a fixed random 1,000 pictures, binarized once with the seed that the caller set.
    cll_K_baseline is the deterministic net's on the same pictures; left out where no source has that net.
    """
    x = chosen(pictures)
    numbers: dict[str, float] = {"cll_n": len(x), "cll_samples": SAMPLES}
    for count in counts:
        nats = negative_log_likelihood(model, x, SAMPLES, hide(x, count))
        numbers |= _with_error(f"cll_{count}", nats)
    try:
        net = zoo.load_net(BASELINE, train=False)
    except zoo.Unavailable:
        return numbers
    assert isinstance(net, QuadrantNet)
    for count in counts:
        numbers |= _with_error(f"cll_{count}_baseline", foretold(net, x, hide(x, count)))
    return numbers


def direct(net: QuadrantNet, pictures: Pictures) -> dict[str, float]:
    """The same of a net without latent space: its pixels are independent given y, so the cross entropy is exact."""
    x = chosen(pictures)
    numbers: dict[str, float] = {"cll_n": len(x)}
    for count in GIVEN:
        numbers |= _with_error(f"cll_{count}", foretold(net, x, hide(x, count)))
    return numbers


def chosen(pictures: Pictures) -> Tensor:
    """The pictures that are measured, binary, (1000, 1, H, W); the same whenever the caller set the same seed."""
    x = torch.bernoulli(pictures.floats(slice(None)))
    return x[torch.randperm(len(x))[:PICTURES]]


def foretold(net: QuadrantNet, x: Tensor, y: Tensor) -> Tensor:
    """-log p(hidden|given) in nats, (B,)."""
    return torch.cat([hidden_nats(net.predict(told), part, told) for part, told in zip(x.split(250), y.split(250))])


def _with_error(key: str, nats: Tensor) -> dict[str, float]:
    return {key: float(nats.mean()), f"{key}_se": standard_error(nats)}
