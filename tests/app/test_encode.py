"""POST live/encode: every model is shown the picture as its own data set's, and prices it in nats; else a sentence."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from small_models import alone
from starlette.testclient import TestClient
from starlette.types import Message

from vaedemo import zoo
from vaedemo.app.server import routes
from vaedemo.models.cvae import CVAE
from vaedemo.recipes import RECIPES
from vaedemo.vision import preprocessing


@pytest.fixture(scope="module")
def client(small_models: Path) -> Iterator[TestClient]:
    with alone(small_models):
        yield TestClient(routes.application())


def drawing() -> bytes:
    image = Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(image).ellipse((110, 20, 180, 80), fill="black")
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("name", ["digits", "sprites", "sprites-factor", "turntable", "turntable-vae", "lighting"])
def test_a_picture_is_read_as_the_models_own(client: TestClient, name: str) -> None:
    got = client.post(f"/encode/{name}", content=drawing()).json()
    model = zoo.loaded(name)
    x = preprocessing.prepared(preprocessing.read(drawing()), RECIPES[name].data)
    assert x.shape == model.shape
    seen = np.frombuffer(base64.b64decode(got["x"]), np.uint8).reshape(model.shape)
    np.testing.assert_allclose(seen / 255, x, atol=0.51 / 255)
    with torch.inference_mode():
        q = model.encode(torch.from_numpy(x)[None])
        assert got["rate"] == pytest.approx(float(model.rate(q).sum()), rel=1e-4)
        assert got["distortion"] == pytest.approx(float(model.distortion(torch.from_numpy(x)[None], q.mean)), rel=1e-4)
    np.testing.assert_allclose(got["mean"], q.mean[0], atol=1e-4)


def test_only_a_gaussian_has_a_noise(client: TestClient) -> None:
    noise = {
        name: client.post(f"/encode/{name}", content=drawing()).json()["noise"] for name in ("sprites", "turntable")
    }
    assert noise["sprites"] is None
    assert noise["turntable"] == pytest.approx(float(zoo.loaded("turntable").get_buffer("noise")))


def test_a_file_that_no_browser_shows_comes_back_as_a_png(client: TestClient) -> None:
    levels = Image.linear_gradient("L").rotate(90)
    levels.save(stream := BytesIO(), "TIFF")
    answer = client.post("/picture", content=stream.getvalue())
    with Image.open(BytesIO(answer.content)) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
        np.testing.assert_array_equal(np.asarray(image)[..., 0], np.asarray(levels))
    refused = client.post("/picture", content=b"no picture")
    assert refused.status_code == 422
    assert "not a picture" in refused.text


def test_an_upload_that_is_given_up_is_no_error() -> None:
    scope = {"type": "http", "method": "POST", "path": "/picture", "query_string": b"", "headers": []}
    sent: list[Message] = []

    async def left() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    app = routes.application()
    asyncio.run(app(scope, left, send))
    assert sent[0]["status"] == 499


def test_an_encoder_is_sent_once(client: TestClient) -> None:
    answer = client.get("/models/digits/encoder.safetensors")
    assert json.loads(load_metadata(answer.content)["form"])["outputs"] == 64  # means and log variances
    again = client.get("/models/digits/encoder.safetensors", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    none = client.get("/models/digits-infogan/encoder.safetensors")
    assert none.status_code == 422
    assert "digits-infogan has no encoder that the browser runs" in none.text


def load_metadata(file: bytes) -> dict[str, str]:
    return json.loads(file[8 : 8 + int.from_bytes(file[:8], "little")])["__metadata__"]


@pytest.mark.parametrize("route", ["encode", "activations"])
def test_a_model_without_an_encoder_is_refused(client: TestClient, route: str) -> None:
    answer = client.post(f"/{route}/digits-infogan", content=drawing())
    assert (answer.status_code, answer.text) == (
        422,
        "model: digits-infogan has no encoder, so there is no posterior of a picture",
    )


def test_a_corrected_label_is_what_the_encoder_is_told(client: TestClient) -> None:
    guessed = client.post("/encode/digits-cvae", content=drawing()).json()
    model = zoo.loaded("digits-cvae")
    assert isinstance(model, CVAE)
    x = torch.from_numpy(preprocessing.to_digit(preprocessing.read(drawing())))[None]
    with torch.inference_mode():
        assert guessed["label"] == int(model.recognize(x))
        for label in range(10):
            got = client.post(f"/encode/digits-cvae?label={label}", content=drawing()).json()
            y = model.condition(torch.tensor([label]))
            q = model.encode(x, y)
            assert got["label"] == label
            np.testing.assert_allclose(got["mean"], q.mean[0], atol=1e-4)
            assert got["distortion"] == pytest.approx(float(model.distortion(x, q.mean, y)), rel=1e-4)
            assert (got["mean"] == guessed["mean"]) == (label == guessed["label"])


@pytest.mark.parametrize(
    ("name", "label", "words"),
    [
        ("digits-cvae", "10", "label: 10 is not between 0 and 9"),
        ("digits-cvae", "-1", "label: -1 is not between 0 and 9"),
        ("digits-cvae", "seven", "label: a whole number from 0 to 9 is wanted"),
        ("digits-cvae", "", "label: a whole number from 0 to 9 is wanted"),
        ("digits", "7", "label: digits is told no label, not 7"),
        ("digits-quadrant", "7", "label: digits-quadrant is told no label, not 7"),
    ],
)
def test_a_wrong_label_is_one_sentence(client: TestClient, name: str, label: str, words: str) -> None:
    answer = client.post(f"/encode/{name}", params={"label": label}, content=drawing())
    assert (answer.status_code, answer.text) == (422, words)


def test_nobodys_model_and_no_picture(client: TestClient) -> None:
    assert client.post("/encode/nobody", content=drawing()).status_code == 404
    answer = client.post("/encode/turntable", content=b"no picture")
    assert (answer.status_code, answer.text.count("\n")) == (422, 0)


@pytest.mark.parametrize("route", ["encode", "activations"])
@pytest.mark.parametrize("name", ["faces-gan", "faces-reader"])
def test_no_face_is_searched_for_what_encodes_none(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, route: str, name: str
) -> None:
    searched: list[object] = []
    monkeypatch.setattr(preprocessing, "prepared", lambda *asked: searched.append(asked))
    assert client.post(f"/{route}/{name}", content=drawing()).status_code in (404, 422)
    assert not searched
