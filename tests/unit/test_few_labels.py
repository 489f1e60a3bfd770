"""What the page says of ten labels, by the shipped models: in 32 latents, handed on, they are worth most."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.numpy import load
from small_models import alone
from torch import Tensor

from vaedemo import zoo
from vaedemo.app.tabs.learn import server
from vaedemo.models.label_spreading import neighbour_graph, spread

NEIGHBOURS, CHOICES = 5, 5


def drawn() -> tuple[Tensor, Tensor, Tensor]:
    """Pixels (N, 784), codes (N, 32) and labels (N,) of the page's digits."""
    told = load(server._answer())
    y = torch.arange(server.DIGITS) % 10
    vectors = torch.cat([torch.from_numpy(told["z"]).float(), torch.eye(10)[y]], 1)
    with torch.inference_mode():
        pixels = zoo.loaded(server.TEACHER).decode(vectors).sigmoid().flatten(1)
    return pixels, torch.from_numpy(told["codes"]).float(), y


def test_ten_labels_go_a_long_way_in_32_latents() -> None:
    pixels, codes, y = drawn()
    graph, apart = neighbour_graph(codes, NEIGHBOURS), torch.cdist(pixels, pixels)
    handed, nearest = [], []
    for seed in range(CHOICES):
        order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
        known = torch.stack([order[y[order] == label][0] for label in range(10)])
        handed.append((spread(graph, known, y[known], 10).argmax(1) != y).float().mean())
        nearest.append((y[known][apart[:, known].argmin(1)] != y).float().mean())
    assert torch.stack(handed).mean() < 0.15
    assert torch.stack(nearest).mean() > 0.4


def test_errors_of_a_model_that_is_nowhere_are_none(tmp_path: Path) -> None:
    shipped = server.measured("digits-m1")
    assert shipped is not None
    assert 0 < shipped["error_1000"] < shipped["error_100"] < shipped["pixel_error_100"]
    with alone(tmp_path):
        assert server.measured("digits-m1") is None
