"""Training speed side by side with peers: the same net, batch, data and, but for the last ratio, the same precision.

    python benchmarks/training.py [--json] [--recipe NAME] [--rounds N] [--threads N]

ratio_pythae   our loop against pythae's trainer, both float32
ratio_bare     our loop against a bare PyTorch loop that logs, averages, clips and saves nothing, both float32
ratio_default  our loop at its default precision against pythae's trainer

Each is ours / theirs in pictures a second. Every contender has a process; they take turns of a second or two, one at a
time; a ratio is formed in every round, and its median is told, so what else the machine does falls on all of them.
Start-up and saving are not counted. The data: MNIST where VAEDEMO_DATA has it, else its twin.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import math
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vaedemo import data
from vaedemo.models import build
from vaedemo.models.vae import VAE
from vaedemo.recipes import RECIPES, Recipe
from vaedemo.training import fit

STEPS = 20  # of one turn that are counted; the one before them only warms the caches

Contender = Callable[[Recipe, data.Pictures, Callable[[], None]], None]
"""Trains the recipe, with no end, and calls the third argument after every step."""


class Turns:
    """A contender in a process of its own, as people run it, stopped after a step until `take` lets it do some more."""

    def __init__(self, name: str, recipe: Recipe, threads: int | None) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.here, there = spawn.Pipe()
        self.process = spawn.Process(target=_contend, args=(name, recipe, threads, there), daemon=True)
        self.process.start()
        there.close()

    def take(self, steps: int) -> float:
        """Seconds that `steps` steps take, after one more that is not counted."""
        self.here.send(steps)
        try:
            return self.here.recv()
        except EOFError:
            raise SystemExit("a contender broke; its error stands above") from None

    def finish(self) -> None:
        self.process.kill()
        self.process.join()


def _contend(name: str, recipe: Recipe, threads: int | None, there: Connection) -> None:
    """The life of a contender's process: sleeps between its turns, so that one at a time is at work."""
    if threads:
        torch.set_num_threads(threads)
    logging.disable(logging.INFO)
    left, times = 0, [0.0]

    def tick() -> None:
        nonlocal left, times
        times.append(time.perf_counter())
        left -= 1
        if left <= 0:
            there.send(times[-1] - times[0])
            left, times = there.recv() + 1, []

    there.recv()  # the first turn only starts it
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        CONTENDERS[name](recipe, data.load(recipe.data, "train"), tick)


def ours(recipe: Recipe, pictures: data.Pictures, tick: Callable[[], None], bf16: bool | None) -> None:
    named = replace(recipe, name=f"{recipe.name}-{bf16}")
    fit(named, pictures=pictures, bf16=bf16, device="cpu", save_seconds=math.inf, stop=lambda: bool(tick()))


def bare(recipe: Recipe, pictures: data.Pictures, tick: Callable[[], None]) -> None:
    """What one would write by hand: the arithmetic of the VAE in five lines, pictures as floats in memory, Adam."""
    model = _model(recipe)
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.lr)
    x = pictures.floats(slice(None))
    while True:
        for index in torch.randperm(len(x)).split(recipe.batch):
            batch = torch.bernoulli(x[index])
            mean, log_var = model.encoder(batch).chunk(2, 1)
            logits = model.decoder(mean + torch.exp(0.5 * log_var) * torch.randn_like(mean))
            distortion = F.binary_cross_entropy_with_logits(logits, batch, reduction="sum") / len(batch)
            rate = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum() / len(batch)
            optimizer.zero_grad()
            (distortion + rate).backward()
            optimizer.step()
            tick()


def pythae(recipe: Recipe, pictures: data.Pictures, tick: Callable[[], None]) -> None:
    """pythae's VAE and trainer (Chadebec 2022) around our encoder and decoder."""
    from pythae.models import VAE as TheirVAE
    from pythae.models import VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.pipelines import TrainingPipeline
    from pythae.trainers import BaseTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback

    class Encoder(BaseEncoder):
        def __init__(self, net: nn.Module) -> None:
            super().__init__()
            self.net = net

        def forward(self, x: Tensor) -> ModelOutput:
            mean, log_var = self.net(x).chunk(2, 1)
            return ModelOutput(embedding=mean, log_covariance=log_var)

    class Decoder(BaseDecoder):
        def __init__(self, net: nn.Module) -> None:
            super().__init__()
            self.net = net

        def forward(self, z: Tensor) -> ModelOutput:
            return ModelOutput(reconstruction=self.net(z).sigmoid())

    class Ticks(TrainingCallback):
        def on_train_step_end(self, training_config, **kwargs) -> None:
            tick()

    net = _model(recipe)
    config = VAEConfig(input_dim=net.shape, latent_dim=net.z, reconstruction_loss="bce")
    model = TheirVAE(config, Encoder(net.encoder), Decoder(net.decoder))
    with tempfile.TemporaryDirectory() as folder:
        settings = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=1_000,
            per_device_train_batch_size=recipe.batch,
            learning_rate=recipe.lr,
            no_cuda=True,
        )
        pipeline = TrainingPipeline(model=model, training_config=settings)
        pipeline(train_data=pictures.floats(slice(None)), callbacks=[Ticks()])


def _model(recipe: Recipe) -> VAE:
    model = build(recipe).train()
    if not isinstance(model, VAE):
        raise SystemExit(f"{recipe.name} is no VAE; the peers have only that")
    return model


CONTENDERS: dict[str, Contender] = {
    "ours": lambda recipe, pictures, tick: ours(recipe, pictures, tick, bf16=False),
    "ours, default precision": lambda recipe, pictures, tick: ours(recipe, pictures, tick, bf16=None),
    "bare PyTorch": bare,
    "pythae": pythae,
}


def compare(recipe: Recipe, threads: int | None, rounds: int, say: Callable[[str], None]) -> dict[str, float]:
    """The three ratios, medians over `rounds` rounds after one that is not counted."""
    turns = {name: Turns(name, recipe, threads) for name in CONTENDERS}
    for turn in turns.values():
        turn.take(1)
    kept: list[dict[str, float]] = []
    for number in range(rounds + 1):
        seconds = {name: turn.take(STEPS) for name, turn in turns.items()}
        told = "  ".join(f"{name} {STEPS * recipe.batch / taken:,.0f}" for name, taken in seconds.items())
        say(f"{f'round {number}' if number else 'warm-up'}: {told} pictures/s")
        kept += [seconds] if number else []
    for turn in turns.values():
        turn.finish()

    def ratio(mine: str, peer: str) -> float:
        return round(statistics.median(seconds[peer] / seconds[mine] for seconds in kept), 3)

    return {
        "ratio_pythae": ratio("ours", "pythae"),
        "ratio_bare": ratio("ours", "bare PyTorch"),
        "ratio_default": ratio("ours, default precision", "pythae"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one flat object and nothing else")
    parser.add_argument("--recipe", default="digits", choices=[r.name for r in RECIPES.values() if r.model == "vae"])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--threads", type=int, help="default: torch's own choice")
    asked = parser.parse_args()

    def say(line: str) -> None:
        if not asked.json:
            print(line, flush=True)

    with tempfile.TemporaryDirectory() as runs:
        os.environ["VAEDEMO_RUNS"] = runs
        ratios = compare(RECIPES[asked.recipe], asked.threads, asked.rounds, say)
    print(json.dumps(ratios) if asked.json else "\n".join(f"{key:<14} {value}" for key, value in ratios.items()))


if __name__ == "__main__":
    main()
