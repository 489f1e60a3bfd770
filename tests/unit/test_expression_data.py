"""The pack of expressions, what is wrong with a broken one, and the drawn faces that stand in for it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from vaedemo import data
from vaedemo.data import expressions, flow
from vaedemo.data.flow import EXPRESSIONS, SHAPES
from vaedemo.data.synthetic import grimaces

torch.set_num_threads(1)

PEOPLE = (("a", "london", "train"), ("b", "celeba", "val"), ("c", "ict", "test"), ("d", "celeba", "test"))
KIND = {"london": "pair", "celeba": "blendshape", "ict": "exact"}
RNG = np.random.default_rng(0)
FLOWS = (RNG.integers(-60, 60, (4, 64, 64, 2)) / 16).astype(np.float32)  # in sixteenths, as they are stored
HOLES = RNG.random((4, 64, 64)) < 0.1
POINTS = RNG.uniform(0, 64, (4, 138, 2)).astype(np.float16)


@pytest.fixture(autouse=True)
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setenv("VAEDEMO_DATA", str(tmp_path))


def npz(**arrays: np.ndarray) -> bytes:
    raw = io.BytesIO()
    np.savez(raw, **arrays)  # type: ignore[arg-type]
    return raw.getvalue()


def write(folder: Path, **changes: bytes | None) -> None:
    """A pack of four people, a neutral picture and a flow of each; in `changes` other members, None: left out."""
    differences = np.diff((16 * FLOWS).astype(np.int8), axis=1, prepend=np.int8(0))
    packed = np.packbits(HOLES.reshape(4, -1), axis=1)
    order = [2, 0, 3, 1]  # points.npz need not have the order of pictures.csv
    members: dict[str, bytes | None] = {
        "points.npz": npz(files=np.array([f"{PEOPLE[k][0]}.webp" for k in order]), points=POINTS[order]),
        "flows.npz": npz(d=differences, holes=packed, aus=np.full((4, 45), 0.5, np.float16), shapes=np.array(SHAPES)),
    }
    pictures = ["file,person,expression,source,split"]
    labels = ["row,picture,from,to,strength,kind,person,source,split,target,size"]
    for k, (name, source, split) in enumerate(PEOPLE):
        raw = io.BytesIO()
        Image.new("RGB", (128, 128), (10 * k, 20, 30)).save(raw, "WEBP", lossless=True)
        members[f"pictures/{name}.webp"] = raw.getvalue()
        pictures.append(f"{name}.webp,{name},neutral,{source},{split}")
        labels.append(f"{k},{name}.webp,neutral,squint,0.5,{KIND[source]},{name},{source},{split},,1")
    members |= {"pictures.csv": "\n".join(pictures).encode(), "labels.csv": "\n".join(labels).encode()}
    with zipfile.ZipFile(folder / "expressions.zip", "w") as archive:
        for member, content in (members | changes).items():
            if content is not None:
                archive.writestr(member, content)


@pytest.mark.parametrize(("split", "mine"), [("train", [0]), ("validation", [1]), ("test", [2, 3])])
def test_flows_come_with_their_pictures_and_landmarks(tmp_path: Path, split: data.Split, mine: list[int]) -> None:
    write(tmp_path)
    pictures = data.load("expressions", split, twin=False)
    edits = flow.of_rows(pictures.y)
    assert not pictures.synthetic
    assert pictures.x.shape == (len(mine), 4, 64, 64)
    assert pictures.x[:, 0, 5, 5].tolist() == [10 * k for k in mine]
    assert torch.equal(pictures.x[:, 3] == 255, torch.from_numpy(HOLES[mine]))
    assert torch.equal(edits.flow, torch.from_numpy(FLOWS[mine].transpose(0, 3, 1, 2)))
    assert torch.equal(edits.points, torch.from_numpy(POINTS[mine].astype(np.float32)))
    assert edits.strength.tolist() == [0.5] * len(mine)
    assert [EXPRESSIONS[k] for k in edits.goal] == ["squint"] * len(mine)
    assert [flow.KINDS[k] for k in edits.kind] == [KIND[PEOPLE[k][1]] for k in mine]


def test_faces_are_fine_and_say_what_they_show(tmp_path: Path) -> None:
    write(tmp_path)
    faces = data.load("landmarks", "test", twin=False)
    expression, points = expressions.of_face_rows(faces.y)
    assert faces.x.shape == (2, 3, 128, 128)
    assert faces.x[:, 0, 9, 9].tolist() == [20, 30]
    assert expression.tolist() == [0, 0]
    assert torch.equal(points, torch.from_numpy(POINTS[2:].astype(np.float32)))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"labels.csv": None}, "no labels.csv"),
        ({"flows.npz": None}, "flows.npz"),
        ({"flows.npz": b"PK nothing"}, ""),
        ({"pictures/c.webp": None}, "lacks 'c.webp'"),
        ({"pictures/c.webp": b"RIFF"}, "c.webp: not a picture"),
        ({"points.npz": npz(files=np.array(["a.webp"]), points=POINTS[:1])}, "'b.webp'"),
    ],
)
def test_a_broken_pack_is_named(tmp_path: Path, changes: dict[str, bytes | None], why: str) -> None:
    write(tmp_path, **changes)
    with pytest.raises(match=rf"expressions\.zip is damaged .*{why}"):
        data.load("expressions", "train", twin=False)
    assert data.load("expressions", "validation").synthetic


def test_flows_of_another_table_are_refused(tmp_path: Path) -> None:
    few = npz(d=np.zeros((3, 64, 64, 2), np.int8), holes=np.zeros((3, 512), np.uint8), shapes=np.array(SHAPES))
    write(tmp_path, **{"flows.npz": few})
    with pytest.raises(match=r"flows\.npz does not fit labels\.csv"):
        data.load("expressions", "test", twin=False)


def test_without_a_pack_people_are_told() -> None:
    with pytest.raises(match=r"expressions\.zip"):
        data.load("landmarks", "test", twin=False)
    assert "London" in data.sets()["expressions"].where(None)


# --- drawn faces -----------------------------------------------------------------------------------------------------


def test_the_twin_is_the_same_at_every_call_and_its_splits_are_not() -> None:
    once, again = data.load("expressions", "validation"), data.load("expressions", "validation")
    assert torch.equal(once.x, again.x)
    assert torch.equal(once.y, again.y)
    other = data.load("landmarks", "test")
    assert not torch.equal(flow.of_rows(once.y).points[0], expressions.of_face_rows(other.y)[1][0])


def test_a_drawn_face_has_its_eyes_where_faces_have_them() -> None:
    points = grimaces.people(5, np.random.default_rng(1))
    for eye, place in zip(flow.EYES, ((21.7, 33.1), (41.2, 33.1))):
        assert np.allclose(points[:, eye].mean(1), place, atol=0.05)


def test_the_flow_draws_what_the_moved_landmarks_draw() -> None:
    """Two ways to the same picture: the face warped by its flow, and a face drawn around its moved landmarks."""
    points = grimaces.people(6, np.random.default_rng(2))
    weights = np.zeros((6, 45), np.float32)
    weights[:, [SHAPES.index("mouthSmile_L"), SHAPES.index("mouthSmile_R")]] = 1
    flows = torch.from_numpy(grimaces.flows(points, weights))
    before = np.stack([grimaces.draw(face, grimaces.SKINS[0]) for face in points])
    drawn = np.stack([grimaces.draw(face, grimaces.SKINS[0]) for face in grimaces.moved(points, weights)])
    before, drawn = (torch.from_numpy(x).float() / 255 for x in (before, drawn))
    mouth = (..., slice(96, 118), slice(40, 86))
    left = (flow.warped(before, flows) - drawn)[mouth].abs().mean()
    assert left < 0.4 * (before - drawn)[mouth].abs().mean()


def test_a_smile_pulls_the_corners_of_the_mouth_up_and_apart() -> None:
    points = grimaces.people(1, np.random.default_rng(3))
    weights = np.zeros((1, 45), np.float32)
    weights[:, [SHAPES.index("mouthSmile_L"), SHAPES.index("mouthSmile_R")]] = 1
    left, right = (grimaces.moved(points, weights) - points)[0, [98, 108]]
    assert left[0] < -1
    assert right[0] > 1
    assert max(left[1], right[1]) < -1


def test_twins_flows_do_not_fold_and_open_mouths_have_holes() -> None:
    pictures = data.load("expressions", "validation")
    edits = flow.of_rows(pictures.y)
    eyes = flow.eye_cells(edits.points)
    assert (flow.folds(edits.flow) & ~eyes).float().mean() < 1e-3
    opened = (edits.goal == EXPRESSIONS.index("laugh")) & (edits.strength == 1)
    assert (pictures.x[opened, 3] == 255).flatten(1).any(1).all()
    assert not (pictures.x[edits.goal == EXPRESSIONS.index("pucker"), 3] == 255).any()
