"""Where a model comes from: `weights/`, else the Hugging Face Hub, else trained here before, else trained here now.

`find` looks for the files and never imports torch; `load` makes a model of them. Whatever is damaged, foreign or of
another shape is refused with a note that says so, and the next source is tried.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vaedemo.recipes import KNOWN, NETS, RECIPES, Recipe
from vaedemo.store import checksums, download
from vaedemo.store.paths import runs_folder, weights_folder
from vaedemo.store.upload import HubError, publish

if TYPE_CHECKING:
    from vaedemo.models.base import LatentModel, Trainable
    from vaedemo.training import Progress

__all__ = [
    "Badge",
    "Bundle",
    "HubError",
    "Misfit",
    "Unavailable",
    "UnknownModel",
    "assemble",
    "find",
    "forget",
    "load",
    "load_net",
    "publish",
    "write_checksums",
]

HUB_REPO = "vaedemo/weights"  # VAEDEMO_HUB_REPO names another
HUB_REVISION = "main"  # VAEDEMO_HUB_REVISION names another; becomes a commit once the weights are published
PAUSE = 60.0  # seconds without a new attempt after the Hub failed: a page of many models waits for it once

Kind = Literal["bundled", "trained", "hub"]
_ORIGIN = "origin.json"  # beside files that came to this machine later: the words of their badge


class UnknownModel(ValueError):
    """No recipe has this name."""


class Unavailable(LookupError):
    """No source has the model; `notes` says why each was refused."""

    def __init__(self, name: str, notes: tuple[str, ...]) -> None:
        super().__init__("\n".join((f"no source has the model {name!r}:", *notes)))
        self.name, self.notes = name, notes


class Misfit(ValueError):
    """Tensors that do not fit the recipe's net."""


@dataclass(frozen=True)
class Badge:
    """What the page shows on a model. `detail`: "user/repo@1a2b3c4", or "2 min on synthetic digits"."""

    kind: Kind
    detail: str = ""

    @property
    def text(self) -> str:
        words = {"bundled": "bundled", "hub": "Hub", "trained": "trained here"}[self.kind]
        return f"{words} {self.detail}".rstrip()


@dataclass(frozen=True)
class Bundle:
    """A model's intact files in `folder`. `notes`: the sources refused before, and why."""

    name: str
    folder: Path
    badge: Badge
    notes: tuple[str, ...] = ()


class _State:
    """What this process has learned about its sources."""

    def __init__(self) -> None:
        self.found: dict[str, Bundle] = {}
        self.misfits: dict[tuple[str, Kind], str] = {}
        self.pauses: dict[str, tuple[float, str]] = {}  # "" (the Hub as a whole) or a name -> until when, and why
        self.downloading = threading.Lock()
        self.training = threading.RLock()  # reentrant: what a recipe requires is trained inside


_state = _State()


def forget() -> None:
    """Look at every source anew at the next `find`: after a promote, or when the network is back."""
    _state.found.clear()
    _state.misfits.clear()
    _state.pauses.clear()


def find(name: str, stop: Callable[[], bool] | None = None) -> Bundle:
    """The first intact source of model `name`. The answer is kept: the second call costs nothing.

    A Hub that is down, refuses or hangs is given up within 5 seconds (see `fetching.PATIENCE`) and left alone for
    `PAUSE`; `stop` ends a download earlier. Raises UnknownModel, or Unavailable with the reasons.
    """
    _recipe(name)
    bundle = _state.found.get(name)
    if bundle is not None:
        return bundle
    notes: list[str] = []
    bundle = _bundled(name, notes) or _from_hub(name, notes, stop) or _trained(name, notes)
    if bundle is None:
        raise Unavailable(name, tuple(notes))
    _state.found[name] = bundle
    return bundle


def load(
    name: str,
    train: bool = True,
    report: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    watch: Callable[[Trainable, int], None] | None = None,
) -> LatentModel:
    """`load_net` of a model that has a latent space. Raises UnknownModel for a net that has none, too."""
    from vaedemo.models.base import LatentModel

    if name in NETS:
        raise UnknownModel(f"{name} has no latent space: zoo.load_net gives it")
    model = load_net(name, train, report, stop, watch)
    assert isinstance(model, LatentModel)
    return model


def load_net(
    name: str,
    train: bool = True,
    report: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    watch: Callable[[Trainable, int], None] | None = None,
) -> Trainable:
    """The model or net `name` in eval mode, from the first source whose files fit its recipe.

    Where none has it and `train` is true, it is trained here for two minutes (`teaching.MINUTES`), what it requires
    first; report, stop and watch are those of `training.fit`. Raises UnknownModel, and Unavailable when there is no
    source, or when `stop` ended the training.
    """
    recipe = _recipe(name)
    try:
        return _load_found(recipe, stop)
    except Unavailable:
        if not train or (stop is not None and stop()):
            raise
    while not _state.training.acquire(timeout=0.1):  # another caller trains: perhaps just this model
        if stop is not None and stop():
            raise Unavailable(name, ("training here was stopped before it began",))
    try:
        return _load_found(recipe, stop)
    except Unavailable as nowhere:
        _train(recipe, nowhere.notes, report, stop, watch)
        return _load_found(recipe, stop)
    finally:
        _state.training.release()


def assemble(recipe: Recipe, folder: Path) -> Trainable:
    """The folded model of `recipe` with the tensors of folder/model.safetensors, float32, in eval mode.

    Raises Misfit, which names the first tensor that is missing, unknown or of another shape.
    """
    from safetensors.torch import load_file

    from vaedemo import models

    given = load_file(folder / "model.safetensors")
    model = models.build_net(recipe, folded=True)
    wanted = model.state_dict()
    for key in sorted(wanted.keys() | given.keys()):
        if key not in given:
            raise Misfit(f"model.safetensors lacks {key}, which this version's {recipe.name} has")
        if key not in wanted:
            raise Misfit(f"model.safetensors has {key}, which this version's {recipe.name} lacks")
        if given[key].shape != wanted[key].shape:
            shapes = ["x".join(map(str, tensors[key].shape)) or "a number" for tensors in (given, wanted)]
            raise Misfit(
                f"model.safetensors has {key} of {shapes[0]}, where this version's {recipe.name} has {shapes[1]}"
            )
    model.load_state_dict(given, strict=True)
    return model.eval()


def write_checksums(name: str) -> None:
    """Make what `weights/NAME` holds now the one accepted content of model `name`. For use after a promote."""
    folder = weights_folder() / name
    wrong = checksums.problem(folder, None)
    if wrong is not None:
        raise ValueError(f"weights/{name}: {wrong}")
    checksums.record(name, folder)
    forget()


def _recipe(name: str) -> Recipe:
    if name not in KNOWN:
        raise UnknownModel(f"unknown model {name!r}; known: {', '.join((*RECIPES, *NETS))}")
    return KNOWN[name]


# Sources. Each gives a bundle whose files are intact, or None and a note.


def _bundled(name: str, notes: list[str]) -> Bundle | None:
    folder = weights_folder() / name
    if not _fits(name, "bundled", folder, checksums.checksums(name), f"weights/{name}", notes):
        return None
    return Bundle(name, folder, Badge("bundled"))


def _trained(name: str, notes: list[str]) -> Bundle | None:
    folder = runs_folder() / name / "bundle"
    if not folder.exists() or not _fits(name, "trained", folder, None, "trained here", notes):
        return None
    return Bundle(name, folder, Badge("trained", _origin(folder)), tuple(notes))


def _from_hub(name: str, notes: list[str], stop: Callable[[], bool] | None) -> Bundle | None:
    """Downloads at most once: what lies in the cache and has the right checksums is the published model."""
    repo = os.environ.get("VAEDEMO_HUB_REPO") or HUB_REPO
    revision = os.environ.get("VAEDEMO_HUB_REVISION") or HUB_REVISION
    source = f"Hub {repo}@{revision}"
    listed = checksums.checksums(name)
    if not listed:
        notes.append(f"{source} is not asked: checksums.json lists no {name}, so nothing could be trusted")
        return None
    with _state.downloading:
        folder = runs_folder() / name / "hub"
        if checksums.problem(folder, listed) is not None and not _download(name, repo, revision, source, notes, stop):
            return None
    if not _fits(name, "hub", folder, listed, source, notes):
        return None
    return Bundle(name, folder, Badge("hub", _origin(folder)), tuple(notes))


def _fits(name: str, kind: Kind, folder: Path, listed: dict[str, str] | None, source: str, notes: list[str]) -> bool:
    wrong = _state.misfits.get((name, kind)) or checksums.problem(folder, listed)
    if wrong is not None:
        notes.append(f"{source}: {wrong}")
    return wrong is None


def _origin(folder: Path) -> str:
    try:
        return str(json.loads((folder / _ORIGIN).read_text())["detail"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _settle(part: Path, folder: Path, detail: str) -> None:
    """Completed files in `part` become `folder`, in one rename, with the words of their badge."""
    (part / _ORIGIN).write_text(json.dumps({"detail": detail}) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _download(
    name: str, repo: str, revision: str, source: str, notes: list[str], stop: Callable[[], bool] | None
) -> bool:
    """Fetches and checks the files of `name`; on failure adds a note and pauses new attempts."""
    for key in ("", name):
        until, reason = _state.pauses.get(key, (0.0, ""))
        if time.monotonic() < until:
            notes.append(f"{reason} (asked again in {until - time.monotonic():.0f} s)")
            return False
    part = runs_folder() / name / f"hub.{os.getpid()}"
    try:
        _empty(part)
        commit = download.fetch(repo, revision, [f"{name}/{file}" for file in checksums.FILES], part, stop)
        wrong = checksums.problem(part, checksums.checksums(name))
        if wrong is None:
            _settle(part, part.with_name("hub"), f"{repo}@{commit[:7]}")
            return True
        key, reason = name, f"{source}: {wrong}"
    except download.Refused as refusal:
        key, reason = "" if refusal.everything else name, f"{source} {refusal}"
    except OSError as error:
        key, reason = name, f"{source}: its files cannot be kept here: {error}"
    finally:
        shutil.rmtree(part, ignore_errors=True)
    if stop is None or not stop():  # a person's own stop is no fault of the Hub
        _state.pauses[key] = (time.monotonic() + PAUSE, reason)
    notes.append(reason)
    return False


# From files to a model, and from nothing to files: here torch is imported.


def _load_found(recipe: Recipe, stop: Callable[[], bool] | None) -> Trainable:
    """The model from the first source that fits; each that does not is noted, and not found again."""
    while True:
        bundle = find(recipe.name, stop)
        try:
            return assemble(recipe, bundle.folder)
        except Misfit as misfit:
            _state.misfits[recipe.name, bundle.badge.kind] = str(misfit)
            _state.found.pop(recipe.name, None)


def _train(
    recipe: Recipe,
    notes: tuple[str, ...],
    report: Callable[[Progress], None] | None,
    stop: Callable[[], bool] | None,
    watch: Callable[[Trainable, int], None] | None,
) -> None:
    """Trains what `recipe` requires, then itself, and leaves a bundle for `_trained` to find."""
    from vaedemo.release import quick_train

    for needed in recipe.requires:
        load_net(needed, True, report, stop, watch)
    part = runs_folder() / recipe.name / f"bundle.{os.getpid()}"
    _empty(part)
    try:
        detail = quick_train.train_here(recipe, part, report, stop, watch)
        if detail is None:
            raise Unavailable(recipe.name, (*notes, "training here was stopped"))
        wrong = checksums.problem(part, None)
        if wrong is not None:
            raise Unavailable(recipe.name, (*notes, f"trained here: {wrong}"))
        _settle(part, part.with_name("bundle"), detail)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _state.misfits.pop((recipe.name, "trained"), None)
