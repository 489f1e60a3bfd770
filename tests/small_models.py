"""A bundle of every recipe with random weights: what tests of the page load where nothing needs to look like digits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vaedemo import zoo
from vaedemo.recipes import NETS, RECIPES

if TYPE_CHECKING:
    from vaedemo.data import Pictures, Split

# Torch's usual start fades from layer to layer: all z would give one grey. Of what weights are multiplied by, 2.5 suits
# most decoders, not one of six layers.
GAIN = {"faces-sharp": 3.5}


def write(runs: Path) -> None:
    """Bundles of all recipes, those of nets too, in `runs` as if trained here."""
    import torch

    from vaedemo import data
    from vaedemo.models import build_net
    from vaedemo.release import export, face_directions
    from vaedemo.training import Run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "load", lambda name, *_, **__: few(name))
        for name, fewer in (("SEARCHED_TWIN", 8), ("STEPS", 2), ("DRAWS", 1)):
            patch.setattr(face_directions, name, fewer)  # minutes else
        for name, recipe in {**RECIPES, **NETS}.items():
            torch.manual_seed(0)
            model = build_net(recipe).eval()
            for part, net in model.named_children():
                for weight in net.parameters() if part in ("decoder", "foreground", "background") else ():
                    if weight.dim() > 1:
                        weight.data *= GAIN.get(name, 2.5)
            folder = runs / name / "bundle"
            source = few(recipe.data).source
            export.write_bundle(Run(recipe, model, folder, 0, recipe.steps, source, True), folder)
            (folder / "origin.json").write_text(json.dumps({"detail": "random weights"}))


@cache
def few(name: str, split: Split = "validation") -> Pictures:
    """Three hundred pictures of a data set's twin, or as many as there are."""
    from vaedemo import data

    drawn = data.sets()[name].twin(split)
    spread = slice(None, None, max(1, len(drawn) // 300))
    x = drawn.x if name == "sprites" else drawn.x[spread]  # of sprites x holds the drawings that y chooses from
    return replace(drawn, x=x, y=drawn.y[spread])


@contextmanager
def alone(runs: Path) -> Iterator[None]:
    """In here the models of `runs` are the only ones: no weights/, nobody's earlier runs, no Hub."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VAEDEMO_WEIGHTS", str(runs / "no-weights"))
        patch.setenv("VAEDEMO_RUNS", str(runs))
        patch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
        zoo.forget()
        yield
    zoo.forget()


@pytest.fixture(scope="session")
def small_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs folder with a bundle of every recipe. Use it within `alone`, and for no longer than needed."""
    runs = tmp_path_factory.mktemp("runs")
    write(runs)
    return runs
