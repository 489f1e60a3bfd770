"""The loop: exact whatever interrupts it, and plain about what it refuses."""

from __future__ import annotations

import dataclasses
import os
import random
import socket
from functools import partial
from pathlib import Path

import pytest
import torch
from distributed_training import first_gradient, main
from small_training import NET, RECIPE, after, checkpoint, kill_and_resume, same, some_pictures, started, train

from vaedemo import training
from vaedemo.data import Pictures, digits
from vaedemo.errors import Diverged
from vaedemo.models.base import Batch, Terms
from vaedemo.models.vae import VAE
from vaedemo.recipes import Recipe

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The checkpoint of a run that nothing disturbed."""
    runs = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VAEDEMO_RUNS", str(runs))
        train()
    return checkpoint(runs)


# Exactness


def test_killed_and_resumed_is_never_killed(runs: Path, undisturbed: dict) -> None:
    seen = kill_and_resume(runs, RECIPE.steps, kills=2, chance=random.Random())
    assert same(checkpoint(runs), undisturbed), seen


@pytest.mark.parametrize("stops", [(1,), (59,), (20, 3, 1)])
def test_stopped_and_resumed_is_never_stopped(runs: Path, undisturbed: dict, stops: tuple[int, ...]) -> None:
    for steps in stops:
        train(stop=after(steps))
    assert checkpoint(runs)["step"] == sum(stops)
    run = train()
    assert same(checkpoint(runs), undisturbed)
    assert same(dict(run.model.state_dict()), undisturbed["averages"])


def test_a_minute_only_stops(runs: Path, undisturbed: dict) -> None:
    assert train(minutes=0).step == 1
    assert checkpoint(runs)["horizon"] == RECIPE.steps
    train()
    assert same(checkpoint(runs), undisturbed)


def test_who_watches_changes_nothing(runs: Path, undisturbed: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training._Clock, "due", lambda self, now: True)

    def watch(model: VAE, step: int) -> None:
        assert not model.training
        model.sample(2, seed=step)
        torch.rand(7)
        for parameter in model.parameters():
            parameter.data.zero_()

    seen: list[training.Progress] = []
    train(watch=watch, report=seen.append)
    assert same(checkpoint(runs), undisturbed)
    assert [progress.step for progress in seen] == list(range(1, 61))
    assert seen[-1].terms.keys() == {"total", "distortion", "rate"}
    assert seen[-1].seconds_left == 0
    assert seen[0].images_per_second > 0


def test_what_lies_half_written_beside_does_not_matter(runs: Path, undisturbed: dict) -> None:
    train(stop=after(10))
    young, old = runs / "tiny" / "checkpoint.4711", runs / "tiny" / "checkpoint.815"
    for left in (young, old):
        left.write_bytes((runs / "tiny" / "checkpoint.pt").read_bytes()[:1000])
    os.utime(old, (0, 0))
    train()
    assert same(checkpoint(runs), undisturbed)
    assert young.exists()  # somebody may be writing it
    assert not old.exists()


def test_fresh_forgets(runs: Path, undisturbed: dict) -> None:
    train(steps=7)
    train(fresh=True)
    assert same(checkpoint(runs), undisturbed)


def test_numbers_too_small_to_count_are_nothing_while_it_trains(runs: Path) -> None:
    """A processor takes many times longer over them: `motion-drawn` learned at a third of its pace."""
    tiny, products = torch.tensor(1e-39), []
    train(stop=lambda: bool(products.append(float(tiny * 1))))
    assert set(products) == {0.0}
    assert float(tiny * 1) > 0


def test_restored_is_what_fit_gave(runs: Path) -> None:
    with pytest.raises(FileNotFoundError, match="tiny was not trained here yet"):
        training.restore(RECIPE)
    run = train(steps=5)
    again = training.restore(RECIPE)
    assert same(dict(again.model.state_dict()), dict(run.model.state_dict()))
    assert dataclasses.replace(again, model=run.model) == run
    assert (again.step, again.horizon, again.source, again.synthetic) == (5, 5, "a few digits", True)


def test_an_empty_variable_names_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAEDEMO_RUNS", "")
    assert training.runs_folder() == Path("~/.cache/vaedemo/runs").expanduser()


# Refusals


def test_another_horizon_is_refused(runs: Path) -> None:
    train(stop=after(2))
    with pytest.raises(ValueError, match="began with a horizon of 60 steps; it cannot become 1,000 half-way"):
        train(steps=1_000)
    assert train(steps=60, stop=after(1)).step == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"net": {**RECIPE.net, "z": 3}}, "another recipe .net: .*'z': 2.*, now .*'z': 3"),
        ({"objective": {"warmup": 20.0, "beta": 2.0}}, "objective: "),
        ({"batch": 16}, "batch: 32, now 16"),
        ({"lr": 1e-3}, "lr: 0.003, now 0.001"),
        ({"seed": 1}, "seed: 0, now 1"),
        ({"model": "autoencoder"}, "model: vae, now autoencoder"),
    ],
)
def test_another_recipe_is_refused(runs: Path, change: dict, words: str) -> None:
    train(stop=after(1))
    before = (runs / "tiny" / "checkpoint.pt").read_bytes()
    with pytest.raises(ValueError, match=words):
        train(dataclasses.replace(RECIPE, **change))
    assert (runs / "tiny" / "checkpoint.pt").read_bytes() == before
    # Words about a model may change; tuples and lists are one.
    net = {key: tuple(value) if isinstance(value, list) else value for key, value in RECIPE.net.items()}
    assert train(dataclasses.replace(RECIPE, title="New", net=net, steps=99), stop=after(1)).step == 2


def test_another_source_is_refused(runs: Path) -> None:
    train(stop=after(1))
    few = some_pictures()
    with pytest.raises(ValueError, match="learned from a few digits, not from MNIST: start anew with --fresh"):
        train(pictures=Pictures("MNIST", False, few.x, few.y))


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="8 pictures do not fill one batch of 32"):
        train(pictures=some_pictures(8))


@pytest.mark.parametrize("save_seconds", [0, 1e9])
def test_divergence_keeps_the_last_good_checkpoint(
    runs: Path, monkeypatch: pytest.MonkeyPatch, save_seconds: float
) -> None:
    forward = VAE.forward

    def breaks(self: VAE, player: str, batch: Batch) -> Terms:
        terms = forward(self, player, batch)
        return {name: term * float("nan") for name, term in terms.items()} if batch.step >= 30 else terms

    train(stop=after(20))
    monkeypatch.setattr(VAE, "forward", breaks)
    with pytest.raises(Diverged, match="the last checkpoint was kept"):
        train(save_seconds=save_seconds)
    kept = checkpoint(runs)
    assert kept["step"] == (20 if save_seconds else 30)
    assert all(value.isfinite().all() for part in ("model", "averages") for value in kept[part].values())
    monkeypatch.undo()
    monkeypatch.setenv("VAEDEMO_RUNS", str(runs))
    assert train(stop=after(1)).step == kept["step"] + 1


# Order and schedule


def test_an_epoch_shows_every_picture_once() -> None:
    order = training._Order(100, 25, seed=3)
    epochs = [torch.cat([order.batch(step) for step in range(first, first + 4)]) for first in (0, 4, 8)]
    for epoch in epochs:
        assert sorted(epoch.tolist()) == list(range(100))
    assert not torch.equal(epochs[0], epochs[1])
    assert not torch.equal(epochs[0], torch.cat([training._Order(100, 25, seed=4).batch(step) for step in range(4)]))


def test_the_order_does_not_depend_on_where_one_begins() -> None:
    whole = training._Order(70, 32, seed=0)
    batches = [whole.batch(step) for step in range(9)]
    for step in (8, 0, 5, 3):
        assert torch.equal(training._Order(70, 32, seed=0).batch(step), batches[step])
    # What is left over of an epoch is left out.
    assert len(set(torch.cat(batches[:2]).tolist())) == 64


@pytest.mark.parametrize("horizon", [1, 2, 10, 700, 20_000])
def test_the_rate_rises_falls_and_ends(horizon: int) -> None:
    rates = [training._schedule(step, horizon) for step in range(horizon)]
    ramp = min(training.RAMP, horizon // 10 + 1)
    assert all(0 < rate <= 1 for rate in rates)
    assert rates[:ramp] == sorted(rates[:ramp])
    assert max(rates) == 1
    assert rates[ramp:] == sorted(rates[ramp:], reverse=True)
    if horizon >= 700:
        assert rates[-1] < 1e-4


def test_seeds_of_neighbouring_steps_differ() -> None:
    seeds = {training._seed(0, step, rank) for step in range(2_000) for rank in range(3)}
    assert len(seeds) == 6_000
    assert all(0 <= seed < 1 << 63 for seed in seeds)


# What is learned


def test_the_twin_is_learned(runs: Path) -> None:
    """In 300 steps far below what a model without latents can say: each pixel's own mean."""
    twin = digits.twin("validation")
    mean = twin.floats(slice(None)).mean(0).clamp(1e-3, 1 - 1e-3)
    blind = float(-(mean * mean.log() + (1 - mean) * (1 - mean).log()).sum())
    wider = {**NET, "z": 4, "widths": [8, 16], "hidden": 64, "base": [8, 7, 7], "convs": [16], "ups": [8]}
    recipe = Recipe("twin", "Twin", "vae", "digits", wider, {"warmup": 50.0}, batch=64, steps=300, lr=4e-3)
    seen: list[training.Progress] = []
    run = train(recipe, pictures=twin, report=seen.append)
    terms = seen[-1].terms
    assert terms["rate"] > 4
    assert terms["distortion"] + terms["rate"] < 0.8 * blind
    # The averaged weights are what ships: they too, in eval mode, on digits never seen.
    fresh = digits.twin("test")
    x = torch.bernoulli(fresh.floats(slice(0, 500)))
    assert isinstance(run.model, VAE)
    with torch.inference_mode():
        posterior = run.model.encode(x)
        cost = run.model.distortion(x, posterior.rsample()).mean() + run.model.rate(posterior).sum(1).mean()
    assert float(cost) < 0.8 * blind


# Several processes


def test_two_processes_train_one_model(runs: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1]), "WORLD_SIZE": "2"}
    tasks = [partial(main, tmp_path, runs, RANK=rank, LOCAL_RANK=rank, **place) for rank in "01"]
    processes = [started(task) for task in tasks]
    for process in processes:
        process.join(400)
    assert [process.exitcode for process in processes] == [0, 0]
    first, second = (torch.load(tmp_path / f"process-{rank}.pt") for rank in range(2))
    # Both hold the mean of their gradients, and it is what one process gets from the whole batch.
    alone = first_gradient(0, 1)
    assert same(first["gradient"], second["gradient"])
    for name, gradient in alone.items():
        torch.testing.assert_close(first["gradient"][name], gradient, rtol=1e-4, atol=1e-6)
    kept = checkpoint(runs)
    assert kept["step"] == RECIPE.steps
    assert same(kept["averages"], dict(first["model"]))
    assert [path.name for path in (runs / "tiny").iterdir()] == ["checkpoint.pt"]
    # Its parameters agree in all processes; running statistics are each one's own until the next broadcast.
    names = [name for name, _ in training.restore(RECIPE).model.named_parameters()]
    assert all(torch.equal(first["model"][name], second["model"][name]) for name in names)
