"""A bundle of every recipe with random weights: what tests of the page load where nothing needs to look like digits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vaedemo import hub
from vaedemo.recipes import RECIPES


def write(runs: Path) -> None:
    """Bundles of all recipes, in `runs` as if trained here."""
    import torch

    from vaedemo import promotion
    from vaedemo.data import Pictures, digits
    from vaedemo.models import build
    from vaedemo.training import Run

    drawn = digits.twin("validation")
    few = Pictures(drawn.source, drawn.synthetic, drawn.x[:300], drawn.y[:300])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digits, "twin", lambda split: few)
        for name, recipe in RECIPES.items():
            torch.manual_seed(0)
            model = build(recipe).eval()
            for weight in model.decoder.parameters():
                if weight.dim() > 1:
                    weight.data *= 2.5  # torch's usual start fades from layer to layer, and all z would give one grey
            folder = runs / name / "bundle"
            promotion.write_bundle(Run(recipe, model, folder, 0, recipe.steps, few.source, True), folder)
            (folder / "origin.json").write_text(json.dumps({"detail": "random weights"}))


@contextmanager
def alone(runs: Path) -> Iterator[None]:
    """In here the models of `runs` are the only ones: no weights/, nobody's earlier runs, no Hub."""
    from vaedemo.app import engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VAEDEMO_WEIGHTS", str(runs / "no-weights"))
        patch.setenv("VAEDEMO_RUNS", str(runs))
        patch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
        hub.forget()
        engine.forget()
        yield
    hub.forget()
    engine.forget()


@pytest.fixture(scope="session")
def small_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs folder with a bundle of every recipe. Use it within `alone`, and for no longer than needed."""
    runs = tmp_path_factory.mktemp("runs")
    write(runs)
    return runs
