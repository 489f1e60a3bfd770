"""The server's side of "What is an error?" and "Fool the discriminator": two errors, a score, and maps of both."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient

from vaedemo import zoo
from vaedemo.app.server import routes
from vaedemo.models import build_net
from vaedemo.models.face_critic import FaceCritic
from vaedemo.recipes import NETS
from vaedemo.vision.picture_errors import errors, looks

FACE = 3 * 64 * 64


@pytest.fixture(scope="module")
def critic() -> FaceCritic:
    torch.manual_seed(0)
    net = build_net(NETS["faces-critic"], folded=True)
    assert isinstance(net, FaceCritic)
    net.between.copy_(torch.tensor([0.1, 0.02]))
    return net


@pytest.fixture
def client(critic: FaceCritic, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(zoo, "loaded_net", {"faces-critic": critic}.__getitem__)
    return TestClient(routes.application())


def some_faces(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 3, 64, 64), dtype=np.uint8)


def a_map(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(-1, 64, 64)


def test_two_errors_of_a_changed_face(client: TestClient, critic: FaceCritic) -> None:
    pair = some_faces(2)
    answer = client.post("/vaegan/errors", content=pair.tobytes()).json()
    x, changed = torch.from_numpy(pair).float() / 255
    wanted = errors(critic, x, changed)
    for name, one in (("pixels", wanted.pixels), ("features", wanted.features)):
        assert answer[name]["error"] == pytest.approx(one.error)
        assert answer[name]["relative"] == pytest.approx(one.relative)
        np.testing.assert_allclose(a_map(answer[name]["where"])[0], one.where, rtol=1e-5, atol=1e-6)
    assert answer["pixels"]["error"] == pytest.approx(float((x - changed).square().mean()))
    assert answer["pixels"]["relative"] == pytest.approx(answer["pixels"]["error"] / 0.1, rel=1e-5)


def test_some_faces_are_judged_in_their_order(client: TestClient, critic: FaceCritic) -> None:
    faces = some_faces(3)
    answer = client.post("/vaegan/looks", content=faces.tobytes()).json()
    wanted = looks(critic, torch.from_numpy(faces).float() / 255)
    np.testing.assert_allclose(answer["scores"], wanted.scores, rtol=1e-5)
    np.testing.assert_allclose(a_map(answer["where"]), wanted.where, rtol=1e-4)


@pytest.mark.parametrize(
    ("route", "size", "said"),
    [
        ("errors", 0, "x: a multiple of 12,288 bytes is wanted, not 0"),
        ("errors", FACE, "x: two faces are wanted, not 1"),
        ("errors", 2 * FACE + 1, "x: at most 2 faces"),
        ("looks", FACE - 1, "x: a multiple of 12,288 bytes is wanted, not 12,287"),
        ("looks", 9 * FACE, "x: at most 8 faces"),
    ],
)
def test_what_are_no_faces_is_refused(client: TestClient, route: str, size: int, said: str) -> None:
    answer = client.post(f"/vaegan/{route}", content=bytes(size))
    assert (answer.status_code, answer.text[: len(said)]) == (422, said)


def test_without_a_critic_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("WEIGHTS", "RUNS"):
        monkeypatch.setenv(f"VAEDEMO_{folder}", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    zoo.forget()
    answer = TestClient(routes.application()).post("/vaegan/looks", content=bytes(FACE))
    zoo.forget()
    assert (answer.status_code, answer.text[:46]) == (503, "no source has the model 'faces-critic':\nweight")
