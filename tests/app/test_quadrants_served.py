"""POST live/predict: a net without latents has one answer to a condition; else a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from small_models import alone
from starlette.testclient import TestClient

from vaedemo import zoo
from vaedemo.app.server import routes
from vaedemo.models.quadrant import QuadrantNet, hide

NET = "digits-quadrant-net"
WANTED = f"y: {NET} takes vectors of 784 numbers, not an array of shape"


@pytest.fixture(scope="module")
def client(small_models: Path) -> Iterator[TestClient]:
    with alone(small_models):
        yield TestClient(routes.application())


def test_the_answer_is_the_nets(client: TestClient) -> None:
    net, x = zoo.load_net(NET, train=False), torch.rand(1, 1, 28, 28)
    assert isinstance(net, QuadrantNet)
    got = client.post(f"/predict/{NET}", content=hide(x, 2).numpy().astype("<f4").tobytes())
    assert (got.status_code, got.headers["content-type"]) == (200, "application/octet-stream")
    shown = np.frombuffer(got.content, np.uint8).reshape(1, 1, 28, 28)
    with torch.inference_mode():
        wanted = net.predict(hide(x, 2)).sigmoid().numpy() * 255
    np.testing.assert_allclose(shown, wanted, atol=0.51)


def test_a_net_has_facts_and_a_card(client: TestClient) -> None:
    facts = client.get(f"/models/{NET}.json").json()
    assert facts["recipe"]["name"] == NET
    assert facts["badge"]["text"].startswith("trained here")
    assert "without z" in client.get(f"/models/{NET}/card.md").text


@pytest.mark.parametrize(
    ("name", "body", "status", "said"),
    [
        (NET, b"", 422, f"{WANTED} (1, 0)"),
        (NET, bytes(3), 422, "y: a multiple of 4 bytes is wanted (float32), not 3"),
        (NET, bytes(4 * 785), 422, f"{WANTED} (1, 785)"),
        (NET, np.full(784, np.nan, "<f4").tobytes(), 422, "y: holds a number that is not finite"),
        ("digits", bytes(4 * 784), 422, "model: digits predicts no picture from a condition alone"),
        ("nothing", bytes(4 * 784), 404, "unknown model 'nothing'; known: "),
    ],
)
def test_what_is_no_condition_is_refused(client: TestClient, name: str, body: bytes, status: int, said: str) -> None:
    answer = client.post(f"/predict/{name}", content=body)
    assert (answer.status_code, answer.text[: len(said)]) == (status, said)


def test_a_net_is_not_decoded(client: TestClient) -> None:
    answer = client.post(f"/decode/{NET}", content=bytes(4 * 784))
    assert (answer.status_code, answer.text) == (404, f"{NET} has no latent space: vaedemo.load_net gives it")
