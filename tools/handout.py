"""Writes docs/handout.md, what students take home, from the lecture's stops: python tools/handout.py

Each stop has its thumbnail, its sentence, the address that opens it and, where its fold is met first, what to do there,
the fold's first formula and a question.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from vaedemo.app.tab import Fold, stops
from vaedemo.app.tabs import tabs

FILE = Path(__file__).parents[1] / "docs/handout.md"
PAGE = "http://127.0.0.1:7860"
HEAD = f"""# The lecture, to take home

Made by `python tools/handout.py`; change the stops, not this file. The links open a page that runs on your own computer
(`make demo`, see the [README](../README.md)); on another page, put its address in the place of `{PAGE}`.
The average faces are by Lisa DeBruine (CC BY 4.0), some of them changed by a model; whose the photographs are, says
[LICENSES.md](../vaedemo/web/examples/LICENSES.md).
"""


def handout() -> str:
    """The whole handout, Markdown."""
    folds = {(tab.name, fold.name): fold for tab in tabs() for fold in tab.folds}
    parts, chapter, met = [HEAD], "", set[tuple[str, str]]()
    for number, stop in enumerate(stops(tabs()), 1):
        if stop["chapter"] != chapter:
            chapter = stop["chapter"]
            parts.append(f"## {chapter}\n")
        parts.append(_stop(number, stop, folds.get((stop["tab"], stop["fold"])), met))
    return "\n".join(parts)


def _stop(number: int, stop: dict[str, Any], fold: Fold | None, met: set[tuple[str, str]]) -> str:
    lines = [
        f"### {number}. {stop['title']}",
        f'<a href="{PAGE}/?stop={number}"><img src="../{stop["picture"]}" width="240" height="150" alt=""></a>\n',
        f"{stop['sentence']}\n",
    ]
    if formula := _formula(stop, fold, met):
        lines.append(f"```math\n{formula}\n```\n")
    if fold and (stop["tab"], fold.name) not in met:
        lines.append(f"*Do.* {fold.sentence}\n")
        met.add((stop["tab"], fold.name))
    lines.append(f"*Ask yourself.* {stop['notes']['ask']}\n")
    return "\n".join(lines)


def _formula(stop: dict[str, Any], fold: Fold | None, met: set[tuple[str, str]]) -> str:
    """The line of a proof that the stop lights up; else the first formula of a fold that is met first; or ""."""
    if fold is None:
        return ""
    if fold.lines:
        text = fold.lines[int(stop["state"]["line"]) - 1]
    else:
        text = "" if (stop["tab"], fold.name) in met else fold.lecture
    found = re.search(r"\$\$(.+?)\$\$", text, re.DOTALL)
    return found[1].strip() if found else ""


if __name__ == "__main__":
    FILE.write_text(handout(), encoding="utf-8")
