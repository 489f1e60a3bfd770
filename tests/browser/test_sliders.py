"""The Sliders tab: two models under one hand, film strips, a picture of one's own."""

from __future__ import annotations

import math
import re
import shutil
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from folds import changed, choose, drag, fits_a_phone, ink, kept, opened
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from safetensors import safe_open
from safetensors.numpy import save_file
from server_thread import Server
from small_models import alone
from starlette.types import ASGIApp

from vaedemo.app import create_app
from vaedemo.app.server.answers import MARK

NUMBER = re.compile(r"^\d+\.\d$")
BLANK = "encode"  # what random weights draw may be blank to the encoder beside them, which the console says
PICTURES = ".vd-pull .stage canvas:visible"


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    for page in opened(chromium, server, 1280, 900, "Sliders", absent=BLANK):
        drawn(page)
        yield page


@pytest.fixture(scope="module")
def phone(chromium: Browser, server: Server) -> Iterator[Page]:
    for page in opened(chromium, server, 390, 844, "Sliders", absent=BLANK):
        drawn(page)
        yield page


def drawn(page: Page) -> None:
    page.wait_for_selector(".vd-pull canvas[data-drawn]")


def shows(page: Page, kind: str) -> Locator:
    """The pictures of a kind of models, drawn."""
    button = page.get_by_role("button", name=kind, exact=True)
    if button.get_attribute("aria-pressed") != "true":
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
    pictures = page.locator(PICTURES)
    for picture in pictures.all():
        changed(picture, "")
    return pictures


def rows(page: Page) -> Locator:
    return page.locator(".vd-pull .vd-slider")


def values(page: Page) -> list[str]:
    return page.locator(".vd-pull output").all_inner_texts()


def codes(page: Page) -> list[float]:
    """Both models' z, as the address has them once the hand has rested."""
    return [float(value) for value in kept(page)["sliders.z"][0].split(",")]


def test_a_slider_moves_both_pictures_and_the_address(page: Page) -> None:
    pictures = shows(page, "Sprites")
    expect(pictures).to_have_count(2)
    page.get_by_role("button", name="All to 0").click()
    expect(page.locator(".vd-pull output").first).to_have_text("0.00")
    before = [ink(picture) for picture in pictures.all()]
    drag(rows(page).first.locator("input"), (0.5, 0.5), (0.9, 0.5))
    for picture, was in zip(pictures.all(), before, strict=True):
        changed(picture, was)
    value = float(values(page)[0])
    assert value > 1
    left, right = codes(page)[:10], codes(page)[10:]
    for z in (left, right):
        assert sorted(z, key=abs)[-2:] == [0, value], "one latent of each, by as much"
    expect(page.locator(".vd-pull .words")).to_contain_text("this slider turns")
    rows(page).first.locator("[data-act=reset]").click()
    assert codes(page) == [0] * 20


def test_a_lock_holds_and_undo_brings_back(page: Page) -> None:
    shows(page, "Sprites")
    randomize = page.locator(".vd-pull [data-act=random]")
    undo = page.locator(".vd-pull [data-act=undo]")
    randomize.click()
    before = values(page)
    rows(page).nth(2).locator("[data-act=lock]").click()
    randomize.click()
    after = values(page)
    assert after[2] == before[2]
    assert sum(a != b for a, b in zip(after, before, strict=True)) >= 7, "two draws may round to the same"
    undo.click()
    assert values(page) == before
    expect(undo).to_be_disabled()
    page.locator(".vd-pull [data-act=zero]").click()
    assert [value == "0.00" for value in values(page)] == [i != 2 for i in range(10)]
    rows(page).nth(2).locator("[data-act=lock]").click()
    page.get_by_label("Start from").last.select_option("a heart")
    expect(page.locator(".vd-pull output").first).not_to_have_text("0.00")


def test_keys_move_a_slider_by_steps_to_see(page: Page) -> None:
    shows(page, "Sprites")
    page.locator(".vd-pull [data-act=zero]").click()
    rows(page).nth(1).locator("input").press("ArrowRight")
    rows(page).nth(1).locator("input").press("Shift+ArrowRight")
    assert float(values(page)[1]) == pytest.approx(0.305, abs=0.01), "0.12 of the prior's mass above its median"


def test_things_come_in_color_and_go_as_they_came(page: Page) -> None:
    pictures = shows(page, "Turntable")
    assert [picture.get_attribute("class") for picture in pictures.all()] == ["vd-photo"] * 2, "never inverted"
    pixels = ink(pictures.first).split(",")
    assert any(pixels[i] != pixels[i + 1] for i in range(0, len(pixels), 4))
    assert [name.split(",")[0] for name in rows(page).locator(".name").all_inner_texts()][:3] == [
        "angle 1",
        "angle 2",
        "identity 1",
    ]
    with page.expect_download() as saved:
        page.locator(".vd-pull [data-act=gif]").click()
    with Image.open(saved.value.path()) as gif:
        assert (gif.format, getattr(gif, "n_frames", 1), gif.size) == ("GIF", 46, (544, 256))
    pictures = shows(page, "Lighting")
    expect(pictures).to_have_count(1)
    expect(rows(page).first.locator(".name")).to_contain_text("light azimuth")
    shows(page, "Digits")
    assert len(codes(page)) == 32


def test_any_two_sprites_models(page: Page) -> None:
    shows(page, "Sprites")
    page.get_by_label("Model at the right").select_option("FactorVAE")
    expect(page.locator(".vd-pull [data-part=badge1]")).to_contain_text("sprites-factor")
    page.get_by_label("Model at the left").select_option("FactorVAE")
    expect(page.locator(".vd-pull [data-part=badge0]")).to_contain_text("sprites-factor")
    expect(page.locator(".vd-pull [data-part=badge1]")).to_contain_text("sprites:")
    shows(page, "Turntable")


def test_a_frame_of_a_strip_is_where_the_hand_goes(page: Page) -> None:
    shows(page, "Sprites")
    page.locator(".vd-pull [data-act=zero]").click()
    fold = page.locator("#fold-sliders-traversals")
    if not fold.locator(".vd-section").is_visible():
        fold.locator("button").first.click()
    strips = fold.locator("canvas")
    expect(strips).to_have_count(20)
    strips.first.scroll_into_view_if_needed()
    fold.locator(".vd-strips[data-drawn]").wait_for()
    strip = strips.nth(2 * 3 + 1)  # the right model's, of the fourth slider
    strip.scroll_into_view_if_needed()
    box = strip.bounding_box()
    assert box
    strip.click(position={"x": box["width"] * 8.5 / 9, "y": box["height"] / 2})
    expect(page.locator(".vd-pull output").nth(3)).to_have_text("2.05")
    expect(strip).to_have_attribute("aria-valuenow", "9")
    strip.press("ArrowLeft")
    expect(page.locator(".vd-pull output").nth(3)).to_have_text("1.08")
    assert sorted(codes(page), key=abs)[-3:] == [0, 1.08, 1.08]
    for act, kind in (("png", "PNG"), ("gif", "GIF")):
        with page.expect_download() as saved:
            fold.locator(f"[data-act={act}]").click()
        with Image.open(saved.value.path()) as file:
            assert file.format == kind


def test_a_link_restores_both_models(page: Page, chromium: Browser, server: Server) -> None:
    shows(page, "Sprites")
    page.get_by_label("Model at the right").select_option("beta-VAE")
    expect(page.locator(".vd-pull [data-part=badge1]")).to_contain_text("sprites-beta")
    page.locator(".vd-pull [data-act=random]").click()
    drag(rows(page).first.locator("input"), (0.5, 0.5), (0.2, 0.5))  # a slider's value has more digits than the link
    there = codes(page)
    for other in opened(chromium, server, 1280, 900, query="/?" + urlsplit(page.url).query):  # at the tab as well
        drawn(other)
        expect(other.get_by_label("Model at the right")).to_have_value("sprites-beta")
        assert [float(value.replace("−", "-")) for value in values(other)] == pytest.approx(
            [float(value.replace("−", "-")) for value in values(page)], abs=0.006
        )
        drag(rows(other).nth(9).locator("input"), (0.5, 0.5), (0.51, 0.5))
        moved = codes(other)
        assert sum(abs(a - b) > 0.011 for a, b in zip(moved, there, strict=True)) == 2


def test_a_slider_is_as_wide_as_the_codes(
    chromium: Browser,
    serve: Callable[[ASGIApp], Server],
    small_models: Path,
    tmp_path: Path,
) -> None:
    """A latent whose codes spread eight times as wide as the prior is pulled through all of them; another is not."""
    runs = tmp_path / "runs"
    shutil.copytree(small_models, runs)
    file = runs / "lighting" / "bundle" / "latents.safetensors"
    with safe_open(file, "numpy") as tensors:
        known = {key: tensors.get_tensor(key) for key in tensors.keys()}  # noqa: SIM118
        names = tensors.metadata()
    known["std"][:] = 1
    known["std"][0] = 8
    save_file(known, file, names)
    with alone(runs):
        for page in opened(chromium, serve(create_app()), 1280, 900, "Sliders", absent=BLANK):
            shows(page, "Lighting")
            for row, farthest in ((0, 24.7), (1, 3.09)):
                drag(rows(page).nth(row).locator("input"), (0.5, 0.5), (1, 0.5))
                assert float(values(page)[row]) == pytest.approx(farthest, rel=0.01)


def test_a_kind_whose_second_model_is_nowhere_shows_the_first_alone(
    chromium: Browser, serve: Callable[[ASGIApp], Server], small_models: Path, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    shutil.copytree(small_models, runs, ignore=shutil.ignore_patterns("turntable-vae"))
    with alone(runs):
        for page in opened(chromium, serve(create_app()), 1280, 900, "Sliders", absent=f"{BLANK}|turntable-vae"):
            page.get_by_role("button", name="Turntable", exact=True).click()
            expect(page.locator(".vd-pull [data-part=badge0]")).to_contain_text("turntable:")
            assert shows(page, "Turntable").count() == 1
            expect(page.locator(".vd-pull .vd-trouble")).to_contain_text("turntable-vae is not here. Choose another.")
            assert kept(page)["sliders.models"] == ["turntable"]


def test_what_a_link_cannot_mean_is_no_harm(chromium: Browser, server: Server) -> None:
    for page in opened(chromium, server, 1280, 900, "Sliders", "/?sliders.models=<script>&sliders.z=1,NaN", BLANK):
        drawn(page)
        expect(page.locator(PICTURES)).to_have_count(2)
        expect(page.get_by_label("Model at the left")).to_have_value("sprites")


def test_a_drawn_shape_sets_the_sliders(page: Page) -> None:
    shows(page, "Sprites")
    page.locator(".vd-pull [data-act=zero]").click()
    fold = page.locator("#fold-sliders-encode-own-picture")
    fold.locator("button").first.click()
    circle = [(0.7 + 0.2 * math.cos(t * math.pi / 8), 0.35 + 0.2 * math.sin(t * math.pi / 8)) for t in range(17)]
    drag(fold.locator(".vd-pad:visible canvas"), *circle)
    expect(fold.locator("[data-term=distortion] td").first).to_have_text(NUMBER)
    seen = fold.locator("[data-part=x]")

    def box() -> list[int]:
        return seen.evaluate(
            """canvas => {
                const {data} = canvas.getContext('2d').getImageData(0, 0, 64, 64), places = [];
                for (let i = 0; i < 64 * 64; i++) if (data[4 * i] > 127) places.push([i % 64, Math.floor(i / 64)]);
                return [0, 1].flatMap(axis => [Math.min, Math.max].map(most => most(...places.map(at => at[axis]))));
            }"""
        )

    wanted, deadline = pytest.approx([32, 57, 10, 35], abs=3), time.monotonic() + 20
    while box() != wanted and time.monotonic() < deadline:  # stroke after stroke
        page.wait_for_timeout(100)
    page.wait_for_timeout(800)  # the last stroke's answer
    assert box() == wanted, "filled, and where it was drawn"
    assert any(value != "0.00" for value in values(page))
    expect(page.locator(".vd-pull .cost").first).to_contain_text("Your picture's distortion")
    for block in fold.locator("section").all():
        cost, rate, elbo = (
            float(term.replace("−", "-")) for term in block.locator("tbody td:nth-child(2)").all_inner_texts()
        )
        assert cost > 0
        assert elbo == pytest.approx(-cost - rate, abs=0.15)
        pulled = block.locator("tbody td:nth-child(3)").all_inner_texts()
        assert pulled == block.locator("tbody td:nth-child(2)").all_inner_texts(), "nothing was pulled yet"
    drag(rows(page).first.locator("input"), (0.5, 0.5), (0.95, 0.5))
    expect(page.locator(".vd-pull .cost").first).to_contain_text("→")


def test_an_uploaded_thing_is_encoded_in_color(page: Page) -> None:
    shows(page, "Turntable")
    fold = page.locator("#fold-sliders-encode-own-picture")
    if not fold.locator(".vd-section").is_visible():
        fold.locator("button").first.click()
    photo = BytesIO()
    Image.new("RGB", (120, 80), (200, 40, 10)).save(photo, "JPEG")
    fold.locator(".vd-pad:visible").scroll_into_view_if_needed()
    fold.locator(".vd-pad:not([hidden]) input[type=file]").set_input_files(
        {"name": "thing.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    )
    seen = fold.locator("[data-part=x]")
    page.wait_for_function(
        """() => {
            const canvas = document.querySelector('#fold-sliders-encode-own-picture [data-part=x]');
            const [red, green] = canvas.getContext('2d').getImageData(32, 32, 1, 1).data;
            return red > 190 && green < 60;
        }"""
    )
    assert seen.get_attribute("class") == "vd-photo"
    expect(fold.locator("[data-part=hint]")).to_contain_text("black")


def test_a_model_that_is_not_here_is_said_and_others_work(chromium: Browser, server: Server) -> None:
    page = chromium.new_page(reduced_motion="reduce")
    nowhere = "no source has the model 'sprites-vae':\nweights/sprites-vae: not there"
    page.route("**/models/sprites-vae.json", lambda route: route.fulfill(status=503, headers=MARK, body=nowhere))
    page.goto(server.address)
    page.wait_for_selector("canvas[data-drawn]")
    choose(page, "Sliders")
    trouble = page.locator(".vd-pull .vd-trouble")
    expect(trouble).to_contain_text("sprites-vae is not here. Choose another.")
    shows(page, "Digits")
    expect(trouble).to_be_empty()
    page.get_by_role("button", name="Sprites", exact=True).click()
    expect(trouble).to_contain_text("sprites-vae is not here. Choose another.")
    expect(page.get_by_role("button", name="Sprites", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(PICTURES)).to_have_count(1)
    page.close()


def test_a_slider_wanders_until_the_hand_comes(chromium: Browser, server: Server) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{server.address}/?sliders.models=digits")
    page.wait_for_selector("canvas[data-drawn]")
    choose(page, "Sliders")
    drawn(page)
    still = values(page)
    expect(page.locator(".vd-pull .words")).to_have_text(re.compile("."))
    page.wait_for_timeout(500)
    wandered = values(page)
    assert sum(a != b for a, b in zip(wandered, still, strict=True)) == 1
    assert "sliders.z" not in page.url
    page.locator(".vd-pull [data-act=zero]").click()
    page.wait_for_timeout(300)
    assert set(values(page)) == {"0.00"}
    page.close()


def test_nothing_is_wider_than_a_phone(phone: Page) -> None:
    fits_a_phone(phone.locator("#tab-sliders"))
    for control in phone.locator(".vd-pull button:visible, .vd-pull input:visible, .vd-pull select:visible").all():
        box = control.bounding_box()
        assert box
        assert box["height"] >= 31.5, control.evaluate("control => control.outerHTML.slice(0, 80)")
    for name in ("sliders-traversals", "sliders-encode-own-picture"):
        phone.locator(f"#fold-{name} button").first.click()
        expect(phone.locator(f"#fold-{name} canvas:visible").first).to_be_visible()
        fits_a_phone(phone.locator(f"#fold-{name}"))
