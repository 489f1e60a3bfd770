"""Finds a model's files: in `weights/`, else on the Hugging Face Hub, else trained here before.

Free of torch and of training. A source whose files are damaged or foreign is refused with a note that says so, and the
next one is tried. Whether the tensors fit the net is known only to the caller that builds it: see `reject`.
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
from typing import Any, Literal

from vaedemo.errors import DownloadFailed, NoFolder, Unavailable, UnknownModel
from vaedemo.recipes import KNOWN, NETS, RECIPES, Recipe
from vaedemo.store import checksums, download
from vaedemo.store.paths import emptied, runs_folder, weights_folder

HUB_REPO = "vaedemo/weights"  # VAEDEMO_HUB_REPO names another
HUB_REVISION = "main"  # VAEDEMO_HUB_REVISION names another; becomes a commit once the weights are published
PAUSE = 60.0  # seconds without a new attempt after the Hub failed: a page of many models waits for it once

Kind = Literal["bundled", "trained", "hub"]
_ORIGIN = "origin.json"  # beside files that came to this machine later: the words of their badge


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

    def recipe(self) -> Recipe:
        """The recipe that this model was trained by: its config.json, which the table of recipes may have left."""
        return Recipe.from_json((self.folder / "config.json").read_text(encoding="utf-8"))

    def metrics(self) -> dict[str, Any]:
        """What was measured of this model, and facts of its training: its metrics.json."""
        return json.loads((self.folder / "metrics.json").read_text(encoding="utf-8"))


class _State:
    """What this process has learned about its sources."""

    def __init__(self) -> None:
        self.found: dict[str, Bundle] = {}
        self.rejected: dict[tuple[str, Kind], str] = {}
        self.pauses: dict[str, tuple[float, str]] = {}  # "" (the Hub as a whole) or a name -> until when, and why
        self.downloading = threading.Lock()


_state = _State()


def recipe_of(name: str) -> Recipe:
    """The recipe of model `name`. Raises UnknownModel, which lists the names there are."""
    if name not in KNOWN:
        raise UnknownModel(f"unknown model {name[:60]!r}; known: {', '.join((*RECIPES, *NETS))}")
    return KNOWN[name]


def find(name: str, stop: Callable[[], bool] | None = None) -> Bundle:
    """The first intact source of model `name`. The answer is kept: the second call costs nothing.

    A Hub that is down, refuses or hangs is given up within 5 seconds (see `download.PATIENCE`) and left alone for
    `PAUSE`; `stop` ends a download earlier. Raises UnknownModel, or Unavailable with the reasons.
    """
    recipe_of(name)
    bundle = _state.found.get(name)
    if bundle is not None:
        return bundle
    notes: list[str] = []
    bundle = _bundled(name, notes) or _from_hub(name, notes, stop) or _trained(name, notes)
    if bundle is None:
        raise Unavailable(name, tuple(notes))
    _state.found[name] = bundle
    return bundle


def forget() -> None:
    """Look at every source anew at the next `find`: after a promote, or when the network is back."""
    _state.found.clear()
    _state.rejected.clear()
    _state.pauses.clear()


def reject(bundle: Bundle, why: str) -> None:
    """Pass this source over from now on, with the note `why`: its tensors do not fit the net."""
    _state.rejected[bundle.name, bundle.badge.kind] = why
    _state.found.pop(bundle.name, None)


def record(name: str) -> None:
    """Make what `weights/NAME` holds now the one accepted content of model `name`. For use after a promote.

    Raises ValueError where a file there is missing or damaged.
    """
    folder = weights_folder() / name
    wrong = checksums.problem(folder, None)
    if wrong is not None:
        raise ValueError(f"weights/{name}: {wrong}")
    checksums.record(name, folder)
    forget()


def keep_trained(name: str, write: Callable[[Path], str | None]) -> str | None:
    """Make the files that `write` puts into an empty folder the bundle of model `name` that was trained here.

    `write` returns the words of the badge, or None where it was stopped. Returns why there is no bundle now, or None.
    Raises NoFolder.
    """
    part = emptied(runs_folder() / name / f"bundle.{os.getpid()}")
    try:
        detail = write(part)
        if detail is None:
            return "training here was stopped"
        wrong = checksums.problem(part, None)
        if wrong is not None:
            return f"trained here: {wrong}"
        _settle(part, part.with_name("bundle"), detail)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _state.rejected.pop((name, "trained"), None)
    return None


# Sources. Each gives a bundle whose files are intact, or None and a note.


def _bundled(name: str, notes: list[str]) -> Bundle | None:
    folder = weights_folder() / name
    if not _intact(name, "bundled", folder, checksums.checksums(name), f"weights/{name}", notes):
        return None
    return Bundle(name, folder, Badge("bundled"))


def _trained(name: str, notes: list[str]) -> Bundle | None:
    try:
        folder = runs_folder() / name / "bundle"
    except NoFolder as error:
        notes.append(f"trained here: {error}")
        return None
    if not folder.exists() or not _intact(name, "trained", folder, None, "trained here", notes):
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
    try:
        folder = runs_folder() / name / "hub"
    except NoFolder as error:
        notes.append(f"{source}: its files cannot be kept here: {error}")
        return None
    with _state.downloading:
        if checksums.problem(folder, listed) is not None and not _download(name, repo, revision, source, notes, stop):
            return None
    if not _intact(name, "hub", folder, listed, source, notes):
        return None
    return Bundle(name, folder, Badge("hub", _origin(folder)), tuple(notes))


def _intact(name: str, kind: Kind, folder: Path, listed: dict[str, str] | None, source: str, notes: list[str]) -> bool:
    wrong = _state.rejected.get((name, kind)) or checksums.problem(folder, listed)
    if wrong is not None:
        notes.append(f"{source}: {wrong}")
    return wrong is None


def _origin(folder: Path) -> str:
    try:
        return str(json.loads((folder / _ORIGIN).read_text(encoding="utf-8"))["detail"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _settle(part: Path, folder: Path, detail: str) -> None:
    """Completed files in `part` become `folder`, in one rename, with the words of their badge."""
    (part / _ORIGIN).write_text(json.dumps({"detail": detail}) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


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
        emptied(part)
        commit = download.fetch(repo, revision, [f"{name}/{file}" for file in checksums.FILES], part, stop)
        wrong = checksums.problem(part, checksums.checksums(name))
        if wrong is None:
            _settle(part, part.with_name("hub"), f"{repo}@{commit[:7]}")
            return True
        key, reason = name, f"{source}: {wrong}"
    except DownloadFailed as failure:
        key, reason = "" if failure.everything else name, f"{source} {failure}"
    except OSError as error:
        key, reason = name, f"{source}: its files cannot be kept here: {error}"
    finally:
        shutil.rmtree(part, ignore_errors=True)
    if stop is None or not stop():  # a person's own stop is no fault of the Hub
        _state.pauses[key] = (time.monotonic() + PAUSE, reason)
    notes.append(reason)
    return False
