"""Finds what registers itself by a decorator: models, measures and data sets, a folder each."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache


@cache
def import_modules(package: str) -> None:
    """Imports every module in the folder of `package`, so that the decorators in them have run."""
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")
