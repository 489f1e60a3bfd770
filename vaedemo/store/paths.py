"""Where things live on disk. Free of torch, so that the page can ask before any model is loaded."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from vaedemo.errors import NoFolder


def weights_folder() -> Path:
    """The bundled models, a folder each: VAEDEMO_WEIGHTS, else `weights/` in the installed package, else beside it."""
    package = Path(__file__).parents[1]
    shipped = [folder for folder in (package / "weights", package.parent / "weights") if folder.is_dir()]
    return Path(os.environ.get("VAEDEMO_WEIGHTS") or (*shipped, package.parent / "weights")[0]).expanduser()


def runs_folder() -> Path:
    """Checkpoints, and bundles trained or downloaded here: VAEDEMO_RUNS, else ~/.cache/vaedemo/runs.

    Raises NoFolder for a user without a home folder.
    """
    try:
        return Path(os.environ.get("VAEDEMO_RUNS") or "~/.cache/vaedemo/runs").expanduser()
    except RuntimeError as error:
        raise NoFolder("this user has no home folder: set VAEDEMO_RUNS to a folder that can be written") from error


def features_folder() -> Path:
    """What is computed once of a training set, beside `runs_folder`. Raises NoFolder for a user without a home."""
    return runs_folder().with_name("features")


def emptied(folder: Path) -> Path:
    """`folder`, below `runs_folder`, made anew and empty. Raises NoFolder where it cannot be written."""
    shutil.rmtree(folder, ignore_errors=True)
    return writable(folder)


def writable(folder: Path) -> Path:
    """`folder`, below `runs_folder`, made if it is not there. Raises NoFolder where it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        why = error.strerror or error
        raise NoFolder(f"{folder} cannot be written ({why}): set VAEDEMO_RUNS to a folder that can be") from error
