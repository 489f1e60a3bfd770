"""A link brings back what was seen: the tab, the folds that were open, and nothing of another place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from folds import choose, kept, opened
from playwright.sync_api import Browser, Page, expect
from server_thread import Server

from vaedemo.app.tab import Tab
from vaedemo.app.tabs import tabs


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    # Small random models cannot answer everything; what the tabs say of it is other tests' matter.
    yield from opened(chromium, server, 1280, 900, absent="live/")


def tells(page: Page, folds: str) -> None:
    """Waits until the address says that these folds are open."""
    page.wait_for_function("folds => new URLSearchParams(location.search).get('open') === folds", arg=folds)


@pytest.mark.parametrize("tab", tabs(), ids=lambda tab: tab.name)
def test_open_folds_are_kept_and_opened_again(page: Page, tab: Tab, server: Server) -> None:
    page.goto(server.address)
    page.wait_for_selector("canvas[data-drawn]:visible")
    choose(page, tab.title)
    # Gradio closes a fold again that is pressed while it still builds the tab.
    expect(page.locator(f"#tab-{tab.name} :is(canvas, img):visible").first).to_be_visible()
    chosen = [tab.folds[0].name, tab.folds[-1].name]
    for name in chosen:
        page.locator(f"#fold-{tab.name}-{name} > button").click()
        expect(page.locator(f"#fold-{tab.name}-{name} [data-mount]")).to_be_visible()
    tells(page, ",".join(chosen))
    page.goto(page.url)
    for fold in tab.folds:
        gesture = page.locator(f"#fold-{tab.name}-{fold.name} [data-mount]")
        expect(gesture).to_be_visible() if fold.name in chosen else expect(gesture).to_be_hidden()
    page.locator(f"#fold-{tab.name}-{chosen[0]} > button").click()
    expect(page.locator(f"#fold-{tab.name}-{chosen[0]} [data-mount]")).to_be_hidden()
    tells(page, chosen[1])


@pytest.mark.parametrize("query", ["?open=nothing-such", "?tab=motion&open=prior-samples", "?open=%3Cscript%3E"])
def test_a_fold_that_is_not_there_is_said(page: Page, server: Server, query: str) -> None:
    page.goto(server.address + query)
    expect(page.locator(".vd-header [data-part=ignored]")).to_contain_text("open could not be used")
    expect(page.locator("[id^=fold-] [data-mount]:visible")).to_have_count(0)


def test_a_key_that_no_tab_declares_is_said(page: Page, server: Server) -> None:
    page.goto(f"{server.address}?sample.prior-samples.speed=3")
    expect(page.locator(".vd-header [data-part=ignored]")).to_contain_text("sample.prior-samples.speed")
    assert "sample.prior-samples.speed" not in kept(page)
