"""Trajectories, drawn scenes whose futures are known, and films of which the flow is known."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from vaedemo import data
from vaedemo.data import actions, motion, motion_scenes

cv2 = pytest.importorskip("cv2")
torch.set_num_threads(1)


def test_what_five_cosines_can_say_comes_back() -> None:
    torch.manual_seed(0)
    trajectories = torch.randn(3, 10, 16, 16)
    offsets = motion.to_offsets(trajectories)
    assert offsets.shape == (3, 2, 16, 16, 16)
    assert torch.equal(offsets[:, :, 0], torch.zeros(3, 2, 16, 16))
    again = motion.to_offsets(motion.to_coefficients(offsets))
    assert torch.allclose(again, offsets, atol=1e-4)


def test_coefficients_are_those_of_scipys_orthonormal_transform() -> None:
    from scipy.fft import dct

    offsets = np.random.default_rng(0).normal(size=(2, 16, 16, 16)).astype(np.float32)
    by_scipy = np.asarray(dct(offsets, norm="ortho", axis=1))[:, :5].reshape(10, 16, 16)
    assert np.allclose(motion.to_coefficients(torch.from_numpy(offsets)), by_scipy, atol=1e-4)


def test_reach_is_the_farthest_point_of_the_way() -> None:
    offsets = torch.zeros(2, 16, 16, 16)
    there_and_back = 3 * (1 - torch.cos(2 * torch.pi * (torch.arange(16) + 0.5) / 16))  # five cosines can say this
    offsets[0, :, 3, 4], offsets[1, :, 3, 4] = 0.6 * there_and_back, 0.8 * there_and_back
    found = motion.reach(motion.to_coefficients(offsets))
    assert found[3, 4] == pytest.approx(6, abs=0.2)
    assert found.sum() == pytest.approx(float(found[3, 4]))


def test_a_mirror_image_moves_the_other_way_on_the_other_side() -> None:
    trajectories = torch.zeros(10, 16, 16)
    trajectories[0, 2, 1], trajectories[5, 2, 1] = 3.0, 4.0
    mirrored = motion.mirrored(trajectories)
    assert (mirrored[0, 2, 14], mirrored[5, 2, 14]) == (-3, 4)
    assert torch.equal(motion.mirrored(mirrored), trajectories)


@pytest.mark.parametrize("kind", motion_scenes.KINDS)
def test_futures_of_a_scene_differ_and_most_of_it_rests(kind: str) -> None:
    scene = motion_scenes.scene(kind, 5)
    futures = scene.futures()
    assert futures.shape == (scene.modes, 10, 16, 16)
    away = torch.cdist(futures.flatten(1), futures.flatten(1)).fill_diagonal_(torch.inf)
    assert away.min() > 40  # pixels, over all coefficients
    moving = motion.reach(futures) > motion.MOVES
    assert moving.flatten(1).sum(1).min() >= 6
    assert moving.flatten(1).sum(1).max() <= 60
    assert np.array_equal(scene.still(), motion_scenes.scene(kind, 5).still())
    assert not np.array_equal(scene.still(), motion_scenes.scene(kind, 6).still())


def test_a_still_is_the_same_picture_in_any_size() -> None:
    for kind in motion_scenes.KINDS:
        small = motion_scenes.scene(kind, 1).still(64).astype(float)
        large = motion_scenes.scene(kind, 1).still(256).astype(float).reshape(3, 64, 4, 64, 4).mean((2, 4))
        assert np.abs(small - large).mean() < 2.5


def test_a_car_ends_on_the_road_that_it_took() -> None:
    for ways in (2, 3, 4):
        for seed in range(5):
            scene = motion_scenes.scene(f"fork-{ways}", seed)
            still, ends = scene.still(), []
            for future in scene.futures():
                offsets = motion.to_offsets(future)[:, -1]
                row, column = divmod(int(offsets.square().sum(0).argmax()), 16)
                x, y = (float(4 * place + 2 + offsets[axis, row, column]) for axis, place in ((0, column), (1, row)))
                if 0 <= x < 64 and 0 <= y < 64:
                    red, green, blue = still[:, int(y), int(x)].astype(int)
                    assert abs(red - green) < 30, (ways, seed)  # grey or white, and no grass
                    assert abs(red - blue) < 30
                ends.append((x, y))
            assert len({round(x) for x, _ in ends}) == ways


def test_what_swings_keeps_its_distance_from_the_pivot() -> None:
    scene = motion_scenes.scene("pendulum", 3)
    turning = next(turning for _, _, turning in scene.parts if turning)
    points = np.array([[30.0, 40.0], [33.0, 20.0]], np.float32)
    ways = points + turning.offsets(points)  # (modes, instants, points, 2)
    distances = np.linalg.norm(ways - np.array(turning.centre), axis=-1)
    assert np.allclose(distances, distances[:, :1], atol=1e-3)
    assert (ways[0, -1, 0, 0] < 30) != (ways[1, -1, 0, 0] < 30)  # one to the left, one to the right


def test_a_figure_raises_the_left_arm_the_right_or_both() -> None:
    moving = motion.reach(motion_scenes.scene("figure", 2).futures()) > motion.MOVES
    left, right, both = moving
    assert torch.equal(left | right, both)
    assert not (left & right).any()
    assert left[:, :8].any()
    assert not left[:, 9:].any()


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(ValueError, match=r"kind: one of fork-2.*not 'loop'"):
        motion_scenes.scene("loop", 0)


def test_each_scene_of_a_set_can_be_drawn_again_by_its_number() -> None:
    pictures = data.load("forks", "validation")
    assert not pictures.synthetic
    assert pictures.y.shape == (len(pictures), 1 + motion.NUMBERS)
    for i in (0, 7, 123):
        scene = motion_scenes.scene_of(int(pictures.y[i, 0]))
        assert np.array_equal(scene.still(), pictures.x[i].numpy())
        away = (scene.futures() - motion.of_rows(pictures.y)[i]).abs().amax((1, 2, 3))
        assert away.min() < 1e-4
    assert len(set(pictures.y[:, 0].tolist()) & set(data.load("forks", "test").y[:, 0].tolist())) == 0


# --- films ---


def film(
    file: Path, shift: tuple[float, float], frames: int = 24, repeated: tuple[int, ...] = (), fps: int = 30
) -> None:
    """A rough patch that moves by `shift` pixels of 128 a frame over rough ground that rests."""
    dice = np.random.default_rng(0)
    ground, patch = (cv2.GaussianBlur(dice.integers(0, 256, (128, 128, 3)).astype(np.uint8), (0, 0), 1.5) for _ in "ab")
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), fps, (128, 128))
    assert writer.isOpened()
    mask = np.zeros((128, 128), np.float32)
    mask[40:88, 40:88] = 1
    clock = 0
    for i in range(frames):
        clock = clock if i in repeated else i
        moved = np.array([[1, 0, shift[0] * clock], [0, 1, shift[1] * clock]], np.float32)
        cover, over = (cv2.warpAffine(part, moved, (128, 128)) for part in (mask, patch))
        writer.write((ground + cover[..., None] * (over.astype(np.float32) - ground)).astype(np.uint8))
    writer.release()


def pack(folder: Path, **clips: dict) -> Path:
    """actions.zip of clips by name, each with what `film` takes, and its action and split."""
    rows, repeats = ["clip,person,action,source,fps,frames,width,height,split"], ["clip,repeated"]
    with zipfile.ZipFile(folder / "actions.zip", "w") as archive:
        for name, facts in clips.items():
            about = {"action": "golf", "split": "test", "person": name, **facts}
            how = {key: about.pop(key) for key in ("shift", "frames", "repeated", "fps") if key in about}
            file = folder / f"{name}.mp4"
            film(file, **how)
            archive.write(file, f"clips/{name}.mp4")
            fps = how.get("fps", 30)
            rows.append(f"{name},{about['person']},{about['action']},x,{fps},24,128,128,{about['split']}")
            repeats.append(f"{name},{' '.join(map(str, how.get('repeated', ())))}")
        archive.writestr("clips.csv", "\n".join(rows))
        archive.writestr("repeats.csv", "\n".join(repeats))
    return folder


@pytest.fixture(autouse=True)
def nothing_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(data, "cache_folder", lambda: tmp_path / "cache")


def after(pixels: float) -> float:
    """What five cosines leave of an even motion by so many pixels."""
    even = torch.linspace(0, pixels, 16)[None, :, None, None].expand(2, -1, 16, 16)
    return float(motion.to_offsets(motion.to_coefficients(even))[0, -1, 0, 0])


def moved(folder: Path, split: data.Split = "test") -> torch.Tensor:
    """Where the cells of the first still end, (2, 16, 16)."""
    return motion.to_offsets(motion.of_rows(actions.real(folder, split).y)[0])[:, -1]


def test_flow_is_chained_to_where_things_are_after_six_tenths_of_a_second(tmp_path: Path) -> None:
    ends = moved(pack(tmp_path, one={"shift": (0.8, -0.4)}))
    patch, ground = ends[:, 7:10, 6:9], ends[:, 13:, 13:]
    assert patch[0].median() == pytest.approx(after(18 * 0.8 / 2), abs=0.3)  # 18 frames; two pixels of the film are one
    assert patch[1].median() == pytest.approx(after(-18 * 0.4 / 2), abs=0.3)
    assert ground.abs().max() < 0.4


def test_repeated_frames_are_left_out_and_time_goes_on(tmp_path: Path) -> None:
    ends = moved(pack(tmp_path, one={"shift": (0.8, 0.0), "repeated": (4, 9, 14)}))
    assert ends[0, 7:10, 6:9].median() == pytest.approx(after(18 * 0.8 / 2), abs=0.3)


def test_another_frame_rate_is_the_same_time(tmp_path: Path) -> None:
    ends = moved(pack(tmp_path, one={"shift": (0.8, 0.0), "fps": 25}))
    assert ends[0, 7:10, 6:9].median() == pytest.approx(after(15 * 0.8 / 2), abs=0.3)


def test_to_learn_from_an_action_runs_backwards_too_where_it_may(tmp_path: Path) -> None:
    clips = {"a": {"shift": (0.5, 0.0), "split": "train", "action": "wave1"}}
    there = actions.real(pack(tmp_path, **clips), "train")
    ends = motion.to_offsets(motion.of_rows(there.y))[:, 0, -1, 7:10, 6:9].flatten(1).median(1).values
    assert (ends > 1).sum() == (ends < -1).sum() > 0
    golf = tmp_path / "golf"
    golf.mkdir()
    only = actions.real(pack(golf, a={"shift": (0.5, 0.0), "split": "train"}), "train")
    assert len(only) == len(there) / 2


def test_sources_are_numbered_and_splits_apart(tmp_path: Path) -> None:
    still = {"shift": (0.0, 0.0), "frames": 20}
    pack(tmp_path, a={**still, "person": "p"}, b={**still, "person": "q"}, c={**still, "split": "val"})
    assert actions.real(tmp_path, "test").y[:, 0].tolist() == [0, 1]
    assert len(actions.real(tmp_path, "validation")) == 1
    with pytest.raises(match="no clip of this split"):
        actions.real(tmp_path, "train")


def test_a_clip_too_short_gives_nothing(tmp_path: Path) -> None:
    pack(tmp_path, a={"shift": (0.0, 0.0), "frames": 12})
    with pytest.raises(match="no clip of this split"):
        actions.real(tmp_path, "test")


@pytest.mark.parametrize("damage", ["no film", "no table", "half"])
def test_a_damaged_pack_is_named(tmp_path: Path, damage: str) -> None:
    file = pack(tmp_path, a={"shift": (0.0, 0.0)}) / "actions.zip"
    if damage == "half":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    else:
        with zipfile.ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in parts.items():
                if damage == "no film" and name.endswith("mp4"):
                    archive.writestr(name, b"no film")
                elif not (damage == "no table" and name == "clips.csv"):
                    archive.writestr(name, content)
    with pytest.raises(match=r"actions\.zip is damaged"):
        actions.real(tmp_path, "test")


def test_without_the_pack_people_are_told_and_scenes_are_drawn(tmp_path: Path) -> None:
    with pytest.raises(match="JHMDB"):
        actions.real(tmp_path, "test")
    twin = data.load("actions", "validation", folder=tmp_path)
    assert twin.synthetic
    assert "drawn" in twin.source


def test_flow_is_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack(tmp_path, a={"shift": (0.4, 0.0)})
    first = actions.real(tmp_path, "test")
    monkeypatch.setattr(actions, "moving_stills", lambda *_: pytest.fail("computed again"))
    assert torch.equal(actions.real(tmp_path, "test").y, first.y)
