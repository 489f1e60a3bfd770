"""Markdown with formulas as HTML with MathML, which browsers draw by themselves: no script, no fonts."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from vaedemo.errors import PackageMissing

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from math_core import LatexToMathML

FORMULA = re.compile(r"\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$]+?)\$", re.DOTALL)
PLACE = "\ue000{}\ue001"  # of a formula in the Markdown: characters for private use, which Markdown leaves alone
PLACES = re.compile("\ue000(\\d+)\ue001")


def check_packages() -> None:
    """Raises PackageMissing where Markdown or formulas cannot be turned."""
    try:
        _markdown()
        _converter()
    except ImportError as error:
        raise PackageMissing(f'A site needs {error.name}: pip install "vaedemo[site]"') from error


def html(markdown: str) -> str:
    """Our own Markdown as HTML: what Gradio's Markdown shows, formulas between $ or $$ included."""
    formulas: list[str] = []

    def kept(found: re.Match[str]) -> str:
        block = found["block"] is not None
        formulas.append(_formula(found["block"] if block else found["inline"], block))
        return PLACE.format(len(formulas) - 1)

    turned = _markdown().render(FORMULA.sub(kept, markdown.strip()))
    return PLACES.sub(lambda place: formulas[int(place[1])], turned)


def _formula(latex: str, block: bool) -> str:
    drawn = _mathml(latex, block)
    return f'<span class="katex-display">{drawn}</span>' if block else drawn


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt().enable("table")


def _mathml(latex: str, block: bool) -> str:
    return _converter().convert_with_local_state(latex.strip(), displaystyle=block)


@cache
def _converter() -> LatexToMathML:
    from math_core import LatexToMathML

    return LatexToMathML()
