"""A browser that translates the page wraps every text in two elements: each control still answers, wherever in it one
clicks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from folds import choose, opened
from playwright.sync_api import Browser, Page
from server_thread import Server

from vaedemo.app import create_app
from vaedemo.app.tab import Tab
from vaedemo.app.tabs import tabs
from vaedemo.store.paths import weights_folder

pytestmark = pytest.mark.skipif(
    not (weights_folder() / "digits-2d" / "model.safetensors").exists(), reason="weights/digits-2d is not here"
)

# Counts what a click can bring about, and keeps it on the page: no file is asked for or saved, no card is shown.
COUNT = """
window.effects = 0;
window.probing = false;
const counted = (object, name, replaced) => {
    const own = object[name];
    object[name] = function (...given) {
        window.effects += 1;
        return window.probing && replaced ? replaced() : own.apply(this, given);
    };
};
counted(window, 'fetch', () => new Promise(() => {}));
counted(window, 'setTimeout');
counted(window, 'requestAnimationFrame');
counted(Worker.prototype, 'postMessage');
counted(HTMLInputElement.prototype, 'click', () => {});
counted(HTMLAnchorElement.prototype, 'click', () => {});
counted(HTMLCanvasElement.prototype, 'toBlob', () => {});
counted(HTMLDialogElement.prototype, 'showModal', () => {});
"""

# As translating browsers do.
WRAP = """root => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
        if (!text.data.trim() || text.parentElement.closest('script, style, svg, select, textarea')) continue;
        const [outer, inner] = [document.createElement('font'), document.createElement('font')];
        text.replaceWith(outer);
        outer.append(inner);
        inner.append(text);
    }
}"""

# The controls that answer a press on themselves, and none on what is innermost in them.
DEAF = """async root => {
    const controls = 'button, [data-act], [aria-pressed], [role=button]';
    const seen = new MutationObserver(() => {});
    seen.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
    const brings = async target => {
        seen.takeRecords();
        window.effects = 0;
        target.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, composed: true, detail: 1}));
        for (let turn = 0; turn < 20; turn++) await null;
        return window.effects + seen.takeRecords().length > 0;
    };
    const innermost = control => [...control.querySelectorAll('*')].filter(element => !element.childElementCount);
    const pressable = control =>
        control.isConnected && control.checkVisibility() && !control.disabled && control.ariaDisabled !== 'true';
    // What listens to the whole page hears every press.
    const keep = event => event.stopPropagation();
    root.addEventListener('click', keep);
    const deaf = [];
    let heard = 0;
    window.probing = true;
    for (const control of root.querySelectorAll(controls)) {
        const target = innermost(control)[0];
        if (!target || !pressable(control)) continue;
        if (await brings(target)) heard += 1;
        else if (await brings(control)) deaf.push(control.outerHTML.slice(0, 200));
    }
    window.probing = false;
    root.removeEventListener('click', keep);
    seen.disconnect();
    return {deaf, heard};
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The page with the models that ship."""
    server = Server(create_app())
    yield server
    server.stop()


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.add_init_script(COUNT)
    page = context.new_page()
    page.goto(server.address)
    page.wait_for_selector("canvas[data-drawn]:visible")
    yield page
    context.close()


@pytest.mark.parametrize("tab", tabs(), ids=lambda tab: tab.name)
def test_a_press_on_a_word_is_a_press_on_its_button(page: Page, tab: Tab) -> None:
    choose(page, tab.title)
    panel = page.locator(f"#tab-{tab.name}")
    panel.wait_for()
    for fold in tab.folds:
        label = page.locator(f"#fold-{tab.name}-{fold.name} > .label-wrap")
        label.wait_for()
        if "open" not in (label.get_attribute("class") or ""):
            label.click()
    page.wait_for_function(
        """name => [...document.querySelectorAll(`#tab-${name} [data-mount]`)].every(host =>
            host.querySelector('button, input, canvas, svg')?.checkVisibility() ||
            host.innerText.trim())""",
        arg=tab.name,
    )
    page.wait_for_timeout(500)  # what folds make of the first answers: thumbnails, rows
    panel.evaluate(WRAP)
    answer = panel.evaluate(DEAF)
    assert answer["deaf"] == []
    assert answer["heard"] > len(tab.folds)


def test_the_header_and_the_tour_answer_as_well(chromium: Browser, server: Server) -> None:
    # A page of its own: what a worker answers to the presses above may open a dialog over this one's at any time.
    for page in opened(chromium, server, 1280, 900):
        page.evaluate(f"({WRAP})(document.querySelector('.vd-header'))")
        page.locator(".vd-header [data-act=tour] font font").click()
        outline = page.locator(".vd-outline")
        outline.wait_for()
        outline.evaluate(WRAP)
        outline.locator("a font font").first.click()
        bar = page.locator(".vd-stops")
        bar.wait_for()
        bar.evaluate(WRAP)
        for act, place in (("on", "2 /"), ("back", "1 /")):
            bar.locator(f"[data-act={act}] font font").click()
            page.wait_for_function("place => document.querySelector('.vd-stops').innerText.includes(place)", arg=place)
        bar.locator("[data-act=close] font font").click()
        bar.wait_for(state="detached")
