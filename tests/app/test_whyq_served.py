"""/evidence, the raw route of scores, and pictures made black and white: over HTTP, and what people get wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
from gradio_client import Client, handle_file
from test_api import drawing, refusal

import vaedemo
from vaedemo.evaluation import evidence
from vaedemo.models.vae import VAE
from vaedemo.vision import preprocessing

NAME = "digits-2d"


def model() -> VAE:
    found = vaedemo.load(NAME)
    assert isinstance(found, VAE)
    return found.requires_grad_(False)


def test_evidence_is_pythons_and_the_methods_agree(client: Client, tmp_path: Path) -> None:
    file = drawing(tmp_path / "seven.png")
    ways = ("grid", "importance", "prior")
    got = {way: client.predict(handle_file(file), way, 1_500, api_name="/evidence") for way in ways}
    x = torch.from_numpy(preprocessing.black_and_white(preprocessing.to_digit(preprocessing.read(file))))[None]
    assert set(x.unique().tolist()) == {0, 1}
    score = evidence.scorer(model(), x)
    exact = evidence.grid(score).log_p
    assert got["grid"]["log_p"] == pytest.approx(exact, abs=1e-3)
    assert got["grid"]["standard_error"] == 0
    elbo = evidence.elbo(score, evidence.of_encoder(model().encode(x)))
    for answer in got.values():
        assert answer["elbo"] == pytest.approx(elbo, abs=1e-3)
        assert answer["gap"] == pytest.approx(answer["log_p"] - elbo, abs=1e-3)
        assert abs(answer["log_p"] - exact) <= 6 * answer["standard_error"] + 1e-3
    assert got["importance"]["standard_error"] > 0


@pytest.mark.parametrize(
    ("method", "n", "said"),
    [
        ("guess", 10, "method: 'guess' is none of grid, importance, prior"),
        (None, 10, "method: None is none of grid"),
        (["grid"], 10, "method: a list of 1 is none of"),
        ("grid", 0, "n: 0 is not between 1 and 10,000"),
        ("prior", 10**9, "n: 1000000000 is not between 1 and 10,000"),
        ("importance", 2.5, "n: 2.5 is not a whole number from 1 to 10,000"),
    ],
)
def test_evidence_refuses(address: str, method: Any, n: Any, said: str) -> None:
    assert refusal(address, "evidence", [None, method, n]).startswith(said)


def test_evidence_wants_an_upload(address: str) -> None:
    assert refusal(address, "evidence", [None, "grid", 10]).startswith("image: an uploaded file is wanted")


def test_scores_are_the_models(address: str) -> None:
    dice = np.random.default_rng(0)
    x, z = dice.integers(0, 2, (3, 784), dtype=np.uint8), dice.standard_normal((200, 2)).astype("<f4")
    answer = httpx.post(f"{address}live/score/{NAME}?rows=3", content=x.tobytes() + z.tobytes())
    got = np.frombuffer(answer.content, "<f4").reshape(3, 200)
    for row, one in zip(got, x, strict=True):
        score = evidence.scorer(model(), torch.from_numpy(one.astype(np.float32)).view(1, 1, 28, 28))
        assert row == pytest.approx(score(torch.from_numpy(z)).numpy(), abs=0.01)


@pytest.mark.parametrize(
    ("name", "query", "body", "said"),
    [
        (NAME, "rows=1", b"\0" * 784, "The body is 784 bytes of pictures, then a multiple of 8 bytes of z"),
        (NAME, "rows=1", b"\0" * 789, "The body is 784 bytes"),
        (NAME, "rows=0", b"", "rows: 0 is not between 1 and 32"),
        (NAME, "", b"", "rows: a whole number"),
        (NAME, "rows=1", b"\x02" * 784 + b"\0" * 8, "x: only black and white pictures"),
        (NAME, "rows=1", b"\0" * 784 + np.array([np.nan, 0], "<f4").tobytes(), "z: holds a number that is not finite"),
        (NAME, "rows=1", b"\0" * (784 + 8 * 1_025), "z: at most 1,024 vectors"),
        ("faces-vae", "rows=1", b"\0" * (12_288 + 256), "model: faces-vae has no Bernoulli p(x|z)"),
        ("digits-cvae-2d", "rows=1", b"\0" * (784 + 48), "model: digits-cvae-2d has no Bernoulli p(x|z)"),
    ],
)
def test_scores_refuse(address: str, name: str, query: str, body: bytes, said: str) -> None:
    answer = httpx.post(f"{address}live/score/{name}?{query}", content=body)
    assert answer.status_code == 422
    assert answer.text.startswith(said)


def test_a_picture_is_made_black_and_white_for_the_encoder(address: str, tmp_path: Path) -> None:
    file = drawing(tmp_path / "seven.png").read_bytes()
    grey = httpx.post(f"{address}live/encode/{NAME}", content=file).json()
    binary = httpx.post(f"{address}live/encode/{NAME}?binary=1", content=file).json()
    digit = preprocessing.to_digit(preprocessing.read(tmp_path / "seven.png"))
    x = torch.from_numpy(preprocessing.black_and_white(digit))[None]
    assert binary["mean"] == pytest.approx(model().encode(x).mean[0].tolist(), abs=1e-4)
    assert binary["mean"] != grey["mean"]
    assert binary["x"] != grey["x"]
