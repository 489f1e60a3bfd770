"""POST live/gif: the planes, frame by frame, in a file that any program plays; whatever else is sent, a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageSequence
from starlette.testclient import TestClient

from vaedemo.app.server import routes

SQUARE = "/gif?width=28&height=28"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(routes.application()) as client:
        yield client


def planes(n: int, height: int = 28, width: int = 28) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, height, width), np.uint8)


def frames(gif: bytes) -> np.ndarray:
    with Image.open(BytesIO(gif)) as image:
        return np.stack([np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(image)])


def test_every_frame_is_its_plane_enlarged_crisply(client: TestClient) -> None:
    sent = planes(7, 20, 30)
    answer = client.post("/gif?width=30&height=20&ms=120&scale=3", content=sent.tobytes())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/gif"
    np.testing.assert_array_equal(frames(answer.content), sent.repeat(3, axis=1).repeat(3, axis=2))
    with Image.open(BytesIO(answer.content)) as image:
        assert image.info["loop"] == 0  # for ever
        assert image.info["duration"] == 120


def test_there_and_back_shows_each_end_once(client: TestClient) -> None:
    sent = planes(4)
    answer = client.post(f"{SQUARE}&scale=1&back=1", content=sent.tobytes())
    np.testing.assert_array_equal(frames(answer.content), sent[[0, 1, 2, 3, 2, 1]])


@pytest.mark.parametrize("back", [0, 1])
def test_a_single_plane(client: TestClient, back: int) -> None:
    sent = planes(1)
    answer = client.post(f"{SQUARE}&scale=1&back={back}", content=sent.tobytes())
    np.testing.assert_array_equal(frames(answer.content), sent)


def test_color_comes_in_planes_of_red_green_and_blue(client: TestClient) -> None:
    sent = np.zeros((2, 3, 8, 8), np.uint8)
    sent[0, 0], sent[1, 2] = 255, 255
    answer = client.post("/gif?width=8&height=8&channels=3&scale=2", content=sent.tobytes())
    with Image.open(BytesIO(answer.content)) as image:
        shown = [np.asarray(frame.convert("RGB"))[8, 8].tolist() for frame in ImageSequence.Iterator(image)]
        assert image.size == (16, 16)
    assert shown == [[255, 0, 0], [0, 0, 255]]


def test_pictures_that_stand_still_last_as_long_as_they_should(client: TestClient) -> None:
    sent = planes(2)[[0, 0, 0, 1]]
    answer = client.post(f"{SQUARE}&ms=100&scale=1", content=sent.tobytes())
    with Image.open(BytesIO(answer.content)) as image:
        assert sum(frame.info["duration"] for frame in ImageSequence.Iterator(image)) == 400


def test_the_most_frames_a_map_needs(client: TestClient) -> None:
    assert len(frames(client.post(f"{SQUARE}&scale=8", content=planes(200).tobytes()).content)) == 200


@pytest.mark.parametrize(
    ("query", "size", "sentence"),
    [
        ("width=28&height=28", 0, "planes: a multiple of 784 bytes is wanted (28 x 28), not 0"),
        ("width=28&height=28", 785, "planes: a multiple of 784 bytes is wanted (28 x 28), not 785"),
        ("width=28&height=28", 201 * 784, "planes: at most 200 planes, 156,800 bytes in all"),
        ("width=28&height=28&channels=2", 784, "channels: 1 (grey) or 3 (red, green, blue) are wanted, not 2"),
        ("width=28&height=28&channels=4", 784, "channels: 4 is not between 1 and 3"),
        ("width=28&height=28&channels=3", 784, "planes: a multiple of 2352 bytes is wanted (28 x 28), not 784"),
        ("width=28", 784, "height: a whole number from 1 to 512 is wanted"),
        ("width=0&height=28", 784, "width: 0 is not between 1 and 512"),
        ("width=1000000000&height=28", 784, "width: 1000000000 is not between 1 and 512"),
        ("width=28&height=nan", 784, "height: a whole number from 1 to 512 is wanted"),
        ("width=28&height=28&ms=-1", 784, "ms: -1 is not between 20 and 10,000"),
        ("width=28&height=28&scale=99", 784, "scale: 99 is not between 1 and 16"),
        ("width=28&height=28&back=yes", 784, "back: a whole number from 0 to 1 is wanted"),
        ("width=512&height=512&scale=16", 512 * 512, "scale: 16 makes 1 frames of 8192 x 8192"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(client: TestClient, query: str, size: int, sentence: str) -> None:
    answer = client.post(f"/gif?{query}", content=bytes(size))
    assert answer.status_code == 422
    assert answer.text.startswith(sentence)
    assert "\n" not in answer.text
