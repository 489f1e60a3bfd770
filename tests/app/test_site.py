"""A page without a server, before any browser sees it: its prose, and the questions whose answers it keeps."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from vaedemo.app import site
from vaedemo.app.site import answers, prose
from vaedemo.app.tabs import tabs
from vaedemo.app.tabs.colorization import server as colorization
from vaedemo.app.tabs.motion import server as motion
from vaedemo.app.tabs.vaegan import server as vaegan
from vaedemo.app.widgets import PACKAGE
from vaedemo.errors import NotAFolder


def test_markdown_and_formulas_are_turned_each_by_its_own_rules() -> None:
    turned = prose.html("*A* < b, $a_1 * b_2$ and\n\n$$\\frac{1}{2} < x$$\n\n| p | q |\n|---|---|\n| $z$ | 2 |")
    assert "<em>A</em> &lt; b" in turned
    assert "<em> b" not in turned  # the stars and underscores of a formula are no Markdown
    assert turned.count("<math") == 3
    assert turned.count('<span class="katex-display">') == 1
    assert "<td><math" in turned
    assert re.search(r"<mfrac><mn>1</mn><mn>2</mn></mfrac>", turned)


def test_every_formula_of_the_page_becomes_mathml() -> None:
    for text in (text for tab in tabs() for fold in tab.folds for text in (fold.lecture, *fold.lines)):
        turned = prose.html(text)
        assert "$" not in turned
        drawn = re.findall(r"<math.*?</math>", turned, re.DOTALL)
        assert len(drawn) == text.replace("$$", "$").count("$") / 2
        words = unescape(re.sub(r"<[^>]*>", "", "".join(drawn)))
        assert not {"\\", "&"} & set(words), words  # what is not understood would stand there as it was written


def test_a_site_takes_the_place_of_none_but_a_site(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(NotAFolder, match="other things"):
        site.write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_key_tells_addresses_and_bodies_apart() -> None:
    asked = [("a?n=1", b""), ("a?n=2", b""), ("a?n=1", b"\0"), ("a?n=1", b"\1"), ("a?n=1", b"\0\0")]
    assert len({answers.key(*one) for one in asked}) == len(asked)


def table(module: str, name: str) -> str:
    """The text between the braces, or brackets, of a constant in a module of the page."""
    text = (PACKAGE / "app/tabs" / module).read_text(encoding="utf-8")
    found = re.search(rf"const {name} = [{{\[](.*?)[}}\]];", text, re.DOTALL)
    assert found
    return found[1]


def test_examples_are_those_of_the_page() -> None:
    names = re.findall(r"^  (\w+): '", table("colorization/lib/photo-store.mjs", "EXAMPLES"), re.MULTILINE)
    assert tuple(names) == colorization.EXAMPLES
    terms = re.findall(r"'(colorization-[\w-]+)'", table("colorization/folds/loss-terms.mjs", "VAES"))
    assert tuple(terms) == colorization.FOUR
    seeds = re.findall(r"'?([\w-]+)'?: (\d+)", table("motion/hero.mjs", "SHIPPED"))
    assert {kind: int(seed) for kind, seed in seeds} == motion.SHIPPED
    faces = re.findall(r"'(\w+)'.*\[(.*)\]", (PACKAGE / "app/tabs/vaegan/lib/examples.mjs").read_text(encoding="utf-8"))
    eyes = {name: tuple(float(place) for place in places.split(",")) for name, places in faces}
    assert eyes == vaegan.EXAMPLES
