"""The table of stops: each names a tab and a fold that are there, and says its one thing briefly."""

from __future__ import annotations

import gradio as gr
import pytest
from gradio.blocks import Block
from starlette.testclient import TestClient

from vaedemo.app import page, widgets
from vaedemo.app.server import routes
from vaedemo.app.tour import STOPS, Stop

TABS = widgets.PACKAGE / "app/tabs"


@pytest.fixture(scope="module")
def folds() -> dict[str, set[str]]:
    """Of each tab by its id, the folds by theirs."""
    tabs: dict[str, set[str]] = {}
    for block in page.blocks().blocks.values():
        if isinstance(block, gr.Tab):
            tabs[str(block.elem_id)] = {str(inner.elem_id) for inner in _within(block)}
    return tabs


def _within(block: object) -> list[Block]:
    inner = getattr(block, "children", [])
    return [*inner, *(deeper for child in inner for deeper in _within(child))]


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.title)
def test_a_stop_is_somewhere(stop: Stop, folds: dict[str, set[str]]) -> None:
    assert f"tab-{stop.tab}" in folds
    assert stop.section == "map" or f"fold-{stop.tab}-{stop.section}" in folds[f"tab-{stop.tab}"]


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.title)
def test_a_stop_fits_the_bar(stop: Stop) -> None:
    assert len(stop.title) <= 45
    assert 40 <= len(stop.sentence) <= 130  # three lines of a projector's bar
    assert stop.sentence.endswith(".")


def test_every_stop_is_new() -> None:
    assert len({stop.title for stop in STOPS}) == len(STOPS)
    assert len({(stop.tab, stop.section, *stop.state.items()) for stop in STOPS}) == len(STOPS)


def test_what_a_stop_sets_its_section_hears() -> None:
    for stop in STOPS:
        opening = stop.section == "map"  # what a tab opens with has its tab's name
        script = TABS / stop.tab / ("hero.mjs" if opening else f"folds/{stop.section}.mjs")
        for key in stop.state:
            assert f"onStop('{stop.tab}/{stop.section}'" in script.read_text(), f"{script.name} does not hear {key}"


def test_the_page_gets_the_table() -> None:
    with TestClient(routes.application()) as client:
        table = client.get("/stops.json").json()
    assert [Stop(**row) for row in table] == list(STOPS)
