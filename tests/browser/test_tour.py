"""The guided tour and presenter mode in a real browser, and links that bring back what was seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from server_thread import Server
from small_models import alone
from starlette.types import ASGIApp

from vaedemo.app import create_app
from vaedemo.app.tab import Chapter, stops
from vaedemo.app.tabs import tabs
from vaedemo.store.paths import weights_folder

STOPS = stops(tabs())
SPACE = "https://huggingface.co/spaces/someone/latent-spaces"
FRAME = "https://someone-latent-spaces.hf.space"
# Of the presented stops every fourth, the first of each stay in a tab, those that are no fold, and the last.
CHECKED = {
    *(i for i, stop in enumerate(STOPS) if i % 4 == 0 or stop["fold"] is None or stop["tab"] != STOPS[i - 1]["tab"]),
    len(STOPS) - 1,
}
# Of each tab what it opens with and the fold farthest down; that every stop is found, the arrows tell.
LINKED = {(stop["tab"], stop["fold"] is None): index for index, stop in enumerate(STOPS)}


@pytest.fixture(scope="module")
def server(serve: Callable[[ASGIApp], Server], small_models: Path) -> Iterator[Server]:
    """With the shipped weights where there are some, and random ones for the rest."""
    shipped = weights_folder()
    with alone(small_models), pytest.MonkeyPatch.context() as patch:
        if all((shipped / name / "model.safetensors").is_file() for name in ("digits", "digits-2d")):
            patch.setenv("VAEDEMO_WEIGHTS", str(shipped))
        yield serve(create_app())


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """One for all pages here: the page's scripts need be fetched and compiled only once."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Fails the test for any error that the page's scripts throw."""
    page = context.new_page()
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert not errors


def here(page: Page, index: int) -> None:
    """Stop `index` is on the page: its words in the bar, its section where it can be seen."""
    stop = STOPS[index]
    expect(page.locator(".vd-stops [data-part=title]")).to_have_text(stop["title"])
    expect(page.locator(".vd-stops [data-part=sentence]")).to_have_text(stop["sentence"])
    expect(page.locator(".vd-stops [data-part=place]")).to_have_text(f"{index + 1} / {len(STOPS)}")
    section = page.locator("[data-vd-here]")
    if stop["fold"] is None:
        expect(section.locator("canvas").first).to_be_visible()
    else:
        expect(section).to_have_id(f"fold-{stop['tab']}-{stop['fold']}")
        expect(section.locator(".vd-section")).to_be_visible()
    page.wait_for_function(
        """() => {
            const box = document.querySelector('[data-vd-here]').getBoundingClientRect();
            const bar = document.querySelector('.vd-stops').getBoundingClientRect();
            return box.top >= -1 && box.top < innerHeight / 3 && box.left >= -1 && box.right <= innerWidth + 1
                && bar.bottom <= innerHeight + 1 && bar.height < innerHeight / 3;
        }"""
    )


def query(page: Page, **wanted: str | None) -> None:
    """Waits for these values in the address; None: the key is not there."""
    page.wait_for_function(
        """wanted => Object.entries(wanted).every(
            ([key, value]) => new URLSearchParams(location.search).get(key) === value)""",
        arg=wanted,
    )


def test_arrows_step_through_all_stops(server: Server, page: Page) -> None:
    page.goto(f"{server.address}/?present")
    for index in range(len(STOPS)):
        if index not in CHECKED:  # found, and passed over before its pictures are there
            expect(page.locator("[data-vd-here]")).to_have_id(f"fold-{STOPS[index]['tab']}-{STOPS[index]['fold']}")
            expect(page.locator(".vd-stops [data-part=title]")).to_have_text(STOPS[index]["title"])
            page.keyboard.press("ArrowRight")
            continue
        here(page, index)
        seen = page.locator(".tabitem:visible > .column > :visible")
        assert seen.count() == 1, "only the stop's own section is shown"
        for chrome in (".vd-header", "[role=tablist]", "footer"):
            expect(page.locator(chrome)).to_be_hidden()
        page.keyboard.press("ArrowRight")
    here(page, len(STOPS) - 1)  # beyond the last there is none
    query(page, stop=str(len(STOPS)), present="1")
    for index in reversed(range(LINKED["motion", True] - 1, len(STOPS) - 1)):  # back into the tab before
        page.keyboard.press(("PageUp", "ArrowLeft")[index % 2])  # a projector's remote sends Page Up and Down
        here(page, index)


def test_before_the_first_stop_there_is_none(server: Server, page: Page) -> None:
    page.goto(f"{server.address}/?present")
    here(page, 0)
    page.keyboard.press("ArrowLeft")
    here(page, 0)
    page.keyboard.press("PageDown")
    here(page, 1)


def test_keys_that_a_control_needs_turn_no_stop(server: Server, page: Page) -> None:
    page.goto(f"{server.address}/?present&stop=2")
    here(page, 1)
    page.locator("#fold-sample-prior-samples input[type=range]").focus()
    before = page.locator("#fold-sample-prior-samples output").text_content()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#fold-sample-prior-samples output")).not_to_have_text(before or "")
    seed = page.locator("#fold-sample-prior-samples [data-set=seed]")
    seed.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("f")
    here(page, 1)
    assert page.evaluate("document.fullscreenElement") is None
    page.keyboard.press("PageUp")
    here(page, 0)
    expect(page.locator("[data-part=digit][data-drawn]")).to_be_visible()
    page.locator(".vd-hero .vd-map").focus()
    z = page.locator(".vd-hero .vd-map").get_attribute("aria-description") or ""
    page.keyboard.press("ArrowRight")
    expect(page.locator(".vd-hero .vd-map")).not_to_have_attribute("aria-description", z)
    here(page, 0)
    page.keyboard.press("PageDown")
    here(page, 1)


def test_the_notes_follow_and_turn_the_presented_page(server: Server, page: Page) -> None:
    page.goto(f"{server.address}/?present&stop=2")
    here(page, 1)
    with page.expect_popup() as opened:
        page.locator(".vd-stops [data-act=notes]").click()
    notes = opened.value
    for index, turn in ((1, lambda: None), (2, lambda: page.keyboard.press("ArrowRight"))):
        turn()
        told(notes, index)
    notes.keyboard.press("ArrowRight")
    told(notes, 3)
    here(page, 3)
    notes.locator("[data-act=back]").click()
    told(notes, 2)
    here(page, 2)
    clock = page.locator(".vd-stops [data-part=clock]")
    expect(clock).to_have_text(re.compile(rf"^\d+:\d\d / {int(STOPS[2]['minutes'])}:\d\d$"))
    begun = 60 * sum(stop["minutes"] for stop in STOPS[:1])  # presented from the second stop on
    elapsed = notes.locator("[data-part=lecture]").inner_text().partition(" / ")[0]
    assert begun <= seconds(elapsed) <= begun + 120
    notes.emulate_media(media="print")
    expect(notes.locator("article")).to_have_count(len(STOPS))
    expect(notes.locator("article").last).to_be_visible()
    expect(notes.locator("main")).to_be_hidden()
    notes.close()
    page.goto(f"{server.address}/?notes")  # by itself it shows all of them
    page.wait_for_url("**/vaedemo/web/notes.html")
    expect(page.locator("article").last).to_be_visible()


def told(notes: Page, index: int) -> None:
    """The window of notes is at stop `index`."""
    stop = STOPS[index]
    expect(notes.locator("main [data-part=title]")).to_have_text(stop["title"])
    for part, words in stop["notes"].items():
        expect(notes.locator(f"main [data-part={part}]")).to_have_text(words)
    expect(notes.locator("[data-part=next]")).to_have_text(f"Next: {STOPS[index + 1]['title']}")


def seconds(clock: str) -> int:
    minutes, _, rest = clock.partition(":")
    return 60 * int(minutes) + int(rest)


def test_f_fills_the_screen(server: Server, page: Page) -> None:
    page.goto(f"{server.address}/?present&stop=2")
    here(page, 1)
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")


def test_a_tall_section_scrolls_up_from_behind_the_bar(server: Server, page: Page) -> None:
    page.goto(f"{server.address}/?present&stop=2")
    here(page, 1)
    whole = page.viewport_size
    assert whole
    page.set_viewport_size({"width": 1280, "height": 420})
    page.mouse.move(600, 100)
    page.mouse.wheel(0, 9_000)
    page.wait_for_function(
        """() => document.querySelector("[data-vd-here]").getBoundingClientRect().bottom
                 <= document.querySelector(".vd-stops").getBoundingClientRect().top"""
    )
    page.set_viewport_size(whole)


def test_escape_leaves(server: Server, page: Page) -> None:
    page.goto(f"{server.address}/?present&stop=2")
    here(page, 1)
    page.keyboard.press("Escape")
    expect(page.locator(".vd-stops")).to_have_count(0)
    for chrome in (".vd-header", "[role=tablist]", "#fold-sample-prior-samples", "#fold-sample-elbo", ".vd-hero"):
        expect(page.locator(chrome).first).to_be_visible()
    assert page.locator("[data-vd-here]").count() == 0
    query(page, stop=None, present=None)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".vd-stops")).to_have_count(0)


def test_a_dialog_closes_before_the_tour_does(server: Server, page: Page) -> None:
    page.goto(f"{server.address}/?stop=2")
    here(page, 1)
    page.locator("#fold-sample-prior-samples [data-act=code]").click()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".vd-stops")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".vd-stops")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_tour_from_its_button_to_its_end(server: Server, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(server.address)
    page.locator("[data-act=tour]").click()
    outline = page.locator(".vd-outline")
    expect(outline.locator("a[data-stop]")).to_have_count(len(STOPS))
    expect(outline.locator("h3")).to_have_text([f"{i}. {chapter.value}" for i, chapter in enumerate(Chapter, 1)])
    query(page, outline="1")
    outline.locator("[data-act=begin]").click()
    here(page, 0)
    query(page, outline=None)
    page.locator(".vd-stops [data-act=outline]").click()
    expect(outline.locator("[aria-current]")).to_contain_text(STOPS[0]["title"])
    picture = outline.locator("a[data-stop]").nth(1).locator("img")
    assert picture.evaluate("async img => { await img.decode(); return [img.naturalWidth, img.naturalHeight]; }")
    outline.locator("a[data-stop]").nth(1).click()
    expect(outline).to_have_count(0)
    here(page, 1)
    query(page, **{"stop": "2", "sample.prior-samples.seed": "7"})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.locator(".vd-stops [data-act=on]").click()
    here(page, 2)
    expect(page.locator("#fold-sample-prior-samples .vd-section")).to_be_hidden()  # the tour folds what it unfolded
    page.locator(".vd-stops [data-act=back]").click()
    here(page, 1)
    page.locator(".vd-stops [data-act=present]").click()
    expect(page.locator(".vd-header")).to_be_hidden()
    here(page, 1)
    page.locator(".vd-stops [data-act=close]").click()
    expect(page.locator(".vd-header")).to_be_visible()
    query(page, stop=None, present=None)


@pytest.mark.parametrize("index", LINKED.values())
def test_a_link_restores_its_stop(server: Server, page: Page, index: int) -> None:
    page.goto(f"{server.address}/?stop={index + 1}")
    here(page, index)
    expect(page.locator(".vd-header")).to_be_attached()
    page.wait_for_load_state("networkidle")
    here(page, index)  # it stays there while the page grows


def test_what_a_link_says_is_more_than_what_its_stop_would_set(server: Server, page: Page) -> None:
    page.goto(f"{server.address}/?stop=2&sample.prior-samples.seed=123")
    here(page, 1)
    expect(page.locator("#fold-sample-prior-samples [data-set=seed]")).to_have_value("123")


MARK = "<img src=x onerror=window.hacked=1>"


@pytest.mark.parametrize(
    "crafted",
    [
        "stop=99",
        "stop=0",
        "stop=-1",
        "stop=1e0",
        f"stop={MARK}",
        "stop=<script>window.hacked=1</script>",
        f"sample.z={MARK}",
        "sample.z=NaN,NaN",
        "sample.z=Infinity,0",
        "sample.z=1",
        "&".join(f"sample.prior-samples.{key}={MARK}" for key in ("model", "n", "temperature", "seed")),
    ],
)
def test_a_crafted_link_is_ignored(server: Server, page: Page, crafted: str) -> None:
    page.goto(f"{server.address}/?{crafted}")
    expect(page.locator("[data-part=digit][data-drawn]")).to_be_visible()
    assert re.fullmatch(r"z = \(−?\d\.\d\d, −?\d\.\d\d\)", page.locator("[data-part=z]").text_content() or "")
    page.locator("#fold-sample-prior-samples > button").click()
    expect(page.locator("#fold-sample-prior-samples [data-set=seed]")).to_have_value("1")
    page.wait_for_load_state("networkidle")
    expect(page.locator(".vd-stops")).to_have_count(0)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x]").count() == 0


def test_a_crafted_seed_in_a_stop_is_ignored(server: Server, page: Page) -> None:
    page.goto(f"{server.address}/?stop=2&sample.prior-samples.seed=-1")
    here(page, 1)
    expect(page.locator("#fold-sample-prior-samples [data-set=seed]")).to_have_value("1")


@pytest.mark.parametrize("crafted", ["99", MARK])
def test_presenting_begins_at_the_first_stop_where_the_link_names_none(
    server: Server, page: Page, crafted: str
) -> None:
    page.goto(f"{server.address}/?present={MARK}&stop={crafted}")
    here(page, 0)
    assert page.evaluate("window.hacked") is None


def test_where_the_stops_cannot_be_had_the_page_is_shown_and_it_is_said(server: Server, page: Page) -> None:
    page.route("**/live/stops.json", lambda route: route.abort())
    page.goto(f"{server.address}/?present", wait_until="commit")
    expect(page.locator("[data-act=tour]")).to_have_text("The server does not answer")
    for shown in (".vd-header", "[role=tablist]", ".vd-hero"):
        expect(page.locator(shown).first).to_be_visible()
    query(page, present=None)


def pixels(page: Page) -> np.ndarray:
    """The large digit as it is painted, (28, 28) from 0 to 255."""
    data = page.evaluate(
        """() => {
            const canvas = document.querySelector('[data-part=digit]');
            return [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data];
        }"""
    )
    return np.array(data).reshape(28, 28, 4)[..., 0]


def test_a_copied_link_restores_the_picture_after_a_restart(server: Server, chromium: Browser, page: Page) -> None:
    page.goto(server.address)
    expect(page.locator("[data-part=digit][data-drawn]")).to_be_visible()
    box = page.locator(".vd-hero .vd-map").bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + 0.9 * box["height"])
    page.evaluate(
        "() => { const button = document.querySelector('[data-act=copy]'); window.said = []; new MutationObserver(() =>"
        " said.push(button.textContent)).observe(button, {childList: true, subtree: true}); }"
    )
    page.locator("[data-act=copy]").click()  # at once: the address itself is written only when the hand has rested
    page.wait_for_function("said.includes('Copied')")  # for a second and a half
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{server.address}/?sample.z=")
    expect(page.locator("[data-act=copy]")).to_have_text("Copy link")
    picture, caption = pixels(page), page.locator("[data-part=z]").text_content()
    page.goto("about:blank")
    server.stop()
    server.app = create_app()
    server.start()
    other = chromium.new_page()
    other.goto(link)
    expect(other.locator("[data-part=digit][data-drawn]")).to_be_visible()
    assert other.locator("[data-part=z]").text_content() == caption
    assert picture.max() > 200
    assert np.abs(pixels(other) - picture).max() <= 3  # the link holds three decimals of z
    other.close()


def test_without_a_clipboard_the_link_is_shown_selected(server: Server, page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto(f"{server.address}/?stop=2")
    here(page, 1)
    page.locator("[data-act=copy]").click()
    field = page.locator("dialog input")
    expect(field).to_have_value(re.compile(rf"^{re.escape(server.address)}/\?stop=2"))
    assert page.evaluate("getSelection().toString()") == field.input_value()
    page.locator("dialog button").click()
    expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.parametrize("policy", ["unsafe-url", "strict-origin-when-cross-origin"])
def test_inside_a_space_the_link_is_the_spaces_own(server: Server, page: Page, policy: str) -> None:
    """A Space's page passes its query to the frame, which is of another host, and here may not use the clipboard."""

    def outer(route: Route) -> None:
        given = route.request.url.partition("?")[2]
        frame = f'<iframe referrerpolicy="{policy}" src="{FRAME}/?{given}&__theme=light"></iframe>'
        style = "<style>iframe { width: 100%; height: 90vh }</style>"
        route.fulfill(body=f"<!doctype html>{style}{frame}", content_type="text/html")

    def inner(route: Route) -> None:
        if "heartbeat" in route.request.url:  # it has no end
            route.abort()
            return
        route.fulfill(response=route.fetch(url=route.request.url.replace(FRAME, server.address)))

    page.route(f"{SPACE}*", outer)
    page.route(f"{FRAME}/**", inner)
    page.goto(f"{SPACE}?stop=2&sample.prior-samples.seed=5")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#fold-sample-prior-samples [data-set=seed]")).to_have_value("5")
    page.frames[1].evaluate("gradio_config.space_id = 'someone/latent-spaces'")  # as Gradio tells it on a Space
    frame.locator("[data-act=copy]").click()
    link = f"{SPACE}?stop=2&sample.prior-samples.seed=5&open=prior-samples"  # the tour opened that fold
    expect(frame.locator("dialog input")).to_have_value(link)
    page.unroute_all(behavior="ignoreErrors")  # what is still on its way when the page closes
