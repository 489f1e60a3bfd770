"""Measures of flows, on models and flows whose figures are known."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.distributions import Independent, Normal

from vaedemo import data
from vaedemo.data import Pictures, flow
from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.data.flow import EXPRESSIONS
from vaedemo.evaluation import edited_faces, evaluate
from vaedemo.evaluation import expressions as measures
from vaedemo.evaluation import landmarks as landmark_measures
from vaedemo.models import build_net
from vaedemo.models.expressions import MEASURED, SHAPED, Expressions
from vaedemo.models.landmarks import Landmarks, carried, similarity
from vaedemo.recipes import NETS, RECIPES

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def drawn() -> Pictures:
    return data.load("expressions", "validation", twin=True)


class Scaled(Expressions):
    """Encodes a flow as what a corner of it is times `by`, and decodes the flow it saw last, times `by`."""

    def __init__(self, by: float) -> None:
        super().__init__(z=2, told=3, components=4, hidden=4)
        self.by, self.seen = by, torch.zeros(0)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Independent:
        self.seen = x
        return Independent(Normal(torch.zeros(len(x), 2), 1.0), 1)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.by * self.seen


@pytest.mark.parametrize(("by", "expected"), [(1.0, 0.0), (0.0, 1.0), (0.5, 0.25), (1.1, 0.01), (-1.0, 4.0)])
def test_what_is_left_of_flows_that_come_back_scaled(drawn: Pictures, by: float, expected: float) -> None:
    model = Scaled(by).eval()
    assert measures.reconstruction(model, drawn) == pytest.approx(expected, abs=1e-5)


def test_what_lies_beyond_the_face_and_in_holes_does_not_count(drawn: Pictures) -> None:
    """A decoder that is wrong there alone is exact."""
    counts = measures.counted(drawn)
    edits = flow.of_rows(drawn.y)
    assert not counts[:, 0, :8].any()
    assert counts[:, 0, 40, 31].all()
    opened = edits.goal == EXPRESSIONS.index("mouth_open")
    holes = drawn.x[opened, 3:] == 255
    assert holes.any()
    assert not (counts[opened] & holes).any()
    wrong = {id(edits): edits.flow + 9.0 * ~counts}
    found = measures.left(lambda rows, goal: wrong[id(edits)][edits.goal == goal], edits, counts)
    assert found == pytest.approx(0, abs=1e-9)


def test_who_knows_the_flow_leaves_nothing_and_the_mean_flow_leaves_the_variance(drawn: Pictures) -> None:
    rows, counts = measures.chosen(drawn, MEASURED)
    assert set(rows.goal.tolist()) == {EXPRESSIONS.index("smile"), EXPRESSIONS.index("smile_open")}
    assert not rows.start.any()
    assert measures.left(lambda edits, goal: edits.flow, rows, counts) == 0
    lost = whole = 0.0
    for goal in rows.goal.unique():
        flows, cells = rows.flow[rows.goal == goal], counts[rows.goal == goal]
        lost += float(((flows - flows.mean(0)) ** 2 * cells).sum())
        whole += float((flows**2 * cells).sum())
    assert measures.left(measures._mean_flow(rows), rows, counts) == pytest.approx(lost / whole, rel=1e-4)


def test_ridge_is_scikits(drawn: Pictures) -> None:
    from sklearn.linear_model import Ridge

    rows, _ = measures.chosen(drawn, SHAPED)
    goal = EXPRESSIONS.index("squint")
    mine = flow.taken(rows, rows.goal == goal)
    faces, flows = mine.points.flatten(1).numpy(), mine.flow.flatten(1) / mine.strength[:, None]
    expected = torch.from_numpy(Ridge(alpha=30.0).fit(faces, flows.numpy()).predict(faces)) * mine.strength[:, None]
    found = measures._ridge(rows, 30.0)(mine, goal)
    torch.testing.assert_close(found.flatten(1), expected.float(), atol=2e-3, rtol=1e-3)


def test_ridge_learns_drawn_expressions_which_are_linear_in_the_landmarks_almost(drawn: Pictures) -> None:
    learned, _ = measures.chosen(data.load("expressions", "test", twin=True), SHAPED)
    rows = measures.chosen(drawn, SHAPED)
    means = measures.left(measures._ridge(learned, 1e9), *rows)
    assert measures.left(measures._mean_flow(learned), *rows) > means  # which know no strength
    assert measures.left(measures._ridge(learned, 3.0), *rows) < 0.7 * means


def test_the_best_of_ten_is_that_of_groups(drawn: Pictures) -> None:
    """A draw that is exact once in ten leaves nothing; one that is off by 1 to 50 times the flow leaves the mean of the
    squares of the tens' nearest."""
    rows = measures.chosen(drawn, MEASURED)
    calls = dict.fromkeys(range(15), 0)

    def now_and_then(edits: flow.Edits, goal: int) -> Tensor:
        calls[goal] += 1
        return edits.flow * (calls[goal] % 10 == 3)

    assert measures.best_of(now_and_then, *rows) == 0
    calls = dict.fromkeys(range(15), 0)

    def farther(edits: flow.Edits, goal: int) -> Tensor:
        calls[goal] += 1
        return edits.flow * (1 + calls[goal])

    assert measures.best_of(farther, *rows) == pytest.approx((1 + 11**2 + 21**2 + 31**2 + 41**2) / 5, rel=1e-4)


class Folding(Expressions):
    """Decodes one flow whatever z is."""

    def __init__(self, answer: Tensor) -> None:
        super().__init__(z=2, told=3, components=4, hidden=4)
        self.answer = answer

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.answer.expand(len(z), -1, -1, -1)


def test_folds_are_counted_beside_the_eyes_alone(drawn: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "FOLDED", 40)
    monkeypatch.setattr(data, "load", lambda *_, **__: drawn)
    axis = torch.arange(64) + 0.5
    turned = torch.stack([(-2 * axis).expand(64, 64), torch.zeros(64, 64)])[None]
    for answer, expected in ((torch.zeros(1, 2, 64, 64), 0.0), (turned, 1.0)):
        found = measures.folded_cells(Folding(answer).eval(), drawn)["folded_cells"]
        assert found == pytest.approx(expected)
    points = flow.of_rows(drawn.y).points
    always = flow.eye_cells(points).all(0)  # cells that are an eye's in all faces
    lids = torch.zeros(1, 2, 64, 64)
    lids[0, 0, 33, 21] = 3.0
    assert always[33, 19:24].all()
    assert flow.folds(lids).sum() > 0
    assert measures.folded_cells(Folding(lids).eval(), drawn)["folded_cells"] == 0


def test_all_keys_are_there(drawn: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "FOLDED", 20)
    monkeypatch.setattr(data, "load", lambda name, split, **_: data.sets()[name].twin("validation"))
    recipe = RECIPES["expressions"]
    torch.manual_seed(0)
    model = build_net(recipe)
    model.begin(drawn, {})
    peers = {name: build_net(NETS[name]).eval() for name in ("faces-reader",)}
    found = evaluate(model, recipe, drawn, "validation", peers)
    wanted = "reconstruction_unexplained smile_unexplained smile_unexplained_mean smile_unexplained_ridge "
    wanted += "smile_best_of_10_unexplained synthetic_unexplained synthetic_unexplained_ridge read_as_smiling "
    wanted += "read_as_not_smiling leak sharpness folded_cells"
    assert set(wanted.split()) <= found.keys()


# --- what a reader sees ----------------------------------------------------------------------------------------------


def scores(**values: float) -> Tensor:
    """Log odds (1, 40) that say p(there) - p(not there) is as given, and 0 of all others."""
    each = torch.zeros(1, len(ATTRIBUTES))
    for name, value in values.items():
        each[0, ATTRIBUTES.index(name)] = 2 * torch.atanh(torch.tensor(value))
    return each


def test_leak_is_what_moves_beyond_what_goes_together() -> None:
    going = torch.zeros(len(ATTRIBUTES))
    going[edited_faces.SMILING], going[ATTRIBUTES.index("High_Cheekbones")] = 0.8, 0.4
    before = scores()
    assert edited_faces.leak(before, scores(Smiling=0.6), going) == 0
    assert edited_faces.leak(before, scores(Smiling=0.6, High_Cheekbones=0.3), going) == pytest.approx(0, abs=1e-6)
    leaked = edited_faces.leak(before, scores(Smiling=0.6, High_Cheekbones=0.5, Bald=-0.3), going)
    assert leaked == pytest.approx((0.2 + 0.3) / 39 / 0.6, rel=1e-4)


def test_the_share_that_smiles() -> None:
    three = torch.cat([scores(Smiling=0.2), scores(Smiling=-0.1), scores()])
    assert edited_faces.seen_smiling(three) == pytest.approx(1 / 3)


def test_photos_are_those_of_the_same_people(drawn: Pictures) -> None:
    photos = edited_faces.photos_of(drawn)
    assert torch.equal(photos.y, data.load("landmarks", "validation", twin=True).y)
    other = replace(drawn, y=drawn.y + 1.0)
    with pytest.raises(ValueError, match="no split"):
        edited_faces.photos_of(other)


# --- landmarks -------------------------------------------------------------------------------------------------------


def test_errors_are_in_parts_of_the_eyes_distance() -> None:
    points = flow.of_rows(data.load("expressions", "validation", twin=True).y[:3]).points
    apart = 19.5
    assert landmark_measures.relative(points, points) == 0
    off = points + torch.tensor([3.0, 4.0])
    assert landmark_measures.relative(off, points) == pytest.approx(5 / apart, rel=1e-3)
    move = similarity(torch.full((3,), 2.0), torch.zeros(3), torch.zeros(3, 2))
    assert landmark_measures.relative(carried(off, move), carried(points, move)) == pytest.approx(5 / apart, rel=1e-3)


class Blind(Landmarks):
    """Says the mean face of whatever picture."""

    def locate(self, x: Tensor) -> Tensor:
        return self.usual.expand(len(x), -1, -1)


def test_who_is_blind_is_off_by_the_moves_and_by_what_faces_differ() -> None:
    faces = data.load("landmarks", "validation", twin=True)
    net = Blind(**NETS["faces-landmarks"].net)
    net.begin(faces, {})
    torch.manual_seed(0)
    found = landmark_measures.landmark_error(net.eval(), faces)
    assert 0.01 < found["landmark_error_mean_face"] < found["landmark_error"] < 0.25
