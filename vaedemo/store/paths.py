"""Where things live on disk. Free of torch, so that the page can ask before any model is loaded."""

from __future__ import annotations

import os
from pathlib import Path


def weights_folder() -> Path:
    """The bundled models, a folder each: VAEDEMO_WEIGHTS, else `weights/` beside the package."""
    return Path(os.environ.get("VAEDEMO_WEIGHTS") or Path(__file__).parents[2] / "weights").expanduser()


def runs_folder() -> Path:
    """Checkpoints, and bundles trained or downloaded here: VAEDEMO_RUNS, else ~/.cache/vaedemo/runs."""
    return Path(os.environ.get("VAEDEMO_RUNS") or "~/.cache/vaedemo/runs").expanduser()
