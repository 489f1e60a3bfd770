"""The Attributes tab: a dial of labels on the live map, ten classes in ten styles, one's own digit in all of them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from math import cos, pi, sin
from statistics import NormalDist

import numpy as np
import pytest
from folds import WAIT_MS, changed, choose, drag, fits_a_phone, ink, kept, opened, section
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from server_thread import Server

from vaedemo import zoo
from vaedemo.app.server import inference
from vaedemo.app.server.answers import MARK
from vaedemo.latents import draw
from vaedemo.recipes import RECIPES

PLANE, STYLED, GRID = "digits-cvae-2d", "digits-cvae", 10
Z = RECIPES[STYLED].net["z"]
EYE = np.eye(10)


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    for page in opened(chromium, server, 1280, 900, "Attributes"):
        page.wait_for_selector(".vd-turn canvas[data-drawn]")
        yield page


@pytest.fixture(scope="module")
def phone(chromium: Browser, server: Server) -> Iterator[Page]:
    for page in opened(chromium, server, 390, 844, "Attributes"):
        page.wait_for_selector(".vd-turn canvas[data-drawn]")
        yield page


def ring(page: Page) -> Locator:
    return page.get_by_role("slider", name="The label y")


def at(value: float) -> tuple[float, float]:
    """Where a value lies on the dial, in parts of it."""
    return 0.5 + 0.43 * sin(value * pi / 5), 0.5 - 0.43 * cos(value * pi / 5)


def blend(value: float) -> NDArray:
    """y between two one-hots."""
    first, part = int(value), value % 1
    return (1 - part) * EYE[first] + part * EYE[(first + 1) % 10]


def turned(page: Page) -> tuple[list[float], float]:
    """z and the dial's value, as the address has them once the hand has rested."""
    query = kept(page)
    return [float(value) for value in query["attributes.style"][0].split(",")], float(query["attributes.label"][0])


def is_decoded(canvas: Locator, name: str, vectors: ArrayLike, columns: int = 1) -> NDArray:
    """Waits until the canvas shows what PyTorch decodes, row by row, at most 2/255 apart; what it decodes."""
    wanted = inference.decode(name, np.asarray(vectors)).astype(int)[:, 0]
    apart, end = 256, time.monotonic() + WAIT_MS / 1000
    while time.monotonic() < end:
        shown = np.array((ink(canvas) or "0").split(","), int)
        if shown.size == 4 * wanted.size:
            rows = shown.reshape(-1, 28, columns, 28, 4)[..., 0].swapaxes(1, 2).reshape(-1, 28, 28)
            apart = np.abs(rows - wanted).max()
            if apart <= 2:
                return wanted
        canvas.page.wait_for_timeout(100)
    raise AssertionError(f"{apart}/255 apart")


def is_turned(page: Page, z: list[float], value: float) -> tuple[NDArray, NDArray]:
    """Waits until picture and map are those of z and the dial's value."""
    picture = is_decoded(page.locator(".vd-dial canvas"), PLANE, [[*z, *blend(value)]])
    places = [NormalDist().inv_cdf((i + 0.5) / GRID) for i in range(GRID)]
    plane = [[x, y, *blend(value)] for y in reversed(places) for x in places]
    return picture, is_decoded(page.locator(".vd-turn .behind"), PLANE, plane, GRID)


def test_the_dial_turns_picture_and_map_and_z_stays(page: Page) -> None:
    drag(page.locator(".vd-turn .vd-map"), (0.5, 0.5), (0.7, 0.3))
    drag(ring(page), at(6), at(6.5), at(7))
    z, value = turned(page)
    assert value == 7
    sevens = is_turned(page, z, 7)
    drag(ring(page), at(7), at(7.3), at(7.6))
    again, value = turned(page)
    assert again == z
    assert value == pytest.approx(7.63, abs=0.03), "near a label the dial rests"
    for before, after in zip(sevens, is_turned(page, z, value), strict=True):
        assert np.abs(before - after).max() > 25
    expect(ring(page)).to_have_attribute("aria-valuetext", f"{8 - value:.2f} · 7 + {value - 7:.2f} · 8")
    expect(page.locator(".vd-turn [data-part=words]")).to_contain_text(f"y = {8 - value:.2f} · 7 + {value - 7:.2f} · 8")


def test_keys_turn_the_dial_past_its_end(page: Page) -> None:
    ring(page).press("9")
    assert turned(page)[1] == 9
    for _ in range(5):
        ring(page).press("ArrowRight")
    z, value = turned(page)
    assert value == 9.5
    is_turned(page, z, 9.5)
    ring(page).press("Shift+ArrowUp")
    assert turned(page) == (z, 0.5)
    expect(ring(page)).to_have_attribute("aria-valuetext", "0.50 · 0 + 0.50 · 1")
    is_turned(page, z, 0.5)
    ring(page).press("ArrowLeft")
    ring(page).press("Shift+ArrowDown")
    assert turned(page) == (z, 9.4)


def test_the_dot_moves_z_and_the_label_stays(page: Page) -> None:
    ring(page).press("3")
    plane = page.locator(".vd-turn .vd-map")
    drag(plane, (0.5, 0.5), (0.2, 0.9))
    z, value = turned(page)
    assert z == pytest.approx([NormalDist().inv_cdf(0.2), NormalDist().inv_cdf(0.1)], abs=0.03)
    before, sheet = is_turned(page, z, 3)
    plane.press("ArrowRight")
    moved, value = turned(page)
    assert (moved[0] > z[0], moved[1], value) == (True, z[1], 3)
    assert np.abs(is_turned(page, moved, 3)[0] - before).max() > 0
    page.get_by_role("button", name="Throw the dot").click()
    thrown, value = turned(page)
    assert thrown != moved
    np.testing.assert_array_equal(is_turned(page, thrown, 3)[1], sheet)


def test_what_is_taken_away(page: Page) -> None:
    ring(page).press("2")
    ring(page).press("ArrowRight")
    z, _ = turned(page)
    for act, kind, size, frames in (("png", "PNG", 448, 1), ("sheet", "PNG", 84 * GRID, 1), ("gif", "GIF", 224, 60)):
        with page.expect_download() as saved:
            page.locator(f".vd-turn [data-act={act}]").click()
        with Image.open(saved.value.path()) as file:
            assert (file.format, file.size, getattr(file, "n_frames", 1)) == (kind, (size, size), frames)
    page.locator(".vd-turn [data-act=code]").click()
    code = page.locator("dialog pre").inner_text()
    page.keyboard.press("Escape")
    said: dict = {}
    exec(compile(code.replace("vaedemo.load", "load"), "code", "exec"), said | {"load": zoo.loaded}, said)
    shown = is_decoded(page.locator(".vd-dial canvas"), PLANE, [[*z, *blend(2.1)]])
    np.testing.assert_allclose(said["picture"].detach()[0] * 255, shown, atol=1)


def test_told_the_label_the_classes_lie_over_each_other(page: Page) -> None:
    button = page.get_by_role("button", name="Test digits")
    expect(page.locator(".vd-turn .vd-plane")).to_have_count(0)
    button.click()
    planes = page.locator(".vd-turn .vd-plane canvas")
    expect(planes).to_have_count(2)
    left, right = (changed(plane, "") for plane in planes.all())
    assert left != right
    expect(page.locator(".vd-turn .vd-legend span")).to_have_count(10)
    button.click()
    expect(planes.first).to_be_hidden()
    expect(button).to_have_attribute("aria-pressed", "false")


def is_grid(fold: Locator, seed: int) -> None:
    """Down a column one z under ten labels, along a row one label with the ten z of a seed."""
    styles = draw(10, zoo.loaded(STYLED).z, seed=seed)
    vectors = [[*style, *label] for label in EYE for style in styles]
    grid = is_decoded(fold.locator(".sheet canvas"), STYLED, vectors, 10)
    assert len(np.unique(grid.reshape(100, -1), axis=0)) == 100, "else this would tell little"


def test_a_column_of_the_grid_is_one_style(page: Page) -> None:
    fold = section(page, "attributes-labels-by-style")
    sheet, large = fold.locator(".sheet"), fold.locator("[data-part=large]")
    is_grid(fold, 1)
    box = sheet.bounding_box()
    assert box
    sheet.click(position={"x": 0.35 * box["width"], "y": 0.65 * box["height"]})
    z = draw(10, zoo.loaded(STYLED).z, seed=1)[3]
    is_decoded(large, STYLED, [[*z, *EYE[6]]])
    sheet.press("ArrowDown")
    is_decoded(large, STYLED, [[*z, *EYE[7]]])
    expect(sheet).to_have_attribute("aria-description", "style 4, label 7")
    page.wait_for_function("/styles=1&.*column=3&.*row=7/.test(location.search)")
    fold.get_by_role("button", name="Ten new styles").click()
    is_grid(fold, 2)
    is_decoded(large, STYLED, [[*draw(10, zoo.loaded(STYLED).z, seed=2)[3], *EYE[7]]])
    with page.expect_download() as saved:
        fold.get_by_role("button", name="PNG of the grid").click()
    with Image.open(saved.value.path()) as file:
        assert file.size == (1120, 1120)


def is_restyled(fold: Locator, mean: list[float], told: int) -> None:
    for label, canvas in enumerate(fold.locator(".ten canvas").all()):
        is_decoded(canvas, STYLED, [[*mean, *EYE[label]]])
    expect(fold.locator(".told figcaption")).to_have_text(str(told))
    expect(fold.get_by_label("This is a")).to_have_value(str(told))


def test_a_drawn_digit_is_read_and_corrected(page: Page) -> None:
    fold = section(page, "attributes-restyle-digit")
    expect(fold.locator(".told")).to_have_count(1)
    with page.expect_response("**/encode/digits-cvae") as heard:
        fold.get_by_label("Example: 8").click()
    guessed = heard.value.json()
    guess = guessed["label"]
    is_restyled(fold, guessed["mean"], guess)
    expect(fold.locator("[data-part=guess]")).to_contain_text(f"told {guess}, it costs ")
    page.wait_for_function("/restyle-digit.digit=8/.test(location.search)")
    other = (guess + 4) % 10
    with page.expect_response(f"**/encode/digits-cvae?label={other}") as heard:
        fold.get_by_label("This is a").select_option(str(other))
    corrected = heard.value.json()
    assert corrected["mean"] != guessed["mean"]
    is_restyled(fold, corrected["mean"], other)
    costs = fold.locator("[data-part=guess]")
    expect(costs).to_contain_text(f"The model took it for a {guess}: told {guess}")
    dearer = [float(cost) for cost in re.findall(r"costs ([\d.]+) nats", costs.inner_text())]
    assert dearer[0] <= dearer[1]
    page.wait_for_function(f"/restyle-digit.as={other}/.test(location.search)")
    fold.get_by_role("button", name="Code", exact=True).click()
    expect(page.locator("dialog")).to_contain_text(f"torch.tensor([{other}])")
    page.keyboard.press("Escape")
    before = ink(fold.locator("[data-part=x]"))
    drag(fold.locator(".vd-pad canvas"), (0.3, 0.2), (0.7, 0.2), (0.45, 0.85))
    changed(fold.locator("[data-part=x]"), before)
    expect(costs).to_contain_text("So the model reads it")
    page.wait_for_function("!/restyle-digit.(digit|as)=/.test(location.search)")
    fold.get_by_role("button", name="Code", exact=True).click()
    expect(page.locator("dialog")).to_contain_text("model.recognize(x)")
    page.keyboard.press("Escape")


LINK = (
    "/?attributes.label=4.25&attributes.style=0.5,-1.25&attributes.labels-by-style.styles=5"
    "&attributes.labels-by-style.column=2&attributes.labels-by-style.row=3"
    "&attributes.restyle-digit.digit=6&attributes.restyle-digit.as=1"
)


def test_a_link_restores_what_was_seen(chromium: Browser, server: Server) -> None:
    for page in opened(chromium, server, 1280, 900, "Attributes", LINK):
        is_turned(page, [0.5, -1.25], 4.25)
        expect(ring(page)).to_have_attribute("aria-valuenow", "4.25")
        fold = section(page, "attributes-labels-by-style")
        is_grid(fold, 5)
        is_decoded(fold.locator("[data-part=large]"), STYLED, [[*draw(10, Z, seed=5)[2], *EYE[3]]])
        with page.expect_response("**/encode/digits-cvae?label=1") as heard:
            fold = section(page, "attributes-restyle-digit")
        is_restyled(fold, heard.value.json()["mean"], 1)


def test_what_a_link_cannot_mean_is_no_harm(chromium: Browser, server: Server) -> None:
    crafted = (
        "/?attributes.label=<script>&attributes.style=1,NaN&attributes.labels-by-style.styles=-1"
        "&attributes.labels-by-style.column=10&attributes.labels-by-style.row=a"
        "&attributes.restyle-digit.digit=10&attributes.restyle-digit.as=x"
    )
    for page in opened(chromium, server, 1280, 900, "Attributes", crafted):
        is_turned(page, [-0.6, 0.3], 7)
        is_grid(section(page, "attributes-labels-by-style"), 1)


def test_the_dial_turns_by_itself_until_the_hand_comes(chromium: Browser, server: Server) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server.address)
    page.wait_for_selector("canvas[data-drawn]")
    choose(page, "Attributes")
    expect(ring(page)).not_to_have_attribute("aria-valuenow", "7.00", timeout=WAIT_MS)
    assert "label=" not in page.url
    ring(page).press("5")
    page.wait_for_timeout(3_000)
    expect(ring(page)).to_have_attribute("aria-valuenow", "5.00")
    page.close()


def test_a_model_that_is_not_here_is_said(chromium: Browser, server: Server) -> None:
    page = chromium.new_page(reduced_motion="reduce")
    page.route(f"**/{PLANE}.json", lambda route: route.fulfill(status=503, headers=MARK, body="nowhere"))
    page.goto(server.address)
    page.wait_for_selector("canvas[data-drawn]")
    choose(page, "Attributes")
    expect(page.locator("#tab-attributes .vd-trouble").first).to_have_text("digits-cvae-2d is not here.")
    page.close()


def test_thumbs_turn_the_ring_and_scroll_on_the_picture(phone: Page) -> None:
    assert ring(phone).evaluate("ring => getComputedStyle(ring).touchAction") == "none"
    assert phone.locator(".vd-dial canvas").evaluate("canvas => getComputedStyle(canvas).touchAction") == "auto"
    ring(phone).scroll_into_view_if_needed()
    box = ring(phone).bounding_box()
    assert box
    x, y = at(4)
    phone.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])
    expect(ring(phone)).to_have_attribute("aria-valuenow", "4.00")
    phone.wait_for_function("/attributes.label=4.00/.test(location.search)")
    phone.locator(".vd-dial canvas").tap()
    assert turned(phone)[1] == 4


def test_nothing_is_wider_than_a_phone(phone: Page) -> None:
    phone.get_by_role("button", name="Test digits").click()
    fits_a_phone(phone.locator("#tab-attributes"))
    for control in phone.locator(".vd-turn button:visible").all():
        box = control.bounding_box()
        assert box
        assert box["height"] >= 31.5, control.evaluate("control => control.outerHTML.slice(0, 80)")
    for name in ("attributes-labels-by-style", "attributes-restyle-digit"):
        fits_a_phone(section(phone, name))
