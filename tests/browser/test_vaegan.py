"""What the tab VAE vs GAN opens with: one portrait through all models, and the search for the GAN's z."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from folds import CAMERA, WAIT_MS, changed, fits_a_phone, ink, kept, opened
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Route, expect
from server_thread import Server

from vaedemo.app.server import inference
from vaedemo.app.server.answers import MARK
from vaedemo.app.tabs.vaegan import server as served
from vaedemo.app.tabs.vaegan.server import ENCODERS, GAN, MODELS
from vaedemo.vision import face_alignment

NUMBER = re.compile(r"squared error (0\.\d{4})")
READY = "#tab-vaegan [data-figure=faces-vae-gan] .frame:not(.empty)"  # an encoder's answer is drawn


@pytest.fixture(scope="module", autouse=True)
def a_face_is_found() -> Iterator[None]:
    """The eye net has random weights here: in photos 300 wide it finds these eyes, in others nothing."""
    with pytest.MonkeyPatch.context() as patch:
        eyes = np.array([[100.0, 120.0], [190.0, 118.0]])
        patch.setattr(face_alignment, "find_face", lambda image, net: eyes if image.width == 300 else None)
        yield


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server, a_face_is_found: None) -> Iterator[Page]:
    yield from opened(chromium, server, 1280, 900, query="?tab=vaegan", ready=READY, absent="live/(encode|picture)")


def hero(page: Page) -> Locator:
    return page.locator("#tab-vaegan .vd-race")


def part(page: Page, name: str) -> Locator:
    return hero(page).locator(f"[data-part={name}]")


def button(page: Page, name: str) -> Locator:
    return hero(page).locator(f"[data-act={name}]")


def planes(canvas: Locator) -> np.ndarray:
    """What a canvas shows, (3, 64, 64)."""
    return np.array(ink(canvas).split(","), int).reshape(64, 64, 4)[..., :3].transpose(2, 0, 1)


def choose(page: Page, example: str) -> Any:
    """Presses an example's thumbnail, and waits until all encoders have answered; the server's answer."""
    thumb = hero(page).locator(f"[data-example={example}]")
    if thumb.get_attribute("aria-pressed") == "true":  # by a test before: the picture has to change
        choose(page, "average_1" if example != "average_1" else "average_2")
    before = ink(part(page, "x"))
    with page.expect_response("**/vaegan/portrait*") as heard:
        thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "true")
    changed(part(page, "x"), before)
    for name in ENCODERS:
        expect(part(page, f"error-{name}")).to_have_text(NUMBER)
    return heard.value.json()


def found_after(page: Page) -> list[float]:
    """Presses the button that searches, waits for the end; the errors of the starts, as they are written."""
    with page.expect_event("requestfinished", lambda sent: "vaegan/search" in sent.url, timeout=6 * WAIT_MS):
        button(page, "search").click()
    expect(button(page, "stop")).to_be_hidden()
    expect(part(page, f"time-{GAN}")).to_have_text(re.compile(r"\d+ steps, "))
    return [float(text.strip("★")) for text in hero(page).locator(".racers figcaption").all_inner_texts()]


@pytest.fixture
def few_steps(page: Page) -> Iterator[None]:
    """The server searches twelve steps, and the last is told as the two hundredth: the page does the same in less."""

    def answer(route: Route) -> None:
        asked = json.loads(route.request.post_data or "")
        got = route.fetch(post_data=json.dumps(asked | {"steps": 12}))
        lines = [json.loads(line) for line in got.text().splitlines()]
        lines[-1]["step"] = asked["steps"]
        route.fulfill(response=got, body="".join(json.dumps(line) + "\n" for line in lines))

    page.route("**/vaegan/search", answer)
    yield
    page.unroute("**/vaegan/search")


@pytest.fixture
def slow_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search takes ten seconds, so that what happens meanwhile does."""
    found = served.search

    def slowly(*asked: Any) -> Iterator[Any]:
        for now in found(*asked):
            time.sleep(0.05)
            yield now

    monkeypatch.setattr(served, "search", slowly)


def test_every_encoder_answers_in_one_step(page: Page) -> None:
    told = choose(page, "average_2")
    x = planes(part(page, "x"))
    np.testing.assert_array_equal(x.ravel(), np.frombuffer(base64.b64decode(told["x"]), np.uint8))
    for name in ENCODERS:
        wanted = inference.decode(name, np.array(told["codes"][name]["mean"], np.float32))[0].astype(int)
        shown = planes(part(page, name))
        assert np.abs(shown - wanted).max() <= 2
        said = NUMBER.fullmatch(part(page, f"error-{name}").inner_text())
        assert said
        assert float(said[1]) == pytest.approx(np.square((shown - x) / 255).mean(), abs=1e-4)
        expect(part(page, f"time-{name}")).to_have_text(re.compile(r"one step, \d+ ms"))
        expect(part(page, name)).to_have_attribute("aria-label", re.compile("draws of the photo, squared error"))


def test_who_wants_nothing_to_move_starts_the_search(page: Page, few_steps: None) -> None:
    choose(page, "average_1")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "vaegan/search" in request.url else None)
    page.wait_for_timeout(500)
    assert not asked
    expect(part(page, f"error-{GAN}")).to_have_text("No encoder:")
    expect(part(page, f"time-{GAN}")).to_have_text("somebody has to search.")
    expect(button(page, "gif")).to_be_disabled()
    errors = found_after(page)
    assert len(asked) == 1
    assert len(errors) == 4
    said = NUMBER.fullmatch(part(page, f"error-{GAN}").inner_text())
    assert said
    assert float(said[1]) == pytest.approx(min(errors), abs=6e-4)
    expect(part(page, f"time-{GAN}")).to_have_text(re.compile(r"200 steps, \d+\.\d s"))
    expect(part(page, "words")).to_contain_text(re.compile(r"The search took 200 steps.*In one step each: VAE 0\."))


def test_the_leader_is_shown_large_and_marked_by_more_than_color(page: Page, few_steps: None) -> None:
    choose(page, "average_3")
    with page.expect_response("**/vaegan/search") as heard:
        errors = found_after(page)
    last = json.loads(heard.value.text().splitlines()[-1])
    leader = int(np.argmin(last["errors"]))
    figures = hero(page).locator(".racers figure")
    assert [index for index in range(4) if "★" in figures.nth(index).inner_text()] == [leader]
    assert errors == pytest.approx(last["errors"], abs=6e-4)
    wanted = inference.decode(GAN, np.array(last["z"], np.float32)).astype(int)
    changed(part(page, GAN), "")
    page.wait_for_timeout(1_000)  # all five are drawn
    for start in range(4):
        assert np.abs(planes(figures.nth(start).locator("canvas")) - wanted[start]).max() <= 2
    assert np.abs(planes(part(page, GAN)) - wanted[leader]).max() <= 2
    curve = part(page, "curve").locator("svg")
    expect(curve.locator("polyline")).to_have_count(4)
    expect(curve.locator("polyline.leads")).to_have_count(1)
    expect(curve.locator(".level")).not_to_have_count(0)
    expect(curve).to_have_attribute("aria-label", re.compile(rf"start {leader + 1} 0\.\d+, which leads"))


def test_another_search_has_other_starts_and_can_be_undone(page: Page, few_steps: None) -> None:
    choose(page, "average_4")
    assert "vaegan.seed" not in kept(page)
    curve = part(page, "curve").locator("svg")
    found_after(page)
    expect(button(page, "search")).to_have_text("Search again")
    expect(button(page, "undo")).to_be_hidden()
    first = curve.get_attribute("aria-label") or ""
    found_after(page)
    assert curve.get_attribute("aria-label") != first
    assert kept(page)["vaegan.seed"] == ["1"]
    button(page, "undo").click()
    expect(curve).to_have_attribute("aria-label", first)
    expect(button(page, "undo")).to_be_hidden()
    assert "vaegan.seed" not in kept(page)


def test_a_search_can_be_stopped_and_taken_up(page: Page, slow_search: None) -> None:
    choose(page, "author")
    button(page, "search").click()
    expect(part(page, f"time-{GAN}")).to_have_text(re.compile(r"step \d+ of 200"), timeout=2 * WAIT_MS)
    button(page, "stop").click()
    expect(part(page, f"time-{GAN}")).to_have_text(re.compile(r"\d+ steps, "))
    stopped = part(page, f"time-{GAN}").inner_text()
    expect(part(page, "words")).to_contain_text("was stopped after")
    page.wait_for_timeout(1_000)
    assert part(page, f"time-{GAN}").inner_text() == stopped
    expect(hero(page).locator(".vd-trouble")).to_have_text("")
    expect(button(page, "search")).to_have_text("Search")


def test_a_newer_photo_ends_the_search_of_the_one_before(page: Page, slow_search: None) -> None:
    choose(page, "author")
    button(page, "search").click()
    expect(part(page, f"time-{GAN}")).to_have_text(re.compile(r"step \d+ of 200"), timeout=2 * WAIT_MS)
    choose(page, "average_1")
    expect(part(page, f"error-{GAN}")).to_have_text("No encoder:")
    page.wait_for_timeout(1_000)
    expect(part(page, f"error-{GAN}")).to_have_text("No encoder:")
    expect(hero(page).locator(".frame.empty")).to_have_count(1)
    assert kept(page)["vaegan.photo"] == ["average_1"]


def test_leaving_the_tab_stops_the_search(page: Page, slow_search: None) -> None:
    choose(page, "average_2")
    button(page, "search").click()
    expect(part(page, f"time-{GAN}")).to_have_text(re.compile(r"step \d+ of 200"), timeout=2 * WAIT_MS)
    page.get_by_role("tab", name="Attributes", exact=True).click()
    expect(hero(page)).to_be_hidden()
    page.get_by_role("tab", name="VAE vs GAN", exact=True).click()
    expect(part(page, f"time-{GAN}")).to_have_text(re.compile(r"\d+ steps, "))
    expect(button(page, "stop")).to_be_hidden()


def test_a_server_that_goes_away_is_said_in_words(page: Page) -> None:
    choose(page, "average_3")
    line = json.dumps({"step": 0, "z": [[0.0] * 64] * 4, "errors": [0.1, 0.2, 0.3, 0.4]}) + "\n"
    page.route("**/vaegan/search", lambda route: route.fulfill(status=200, headers=MARK, body=line))
    button(page, "search").click()
    trouble = hero(page).locator(".vd-trouble")
    expect(trouble).to_have_text("The server went away in the middle of it.")
    expect(button(page, "search")).to_be_enabled()
    page.unroute("**/vaegan/search")
    choose(page, "average_4")
    expect(trouble).to_have_text("")


def test_a_link_brings_photo_and_seed_back(chromium: Browser, server: Server, slow_search: None) -> None:
    query = "?tab=vaegan&vaegan.photo=average_4&vaegan.seed=5"
    for page in opened(chromium, server, 1280, 900, query=query, ready=READY):
        expect(hero(page).locator("[data-example=average_4]")).to_have_attribute("aria-pressed", "true")
        with page.expect_request("**/vaegan/search") as asked:
            button(page, "search").click()
        body = json.loads(asked.value.post_data or "")
        assert (body["seed"], body["steps"], body["starts"]) == (5, 200, 4)
        x = np.frombuffer(base64.b64decode(body["x"]), np.uint8).reshape(3, 64, 64)
        np.testing.assert_array_equal(x, planes(part(page, "x")))
        button(page, "stop").click()
    for page in opened(chromium, server, 1280, 900, query="?tab=vaegan&vaegan.photo=%3Cscript%3E", ready=READY):
        expect(hero(page).locator("[data-example=astronaut]")).to_have_attribute("aria-pressed", "true")


def noise(path: Path, side: int) -> Path:
    Image.effect_noise((side, side), 60).save(path)
    return path


def test_ones_own_photo_and_eyes_that_are_clicked(page: Page, tmp_path: Path) -> None:
    choose(page, "average_1")
    before = ink(part(page, "x"))
    files = hero(page).locator("input[type=file]")
    files.set_input_files(noise(tmp_path / "found.png", 300))
    changed(part(page, "x"), before)
    expect(hero(page).locator(".vd-thumb[aria-pressed=true]")).to_have_count(0)
    assert "vaegan.photo" not in kept(page)
    trouble = hero(page).locator(".vd-trouble")
    shown = ink(part(page, "x"))
    files.set_input_files(noise(tmp_path / "none.png", 280))
    expect(trouble).to_contain_text("No face was found. Click the two eyes")
    assert ink(part(page, "x")) == shown, "the face before stays"
    box = hero(page).locator(".vd-photobox canvas")
    place = box.bounding_box()
    assert place
    with page.expect_response("**/vaegan/portrait?eyes=*"):
        for x in (0.3, 0.7):
            box.click(position={"x": x * place["width"], "y": 0.4 * place["height"]})
    changed(part(page, "x"), shown)
    expect(trouble).to_have_text("")


def test_a_bad_file_takes_no_face_away(page: Page, tmp_path: Path) -> None:
    choose(page, "average_2")
    before = ink(part(page, "x"))
    (tmp_path / "a.png").write_bytes(b"no picture")
    hero(page).locator("input[type=file]").set_input_files(tmp_path / "a.png")
    expect(hero(page).locator(".vd-photobox .vd-note")).to_contain_text("not a picture")
    assert ink(part(page, "x")) == before
    expect(hero(page).locator("[data-example=average_2]")).to_have_attribute("aria-pressed", "true")


def test_the_camera_gives_a_photo(page: Page) -> None:
    page.evaluate(CAMERA)
    box = hero(page).locator(".vd-photobox")
    box.get_by_role("button", name="Camera").click()
    expect(box.locator("video")).to_be_visible()
    box.get_by_role("button", name="Take it").click()
    expect(box.locator("video")).to_be_hidden()
    expect(hero(page).locator(".vd-trouble")).to_contain_text("No face was found")
    choose(page, "average_3")


def test_what_is_shown_can_be_taken_away(page: Page, few_steps: None) -> None:
    choose(page, "average_4")
    found_after(page)
    for act, kind, size in (("png", "PNG", (5 * 256 + 4 * 32, 256)), ("gif", "GIF", (256, 256))):
        with page.expect_download() as saved:
            button(page, act).click()
        with Image.open(saved.value.path()) as file:
            assert (file.format, file.size) == (kind, size)
            frames = getattr(file, "n_frames", 1)
            assert frames == 1 if act == "png" else 1 < frames <= 24  # of thirteen steps, there and back


def test_the_code_runs(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import vaedemo

    button(page, "code").click()
    code = page.locator("dialog pre").inner_text()
    page.keyboard.press("Escape")
    assert all(f'"{name}"' in code for name in MODELS)
    Image.open(Path(vaedemo.__file__).parent / "web/examples/average_1.jpg").resize((300, 300)).save(
        tmp_path / "photo.jpg"
    )
    monkeypatch.chdir(tmp_path)
    exec(compile(code.replace("steps=200", "steps=3"), "code", "exec"), {})


def test_a_model_that_is_not_here_is_said_in_its_place(chromium: Browser, server: Server) -> None:
    page = chromium.new_page(reduced_motion="reduce")
    page.set_default_timeout(WAIT_MS)
    for name in ("faces-vae-dis", GAN):
        page.route(f"**/{name}.json", lambda route: route.fulfill(status=503, headers=MARK, body="nowhere"))
    page.goto(f"{server.address}?tab=vaegan")
    page.wait_for_selector(READY)
    for name in ("faces-vae-dis", GAN):
        expect(part(page, f"absent-{name}")).to_have_text(f"{name} is not here.")
    expect(part(page, "error-faces-vae")).to_have_text(NUMBER)
    button(page, "search").click()
    expect(part(page, f"absent-{GAN}")).to_have_text(f"{GAN} is not here.")
    expect(button(page, "search")).to_be_visible()
    page.close()


def test_where_things_may_move_the_search_begins_by_itself(chromium: Browser, server: Server) -> None:
    page = chromium.new_page()
    page.set_default_timeout(WAIT_MS)
    with page.expect_request("**/vaegan/search", timeout=3 * WAIT_MS):
        page.goto(f"{server.address}?tab=vaegan")
    expect(part(page, f"time-{GAN}")).to_have_text(re.compile(r"step \d+ of 200|200 steps"), timeout=3 * WAIT_MS)
    page.close()


def test_the_first_paint_has_the_portrait(server: Server) -> None:
    from urllib.request import urlopen

    with urlopen(server.address) as answer:
        text: Any = answer.read().decode()
    assert "vaedemo/web/examples/astronaut.jpg" in text
    assert "VAE with Dis_l" in text


def test_the_tab_fits_a_phone(chromium: Browser, server: Server) -> None:
    for phone in opened(chromium, server, 390, 844, query="?tab=vaegan", ready=READY):
        fits_a_phone(hero(phone))
        boxes = [part(phone, name).bounding_box() for name in ("x", "faces-vae", "faces-vae-dis")]
        assert all(boxes)
        left, right, below = (box or {} for box in boxes)
        assert left["y"] == right["y"] < below["y"]
        assert left["x"] == below["x"] < right["x"]
        for control in hero(phone).locator("button:visible").all():
            box = control.bounding_box()
            assert box
            assert box["height"] >= 31.5
