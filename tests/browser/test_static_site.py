"""The page without a server: written once, laid below a path of a plain file server, and visited."""

from __future__ import annotations

import base64
import io
import json
import posixpath
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from folds import WAIT_MS, changed, ink
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageSequence
from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, expect
from starlette.testclient import TestClient

from vaedemo import forecast
from vaedemo.app import site
from vaedemo.app.server import inference, routes
from vaedemo.app.server.opening_training import OPENING
from vaedemo.app.tab import stops
from vaedemo.app.tabs import tabs
from vaedemo.app.tabs.expressions import server as expressions
from vaedemo.app.widgets import PACKAGE
from vaedemo.data import motion_scenes
from vaedemo.latents import draw
from vaedemo.vision import animations

BELOW = "some/where"
EXAMPLES = PACKAGE / "web/examples"
SIDES = ("channels", "height", "width")
MOST = 70_000_000  # bytes of the whole site
ADDRESSES = {
    ".html": re.compile(r"""(?:href|src|data-(?:module|style|lecture))="([^"#]+)\""""),
    ".css": re.compile(r"""url\(\s*['"]?([^'")]+)"""),
    ".mjs": re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]|new URL\(\s*['"]([\w./-]+\.\w+)['"]"""),
}


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class Host(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: a page that is left lets go of what was on its way."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the models that ship."""
    top = tmp_path_factory.mktemp("host")
    site.write(top / BELOW)
    return top


@pytest.fixture
def host(folder: Path) -> Iterator[Host]:
    """A plain file server; a test may shut it down."""
    server = Host(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(chromium: Browser, host: Host) -> Iterator[Page]:
    """Of a browser that has seen nothing yet; fails at the end for what went wrong in its console."""
    context = chromium.new_context(
        base_url=f"http://127.0.0.1:{host.server_port}/{BELOW}/", viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error":
            errors.append(f"{said.text} {said.location}")

    page.on("console", hear)
    yield page
    context.close()
    assert not errors, errors


def test_every_address_is_relative_and_leads_to_a_file(folder: Path) -> None:
    top, seen = folder / BELOW, 0
    for file in sorted(top.rglob("*")):
        for found in ADDRESSES[file.suffix].findall(file.read_text()) if file.suffix in ADDRESSES else ():
            name = found if isinstance(found, str) else "".join(found)
            if name.startswith("data:"):
                continue
            assert not re.match(r"\w+:|/", name), f"{file}: {name}"
            place = posixpath.normpath(posixpath.join(file.parent.as_posix(), name.split("?")[0]))
            assert Path(place).is_relative_to(top), f"{file}: {name}"
            assert Path(place).exists(), f"{file}: {name}"
            seen += 1
    assert seen > 500
    assert sum(file.stat().st_size for file in top.rglob("*") if file.is_file()) < MOST


def test_every_tab_opens_and_the_page_stays_when_the_host_is_gone(page: Page, host: Host) -> None:
    page.goto("./")
    changed(page.locator('[data-part="digit"][data-drawn="browser"]'), "")
    seen = page.evaluate("performance.getEntriesByType('resource').map(({name}) => name)")
    assert [name for name in seen if re.search(r"/examples/|/stills/", name)] == []  # tabs that nobody has opened
    for tab in tabs():
        page.get_by_role("tab", name=tab.title, exact=True).click()
        panel = page.locator(f"#tab-{tab.name}")
        expect(panel.locator(".vd-lead").first).to_be_visible()
        painted(panel)
    page.get_by_role("tab", name="Why Q", exact=True).press("Home")
    opened = fold(page, "sample-prior-samples")
    changed(opened.locator("canvas.vd-ink:visible").first, "")
    opened.get_by_text("What the lecture says").click()
    expect(opened.locator("math").first).to_be_visible()

    for model in ("sprites", "sprites-vae"):  # fetched by a worker that is older than the service worker
        page.wait_for_function(f"caches.match('live/models/{model}.safetensors').then(Boolean)")
    host.shutdown()
    host.server_close()
    page.goto("./?sample.z=0.5,-1.2")
    changed(page.locator('[data-part="digit"][data-drawn="browser"]'), "")
    expect(page.locator('[data-part="z"]')).to_have_text("z = (0.50, −1.20)")
    page.get_by_role("tab", name="Sliders", exact=True).click()  # it was opened before
    painted(page.locator("#tab-sliders"))


def painted(panel: Locator) -> None:
    """Waits until a canvas of the tab, or a picture, shows something."""
    for _ in range(WAIT_MS // 100):
        if any(ink(canvas) for canvas in panel.locator("canvas:visible").all()):
            return
        panel.page.wait_for_timeout(100)
    raise AssertionError("nothing is painted")


def fold(page: Page, name: str) -> Locator:
    """A fold, opened, and brought to the top of the window: some ask nothing before they are seen."""
    found = page.locator(f"#fold-{name}")
    found.locator(":scope > summary").click()
    found.evaluate("fold => fold.scrollIntoView()")
    return found


def test_links_lead_to_their_place_and_what_only_a_server_does_is_said(page: Page) -> None:
    page.goto("./?tab=sliders&open=beta-sweep")
    expect(page.locator("#fold-sliders-beta-sweep")).to_have_attribute("open", "")
    expect(page.locator("#tab-sample")).to_be_hidden()
    third = stops(tabs())[2]
    page.goto("./?stop=3")
    expect(page.locator(".vd-stops [data-part=title]")).to_have_text(third["title"])
    expect(page.locator(f"#fold-{third['tab']}-{third['fold']}")).to_have_attribute("open", "")

    page.goto("./?tab=attributes&open=foreground-background")
    layers = page.locator("#fold-attributes-foreground-background .vd-trouble")
    expect(layers).to_contain_text("This page has no server, and only a server can draw layers.")


def test_what_is_wrong_with_a_models_file_is_said(chromium: Browser, host: Host) -> None:
    """The service worker, which would have kept a whole one, is left out."""
    address = f"http://127.0.0.1:{host.server_port}/{BELOW}/"
    context = chromium.new_context(base_url=address, service_workers="block")
    whole = context.request.get(f"live/models/{OPENING}.safetensors").body()
    context.route(f"**/live/models/{OPENING}.safetensors", lambda route: route.fulfill(body=whole[:-9000]))
    page = context.new_page()
    page.goto("./")
    words = "the decoder did not start in this browser. The model file is cut off at"
    trouble = page.locator("#tab-sample .vd-trouble").filter(has_text=words)
    expect(trouble).to_be_visible(timeout=WAIT_MS)
    context.unroute_all()
    changed(page.locator('[data-part="digit"][data-drawn="browser"]'), "")
    expect(trouble).to_have_count(0, timeout=WAIT_MS)
    context.close()


def test_the_browser_answers_as_the_server_does(page: Page) -> None:
    page.goto("./")
    asked = """async ([address, body]) => {
        const {answerTo} = await import(new URL('vaedemo/web/page/without-server.mjs', document.baseURI).href);
        const bytes = body && Uint8Array.from(atob(body), character => character.charCodeAt(0));
        const answer = await answerTo(address, {purpose: 'be asked', body: bytes});
        const read = new FileReader();
        read.readAsDataURL(new Blob([await answer.arrayBuffer()]));
        await new Promise(done => { read.onload = done; });
        return read.result.split(',')[1];
    }"""

    def in_browser(address: str, body: bytes | None = None) -> bytes:
        sent = body and base64.b64encode(body).decode()
        return base64.b64decode(page.evaluate(asked, [address, sent]))

    for seed in (0, 7, 2**32 - 1):
        drawn = np.frombuffer(in_browser(f"draw?n=1024&z=64&seed={seed}"), np.float32).reshape(1024, 64)
        np.testing.assert_array_equal(drawn, draw(1024, 64, seed=seed))

    stroke = Image.new("L", (90, 90), 255)
    ImageDraw.Draw(stroke).arc((20, 10, 70, 80), 30, 300, 0, 9)
    stream = io.BytesIO()
    stroke.save(stream, "PNG")
    with TestClient(routes.application()) as server:
        theirs = server.post("activations/digits-2d", content=stream.getvalue()).json()
    ours = json.loads(in_browser("activations/digits-2d", stream.getvalue()))
    np.testing.assert_allclose(ours["mean"] + ours["sigma"], theirs["mean"] + theirs["sigma"], atol=5e-3)
    assert len(ours["stages"]) == len(theirs["stages"]) > 1
    for one, other in zip(ours["stages"], theirs["stages"]):
        assert [one[side] for side in SIDES] == [other[side] for side in SIDES]
        np.testing.assert_allclose(one["peaks"], other["peaks"], atol=0.02)
        lit = np.repeat(np.array(other["peaks"]) > 0.1, one["height"] * one["width"])  # of a dark map, any level is one
        levels = [np.frombuffer(base64.b64decode(stage["planes"]), np.uint8).astype(int) for stage in (one, other)]
        assert np.abs(levels[0] - levels[1])[lit].max() <= 6

    digits = inference.decode("digits", draw(2, 32, seed=1)).tobytes()
    with TestClient(routes.application()) as server:
        theirs = server.post("learn/styles/digits-m1m2", content=digits).json()
    ours = json.loads(in_browser("learn/styles/digits-m1m2", digits))
    assert ours["labels"] == theirs["labels"]
    for part in ("mean", "sigma"):
        np.testing.assert_allclose(ours[part], theirs[part], atol=5e-3)

    portrait = (EXAMPLES / "author.jpg").read_bytes()
    found = json.loads(in_browser("express/face", portrait))
    wanted: dict[str, Any] = expressions.located(portrait, None)
    width = Image.open(io.BytesIO(portrait)).width
    places = [
        np.reshape(face["points"], (-1, 2)) @ np.transpose(face["linear"]) + face["offset"] for face in (found, wanted)
    ]
    pixel = np.linalg.norm(wanted["linear"][0])  # of the 64 of the face's own square
    np.testing.assert_allclose(places[0], places[1], atol=0.5 * pixel)
    np.testing.assert_allclose(found["eyes"], wanted["eyes"], atol=2 / width)
    with pytest.raises(Error, match="Both eyes are at the same place"):
        in_browser("express/face?eyes=0.5,0.5,0.5,0.5", portrait)

    noise = np.random.default_rng(0).integers(0, 256, (3, 1, 28, 28), np.uint8)
    slopes = np.linspace(0, 255, 40, dtype=np.uint8)
    colors = np.stack([np.tile(slopes, (40, 1)), np.tile(slopes[:, None], 40), np.full((40, 40), 90, np.uint8)])
    for planes in (noise, np.stack([colors, colors[::-1], 255 - colors])):
        channels, side = planes.shape[1:3]
        query = f"gif?width={side}&height={side}&channels={channels}&ms=70&scale=2&back=1"
        ours = error(in_browser(query, planes.tobytes()), planes)
        assert ours <= error(animations.gif(planes, 70, 2, back=True), planes)


def error(file: bytes, planes: NDArray[np.uint8]) -> float:
    """The mean difference of a GIF's frames, there and back, from the planes (3, C, H, W) that are half as large."""
    gif = Image.open(io.BytesIO(file))
    assert (gif.info["duration"], gif.info["loop"]) == (70, 0)
    frames = np.stack([np.asarray(frame.convert("RGB"), int) for frame in ImageSequence.Iterator(gif)])
    wanted = planes[[0, 1, 2, 1]].repeat(2, 2).repeat(2, 3).transpose(0, 2, 3, 1).astype(int)
    assert len(frames) == len(wanted)
    return float(np.abs(frames - wanted).mean())


def test_half_a_digit_is_completed_without_a_server(page: Page) -> None:
    """No encoder is fetched, which the site lacks, and the net without z answers here."""
    page.goto("./?tab=attributes")
    opened = fold(page, "attributes-structured-prediction")
    answer = opened.locator("[data-part=net]")
    changed(answer, "")
    before = ink(answer)
    opened.get_by_label("Example: 4").click()
    changed(answer, before)
    y = np.full(784, -1.0)  # what was given is at both sides of it
    shown = np.array(ink(answer).split(","), int).reshape(28, 28, 4)[..., 0]
    given = np.array(ink(opened.locator("[data-part=given]")).split(","), int).reshape(28, 28, 4)[..., 0]
    y.reshape(28, 28)[:, :14] = given[:, :14] / 255
    wanted = inference.predict("digits-quadrant-net", y)[0, 0].astype(int)
    assert np.abs(shown[:, 14:] - wanted[:, 14:]).max() <= 2


def test_one_thing_takes_other_colors_without_a_server(page: Page) -> None:
    page.goto("./?tab=colorization")
    thing = fold(page, "colorization-one-object")
    expect(thing.locator("[data-part=words]")).to_contain_text("1 of 32, equal shares of the draws")
    ring = thing.locator("[data-part=ring]").inner_html()
    before = ink(thing.locator(".vd-dabs canvas"))
    box = thing.locator(".vd-dabs").bounding_box()
    assert box
    thing.locator(".vd-dabs").click(position={"x": 0.1 * box["width"], "y": 0.1 * box["height"]})
    changed(thing.locator(".vd-dabs canvas"), before)
    assert thing.locator("[data-part=ring]").inner_html() != ring


def test_an_arrow_weighs_the_futures_without_a_server(page: Page) -> None:
    page.goto("./?tab=motion&motion.motion-hint.arrows=9,7,6,-6")
    arrows = fold(page, "motion-motion-hint")
    expect(arrows.locator("[data-part=words]")).to_contain_text(re.compile("of 512 draws"))
    still = motion_scenes.scene("fork-3", 6).still()
    wanted = forecast.forecast("motion-drawn", still, 6, 0, [(9, 7, 6.0, -6.0)])
    shares = [float(group.get_attribute("data-share") or "nan") for group in arrows.locator("[data-share]").all()]
    np.testing.assert_allclose(sorted(shares), sorted(wanted.shares), atol=0.01)


def test_a_style_is_read_without_a_server(page: Page) -> None:
    page.goto("./?tab=learn")
    styles = fold(page, "learn-styles")
    expect(styles.locator("[data-drawn=digits-m1m2]")).to_be_visible()
