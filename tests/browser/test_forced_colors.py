"""Under forced colors, where the browser paints everything in a few colors of the visitor's, states are seen without
color."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from folds import choose
from playwright.sync_api import Browser, Locator, Page, expect
from server_thread import Server

from vaedemo.app import create_app
from vaedemo.store.paths import weights_folder

pytestmark = pytest.mark.skipif(
    not (weights_folder() / "digits-2d" / "model.safetensors").exists(), reason="weights/digits-2d is not here"
)

# What is seen of an element but its colors, which are all the visitor's.
SHAPE = """element => {
    const {outlineStyle, outlineWidth, borderStyle, borderWidth, fontWeight, textDecorationLine} =
        getComputedStyle(element);
    const outline = outlineStyle === 'none' ? 'none' : `${outlineStyle} ${outlineWidth}`;
    return [outline, borderStyle, borderWidth, fontWeight, textDecorationLine].join(', ');
}"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    server = Server(create_app())
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce", forced_colors="active"
    )
    page = context.new_page()
    page.goto(server.address)
    page.wait_for_selector("canvas[data-drawn]:visible")
    page.wait_for_function("[...document.styleSheets].some(sheet => sheet.href?.endsWith('/forced-colors.css'))")
    yield page
    context.close()
    server.stop()


def shape(element: Locator) -> str:
    return element.evaluate(SHAPE)


def test_a_pressed_button(page: Page) -> None:
    button = page.locator("#tab-sample .vd-hero [aria-pressed=false]").first
    before = shape(button)
    button.click()
    expect(page.locator("#tab-sample .vd-hero [aria-pressed=true]").first).to_be_visible()
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    after = shape(page.locator("#tab-sample .vd-hero [aria-pressed=true]").first)
    assert before != after
    assert "solid 3px" in after


def test_the_open_tab(page: Page) -> None:
    tabs = page.get_by_role("tab")
    chosen = [tab.get_attribute("aria-selected") == "true" for tab in tabs.all()]
    shapes = [shape(tab) for tab in tabs.all()]
    (here,) = [one for one, is_chosen in zip(shapes, chosen) if is_chosen]
    assert here not in [one for one, is_chosen in zip(shapes, chosen) if not is_chosen]


@pytest.mark.parametrize("tab", ["Colorization", "Motion"])
def test_the_chosen_thumbnail(page: Page, tab: str) -> None:
    choose(page, tab)
    panel = page.locator(f"#tab-{tab.lower()}")
    pressed, other = (panel.locator(f".vd-thumb[aria-pressed={state}]").first for state in ("true", "false"))
    expect(pressed).to_be_visible()
    assert shape(pressed) != shape(other)
    assert pressed.locator("img").evaluate("img => getComputedStyle(img).forcedColorAdjust") == "none"


def test_what_cannot_be_pressed(page: Page) -> None:
    choose(page, "Sample")
    fold = page.locator("#fold-sample-more-latents")
    fold.locator("button").first.click()
    lock, reset = (fold.locator(f"[data-act={act}]").first for act in ("lock", "reset"))
    before = shape(reset)
    lock.click()
    expect(reset).to_be_disabled()
    assert shape(reset) != before
    assert "dashed" in shape(reset)
    assert reset.evaluate("button => getComputedStyle(button).opacity") == "1"


def test_marks_without_words_keep_their_ground(page: Page) -> None:
    choose(page, "Sample")
    dot = page.locator("#tab-sample .vd-map .dot").first
    assert dot.evaluate("dot => getComputedStyle(dot).forcedColorAdjust") == "none"
    canvas = page.locator("#tab-sample .vd-hero canvas.vd-ink").first
    assert shape(canvas).startswith("solid 1px")
