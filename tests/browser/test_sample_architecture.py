"""The fold with the net inside, in a real browser: it lights up, loses its encoder to a real pointer, throws z."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from server_thread import Server
from small_models import alone
from starlette.types import ASGIApp

from vaedemo.app import create_app
from vaedemo.store.paths import weights_folder

STAGES = {"e14": 16, "e7": 16, "d7": 16, "d14": 16, "d28": 1}
WAIT_MS = 30_000  # the first picture that is encoded waits for torch
CONTRASTS = """figure => [...figure.querySelectorAll('canvas')].map(canvas => {
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const levels = pixels.filter((_, i) => i % 4 === 0);
  return Math.max(...levels) - Math.min(...levels);
})"""


@pytest.fixture(scope="module")
def server(serve: Callable[[ASGIApp], Server], request: pytest.FixtureRequest) -> Iterator[Server]:
    with ExitStack() as stack:
        if not all((weights_folder() / name / "model.safetensors").is_file() for name in ("digits", "digits-2d")):
            stack.enter_context(alone(request.getfixturevalue("small_models")))
        yield serve(create_app())


@contextmanager
def opened(chromium: Browser, server: Server, query: str = "", **options: Any) -> Iterator[Page]:
    """The page, its fold open and the net drawn; fails at the end for anything that went wrong in its console."""
    options = {"viewport": {"width": 1280, "height": 1000}, "reduced_motion": "reduce", **options}
    context = chromium.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    # A slow page uses what it loads ahead late, and Chromium warns of that.
    late = "was preloaded using link preload but not used"
    page.on(
        "console",
        lambda said: errors.append(said.text) if said.type in ("error", "warning") and late not in said.text else None,
    )
    page.goto(f"{server.address}/{query}")
    page.locator("#fold-sample-architecture button").first.click()
    expect(page.locator(".vd-net")).to_have_attribute("data-drawn", re.compile("."))
    yield page
    context.close()
    assert not errors


def part(page: Page, name: str) -> Locator:
    return page.locator(f".vd-net [data-part={name}]")


def picture(page: Page) -> str:
    return part(page, "picture").locator("canvas").evaluate("canvas => canvas.toDataURL()")


def drawn(page: Page, model: str, encoder: str, throw: int) -> None:
    expect(page.locator(".vd-net")).to_have_attribute("data-drawn", f"{model},{encoder},{throw}")


def is_testing(page: Page) -> None:
    expect(part(page, "time")).to_have_text("Test time")
    expect(part(page, "source")).to_have_text("z from N(0, I)")
    for name in ("left", "q", "eps", "examples"):
        expect(part(page, name)).to_be_hidden()
    for name in ("code", "d7", "d14", "d28", "picture"):
        expect(part(page, name)).to_be_visible()


def is_training(page: Page) -> None:
    expect(part(page, "time")).to_have_text("Training")
    for name in ("x", "e14", "e7", "mean", "sigma", "eps", "code", "d7", "d14", "d28", "picture"):
        expect(part(page, name)).to_be_visible()


def drag(page: Page, dx: float, dy: float) -> None:
    place = page.locator(".vd-net .encoder")
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=8)
    assert page.locator(".vd-net [data-part=left]").evaluate("left => left.style.transform") != ""
    page.mouse.up()


@pytest.mark.parametrize("model", ["digits-2d", "digits"])
def test_every_stage_shows_maps(chromium: Browser, server: Server, model: str) -> None:
    with opened(chromium, server, f"?sample.architecture.model={model}") as page:
        drawn(page, model, "on", 1)
        is_training(page)
        for name, count in STAGES.items():
            contrasts = part(page, name).evaluate(CONTRASTS)
            assert len(contrasts) == count
            assert max(contrasts) == 255
            assert sum(contrast > 0 for contrast in contrasts) >= count / 2
            expect(part(page, name).locator("figcaption span").first).to_have_text(f"{name[1:]} × {name[1:]}")
        for name in ("x", "picture"):
            assert part(page, name).evaluate(CONTRASTS)[0] > 100
        expect(part(page, "code").locator("rect")).to_have_count(2 if model == "digits-2d" else 32)


def test_a_pointer_drags_the_encoder_away(chromium: Browser, server: Server) -> None:
    with opened(chromium, server) as page:
        drag(page, -60, 20)  # not far enough: it comes back
        is_training(page)
        assert part(page, "left").evaluate("left => left.style.transform") == ""
        drag(page, -180, 60)
        is_testing(page)
        drawn(page, "digits-2d", "off", 1)
        expect(page).to_have_url(re.compile(r"[?&]sample\.architecture\.encoder=off"))
        before = picture(page)
        part(page, "throw").click()
        drawn(page, "digits-2d", "off", 2)
        assert picture(page) != before


def test_the_button_removes_it_and_puts_it_back(chromium: Browser, server: Server) -> None:
    with opened(chromium, server) as page:
        part(page, "remove").focus()
        page.keyboard.press("Enter")
        is_testing(page)
        page.keyboard.press("Enter")
        is_training(page)
        drawn(page, "digits-2d", "on", 1)


def test_a_throw_changes_eps_but_not_mean_and_sigma(chromium: Browser, server: Server) -> None:
    with opened(chromium, server) as page:
        texts = {name: part(page, name).inner_text() for name in ("mean", "sigma", "eps", "code")}
        before = picture(page)
        part(page, "throw").click()
        drawn(page, "digits-2d", "on", 2)
        changed = {name for name in texts if part(page, name).inner_text() != texts[name]}
        assert "eps" in changed
        assert not changed & {"mean", "sigma"}
        assert picture(page) != before
        mean, sigma, eps, z = (
            [float(number) for number in part(page, name).inner_text().replace("−", "-").split()]
            for name in ("mean", "sigma", "eps", "code")
        )
        assert z == pytest.approx([m + s * e for m, s, e in zip(mean, sigma, eps)], abs=0.03)


def test_a_chosen_digit_runs_through(chromium: Browser, server: Server) -> None:
    with opened(chromium, server) as page:
        mean, before = part(page, "mean").inner_text(), picture(page)
        part(page, "examples").get_by_role("button", name="Example: 0").click()
        expect(part(page, "mean")).not_to_have_text(mean)
        page.wait_for_function(
            "before => document.querySelector('.vd-net [data-part=picture] canvas').toDataURL() !== before", arg=before
        )


def test_stops_and_links_set_the_encoder(chromium: Browser, server: Server) -> None:
    with opened(chromium, server, "?sample.architecture.encoder=off&sample.architecture.throw=5") as page:
        is_testing(page)
        drawn(page, "digits-2d", "off", 5)
        stop = """encoder => import(new URL('vaedemo/web/page/tour-events.mjs', document.baseURI).href)
                    .then(shared => shared.setStop({tab: 'sample', fold: 'architecture', state: {encoder}}))"""
        page.evaluate(stop, "on")
        is_training(page)
        drawn(page, "digits-2d", "on", 5)
        page.evaluate(stop, "off")
        is_testing(page)
        drawn(page, "digits-2d", "off", 5)


def test_stages_light_up_in_order_and_a_second_throw_leaves_none_dim(chromium: Browser, server: Server) -> None:
    with opened(chromium, server, reduced_motion="no-preference") as page:
        page.wait_for_timeout(800)
        page.evaluate("""() => {
          window.lit = [];
          new MutationObserver(changes => changes.forEach(({target}) => {
            if (target.classList.contains('lit') && lit.at(-1) !== target.dataset.part) lit.push(target.dataset.part);
          })).observe(document.querySelector('.vd-net'), {subtree: true, attributeFilter: ['class']});
        }""")
        part(page, "remove").click()
        drawn(page, "digits-2d", "off", 1)
        assert page.evaluate("lit") == ["z", "d7", "d14", "d28", "picture"]
        page.evaluate("lit.length = 0")
        part(page, "remove").click()
        page.wait_for_function("lit.includes('e14')")
        part(page, "throw").click()  # while the wave is still in the encoder
        drawn(page, "digits-2d", "on", 2)
        expect(page.locator(".vd-net .waiting")).to_have_count(0)


def test_without_maps_the_server_still_draws(chromium: Browser, server: Server) -> None:
    with opened(chromium, server, "?server") as page:
        expect(part(page, "hidden")).to_be_visible()
        assert part(page, "picture").evaluate(CONTRASTS)[0] > 100


@pytest.mark.parametrize("encoder", ["on", "off"])
def test_a_phone_scrolls_only_downward(chromium: Browser, server: Server, encoder: str) -> None:
    with opened(
        chromium,
        server,
        f"?sample.architecture.encoder={encoder}",
        viewport={"width": 390, "height": 844},
        has_touch=True,
    ) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        for name in ("throw", "remove"):
            box = part(page, name).bounding_box()
            assert box
            assert box["height"] >= 32
        above, below = part(page, "d7").bounding_box(), part(page, "picture").bounding_box()
        assert above
        assert below
        assert above["y"] < below["y"]
