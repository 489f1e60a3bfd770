"""Where no source has the opening model, it is trained before the visitor's eyes: the map unfolds."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from vaedemo import zoo
from vaedemo.app.server import files
from vaedemo.errors import Unavailable
from vaedemo.store import bundles

if TYPE_CHECKING:
    import torch

    from vaedemo.models.base import Trainable
    from vaedemo.training import Progress

OPENING = "digits-2d"

_lock = threading.Lock()
_stop = threading.Event()
_status: dict[str, Any] = {"state": "idle"}
_map: torch.Tensor | None = None


def status() -> dict[str, Any]:
    """state (idle, training, ready, stopped, failed), and in training: source, step, horizon, seconds_left, picture."""
    with _lock:
        return dict(_status)


def cancel() -> None:
    """Stop the training, if one runs; the page keeps the map as far as it unfolded, and a restart begins anew."""
    if status()["state"] == "training":
        _stop.set()


def begin_if_needed() -> None:
    """Look for the opening model; if no source has it, train it in the background. Returns at once."""
    _stop.clear()
    threading.Thread(target=_seek, name="opening model", daemon=True).start()


def _seek() -> None:
    try:
        try:
            bundle = bundles.find(OPENING)
        except Unavailable as nowhere:
            _tell(state="training", model=OPENING, notes=nowhere.notes, step=0, picture=0)
            _train()
        else:
            _tell(state="ready")
            for make in (files.decoder, files.latent_map, files.latents):
                make(bundle.folder)  # now, so that the first visitor does not wait for it
    except Unavailable as error:
        _tell(state="stopped" if _stop.is_set() else "failed", notes=error.notes)
    except Exception as error:  # whatever breaks must reach the page, not only the log
        _tell(state="failed", notes=[f"{type(error).__name__}: {error}"])
        raise


def _train() -> None:
    import torch

    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))  # one core stays with the page and its visitors
    zoo.load(OPENING, report=_report, stop=_stop.is_set, watch=_watch)
    zoo.forget()
    _tell(state="ready")


def _tell(**news: Any) -> None:
    with _lock:
        _status.update(news)


def _report(progress: Progress) -> None:
    _tell(
        source=progress.source,
        step=progress.step,
        horizon=progress.horizon,
        seconds_left=round(progress.seconds_left),
        images_per_second=round(progress.images_per_second),
        terms={name: round(value, 2) for name, value in progress.terms.items()},
    )


def _watch(model: Trainable, step: int) -> None:
    """A new picture of the map, as far as it has unfolded."""
    import torch

    from vaedemo.models.base import LatentModel
    from vaedemo.models.latent_statistics import picture_map

    global _map
    assert isinstance(model, LatentModel)  # what OPENING names
    _map = picture_map(model, torch.zeros(2), torch.ones(2))
    _tell(picture=step)


def latest_map() -> torch.Tensor | None:
    """The map (rows, columns, H, W) uint8 at the last report, or None before the first."""
    return _map
