"""The digits of Learn that nobody has labelled: each is what the CVAE draws for its z, and the codes are its own. And
the styles that M2 and M1+M2 read: drawn from the page's tensors they are what PyTorch draws."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load
from small_models import alone
from starlette.testclient import TestClient

from vaedemo import zoo
from vaedemo.app.server import inference, routes
from vaedemo.latents import draw
from vaedemo.models.semisupervised import M2


@pytest.fixture(scope="module")
def client(small_models: Path) -> Iterator[TestClient]:
    with alone(small_models):
        yield TestClient(routes.application())


def test_codes_are_those_of_the_digits_that_are_drawn(client: TestClient) -> None:
    answer = client.get("/learn/digits")
    told = load(answer.content)
    assert {name: (tensor.shape, tensor.dtype) for name, tensor in told.items()} == {
        "z": ((2_000, 8), np.float16),
        "plane": ((2_000, 2), np.float16),
        "codes": ((2_000, 32), np.float16),
    }
    assert np.array_equal(told["z"], draw(2_000, 8).astype(np.float16))
    for point in (0, 7, 1_999):  # one by one, as a visitor's own picture would be encoded
        vector = np.concatenate([told["z"][point].astype(np.float32), np.eye(10, dtype=np.float32)[point % 10]])
        decoded = zoo.loaded("digits-cvae").decode(torch.from_numpy(vector)[None]).sigmoid()
        for name, model in (("plane", "digits-2d"), ("codes", "digits")):
            mean = inference.encode(model, decoded.detach().numpy()[0]).mean
            np.testing.assert_allclose(told[name][point], mean, atol=2e-3, rtol=2e-3)


def test_every_visitor_gets_the_same_digits(client: TestClient) -> None:
    first, second = (client.get("/learn/digits").content for _ in range(2))
    assert first == second
    assert len(np.unique(load(first)["plane"], axis=0)) > 1_000


@pytest.mark.parametrize("name", ["digits-m2", "digits-m1m2"])
def test_styles_drawn_from_the_pages_tensors_are_those_of_pytorch(client: TestClient, name: str) -> None:
    layers = {
        key: value.astype(np.float32) for key, value in load(client.get(f"/learn/generator/{name}").content).items()
    }
    x = np.random.default_rng(0).integers(0, 256, (3, 784), dtype=np.uint8)
    read = client.post(f"/learn/styles/{name}", content=x.tobytes()).json()
    model = zoo.loaded_net(name)
    assert isinstance(model, M2)
    seen = torch.from_numpy(x).float() / 255
    if name == "digits-m1m2":
        seen = zoo.loaded("digits").encode(seen.view(-1, 1, 28, 28)).mean.detach()
    labels, q = model.read(seen)
    assert read["labels"] == labels.tolist()
    for key, wanted in (("mean", q.mean), ("sigma", q.stddev)):
        np.testing.assert_allclose(read[key], wanted.detach().numpy(), rtol=1e-4, atol=1e-4)
    wanted = model.restyled(seen).numpy()
    for digit, z in enumerate(read["mean"]):
        for label in range(10):
            hidden = layers["0.weight"] @ np.array([*z, *np.eye(10)[label]]) + layers["0.bias"]
            told = layers["2.weight"] @ np.log1p(np.exp(hidden)) + layers["2.bias"]
            drawn = told if name == "digits-m1m2" else 1 / (1 + np.exp(-told))
            np.testing.assert_allclose(drawn, wanted[digit, label], atol=5e-3)


def test_what_has_no_style_is_refused_in_a_sentence(client: TestClient) -> None:
    handed_out = [client.get(f"/learn/{part}/digits") for part in ("generator", "reader")]
    for answer in (*handed_out, client.post("/learn/styles/digits", content=bytes(784))):
        assert (answer.status_code, answer.text) == (
            422,
            "model: digits draws no digit under a label; digits-m2 and digits-m1m2 do",
        )
    for body, words in ((b"", "not 0"), (bytes(100), "not 100"), (bytes(17 * 784), "at most 16 pictures")):
        answer = client.post("/learn/styles/digits-m2", content=body)
        assert answer.status_code == 422
        assert words in answer.text
