"""Half a digit: what is given stays, the CVAE's guesses are PyTorch's and differ, the net's answer is one."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator

import numpy as np
import pytest
from folds import WAIT_MS, drag, fits_a_phone, ink, opened, section
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Response, expect
from server_thread import Server

from vaedemo import zoo
from vaedemo.app.server import inference
from vaedemo.latents import draw

FOLD = "attributes.structured-prediction"
MODEL, NET, COUNT = "digits-quadrant", "digits-quadrant-net", 8
SEEN = {1: (slice(14, 28), slice(0, 14)), 2: (slice(0, 28), slice(0, 14))}


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    yield from opened(chromium, server, 1280, 900, "Attributes")


def encoded(page: Page, example: str) -> tuple[Locator, NDArray]:
    """The fold with an example digit chosen, and that digit as the models see it, (28, 28), 0 to 255."""
    fold = section(page, "attributes-structured-prediction")
    with page.expect_response(f"**/encode/{MODEL}") as heard:
        fold.get_by_label(f"Example: {example}").click()
    return fold, seen_in(heard.value)


def seen_in(answer: Response) -> NDArray:
    return np.frombuffer(base64.b64decode(answer.json()["x"]), np.uint8).reshape(28, 28).astype(int)


def mask(given: int) -> NDArray:
    shown = np.zeros((28, 28), bool)
    if given == 3:
        shown[:] = True
        shown[:14, 14:] = False
    else:
        shown[SEEN[given]] = True
    return shown


def is_completed(fold: Locator, x: NDArray, given: int, seed: int) -> NDArray:
    """Waits until the fold shows what PyTorch makes of x's given part; the guesses, (8, 28, 28)."""
    shown = mask(given)
    y = np.where(shown, x / 255, -1).reshape(-1)
    z = draw(COUNT, zoo.loaded(MODEL).z, seed=seed)
    guesses = inference.decode(MODEL, np.concatenate([z, np.tile(y, (COUNT, 1))], 1))[:, 0].astype(int)
    answer = inference.predict(NET, y)[:, 0].astype(int)
    wanted = np.where(shown, x, np.concatenate([guesses, answer]))
    end = time.monotonic() + WAIT_MS / 1000
    apart = 256
    while time.monotonic() < end:
        canvases = [*fold.locator(".guesses canvas").all(), fold.locator("[data-part=net]")]
        now = [np.array((ink(canvas) or "0").split(","), int) for canvas in canvases]
        if all(one.size == 4 * 784 for one in now):
            apart = np.abs(np.stack([one.reshape(28, 28, 4)[..., 0] for one in now]) - wanted).max()
            if apart <= 2:
                return wanted[:COUNT]
        fold.page.wait_for_timeout(100)
    raise AssertionError(f"{apart}/255 apart")


def test_what_is_given_stays_and_the_rest_is_guessed_eight_times(page: Page) -> None:
    fold, x = encoded(page, "4")
    guesses = is_completed(fold, x, 2, 1)
    assert len(np.unique(guesses.reshape(COUNT, -1), axis=0)) == COUNT
    given = np.array(ink(fold.locator("[data-part=given]")).split(","), int).reshape(28, 28, 4)[..., 0]
    np.testing.assert_array_equal(given, np.where(mask(2), x, 0))
    for count, words in ((1, "a quarter"), (3, "three quarters")):
        fold.get_by_label(words, exact=True).check()
        is_completed(fold, x, count, 1)
        page.wait_for_function(f"/structured-prediction.given={count}/.test(location.search)")
    expect(fold.locator("[data-part=words]")).to_have_text("Given: all but its upper right quarter.")
    expect(fold.locator("[data-part=net]")).to_have_attribute(
        "aria-label", "The one answer of the net without latent space, given all but its upper right quarter"
    )


def test_other_z_are_other_guesses_and_the_nets_answer_stays(page: Page) -> None:
    fold, x = encoded(page, "7")
    fold.get_by_label("a quarter", exact=True).check()
    before = is_completed(fold, x, 1, 1)
    net = ink(fold.locator("[data-part=net]"))
    fold.get_by_role("button", name="Eight other z").click()
    after = is_completed(fold, x, 1, 2)
    assert np.abs(before - after).max() > 0
    assert ink(fold.locator("[data-part=net]")) == net
    page.wait_for_function("/structured-prediction.seed=2/.test(location.search)")


def test_a_drawn_digit_is_completed_and_taken_away(page: Page) -> None:
    fold = section(page, "attributes-structured-prediction")
    fold.get_by_label("a half", exact=True).check()
    with page.expect_response(f"**/encode/{MODEL}"):
        drag(fold.locator(".vd-pad canvas"), (0.3, 0.2), (0.7, 0.2), (0.45, 0.85))
    page.wait_for_timeout(500)  # the pen is followed: the last of its pictures is still on its way
    with page.expect_download() as saved:
        fold.get_by_role("button", name="PNG", exact=True).click()
    with Image.open(saved.value.path()) as file:
        assert (file.format, file.size) == ("PNG", (8 * (10 * 28 + 9 * 8), 8 * 28))
    fold.get_by_role("button", name="Code", exact=True).click()
    expect(page.locator("dialog")).to_contain_text("y = hide(x, 2)")
    page.keyboard.press("Escape")
    page.wait_for_function("!/structured-prediction.digit=/.test(location.search)")


def test_a_link_restores_what_was_seen(chromium: Browser, server: Server) -> None:
    for page in opened(chromium, server, 1280, 900, "Attributes", f"/?{FOLD}.given=3&{FOLD}.seed=9&{FOLD}.digit=6"):
        with page.expect_response(f"**/encode/{MODEL}") as heard:
            fold = section(page, "attributes-structured-prediction")
        is_completed(fold, seen_in(heard.value), 3, 9)
        expect(fold.get_by_label("three quarters")).to_be_checked()


def test_on_a_phone_and_with_a_crafted_link(chromium: Browser, server: Server) -> None:
    crafted = f"/?{FOLD}.given=4&{FOLD}.seed=<script>&{FOLD}.digit=x"
    for page in opened(chromium, server, 390, 844, "Attributes", crafted):
        with page.expect_response(f"**/encode/{MODEL}") as heard:
            fold = section(page, "attributes-structured-prediction")
        is_completed(fold, seen_in(heard.value), 2, 1)
        fits_a_phone(fold)
