"""The VAE of flows: what it is told, what counts in its objective, and how codes of expressions are found."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vaedemo import data
from vaedemo.data import Pictures, flow
from vaedemo.data.flow import EXPRESSIONS, Edits
from vaedemo.models import build, expressions
from vaedemo.models.base import Batch
from vaedemo.models.expressions import MEASURED, SHAPED, ByPerson, Expressions, augmented, codes_of, importance
from vaedemo.recipes import RECIPES, Recipe
from vaedemo.release.browser_export import describe
from vaedemo.training import fit

torch.set_num_threads(1)
SMALL = Recipe(
    "tiny",
    "Tiny",
    "expressions",
    "expressions",
    {"z": 8, "told": 6, "components": 24, "hidden": 64},
    {"beta": 1.0, "warmup": 20, "surprise": 0.3},
    batch=32,
    steps=300,
    lr=3e-3,
)


@pytest.fixture(scope="module")
def drawn() -> Pictures:
    return data.load("expressions", "test", twin=True)


@pytest.fixture(scope="module")
def begun(drawn: Pictures) -> Expressions:
    """A model that knows the components of the drawn flows, and nothing else."""
    torch.manual_seed(0)
    model = build(SMALL)
    assert isinstance(model, Expressions)
    model.begin(drawn, {})
    return model.eval()


@pytest.fixture(scope="module")
def trained(drawn: Pictures, tmp_path_factory: pytest.TempPathFactory) -> Expressions:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VAEDEMO_RUNS", str(tmp_path_factory.mktemp("runs")))
        model = fit(SMALL, pictures=drawn, device="cpu").model
    assert isinstance(model, Expressions)
    return model


def unexplained(found: Tensor, true: Tensor) -> float:
    return float((found - true).square().sum() / true.square().sum())


def test_the_components_alone_hold_almost_all_of_the_flows(begun: Expressions, drawn: Pictures) -> None:
    flows = flow.of_rows(drawn.y).flow
    last = begun.decoder[-2]
    with torch.no_grad():
        assert unexplained(last(begun.encoder(flows.flatten(1))).view_as(flows), flows) < 0.02


def test_faces_are_told_in_standard_deviations_of_their_components(begun: Expressions, drawn: Pictures) -> None:
    y = begun.condition(drawn.y)
    assert y.shape == (len(drawn), 6)
    people = y[flow.of_rows(drawn.y).start == 0]
    assert people.mean(0).abs().max() < 0.5
    assert 0.5 < people[:, 0].std() < 2
    usual = begun.face(begun.usual[None])
    torch.testing.assert_close(usual, torch.zeros(1, 6), atol=1e-4, rtol=0)


def test_the_decoder_is_a_chain_that_the_browser_runs() -> None:
    ops = describe(build(RECIPES["expressions"]).decoder)
    assert {op["op"] for op in ops} == {"linear"}
    assert ops[-1]["to"] == [2, 64, 64]


def test_holes_do_not_count_and_the_mouth_counts_more(begun: Expressions) -> None:
    error, counts = torch.zeros(3, 2, 64, 64), torch.ones(3, 1, 64, 64)
    error[0, 0, 53, 31] = error[1, 0, 5, 5] = error[2, 0, 53, 31] = 1.0
    counts[:, :, 53, 31] = torch.tensor([1.0, 1.0, 0.0])[:, None]
    rest = begun._nats(torch.zeros_like(error), counts)
    nats = begun._nats(error, counts) - rest
    weight = importance()
    variance = float(begun.noise) ** 2
    expected = [float(weight[53, 31]) / (2 * variance), float(weight[5, 5]) / (2 * variance), 0.0]
    torch.testing.assert_close(nats, torch.tensor(expected), rtol=1e-2, atol=1e-2)
    assert expected[0] > 3 * expected[1]


def test_augmented_flows_are_mirrored_or_scaled_with_all_that_belongs_to_them(drawn: Pictures) -> None:
    torch.manual_seed(1)
    some = torch.arange(60)
    batch = Batch(drawn.floats(some), drawn.y[some], 0)
    edits, counts = augmented(batch)
    plain, turned = flow.of_rows(batch.y), flow.mirrored(flow.of_rows(batch.y))
    kept = 0
    for i in range(60):
        scale = float(edits.strength[i] / plain.strength[i])
        assert scale == pytest.approx(1) or (i % 3 == 0 and 0.19 < scale < 1.21)
        same = torch.allclose(edits.flow[i], scale * plain.flow[i], atol=1e-4)
        kept += same
        of = plain if same else turned
        torch.testing.assert_close(edits.flow[i], scale * of.flow[i], atol=1e-4, rtol=0)
        assert edits.goal[i] == of.goal[i]
        assert (edits.points[i] - of.points[i]).abs().max() < 6 * expressions.UNSURE
        holes = counts[i, 0] < 0.5
        assert holes.sum() == pytest.approx(float((batch.x[i, 3] > 0.5).sum()), abs=8)
    assert 10 < kept < 50


def test_people_are_drawn_evenly_and_london_more_often() -> None:
    person = torch.tensor([0] * 10 + [1] + [2] * 5)
    source = torch.tensor([flow.SOURCES.index("celeba")] * 11 + [flow.SOURCES.index("london")] * 5)
    weights = ByPerson.weights_of(torch.stack([person, source], 1).float())
    each = torch.zeros(3).index_add_(0, person, weights)
    torch.testing.assert_close(each, torch.tensor([1.0, 1.0, expressions.OFTEN["london"]]))


def test_training_learns_flows_and_what_an_expression_foretells(trained: Expressions, drawn: Pictures) -> None:
    edits = flow.of_rows(drawn.y)
    y = trained.face(edits.points)
    with torch.no_grad():
        rebuilt = trained.decode(trained.encode(edits.flow, y).mean, y)
        assert unexplained(rebuilt, edits.flow) < 0.15
        codes = codes_of(trained, drawn)
        for name in ("brows_up", "pucker"):
            mine = flow.taken(edits, edits.goal == EXPRESSIONS.index(name))
            told = trained.face(mine.points)
            answer = trained.decode(codes.at(SHAPED, EXPRESSIONS.index(name), told, mine.strength[:, None]), told)
            assert unexplained(answer, mine.flow) < 0.5


class Known(Expressions):
    """Its code of a flow is the flow's mean over a corner of cells, and y, weighed: so codes are known."""

    def __init__(self) -> None:
        super().__init__(z=2, told=3, components=4, hidden=4)

    def face(self, points: Tensor) -> Tensor:
        return points[:, :3, 0] - 30

    def encode(self, x: Tensor, y: Tensor | None = None) -> torch.distributions.Independent:
        mean = x[:, :, 0, 10]
        return torch.distributions.Independent(torch.distributions.Normal(mean, 1.0), 1)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return (z * torch.tensor([1.0, 3.0]))[:, :, None, None].expand(-1, -1, 64, 64)


def edits_by(law: Tensor, count: int = 800, noise: float = 0.0) -> Pictures:
    """Flows to `squint`, shaped, whose code by `Known` is strength * (law (2, 4) @ [1, y]), and noise."""
    torch.manual_seed(0)
    points, strength = 30 + torch.randn(count, 138, 2), 0.5 + torch.rand(count)
    y = points[:, :3, 0] - 30
    code = strength[:, None] * (torch.cat([torch.ones(count, 1), y], 1) @ law.T) + noise * torch.randn(count, 2)
    flows = torch.zeros(count, 2, 64, 64)
    flows[:, :, 0, 10] = code
    none = torch.zeros(count, dtype=torch.int64)
    goal, shapes = none + EXPRESSIONS.index("squint"), torch.zeros(count, len(flow.SHAPES))
    edits = Edits(none, none, none, goal, none + 1, strength, points, shapes, flows)
    return Pictures("known", True, torch.zeros(count, 4, 64, 64, dtype=torch.uint8), flow.rows(edits))


def test_codes_are_those_of_the_law_that_made_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "mirrored", lambda edits: edits)  # a mirror would change this law
    law = torch.tensor([[1.0, 0.5, 0.0, -1.0], [-2.0, 0.0, 1.0, 0.3]])
    monkeypatch.setattr(expressions, "RIDGE", (1e-3, 1e-3))
    codes = codes_of(Known(), edits_by(law))
    goal = EXPRESSIONS.index("squint")
    assert codes.number.nonzero().tolist() == [[SHAPED, goal]]
    torch.testing.assert_close(codes.mean[SHAPED, goal], law[:, 0], atol=1e-2, rtol=0)
    torch.testing.assert_close(codes.slope[SHAPED, goal], law[:, 1:], atol=1e-2, rtol=0)
    y = torch.tensor([[1.0, 2.0, 0.5]])
    torch.testing.assert_close(codes.at(SHAPED, goal, y, 0.5), 0.5 * torch.tensor([[1.0, 0.15]]), atol=2e-2, rtol=0)
    assert not codes.mean[MEASURED].any()


def test_draws_spread_as_the_codes_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "mirrored", lambda edits: edits)
    monkeypatch.setattr(expressions, "RIDGE", (1e-3, 1e-3))
    codes = codes_of(Known(), edits_by(torch.zeros(2, 4), noise=0.7))
    goal = EXPRESSIONS.index("squint")
    torch.manual_seed(0)
    draws = codes.drawn(SHAPED, goal, torch.zeros(4_000, 3))
    torch.testing.assert_close(draws.std(0), torch.full((2,), 0.7), atol=0.06, rtol=0)
    weaker = codes.drawn(SHAPED, goal, torch.zeros(4_000, 3), 0.5)
    torch.testing.assert_close(weaker.std(0), torch.full((2,), 0.35), atol=0.03, rtol=0)


def test_the_first_way_is_the_one_that_shows_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both numbers of the code differ alike between people; the second moves the flow three times as far."""
    monkeypatch.setattr(expressions, "mirrored", lambda edits: edits)
    monkeypatch.setattr(expressions, "WAYS", 1)
    codes = codes_of(Known(), edits_by(torch.zeros(2, 4), noise=0.7))
    way = codes.spread[SHAPED, EXPRESSIONS.index("squint")]
    assert way.shape == (1, 2)
    torch.testing.assert_close(way.abs(), torch.tensor([[0.0, 0.7]]), atol=0.06, rtol=0)
