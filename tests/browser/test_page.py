"""The page under a real hand: pointer, thumb, keys, a drawn digit, links, odd files, a server that goes away."""

from __future__ import annotations

import base64
import io
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import drawn_photo
import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, CDPSession, FilePayload, Locator, Page, Request, Route, expect
from server_thread import Server

import vaedemo
from vaedemo.app import create_app
from vaedemo.store.paths import weights_folder

pytestmark = pytest.mark.skipif(
    not (weights_folder() / "digits-2d" / "model.safetensors").exists(), reason="weights/digits-2d is not here"
)

DIGIT, MAP, DOT = '[data-part="digit"]', '[data-part="map"]', '[data-part="map"] .dot'
PIXELS = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"

BOTH = """async ([model, query]) => {
    const {encodeHere} = await import('./vaedemo/web/page/encode-here.mjs');
    const {askEncoder} = await import('./vaedemo/web/page/request.mjs');
    const canvas = document.querySelector('[data-part="pad"] canvas');
    const blob = await new Promise(resolve => canvas.toBlob(resolve));
    return [await encodeHere(model, blob, query), await askEncoder(model, blob, undefined, query)];
}"""
"""The answers of browser and server to the digit that is drawn."""

COUNTED = """{
    const frame = window.requestAnimationFrame.bind(window);
    window.frames_asked = 0;
    window.requestAnimationFrame = callback => (window.frames_asked++, frame(callback));
}"""
AT_REST = """async () => {
    const before = window.frames_asked;
    await new Promise(resolve => setTimeout(resolve, 500));
    return before > 0 && window.frames_asked === before;
}"""
"""Whether half a second passes in which nothing asks for a frame."""

PHOTO = """async ([url, eyes]) => {
    const {cellsHere, colorsHere, drawsHere, meanHere, photoHere, recolorHere} =
        await import('./vaedemo/web/page/color-here.mjs');
    const {faceHere, portraitHere} = await import('./vaedemo/web/page/face-here.mjs');
    const {motionHere} = await import('./vaedemo/web/page/motion-here.mjs');
    const {bytes, lookForFace, request} = await import('./vaedemo/web/page/request.mjs');
    const body = await (await fetch(url)).blob();
    const ask = (path, body, query) => request(path, {purpose: 'be compared', body, query});
    const raw = async answer => Array.from(new Uint8Array(await (await answer).arrayBuffer()));
    const photo = await (await ask('photo', body)).json();
    const [grey, seed] = [bytes(photo.grey), 5];
    const zs = new Float32Array(52).fill(0.3);
    const region = '0.1,0.2,0.8,0.9';
    const still = await ask('motion/still', body, {region});
    const shown = bytes((await still.clone().json()).shown);
    const futures = await ask('motion/motion/futures', shown, {n: 3, seed});
    const colors = async (model, query) => (await ask(`colors/${model}`, grey, query)).json();
    return {
        photo: [await photoHere(body), photo],
        colors: [await colorsHere('colorization', grey, {}), await colors('colorization', {})],
        codes: [
            await colorsHere('colorization-cvae', grey, {n: 2, seed}),
            await colors('colorization-cvae', {n: 2, seed}),
        ],
        mean: [Array.from(await meanHere('colorization', grey)), await raw(ask('mean/colorization', grey))],
        recolor: [
            Array.from(await recolorHere('colorization', grey, zs)),
            await raw(ask('recolor/colorization', new Blob([grey, zs]))),
        ],
        cells: [
            Array.from(await cellsHere('colorization', grey, 2, seed)),
            await raw(ask('cells/colorization', grey, {n: 2, seed})),
        ],
        draws: [
            Array.from(await drawsHere('colorization', grey, 16, seed)),
            await raw(ask('draws/colorization', grey, {n: 16, seed})),
        ],
        still: [
            JSON.parse(await motionHere('still', new URLSearchParams({region}), await body.arrayBuffer())),
            await still.json(),
        ],
        futures: [
            JSON.parse(await motionHere('motion/futures', new URLSearchParams({n: 3, seed}), shown)),
            await futures.json(),
        ],
        tower: [
            (await motionHere('motion/tower', new URLSearchParams(), shown)).length > 0,
            (await ask('motion/motion/tower', shown)).ok,
        ],
        face: [await faceHere('faces-cvae', body, eyes), await lookForFace('face/faces-cvae', body, eyes)],
        portrait: [
            await portraitHere(['faces-vae'], body, eyes), await lookForFace('vaegan/portrait', body, eyes),
        ],
    };
}"""
"""The answers of browser and server, in this order, to a photo of a face whose eyes are pointed at."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server(create_app())
    yield running
    running.stop()


@pytest.fixture
def opened(chromium: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Opens the page in a context of its own. At the end, nobody may have complained or asked another host."""
    contexts, wrong = [], []

    def foreign(request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https") and urlsplit(request.url).hostname != "127.0.0.1":
            wrong.append(f"asked {request.url}")

    def open_page(query: str = "", before: Callable[[Page], None] = lambda page: None, **settings: object) -> Page:
        contexts.append(chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings}))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        page.on("request", foreign)
        page.on("pageerror", lambda error: wrong.append(error.stack or str(error)))
        # A status that tells the page what is wrong with a file is no fault of the page.
        page.on(
            "console",
            lambda said: (
                wrong.append(said.text)
                if said.type == "error" and not said.text.startswith("Failed to load resource")
                else None
            ),
        )
        before(page)
        page.goto(f"{server.address}/{query}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def live(page: Page) -> None:
    """Waits for the decoder's first picture, and for the wandering dot to rest."""
    expect(page.locator(DIGIT)).to_have_attribute("data-drawn", "browser", timeout=20_000)


def pixels(canvas: Locator) -> np.ndarray:
    """The grey levels of a canvas, (H, W)."""
    size = canvas.evaluate("canvas => [canvas.height, canvas.width]")
    return np.array(canvas.evaluate(PIXELS), np.uint8).reshape(*size, 4)[..., 0]


def z_of(page: Page) -> list[float]:
    said = page.locator('figcaption[data-part="z"]').inner_text().replace("−", "-")
    return [float(number) for number in re.findall(r"-?\d+\.\d+", said)]


def middle(element: Locator, x: float = 0.5, y: float = 0.5) -> tuple[float, float]:
    box = element.bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def test_a_digit_is_there_before_the_decoder(opened: Callable[..., Page]) -> None:
    held: list[Route] = []

    def hold(page: Page) -> None:
        page.route("**/digits-2d.safetensors", lambda route: held.append(route))

    page = opened("?sample.z=0.5,0.5", before=hold)
    page.wait_for_function(f"() => document.querySelector('{MAP} img')?.naturalWidth > 0")
    page.wait_for_function(
        f"() => {{ const c = document.querySelector('{DIGIT}');"
        " return c.getContext('2d').getImageData(0, 0, 28, 28).data.some((level, i) => i % 4 < 3 && level > 100); }"
    )
    assert page.locator(DIGIT).get_attribute("data-drawn") is None
    early = pixels(page.locator(DIGIT)).astype(int)
    for route in held:
        route.continue_()
    live(page)
    # The map's picture is of the nearest of its places, in sixteen greys: alike, not equal.
    assert np.abs(early - pixels(page.locator(DIGIT))).mean() < 25


def test_a_page_at_rest_draws_nothing(opened: Callable[..., Page]) -> None:
    page = opened("?sample.z=0.5,0.5", lambda page: page.add_init_script(COUNTED))  # its dot rests
    live(page)
    expect(page.locator('[data-testid="status-tracker"]:not(.hide)')).to_have_count(0)
    assert any(page.evaluate(AT_REST) for _ in range(20))


def test_pointer_and_keys_move_the_dot_and_the_digit(opened: Callable[..., Page]) -> None:
    page = opened("?sample.z=0,0")
    live(page)
    before = pixels(page.locator(DIGIT))
    page.mouse.move(*middle(page.locator(MAP)))
    page.mouse.down()
    page.mouse.move(*middle(page.locator(MAP), 0.9, 0.1), steps=10)
    page.mouse.up()
    assert z_of(page) == pytest.approx([1.28, 1.28], abs=0.03)
    expect(page).to_have_url(re.compile(r"z=1\.2\d+%2C1\.2\d+"))
    assert np.abs(pixels(page.locator(DIGIT)).astype(int) - before).max() > 100
    assert middle(page.locator(DOT)) == pytest.approx(middle(page.locator(MAP), 0.9, 0.1), abs=2)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    x, y = z_of(page)
    assert x < 1.27
    assert y < 1.27


# Timers of a page that has no time for them.
BUSY = "const later = setTimeout; window.setTimeout = (call, wait) => later(call, (wait ?? 0) + 1000)"


@contextmanager
def finger(page: Page) -> Iterator[Callable[[str, float, float], None]]:
    """Real touches, which the browser may take for scrolling."""
    session: CDPSession = page.context.new_cdp_session(page)

    def touch(kind: str, x: float, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    yield touch
    session.detach()


def swipe(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    with finger(page) as touch:
        touch("touchStart", *start)
        for step in range(1, 11):
            touch("touchMove", *(a + (b - a) * step / 10 for a, b in zip(start, end)))
        touch("touchEnd", *end)


def test_a_thumb_drags_on_the_map_and_scrolls_beside_it(opened: Callable[..., Page]) -> None:
    page = opened("?sample.z=0,0", viewport={"width": 390, "height": 760}, has_touch=True, is_mobile=True)
    live(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(MAP).scroll_into_view_if_needed()
    scrolled = page.evaluate("scrollY")
    swipe(page, middle(page.locator(MAP)), middle(page.locator(MAP), 0.5, 0.2))
    assert z_of(page) == pytest.approx([0, 0.84], abs=0.05)
    assert page.evaluate("scrollY") == scrolled
    page.evaluate("scrollTo(0, 0)")
    text = middle(page.locator(".vd-lead").first)
    swipe(page, text, (text[0], text[1] - 150))
    page.wait_for_function("scrollY > 50")
    assert z_of(page) == pytest.approx([0, 0.84], abs=0.05)


def shows_futures(page: Page, n: int) -> None:
    """Their panels lie above the slider: with more or fewer of them it moves."""
    expect(page.locator(".vd-moves .panels canvas:visible")).to_have_count(n)
    expect(page.locator(".vd-moves .panels")).to_have_attribute("aria-busy", "false")


def test_a_thumb_that_scrolls_moves_no_slider(opened: Callable[..., Page]) -> None:
    page = opened("?tab=motion", viewport={"width": 390, "height": 760}, has_touch=True, is_mobile=True)
    slider = page.locator(".vd-moves [data-part=count]")
    expect(slider).to_have_value("6")
    slider.scroll_into_view_if_needed()
    scrolled, start = page.evaluate("scrollY"), middle(slider, 0.9)
    swipe(page, start, (start[0] + 2, start[1] - 150))
    page.wait_for_function("least => scrollY > least", arg=scrolled + 50)
    expect(slider).to_have_value("6")
    slider.scroll_into_view_if_needed()
    swipe(page, middle(slider, 0.4), middle(slider, 0.98))
    expect(slider).to_have_value("12")
    shows_futures(page, 12)
    page.touchscreen.tap(*middle(slider, 0.02))
    expect(slider).to_have_value("3")
    shows_futures(page, 3)
    page.wait_for_function("new URLSearchParams(location.search).get('motion.futures') === '3'")
    # A timer that one touch has left, and that a busy page runs late, does not end the next touch.
    page.evaluate(BUSY)
    slider.scroll_into_view_if_needed()
    here, there = middle(slider, 0.02), middle(slider, 0.98)
    with finger(page) as touch:
        touch("touchStart", *here)
        touch("touchEnd", *here)
        touch("touchStart", *there)
        page.wait_for_timeout(1_200)
        touch("touchEnd", *there)
    expect(slider).to_have_value("12")


def draw_seven(page: Page) -> None:
    draw(page, (0.3, 0.25), (0.7, 0.25), (0.6, 0.5), (0.5, 0.85))


def draw(page: Page, start: tuple[float, float], *then: tuple[float, float]) -> None:
    """One stroke in the drawing box."""
    pad = page.locator('[data-part="pad"] canvas').first
    page.mouse.move(*middle(pad, *start))
    page.mouse.down()
    for place in then:
        page.mouse.move(*middle(pad, *place), steps=6)
    page.mouse.up()


def test_a_drawn_digit_moves_the_dot_and_shows_its_ring(opened: Callable[..., Page]) -> None:
    page = opened("?sample.z=0,0")
    live(page)
    assert not page.locator(f"{MAP} polygon").get_attribute("points")
    draw_seven(page)
    expect(page.locator(f"{MAP} polygon")).to_have_attribute("points", re.compile(r"\d+\.\d+,\d+"), timeout=15_000)
    assert z_of(page) != [0, 0]

    # A hand that goes on drawing is followed without the server, by the same numbers.
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/live/encode/" in request.url else None)
    for height in np.linspace(0.3, 0.8, 11):
        before = page.locator(f"{MAP} polygon").get_attribute("points")
        asked.clear()
        draw(page, (0.3, height), (0.7, height))
        expect(page.locator(f"{MAP} polygon")).not_to_have_attribute("points", before or "")
        if not asked:
            break
    assert not asked
    for model, query in (
        ("digits-2d", {}),
        ("digits-cvae", {}),
        ("digits-cvae", {"label": 3}),
        ("digits", {"binary": 1}),
    ):
        here, there = page.evaluate(BOTH, [model, query])
        assert here["label"] == there["label"]
        assert (here["x"], here["noise"]) == (there["x"], there["noise"])
        for key in ("mean", "log_var", "rates"):
            np.testing.assert_allclose(here[key], there[key], atol=2e-3)
        assert [here["rate"], here["distortion"]] == pytest.approx([there["rate"], there["distortion"]], rel=1e-3)


def levels(text: str) -> np.ndarray:
    """Bytes in base64."""
    return np.frombuffer(base64.b64decode(text), np.uint8).astype(float)


def test_a_photo_is_answered_in_the_browser_as_by_the_server(opened: Callable[..., Page]) -> None:
    page = opened("?sample.z=0,0")
    live(page)
    url = "data:image/png;base64," + base64.b64encode(drawn_photo.photo()).decode()
    eyes = ((drawn_photo.EYES + 0.5) / drawn_photo.SIDE).tolist()
    found = page.evaluate(PHOTO, [url, eyes])
    here, there = found["photo"]
    assert [here[key] for key in ("width", "height", "shown")] == [there[key] for key in ("width", "height", "shown")]
    for key in ("light", "grey", "field"):
        np.testing.assert_allclose(levels(here[key]), levels(there[key]), atol=1)
    for name in ("colors", "codes"):
        here, there = found[name]
        np.testing.assert_allclose(levels(here["fields"]), levels(there["fields"]), atol=1)
        np.testing.assert_allclose(here["z"], there["z"], atol=1e-3)
        assert (here["weights"] or []) == pytest.approx(there["weights"] or [])
    for name in ("mean", "recolor", "draws"):
        here, there = found[name]
        np.testing.assert_allclose(here, there, atol=1)
    here, there = map(np.array, found["cells"])
    assert (np.abs(here - there) > 1).mean() < 1e-3  # a draw may fall between two roundings of a share
    here, there = found["still"]
    for key in ("still", "shown"):
        np.testing.assert_allclose(levels(here[key]), levels(there[key]), atol=1)
    here, there = found["futures"]
    assert set(here) == set(there)
    assert (here["mode"], here["far"], here["best"]) == (there["mode"], there["far"], there["best"])
    assert here["shares"] == pytest.approx(there["shares"])
    for one, other in ((here, there), (here["typical"], there["typical"])):
        for key in ("trajectories", "z"):
            got, wanted = (np.frombuffer(base64.b64decode(sent[key]), "<f4") for sent in (one, other))
            np.testing.assert_allclose(got, wanted, atol=0.02)  # pixels, of a grey that may be a level off
    assert found["tower"] == [True, True]
    for name in ("face", "portrait"):
        here, there = found[name]
        np.testing.assert_allclose(here["eyes"], there["eyes"], atol=1e-3)
        np.testing.assert_allclose(levels(here["x"]), levels(there["x"]), atol=1)
    here, there = found["face"]
    np.testing.assert_allclose(here["mean"], there["mean"], atol=0.02)  # of an x that may be a level off
    np.testing.assert_allclose(here["attributes"], there["attributes"], atol=0.02)
    here, there = (answer["codes"]["faces-vae"] for answer in found["portrait"])
    np.testing.assert_allclose(here["mean"], there["mean"], atol=0.02)
    assert here["rate"] == pytest.approx(there["rate"], rel=0.01)
    assert here["distortion"] == pytest.approx(there["distortion"], abs=20)


def test_what_is_cleared_stays_cleared(opened: Callable[..., Page]) -> None:
    """The encoder is told of a stroke a moment after it; by then the box may be empty."""
    page = opened("?sample.z=0,0")
    live(page)
    page.evaluate(BUSY)
    draw_seven(page)
    box = page.locator('[data-part="pad"]').first
    box.get_by_role("button", name="Clear").click()
    page.wait_for_timeout(2_000)
    expect(box.locator(".hint")).to_be_visible()
    expect(page.locator(".vd-hero .vd-trouble:not(:empty)")).to_have_count(0)
    assert not page.locator(f"{MAP} polygon").get_attribute("points")


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "png")
    return file.getvalue()


def test_odd_files_get_one_sentence_and_change_nothing(opened: Callable[..., Page]) -> None:
    page = opened("?sample.z=0.5,-0.5")
    live(page)
    trouble = page.locator(".vd-hero .vd-trouble:not(:empty)")  # the drawing box's, or the encoder's
    box = page.locator('[data-part="pad"]').first
    choose = box.locator('input[type="file"]')
    digit, drawn = pixels(page.locator(DIGIT)), pixels(box.locator("canvas"))
    odd = {
        "cut.png": (png(Image.effect_noise((300, 300), 80))[:2000], "damaged"),
        "words.png": (b"no picture at all", "not a picture"),
        "dot.png": (png(Image.new("L", (1, 1), 255)), "blank"),
        "vast.png": (png(Image.new("1", (9_000, 9_000))), "up to 50,000,000 pixels"),
    }
    for name, (content, said) in odd.items():
        choose.set_input_files(FilePayload(name=name, mimeType="image/png", buffer=content))
        expect(trouble).to_contain_text(said, timeout=15_000)
        assert trouble.inner_text().count(".") == 1
        assert z_of(page) == [0.5, -0.5]
        assert (pixels(page.locator(DIGIT)) == digit).all()
        assert name in ("dot.png", "vast.png") or (pixels(box.locator("canvas")) == drawn).all()
    draw_seven(page)
    expect(trouble).to_have_count(0, timeout=15_000)


def test_a_press_far_down_leaves_the_page_there(opened: Callable[..., Page]) -> None:
    page = opened()
    live(page)
    label = page.locator("#fold-sample-elbo .label-wrap")
    label.scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    scrolled = page.evaluate("scrollY")
    assert scrolled > 200
    label.click()
    page.wait_for_timeout(500)  # the tab and its folds are noted a moment after the press
    assert page.evaluate("scrollY") >= scrolled


def test_dice_are_pythons_dice(opened: Callable[..., Page]) -> None:
    page = opened(
        "?sample.prior-samples.model=digits-2d&sample.prior-samples.n=16&sample.prior-samples.seed=7"
        "&sample.prior-samples.temperature=1"
    )
    live(page)
    page.locator("#fold-sample-prior-samples button").first.click()
    canvas = page.locator('#fold-sample-prior-samples canvas[data-part="z"]')
    page.wait_for_function(
        "() => document.querySelector('#fold-sample-prior-samples canvas[data-part=z]')?.width === 4 * 28"
    )
    wanted = (vaedemo.load("digits-2d").sample(16, seed=7)[:, 0] * 255).round().to(torch.uint8).numpy()

    def away() -> int:
        grid = pixels(canvas).reshape(4, 28, 4, 28).swapaxes(1, 2).reshape(16, 28, 28)
        return int(np.abs(grid.astype(int) - wanted).max())

    deadline = time.monotonic() + 20  # picture after picture is drawn
    while away() > 1 and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert away() <= 1


def test_a_link_restores_the_picture(opened: Callable[..., Page]) -> None:
    page = opened("?sample.z=-1.25,0.75")
    live(page)
    assert z_of(page) == [-1.25, 0.75]
    model = vaedemo.load("digits-2d")
    with torch.inference_mode():
        mean = model.render(model.decode(torch.tensor([[-1.25, 0.75]])))[0, 0]
    page.wait_for_timeout(300)
    assert np.abs(pixels(page.locator(DIGIT)) - (mean * 255).round().numpy()).max() <= 1


def test_a_crafted_link_is_ignored(opened: Callable[..., Page]) -> None:
    page = opened(
        "?sample.z=%3Cscript%3Ealert(1)%3C/script%3E&sample.prior-samples.seed=-5&sample.prior-samples.n=1e9"
        "&sample.prior-samples.model=../../etc"
    )
    live(page)
    assert all(abs(number) < 3 for number in z_of(page))


def test_a_crafted_link_is_said_on_any_tab(opened: Callable[..., Page]) -> None:
    page = opened("?tab=motion&motion.futures=99")
    expect(page.locator('[data-part="ignored"]')).to_have_text(
        "This link's motion.futures could not be used; the page shows its own start instead."
    )
    page.wait_for_function("!new URLSearchParams(location.search).has('motion.futures')")


def test_ink_is_dark_on_light_and_light_on_dark(opened: Callable[..., Page]) -> None:
    for scheme, filtered in (("light", "invert(1)"), ("dark", "none")):
        page = opened("?sample.z=0,0", color_scheme=scheme)
        live(page)
        assert page.locator(DIGIT).evaluate("canvas => getComputedStyle(canvas).filter") == filtered


def test_without_the_server_the_hand_goes_on(opened: Callable[..., Page], server: Server) -> None:
    page = opened("?sample.z=0,0")
    live(page)
    before = pixels(page.locator(DIGIT))
    server.stop()
    try:
        page.mouse.move(*middle(page.locator(MAP)))
        page.mouse.down()
        page.mouse.move(*middle(page.locator(MAP), 0.2, 0.8), steps=10)
        page.mouse.up()
        page.wait_for_timeout(200)
        assert np.abs(pixels(page.locator(DIGIT)).astype(int) - before).max() > 100
        trouble = page.locator('.vd-hero [data-part="trouble"]')
        assert trouble.inner_text() == ""  # nothing here needed the server
        draw_seven(page)
        expect(trouble).to_contain_text("server does not answer", timeout=10_000)
    finally:
        server.start()
    page.locator('[data-part="pad"] [data-act="clear"]').first.click()
    draw_seven(page)
    expect(trouble).to_have_text("", timeout=15_000)
