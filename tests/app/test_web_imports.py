"""Who imports whom in the browser: an address is a path on disk, and a tab needs web/ and itself alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from vaedemo.app.widgets import PACKAGE

MODULES = sorted(PACKAGE.rglob("*.mjs"))
TABS = PACKAGE / "app/tabs"
SPECIFIER = re.compile(
    r"""(?:\bfrom\s*|\bimport\s*\(?\s*)['"](\.[^'"]*)['"]|new URL\(\s*['"]([^'"]*\.\w+)['"], import\.meta\.url"""
)


def imported(module: Path) -> set[Path]:
    """The files that a module names: imports, types and addresses beside it."""
    named = SPECIFIER.findall(module.read_text(encoding="utf-8"))
    return {module.parent.joinpath(*names).resolve() for names in named}


def tab_of(path: Path) -> str | None:
    return path.relative_to(TABS).parts[0] if path.is_relative_to(TABS) else None


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.relative_to(PACKAGE).as_posix())
def test_a_module_imports_what_is_there_and_no_other_tab(module: Path) -> None:
    for path in imported(module):
        assert path.exists(), f"{path} is not there"
        assert tab_of(path) in (None, tab_of(module)), f"{path} belongs to another tab"
        assert path.is_relative_to(PACKAGE / "web") or path.is_relative_to(TABS)


def test_every_module_is_reached() -> None:
    """From a tab's hero and folds, the header, the page's head, the page without Gradio, the notes, and the worker."""
    starts = [*TABS.glob("*/hero.mjs"), *TABS.glob("*/folds/*.mjs")]
    starts += [
        PACKAGE / f"web/page/{name}.mjs" for name in ("header", "loading-clock", "preload", "static-shell", "notes")
    ]
    seen: set[Path] = set()
    while starts:
        module = starts.pop()
        if module not in seen and module.suffix == ".mjs":
            seen.add(module)
            starts += imported(module)
    assert set(MODULES) == seen


def test_no_module_of_python_imports_another_tab() -> None:
    for file in TABS.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            if module.startswith("vaedemo.app.tabs."):
                assert module.split(".")[3] == tab_of(file), f"{file.name} imports {module}"
