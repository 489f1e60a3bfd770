"""M1, M2 and M1+M2: their bounds against explicit sums, the draws of labels, and errors of classifiers made by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from small_training import after, checkpoint, same, some_pictures, train
from torch import Tensor, nn
from torch.distributions import Bernoulli, Categorical, Independent, Normal, kl_divergence

from vaedemo.data.digits import labelled_subset
from vaedemo.evaluation import evaluate, semisupervised
from vaedemo.models import assemble, build, build_net
from vaedemo.models import semisupervised as models
from vaedemo.models.base import Batch
from vaedemo.models.label_spreading import neighbour_graph, spread
from vaedemo.models.semisupervised import M1, M1M2, M2, Draw, WithProducts, encoded, fit_linear
from vaedemo.recipes import NETS, RECIPES, Recipe
from vaedemo.release import export

torch.set_num_threads(1)

SMALL = {"seen": 784, "z": 3, "hidden": 8, "counts": [10, 20], "draws": 2}
M2_RECIPE = replace(NETS["digits-m2"], net=SMALL, objective={"alpha": 0.1, "warmup": 3}, batch=16, steps=6)
M1M2_RECIPE = replace(NETS["digits-m1m2"], net={**SMALL, "seen": 4}, batch=16, steps=6)
M1_RECIPE = replace(NETS["digits-m1"], net={**NETS["digits-m1"].net, "z": 4, "counts": [10, 20], "draws": 2})
VAE_RECIPE = Recipe(
    "digits",
    "Tiny",
    "vae",
    "digits",
    {"z": 4, "widths": [4, 6], "blocks": 1, "hidden": 16, "base": [4, 7, 7], "convs": [6], "ups": [4]},
)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def small_m2() -> M2:
    model = build_net(M2_RECIPE)
    assert isinstance(model, M2)
    return model


def one_hot(label: int, count: int) -> Tensor:
    return torch.eye(10)[label].expand(count, -1)


# --- which pictures are labelled


def test_a_subset_is_balanced_and_named_by_its_seed() -> None:
    y = torch.randint(10, (2_000,))
    chosen = labelled_subset(y, 100, seed=3)
    assert y[chosen].bincount().tolist() == [10] * 10
    assert len(chosen.unique()) == 100
    assert torch.equal(chosen, labelled_subset(y, 100, seed=3))
    assert set(chosen.tolist()) != set(labelled_subset(y, 100, seed=4).tolist())
    assert set(chosen.tolist()) < set(labelled_subset(y, 500, seed=3).tolist())


@pytest.mark.parametrize("count", [0, 15, 1_000])
def test_a_subset_that_cannot_be_balanced_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="count: "):
        labelled_subset(torch.arange(10).repeat(20), count, seed=0)


# --- M1


def test_the_logistic_regression_is_at_its_optimum() -> None:
    """The gradient of the whole objective is 0 there, and any step away from it costs."""
    x, y = torch.randn(60, 5), torch.randint(10, (60,))
    layer = fit_linear(x, y, penalty=0.1)

    def loss(weight: Tensor, bias: Tensor) -> Tensor:
        logits = x @ weight.T + bias
        return -Categorical(logits=logits).log_prob(y).mean() + 0.05 * weight.square().sum()

    gradients = torch.autograd.grad(loss(layer.weight, layer.bias), [layer.weight, layer.bias])
    assert max(float(gradient.abs().max()) for gradient in gradients) < 1e-3
    best = loss(layer.weight, layer.bias)
    for _ in range(5):
        away = loss(layer.weight + 0.1 * torch.randn_like(layer.weight), layer.bias)
        assert away > best


def test_labels_spread_within_a_cluster_and_not_beyond() -> None:
    """Two half rings: a straight line between two labelled points would cut both."""
    angle = torch.linspace(0, math.pi, 100)
    upper = torch.stack([angle.cos(), angle.sin()], 1)
    lower = torch.stack([1 - angle.cos(), 0.3 - angle.sin()], 1)
    x, y = torch.cat([upper, lower]), torch.arange(2).repeat_interleave(100)
    known = torch.tensor([0, 199])
    reached = spread(neighbour_graph(x, 4), known, y[known], 3)
    assert torch.equal(reached.argmax(1), y)
    assert (reached[:100, 1] == 0).all()  # no way leads from one to the other
    assert (reached[:, 2] == 0).all()


def test_spreading_approaches_the_closed_form() -> None:
    """(1 - a) (I - a S)^-1 Y (Zhou 2004), by a dense solution; 100 steps leave 0.99^100 of the start."""
    x, y = torch.randn(40, 3), torch.randint(3, (6,))
    graph = neighbour_graph(x, 5)
    assert torch.allclose(graph.to_dense(), graph.to_dense().T)
    given = torch.zeros(40, 3)
    given[:6][torch.arange(6), y] = 1
    closed = torch.linalg.solve(torch.eye(40) - 0.99 * graph.to_dense(), 0.01 * given)
    begun = torch.linalg.matrix_power(0.99 * graph.to_dense(), 100) @ (given - closed)
    torch.testing.assert_close(spread(graph, torch.arange(6), y, 3), closed + begun, atol=1e-5, rtol=1e-3)


def test_m1_is_fitted_to_spread_labels_and_pixels_to_those_given() -> None:
    vae = build(VAE_RECIPE).eval()
    m1 = M1(z=4, counts=[20], draws=2, unlabelled=96, neighbours=5, penalty=0.1, on_pixels=0.1)
    pictures = some_pictures()
    m1.begin(pictures, {"digits": vae})
    assert m1.players() == {}
    codes = encoded(vae, pictures.floats(slice(None)))[0]
    graph = neighbour_graph(codes, 5)
    for draw, on_codes, on_pixels in zip(m1.draws, m1.on_codes.of(20), m1.on_pixels.of(20), strict=True):
        index = draw.indices(pictures)
        reached = spread(graph, index, pictures.y[index], 10)
        told = reached.sum(1) > 0
        assert isinstance(on_codes, nn.Sequential)
        for net, mine in (
            (on_codes[1], fit_linear(WithProducts()(codes[told]), reached[told].argmax(1), 0.1)),
            (on_pixels, fit_linear(pictures.floats(index).flatten(1), pictures.y[index], 0.1)),
        ):
            torch.testing.assert_close(dict(net.named_parameters()), dict(mine.named_parameters()))


def test_products_make_a_circle_linear() -> None:
    """Of two numbers: both, their squares, and their product; no line cuts a disc out of a ring, these do."""
    assert WithProducts()(torch.tensor([[2.0, 3.0]])).tolist() == [[2, 3, 4, 6, 9]]
    x = torch.randn(400, 2)
    inside = (x.square().sum(1) < 1).long()
    errors = [
        (fit_linear(seen, inside, 1e-4)(seen).argmax(1) != inside).float().mean() for seen in (x, WithProducts()(x))
    ]
    assert errors[0] > 0.2
    assert errors[1] < 0.02


# --- M2


class Said(nn.Module):
    """A decoder that gives one of two tables of logits, as z is positive or not, for each label: a discrete model."""

    def __init__(self, seen: int) -> None:
        super().__init__()
        self.tables = nn.Parameter(torch.randn(2, 10, seen))

    def forward(self, z_and_y: Tensor) -> Tensor:
        z, y = z_and_y[:, 0], z_and_y[:, 1:].argmax(1)
        return self.tables[(z > 0).long(), y]


def discrete_m2() -> M2:
    """M2 of four pixels, whose one latent counts by its sign alone, so that log p(x, y) is a sum over two cases."""
    model = M2(seen=4, z=1, hidden=6, counts=[10], draws=1)
    model.generator.decoder = Said(4)  # type: ignore[assignment]
    return model


def joint(model: M2, x: Tensor, label: int) -> Tensor:
    """log p(x, y) of `discrete_m2` by brute force, (B,): half of the prior's z are positive."""
    tables = model.generator.decoder.tables[:, label]  # type: ignore[union-attr,index]
    given_z = [Independent(Bernoulli(logits=table), 1).log_prob(x) for table in tables]  # type: ignore[union-attr]
    return torch.logsumexp(torch.stack(given_z), 0) + math.log(0.5) + math.log(0.1)


@torch.no_grad()
def test_bounds_lie_below_the_likelihood_by_brute_force() -> None:
    model, x = discrete_m2(), torch.bernoulli(torch.rand(5, 4))
    samples = 4_000
    many = x.repeat_interleave(samples, 0)
    every = torch.stack([joint(model, x, label) for label in range(10)], 1)  # (5, 10)
    bounds = torch.stack(
        [model.bound(model.generator, many, one_hot(label, len(many))).view(5, samples).mean(1) for label in range(10)],
        1,
    )
    assert (bounds < every + 0.05).all()
    (classifier,) = model.classifiers.values()
    unlabelled = model.unlabelled_bound(classifier, model.generator, many).view(5, samples).mean(1)
    assert (unlabelled < every.logsumexp(1) + 0.05).all()
    log_q = classifier(x).log_softmax(1)
    by_hand = sum(log_q[:, label].exp() * (bounds[:, label] - log_q[:, label]) for label in range(10))
    torch.testing.assert_close(unlabelled, by_hand, atol=0.05, rtol=0)


@torch.no_grad()
def test_with_exact_posteriors_the_bound_is_the_likelihood() -> None:
    """Where z tells nothing, L with the prior as posterior is log p(x, y); with q(y|x) = p(y|x), U is log p(x)."""
    model, x = discrete_m2(), torch.bernoulli(torch.rand(6, 4))
    model.generator.decoder.tables[1] = model.generator.decoder.tables[0]  # type: ignore[index,operator]
    nn.init.zeros_(model.generator.posterior.weight)
    nn.init.zeros_(model.generator.posterior.bias)
    every = torch.stack([joint(model, x, label) for label in range(10)], 1)
    for label in range(10):
        torch.testing.assert_close(model.bound(model.generator, x, one_hot(label, 6)), every[:, label])

    def exact(seen: Tensor) -> Tensor:
        return torch.stack([joint(model, seen, label) for label in range(10)], 1)

    answer = model.unlabelled_bound(exact, model.generator, x)  # type: ignore[arg-type]
    torch.testing.assert_close(answer, every.logsumexp(1))


@torch.no_grad()
def test_the_sum_over_labels_equals_an_explicit_loop() -> None:
    """With posteriors so narrow that each sample is their mean."""
    model, x = small_m2(), torch.bernoulli(torch.rand(5, 784))
    generator = model.generator
    nn.init.constant_(generator.posterior.bias[3:], -100.0)  # clamped to a sigma of e^-6
    classifier = model.classifiers["10-0"]
    total = torch.zeros(5)
    for picture in range(5):
        q = Categorical(logits=classifier(x[picture]))
        for label in range(10):
            y = torch.eye(10)[label][None]
            posterior = generator.encode(x[picture][None], y)
            assert isinstance(posterior, Independent)
            pixels = Bernoulli(logits=generator.decode(posterior.mean, y)[0])
            rate = kl_divergence(posterior, Independent(Normal(torch.zeros(3), torch.ones(3)), 1).expand((1,)))
            bound = pixels.log_prob(x[picture]).sum() + math.log(0.1) - rate[0]
            total[picture] += q.probs[label] * bound
        total[picture] += q.entropy()
    torch.testing.assert_close(model.unlabelled_bound(classifier, generator, x), total, rtol=1e-3, atol=0.5)


def test_labels_that_are_hardly_possible_are_left_out() -> None:
    """U is then the explicit sum over the others, with q(y|x) scaled to them, and nothing pushes what was left out."""
    model, x = small_m2(), torch.bernoulli(torch.rand(5, 784))
    generator = model.generator
    nn.init.constant_(generator.posterior.bias[3:], -100.0)  # each sample is the mean
    logits = torch.full((5, 10), -20.0)
    logits[:, 3], logits[:, 8] = 1.0, 0.0
    logits.requires_grad_()
    found = model.unlabelled_bound(lambda seen: logits, generator, x)  # type: ignore[arg-type]
    q = Categorical(logits=logits[:, [3, 8]])
    with torch.no_grad():
        bounds = torch.stack([model.bound(generator, x, one_hot(label, 5)) for label in (3, 8)], 1)
    torch.testing.assert_close(found, (q.probs * bounds).sum(1) + q.entropy(), rtol=1e-3, atol=0.5)
    (slopes,) = torch.autograd.grad(found.sum(), logits)
    assert (slopes[:, [3, 8]].abs() > 0).all()
    assert (slopes[:, [0, 1, 2, 4, 5, 6, 7, 9]] == 0).all()


def a_batch(model: M2, count: int = 16) -> Batch:
    pictures = some_pictures()
    model.begin(pictures, {})
    index = torch.randperm(len(pictures))[:count]
    return Batch(pictures.floats(index), pictures.y[index], 100, model.companion(pictures)(index))


def test_a_labelled_picture_comes_with_each_picture() -> None:
    model, pictures = small_m2(), some_pictures()
    index = torch.arange(40)
    x, y = model.companion(pictures)(index)
    assert (x.shape, y.shape) == ((40, 4, 784), (40, 4))
    for column, draw in enumerate(model.draws):
        subset = draw.indices(pictures)
        shown = {tuple(one) for one in x[:, column].tolist()}
        assert shown == {tuple(one) for one in pictures.x[subset].flatten(1).tolist()}  # all of them, and no other
        labels = {
            tuple(one): int(label) for one, label in zip(pictures.x[subset].flatten(1).tolist(), pictures.y[subset])
        }
        assert all(labels[tuple(one)] == label for one, label in zip(x[:, column].tolist(), y[:, column].tolist()))


def test_a_draw_teaches_its_own_nets_and_no_other() -> None:
    model = small_m2()
    batch = a_batch(model)
    players = model.players()
    assert list(players) == ["10-0", "10-1", "20-0", "20-1"]
    model("20-0", batch)["total"].backward()
    for name, player in players.items():
        moved = [p.grad is not None and bool(p.grad.abs().sum() > 0) for p in player.parameters]
        assert all(moved) if name == "20-0" else not any(moved)
    assert {id(p) for player in players.values() for p in player.parameters} == {id(p) for p in model.parameters()}


def test_the_true_label_of_an_unlabelled_picture_is_never_seen() -> None:
    model = small_m2()
    batch = a_batch(model)
    totals = []
    for y in (batch.y, (batch.y + 1) % 10):
        torch.manual_seed(1)
        totals.append(float(model("10-0", replace(batch, y=y))["total"].detach()))
    assert totals[0] == totals[1]


def test_alpha_weighs_the_cross_entropy_of_labelled_pictures() -> None:
    model = small_m2()
    batch = a_batch(model)
    with torch.no_grad():
        found = []
        for model.alpha in (0.0, 1.0):
            torch.manual_seed(1)
            found.append(model("20-1", batch)["total"])
        torch.manual_seed(1)
        _, companions, labels = model.observed(batch)
        logits = model.classifiers["20-1"](companions[:, 3])
    torch.testing.assert_close(
        found[1] - found[0], -Categorical(logits=logits).log_prob(labels[:, 3]).mean(), rtol=1e-3, atol=1e-3
    )


def test_m2_resumes_bit_for_bit(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    for folder, stops in (("whole", [None]), ("twice", [after(3), None])):
        monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path / folder))
        for stop in stops:
            train(M2_RECIPE, stop=stop, bf16=False)
        kept.append(checkpoint(tmp_path / folder, M2_RECIPE.name))
    assert kept[0]["step"] == 6
    assert same(kept[0]["averages"], kept[1]["averages"])
    assert float(kept[0]["model"]["pictures"]) == len(some_pictures())


def test_styles_keep_z_and_follow_the_label() -> None:
    model, x = small_m2().eval(), torch.rand(3, 784)
    drawn = model.restyled(x)
    assert drawn.shape == (3, 10, 784)
    label = model.classifiers["10-0"](x).argmax(1)
    z = model.generator.encode(x, torch.eye(10)[label]).mean
    for digit in range(10):
        torch.testing.assert_close(drawn[:, digit], model.generator.decode(z, one_hot(digit, 3)).sigmoid())


# --- M1+M2


def test_codes_are_normal_given_z_and_the_label() -> None:
    model = build_net(M1M2_RECIPE)
    assert isinstance(model, M1M2)
    decoded, x = torch.randn(6, 8), torch.randn(6, 4)
    mean, log_variance = decoded[:, :4], decoded[:, 4:]
    by_hand = 0.5 * ((x - mean).square() / log_variance.exp() + log_variance + math.log(2 * math.pi)).sum(1)
    torch.testing.assert_close(model.nats(decoded, x), by_hand)
    assert torch.equal(model.mean(decoded), mean)


def test_m1m2_learns_from_samples_of_the_codes(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    vae, first, pictures = build(VAE_RECIPE).eval(), build_net(M1_RECIPE), some_pictures()
    monkeypatch.setattr(models.bundles, "find", lambda name: type("Bundle", (), {"folder": name}))
    monkeypatch.setattr(models, "assemble", lambda _, folder: {"digits": vae, "digits-m1": first}[folder])
    model = build_net(M1M2_RECIPE)
    assert isinstance(model, M1M2)
    index = torch.tensor([5, 2, 9])
    batch = Batch(pictures.floats(index), pictures.y[index], 0, model.companion(pictures)(index))
    with torch.no_grad():
        posterior = vae.encode(pictures.floats(index))
    torch.testing.assert_close(batch.maps[0], torch.stack([posterior.mean, posterior.stddev], 1), atol=1e-5, rtol=1e-4)
    drawn = torch.stack([model.observed(batch)[0] for _ in range(2_000)])
    torch.testing.assert_close(drawn.mean(0), posterior.mean, atol=0.15, rtol=0)
    torch.testing.assert_close(drawn.std(0), posterior.stddev, atol=0.1, rtol=0.1)
    assert isinstance(first, M1)
    for number, draw in enumerate(model.draws):
        assert torch.equal(batch.maps[3][:, number], first.on_codes[draw.name](posterior.mean).argmax(1))
    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path))
    assert train(M1M2_RECIPE, pretrained={"digits": vae, "digits-m1": first}).step == 6


def test_m1m2_learns_the_answers_of_m1_to_each_draw() -> None:
    recipe = replace(M1M2_RECIPE, objective={"alpha": 0.0, "told": 2.0})
    model = build_net(recipe)
    assert isinstance(model, M1M2)
    x, told = torch.randn(7, 4), torch.randint(10, (7, 4))
    maps = (torch.zeros(7, 2, 4), torch.zeros(7, 4, 2, 4), torch.zeros(7, 4, dtype=torch.long), told)
    batch = Batch(torch.zeros(7, 1, 28, 28), told[:, 0], 0, maps)
    classifier = model.classifiers["20-1"]
    share = classifier(x).softmax(1)[torch.arange(7), told[:, 3]]
    torch.testing.assert_close(model.taught(classifier, 3, x, batch), -2 * share.log().mean())


# --- what ships, and its measures


class Knows(nn.Module):
    """Reads the label off inputs that are one-hot labels; `right` False: always the next one."""

    def __init__(self, right: bool) -> None:
        super().__init__()
        self.right = right

    def forward(self, x: Tensor) -> Tensor:
        return x if self.right else x.roll(1, 1)


def test_who_knows_all_makes_no_error() -> None:
    y = torch.randint(10, (50,))
    x = torch.eye(10)[y]
    right, wrong = Knows(True), Knows(False)
    classifiers = models.Classifiers({"100-0": right, "100-1": right, "1000-0": right, "1000-1": wrong})
    assert semisupervised.errors_by_count(classifiers, x, y) == pytest.approx(
        {"error_100": 0.0, "error_100_sd": 0.0, "error_1000": 0.5, "error_1000_sd": 0.5**0.5}
    )


@pytest.mark.parametrize("name", ["digits-m1", "digits-m2", "digits-m1m2"])
def test_every_figure_that_a_card_shows_is_measured(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    peers = {"digits": build(RECIPES["digits"]).eval()} if name != "digits-m2" else {}
    some = some_pictures(40)
    numbers = evaluate(build_net(NETS[name]), NETS[name], some, "validation", peers)
    wanted = {"error_100", "error_100_sd", "error_1000", "error_1000_sd"}
    wanted |= {"pixel_error_100"} if name == "digits-m1" else set()
    assert wanted <= numbers.keys()
    assert all(0 <= float(numbers[key]) <= 1 for key in wanted)


@pytest.mark.parametrize("recipe", [M2_RECIPE, M1M2_RECIPE], ids=lambda recipe: recipe.name)
def test_what_ships_reads_as_the_averaged_model_does(recipe: Recipe, tmp_path: Any) -> None:
    model = build_net(recipe).eval()
    assert isinstance(model, M2)
    x = torch.rand(5, model.generator.of_x.in_features)
    before = [net(x) for net in model.classifiers.values()]
    run = export.Run(recipe, model, tmp_path, 6, 6, "synthetic digits", True)
    export.write_bundle(run, tmp_path / "bundle")
    again = assemble(recipe, tmp_path / "bundle")
    assert isinstance(again, M2)
    assert not hasattr(again, "others")
    for net, logits in zip(again.classifiers.values(), before, strict=True):
        torch.testing.assert_close(net(x), logits, atol=5e-3, rtol=5e-3)


def test_draws_have_names() -> None:
    assert [draw.name for draw in models.draws_of([100, 1_000], 2)] == ["100-0", "100-1", "1000-0", "1000-1"]
    assert len(Draw(20, 1).indices(some_pictures())) == 20
