"""A browser that hands out noise for what a canvas holds, as strict privacy settings do: nothing false is shown."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from folds import CAMERA, choose, drag
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from server_thread import Server

from vaedemo.app import create_app
from vaedemo.store.paths import weights_folder

pytestmark = pytest.mark.skipif(
    not (weights_folder() / "digits-2d" / "model.safetensors").exists(), reason="weights/digits-2d is not here"
)

# What is read comes with noise; `trulyRead` is this test's own eye.
NOISE = """
const noise = data => { for (let i = 0; i < data.length; i++) data[i] ^= 96 * Math.random(); };
const read = CanvasRenderingContext2D.prototype.getImageData;
const {toBlob, toDataURL} = HTMLCanvasElement.prototype;
window.trulyRead = canvas => [...read.call(canvas.getContext('2d'), 0, 0, canvas.width, canvas.height).data];
CanvasRenderingContext2D.prototype.getImageData = function (...area) {
    const image = read.apply(this, area);
    noise(image.data);
    return image;
};
function noisy(canvas) {
    const copy = Object.assign(document.createElement('canvas'), {width: canvas.width, height: canvas.height});
    const context = copy.getContext('2d');
    context.drawImage(canvas, 0, 0);
    const image = read.call(context, 0, 0, copy.width, copy.height);
    noise(image.data);
    context.putImageData(image, 0, 0);
    return copy;
}
HTMLCanvasElement.prototype.toBlob = function (...given) { toBlob.apply(noisy(this), given); };
const ask = window.fetch;
window.fetch = function (address, options) {
    if (String(address).includes('/live/encode/')) window.sent = options.body;
    return ask.call(this, address, options);
};
HTMLCanvasElement.prototype.toDataURL = function (...given) { return toDataURL.apply(noisy(this), given); };
"""
SAID = "hands out noise in place of the pixels"


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    server = Server(create_app())
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.add_init_script(NOISE + CAMERA)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.stack or str(error)))
    page.goto(server.address)
    page.wait_for_selector("canvas[data-drawn]:visible")
    yield page
    context.close()
    server.stop()
    assert errors == []


def pixels(canvas: Locator) -> np.ndarray:
    """What the canvas really shows, (H, W, 3)."""
    height, width, data = canvas.evaluate("canvas => [canvas.height, canvas.width, trulyRead(canvas)]")
    return np.array(data, np.uint8).reshape(height, width, 4)[..., :3]


def sent(page: Page) -> np.ndarray:
    """The picture that the encoder was asked about last, (H, W, 3)."""
    page.wait_for_function("window.sent")
    file = page.evaluate("async () => [...new Uint8Array(await window.sent.arrayBuffer())]")
    return np.asarray(Image.open(io.BytesIO(bytes(file))).convert("RGB"))


def test_the_page_itself_is_not_tinted(page: Page) -> None:
    digit = pixels(page.locator("canvas[data-drawn]").first).astype(int)
    assert np.ptp(digit, axis=-1).max() == 0
    assert np.ptp(digit) > 100


def test_a_digit_arrives_as_it_was_drawn(page: Page) -> None:
    box = page.locator("#tab-sample .vd-pad canvas").first
    drag(box, (0.3, 0.25), (0.7, 0.25), (0.5, 0.8))
    page.wait_for_timeout(500)  # the encoder is told of the last stroke a moment after it
    picture = sent(page)
    assert picture.shape == (280, 280, 3)
    assert np.ptp(picture, axis=-1).max() == 0
    for x, y in ((0.3, 0.25), (0.5, 0.25), (0.7, 0.25), (0.6, 0.525)):
        assert picture[int(280 * y), int(280 * x), 0] == 255
    for x, y in ((0.1, 0.1), (0.3, 0.7), (0.9, 0.5)):
        assert picture[int(280 * y), int(280 * x), 0] == 0
    assert (pixels(box) == picture).all()


def test_an_example_arrives_as_it_is_shown(page: Page) -> None:
    fold = page.locator("#fold-sample-architecture")
    fold.locator(".label-wrap").click()
    example = fold.locator(".vd-digit").nth(3)
    expect(example).to_be_visible()
    page.wait_for_timeout(1_000)  # the fold opens with a digit of its own
    page.evaluate("window.sent = null")
    example.click()
    picture = sent(page)
    assert picture.shape == (28, 28, 3)
    assert (pixels(example.locator("canvas")) == picture).all()


def test_a_saved_picture_is_none_and_that_is_said(page: Page) -> None:
    saved: list[str] = []
    page.on("download", lambda download: saved.append(download.suggested_filename))
    choose(page, "Sliders")
    hero = page.locator("#tab-sliders [data-mount]").first
    expect(hero.locator(".vd-slider").first).to_be_visible()
    page.wait_for_timeout(500)
    hero.locator("[data-act=png]").click()
    expect(hero.locator(".vd-trouble").first).to_contain_text(SAID)
    assert saved == []


def test_the_camera_is_not_even_opened(page: Page) -> None:
    choose(page, "Colorization")
    shelf = page.locator("#tab-colorization .vd-shelf")
    shelf.locator("[data-act=camera]").click()
    expect(shelf.locator(".vd-trouble").last).to_contain_text(SAID)
    assert not shelf.locator("video").evaluate("video => video.srcObject")
