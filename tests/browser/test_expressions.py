"""What the tab Expressions opens with, in a real browser: the slider, the photo that follows it, what is taken away."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from folds import WAIT_MS, changed, fits_a_phone, ink, is_decoded, kept, opened
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from server_thread import Server
from small_models import alone
from starlette.types import ASGIApp

from vaedemo import express
from vaedemo.app import create_app
from vaedemo.app.server import inference
from vaedemo.app.tabs.expressions import pixels
from vaedemo.app.widgets import PACKAGE
from vaedemo.evaluation.attributes import READER
from vaedemo.store.paths import weights_folder
from vaedemo.vision import face_alignment

PORTRAIT, AUTHOR = (PACKAGE / f"web/examples/{name}.jpg" for name in ("average_6", "author"))
EYES = np.array([[0.3879, 0.5213], [0.6065, 0.5217]])  # of the author
LIB = PACKAGE / "app/tabs/expressions/lib"
READY = "#tab-expressions [data-part=picture][data-drawn]"
BROW = np.s_[145:185, 90:180]  # in a picture of 384 pixels
FACE = np.s_[140:330, 110:270]  # in a picture of 384 pixels
QUERY = "?tab=expressions&expressions.expression=sad&expressions.strength=1.00"


@pytest.fixture(scope="module")
def server(serve: Callable[[ASGIApp], Server], small_models: Path) -> Iterator[Server]:
    """With the shipped weights where there are some, and random ones for the rest; eyes are where the author's are."""
    shipped = weights_folder()
    with alone(small_models), pytest.MonkeyPatch.context() as patch:
        nets = (express.MODEL, express.LANDMARKS, pixels.MEAN, pixels.SHARP, READER)
        if all((shipped / name / "model.safetensors").is_file() for name in nets):
            patch.setenv("VAEDEMO_WEIGHTS", str(shipped))
        patch.setattr(face_alignment, "find_face", lambda image, net: EYES * image.size - 0.5)
        patch.setattr(express, "ROUNDS", 1)
        express._known.cache_clear()
        yield serve(create_app())
    express._known.cache_clear()


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    yield from opened(chromium, server, 1280, 900, query=QUERY, ready=READY)


def hero(page: Page) -> Locator:
    return page.locator("#tab-expressions .vd-express")


def part(page: Page, name: str) -> Locator:
    return hero(page).locator(f"[data-part={name}]")


def known(portrait: Path) -> express.Face:
    """The face of an example, as the page knows it without asking."""
    told = json.loads((LIB / "example-faces.json").read_text())[portrait.stem]
    photo = Image.open(portrait).convert("RGB")
    points = torch.tensor(told["points"]).reshape(1, -1, 2)
    return express.Face(photo, points, photo.width * np.array(told["linear"]), photo.width * np.array(told["offset"]))


def shot(canvas: Locator) -> NDArray[np.int64]:
    """What a canvas shows, (H, W, 3)."""
    width, height = canvas.evaluate("canvas => [canvas.width, canvas.height]")
    return np.array(ink(canvas).split(","), int).reshape(height, width, 4)[..., :3]


def known_eyes(portrait: Path) -> NDArray[np.float64]:
    told = json.loads((LIB / "example-faces.json").read_text())[portrait.stem]
    return np.array(told["eyes"]) * Image.open(portrait).size - 0.5


def pull(page: Page, strength: float) -> None:
    """Moves the slider, and waits until the hand has rested."""
    before = ink(part(page, "picture"))
    part(page, "strength").fill(str(strength))
    changed(part(page, "picture"), before)
    page.wait_for_timeout(400)


def is_edited(page: Page, face: express.Face) -> None:
    """The page shows what Python makes of the face: sad, at strength 1."""
    wanted = np.asarray(express.edited(face, "sad", 1.0)).astype(int)
    apart = np.abs(shot(part(page, "picture")) - wanted)
    assert apart.mean() < 2  # two readers of JPEG differ a little
    assert np.abs(np.asarray(face.image).astype(int) - wanted).mean() > 2 * apart.mean()


def test_the_page_draws_what_python_makes_of_the_photo(page: Page) -> None:
    pull(page, 0.9)
    pull(page, 1)
    is_edited(page, known(PORTRAIT))


# Keeps the widths that the picture has had.
WIDTHS = """canvas => {
  window.widths = [];
  const hear = records => records.forEach(({oldValue}) => window.widths.push(Number(oldValue)));
  new MutationObserver(hear).observe(canvas, {attributeFilter: ['width'], attributeOldValue: true});
}"""


def test_a_photo_of_ones_own_is_read_by_the_server_and_shown_finely_at_rest(page: Page, tmp_path: Path) -> None:
    """1,024 pixels are as many as are shown at rest, so that Python's edit of the photo is what is seen."""
    before, photo = ink(part(page, "picture")), tmp_path / "author.png"
    Image.open(AUTHOR).convert("RGB").resize((1024, 1024), Image.Resampling.BICUBIC).save(photo)
    with page.expect_response("**/live/express/face"):
        part(page, "box").locator("input[type=file]").set_input_files(photo)
    changed(part(page, "picture"), before)
    pull(page, 0.9)
    expect(part(page, "picture")).to_have_attribute("width", "1024")
    part(page, "picture").evaluate(WIDTHS)
    pull(page, 1)
    expect(part(page, "picture")).to_have_attribute("width", "1024")
    assert page.evaluate("window.widths") == [1024, 512]  # fewer while the hand moved
    is_edited(page, express.face(photo))
    before = ink(part(page, "picture"))
    part(page, "box").locator("[data-example=average_6]").click()
    changed(part(page, "picture"), before)


def test_a_portrait_on_its_side_is_turned(page: Page, tmp_path: Path) -> None:
    if not (weights_folder() / "faces-eyes" / "model.safetensors").is_file():
        pytest.skip("weights/faces-eyes is not here")
    Image.open(AUTHOR).transpose(Image.Transpose.ROTATE_90).save(tmp_path / "side.jpg", quality=95)

    before = ink(part(page, "picture"))
    with page.expect_response("**/live/express/face") as first:
        part(page, "box").locator("input[type=file]").set_input_files(tmp_path / "side.jpg")
    assert first.value.status == 200
    changed(part(page, "picture"), before)
    pull(page, 0.9)
    pull(page, 1)
    apart = np.abs(
        shot(part(page, "picture")) - np.asarray(express.edited(express.face(AUTHOR), "sad", 1.0)).astype(int)
    )
    assert apart.mean() < 5  # two JPEGs lie between; on its side it would be 50 off
    before = ink(part(page, "picture"))
    part(page, "box").locator("[data-example=average_6]").click()
    changed(part(page, "picture"), before)


def test_at_zero_it_is_the_photo_itself(page: Page) -> None:
    pull(page, 0.5)
    pull(page, 0)
    expect(part(page, "words")).to_have_text("as it is")
    photo = np.asarray(Image.open(PORTRAIT).convert("RGB")).astype(int)
    assert np.abs(shot(part(page, "picture")) - photo).mean() < 2


def test_an_expression_is_chosen_and_the_address_keeps_it(page: Page) -> None:
    pull(page, 1)
    before = ink(part(page, "picture"))
    button = hero(page).locator("[data-expression=squint]")
    button.click()
    changed(part(page, "picture"), before)
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(hero(page).locator("[data-expression=sad]")).to_have_attribute("aria-pressed", "false")
    assert kept(page)["expressions.expression"] == ["squint"]
    assert kept(page)["expressions.strength"] == ["1.00"]


def test_it_swings_until_a_hand_takes_over(page: Page) -> None:
    button = hero(page).locator("[data-act=swing]")
    expect(button).to_have_attribute("aria-pressed", "false")  # who wants little motion asks for it
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("() => +document.querySelector('#tab-expressions [data-part=strength]').value < -0.2")
    page.wait_for_function("() => +document.querySelector('#tab-expressions [data-part=strength]').value > 1")
    part(page, "strength").fill("0.5")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(part(page, "words")).to_have_text("strength 0.50")


def test_the_picture_is_taken_away_as_png_and_as_gif(page: Page) -> None:
    with page.expect_download() as download:
        hero(page).locator("[data-act=png]").click()
    with Image.open(BytesIO(Path(download.value.path()).read_bytes())) as image:
        assert image.size == (512, 512)
    with page.expect_download(timeout=3 * WAIT_MS) as download:
        hero(page).locator("[data-act=gif]").click()
    with Image.open(BytesIO(Path(download.value.path()).read_bytes())) as image:
        assert (image.size, image.n_frames) == ((400, 400), 26)  # type: ignore[attr-defined]


def test_the_folds_draw_the_face(page: Page) -> None:
    for name, picture in (("flow-seen", "arrows"), ("expression-plane", "picture")):
        fold = page.locator(f"#fold-expressions-{name}")
        fold.locator("button").first.click()
        fold.locator(f"[data-part={picture}]").scroll_into_view_if_needed()
        expect(fold.locator(f"[data-part={picture}][data-drawn]")).to_be_visible()
    expect(page.locator("#fold-expressions-flow-seen [data-part=longest]")).to_contain_text("The longest arrow has")
    fold = page.locator("#fold-expressions-draw-z")
    fold.locator("button").first.click()
    expect(fold.locator("canvas[data-drawn]")).to_have_count(6)
    before = ink(fold.locator("canvas").first)
    fold.locator("[data-act=throw]").click()
    changed(fold.locator("canvas").first, before)
    assert kept(page)["expressions.draw-z.seed"] == ["1"]


def test_the_dot_of_the_plane_follows_keys(page: Page) -> None:
    fold = page.locator("#fold-expressions-expression-plane")
    before = ink(fold.locator("[data-part=picture]"))
    fold.locator("[data-part=field]").focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    changed(fold.locator("[data-part=picture]"), before)
    assert kept(page)["expressions.expression-plane.at"] == ["0.60,0.80"]
    expect(fold.locator("[data-part=words]")).to_have_text("Smile 0.60 + Brows up 0.80")


def test_pixels_and_flow_are_drawn_and_measured_as_python_does(page: Page) -> None:
    fold = page.locator("#fold-expressions-pixels-or-flow")
    fold.locator("button").first.click()
    slider = fold.locator("[data-part=smile]")
    slider.scroll_into_view_if_needed()
    expect(fold.locator("[data-part=flow][data-drawn]")).to_be_visible()
    slider.fill("0.8")
    face = express.face(PORTRAIT, known_eyes(PORTRAIT))
    wanted = pixels.compared(face, 0.8)
    for name, figures in wanted["figures"].items():
        for kind, value in figures.items():
            shown = fold.locator(f"[data-figures={name}] [data-bar={kind}] output")
            page.wait_for_function(  # until then those of the smile before are shown
                "([output, value]) => Math.abs(Number(output.textContent) - value) <= 0.05",
                arg=[shown.element_handle(), value],
                timeout=WAIT_MS,
            )
    asked = list(wanted["y"])
    at = inference.attributes(pixels.MEAN).index("Smiling")
    asked[at] += 0.8 * (1 - asked[at])
    is_decoded(fold.locator("[data-part=faces-cvae]"), [[*wanted["z"], *asked]], [pixels.MEAN])
    is_decoded(fold.locator("[data-part=faces-sharp]"), [[*wanted["z"], *asked]], [pixels.SHARP])
    seen = shot(fold.locator("[data-part=photo]")).reshape(64, 4, 64, 4, 3).mean((1, 3))
    x = np.frombuffer(base64.b64decode(wanted["x"]), np.uint8).reshape(3, 64, 64).transpose(1, 2, 0)
    assert np.abs(seen - x).mean() < 4  # the square that the page cuts out is the one that the models see
    assert kept(page)["expressions.pixels-or-flow.smile"] == ["0.80"]


def test_each_brow_and_eye_moves_by_itself_as_in_python(page: Page) -> None:
    fold = page.locator("#fold-expressions-part-by-part")
    fold.locator("button").first.click()
    picture = fold.locator("[data-part=picture][data-drawn]")
    expect(picture).to_be_visible()
    before = ink(picture)
    fold.locator("[data-set=wink]").click()
    changed(picture, before)
    face = known(PORTRAIT)
    wanted = ({"brows_up": 0.0, "eyes_closed": 0.0}, {"brows_up": -0.2, "eyes_closed": 1.2}, {"smile": 0.9})
    flow = sum(part * express.mixed_flow(face, some) for part, some in zip(express.parts(face), wanted))
    assert isinstance(flow, torch.Tensor)
    edited = np.asarray(express.painted(face, flow, express.warped(face, flow))).astype(int)
    page.wait_for_timeout(400)  # the hand has rested: it is drawn finely
    apart = np.abs(shot(picture) - edited)
    assert apart.mean() < 2
    assert np.abs(np.asarray(face.image).astype(int) - edited).mean() > 2 * apart.mean()
    assert kept(page)["expressions.part-by-part.at"] == ["0.00,0.00,-0.20,1.20,0.90"]


def test_between_two_photos_both_are_warped_as_in_python(page: Page) -> None:
    fold = page.locator("#fold-expressions-between-photos")
    fold.locator("button").first.click()
    picture, t = fold.locator("[data-part=flow]"), fold.locator("[data-part=t]")
    expect(picture.and_(page.locator("[data-drawn]"))).to_be_visible(timeout=WAIT_MS)
    before = ink(picture)
    fold.locator("[data-part=pair]").select_option("averages")
    changed(picture, before)
    expect(fold.locator("[data-part=pixels][data-drawn]")).to_be_visible(timeout=WAIT_MS)
    before = ink(picture)
    t.fill("40")
    changed(picture, before)
    page.wait_for_timeout(400)  # the hand has rested: it is drawn finely
    pair = express.pair(known(PORTRAIT), known(PORTRAIT.with_stem("average_9")), 384)
    wanted, faded = (np.asarray(image).astype(int) for image in (pair.at(0.4), Image.blend(*images(pair), 0.4)))
    apart = np.abs(shot(picture) - wanted)[FACE].mean()
    assert apart < 2
    assert np.abs(shot(fold.locator("[data-part=fade]")) - faded)[FACE].mean() < 2
    assert np.abs(faded - wanted)[FACE].mean() > 1.5 * apart
    assert kept(page)["expressions.between-photos.t"] == ["40"]
    with page.expect_download(timeout=3 * WAIT_MS) as download:
        fold.locator("[data-act=gif]").click()
    with Image.open(BytesIO(Path(download.value.path()).read_bytes())) as image:
        assert (image.size, image.n_frames) == ((488, 240), 22)  # type: ignore[attr-defined]
    before = ink(picture)
    fold.locator("[data-part=pair]").select_option("own")  # the portrait above, and a second photo
    with page.expect_response("**/live/express/face"):
        fold.locator("input[type=file]").set_input_files(AUTHOR)
    changed(picture, before)


def test_a_pulled_face_lends_its_code_to_others_as_in_python(page: Page) -> None:
    fold = page.locator("#fold-expressions-borrow")
    fold.locator("button").first.click()
    follower = fold.locator("[data-part=follower-0]")
    expect(follower.and_(page.locator("[data-drawn]"))).to_be_visible(timeout=WAIT_MS)
    part(page, "box").locator("[data-example=average_6]").click()
    fold.locator("[data-set=rest]").click()
    expect(fold.locator("[data-part=words]")).to_contain_text("Nothing is pulled")
    before = ink(follower)
    fold.locator("[data-point='3']").focus()  # the left brow
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    changed(follower, before)
    page.wait_for_timeout(400)  # the hand has rested: z is fitted and drawn finely
    one, other, pull = known(PORTRAIT), known(PORTRAIT.with_stem("average_8")), torch.tensor([[0.0, -2.5]])
    z = express.fitted_code(one, one.points[0, [37]] + pull, -pull)
    wanted = reduced(express.warped(other, express.decoded_flow(other, z)))
    apart = np.abs(shot(follower) - wanted)
    assert apart.mean() < 2
    assert np.abs(reduced(other.image) - wanted)[BROW].mean() > 1.5 * apart[BROW].mean()
    assert kept(page)["expressions.borrow.pulls"] == ["0.0,0.0,0.0,0.0,0.0,0.0,0.0,-2.5" + 6 * ",0.0"]


def reduced(photo: Image.Image) -> NDArray[np.int64]:
    return np.asarray(photo.resize((384, 384), Image.Resampling.LANCZOS)).astype(int)


def images(pair: express.Pair) -> tuple[Image.Image, Image.Image]:
    one, other = pair.faces
    return one.image, other.image


def test_it_fits_a_phone(chromium: Browser, server: Server) -> None:
    for phone in opened(chromium, server, 390, 844, query=QUERY, ready=READY):
        fits_a_phone(hero(phone))
        fold = phone.locator("#fold-expressions-pixels-or-flow")
        fold.locator("button").first.click()
        expect(fold.locator("[data-part=flow][data-drawn]")).to_be_visible()
        fits_a_phone(fold)


def test_without_webassembly_the_photo_is_there_and_that_is_said(chromium: Browser, server: Server) -> None:
    said = "#tab-expressions .vd-trouble:has-text('No flow can be decoded in this browser')"
    lost = r"web/engine/kernels(-fused)?\.wasm"
    for page in opened(chromium, server, 1280, 900, query=QUERY, ready=said, lost="**/kernels*.wasm", absent=lost):
        photo = np.asarray(Image.open(PORTRAIT).convert("RGB")).astype(int)
        changed(part(page, "picture"), "")
        assert np.abs(shot(part(page, "picture")) - photo).mean() < 2


def test_the_faces_of_all_examples_are_known(page: Page) -> None:
    module = "vaedemo/app/tabs/expressions/lib/examples.mjs"
    script = "path => import(document.baseURI + path).then(all => all.EXAMPLES.map(one => one.name))"
    names = page.evaluate(script, module)
    assert set(names) == set(json.loads((LIB / "example-faces.json").read_text()))
