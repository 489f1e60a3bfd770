"""The rest of a digit: what is hidden, what is counted, conditional likelihoods that are known, one answer or many."""

from __future__ import annotations

import math

import pytest
import torch
from small_models import few
from torch import Tensor, nn
from torch.distributions import Bernoulli, Independent, Normal
from torch.nn import functional as F

from vaedemo import zoo
from vaedemo.data import Pictures
from vaedemo.errors import UnknownModel
from vaedemo.evaluation import quadrants
from vaedemo.evaluation.likelihood import negative_log_likelihood
from vaedemo.models import build, build_net
from vaedemo.models.base import Batch
from vaedemo.models.quadrant import Quadrant, QuadrantNet, asked, completed, hidden_nats, hide
from vaedemo.recipes import Recipe

torch.set_num_threads(1)

REST = {"hidden": 32, "base": [8, 7, 7], "convs": [], "ups": [8]}
SMALL = Recipe(
    "small",
    "Small",
    "quadrant",
    "digits",
    {"z": 2, "widths": [8, 16], "blocks": 0, "head": 32, **REST},
    {"warmup": 600},
)
SMALL_NET = Recipe("net", "Net", "quadrant-net", "digits", REST)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


# What is told, and what is counted


@pytest.mark.parametrize(
    ("given", "y"),
    [
        (0, [-1, -1, -1, -1, -1, -1, -1, -1]),
        (1, [-1, -1, -1, -1, 4, -1, 6, -1]),
        (2, [0, -1, 2, -1, 4, -1, 6, -1]),
        (3, [0, -1, 2, -1, 4, 5, 6, 7]),
    ],
)
def test_quadrants_are_told_in_turn(given: int, y: list[float]) -> None:
    x = torch.arange(8.0).view(1, 1, 4, 2)
    assert hide(x, given).tolist() == [y]
    both = hide(torch.cat([x, x]), torch.tensor([given, 3]))
    assert both[0].tolist() == y
    assert both[1].tolist() == [0, -1, 2, -1, 4, 5, 6, 7]


def test_what_is_asked_is_binary_and_of_every_count() -> None:
    x, y = asked(torch.full((700, 1, 28, 28), 0.5))
    assert set(x.unique().tolist()) == {0, 1}
    seen = (y >= 0).sum(1)
    assert set(seen.tolist()) == {0, 196, 392, 588}
    assert 0.08 < (seen == 0).float().mean() < 0.21  # one in seven
    assert torch.equal(y[y >= 0], x.flatten(1)[y >= 0])  # what is told is what is asked for elsewhere: one binarization


@pytest.mark.parametrize("given", [0, 1, 2, 3])
def test_only_hidden_pixels_are_counted(given: int) -> None:
    x, logits = torch.bernoulli(torch.full((5, 1, 28, 28), 0.5)), torch.randn(5, 1, 28, 28)
    y = hide(x, given)
    seen = (y >= 0).view_as(x)
    nats = hidden_nats(logits, x, y)
    parts = [F.binary_cross_entropy_with_logits(logits[i][~seen[i]], x[i][~seen[i]], reduction="sum") for i in range(5)]
    torch.testing.assert_close(nats, torch.stack(parts))
    wild = torch.where(seen, torch.full_like(logits, -1e4), logits)
    assert torch.equal(hidden_nats(wild, torch.where(seen, 1 - x, x), y), nats)


def test_nothing_given_counts_all_pixels() -> None:
    model = build(SMALL).eval()
    assert isinstance(model, Quadrant)
    x, z = torch.bernoulli(torch.rand(3, 1, 28, 28)), torch.randn(3, 2)
    y = model.condition(torch.tensor([3, 1, 1]))
    pixels = Bernoulli(logits=model.decode(z, y))
    torch.testing.assert_close(model.distortion(x, z, y), -pixels.log_prob(x).flatten(1).sum(1))
    torch.testing.assert_close(model.distortion(x, z), model.distortion(x, z, y))
    torch.testing.assert_close(model.encode(x).mean, model.encode(x, y).mean)


def test_given_pixels_are_shown_as_they_are() -> None:
    x, logits = torch.rand(2, 1, 28, 28), torch.randn(2, 1, 28, 28)
    shown = completed(logits, hide(x, 2))
    assert torch.equal(shown[..., :14], x[..., :14])
    assert torch.equal(shown[..., 14:], logits.sigmoid()[..., 14:])


def test_both_learn_from_hidden_pixels_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all that is hidden is black and the net says so, the objective is nothing, whatever is given."""
    x = torch.zeros(4, 1, 28, 28)
    x[:, :, 14:, :14] = 1
    monkeypatch.setattr("vaedemo.models.quadrant.COUNTS", (1, 2, 3))
    for recipe in (SMALL, SMALL_NET):
        model = build_net(recipe)
        assert isinstance(model, Quadrant | QuadrantNet)
        last = model.decoder[-1]
        assert isinstance(last, nn.ConvTranspose2d)
        assert last.bias is not None
        nn.init.zeros_(last.weight)
        nn.init.constant_(last.bias, -30)
        assert float(model("model", Batch(x, torch.zeros(4), 0))["distortion"].detach()) < 1e-6


def test_the_nets_loss_is_torchs_cross_entropy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vaedemo.models.quadrant.COUNTS", (2,))
    net = build_net(SMALL_NET)
    x = torch.bernoulli(torch.rand(6, 1, 28, 28))
    terms = net("model", Batch(x, torch.zeros(6), 0))
    right = net.predict(hide(x, 2))[..., 14:]  # type: ignore[operator]
    wanted = F.binary_cross_entropy_with_logits(right, x[..., 14:], reduction="sum") / 6
    torch.testing.assert_close(terms["total"], wanted)
    assert terms["distortion"] is terms["total"]


# Conditional likelihoods that are known


class ByHand(Quadrant):
    """One latent and four pixels, one a quadrant. What a pixel is likely to be hangs on z and on what is given."""

    def __init__(self, slope: float, mean: float = 0.3, sigma: float = 0.9) -> None:
        nn.Module.__init__(self)
        self.z, self.y, self.shape, self.gaussian, self.beta, self.warmup = 1, 4, (1, 2, 2), False, 1.0, 0
        self.anchor = nn.Parameter(torch.zeros(1))  # where prior() looks for the device
        self.slope = slope * torch.tensor([[2.0, -1.0, 0.5, 3.0]])
        self.mean, self.sigma = mean, sigma

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        assert y is not None
        return (z @ self.slope.to(z) + y.sum(1, keepdim=True).to(z) / 2 + 0.4).view(-1, 1, 2, 2)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        mean = torch.full((len(x), 1), self.mean)
        return Independent(Normal(mean, torch.full_like(mean, self.sigma)), 1)

    def nats(self, x: Tensor, y: Tensor) -> Tensor:
        """-log p(hidden|given) by the trapezoid rule over 20,001 z in [-10, 10], in double precision."""
        z = torch.linspace(-10, 10, 20_001, dtype=torch.float64)[:, None]
        answers = []
        for one, told in zip(x.double(), y.double()):
            pixels = Bernoulli(logits=self.decode(z, told.expand(len(z), -1))).log_prob(one[None]).flatten(1)
            joint = (pixels * (told < 0)).sum(1) + Normal(0.0, 1.0).log_prob(z)[:, 0]
            answers.append(-torch.logsumexp(joint, 0) - math.log(20 / 20_000))
        return torch.stack(answers).float()


def every_x() -> Tensor:
    return torch.tensor([[float(k >> bit & 1) for bit in range(4)] for k in range(16)]).view(-1, 1, 2, 2)


@pytest.mark.parametrize("given", [0, 1, 2, 3])
def test_the_oracle_is_a_distribution_of_the_hidden_pixels(given: int) -> None:
    """For each of the 2^given things that may be given, what may be hidden sums to one."""
    total = ByHand(1.0).nats(every_x(), hide(every_x(), given)).neg().exp().sum()
    assert float(total) == pytest.approx(2**given, abs=1e-5)


@pytest.mark.parametrize("given", [1, 2, 3])
def test_cll_is_the_integral(given: int) -> None:
    model, x = ByHand(1.0), every_x()
    y = hide(x, given)
    estimate = negative_log_likelihood(model, x, 40_000, y)
    torch.testing.assert_close(estimate, model.nats(x, y), rtol=0, atol=0.03)


@pytest.mark.parametrize("given", [1, 2, 3])
def test_cll_of_a_decoder_that_ignores_z_is_a_cross_entropy(given: int) -> None:
    model, x = ByHand(0.0, mean=0.0, sigma=1.0), every_x()
    y = hide(x, given)
    exact = hidden_nats(model.decode(torch.zeros(16, 1), y), x, y)
    torch.testing.assert_close(negative_log_likelihood(model, x, 3, y), exact)  # every weight is p(hidden|given)


def test_measured_is_the_mean_over_the_chosen_and_says_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quadrants, "PICTURES", 12)
    x = (every_x() * 255).to(torch.uint8)
    pictures = Pictures("by hand", True, x, torch.zeros(16))
    model = ByHand(0.0, mean=0.0, sigma=1.0)
    torch.manual_seed(5)
    numbers = quadrants.cll_importance(model, pictures, {})
    torch.manual_seed(5)
    some = quadrants.chosen(pictures)
    assert some.shape == (12, 1, 2, 2)
    assert len(torch.unique(some, dim=0)) == 12
    for count in (1, 2, 3):
        exact = hidden_nats(model.decode(torch.zeros(12, 1), hide(some, count)), some, hide(some, count))
        assert numbers[f"cll_{count}"] == pytest.approx(float(exact.mean()), rel=1e-4)
        assert numbers[f"cll_{count}_se"] == pytest.approx(float(exact.std()) / 12**0.5, rel=1e-4)
    assert (numbers["cll_n"], numbers["cll_samples"]) == (12, quadrants.SAMPLES)
    assert not [key for key in numbers if "baseline" in key], "no source has that net"


def test_the_baseline_is_what_the_net_measures_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quadrants, "PICTURES", 20)
    monkeypatch.setattr(quadrants, "SAMPLES", 2)
    net, model, pictures = build_net(SMALL_NET).eval(), build(SMALL).eval(), few("digits")
    assert isinstance(net, QuadrantNet)
    assert isinstance(model, Quadrant)
    with torch.inference_mode():
        torch.manual_seed(5)
        numbers = quadrants.cll_importance(model, pictures, {quadrants.BASELINE: net})
        torch.manual_seed(5)
        own = quadrants.cll_exact(net, pictures)
        torch.manual_seed(5)
        first = quadrants.cll_one_quadrant(model, pictures, {quadrants.BASELINE: net})
    for count in (1, 2, 3):
        for end in ("", "_se"):
            assert numbers[f"cll_{count}_baseline{end}"] == own[f"cll_{count}{end}"]
    assert first["cll_1"] == numbers["cll_1"]
    assert "cll_2" not in first


# One answer, or many


def forks(count: int) -> Tensor:
    """The lower left is always the same; a bar stands either above it or to its right."""
    x = torch.zeros(count, 1, 28, 28)
    x[:, :, 16:26, 4:7] = 1
    up = torch.rand(count) < 0.5
    x[up, :, 2:12, 4:7] = 1
    x[~up, :, 16:26, 18:21] = 1
    return x


@pytest.fixture(scope="module")
def trained() -> tuple[Quadrant, QuadrantNet]:
    torch.manual_seed(0)
    model, net = build(SMALL).train(), build_net(SMALL_NET).train()
    assert isinstance(model, Quadrant)
    assert isinstance(net, QuadrantNet)
    for learner in (model, net):
        optimizer = torch.optim.Adam(learner.parameters(), 3e-3)
        for step in range(300):
            terms = learner("model", Batch(forks(32), torch.zeros(32), step))
            optimizer.zero_grad()
            terms["total"].backward()
            optimizer.step()
    return model.eval(), net.eval()


@torch.no_grad()
def test_the_cvae_takes_one_way_or_the_other_where_the_net_takes_half_of_each(
    trained: tuple[Quadrant, QuadrantNet],
) -> None:
    model, net = trained
    y = hide(forks(1), 1)
    drawn = completed(model.decode(torch.randn(200, 2), y.expand(200, -1)), y.expand(200, -1))
    up, right = drawn[:, 0, 2:12, 4:7].mean((1, 2)), drawn[:, 0, 16:26, 18:21].mean((1, 2))
    decided = (up - right).abs() > 0.6
    assert decided.float().mean() > 0.6
    assert 0.05 < (up > right).float().mean() < 0.95
    one = completed(net.predict(y), y)[0, 0]
    assert 0.3 < one[2:12, 4:7].mean() < 0.7
    assert 0.3 < one[16:26, 18:21].mean() < 0.7
    assert torch.equal(net.predict(y), net.predict(y))


@torch.no_grad()
def test_two_answers_cost_a_bit_where_grey_costs_every_pixel_one(trained: tuple[Quadrant, QuadrantNet]) -> None:
    model, net = trained
    x = forks(50)
    sampled = negative_log_likelihood(model, x, 100, hide(x, 1)).mean()
    direct = quadrants.predicted_nats(net, x, hide(x, 1)).mean()
    assert 0.6 < sampled < 20  # at least log 2
    assert direct > 55 * math.log(2)  # 60 pixels, each a coin


def test_a_net_has_no_latent_space() -> None:
    with pytest.raises(ValueError, match="net has no latent space"):
        build(SMALL_NET)
    with pytest.raises(UnknownModel, match="digits-quadrant-net has no latent space"):
        zoo.load("digits-quadrant-net")
