"""Flows between expressions: how they are mirrored, where a face is, what folds, and what a warp does to a picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.interpolate import RBFInterpolator
from skimage.draw import polygon2mask
from torch import Tensor

from vaedemo.data import flow
from vaedemo.data.flow import EXPRESSIONS, SHAPES, Edits
from vaedemo.data.synthetic import grimaces

torch.set_num_threads(1)


def faces(count: int) -> Tensor:
    return torch.from_numpy(grimaces.people(count, np.random.default_rng(0)))


def some(count: int = 3) -> Edits:
    torch.manual_seed(0)
    return Edits(
        torch.arange(count),
        torch.zeros(count, dtype=torch.int64),
        torch.zeros(count, dtype=torch.int64),
        torch.full((count,), EXPRESSIONS.index("wink_left")),
        torch.ones(count, dtype=torch.int64),
        torch.full((count,), 0.5),
        faces(count),
        torch.rand(count, len(SHAPES)),
        torch.randn(count, 2, 64, 64),
    )


def even(right: float, down: float) -> Tensor:
    """A flow (1, 2, 64, 64) that is the same everywhere."""
    return torch.tensor([float(right), float(down)])[None, :, None, None].expand(1, 2, 64, 64).clone()


def linear(across: float, down: float) -> Tensor:
    """A flow that stretches the picture about its middle: flow_x grows by `across` a pixel to the right."""
    axis = torch.arange(64) + 0.5 - 32
    return torch.stack([(across * axis).expand(64, 64), (down * axis)[:, None].expand(64, 64)])[None]


def test_rows_come_back() -> None:
    edits = some()
    y = flow.rows(edits)
    assert y.shape == (3, flow.COLUMNS)
    for given, found in zip(edits, flow.of_rows(y)):
        assert torch.equal(given, found)


def test_a_mirror_changes_sides_directions_and_names() -> None:
    edits = some(1)
    edits.flow.zero_()
    edits.flow[0, 0, 40, 20], edits.flow[0, 1, 40, 20] = 3.0, 4.0
    turned = flow.mirrored(edits)
    assert (turned.flow[0, 0, 40, 42], turned.flow[0, 1, 40, 42]) == (-3, 4)  # 20.5 to 42.5, about 31.5
    assert EXPRESSIONS[turned.goal[0]] == "wink_right"
    assert EXPRESSIONS[turned.start[0]] == "neutral"
    left, right, jaw = (SHAPES.index(name) for name in ("mouthSmile_L", "mouthSmile_R", "jawOpen"))
    assert torch.equal(turned.shapes[0, [right, left, jaw]], edits.shapes[0, [left, right, jaw]])


def test_two_mirrors_give_what_was() -> None:
    edits = some()
    again = flow.mirrored(flow.mirrored(edits))
    for name, given, found in zip(Edits._fields, edits, again):
        if name == "flow":
            given, found = given[..., :63], found[..., :63]  # the last column comes from outside
        torch.testing.assert_close(found, given)


def test_landmarks_of_a_symmetric_face_are_those_of_its_mirror_image() -> None:
    points = faces(4)
    turned = flow.mirrored_points(points, 31.45)  # drawn faces are symmetric about that line
    torch.testing.assert_close(turned, points, atol=0.2, rtol=0)
    assert (points - flow.mirrored_points(points[:, torch.randperm(138)], 31.45)).abs().max() > 5


def test_cells_inside_a_line_are_those_of_skimage() -> None:
    """skimage counts pixel centres as whole numbers; lines keep off all centres, where rules differ."""
    line = torch.tensor([[10.213, 8.341], [50.729, 12.117], [40.353, 30.977], [55.471, 58.203], [20.119, 44.683]])
    mask = polygon2mask((64, 64), line.flip(1).numpy() - 0.5)
    assert np.array_equal(flow.inside(line[None])[0].numpy(), mask)


def test_eyes_lie_in_the_eyes_cells_and_the_mouth_does_not() -> None:
    cells = flow.eye_cells(faces(2))
    assert cells[:, 33, [21, 41]].all()
    assert not cells[:, 50:].any()
    assert not cells[:, :, 31].any()


def test_no_flow_is_the_picture_itself() -> None:
    picture = torch.rand(2, 3, 128, 128)
    torch.testing.assert_close(flow.warped(picture, torch.zeros(2, 2, 64, 64)), picture, atol=1e-5, rtol=0)


def test_an_even_flow_moves_the_picture_by_as_much_at_any_size() -> None:
    """edited(x, y) = photo(x + 3, y - 2), in pixels of 64: twice as many of a picture of 128."""
    for side in (64, 128):
        picture, k = torch.rand(1, 3, side, side), side // 64
        edited = flow.warped(picture, even(3, -2))
        expected = picture[:, :, : side - 2 * k, 3 * k :]
        torch.testing.assert_close(edited[:, :, 2 * k :, : side - 3 * k], expected, atol=1e-4, rtol=0)


def test_neither_rest_nor_shift_nor_stretching_folds() -> None:
    for kind in (even(0, 0), even(5, 2), linear(2.0, 0.5), linear(-0.9, -0.9)):
        assert not flow.folds(kind).any()


def test_what_turns_over_folds_everywhere() -> None:
    assert flow.folds(linear(-1.5, 0.0)).all()
    assert not flow.folds(linear(-1.5, -1.5)).any()  # turned over twice: half a turn


def test_a_bump_folds_where_its_slope_is_below_minus_one() -> None:
    axis = torch.arange(64) + 0.5 - 32
    bump = torch.zeros(1, 2, 64, 64)
    bump[0, 0] = 8 * torch.exp(-0.5 * (axis / 4) ** 2)
    slope = torch.gradient(bump[0, 0, 0])[0]
    assert torch.equal(flow.folds(bump)[0, 20], slope < -1)
    assert 0 < flow.folds(bump).float().mean() < 0.2


@pytest.mark.parametrize("which", [torch.tensor([2, 0]), torch.tensor([True, False, True])])
def test_some_of_the_flows(which: Tensor) -> None:
    assert torch.equal(flow.taken(some(), which).flow, some().flow[which])


def test_what_is_painted_lies_where_a_flow_stretches_the_line_between_lips() -> None:
    points = faces(2)
    between = points[:, flow.MOUTH, 1].mean(1)
    axis = torch.arange(64) + 0.5
    opens = torch.zeros(2, 2, 64, 64)
    for one, line in zip(opens, between):  # three pixels of the edit show one of the photo
        one[1] = -4.0 * ((axis[:, None] - line) / 6).clamp(0, 1) * ((axis - 31.5).abs() < 6)
    share, teeth = flow.opened(opens, points)
    rows, columns = share[0].amax(1).nonzero()[:, 0], share[0].amax(0).nonzero()[:, 0]
    assert between[0] - 2 < rows.min() < rows.max() < between[0] + 8
    assert columns.tolist() == list(range(26, 37))
    assert teeth[0, rows.min(), 31] > 0.99
    assert teeth[0, rows.max(), 31] < 0.01
    assert not flow.opened(0.5 * opens, points)[0].any()  # two of three: lips, stretched a little
    points[:, flow.MOUTH.start : flow.MOUTH.start + 10, 1] += 3  # a mouth that is open already
    assert not flow.opened(opens, points)[0].any()


def test_painting_keeps_what_is_not_opened() -> None:
    picture, share, teeth = torch.rand(1, 3, 8, 8), torch.zeros(1, 8, 8), torch.zeros(1, 8, 8)
    share[0, 2:4], teeth[0, 2] = 1.0, 1.0
    found = flow.painted(picture, share, teeth)
    assert torch.equal(found[:, :, 4:], picture[:, :, 4:])
    torch.testing.assert_close(found[0, :, 2, 5], torch.tensor(flow.TEETH) / 255)
    torch.testing.assert_close(found[0, :, 3, 5], torch.tensor(flow.DARK) / 255)


def test_moves_are_spread_as_scipy_spreads_them_and_fade_far_away() -> None:
    dice = np.random.default_rng(0)
    places, moves = dice.uniform(20, 44, (7, 2)), dice.normal(size=(7, 2))
    spread = flow.spread(torch.from_numpy(places), torch.from_numpy(moves))[0].numpy()
    shape = {"kernel": "gaussian", "epsilon": 1 / (np.sqrt(2) * flow.NEAR), "degree": -1}
    rbf = RBFInterpolator(places, moves, smoothing=flow.LOOSE, **shape)
    cells = np.stack(np.meshgrid(np.arange(64) + 0.5, np.arange(64) + 0.5), -1).reshape(-1, 2)
    np.testing.assert_allclose(spread.reshape(2, -1).T, rbf(cells), atol=1e-6)
    assert np.abs(spread[:, :2]).max() < 1e-2
