"""What the README promises is what is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from vaedemo.recipes import RECIPES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
KEYS = ("nll", "elbo", "rate", "distortion", "active_dimensions")


@pytest.mark.parametrize("name", RECIPES)
def test_figures_are_those_of_metrics_json(name: str) -> None:
    metrics = json.loads((ROOT / "weights" / name / "metrics.json").read_text())
    row = re.search(rf"^\| `{name}` \|(.*)\|$", README, re.MULTILINE)
    assert row, f"the README has no row for {name}"
    cells = [cell.strip().split(" ")[0] for cell in row[1].split("|")]
    figures = [metrics.get(key, "–") for key in KEYS]
    wanted = [f"{figure:.1f}" if isinstance(figure, float) else str(figure) for figure in figures]
    assert cells[-len(KEYS) :] == wanted


def test_the_python_example_runs_and_is_of_five_lines(capsys: pytest.CaptureFixture[str]) -> None:
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert example
    assert len([line for line in example[1].splitlines() if line.strip()]) <= 5
    exec(compile(example[1], "README.md", "exec"), {})
    assert capsys.readouterr().out.count("tensor(") == 2  # rate and distortion


def test_every_variable_is_named_in_the_code() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("vaedemo/**/*.py"))
    for variable in set(re.findall(r"VAEDEMO_[A-Z_]+", README)):
        assert variable in code


def test_pictures_are_there() -> None:
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file()
