"""The faces' pack, what is wrong with a broken one, and the cartoons that stand in for it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from vaedemo import data
from vaedemo.data import Split, faces
from vaedemo.data.face_set import EYES
from vaedemo.data.synthetic import cartoons

SPLITS: tuple[Split, ...] = ("train", "validation", "test")
ROWS = [(f"{k:03}.webp", ("train", "val", "test")[k % 3]) for k in range(12)]


@pytest.fixture(autouse=True)
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setenv("VAEDEMO_DATA", str(tmp_path))


def attributes(k: int) -> list[int]:
    return [1 if (k + column) % 3 == 0 else -1 for column in range(len(faces.ATTRIBUTES))]


def write(folder: Path, **changes: bytes) -> None:
    """A pack of twelve pictures whose left half has the shade of its number, and masks whose first rows say it."""
    lines = [",".join(("file", "split", *faces.ATTRIBUTES))]
    lines += [",".join((name, split, *map(str, attributes(k)))) for k, (name, split) in enumerate(ROWS)]
    members = {"attributes.csv": "\n".join(lines).encode()}
    for k, (name, _) in enumerate(ROWS):
        pixels = np.zeros((64, 64, 3), np.uint8)
        pixels[:, :32] = 10 * k
        raw = io.BytesIO()
        Image.fromarray(pixels).save(raw, "WEBP", lossless=True)
        members[f"faces/{name}"] = raw.getvalue()
    with zipfile.ZipFile(folder / "faces.zip", "w") as archive:
        for name, content in (members | changes).items():
            archive.writestr(name, content)
    masks = np.zeros((12, 64, 64), np.uint8)
    for k in range(12):
        masks[k, : k + 1] = 1
    order = np.random.default_rng(0).permutation(12)  # the file need not have the pack's order
    np.savez(folder / "faces_masks.npz", files=np.array([ROWS[k][0] for k in order]), masks=masks[order])


@pytest.mark.parametrize("name", ["faces", "portraits"])
@pytest.mark.parametrize("split", SPLITS)
def test_each_split_has_its_own_people_in_order(tmp_path: Path, name: str, split: Split) -> None:
    write(tmp_path)
    pictures = data.load(name, split, twin=False)
    mine = [k for k in range(12) if ROWS[k][1] == {"train": "train", "validation": "val", "test": "test"}[split]]
    times = 2 if split == "train" else 1
    assert (pictures.source, pictures.synthetic, pictures.factors) == ("CelebA", False, faces.ATTRIBUTES)
    assert pictures.x.shape == (4 * times, 3 if name == "faces" else 4, 64, 64)
    assert pictures.x[: len(mine), 0, 0, 0].tolist() == [10 * k for k in mine]
    assert pictures.y.tolist() == times * [attributes(k) for k in mine]
    if name == "portraits":
        assert (pictures.x[:4, 3] == 255).sum((1, 2)).tolist() == [64 * (k + 1) for k in mine]
        assert set(pictures.x[:, 3].unique().tolist()) == {0, 255}


def test_training_has_every_picture_and_its_mirror_image(tmp_path: Path) -> None:
    write(tmp_path)
    x = data.load("faces", "train", twin=False).x
    assert torch.equal(x[4:], x[:4].flip(3))
    assert not torch.equal(x[4:], x[:4])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"attributes.csv": b"file\n"}, "names no file"),
        ({"attributes.csv": b"file,split\n000.webp,train\n"}, "no column '5_o_Clock_Shadow'"),
        ({"faces/004.webp": b"RIFF"}, "004.webp: not a picture"),
    ],
)
def test_a_broken_pack_is_named(tmp_path: Path, changes: dict[str, bytes], why: str) -> None:
    write(tmp_path, **changes)
    with pytest.raises(match=f"faces.zip is damaged .*{why}"):
        data.load("faces", "train", twin=False)
    assert data.load("faces", "validation").source == "cartoon faces"


@pytest.mark.parametrize("content", [None, b"PK nothing", b""])
def test_without_masks_there_are_no_portraits(tmp_path: Path, content: bytes | None) -> None:
    write(tmp_path)
    (tmp_path / "faces_masks.npz").unlink()
    if content is not None:
        (tmp_path / "faces_masks.npz").write_bytes(content)
    with pytest.raises(match=r"faces_masks\.npz is not there, or damaged"):
        data.load("portraits", "test", twin=False)
    assert len(data.load("faces", "test", twin=False)) == 4


def test_no_pack_no_faces_but_cartoons() -> None:
    with pytest.raises(match="CelebA was not found"):
        data.load("faces", "test", twin=False)
    assert "CelebA was not found" in data.sets()["faces"].where(None)
    twin = data.load("faces", "validation")
    assert (twin.source, twin.synthetic, len(twin)) == ("cartoon faces", True, faces.TWINS["validation"])


# --- cartoons --------------------------------------------------------------------------------------------------------

N = 40


def people(seed: int = 5, **changes: bool) -> np.ndarray:
    """The same N people (N, 4, 64, 64), some attributes the same for all."""
    shown = cartoons.chances(N, seed)
    for name, value in changes.items():
        shown[name] = np.full(N, value)
    return cartoons.portraits(shown, seed).astype(int)


@pytest.mark.parametrize(
    ("name", "box"),  # where alone it may change anything: left, top, right, bottom
    [
        ("Smiling", (21, 43, 43, 58)),
        ("Mouth_Slightly_Open", (21, 42, 43, 59)),
        ("Eyeglasses", (13, 26, 50, 41)),
        ("Wearing_Hat", (0, 0, 64, 24)),
        ("Mustache", (23, 42, 40, 49)),
        ("Goatee", (25, 52, 38, 62)),
    ],
)
def test_an_attribute_changes_its_own_place_and_nothing_else(name: str, box: tuple[int, int, int, int]) -> None:
    changed = np.abs(people(**{name: True}) - people(**{name: False})).max(1) > 2
    left, top, right, bottom = box
    inside = changed[:, top:bottom, left:right].sum((1, 2))
    assert (inside > 15).all()
    assert changed.sum() == inside.sum()


def test_eyes_lie_where_those_of_photographs_do() -> None:
    grey = people(Eyeglasses=False)[:, :3].mean(1)
    for x, y in EYES:
        around = grey[:, round(y) - 4 : round(y) + 5, round(x) - 5 : round(x) + 6]
        dark = np.maximum(0, 60 - around)
        rows, columns = np.mgrid[round(y) - 4 : round(y) + 5, round(x) - 5 : round(x) + 6]
        assert (dark * columns).sum() / dark.sum() == pytest.approx(x, abs=0.6)
        assert (dark * rows).sum() / dark.sum() == pytest.approx(y, abs=0.6)


def test_hair_has_one_color_or_there_is_none() -> None:
    shown = cartoons.chances(500, 3)
    assert (sum(shown[name].astype(int) for name in cartoons.HAIR) + shown["Bald"] == 1).all()
    assert not (shown["No_Beard"] & (shown["Mustache"] | shown["Goatee"])).any()


def test_the_mask_is_the_person() -> None:
    drawn = people(Wearing_Hat=False, Bald=True)
    assert (drawn[:, 3, 37, 31] == 255).all()  # the nose
    assert (drawn[:, 3, 2, [2, -3]] == 0).all()  # the corners
    assert 0.2 < (drawn[:, 3] > 0).mean() < 0.6
