"""The engine behind the page, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from small_models import alone

from vaedemo import zoo
from vaedemo.app.server import inference


@pytest.fixture(autouse=True)
def models(small_models: Path) -> Iterator[None]:
    with alone(small_models):
        yield


def test_a_visitor_who_leaves_takes_nobody_along() -> None:
    z = np.zeros((inference.MOST, 2), np.float32)
    inference.decode("digits-2d", z[:1])
    busy = inference.submit("digits-2d", z)  # keeps the batcher at work while the next ones wait
    left, stays = inference.submit("digits-2d", z[:2]), inference.submit("digits-2d", z[:3])
    assert left.cancel()
    assert stays.result(30).shape == (3, 1, 28, 28)
    assert busy.result(30).shape == (inference.MOST, 1, 28, 28)
    assert inference.decode("digits-2d", z[:1]).shape == (1, 1, 28, 28)


def test_each_gets_what_it_asked_for() -> None:
    codes = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    asked = [inference.submit("digits-2d", codes[i : i + 1 + i % 3]) for i in range(30)]
    singles = [inference.decode("digits-2d", codes[i : i + 1 + i % 3]) for i in range(30)]
    for together, single in zip(asked, singles):
        assert np.abs(together.result(30).astype(int) - single).max() <= 1


def test_a_model_that_is_loaded_while_another_infers_still_has_gradients() -> None:
    with torch.inference_mode():
        model = zoo.loaded("digits-2d")
    z = torch.zeros(1, 2, requires_grad=True)
    model.decode(z).sum().backward()
    assert z.grad is not None
    assert z.grad.abs().max() > 0
