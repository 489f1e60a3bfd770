"""Photographs for the image tower: planes, regions whose hue is turned, and the table that says whose color is free."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from vaedemo.data import photos
from vaedemo.data.salient_region import salient_region, turned
from vaedemo.errors import DataMissing
from vaedemo.vision import cielab

torch.set_num_threads(1)
GREEN = (-0.05, 0.05)


def field_with(color: tuple[float, float], rows: slice, columns: slice) -> np.ndarray:
    """A pale green color field with a rectangle of one color."""
    ab = np.empty((2, 32, 32), np.float32)
    ab[0], ab[1] = GREEN
    ab[0, rows, columns], ab[1, rows, columns] = color
    return ab


def test_a_picture_comes_back_from_its_planes() -> None:
    rgb = torch.full((1, 3, 128, 128), 90, dtype=torch.uint8)
    rgb[:, 0, 32:96, 32:96] = 220
    x = photos.planes(rgb).float() / 255
    assert x.shape == (1, photos.PLANES + 3, 32, 32)
    light = torch.nn.functional.pixel_shuffle(x[:, : photos.PLANES], photos.PIXELS)
    shown = cielab.to_rgb(
        light, 2 * x[:, photos.PLANES : photos.PLANES + 2].repeat_interleave(5, 2).repeat_interleave(5, 3) - 1
    )
    inside, outside = shown[0, :, 60:100, 60:100], shown[0, :, :30, :30]
    assert torch.allclose(255 * inside.mean((1, 2)), torch.tensor([220.0, 90.0, 90.0]), atol=3)
    assert torch.allclose(255 * outside.mean((1, 2)), torch.tensor([90.0, 90.0, 90.0]), atol=3)


def test_a_red_thing_on_pale_ground_is_found_exactly() -> None:
    place = slice(10, 20), slice(8, 22)
    region = salient_region(field_with((0.5, 0.3), *place))
    wanted = np.zeros((32, 32), bool)
    wanted[place] = True
    assert region is not None
    assert (region == wanted).all()


@pytest.mark.parametrize(
    ("color", "rows", "columns"),
    [
        ((0.1, 0.2), slice(10, 20), slice(8, 22)),  # wood, skin
        ((-0.2, 0.2), slice(10, 20), slice(8, 22)),  # leaves
        ((0.0, -0.4), slice(0, 12), slice(0, 32)),  # sky
        ((0.5, 0.3), slice(10, 13), slice(8, 11)),  # too small
        ((0.5, 0.3), slice(2, 31), slice(2, 31)),  # nearly everything
        ((0.5, 0.3), slice(0, 32), slice(0, 9)),  # cut off by the border
        (GREEN, slice(10, 20), slice(8, 22)),  # nothing
    ],
)
def test_what_is_no_thing_of_free_color_is_left_alone(color: tuple[float, float], rows: slice, columns: slice) -> None:
    assert salient_region(field_with(color, rows, columns)) is None


def test_a_turned_hue_turns_inside_alone() -> None:
    ab = torch.from_numpy(field_with((0.3, 0.0), slice(10, 20), slice(8, 22)))[None]
    region = torch.zeros(1, 32, 32)
    region[:, 10:20, 8:22] = 1
    there = turned(ab, torch.full((1, 32, 32), 0.6), region, torch.tensor([torch.pi / 2]))
    assert torch.allclose(there[0, :, 15, 15], torch.tensor([0.0, 0.3]), atol=0.01)
    assert torch.equal(there[region[:, None].expand_as(ab) == 0], ab[region[:, None].expand_as(ab) == 0])


def pack(file: Path, table: str, under: str, side: int, rows: list[str]) -> None:
    """A pack of flat red pictures, each with a blue square, named by its rows' first column."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(table, "\n".join(rows) + "\n")
        for row in rows[1:]:
            picture = np.full((side, side, 3), (120, 120, 120), np.uint8)
            picture[side // 4 : side * 3 // 4, side // 4 : side * 3 // 4] = (200, 20, 40)
            png = io.BytesIO()
            Image.fromarray(picture).save(png, "PNG")
            archive.writestr(under + row.split(",")[0], png.getvalue())


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    from vaedemo.data.face_set import ATTRIBUTES

    splits = ("train", "val", "test")
    classes = {"scenes": "sea", "tinyimagenet": "umbrella"}
    for name, kind in classes.items():
        rows = ["file,class,split", *(f"{k}.png,{kind},{split}" for k, split in enumerate(splits))]
        pack(tmp_path / f"{name}.zip", "labels.csv", "", 64, rows)
    rows = [
        f"file,person,split,{','.join(ATTRIBUTES)}",
        *(f"{k}.png,{k},{s}" + ",-1" * 40 for k, s in enumerate(splits)),
    ]
    pack(tmp_path / "faces.zip", "attributes.csv", "faces/", 64, rows)
    rows = ["file,class,free,split"]
    rows += [f"{k}{free or 'x'}.png,car,{free},{split}" for k, split in enumerate(splits) for free in ("1", "0", "")]
    pack(tmp_path / "colors128.zip", "labels.csv", "", 128, rows)
    return tmp_path


def test_sets_come_in_a_row_and_say_whose_color_is_free(packs: Path) -> None:
    train, test = photos.real(packs, "train"), photos.real(packs, "test")
    assert train.y[:, :2].tolist() == [
        [0, -1],
        [1, 1],
        [2, -1],
        [2, -1],
        [3, 1],
        [3, 0],
        [3, -1],
    ]  # faces: mirrored, too
    assert train.y[:, 2].tolist() == [0, 1, 0, 0, 1, 0, 0]  # the square is a thing where its color is free
    assert [bool(region.any()) for region in train.x[:, -1]] == [False, True, False, False, True, False, False]
    assert test.y[:, 2].sum() == 0
    assert train.x.shape[1:] == test.x.shape[1:] == (photos.PLANES + 3, 32, 32)


def test_who_lacks_a_pack_is_told_which(packs: Path, tmp_path: Path) -> None:
    (packs / "colors128.zip").unlink()
    with pytest.raises(DataMissing, match=r"colors128\.zip"):
        photos.real(packs, "test")
    assert "colors128.zip" in photos.where(packs)


def test_the_twin_has_the_form_of_the_real_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(photos.colors.TWINS, "test", 12)
    drawn = photos.twin("test")
    assert (drawn.x.shape, drawn.y.shape) == ((12, photos.PLANES + 3, 32, 32), (12, 3))
    assert drawn.synthetic
