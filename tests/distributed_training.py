"""What each of the processes does in test_training.py that train one model together, as under torchrun."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from small_training import RECIPE, some_pictures, train
from torch import Tensor, nn
from torch import distributed as dist

from vaedemo import training
from vaedemo.models.base import Batch, LatentModel, Terms, model
from vaedemo.recipes import Recipe


@model("plain")
class Plain(LatentModel):
    """Neither BatchNorm nor noise: the gradient of a batch is the mean of its parts' gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.decoder = nn.Sequential(nn.Linear(784, 5), nn.ReLU(), nn.Linear(5, 784))

    def forward(self, player: str, batch: Batch) -> Terms:
        x = batch.x.flatten(1)
        return {"total": ((self.decoder(x) - x) ** 2).sum(1).mean()}


def first_gradient(rank: int, world: int) -> dict[str, Tensor]:
    """The gradient of the first step, as the optimizer saw it; each process gives its share of the same batch."""
    loop = training._Loop(Recipe("plain", "Plain", "plain", "digits", {}), 10, torch.device("cpu"), rank, world)
    pictures = some_pictures()
    index = torch.arange(32)[rank::world]
    loop.advance(Batch(pictures.floats(index), pictures.y[index], 0), half=False)
    return {name: parameter.grad for name, parameter in loop.model.named_parameters() if parameter.grad is not None}


def main(folder: Path, runs: Path, **of_torchrun: str) -> None:
    """`of_torchrun`: the variables that torchrun gives each process."""
    os.environ.update(of_torchrun, VAEDEMO_RUNS=str(runs))
    torch.set_num_threads(1)
    rank, world, _ = training._join_group(torch.device("cpu"))
    gradient = first_gradient(rank, world)
    # Process 1 alone wants to stop: both must leave the loop after the same step.
    steps = 0

    def stop() -> bool:
        nonlocal steps
        steps += 1
        return rank == 1 and steps == 5

    first = train(stop=stop)
    second = train()
    assert (first.step, second.step) == (5, RECIPE.steps), (first.step, second.step)
    torch.save({"gradient": gradient, "model": second.model.state_dict()}, folder / f"process-{rank}.pt")
    dist.destroy_process_group()
