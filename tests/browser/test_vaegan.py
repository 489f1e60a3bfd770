"""What the tab VAE vs GAN opens with: one portrait through all models, and the search for the GAN's z."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from folds import CAMERA, WAIT_MS, changed, ink, opened
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Route, expect
from server_thread import Server

from vaedemo.app.server import inference
from vaedemo.app.server.answers import MARK
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
    button(page, "search").click()
    expect(button(page, "stop")).to_be_visible()
    expect(button(page, "stop")).to_be_hidden(timeout=6 * WAIT_MS)
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


def test_a_search_can_be_stopped_and_taken_up(page: Page) -> None:
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


def test_leaving_the_tab_stops_the_search(page: Page) -> None:
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
