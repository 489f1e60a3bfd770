"""Models by name: found by `store.bundles`, else trained here for two minutes.

The only module that knows both where files are and how they come about. It also hands a training the nets that it
begins with (`pretrained`), and a measure the nets that it compares with (`peers`).
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from vaedemo.errors import Misfit, NoFolder, PackageMissing, Unavailable, UnknownModel
from vaedemo.recipes import KNOWN, NETS, Recipe
from vaedemo.store import bundles

if TYPE_CHECKING:
    from vaedemo.models.base import LatentModel, Trainable
    from vaedemo.training import Progress

_training = threading.RLock()  # reentrant: what a recipe requires is trained inside
_loading = {name: threading.Lock() for name in KNOWN}  # one model's Hub holds up no other
_shared: dict[str, Trainable] = {}
_runs: dict[str, Trainable] = {}  # what short trainings here gave, whole: other models may begin with them
_before: list[Callable[[], None]] = []


def load(
    name: str,
    train: bool = True,
    report: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    watch: Callable[[Trainable, int], None] | None = None,
) -> LatentModel:
    """`load_net` of a model that has a latent space. Raises UnknownModel for a net that has none, too."""
    return _latent(name, lambda: load_net(name, train, report, stop, watch))


def load_net(
    name: str,
    train: bool = True,
    report: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    watch: Callable[[Trainable, int], None] | None = None,
) -> Trainable:
    """The model or net `name` in eval mode, from the first source whose files fit its recipe.

    Where none has it and `train` is true, it is trained here for two minutes (`quick_train.MINUTES`), and what it
    requires before it, for two minutes each; report, stop and watch are those of `training.fit`. Raises UnknownModel,
    and Unavailable when there is no source, when no folder can be written, when a package is missing that the training
    needs, or when `stop` ended it.
    """
    recipe = bundles.recipe_of(name)
    try:
        return _found(recipe, stop)
    except Unavailable:
        if not train or (stop is not None and stop()):
            raise
    while not _training.acquire(timeout=0.1):  # another caller trains: perhaps just this model
        if stop is not None and stop():
            raise Unavailable(name, ("training here was stopped before it began",))
    try:
        return _found(recipe, stop)
    except Unavailable as nowhere:
        _train(recipe, nowhere.notes, report, stop, watch)
        return _found(recipe, stop)
    finally:
        _training.release()


def loaded(name: str) -> LatentModel:
    """`load` without training, once a process: all callers share the model. The first call may take seconds."""
    return _latent(name, lambda: loaded_net(name))


def loaded_net(name: str) -> Trainable:
    """`load_net` without training, once a process: all callers share the net."""
    with _loading.get(name, nullcontext()):  # a name that nobody knows is refused at once
        net = _shared.get(name)
        if net is None:
            import torch

            for run in _before:
                run()
            with torch.inference_mode(False):  # another caller may want gradients through the shared net
                net = _shared[name] = load_net(name, train=False)
        return net  # not looked up again: forget() may have been called meanwhile


def before_loading(run: Callable[[], None]) -> None:
    """Have `run` called each time before `loaded` or `loaded_net` reads a model: a server limits torch's threads so."""
    _before.append(run)


def forget() -> None:
    """Look at every source anew, and load anew: after a training or a promote, or when the network is back."""
    bundles.forget()
    _shared.clear()
    _runs.clear()


def pretrained(recipe: Recipe) -> dict[str, Trainable]:
    """The nets that a training of `recipe` begins with, for `training.fit`. Raises Unavailable; trains none of them:
    one of two minutes, trained on the way, would go unnoticed. Where the model `begins_with_runs`, they are what the
    runs here left, with what does not ship."""
    if not _begins_with_runs(recipe):
        return {name: load_net(name, train=False) for name in recipe.requires}
    from vaedemo.training import restore

    try:
        return {name: restore(KNOWN[name]).model for name in recipe.requires}
    except FileNotFoundError as error:
        raise Unavailable(recipe.name, (f"it begins with a run of {', '.join(recipe.requires)}: {error}",)) from error


def peers(recipe: Recipe) -> dict[str, Trainable]:
    """The judges and rivals that `evaluation.measure` of `recipe` asks for. Rivals that no source has are left out.

    Raises Unavailable where a judge is.
    """
    from vaedemo import evaluation

    judges, rivals = evaluation.peers_of(recipe)
    nets = {name: load_net(name, train=False) for name in judges}
    for name in rivals:
        try:
            nets[name] = load_net(name, train=False)
        except Unavailable:
            continue
    return nets


def _begins_with_runs(recipe: Recipe) -> bool:
    from vaedemo.models import class_of

    return class_of(recipe).begins_with_runs


def _latent(name: str, net: Callable[[], Trainable]) -> LatentModel:
    if name in NETS:
        raise UnknownModel(f"{name} has no latent space: vaedemo.load_net gives it")
    model = net()
    from vaedemo.models.base import LatentModel

    assert isinstance(model, LatentModel)
    return model


def _found(recipe: Recipe, stop: Callable[[], bool] | None) -> Trainable:
    """The model from the first source that fits; each that does not is noted, and not found again."""
    while True:
        bundle = bundles.find(recipe.name, stop)
        try:
            return _assembled(recipe, bundle)
        except Misfit as misfit:
            bundles.reject(bundle, str(misfit))


def _assembled(recipe: Recipe, bundle: bundles.Bundle) -> Trainable:
    """The model of a bundle, by `recipe`; or by the one in its config.json, where the table has another net since then,
    and files of the new one do not ship yet. Raises Misfit, about `recipe`, where neither fits."""
    from vaedemo import models

    try:
        return models.assemble(recipe, bundle.folder)
    except Misfit:
        try:
            own = bundle.recipe()
            if own.name == recipe.name:
                return models.assemble(own, bundle.folder)
        except (OSError, ValueError, TypeError, Misfit):  # a config.json, or arguments, of another version
            pass
        raise


def _train(
    recipe: Recipe,
    notes: tuple[str, ...],
    report: Callable[[Progress], None] | None,
    stop: Callable[[], bool] | None,
    watch: Callable[[Trainable, int], None] | None,
) -> None:
    """Trains what `recipe` requires, then itself, and leaves a bundle for `bundles.find`."""
    from vaedemo.models import class_of
    from vaedemo.release import quick_train

    try:
        class_of(recipe).check_packages()  # before minutes are spent on what it requires
        begun_with = _begun_with(recipe, report, stop, watch)

        def write(folder: Path) -> str | None:
            run = quick_train.train_here(recipe, begun_with, report, stop, watch)
            if run is None:
                return None
            _runs[recipe.name] = copy.deepcopy(run.model)
            return quick_train.write_bundle(run, folder)

        wrong = bundles.keep_trained(recipe.name, write)
    except (NoFolder, PackageMissing) as error:
        wrong = f"it cannot be trained here: {error}"
    if wrong is not None:
        raise Unavailable(recipe.name, (*notes, wrong))


def _begun_with(
    recipe: Recipe,
    report: Callable[[Progress], None] | None,
    stop: Callable[[], bool] | None,
    watch: Callable[[Trainable, int], None] | None,
) -> dict[str, Trainable]:
    """The nets that a short training of `recipe` begins with; those that are not here are trained first. Where the
    model `begins_with_runs`, a short run is one, too. Raises Unavailable."""
    if not _begins_with_runs(recipe):
        return {name: load_net(name, True, report, stop, watch) for name in recipe.requires}
    from vaedemo.training import restore

    nets: dict[str, Trainable] = {}
    for name in recipe.requires:
        try:
            nets[name] = restore(KNOWN[name]).model
        except FileNotFoundError:
            if name not in _runs:
                _train(KNOWN[name], (), report, stop, watch)
            nets[name] = _runs[name]
    return nets
