"""People in motion for the image tower: two packs in one, faster clips, stills at the tower's size."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("cv2")

from test_motion_data import after, pack

from vaedemo import data
from vaedemo.data import motion, people
from vaedemo.models.image_tower import photos_light
from vaedemo.vision.cielab import from_rgb

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def nothing_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr("vaedemo.data.actions.cache_folder", lambda: tmp_path / "cache")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two packs. To learn from, each has a clip of p and one of somebody else; to test, one clip each."""
    second = {"a": {"shift": (-0.5, 0.0), "person": "p", "split": "train"}, "b": {"shift": (0.0, 0.5), "split": "test"}}
    made = pack(tmp_path, c={"shift": (0.0, 0.0), "person": "q", "split": "train"}, **second)
    shutil.move(made / "actions.zip", tmp_path / "actions2.zip")
    first = {
        "a": {"shift": (0.5, 0.0), "frames": 30, "person": "p", "split": "train"},
        "b": {"shift": (0.8, 0.0), "split": "test"},
    }
    return pack(tmp_path, **first)


def ends(pictures: data.Pictures) -> torch.Tensor:
    """Where the moving patch of each still ends, (N, 2) pixels right and down."""
    offsets = motion.to_offsets(motion.of_rows(pictures.y))[:, :, -1, 7:10, 6:9]
    return offsets.flatten(2).median(2).values


def test_both_packs_are_learned_from_and_a_person_of_both_is_one_source(folder: Path) -> None:
    learned = people.real(folder, "train")
    assert learned.x.shape[1:] == (25, 32, 32)
    right = ends(learned)[:, 0]
    sources = learned.y[:, 0]
    assert sources.unique().tolist() == [0, 1]
    assert set(sources[right > 1].tolist()) == set(sources[right < -1].tolist()) == {0.0}  # p, of both packs
    assert set(sources[right.abs() < 0.5].tolist()) == {1.0}


def test_clips_to_learn_from_are_also_played_faster(folder: Path) -> None:
    across = ends(people.real(folder, "train"))[:, 0]
    right, left = across[across > 1].sort().values, -across[across < -1].sort().values
    assert len(left) == len(right)  # every clip is played backwards too
    assert float(left.mean()) == pytest.approx(float(right.mean()), abs=0.3)
    assert right[0] == pytest.approx(after(18 * 0.5 / 2), abs=0.3)  # 18 frames; two pixels of the film are one
    assert right[-1] == pytest.approx(after(1.25 * 18 * 0.5 / 2), abs=0.3)


def test_tests_are_apart_by_pack_and_played_as_they_are(folder: Path) -> None:
    first, second = people.real(folder, "test"), people.more(folder, "test")
    assert torch.allclose(ends(first)[:, 0], torch.full((len(first),), after(18 * 0.8 / 2)), atol=0.3)
    assert torch.allclose(ends(second)[:, 1], torch.full((len(second),), after(18 * 0.5 / 2)), atol=0.3)
    assert first.source != second.source


def test_who_lacks_a_pack_is_told_of_both(folder: Path) -> None:
    (folder / "actions2.zip").unlink()
    with pytest.raises(match=r"actions\.zip and actions2\.zip"):
        people.real(folder, "test")
    assert "not found" in people.where(folder)
    assert data.load("people", "validation", folder=folder).synthetic


def test_a_still_is_the_lightness_of_its_picture() -> None:
    rgb = torch.randint(256, (3, 160, 160), dtype=torch.uint8)
    light = photos_light(people.still_of(rgb)[None].float() / 255)
    assert torch.allclose(light, from_rgb(rgb[None].float() / 255)[0], atol=0.003)


def test_a_slower_clip_is_where_the_clip_was_earlier() -> None:
    """The ways as NumPy interpolates them, as far as five cosines can say them."""
    torch.manual_seed(0)
    way, paces = torch.randn(3, 10, 16, 16), [1.0, 0.8, 0.43]
    offsets, instants = motion.to_offsets(way).numpy(), np.arange(16)
    for i, pace in enumerate(paces):
        by_numpy = np.apply_along_axis(lambda line, at=pace * instants: np.interp(at, instants, line), 1, offsets[i])
        expected = motion.to_coefficients(torch.from_numpy(by_numpy).float())
        assert torch.allclose(motion.at_pace(way, torch.tensor(paces))[i], expected, atol=1e-4)


def test_twins_are_the_scenes_of_their_numbers() -> None:
    from vaedemo.data import motion_scenes

    drawn = people.twin("test")
    for i in (0, 7, 123):
        scene = motion_scenes.scene_of(int(drawn.y[i, 0]))
        assert torch.equal(people.still_of(torch.from_numpy(scene.still(160))), drawn.x[i])
        assert (scene.futures() - motion.of_rows(drawn.y)[i]).abs().amax((1, 2, 3)).min() < 1e-4
