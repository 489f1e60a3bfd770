"""The digits of Learn that nobody has labelled: each is what the CVAE draws for its z, and the codes are its own."""

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
