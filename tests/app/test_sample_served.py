"""What the encoder holds for a picture: PyTorch's forward hooks see the same; bad pictures get a sentence."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from small_models import alone
from starlette.testclient import TestClient
from torch import Tensor, nn

from vaedemo import zoo
from vaedemo.app.server import inference, routes
from vaedemo.errors import Refused
from vaedemo.vision import preprocessing


@pytest.fixture(scope="module")
def client(small_models: Path) -> Iterator[TestClient]:
    with alone(small_models):
        yield TestClient(routes.application())


def file(image: Image.Image) -> bytes:
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def seven() -> bytes:
    image = Image.new("L", (280, 280))
    ImageDraw.Draw(image).line([(80, 60), (200, 60), (130, 220)], fill=255, width=24)
    return file(image)


def hooked(name: str, x: np.ndarray) -> tuple[list[Tensor], Tensor]:
    """The outputs of the encoder's own ReLUs (each follows a stride-2 convolution), and mean and log-variance."""
    encoder, seen = zoo.loaded(name).encoder, []
    assert isinstance(encoder, nn.Sequential)
    handles = [
        layer.register_forward_hook(lambda _module, _given, answer: seen.append(answer[0].clone()))
        for layer in encoder
        if isinstance(layer, nn.ReLU)
    ]
    with torch.inference_mode():
        answer = encoder(torch.from_numpy(x)[None])
    for handle in handles:
        handle.remove()
    return seen, answer[0]


@pytest.mark.parametrize(("name", "channels"), [("digits-2d", (32, 64)), ("digits", (32, 96))])
def test_stages_are_what_pytorchs_hooks_see(client: TestClient, name: str, channels: tuple[int, int]) -> None:
    answer = client.post(f"/activations/{name}", content=seven())
    assert answer.status_code == 200
    said = answer.json()
    x = preprocessing.to_digit(preprocessing.read(seven()))
    assert base64.b64decode(said["x"]) == (x * 255 + 0.5).astype(np.uint8).tobytes()
    stages, moments = hooked(name, x)
    sizes = [(stage["channels"], stage["height"], stage["width"]) for stage in said["stages"]]
    assert sizes == [(channels[0], 14, 14), (channels[1], 7, 7)] == [tuple(maps.shape) for maps in stages]
    for stage, maps in zip(said["stages"], stages):
        peaks = maps.amax((1, 2))
        assert np.allclose(stage["peaks"], peaks, rtol=1e-5)
        planes = np.frombuffer(base64.b64decode(stage["planes"]), np.uint8).reshape(maps.shape)
        levels = 255 * maps / peaks.clamp(min=1e-12)[:, None, None]
        assert np.abs(planes - levels.numpy()).max() <= 0.51
        assert planes.max() == 255
    mean, log_var = moments.chunk(2)
    assert np.allclose(said["mean"], mean, rtol=1e-4, atol=1e-5)
    assert np.allclose(said["sigma"], torch.exp(log_var / 2), rtol=1e-4)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "The file is empty."), (b"hello", "not a picture"), (file(Image.new("L", (28, 28))), "blank")],
)
def test_bad_pictures_are_refused_as_by_encode(client: TestClient, content: bytes, words: str) -> None:
    answer, encoded = (client.post(f"/{route}/digits-2d", content=content) for route in ("activations", "encode"))
    assert (answer.status_code, answer.text) == (encoded.status_code, encoded.text)
    assert answer.status_code == 422
    assert words in answer.text


def test_unknown_models_are_refused(client: TestClient) -> None:
    assert client.post("/activations/nobody", content=seven()).status_code == 404


def test_an_encoder_that_is_no_chain_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = zoo.loaded("digits-2d")
    monkeypatch.setitem(chosen._modules, "encoder", nn.Identity())
    with pytest.raises(Refused, match="digits-2d: its encoder is no plain chain"):
        inference.activations("digits-2d", np.zeros((1, 28, 28), np.float32))
