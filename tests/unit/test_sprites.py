"""The drawn sprites: dSprites' factors exactly, and only the named factor moves."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from vaedemo import data
from vaedemo.data import sprites
from vaedemo.errors import DataMissing


def one(shape: int = 2, scale: int = 5, orientation: int = 0, x: int = 16, y: int = 16) -> Tensor:
    return sprites.draw(torch.tensor([[shape, scale, orientation, x, y]]))[0, 0]


def box(picture: Tensor) -> tuple[int, int, int, int]:
    """First and last row, first and last column with ink."""
    rows, columns = (picture.amax(axis).nonzero()[:, 0] for axis in (1, 0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def test_the_splits_are_all_737280_sprites_once() -> None:
    parts = {split: data.load("sprites", split) for split in ("train", "validation", "test")}
    sizes = {split: len(part) for split, part in parts.items()}
    assert sizes == {"train": 717_280, "validation": 10_000, "test": 10_000}
    every = np.concatenate([np.ravel_multi_index(tuple(part.y.numpy().T), sprites.SIZES) for part in parts.values()])
    assert len(np.unique(every)) == math.prod(sprites.SIZES) == 737_280
    assert parts["test"].factors == sprites.FACTORS
    assert not parts["test"].synthetic


def test_a_split_draws_what_its_factors_say() -> None:
    pictures = data.load("sprites", "test")
    some = torch.tensor([5, 77, 9_999])
    assert torch.equal(pictures.floats(some), sprites.draw(pictures.y[some]))
    assert torch.equal(pictures.floats(slice(3, 6)), sprites.draw(pictures.y[3:6]))
    assert set(pictures.floats(some).unique().tolist()) == {0.0, 1.0}
    assert pictures.floats(some).shape == (3, 1, 64, 64)


@pytest.mark.parametrize("shape", range(3))
def test_x_moves_to_the_right_and_y_down_by_a_pixel(shape: int) -> None:
    here = one(shape)
    assert torch.equal(one(shape, x=17), here.roll(1, 1))
    assert torch.equal(one(shape, y=19), here.roll(3, 0))


@pytest.mark.parametrize("shape", range(3))
def test_no_sprite_is_cut_at_any_place(shape: int) -> None:
    areas = {
        (turn, x, y): int(one(shape, 5, turn, x, y).sum())
        for turn in range(0, 40, 3)
        for x, y in ((0, 0), (31, 31), (0, 31), (16, 16))
    }
    for (turn, _, _), area in areas.items():
        assert area == areas[turn, 16, 16]


@pytest.mark.parametrize("shape", range(3))
def test_scales_grow_evenly(shape: int) -> None:
    areas = torch.stack([one(shape, scale).sum() for scale in range(6)])
    wanted = areas[-1] * torch.linspace(0.5, 1, 6) ** 2
    assert torch.allclose(areas, wanted, rtol=0.12)


def test_symmetries() -> None:
    """A square has four equal quarters, an ellipse two halves, a heart neither; the last turn is the first again."""
    centred = {shape: one(shape)[1:, 1:] for shape in range(3)}  # pixel 32 in the middle

    def differs(shape: int, quarters: int) -> int:
        return int((centred[shape].rot90(quarters) - centred[shape]).abs().sum())

    assert differs(0, 1) == 0
    assert differs(1, 2) == 0
    assert differs(1, 1) > 100
    assert differs(2, 2) > 100
    for shape in range(3):
        assert (one(shape, orientation=39) - one(shape)).abs().sum() <= 4
        assert (one(shape, orientation=5) - one(shape)).abs().sum() > 10


def test_the_heart_stands_upright() -> None:
    top, bottom, left, right = box(one(2))
    rows = one(2).sum(1)
    assert rows[top + 2] > rows[bottom - 2]  # two lobes above, one tip below
    assert abs((left + right) - 2 * 32) <= 2


@pytest.mark.parametrize("shape", range(3))
def test_a_turning_sprite_stays_in_place(shape: int) -> None:
    """Else the place would depend on the orientation, and no latent could carry it alone."""
    pixels = torch.arange(64.0)
    for orientation in range(40):
        picture = one(shape, orientation=orientation)
        for side in (0, 1):
            centre = float((picture.sum(side) * pixels).sum() / picture.sum())
            assert abs(centre - 32) < 0.15


def test_there_is_nothing_to_download() -> None:
    assert "drawn here" in sprites.where(None)
    with pytest.raises(DataMissing, match="drawn here"):
        data.sets()["sprites"].download(None)  # type: ignore[arg-type]
