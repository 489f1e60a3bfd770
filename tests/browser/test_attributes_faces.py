"""The faces of the Attributes tab: sliders of a description, grids, layers, and one's own photo."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from folds import CAMERA, changed, drag, fits_a_phone, ink, is_decoded, kept, opened
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect
from server_thread import Server

from vaedemo import zoo
from vaedemo.app.server import inference
from vaedemo.app.server.answers import MARK
from vaedemo.latents import draw
from vaedemo.recipes import RECIPES
from vaedemo.vision import face_alignment, latent_inversion

NAME, SHARP = "faces-cvae", "faces-sharp"  # of the same z and y; the second draws unless "Smooth" is checked
FACE = "attributes.attribute-sliders"  # whose part of the address holds the face
NAMES = RECIPES[NAME].net["attributes"]
Z = RECIPES[NAME].net["z"]
USUAL = [1.0 if name in ("Young", "No_Beard", "Brown_Hair") else -1.0 for name in NAMES]


@pytest.fixture(scope="module", autouse=True)
def a_face_is_found() -> Iterator[None]:
    """The eye net has random weights here. The example's eyes, seen in an enlargement; in other sizes nothing."""
    with pytest.MonkeyPatch.context() as patch:
        eyes = np.array([[198.0, 118.0], [247.0, 112.0]])  # of the example
        patch.setattr(face_alignment, "find_face", lambda image, net: eyes if image.width == 512 else None)
        yield


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server, a_face_is_found: None) -> Iterator[Page]:
    # What the camera sees is of one color: the tabs of digits refuse it, and the console says so.
    yield from opened(chromium, server, 1280, 900, "Attributes", absent="live/(encode|picture)")


def fold(page: Page, name: str) -> Locator:
    opened_fold = page.locator(f"#fold-{name}")
    if not opened_fold.locator(".vd-section").is_visible():
        opened_fold.locator("button").first.click()
    expect(opened_fold.locator("canvas").first).to_be_visible()
    return opened_fold


def is_drawn(canvas: Locator, vectors: ArrayLike, columns: int = 1, names: tuple[str, ...] = (SHARP,)) -> NDArray:
    return is_decoded(canvas, vectors, names, columns)


def test_a_slider_changes_the_description_and_z_stays(page: Page) -> None:
    faces = fold(page, "attributes-attribute-sliders")
    picture, z = faces.locator("[data-part=picture]"), draw(1, Z, seed=1)[0]
    before = is_drawn(picture, [[*z, *USUAL]])
    smile = faces.get_by_role("slider", name="smile")
    for _ in range(3):
        smile.press("ArrowRight")
    asked = [-0.7, *USUAL[1:]]
    assert np.abs(is_drawn(picture, [[*z, *asked]]) - before).max() > 2
    assert [float(value) for value in kept(page)[f"{FACE}.asked"][0].split(",")] == asked
    first = faces.locator(".moved li").first
    expect(first).to_contain_text("smile")
    expect(first).to_contain_text("→")
    scores = inference.read(SHARP, np.array([[*z, *USUAL], [*z, *asked]]))[:, 0]
    expect(first.locator("output")).to_have_text(" → ".join(f"{s:.2f}" for s in scores).replace("-", "−"))
    faces.get_by_role("button", name="Undo").click()
    is_drawn(picture, [[*z, *USUAL]])
    expect(faces.get_by_role("button", name="Undo")).to_be_disabled()


def test_another_person_keeps_the_description(page: Page) -> None:
    faces = fold(page, "attributes-attribute-sliders")
    picture, hat = faces.locator("[data-part=picture]"), faces.get_by_role("slider", name="hat")
    hat.fill("1")
    asked = [1.0 if name == "Wearing_Hat" else value for name, value in zip(NAMES, USUAL)]
    faces.get_by_role("button", name="Another person").click()
    is_drawn(picture, [[*draw(1, Z, seed=2)[0], *asked]])
    assert kept(page)[f"{FACE}.face"] == ["2"]
    expect(faces.locator("[data-part=words]")).to_contain_text("hat")
    for act, kind, size, frames in (("png", "PNG", 512, 1), ("gif", "GIF", 256, 46)):
        with page.expect_download() as saved:
            faces.locator(f"[data-act={act}]").first.click()
        with Image.open(saved.value.path()) as file:
            assert (file.format, file.size, getattr(file, "n_frames", 1)) == (kind, (size, size), frames)
    said = code_of(faces)
    shown = is_drawn(picture, [[*draw(1, Z, seed=2)[0], *asked]])
    np.testing.assert_allclose(said["picture"][0].permute(1, 2, 0) * 255, shown[0], atol=1)
    faces.get_by_role("button", name="Undo").click()
    hat.fill("-1")


def test_many_people_share_one_description_and_one_goes_to_the_sliders(page: Page) -> None:
    people = fold(page, "attributes-many-people")
    zs = draw(24, Z, seed=1)
    grid = is_drawn(people.locator(".sheet canvas"), [[*z, *USUAL] for z in zs], 6)
    assert len(np.unique(grid.reshape(24, -1), axis=0)) == 24
    box = people.locator(".sheet").bounding_box()
    assert box
    people.locator(".sheet").click(position={"x": box["width"] * 2.5 / 6, "y": box["height"] * 1.5 / 4})
    is_drawn(fold(page, "attributes-attribute-sliders").locator("[data-part=picture]"), [[*zs[8], *USUAL]])
    assert (kept(page)[f"{FACE}.face"], kept(page)[f"{FACE}.person"]) == (["1"], ["8"])
    people.get_by_role("button", name="Other people").click()
    is_drawn(people.locator(".sheet canvas"), [[*z, *USUAL] for z in draw(24, Z, seed=2)], 6)


def test_smooth_and_sharp_are_the_same_people(page: Page) -> None:
    faces, pairs = fold(page, "attributes-attribute-sliders"), fold(page, "attributes-mean-vs-critic")
    both, canvas = (NAME, SHARP), pairs.locator(".sheet canvas")
    faces.get_by_role("button", name="Another person").click()
    (seed,) = kept(page)[f"{FACE}.face"]
    above, others = draw(1, Z, seed=int(seed))[0], draw(5, Z, seed=7)
    hat = faces.get_by_role("slider", name="hat")
    hat.fill("1")
    asked = USUAL.copy()
    asked[NAMES.index("Wearing_Hat")] = 1.0
    shown = is_drawn(canvas, [[*z, *asked] for z in (above, *others)], 6, both)
    assert np.abs(shown[:6] - shown[6:]).max() > 2
    box = pairs.locator(".sheet").bounding_box()
    assert box
    pairs.locator(".sheet").click(position={"x": box["width"] * 2.5 / 6, "y": box["height"] * 0.75})
    is_drawn(faces.locator("[data-part=picture]"), [[*others[1], *asked]])
    is_drawn(canvas, [[*z, *asked] for z in (others[1], *others)], 6, both)
    pairs.get_by_role("button", name="Other people").click()
    is_drawn(canvas, [[*z, *asked] for z in (others[1], *draw(5, Z, seed=8))], 6, both)
    faces.get_by_role("button", name="Undo").click()
    hat.fill("-1")


def code_of(of: Locator) -> dict:
    """What the Code of a fold computes."""
    of.locator("[data-act=code]").click()
    code = of.page.locator("dialog pre").inner_text()
    of.page.keyboard.press("Escape")
    said: dict = {"load": zoo.loaded}
    with torch.inference_mode():
        exec(compile(code.replace("vaedemo.load(", "load("), "code", "exec"), said)
    return said


def test_one_switch_draws_the_mean_in_all_folds(page: Page) -> None:
    faces, people = fold(page, "attributes-attribute-sliders"), fold(page, "attributes-many-people")
    strips = fold(page, "attributes-attribute-sweep")
    folds, picture = (faces, people, strips), faces.locator("[data-part=picture]")
    switches = [one.get_by_role("checkbox", name="Smooth") for one in folds]
    faces.get_by_role("button", name="Another person").click()
    z = draw(1, Z, seed=int(kept(page)[f"{FACE}.face"][0]))[0]
    for switch in switches:
        expect(switch).not_to_be_checked()
    switches[1].check()
    is_drawn(picture, [[*z, *USUAL]], names=(NAME,))
    for switch, one in zip(switches, folds):
        expect(switch).to_be_checked()
        expect(one.locator("[data-part=badge]")).to_contain_text(NAME)
    seed = int(kept(page).get("attributes.many-people.seed", ["1"])[0])
    crowd = [[*other, *USUAL] for other in draw(24, Z, seed=seed)]
    shown = is_drawn(people.locator(".sheet canvas"), crowd, 6, (NAME,))
    np.testing.assert_allclose(code_of(people)["pictures"].permute(0, 2, 3, 1) * 255, shown, atol=1)
    swept = [[value, *USUAL[1:]] for value in (-1, -0.67, -0.33, 0, 0.33, 0.67, 1)]
    rows = [[*other, *y] for other in draw(5, Z, seed=3) for y in swept]
    shown = is_drawn(strips.locator(".sheet canvas"), rows, 7, (NAME,)).reshape(5, 7, 64, 64, 3)[:, ::3]
    columns = torch.stack(code_of(strips)["columns"][::3], 1)  # at -1, 0 and 1, which are not rounded
    np.testing.assert_allclose(columns.movedim(2, -1) * 255, shown, atol=1)
    assert kept(page)["attributes.smooth"] == ["1"]
    switches[2].uncheck()
    is_drawn(picture, [[*z, *USUAL]])
    is_drawn(people.locator(".sheet canvas"), crowd, 6)
    is_drawn(strips.locator(".sheet canvas"), rows, 7)
    assert "attributes.smooth" not in kept(page)


def test_what_moved_is_read_in_the_pictures_that_are_shown(page: Page) -> None:
    faces = fold(page, "attributes-attribute-sliders")
    faces.get_by_role("button", name="Another person").click()
    z = draw(1, Z, seed=int(kept(page)[f"{FACE}.face"][0]))[0]
    faces.get_by_role("slider", name="smile").fill("1")
    both = np.array([[*z, *USUAL], [*z, 1.0, *USUAL[1:]]])
    for name in (NAME, SHARP):
        faces.get_by_role("checkbox", name="Smooth").set_checked(name == NAME)
        words = " → ".join(f"{score:.2f}" for score in inference.read(name, both)[:, 0]).replace("-", "−")
        expect(faces.locator(".moved li").first.locator("output")).to_have_text(words)
    faces.get_by_role("button", name="Undo").click()


def test_along_a_row_one_attribute_passes(page: Page) -> None:
    strips = fold(page, "attributes-attribute-sweep")
    strips.get_by_label("Sweep").select_option("Eyeglasses")
    glasses = NAMES.index("Eyeglasses")
    values = [-1, -0.67, -0.33, 0, 0.33, 0.67, 1]
    swept = [[*USUAL[:glasses], value, *USUAL[glasses + 1 :]] for value in values]
    zs = draw(5, Z, seed=3)
    is_drawn(strips.locator(".sheet canvas"), [[*z, *y] for z in zs for y in swept], 7)
    with page.expect_download() as saved:
        strips.locator("[data-act=gif]").click()
    with Image.open(saved.value.path()) as file:
        assert (file.format, file.size[1], getattr(file, "n_frames", 1)) == ("GIF", 192, 46)
    strips.locator(".sheet").press("ArrowRight")
    is_drawn(fold(page, "attributes-attribute-sliders").locator("[data-part=picture]"), [[*zs[0], *swept[1]]])
    fold(page, "attributes-attribute-sliders").get_by_role("slider", name="glasses").fill("-1")


def test_a_person_stays_before_another_background(page: Page) -> None:
    layers = fold(page, "attributes-foreground-background")
    names = ("foreground", "gate", "background", "whole")
    before = {name: changed(layers.locator(f"[data-part={name}]"), "") for name in names}
    layers.get_by_role("button", name="Same people, other backgrounds").click()
    changed(layers.locator("[data-part=background]"), before["background"])
    assert ink(layers.locator("[data-part=foreground]")) == before["foreground"]
    assert ink(layers.locator("[data-part=gate]")) == before["gate"]
    now = ink(layers.locator("[data-part=background]"))
    layers.get_by_role("button", name="Other people, same backgrounds").click()
    changed(layers.locator("[data-part=foreground]"), before["foreground"])
    assert ink(layers.locator("[data-part=background]")) == now


def test_a_photo_is_fitted_completed_and_taken_to_the_sliders(page: Page) -> None:
    photo = fold(page, "attributes-own-photo")
    expect(photo.locator("[data-part=words]")).to_contain_text("Squared error")
    x, drawn = photo.locator("[data-part=x]"), photo.locator("[data-part=drawn]")
    shot = changed(drawn, "")
    expect(photo.get_by_role("button", name="Complete what is hidden")).to_be_disabled()
    drag(x, (0.3, 0.75), (0.7, 0.75))
    photo.get_by_role("button", name="Complete what is hidden").click()
    expect(photo.get_by_role("button", name="Stop")).to_be_hidden()
    answers = photo.locator(".answers canvas")
    expect(answers).to_have_count(6)
    guesses = [changed(canvas, "") for canvas in answers.all()]
    assert len(set(guesses)) == 6
    photo.get_by_role("button", name="Fit z step by step").click()
    changed(drawn, shot)
    expect(photo.locator("[data-part=words]")).to_contain_text("by the fitted z")
    expect(photo.get_by_role("button", name="Stop")).to_be_hidden()
    fitted, guess = ink(drawn), ink(answers.first)
    expect(photo.locator("[data-part=words]")).to_contain_text(f"drawn by {SHARP}")
    photo.get_by_role("checkbox", name="Smooth").check()
    expect(photo.locator("[data-part=words]")).to_contain_text(f"drawn by {NAME}")
    smooth = changed(drawn, fitted)
    changed(answers.first, guess)
    photo.get_by_role("checkbox", name="Smooth").uncheck()
    changed(drawn, smooth)
    photo.get_by_role("button", name="Take it to the sliders").click()
    picture = fold(page, "attributes-attribute-sliders").locator("[data-part=picture]")
    page.wait_for_function(
        """() => { const pixels = part => document.querySelector(`[data-part=${part}].vd-photo`).getContext('2d')
            .getImageData(0, 0, 64, 64).data.join(); return pixels('picture') === pixels('drawn'); }"""
    )
    assert f"{FACE}.face" not in kept(page)
    assert picture.is_visible()


def test_a_fit_can_be_stopped(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = []

    def slow(*args, **options) -> Iterator:
        for told in fitted(*args, **options):
            time.sleep(0.7)
            steps.append(told[0])
            yield told

    fitted = latent_inversion.fitted
    monkeypatch.setattr(latent_inversion, "fitted", slow)
    photo = fold(page, "attributes-own-photo")
    photo.get_by_role("button", name="Fit z step by step").click()
    expect(photo.locator("progress")).not_to_have_attribute("value", "0")
    photo.get_by_role("button", name="Stop").click()
    expect(photo.get_by_role("button", name="Fit z step by step")).to_be_enabled()
    page.wait_for_timeout(2_000)
    told = len(steps)
    page.wait_for_timeout(1_500)
    assert len(steps) == told < 15, "the server stops as well"
    expect(photo.locator(".vd-trouble")).to_have_text("")


def test_the_camera_takes_a_photo(page: Page) -> None:
    """It sees no face, and says so."""
    page.evaluate(CAMERA)
    photo = fold(page, "attributes-own-photo")
    box = photo.locator(".vd-photobox")
    box.get_by_role("button", name="Camera").click()
    expect(box.locator("video")).to_be_visible()
    expect(box.locator("canvas")).to_be_hidden()
    box.get_by_role("button", name="Take it").click()
    expect(box.locator("video")).to_be_hidden()
    expect(box.get_by_role("button", name="Camera")).to_be_visible()
    corner = "canvas => [...canvas.getContext('2d').getImageData(140, 140, 1, 1).data].slice(0, 3)"
    expect(photo.locator("[role=status]").filter(has_text="face").first).to_be_visible()
    red, green, blue = box.locator("canvas").evaluate(corner)
    assert green > 200 > red + blue


def test_a_camera_that_opens_too_late_is_closed_again(page: Page) -> None:
    """Who was asked for leave may have gone to another tab meanwhile."""
    page.evaluate(CAMERA)
    page.evaluate(
        "() => { const {mediaDevices} = navigator, ask = mediaDevices.getUserMedia;"
        " mediaDevices.getUserMedia = async () => { await new Promise(grant => { window.grant = grant; });"
        " return (window.stream = await ask()); }; }"
    )
    photo = fold(page, "attributes-own-photo")
    photo.get_by_role("button", name="Camera").click()
    page.get_by_role("tab", name="Sample").click()
    expect(photo).to_be_hidden()
    page.wait_for_timeout(500)
    page.evaluate("grant()")
    page.wait_for_function("window.stream?.getTracks().every(track => track.readyState === 'ended')")
    page.get_by_role("tab", name="Attributes").click()
    expect(photo.locator("video")).to_be_hidden()
    expect(photo.get_by_role("button", name="Camera")).to_be_enabled()


def with_a_face(page: Page) -> Locator:
    """The fold of a photo, once a face was found in the example."""
    photo = fold(page, "attributes-own-photo")
    with page.expect_response("**/face/faces-cvae"):
        photo.get_by_role("button", name="Example").click()
    expect(photo.locator("[data-part=words]")).to_contain_text("Squared error")
    page.wait_for_timeout(300)  # the eyes are ringed
    return photo


def test_an_example_that_comes_late_leaves_the_photo(page: Page, tmp_path_factory: pytest.TempPathFactory) -> None:
    photo = with_a_face(page)
    path, held = tmp_path_factory.mktemp("photo") / "grey.png", []
    Image.effect_noise((300, 300), 60).save(path)
    page.route("**/astronaut.jpg", lambda route: held.append(route))
    with page.expect_request("**/astronaut.jpg"):
        photo.get_by_role("button", name="Example").click()
    photo.locator("input[type=file]").set_input_files(path)
    expect(photo.locator("[data-part=words]")).to_contain_text("No face was found")
    shown = ink(photo.locator(".vd-photobox canvas"))
    with page.expect_response("**/astronaut.jpg"):
        held[0].continue_()
    page.unroute("**/astronaut.jpg")
    page.wait_for_timeout(500)
    assert ink(photo.locator(".vd-photobox canvas")) == shown


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_a_bad_file_takes_no_face_away(page: Page, content: bytes) -> None:
    photo = with_a_face(page)
    shown = [ink(canvas) for canvas in photo.locator("canvas").all()]
    photo.locator("input[type=file]").set_input_files(
        FilePayload(name="photo.png", mimeType="image/png", buffer=content)
    )
    expect(photo.locator(".vd-photobox .vd-note")).to_contain_text(re.compile("empty|not a picture"))
    assert [ink(canvas) for canvas in photo.locator("canvas").all()] == shown
    expect(photo.get_by_role("button", name="Take it to the sliders")).to_be_enabled()


def test_what_is_drawn_elsewhere_is_no_photo(page: Page) -> None:
    photo = with_a_face(page)
    shown = ink(photo.locator(".vd-photobox canvas"))
    page.get_by_role("tab", name="Sample").click()
    page.locator(".vd-hero .vd-pad canvas").first.click()
    page.wait_for_timeout(500)  # it travels after a tenth of that
    page.get_by_role("tab", name="Attributes").click()
    photo.locator(".vd-photobox").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    assert ink(photo.locator(".vd-photobox canvas")) == shown


def test_where_no_face_is_found_one_clicks_the_eyes(page: Page, tmp_path_factory: pytest.TempPathFactory) -> None:
    photo = fold(page, "attributes-own-photo")
    path = tmp_path_factory.mktemp("photo") / "grey.png"
    Image.effect_noise((300, 300), 60).save(path)
    photo.locator("input[type=file]").set_input_files(path)
    expect(photo.locator("[data-part=words]")).to_contain_text("No face was found")
    box = photo.locator(".vd-photobox canvas")
    with page.expect_response("**/face/faces-cvae?eyes=*") as heard:
        for x in (84, 196):
            box.click(position={"x": x, "y": 112})
    eyes = np.array(parse_qs(urlsplit(heard.value.url).query)["eyes"][0].split(","), float)
    np.testing.assert_allclose(eyes.reshape(2, 2), [[0.3, 0.4], [0.7, 0.4]], atol=0.01)
    expect(photo.locator("[data-part=words]")).to_contain_text("Squared error")


def test_the_slider_that_moves_by_itself_leaves_the_grids_alone(chromium: Browser, server: Server) -> None:
    for page in opened(chromium, server, 1280, 900, "Attributes"):
        page.emulate_media(reduced_motion="no-preference")
        picture = fold(page, "attributes-attribute-sliders").locator("[data-part=picture]")
        picture.scroll_into_view_if_needed()  # it moves only where it is seen
        changed(picture, changed(picture, ""))
        sheet = fold(page, "attributes-many-people").locator(".sheet canvas")
        drawn, now, deadline = "", changed(sheet, ""), time.monotonic() + 20
        while drawn != now or (drawn.endswith("0,0,0,255") and time.monotonic() < deadline):  # picture after picture
            page.wait_for_timeout(700)
            drawn, now = now, ink(sheet)
        assert not drawn.endswith("0,0,0,255")


def test_where_the_sharp_decoder_is_not_here_the_mean_is_drawn(chromium: Browser, server: Server) -> None:
    page = chromium.new_page(reduced_motion="reduce")
    page.route("**/faces-sharp.json", lambda route: route.fulfill(status=503, headers=MARK, body="nowhere"))
    page.goto(f"{server.address}?tab=attributes&{FACE}.face=7")
    page.wait_for_selector("canvas[data-drawn]:visible")
    faces, people = fold(page, "attributes-attribute-sliders"), fold(page, "attributes-many-people")
    said = "faces-sharp is not here."
    picture = faces.locator("[data-part=picture]")
    for one in (faces, people):
        expect(one.locator("[data-part=instead]")).to_have_text(f"{said} {NAME} draws the faces.")
        expect(one.get_by_role("checkbox", name="Smooth")).to_be_checked()
    is_drawn(picture, [[*draw(1, Z, seed=7)[0], *USUAL]], names=(NAME,))
    assert kept(page)["attributes.smooth"] == ["1"]
    page.locator("#fold-attributes-mean-vs-critic button").first.click()
    expect(page.locator("#fold-attributes-mean-vs-critic .vd-trouble")).to_have_text(said)
    faces.get_by_role("checkbox", name="Smooth").click()  # asks again
    expect(faces.get_by_role("checkbox", name="Smooth")).to_be_checked()
    page.unroute("**/faces-sharp.json")
    faces.get_by_role("checkbox", name="Smooth").uncheck()
    is_drawn(picture, [[*draw(1, Z, seed=7)[0], *USUAL]])
    for one in (faces, people):
        expect(one.locator("[data-part=instead]")).to_have_text("")
    page.close()


def test_the_faces_fit_a_phone(chromium: Browser, server: Server) -> None:
    for phone in opened(chromium, server, 390, 844, "Attributes"):
        for name in (
            "attributes-attribute-sliders",
            "attributes-many-people",
            "attributes-mean-vs-critic",
            "attributes-attribute-sweep",
            "attributes-foreground-background",
            "attributes-own-photo",
        ):
            fits_a_phone(fold(phone, name))


def test_a_link_brings_the_face_back(chromium: Browser, server: Server) -> None:
    y = [0.5, *USUAL[1:]]
    query = f"?tab=attributes&{FACE}.face=7&{FACE}.person=3&{FACE}.asked={','.join(map(str, y))}"
    for smooth, name in (("", SHARP), ("&attributes.smooth=1", NAME)):
        for page in opened(chromium, server, 1280, 900, "Attributes", query + smooth):
            is_drawn(
                fold(page, "attributes-attribute-sliders").locator("[data-part=picture]"),
                [[*draw(4, Z, seed=7)[3], *y]],
                names=(name,),
            )
    for page in opened(chromium, server, 1280, 900, "Attributes", f"?{FACE}.face=-3&{FACE}.asked=%3Cscript%3E"):
        is_drawn(
            fold(page, "attributes-attribute-sliders").locator("[data-part=picture]"),
            [[*draw(1, Z, seed=1)[0], *USUAL]],
        )
