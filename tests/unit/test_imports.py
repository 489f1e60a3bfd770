"""Who may import whom: arrows point down, nothing goes round in a circle, and what must be light stays light.

Every import counts, also one inside a function; imports for type checkers alone do not, since they never run.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "vaedemo"

# The floors, lowest first. A module belongs to the longest name here that it begins with, and imports no higher floor.
FLOORS = (
    ("errors", "scan"),
    ("recipes", "latents"),
    ("store",),
    ("vision.cielab",),  # arithmetic of colors, which data sets are made with
    ("data",),
    ("models",),
    ("vision",),  # beside models: finds faces by a net and codes by a decoder, and knows neither files nor training
    ("training",),
    ("evaluation",),
    ("release",),
    ("zoo",),
    ("", "colorize", "doctor", "express", "forecast"),  # what people import: vaedemo itself
    ("app",),
    (
        "doctor",
        "__main__",
    ),
)
FLOOR = {name: height for height, names in enumerate(FLOORS) for name in names}
WEB = {"gradio", "gradio_client", "fastapi", "starlette", "uvicorn"}
LIGHT = ("", "errors", "scan", "recipes", "latents", "zoo", "data", "data.face_set", "store", "store.bundles")
LIGHT += ("store.checksums", "store.download", "store.paths", "store.upload", "colorize", "express", "forecast")
LIGHT += ("vision.preprocessing", "vision.face_alignment", "app.server.inference")
LIGHT += ("release.browser_export", "release.browser_encoders", "release.browser_nets")


def module_of(file: Path) -> str:
    """The dotted name below vaedemo; "" is vaedemo itself."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {module_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def imports(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """All that may run, at any depth."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for other in node.orelse:
                yield from imports(other)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        else:
            yield from imports(node)


@cache
def asked(module: str) -> frozenset[str]:
    """The dotted names that a module imports: of vaedemo its modules, of others the names at the top."""
    found: set[str] = set()
    for node in imports(ast.parse(modules()[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            assert node.level == 0, f"{module}: imports are absolute here"
            base = node.module or ""
            inner = [f"{base}.{alias.name}" for alias in node.names]
            below = [name for name in inner if name.removeprefix("vaedemo.") in modules()]
            rest = len(below) < len(inner)  # something else than modules is taken from the package
            names = [*below, *([base] if rest else [])]
        found |= {name if name.split(".")[0] == "vaedemo" else name.split(".")[0] for name in names}
    return frozenset(found)


def ours(module: str) -> set[str]:
    names = {name for name in asked(module) if name.split(".")[0] == "vaedemo"}
    return {name.removeprefix("vaedemo").removeprefix(".") for name in names} - {module}


def floor(module: str) -> int:
    parts = module.split(".")
    known = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    name = next((name for name in known if name in FLOOR), None)
    assert name is not None, f"vaedemo.{module} is on no floor: give it one here"
    return FLOOR[name]


def test_every_module_is_on_a_floor() -> None:
    for module in modules():
        floor(module)


def test_nothing_points_up() -> None:
    up = [f"{module} -> {other}" for module in modules() for other in ours(module) if floor(other) > floor(module)]
    assert up == []


def test_nothing_goes_round_in_a_circle() -> None:
    open_, done = [], set()

    def walk(module: str) -> None:
        if module in done:
            return
        assert module not in open_, " -> ".join([*open_[open_.index(module) :], module])
        open_.append(module)
        for other in sorted(ours(module)):
            walk(other)
        done.add(open_.pop())

    for module in modules():
        walk(module)


def test_only_the_page_knows_a_web_framework() -> None:
    found = {module: asked(module) & WEB for module in modules() if not module.startswith("app")}
    assert {module: names for module, names in found.items() if names} == {}


def test_the_library_never_imports_the_page() -> None:
    found = [
        module
        for module in modules()
        if not module.startswith("app")
        for other in ours(module)
        if other.split(".")[0] == "app"
    ]
    assert set(found) == {"__main__"}  # `vaedemo demo` and `vaedemo site`, inside the functions


@pytest.mark.parametrize("module", LIGHT)
def test_what_is_light_imports_no_torch(module: str) -> None:
    name = f"vaedemo.{module}".rstrip(".")
    code = f"import sys, {name}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0, f"{name} imports torch"
