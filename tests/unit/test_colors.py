"""The color set: what it makes of three packs, and the drawn streets that stand in for it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from vaedemo import data
from vaedemo.data import colors, faces
from vaedemo.data.synthetic import streets
from vaedemo.errors import DataMissing
from vaedemo.vision import cielab

WORDS = ("train", "val", "test")


@pytest.fixture(autouse=True)
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setenv("VAEDEMO_DATA", str(tmp_path))


def picture(shade: int) -> bytes:
    """The left half of one color, the right of another, by its shade."""
    pixels = np.full((64, 64, 3), (shade, 90, 40), np.uint8)
    pixels[:, 32:] = 30, shade, 200
    raw = io.BytesIO()
    Image.fromarray(pixels).save(raw, "PNG")
    return raw.getvalue()


def write(folder: Path, counts: tuple[int, int, int] = (6, 3, 9)) -> None:
    """Packs whose pictures have the shades 10, 20, ... in turn, the splits one after another."""
    for name, count in zip(colors.SETS, counts):
        table, under = ("attributes.csv", "faces/") if name == "faces" else ("labels.csv", "")
        more = faces.ATTRIBUTES if name == "faces" else ()
        rows = [",".join(("file", "split", *more))]
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            for k in range(count):
                archive.writestr(f"{under}{k}.png", picture(10 * (k + 1)))
                rows.append(",".join((f"{k}.png", WORDS[k % 3], *("1" for _ in more))))
            archive.writestr(table, "\n".join(rows))


def test_the_sets_stand_in_a_row_and_the_labels_tell_them(tmp_path: Path) -> None:
    write(tmp_path)
    pictures = data.load("colors", "validation", twin=False)
    assert (pictures.synthetic, pictures.x.shape, pictures.x.dtype) == (False, (6, 6, 32, 32), torch.uint8)
    assert pictures.y.tolist() == [0, 0, 1, 2, 2, 2]
    shades = [20, 50, 20, 20, 50, 80]
    expected = [cielab.from_rgb(torch.tensor([s, 90, 40]).view(1, 3, 1, 1) / 255)[1].flatten() for s in shades]
    assert (2 * pictures.floats(slice(None))[:, 4:, 5, 5] - 1 - torch.stack(expected)).abs().max() < 1 / 127


def test_faces_are_not_mirrored_and_not_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colors, "FACES", 2)
    write(tmp_path)
    assert data.load("colors", "train", twin=False).y.tolist() == [0, 0, 1, 2, 2]
    assert data.load("colors", "test", twin=False).y.tolist() == [0, 0, 1, 2, 2, 2]


def test_planes_hold_every_pixels_lightness_and_each_cells_color(tmp_path: Path) -> None:
    rgb = (torch.rand(2, 3, 64, 64) * 255).byte()
    light, ab = cielab.from_rgb(rgb / 255)
    x = colors.planes(rgb).float() / 255
    assert (F.pixel_shuffle(x[:, :4], 2) - light).abs().max() < 0.6 / 255
    assert (2 * x[:, 4:] - 1 - F.avg_pool2d(ab, 2)).abs().max() < 1.1 / 255


@pytest.mark.parametrize("missing", colors.SETS)
def test_without_one_of_the_packs_there_is_the_twin(tmp_path: Path, missing: str) -> None:
    write(tmp_path)
    (tmp_path / f"{missing}.zip").unlink()
    with pytest.raises(DataMissing):
        data.load("colors", "test", twin=False)
    assert data.load("colors", "test").source == "drawn streets"
    assert "not found" in colors.where(tmp_path)


def test_found_packs_are_named(tmp_path: Path) -> None:
    write(tmp_path)
    assert str(tmp_path / "scenes.zip") in colors.where(tmp_path)


def test_streets_have_fixed_two_valued_and_free_colors() -> None:
    drawn = streets.streets(300, 0)
    mean = {
        part: np.stack([drawn.field[k][:, cells[k]].mean(1) for k in range(300)]) for part, cells in drawn.parts.items()
    }
    assert mean["sky"].std(0).max() < 0.1
    assert mean["grass"].std(0).max() < 0.1
    red = mean["lamp"][:, 0] > 0
    assert 0.4 < red.mean() < 0.6
    assert mean["lamp"][red].std(0).max() < 0.1
    hue = np.degrees(np.arctan2(mean["van"][:, 1], mean["van"][:, 0])) % 360
    assert np.histogram(hue, 6, (0, 360))[0].min() > 30
    assert np.allclose(np.hypot(*mean["van"].T), streets.CHROMA, atol=1)


def test_lightness_does_not_tell_the_free_colors() -> None:
    drawn = streets.streets(400, 1)
    lamp = np.array([drawn.field[k, 0][drawn.parts["lamp"][k]].mean() for k in range(400)]) > 0
    cells = drawn.lightness.reshape(400, 32, 2, 32, 2).mean((2, 4))
    light = np.array([cells[k][drawn.parts["lamp"][k]].mean() for k in range(400)])
    assert abs(np.corrcoef(lamp, light)[0, 1]) < 0.15
    assert drawn.lightness.min() >= 0
    assert drawn.lightness.max() <= 100
