"""Training a model here because no source has it: two minutes, on whatever data are found."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from vaedemo import data, training
from vaedemo.models.base import Trainable
from vaedemo.recipes import Recipe
from vaedemo.release import export
from vaedemo.training import Progress, Run

MINUTES = 2.0
PROBE_MINUTES = 0.1  # three reports of the speed; the first still pays for the warm-up


def train_here(
    recipe: Recipe,
    pretrained: Mapping[str, Trainable],
    report: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    watch: Callable[[Trainable, int], None] | None = None,
) -> Run | None:
    """Trains `recipe` for `MINUTES`; None if stopped.

    pretrained, report, stop, watch: as `training.fit` takes them. The horizon is what this machine manages in that
    time, so that the learning rate comes down. The run has a name of its own: somebody's longer run of the same recipe
    stays as it is.
    """
    pictures = data.load(recipe.data, "train")
    here = replace(recipe, name=f"{recipe.name}.here")
    speeds: list[float] = []
    probe = training.fit(
        here,
        minutes=PROBE_MINUTES,
        pictures=pictures,
        pretrained=pretrained,
        fresh=True,
        stop=stop,
        report=lambda progress: speeds.append(progress.images_per_second),
    )
    try:
        minutes = MINUTES - PROBE_MINUTES
        steps = max(1, int(60 * minutes * 0.95 * max(speeds) / recipe.batch))
        short = _shortened(here, steps)
        run = training.fit(
            short,
            minutes=minutes,
            pictures=pictures,
            pretrained=pretrained,
            fresh=True,
            report=report,
            stop=stop,
            watch=watch,
        )
        if stop is not None and stop():
            return None
        return replace(run, recipe=replace(short, name=recipe.name))
    finally:
        shutil.rmtree(probe.folder, ignore_errors=True)


def write_bundle(run: Run, folder: Path) -> str:
    """Writes the bundle of what `train_here` gave into `folder`, and returns the words of its badge. What the run's
    model needs for training alone is gone from it afterwards."""
    export.write_bundle(run, folder)
    return f"{MINUTES:g} min on {run.source}"


def _shortened(recipe: Recipe, steps: int) -> Recipe:
    """At most `steps` steps, with schedules that end in time: a KL warm-up takes no more than a fifth of them."""
    steps = min(steps, recipe.steps)
    objective = dict(recipe.objective)
    if "warmup" in objective:
        objective["warmup"] = min(objective["warmup"], steps // 5)
    return replace(recipe, steps=steps, objective=objective)
