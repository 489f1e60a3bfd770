"""Turntable and lighting: their packs, the packs' damage, how they are split, and the twins that stand in for them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from vaedemo import data
from vaedemo.data import Pictures, Split, lighting, turntable
from vaedemo.data.synthetic import heads, solids
from vaedemo.errors import DataMissing

SPLITS: tuple[Split, ...] = ("train", "validation", "test")
SETS = {"turntable": turntable, "lighting": lighting}
PEOPLE = (1, 13, 15, 39)


@pytest.fixture(autouse=True)
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setattr(data, "cache_folder", lambda: tmp_path / "cache")
    if not request.node.get_closest_marker("data"):
        monkeypatch.delenv("VAEDEMO_DATA", raising=False)


def rows(name: str) -> list[tuple[int, ...]]:
    """The labels of a small pack: two objects at all angles, or four people under all lights."""
    if name == "turntable":
        return [(thing, angle) for thing in (1, 100) for angle in range(0, 360, 5)]
    return [(person, *light) for person in PEOPLE for light in lighting.LIGHTS]


def picture(k: int, mode: str, size: tuple[int, int] = (64, 64), form: str = "PNG") -> bytes:
    """Drawn: k mod 251 everywhere; in a colored one green is k mod 7, blue the row."""
    shade = Image.new("L", size, k % 251)
    if mode == "RGB":
        down = Image.fromarray(np.broadcast_to(np.arange(size[1], dtype=np.uint8)[:, None], size[::-1]).copy())
        shade = Image.merge("RGB", [shade, Image.new("L", size, k % 7), down])
    raw = io.BytesIO()
    shade.save(raw, form, lossless=True)
    return raw.getvalue()


Members = dict[str, bytes]


def members(name: str) -> Members:
    """What a good pack contains, by name."""
    mode, form = ("RGB", "WEBP") if name == "turntable" else ("L", "PNG")
    files = {f"some/{k}.{form.lower()}": picture(k, mode, form=form) for k in range(len(rows(name)))}
    lines = [",".join(map(str, (file, *row))) for file, row in zip(files, rows(name))]
    head = ",".join(("file", *SETS[name].FACTORS))
    return {"labels.csv": "\n".join([head, *lines, ""]).encode()} | files


def write(path: Path, content: Members) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, raw in content.items():
            archive.writestr(name, raw)


@pytest.mark.parametrize(("name", "source"), [("turntable", "COIL-100"), ("lighting", "Extended Yale B")])
def test_a_pack_is_read(tmp_path: Path, name: str, source: str) -> None:
    write(tmp_path / f"{name}.zip", members(name))
    seen = []
    for split in SPLITS:
        pictures = data.load(name, split, tmp_path, twin=False)
        assert (pictures.source, pictures.synthetic, pictures.factors) == (source, False, SETS[name].FACTORS)
        assert (pictures.x.dtype, pictures.y.dtype) == (torch.uint8, torch.int64)
        assert pictures.x.shape == (len(pictures.y), 3 if name == "turntable" else 1, 64, 64)
        # Which row of labels.csv a picture belongs to is written in the picture, too.
        labels = {row: k for k, row in enumerate(rows(name))}
        number = (lambda n: n + 1) if name == "turntable" else lambda n: lighting.NUMBERS[n]
        k = torch.tensor([labels[(number(first), *rest)] for first, *rest in pictures.y.tolist()])
        assert torch.equal(pictures.x[:, 0, 9, 5].long(), k % 251)
        if name == "turntable":
            assert torch.equal(pictures.x[:, 1, 9, 5].long(), k % 7)
            assert pictures.x[:, 2, :, 5].unique(dim=0).tolist() == [list(range(64))]
        seen += k.tolist()
    assert sorted(seen) == list(range(len(rows(name))))
    assert SETS[name].where(tmp_path) == f"{source}: found in {tmp_path / f'{name}.zip'}"


def test_people_are_counted_without_a_gap(tmp_path: Path) -> None:
    write(tmp_path / "lighting.zip", members("lighting"))
    assert lighting.real(tmp_path, "validation").y[:, 0].unique().tolist() == [0, 12, 13, 37]


@pytest.mark.parametrize("name", SETS)
def test_the_named_folder_comes_before_the_cache(tmp_path: Path, name: str) -> None:
    with pytest.raises(match="was not found"):
        SETS[name].real(tmp_path, "train")
    assert data.load(name, "validation").synthetic
    write(tmp_path / "cache" / f"{name}.zip", members(name))
    assert not data.load(name, "validation").synthetic
    assert str(tmp_path / "cache") in SETS[name].where(tmp_path / "other")
    write(tmp_path / "other" / f"{name}.zip", members(name))
    assert str(tmp_path / "other") in SETS[name].where(tmp_path / "other")


@pytest.mark.parametrize("name", SETS)
def test_what_to_get_and_how_to_lay_it_out_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataMissing) as told:
        SETS[name].download(tmp_path)
    assert str(told.value) == SETS[name].where(tmp_path)
    for word in (f"{name}.zip", "labels.csv", "64x64", "VAEDEMO_DATA", "file", *SETS[name].FACTORS):
        assert word in str(told.value)


def relabelled(old: bytes, new: bytes) -> Callable[[Members], Members]:
    return lambda content: content | {"labels.csv": content["labels.csv"].replace(old, new, 1)}


def without(*names: str) -> Callable[[Members], Members]:
    return lambda content: {name: raw for name, raw in content.items() if name not in names}


FIRST = "some/0.png"
DAMAGE: dict[str, tuple[Callable[[Members], Members], str]] = {
    "no labels": (without("labels.csv"), "it has no labels.csv"),
    "labels empty": (lambda content: content | {"labels.csv": b""}, "names no file"),
    "labels of nothing": (lambda content: content | {"labels.csv": content["labels.csv"][:30]}, "names no file"),
    "labels not text": (lambda content: content | {"labels.csv": b"\xff\xfe\0"}, "can't decode"),
    "no such column": (relabelled(b"azimuth", b"angle"), "no column 'azimuth'"),
    "not a number": (relabelled(b",1,", b",one,"), "invalid literal"),
    "half a number": (relabelled(b",1,", b",1.5,"), "invalid literal"),
    "a row cut short": (relabelled(b"some/0.png,1,", b"some/0.png\nsome/0.png,1,"), "invalid literal"),
    "a number too long": (relabelled(b",1,", b",99999999999999999999,"), "too large"),
    "person 14": (relabelled(b",1,", b",14,"), "a person or a light that Extended Yale B has not"),
    "person 40": (relabelled(b",1,", b",40,"), "a person or a light that Extended Yale B has not"),
    "another light": (relabelled(b",1,-130,20", b",1,-130,21"), "a person or a light that Extended Yale B has not"),
    "a picture missing": (without(FIRST), r"it lacks 'some/0\.png'"),
    "pictures missing": (without(FIRST, "some/1.png", "some/2.png"), r"it lacks 'some/0\.png' and 2 more"),
    "too large": (lambda content: content | {FIRST: picture(0, "L", (65, 64))}, r"its size is 65x64, not 64x64"),
    "too small": (lambda content: content | {FIRST: picture(0, "L", (1, 1))}, r"its size is 1x1, not 64x64"),
    "not a picture": (lambda content: content | {FIRST: b"<html>404</html>"}, r"some/0\.png: not a picture"),
    "no picture": (lambda content: content | {FIRST: b""}, r"some/0\.png: not a picture"),
    "a picture cut": (lambda content: content | {FIRST: content[FIRST][:-30]}, r"some/0\.png: "),
    "another form": (lambda content: content | {FIRST: picture(0, "L", form="GIF")}, r"some/0\.png: not a picture"),
    "none": (lambda content: content, ""),  # the undamaged one, to see that the others fail for their damage
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_pack_is_refused_in_a_sentence(tmp_path: Path, damage: str) -> None:
    change, why = DAMAGE[damage]
    write(tmp_path / "lighting.zip", change(members("lighting")))
    if not why:
        assert len(lighting.real(tmp_path, "train")) == 4 * 49
        return
    with pytest.raises(match=rf"lighting\.zip is damaged \(.*{why}.*\)\. Extended Yale B was not found"):
        lighting.real(tmp_path, "train")
    assert data.load("lighting", "validation", tmp_path).synthetic


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("damage", ["cut", "not a zip", "empty", "flipped"])
def test_a_damaged_zip_is_refused(tmp_path: Path, name: str, damage: str) -> None:
    path = tmp_path / f"{name}.zip"
    write(path, members(name))
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        start = content.index(b"labels.csv") + len("labels.csv")
        content[start + 20 : start + 24] = b"\xff" * 4
    path.write_bytes({"cut": content[:-30], "not a zip": b"<html>", "empty": b"", "flipped": content}[damage])
    with pytest.raises(match=rf"{name}\.zip is damaged \(.+\)"):
        SETS[name].real(tmp_path, "test")


@pytest.mark.parametrize(("old", "new"), [(b",1,0\n", b",0,0\n"), (b",1,0\n", b",101,0\n"), (b",1,0\n", b",1,360\n")])
def test_an_object_or_angle_out_of_range_is_refused(tmp_path: Path, old: bytes, new: bytes) -> None:
    write(tmp_path / "turntable.zip", relabelled(old, new)(members("turntable")))
    with pytest.raises(match="not in 1 to 100, or an angle not in"):
        turntable.real(tmp_path, "train")


def test_a_pack_without_a_split_says_so(tmp_path: Path) -> None:
    content = members("turntable")
    lines = content["labels.csv"].splitlines(keepends=True)
    write(tmp_path / "turntable.zip", content | {"labels.csv": b"".join(lines[:2])})  # one picture, at 0 degrees
    assert len(turntable.real(tmp_path, "train")) == 1
    with pytest.raises(match="no picture of this split"):
        turntable.real(tmp_path, "test")


# The split


def test_angles_are_split_by_the_rule() -> None:
    angle = np.arange(0, 360, 5)
    train, validation, test = (set(angle[turntable.in_split(angle, split)].tolist()) for split in SPLITS)
    assert train == set(range(0, 360, 15))
    assert validation == {80, 85, 170, 175, 260, 265, 350, 355}
    assert test == set(angle.tolist()) - train - validation


def test_lights_are_split_by_the_rule() -> None:
    lights = np.array(lighting.LIGHTS)
    assert lights.shape == (64, 2)
    assert set(lighting.LIGHTS) == {(-azimuth, elevation) for azimuth, elevation in lighting.LIGHTS}
    parts = [set(map(tuple, lights[lighting.in_split(lights, split)].tolist())) for split in SPLITS]
    assert [len(part) for part in parts] == [49, 5, 10]
    assert parts[0] | parts[1] | parts[2] == set(lighting.LIGHTS)
    assert parts[1:] == [set(lighting.VALIDATION_LIGHTS), set(lighting.TEST_LIGHTS)]
    for part in parts:  # both sides, top and bottom
        azimuth, elevation = np.array(sorted(part)).T
        assert min(azimuth) <= -20
        assert max(azimuth) >= 20
        assert min(elevation) <= -20
        assert max(elevation) >= 20
    held_out = parts[1] | parts[2]
    assert not [light for light in held_out if light[0] and (-light[0], light[1]) in held_out]


@pytest.mark.parametrize("light", lighting.VALIDATION_LIGHTS + lighting.TEST_LIGHTS)
def test_a_held_out_light_has_near_ones_to_learn_from_on_all_sides(light: tuple[int, int]) -> None:
    lights = np.array(lighting.LIGHTS)
    train = lights[lighting.in_split(lights, "train")]
    near = [step for step in (train - light).tolist() if np.hypot(*step) <= 45]
    for axis in (0, 1):
        for side in (-1, 1):
            assert any(step[axis] * side > 0 for step in near)
    # Inside the others' hull: no line through it has all of them on one side.
    for way in np.radians(np.arange(0, 360, 3)):
        assert ((train - light) @ (np.cos(way), np.sin(way))).max() > 0


# The twins


@lru_cache
def twin(name: str, split: Split) -> Pictures:
    return SETS[name].twin(split)


@pytest.mark.parametrize(("name", "counts"), [("turntable", (480, 160, 800)), ("lighting", (980, 100, 200))])
def test_a_twin_is_shaped_and_split_as_the_real_one(name: str, counts: tuple[int, ...]) -> None:
    assert tuple(len(twin(name, split)) for split in SPLITS) == counts
    labels = torch.cat([twin(name, split).y for split in SPLITS])
    assert len(labels.unique(dim=0)) == sum(counts)
    for split in SPLITS:
        pictures = twin(name, split)
        assert (pictures.source, pictures.synthetic) == (f"synthetic {name}", True)
        assert pictures.factors == SETS[name].FACTORS
        assert (pictures.x.dtype, pictures.y.dtype) == (torch.uint8, torch.int64)
        assert pictures.x.shape == (len(pictures.y), 3 if name == "turntable" else 1, 64, 64)
        assert pictures.y[:, 0].unique().tolist() == list(range(20))
        if name == "turntable":
            chosen = turntable.in_split(pictures.y[:, 1].numpy(), split)
        else:
            chosen = lighting.in_split(pictures.y[:, 1:].numpy(), split)
        assert chosen.all()


@pytest.mark.parametrize("name", SETS)
def test_a_twin_is_the_same_at_every_call(name: str) -> None:
    heads._head.cache_clear()
    solids._camera.cache_clear()
    again = SETS[name].twin("validation")
    assert torch.equal(again.x, twin(name, "validation").x)
    assert torch.equal(again.y, twin(name, "validation").y)


@pytest.mark.parametrize("name", SETS)
def test_no_two_pictures_of_a_twin_are_alike(name: str) -> None:
    x = torch.cat([twin(name, split).x for split in SPLITS]).flatten(1)
    assert len(x.unique(dim=0)) == len(x)


def test_a_solid_is_drawn_within_the_frame_on_dark_ground() -> None:
    x = torch.cat([twin("turntable", split).x for split in SPLITS])
    ground = x[:, :, 0, 0]
    assert ground.unique().numel() == 1
    assert int(ground.max()) < 30
    edge = torch.cat([x[..., 0, :], x[..., -1, :], x[..., 0], x[..., -1]], -1)
    assert float((edge == ground[0, 0]).float().mean()) > 0.999
    covered = (x != ground[0, 0]).any(1).float().mean((1, 2))
    assert float(covered.min()) > 0.07
    assert float(covered.max()) < 0.85


def test_only_the_angle_turns_a_solid() -> None:
    """Neighbouring angles look alike, and any angle of an object is nearer to its next than to another object's."""
    train = twin("turntable", "train")
    x = train.floats(slice(None)).reshape(20, 24, -1)
    step = (x - x.roll(1, 1)).square().mean(2).sqrt()
    assert float(step.max()) < 0.25
    assert float(step.min()) > 0.01  # each turn is seen
    distance = torch.cdist(x.flatten(0, 1), x.flatten(0, 1)) + torch.eye(480) * 1e3
    nearest = distance.argmin(1) // 24
    assert float((nearest == train.y[:, 0]).float().mean()) > 0.97


def test_a_solid_turns_about_the_vertical_once_in_360_degrees() -> None:
    parts = [solids.ball((0.8, 0, 0), (0.2, 0.2, 0.2), (1, 1, 1)), solids.ball((0, 0, 0), (0.1, 0.1, 0.1), (1, 0, 0))]
    x = solids.views(parts, np.array([0, 45, 90, 180, 270, 360])).astype(int)
    white = [np.argwhere(view[2] > 60).mean(0) for view in x]  # (row, column) of the outer ball
    across = [float(column) - 31.5 for _, column in white]
    assert across == pytest.approx([24.5, 17.3, 0, -24.5, 0, 24.5], abs=0.6)
    assert abs(white[2][0] - white[4][0]) > 15  # once in front, once behind: lower and higher in the picture
    assert np.array_equal(x[0], x[5])


def test_what_lies_in_front_hides_what_lies_behind() -> None:
    near = solids.box((0, 0, 0.5), (0.4, 0.4, 0.1), (1, 0, 0))
    far = solids.box((0, 0, -0.5), (0.4, 0.4, 0.1), (0, 0, 1))
    for parts in ([near, far], [far, near]):
        front, back = solids.views(parts, np.array([0, 180])).astype(int)[:, :, 36, 32]
        assert front[0] > front[2] + 40
        assert back[2] > back[0] + 40


@pytest.mark.parametrize("top", [1, 0.5, 0])
def test_round_parts_are_as_wide_as_they_say(top: float) -> None:
    """The silhouette of a tall cone: `top` of the lower width at its upper end."""
    view = solids.views([solids.cone((0, 0, 0), (0.3, 1, 0.3), top, (1, 1, 1))], np.array([0]))[0, 0]
    wide = (view > 40).sum(1)
    wide = wide[wide > 0]
    low, high = (int(wide[round(part * (len(wide) - 1))]) for part in (0.85, 0.15))
    assert high / low == pytest.approx((0.1 + 0.9 * top) / (0.9 + 0.1 * top), abs=0.15)


def sides(x: torch.Tensor) -> torch.Tensor:
    """How much brighter the left half is than the right (N,)."""
    return x[..., :32].float().mean((1, 2, 3)) - x[..., 32:].float().mean((1, 2, 3))


def test_positive_azimuth_lights_the_left() -> None:
    for split in SPLITS:
        pictures = twin("lighting", split)
        azimuth = pictures.y[:, 1]
        assert (sides(pictures.x)[azimuth > 0] > 0).all()
        assert (sides(pictures.x)[azimuth < 0] < 0).all()
        assert sides(pictures.x)[azimuth == 0].abs().max() < 1


def test_a_mirrored_light_gives_a_mirrored_picture() -> None:
    lights = np.array(lighting.LIGHTS)
    for number in range(heads.COUNT):
        x = heads.portraits(number, lights).astype(int)
        mirrored = heads.portraits(number, lights * np.array([-1, 1])).astype(int)
        assert np.abs(x - mirrored[..., ::-1]).max() <= 1


def test_a_high_light_is_seen_on_the_forehead_and_a_low_one_under_the_brows() -> None:
    for number in range(heads.COUNT):
        high, low = heads.portraits(number, np.array([(0, 45), (0, -35)])).astype(int)[:, 0]
        assert high[8:26].mean() - high[40:58].mean() > low[8:26].mean() - low[40:58].mean() + 20


def test_only_the_light_changes_between_two_pictures_of_a_head() -> None:
    pictures = twin("lighting", "train")
    bright = pictures.x.float().mean((1, 2, 3))
    behind = pictures.y[:, 1].abs() > 105
    assert float(bright[behind].max()) < float(bright[pictures.y[:, 1].abs() < 30].mean())
    # The albedo stays: under two lights from the front the same head is nearer to itself than to another.
    front = (pictures.y[:, 1].abs() <= 5) & (pictures.y[:, 2].abs() <= 10)
    x, person = pictures.floats(front).flatten(1), pictures.y[front, 0]
    distance = torch.cdist(x, x) + torch.eye(len(x)) * 1e3
    assert float((person[distance.argmin(1)] == person).float().mean()) > 0.97


# The real ones


@pytest.mark.data
def test_real_coil() -> None:
    train, validation, test = (data.load("turntable", split, twin=False) for split in SPLITS)
    assert [len(part) for part in (train, validation, test)] == [2_392, 799, 3_987]
    for part in (train, validation, test):
        assert part.source == "COIL-100"
        assert part.x.shape[1:] == (3, 64, 64)
        assert part.y[:, 0].unique().tolist() == list(range(100))
    assert not (train.y[:, 1] % 15).any()
    assert (test.y[:, 1] % 15).all()


@pytest.mark.data
def test_real_yale() -> None:
    train, validation, test = (data.load("lighting", split, twin=False) for split in SPLITS)
    assert [len(part) for part in (train, validation, test)] == [1_844, 190, 380]
    for part in (train, validation, test):
        assert part.source == "Extended Yale B"
        assert part.x.shape[1:] == (1, 64, 64)
        assert part.y[:, 0].unique().tolist() == list(range(38))
        lit = sides(part.x)
        assert float(lit[part.y[:, 1] > 20].mean()) > 20
        assert float(lit[part.y[:, 1] < -20].mean()) < -20
    assert set(map(tuple, train.y[:, 1:].tolist())) == set(lighting.LIGHTS) - set(
        lighting.VALIDATION_LIGHTS + lighting.TEST_LIGHTS
    )
