"""What the tabs say of themselves: each stop is somewhere, each state is declared, no two things have one name."""

from __future__ import annotations

import re
import runpy

import gradio as gr
import pytest
from gradio.blocks import Block
from PIL import Image
from starlette.testclient import TestClient

from vaedemo.app import page
from vaedemo.app.server import endpoints, routes
from vaedemo.app.tab import (
    Chapter,
    Choice,
    Fold,
    Numbers,
    State,
    Stop,
    Tab,
    Whole,
    Word,
    declarations,
    stops,
    thumbnail,
)
from vaedemo.app.tabs import tabs
from vaedemo.app.widgets import PACKAGE
from vaedemo.recipes import KNOWN

ROOT = PACKAGE.parent
STOPS = [(tab, stop) for tab in tabs() for stop in tab.stops]
a_stop = pytest.mark.parametrize(("tab", "stop"), STOPS, ids=[stop.title for _, stop in STOPS])


@pytest.fixture(scope="module")
def folds() -> dict[str, set[str]]:
    """Of each tab by its id, the folds by theirs."""
    found: dict[str, set[str]] = {}
    for block in page.blocks().blocks.values():
        if isinstance(block, gr.Tab):
            found[str(block.elem_id)] = {str(inner.elem_id) for inner in _within(block)}
    return found


def _within(block: object) -> list[Block]:
    inner = getattr(block, "children", [])
    return [*inner, *(deeper for child in inner for deeper in _within(child))]


@a_stop
def test_a_stop_is_somewhere(tab: Tab, stop: Stop, folds: dict[str, set[str]]) -> None:
    assert f"tab-{tab.name}" in folds
    assert stop.fold is None or f"fold-{tab.name}-{stop.fold}" in folds[f"tab-{tab.name}"]


@a_stop
def test_a_stop_fits_the_bar(tab: Tab, stop: Stop) -> None:
    assert len(stop.title) <= 45
    assert 40 <= len(stop.sentence) <= 130  # three lines of a projector's bar
    assert stop.sentence.endswith(".")


@a_stop
def test_a_lecturer_is_told_what_to_say(tab: Tab, stop: Stop) -> None:
    assert 0.5 <= stop.minutes <= 2
    for words in (stop.notes.ask, stop.notes.point, stop.notes.beware):
        assert 20 <= len(words) <= 180
        assert 1 <= len(re.findall(r"[.?!](?= |$)", words)) <= 3, "one to three sentences"
        assert words[-1] in ".?"
    assert "?" in stop.notes.ask


def test_the_lecture_has_all_its_chapters_and_fills_its_time() -> None:
    told = stops(tabs())
    assert list(dict.fromkeys(stop["chapter"] for stop in told)) == [chapter.value for chapter in Chapter]
    assert 70 <= sum(stop["minutes"] for stop in told) <= 80
    for chapter in Chapter:
        places = [stop["tab"] for stop in told if stop["chapter"] == chapter.value]
        order = [tab.name for tab in tabs()]
        assert places == sorted(places, key=order.index), f"{chapter.value}: not in the order of the tabs"


@pytest.mark.parametrize("tab", tabs(), ids=[tab.name for tab in tabs()])
def test_what_the_tour_fetches_ahead_is_what_the_tab_decodes(tab: Tab) -> None:
    scripts = "".join(file.read_text() for file in (PACKAGE / "app/tabs" / tab.name).rglob("*.mjs"))
    for name in (*tab.models, *(name for fold in tab.folds for name in fold.models)):
        assert name in KNOWN
        assert re.search(rf"(?<![\w-]){name}(?![\w-])", scripts), name


def test_every_stop_has_its_thumbnail_and_no_other_is_there() -> None:
    wanted = {PACKAGE / thumbnail(stop) for _, stop in STOPS}
    assert len(wanted) == len(STOPS)
    files = set((PACKAGE / "web/stops").iterdir())
    assert files == wanted, "run tools/thumbnails.py"
    for file in files:
        with Image.open(file) as picture:
            assert (picture.format, picture.size) == ("WEBP", (240, 150))
    assert sum(file.stat().st_size for file in files) <= 400_000


def test_the_handout_is_current() -> None:
    written = (ROOT / "docs/handout.md").read_text(encoding="utf-8")
    assert written == runpy.run_path(str(ROOT / "tools/handout.py"))["handout"](), "run tools/handout.py"
    assert written.count("\n### ") == len(STOPS)


@pytest.mark.parametrize("tab", tabs(), ids=[tab.name for tab in tabs()])
def test_no_formula_lost_a_backslash(tab: Tab) -> None:
    """Python reads \\alpha and \\big of a plain string as a bell and a backspace, and the page shows what is left."""
    for text in (tab.lead, tab.first, *(words for fold in tab.folds for words in (fold.sentence, fold.lecture))):
        assert text.replace("\n", "").isprintable()


@a_stop
def test_what_a_stop_sets_is_declared(tab: Tab, stop: Stop) -> None:
    for key, value in stop.state.items():
        assert fits(tab.declared(stop.fold)[key], value), f"{key}: {value}"


def fits(state: State, value: str) -> bool:
    """Whether a link may hold `value`, as the page's url-state.mjs sees it."""
    if isinstance(state, Whole):
        return value.isdecimal() and state.least <= int(value) <= state.most
    if isinstance(state, Numbers):
        numbers = [float(part) for part in value.split(",")]
        return state.count in (None, len(numbers)) and all(abs(number) <= state.most for number in numbers)
    return isinstance(state, Word) or (isinstance(state, Choice) and value in state.words)


@a_stop
def test_what_a_stop_sets_its_place_hears(tab: Tab, stop: Stop) -> None:
    script = PACKAGE / "app/tabs" / tab.name / (f"folds/{stop.fold}.mjs" if stop.fold else "hero.mjs")
    assert not stop.state or "onStop(" in script.read_text(), f"{script.name} does not hear {[*stop.state]}"


def test_every_stop_is_new() -> None:
    assert len({stop.title for _, stop in STOPS}) == len(STOPS)
    assert len({(tab.name, stop.fold, *stop.state.items()) for tab, stop in STOPS}) == len(STOPS)


def test_no_two_places_share_a_name() -> None:
    places = [tab.name for tab in tabs()] + [f"{tab.name}.{fold.name}" for tab in tabs() for fold in tab.folds]
    assert len(set(places)) == len(places)
    keys = sum(len(tab.state) + sum(len(fold.state) for fold in tab.folds) for tab in tabs())
    assert len(declarations(tabs())) == keys


def test_no_two_routes_share_an_address() -> None:
    known = [(method, re.sub(r"{\w+}", "{}", route.path)) for route in routes.all_routes() for method in route.methods]
    assert sorted(known) == sorted(set(known))


def test_no_two_endpoints_share_a_name() -> None:
    of_tabs = [endpoint for tab in tabs() for endpoint in tab.endpoints]
    names = [endpoint.function.__name__ for endpoint in (*endpoints.ENDPOINTS, *of_tabs)]
    assert sorted(names) == sorted(set(names))


def test_a_tab_is_a_folder_of_its_own_files() -> None:
    for tab in tabs():
        folder = PACKAGE / "app/tabs" / tab.name
        assert (folder / "hero.mjs").is_file()
        assert {f"{fold.name}.mjs" for fold in tab.folds} == {file.name for file in folder.glob("folds/*.mjs")}


def test_the_page_gets_the_stops() -> None:
    with TestClient(routes.application()) as client:
        assert client.get("/stops.json").json() == stops(tabs())


def test_declarations_carry_the_place_in_their_key() -> None:
    tab = Tab("one", "One", 1, "Lead.", folds=(Fold("strip", "", "", state={"z": Numbers(4, 2)}),), state={"z": Word()})
    assert declarations((tab,)) == {
        "one.z": {"kind": "word"},
        "one.strip.z": {"kind": "numbers", "most": 4, "count": 2},
    }
