"""A photo's face in the geometry of the data: computed by hand, refused, and found by the net that ships."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vaedemo import zoo
from vaedemo.data import Pictures
from vaedemo.data.face_set import EYES
from vaedemo.evaluation.eyes import placed
from vaedemo.models import build_net
from vaedemo.models.eyes import Eyes
from vaedemo.recipes import NETS
from vaedemo.vision import face_alignment, preprocessing
from vaedemo.vision.face_alignment import align, find_face, turned_by, upright

torch.set_num_threads(1)

EXAMPLES = Path(__file__).parents[2] / "vaedemo/web/examples"
ASTRONAUT = ((203.5, 101.0), (247.5, 103.0))  # in scikit-image's portrait of Eileen Collins, by eye in an enlargement


def dots(size: tuple[int, int], places: NDArray | tuple, radius: float) -> Image.Image:
    """Two soft dots on black: the left one red, the right one green."""
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    planes = [255 * np.exp(-(((x - px) ** 2 + (y - py) ** 2) / (2 * radius**2))) for px, py in places]
    return Image.fromarray(np.stack([*planes, 0 * planes[0]], -1).round().astype(np.uint8))


def where_dots_are(face: NDArray) -> NDArray:
    """Their centres of mass, (2, 2)."""
    x, y = np.meshgrid(np.arange(face.shape[2]), np.arange(face.shape[1]))
    return np.array([[(plane * x).sum(), (plane * y).sum()] / plane.sum() for plane in face[:2]])


# By hand: 19.5 pixels lie between the eyes of an aligned face.
@pytest.mark.parametrize(
    ("size", "eyes"),
    [
        ((64, 64), EYES),  # as it is
        ((300, 200), ((100.0, 80.0), (139.0, 80.0))),  # twice as large
        ((300, 200), ((100.0, 80.0), (106.5, 80.0))),  # a third
        ((2_000, 1_500), ((700.0, 600.0), (1_090.0, 600.0))),  # twenty times
        ((1_999, 1_501), ((833.3, 601.7), (1_201.9, 701.2))),
        ((400, 400), ((150.0, 220.0), (220.0, 150.0))),  # turned by 45 degrees against the clock
        ((400, 400), ((150.0, 150.0), (220.0, 220.0))),  # and with it
        ((200, 200), ((15.0, 20.0), (60.0, 18.0))),  # in the corner
    ],
)
def test_the_eyes_land_where_they_belong(size: tuple[int, int], eyes: tuple) -> None:
    apart = float(np.hypot(*np.subtract(eyes[1], eyes[0])))
    face = align(dots(size, eyes, apart / 19.5), eyes)
    assert face.shape == (3, 64, 64)
    assert face.dtype == np.float32
    assert where_dots_are(face) == pytest.approx(np.array(EYES), abs=0.15)
    assert np.array_equal(face, align(dots(size, eyes, apart / 19.5), eyes[::-1]))  # pointed at in the other order


def test_it_needs_no_torch() -> None:
    code = "import sys, vaedemo.vision.face_alignment; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_aligned_face_stays_as_it_is() -> None:
    rng = np.random.default_rng(0)
    smooth = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).resize((64, 64), Image.Resampling.BICUBIC)
    face = align(smooth, EYES)
    assert np.abs(face - np.asarray(smooth).transpose(2, 0, 1) / 255)[:, 1:-1, 1:-1].max() < 0.02


def test_a_large_face_is_averaged_not_picked() -> None:
    """A checkerboard of single pixels becomes grey."""
    board = np.indices((1_200, 1_200)).sum(0) % 2 * 255
    photo = Image.fromarray(np.repeat(board[..., None], 3, 2).astype(np.uint8))
    face = align(photo, ((450.0, 600.0), (760.0, 617.0)))
    assert face == pytest.approx(0.5, abs=0.05)


def test_beyond_the_edge_the_border_goes_on() -> None:
    photo = Image.new("RGB", (100, 100), (10, 200, 90))
    ImageDraw.Draw(photo).line([(0, 0), (0, 99)], (250, 20, 30))
    face = align(photo, ((2.0, 50.0), (41.0, 50.0)))  # its left third lies outside
    assert np.abs(face[:, :, :18] - np.array([250, 20, 30])[:, None, None] / 255).max() < 0.01
    assert np.abs(face[:, :, 24:] - np.array([10, 200, 90])[:, None, None] / 255).max() < 0.01


@pytest.mark.parametrize(
    ("eyes", "words"),
    [
        (((10, 10), (10, 10)), "same place"),
        (((10, 10), (11, 10.5)), "same place"),
        (((10, 10), (101, 10)), "outside of the photo, which has 100 x 80"),
        (((10, -3), (50, 10)), "outside"),
        (((10, float("nan")), (50, 10)), "two numbers"),
        (((10, float("inf")), (50, 10)), "two numbers"),
        ((10, 20, 30, 40), "Two eyes"),
        (((10, 20),), "Two eyes"),
    ],
)
def test_eyes_that_cannot_be_are_refused(eyes: tuple, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        align(Image.new("RGB", (100, 80)), eyes)


@pytest.mark.parametrize("number", range(8))
def test_the_truth_of_placed_faces_is_where_they_were_placed(number: int) -> None:
    x = torch.from_numpy(np.asarray(dots((64, 64), EYES, 1.5)).transpose(2, 0, 1).copy())[None]
    image, eyes, scale = list(placed(Pictures("dots", True, x, torch.zeros(1)), 8))[number]
    assert np.linalg.norm(eyes[1] - eyes[0]) == pytest.approx(19.5 * scale)
    face = align(image, eyes)
    wanted = align(dots((64, 64), EYES, 1.5), EYES)
    inner = np.s_[:2, 27:40, 16:47]
    assert np.abs(face[inner] - wanted[inner]).max() < 0.1


@pytest.fixture(scope="module")
def shipped() -> Eyes:
    net = zoo.load_net("faces-eyes", train=False)
    assert isinstance(net, Eyes)
    return net


def portrait() -> Image.Image:
    from skimage import data

    return Image.fromarray(data.astronaut())


@pytest.mark.parametrize("angle", [0, -25, 25, 40])
@pytest.mark.parametrize("size", [200, 512, 1_500])
def test_the_eyes_of_a_portrait_are_found(shipped: Eyes, angle: int, size: int) -> None:
    photo = portrait().rotate(angle, Image.Resampling.BICUBIC).resize((size, size), Image.Resampling.LANCZOS)
    eyes = find_face(photo, shipped)
    assert eyes is not None
    turn = np.radians(angle)
    back = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    upright = (eyes / (size / 512) - 255.5) @ back.T + 255.5
    assert upright == pytest.approx(np.array(ASTRONAUT), abs=4)  # 42 pixels lie between them: 2 of an aligned face


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("name", ["average_1", "average_8", "author"])  # the first two show faces as they lie, too
def test_a_portrait_on_its_side_is_turned(shipped: Eyes, name: str, degrees: int) -> None:
    photo = preprocessing.read(EXAMPLES / f"{name}.jpg")
    eyes = find_face(photo, shipped)
    found = upright(turned_by(photo, degrees), shipped)
    assert found is not None
    assert found.degrees == (360 - degrees) % 360
    assert np.array_equal(np.asarray(found.image), np.asarray(photo))
    assert found.eyes == pytest.approx(eyes, abs=2)


def test_the_same_photo_is_looked_at_once(shipped: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    photo, looked = portrait().resize((300, 300)), []

    def counted(image: Image.Image, net: Eyes) -> NDArray[np.float64] | None:
        looked.append(image.size)
        return find_face(image, net)

    monkeypatch.setattr(face_alignment, "find_face", counted)
    first = upright(photo, shipped)
    assert first is not None
    eyes = first.eyes.copy()
    first.eyes[:] = 0  # the caller's own
    again = upright(photo.copy(), shipped)
    assert again is not None
    assert looked == [(300, 300)]
    assert (again.degrees, again.eyes.tolist()) == (0, eyes.tolist())
    photo.putpixel((0, 0), (0, 0, 0) if photo.getpixel((0, 0)) != (0, 0, 0) else (1, 1, 1))
    upright(photo, shipped)
    assert looked == 2 * [(300, 300)]


@pytest.mark.parametrize("side", [299, 640, 1_024])
@pytest.mark.parametrize("name", ["author", "average_8"])  # turned, cascade and net see a faint face in shirt and ear
def test_an_upright_portrait_stays_at_any_size(shipped: Eyes, name: str, side: int) -> None:
    photo = preprocessing.read(EXAMPLES / f"{name}.jpg").resize((side, side), Image.Resampling.BICUBIC)
    found = upright(photo, shipped)
    assert found is not None
    assert found.degrees == 0


@pytest.mark.parametrize("name", ["lake", "coffee", "dog", "pickup"])  # faint faces are seen in them, once turned
def test_no_thing_is_turned_until_it_looks_like_a_face(shipped: Eyes, name: str) -> None:
    assert upright(preprocessing.read(EXAMPLES / f"{name}.jpg"), shipped) is None


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK"])
def test_pictures_of_any_mode_come_through_the_reader(shipped: Eyes, mode: str, tmp_path) -> None:
    file = tmp_path / "photo.tif"
    portrait().convert(mode).save(file)
    eyes = find_face(preprocessing.read(file), shipped)
    assert eyes is not None
    assert eyes == pytest.approx(np.array(ASTRONAUT), abs=5)


@pytest.mark.parametrize("kind", ["black", "white", "noise", "stripes", "dot", "coffee", "cat"])
def test_where_there_is_no_face_none_is_found(shipped: Eyes, kind: str) -> None:
    from skimage import data

    rng = np.random.default_rng(0)
    bars = np.tile(np.arange(300)[:, None, None] // 20 % 2 * 255, (1, 300, 3)).astype(np.uint8)
    images = {
        "black": lambda: Image.new("RGB", (300, 200)),
        "white": lambda: Image.new("RGB", (200, 300), "white"),
        "noise": lambda: Image.fromarray(rng.integers(0, 256, (240, 240, 3), dtype=np.uint8)),
        "stripes": lambda: Image.fromarray(bars),
        "dot": lambda: Image.new("RGB", (1, 1)),
        "coffee": lambda: Image.fromarray(data.coffee()),
        "cat": lambda: Image.fromarray(data.chelsea()),
    }
    assert find_face(images[kind](), shipped) is None


def test_a_huge_picture_takes_no_longer(shipped: Eyes) -> None:
    """Of one machine, whatever it is: the cascade alone would take fifty times as long over so many pixels."""

    def seconds(photo: Image.Image) -> float:
        began = time.process_time()
        assert find_face(photo, shipped) is not None
        return time.process_time() - began

    small = portrait()
    huge = small.resize((4_000, 3_000))
    seconds(small)  # the first loads the cascade
    assert seconds(huge) < 10 * seconds(small)


def test_a_net_that_knows_nothing_gives_eyes_or_none() -> None:
    torch.manual_seed(0)
    net = build_net(NETS["faces-eyes"]).eval()
    assert isinstance(net, Eyes)
    eyes = find_face(portrait(), net)
    assert eyes is None or eyes.shape == (2, 2)
