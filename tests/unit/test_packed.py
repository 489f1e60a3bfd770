"""Weights as they ship: half the bytes, an error that is known, and the same numbers for PyTorch and the browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load, save_file
from test_browser_export import float16s
from torch import nn

from vaedemo.errors import ChainError, Misfit
from vaedemo.models import assemble, build
from vaedemo.models.image_tower import ImageTower
from vaedemo.recipes import RECIPES
from vaedemo.release import export
from vaedemo.release.browser_export import browser_file
from vaedemo.release.browser_layout import Reader
from vaedemo.store.packed import LARGE, Tensors, pack

RNG = np.random.default_rng(0)
NAME = "digits-2d"


def read_back(kept: dict[str, np.ndarray], folder: Path) -> dict[str, np.ndarray]:
    save_file(kept, folder / "model.safetensors")
    with safe_open(folder / "model.safetensors", framework="numpy") as file:
        read = Tensors(file)
        return {name: read(name) for name in read.names}


@pytest.mark.parametrize("shape", [(96, 48, 4, 4), (64, 4_001), (4_001, 5), (70, 90, 1, 1)])
@pytest.mark.parametrize("size", [1e-5, 1, 1e3])
def test_a_number_is_off_by_at_most_half_a_step(shape: tuple[int, ...], size: float, tmp_path: Path) -> None:
    """A step is 1/127 of the largest of 32 neighbours in a row, found here part by part. Rows are of very different
    sizes, within float16's range from 6e-8 to 65504."""
    sizes = size * np.logspace(-3, 1, shape[0], dtype=np.float32).reshape(-1, *[1] * (len(shape) - 1))
    tensor = RNG.standard_normal(shape, np.float32) * sizes
    kept = pack({"a": tensor})
    assert {name: part.dtype for name, part in kept.items()} == {"a": np.int8, "a.scale": np.float16}
    assert sum(part.nbytes for part in kept.values()) < 0.8 * 2 * tensor.size  # short rows have a scale, too
    told = read_back(kept, tmp_path)["a"]
    assert (told.dtype, told.shape) == (np.float16, shape)
    rows, errors = tensor.reshape(shape[0], -1), np.abs(told.astype(np.float32) - tensor).reshape(shape[0], -1)
    rounding = np.spacing(np.abs(told)).astype(np.float32).reshape(rows.shape) / 2
    for start in range(0, rows.shape[1], 32):
        part = slice(start, start + 32)
        step = np.abs(rows[:, part]).max(1, keepdims=True) / 127
        assert (errors[:, part] <= 0.5 * (1.001 * step + 6e-8) + rounding[:, part]).all()


def test_what_whole_steps_make_comes_back_exactly(tmp_path: Path) -> None:
    steps = RNG.integers(-127, 128, (64, 100)).astype(np.float32)
    steps[:, ::32] = 127
    steps[5] = 0  # a row of nothing
    rows = steps * np.exp2(np.arange(64, dtype=np.float32) % 16 - 12)[:, None]
    given = {"a": rows, "small": rows[:2], "b.bias": rows.ravel()}
    kept = pack(given)
    assert {name: kept[name].dtype for name in kept} == {
        **{"a": np.int8, "a.scale": np.float16},
        **{"small": np.float16, "b.bias": np.float16},
    }
    told = read_back(kept, tmp_path)
    assert told.keys() == given.keys()
    for name in given:
        assert np.array_equal(told[name], given[name].astype(np.float16))
    again = pack({"a": told["a"]})  # packing what was unpacked changes nothing
    assert all(np.array_equal(again[name], kept[name]) for name in again)


@pytest.mark.parametrize("number", [np.nan, np.inf, 7e4])
def test_numbers_that_float16_cannot_hold_are_refused(number: float) -> None:
    for size in (4, LARGE):
        tensor = np.ones((2, size), np.float32)
        tensor[1, 1] = number
        with pytest.raises(Misfit, match=r"a\.weight holds numbers that float16 cannot"):
            pack({"a.weight": tensor})


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        ({"a": np.ones((4, 4), np.int64)}, "has a as I64, which this version does not read"),
        ({"a": np.ones((4, 4), np.int8)}, "has a as int8, without the scales that belong to it"),
        ({"a": np.ones((4, 4), np.int8), "a.scale": np.ones((1, 1), np.float16)}, "without the scales"),
        ({"a": np.ones((4, 4), np.int8), "a.scale": np.ones((4, 1), np.float32)}, "without the scales"),
        ({"a": np.ones((4, 4), np.int8), "a.scale": np.full((4, 1), np.nan, np.float16)}, "without the scales"),
    ],
)
def test_what_no_version_packed_is_refused_in_a_sentence(kept: dict, says: str, tmp_path: Path) -> None:
    with pytest.raises(Misfit, match=f"model.safetensors .*{says}"):
        read_back(kept, tmp_path)
    with safe_open(tmp_path / "model.safetensors", framework="numpy") as file, pytest.raises(ChainError, match=says):
        Reader(file)("a", 2)


def test_pytorch_and_the_browser_read_the_same_numbers(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = build(RECIPES[NAME], folded=True)
    export.save_model(model, tmp_path / "model.safetensors")
    told = assemble(RECIPES[NAME], tmp_path).state_dict()
    with safe_open(tmp_path / "model.safetensors", framework="numpy") as file:
        read, packed = Reader(file), Tensors(file).packed
        assert packed == {name for name, value in told.items() if value.ndim > 1 and value.numel() >= LARGE}
        for name, value in told.items():
            assert np.array_equal(read(name, value.ndim).astype(np.float32), value.numpy()), name
    # The browser's own file stands for that of a float16 file that holds the same numbers: such files are read, too.
    halves = {name: value.half().numpy() for name, value in told.items()}
    with safe_open(tmp_path / "model.safetensors", framework="numpy") as file:
        (tmp_path / "old").mkdir()
        save_file(halves, tmp_path / "old" / "model.safetensors", file.metadata())
    both = [load(browser_file(folder / "model.safetensors")) for folder in (tmp_path, tmp_path / "old")]
    assert {tensor.dtype for tensor in both[0].values()} == {np.dtype(kind) for kind in ("int8", "float16", "uint16")}
    assert {tensor.dtype for tensor in both[1].values()} == {np.dtype(np.float16)}
    stood_for = float16s(both[0])
    assert stood_for.keys() == both[1].keys()
    assert all(np.array_equal(stood_for[name], both[1][name]) for name in stood_for)
    for name, value in assemble(RECIPES[NAME], tmp_path / "old").state_dict().items():
        assert torch.equal(value, told[name]), name


def test_the_tower_ships_as_others_learned_from_it(tmp_path: Path) -> None:
    tower, layer = ImageTower(32), nn.Linear(64, 64)
    tower.tower = layer  # type: ignore[assignment]
    export.save_model(tower, tmp_path / "model.safetensors")
    with safe_open(tmp_path / "model.safetensors", framework="numpy") as file:
        assert np.array_equal(Tensors(file)("tower.weight"), layer.weight.detach().half().numpy())
