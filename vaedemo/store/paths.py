"""Where things live on disk. Free of torch, so that the page can ask before any model is loaded."""

from __future__ import annotations

import os
from pathlib import Path


def weights_folder() -> Path:
    """The bundled models, a folder each: VAEDEMO_WEIGHTS, else `weights/` in the installed package, else beside it."""
    package = Path(__file__).parents[1]
    shipped = [folder for folder in (package / "weights", package.parent / "weights") if folder.is_dir()]
    return Path(os.environ.get("VAEDEMO_WEIGHTS") or (*shipped, package.parent / "weights")[0]).expanduser()


def runs_folder() -> Path:
    """Checkpoints, and bundles trained or downloaded here: VAEDEMO_RUNS, else ~/.cache/vaedemo/runs."""
    return Path(os.environ.get("VAEDEMO_RUNS") or "~/.cache/vaedemo/runs").expanduser()
