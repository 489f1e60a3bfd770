"""The Colorization tab: eight colorings of a photo, a wipe, a hint, and folds that share one photo."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from folds import drag, fits_a_phone, kept, opened
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Route, expect
from server_thread import Server
from small_models import alone
from starlette.types import ASGIApp

from vaedemo import colorize, zoo
from vaedemo.app import create_app, widgets
from vaedemo.models.color_fields import HINT
from vaedemo.vision import cielab

NAME = "colorization"
SHOWN = 640
EXAMPLES = widgets.PACKAGE / "web/examples"
FOLDS = (
    "colorization-diversity",
    "colorization-interpolation",
    "colorization-color-hint",
    "colorization-one-object",
    "colorization-loss-terms",
    "colorization-methods",
)
TROUBLE = ".vd-colors .vd-shelf .vd-trouble:not(:empty)"


@pytest.fixture(scope="module")
def server(serve: Callable[[ASGIApp], Server], small_models: Path) -> Iterator[Server]:
    """Random weights as they come paint one color for all z: here they are large, so that answers differ."""
    with alone(small_models):
        torch.manual_seed(3)
        for name in (NAME, "colorization-cvae", "colorization-no-mah", "colorization-no-grad", "colorization-l2"):
            model: Any = zoo.loaded(name)
            model.brush.last.weight.data.normal_(0, 0.15)
        yield serve(create_app())


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    for page in opened(chromium, server, 1280, 900, "Colorization", absent="live/photo"):
        is_colored(page)
        yield page


@cache
def photo(name: str) -> colorize.Photo:
    return colorize.photo((EXAMPLES / f"{name}.jpg").read_bytes(), SHOWN)


@cache
def eight(name: str) -> colorize.Answers:
    return colorize.answers(NAME, photo(name).grey, 8, 0)


def painted(name: str, field: NDArray) -> NDArray:
    """(H, W, 3), an example in the colors of a field's bytes, as Python paints it."""
    light = (photo(name).light * 255).round() / 255
    return cielab.colored(torch.from_numpy(field[None] / 127.5 - 1).float(), light).numpy()


def shown(canvas: Locator) -> NDArray:
    """(H, W, 3), what is on the canvas."""
    with Image.open(BytesIO(base64.b64decode(png(canvas)))) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def png(canvas: Locator) -> str:
    return canvas.evaluate("canvas => canvas.toDataURL().split(',')[1]")


def shows(canvas: Locator, wanted: NDArray, most: int = 2) -> None:
    """Waits until the canvas shows this, at most `most` of 255 apart."""
    end, apart = time.monotonic() + 10, 256
    while time.monotonic() < end:
        pixels = shown(canvas)
        apart = np.abs(pixels - wanted.astype(int)).max() if pixels.shape == wanted.shape else 256
        if apart <= most:
            return
        canvas.page.wait_for_timeout(50)
    raise AssertionError(f"{apart}/255 apart")


def is_colored(page: Page) -> Locator:
    """The eight boxes, once there are colorings in all of them."""
    boxes = page.locator(".vd-colors .eight button")
    expect(boxes.and_(page.locator(":enabled"))).to_have_count(8)
    return boxes


def take(page: Page, name: str) -> None:
    """Chooses an example, unless it is there already, and waits for its colorings."""
    thumb = page.locator(f"[data-example={name}]")
    if thumb.get_attribute("aria-pressed") != "true":
        thumb.click()
        expect(thumb).to_have_attribute("aria-pressed", "true")
    is_colored(page)


def fold(page: Page, name: str) -> Locator:
    """The fold, open, and done with the photo in view."""
    section = page.locator(f"#fold-{name}")
    if not section.locator(".vd-section").is_visible():
        section.locator("button").first.click()
    section.locator(".vd-section > *").last.scroll_into_view_if_needed()
    expect(section.locator("[aria-busy]")).to_have_count(0)
    return section


def percent(weight: float) -> str:
    return "<1 %" if 0 < weight < 0.005 else f"{int(100 * weight + 0.5)} %"


@pytest.mark.parametrize(("height", "width"), [(57, 43), (20, 200)])
def test_colors_in_the_browser_are_pythons(page: Page, height: int, width: int) -> None:
    dice = np.random.default_rng(height)
    light = (dice.random((height, width)) * 40 + np.linspace(0, 215, width)).astype(np.uint8)
    field = np.clip(dice.normal(128, 40, (2, 32, 32)), 0, 255).astype(np.uint8)
    pixels = page.evaluate(
        """async ([light, width, height, field]) => {
            const {Coloring, fieldOf} = await import('/vaedemo/app/tabs/colorization/lib/color-field-painter.mjs');
            const canvas = document.createElement('canvas');
            new Coloring({light: Uint8Array.from(light), width, height}).paint(canvas, fieldOf(Uint8Array.from(field)));
            return [...canvas.getContext('2d').getImageData(0, 0, width, height).data];
        }""",
        [light.ravel().tolist(), width, height, field.ravel().tolist()],
    )
    wanted = cielab.colored(
        torch.from_numpy(field[None] / np.float32(127.5) - 1), torch.from_numpy(light / 255)[None, None].float()
    )
    drawn = np.array(pixels).reshape(height, width, 4)[..., :3]
    assert np.abs(drawn - wanted.numpy().astype(int)).max() <= 2
    assert np.ptp(drawn, axis=2).max() > 50, "there are colors"


def test_a_dabs_color_is_pythons(page: Page) -> None:
    rgb = [[208, 49, 45], [12, 200, 190], [3, 3, 5]]
    told = page.evaluate(
        """async rgb => {
            const {abOf} = await import("/vaedemo/app/tabs/colorization/lib/cielab.mjs");
            return rgb.map(abOf);
        }""",
        rgb,
    )
    _, ab = cielab.from_rgb(torch.tensor(rgb).view(3, 3, 1, 1) / 255)
    np.testing.assert_allclose(told, ab[:, :, 0, 0], atol=2e-3)


def test_the_photo_is_there_before_any_model_is_asked(chromium: Browser, server: Server) -> None:
    for page in opened(chromium, server, 1280, 900):
        page.route("**/live/photo", lambda route: None)  # never answered
        page.get_by_role("tab", name="Colorization").click()
        first = page.get_by_alt_text("The grey photo: a sports car")
        expect(first).to_be_visible()
        assert first.evaluate("img => img.decode().then(() => [img.naturalWidth, getComputedStyle(img).filter])") == [
            512,
            "grayscale(1)",
        ]
        expect(page.locator(TROUBLE)).to_have_text("Coloring the photo …")


def test_eight_colorings_one_large_and_a_wipe(page: Page) -> None:
    take(page, "car")
    answers = eight("car")
    assert answers.weights is not None
    np.testing.assert_allclose(answers.weights.sum(), 1, rtol=1e-5)
    boxes = is_colored(page)
    assert boxes.locator("span").all_text_contents() == [percent(weight) for weight in answers.weights]
    assert len({png(canvas) for canvas in boxes.locator("canvas").all()}) == 8
    over, under = page.locator(".vd-wipe .over"), page.locator(".vd-wipe .under")
    shows(over, painted("car", np.full((2, 32, 32), 127.5)), 1)
    boxes.nth(2).click()
    expect(boxes.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".vd-colors figcaption")).to_contain_text(f"Coloring 3, weight {percent(answers.weights[2])}")
    shows(under, painted("car", answers.fields[2]))
    divider = page.get_by_role("slider", name="Divider between the two pictures")
    drag(page.locator(".vd-wipe"), (0.5, 0.6), (0.25, 0.3))
    expect(divider).to_have_attribute("aria-valuenow", "25")
    divider.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuenow", "30")
    with page.expect_download() as saved:
        page.locator(".vd-colors [data-act=png]").click()
    with Image.open(saved.value.path()) as file:
        pixels = np.asarray(file.convert("RGB")).astype(int)
    left, right = pixels[:, : int(0.29 * 512)], pixels[:, int(0.31 * 512) :]
    assert np.ptp(left, axis=2).max() <= 2
    assert np.abs(right - painted("car", answers.fields[2])[:, int(0.31 * 512) :]).max() <= 2
    boxes.nth(2).click()
    expect(divider).to_be_hidden()


def test_true_colors_are_revealed_and_the_photo_comes_in_its_full_size(page: Page, tmp_path: Path) -> None:
    take(page, "coffee")
    true = photo("coffee").field
    assert true is not None
    reveal = page.get_by_role("button", name="Reveal true colors")
    reveal.click()
    shows(page.locator(".vd-wipe .over"), painted("coffee", true))
    reveal.click()
    with Image.open(EXAMPLES / "coffee.jpg") as file:
        file.resize((1024, 682)).save(tmp_path / "large.jpg")
    page.locator(".vd-shelf input[type=file]").set_input_files(tmp_path / "large.jpg")
    expect(page.locator("[data-example=coffee]")).to_have_attribute("aria-pressed", "false")
    is_colored(page).first.click()
    with page.expect_download() as saved:
        page.locator(".vd-colors [data-act=jpeg]").click()
    with Image.open(saved.value.path()) as file:
        assert (file.format, file.size) == ("JPEG", (1024, 682))
        assert np.ptp(np.asarray(file).astype(int), axis=2).max() > 20


def test_the_true_colors_stand_beside_the_nearest_of_eight(page: Page) -> None:
    take(page, "balloon")
    true, answers = photo("balloon").field, eight("balloon")
    assert true is not None
    away = np.hypot(*np.moveaxis((answers.fields - true.astype(float)) / 127.5, 1, 0)).mean((1, 2))
    best = int(away.argmin())
    reveal = page.get_by_role("button", name="Reveal true colors")
    reveal.click()
    expect(is_colored(page).nth(best)).to_have_attribute("aria-pressed", "true")
    shows(page.locator(".vd-wipe .under"), painted("balloon", answers.fields[best]))
    shows(page.locator(".vd-wipe .over"), painted("balloon", true))
    words = page.locator(".vd-colors [data-part=words]")
    expect(words).to_contain_text(f"the nearest of the eight to the true colors, {128 * away[best]:.1f} of ab off")
    other = (best + 1) % 8
    is_colored(page).nth(other).click()
    expect(words).to_contain_text(f"{128 * away[other]:.1f} of ab off")
    expect(words).not_to_contain_text("nearest")
    reveal.click()
    expect(words).to_contain_text("left of it the grey photo")


def test_tints_too(page: Page) -> None:
    take(page, "car")
    switch = page.get_by_label("Tints too")
    expect(switch).to_be_visible()
    expect(switch).not_to_be_checked()
    for tints in (True, False):
        switch.set_checked(tints)
        expect(page.locator(".vd-colors [aria-busy=true]")).to_have_count(0)
        is_colored(page).first.click()
        wanted = colorize.answers(NAME, photo("car").grey, 8, 0, tints)
        shows(page.locator(".vd-wipe .under"), painted("car", wanted.fields[0]))
        assert kept(page).get("colorization.tints") == (["1"] if tints else None)
        is_colored(page).first.click()


def test_a_thing_runs_through_its_colors(page: Page) -> None:
    take(page, "car")
    thing = fold(page, "colorization-one-object")
    box = thing.locator(".vd-dabs").bounding_box()
    assert box
    words = thing.locator("[data-part=words]")
    expect(words).to_contain_text("1 of 32")
    thing.locator(".vd-dabs").click(position={"x": 20.5 / 32 * box["width"], "y": 17.5 / 32 * box["height"]})
    found = colorize.one_object(NAME, photo("car").grey, 17, 20, 32, 0)
    canvas = thing.locator(".vd-dabs canvas")
    shows(canvas, painted("car", found.fields[0]))
    thing.get_by_role("slider").fill("20")
    expect(words).to_contain_text("20 of 32")
    shows(canvas, painted("car", found.fields[19]))
    shares = [float(bar.get_attribute("data-share") or "nan") for bar in thing.locator("[data-share]").all()]
    ab = found.colors / 127.5 - 1
    vivid = ab[np.hypot(*ab.T) >= 5 / 128]
    hues = np.arctan2(vivid[:, 1], vivid[:, 0]) % (2 * np.pi)
    np.testing.assert_allclose(shares, np.histogram(hues, 36, (0, 2 * np.pi))[0] / len(ab), atol=6e-3)
    assert kept(page)["colorization.one-object.which"] == ["20"]


def test_a_hint_weighs_the_draws(page: Page) -> None:
    take(page, "car")
    hint, answers = fold(page, "colorization-color-hint"), eight("car")
    draws = colorize.draws(NAME, photo("car").grey, 512, 0)
    fields, answer = colorize.as_bytes(draws.fields) / np.float32(127.5) - 1, draws.answer.numpy()

    def wanted(dabs: list[tuple[int, int, NDArray]]) -> NDArray:
        away = sum(((fields[:, :, row, column] - ab) ** 2).sum(1) for row, column, ab in dabs)
        weights = np.exp(-away / (2 * HINT**2)) if dabs else np.ones(512)
        return weights / weights.sum()

    def weighs(each: NDArray) -> None:
        sums = np.bincount(answer, each, 8)
        page.wait_for_function(  # all at once: the hand's last move may still be on its way to some
            """sums => [...document.querySelectorAll('#fold-colorization-color-hint [data-answer]')]
                .every((box, k) => Math.abs(Number(box.dataset.weight) - sums[k]) < 2e-3)""",
            arg=sums.tolist(),
        )
        boxes = hint.locator("[data-answer]")
        expect(boxes).to_have_count(8)
        expect(boxes.nth(int(sums.argmax()))).to_have_class(re.compile("heaviest"))
        best = answer == sums.argmax()
        mean = (each[best, None, None, None] * fields[best]).sum(0) / each[best].sum()
        shows(hint.locator(".vd-dabs canvas"), painted("car", 127.5 * (mean + 1)), 3)

    weighs(wanted([]))
    place = hint.locator(".vd-dabs")
    box = place.bounding_box()
    assert box
    # Where the draws differ most, the color of a component that is not the likeliest.
    row, column = divmod(int(fields.var(0).sum(0).argmax()), 32)
    ab = answers.fields[4][:, row, column] / 127.5 - 1
    red, green, blue = cielab.to_rgb(
        torch.full((1, 1, 1, 1), 0.6), torch.tensor(ab, dtype=torch.float32).view(1, 2, 1, 1)
    ).flatten()
    color = "#" + "".join(f"{round(float(part) * 255):02x}" for part in (red, green, blue))
    hint.get_by_label("Any color").fill(color)
    told = (
        cielab.from_rgb(torch.tensor([int(color[i : i + 2], 16) for i in (1, 3, 5)]).view(1, 3, 1, 1) / 255)[1]
        .flatten()
        .numpy()
    )
    place.click(position={"x": (column + 0.5) / 32 * box["width"], "y": (row + 0.5) / 32 * box["height"]})
    one = wanted([(row, column, told)])
    assert np.abs(np.bincount(answer, one, 8) - np.bincount(answer, wanted([]), 8)).max() > 0.05
    weighs(one)
    effective = 1 / (one**2).sum()
    expect(hint.locator("[data-part=words]")).to_contain_text(
        f"as much as {effective:.1f} of 512" if effective < 10 else f"as much as {effective:.0f} of 512"
    )
    seen = [
        float(value)
        for value in hint.locator("[data-answer]").evaluate_all(
            "all => all.map(box => box.style.getPropertyValue('--seen'))"
        )
    ]
    likelihood = np.array([one[answer == k].mean() for k in range(8)])
    np.testing.assert_allclose(seen, 0.15 + 0.85 * likelihood / likelihood.max(), atol=0.01)
    assert len(kept(page)["colorization.color-hint.hints"][0].split(",")) == 4
    place.press("ArrowRight")
    hint.get_by_label("Any color").fill("#0000ff")
    place.press("Enter")
    expect(hint.locator("[data-part=words]")).to_have_text("None of the 512 agrees well; the nearest are shown.")
    hint.get_by_role("button", name="Undo").click()
    weighs(one)
    hint.get_by_role("button", name="Without hints").click()
    weighs(wanted([]))
    assert "colorization.color-hint.hints" not in kept(page)


def test_z_slides_between_two_and_is_decoded_once(page: Page) -> None:
    take(page, "car")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/recolor/" in request.url else None)
    slide, answers = fold(page, "colorization-interpolation"), eight("car")
    slide.locator("[data-end=from]").select_option(index=1)
    slide.locator("[data-end=to]").select_option(index=6)
    slider, picture = slide.get_by_role("slider"), slide.locator("[data-part=picture]")
    assert answers.z is not None
    a, b = answers.z[[1, 6]].astype(float)
    way = np.array([a + (b - a) * i / 32 for i in range(33)])
    shows(picture, painted("car", colorize.recolored(NAME, photo("car").grey, way.astype(np.float32))[16]))
    before = len(asked)
    for value, field in (("0", answers.fields[1]), ("1", answers.fields[6])):
        slider.fill(value)
        shows(picture, painted("car", field))
    assert len(asked) == before
    with page.expect_download() as saved:
        slide.locator("[data-act=gif]").click()
    with Image.open(saved.value.path()) as file:
        assert (file.format, getattr(file, "n_frames", 1), file.width == file.height) == ("GIF", 32, True)
        assert file.width > 300


def test_what_the_folds_say_of_the_eight(page: Page) -> None:
    take(page, "coffee")
    answers, true = eight("coffee"), photo("coffee").field
    assert true is not None
    assert answers.weights is not None
    fields, truth = answers.fields / 127.5 - 1, true / 127.5 - 1

    def chroma(field: NDArray) -> float:
        return float(128 * np.hypot(field[..., 0, :, :], field[..., 1, :, :]).mean())

    disagree = fold(page, "colorization-diversity")
    mean = np.average(fields, axis=0, weights=answers.weights)
    words = disagree.locator("[data-words=mean]")
    for value in (chroma(mean), chroma(fields)):
        expect(words).to_contain_text(
            f"is {value:.1f} ({value / chroma(truth):.2f} of the truth's {chroma(truth):.1f})"
        )
    cells = disagree.locator("[data-part=cells]")
    before = shown(cells)
    disagree.get_by_role("button", name="Draw each cell again").click()
    expect(disagree.locator("[data-words=cells]")).to_contain_text("Seed 2.")
    assert (np.abs(shown(cells) - before).max(2) > 2).mean() > 0.5
    methods = fold(page, "colorization-methods")
    cvae = colorize.answers("colorization-cvae", photo("coffee").grey, 8, 0).fields
    one = colorize.mean(NAME, photo("coffee").grey)
    for name, found, head in (
        ("mdn", answers.fields, "the best of 8"),
        ("cvae", cvae, "the best of 8"),
        ("regression", one, "the one"),
    ):
        row = methods.locator(f'[data-method="{name}"]')
        expect(row.locator("canvas")).to_have_count(len(found))
        figures = row.locator(".figures")
        expect(figures).to_contain_text(f"error of {head}: {colorize.error_of_best(found, true):.4f}")
        if len(found) > 1:
            said = re.search(r"variance: ([\d.e+-]+) · 10⁻⁴", figures.text_content() or "")
            assert said
            np.testing.assert_allclose(float(said[1]), 1e4 * (found / 127.5 - 1).var(0).mean(), rtol=0.02)
    terms = fold(page, "colorization-loss-terms")
    kept_by = colorize.kept("colorization-l2", photo("coffee").grey, true)
    box = terms.locator('[data-vae="colorization-l2"]')
    expect(box.locator("[data-part=rate]")).to_have_text(f"rate {kept_by.rate:.1f} nats")
    for name, value in kept_by.terms.items():
        np.testing.assert_allclose(
            float(box.locator(f"[data-term={name}] output").text_content() or "nan"), value, rtol=0.01
        )


def test_a_grey_photo_has_no_true_colors(page: Page, tmp_path: Path) -> None:
    take(page, "car")
    with Image.open(EXAMPLES / "dog.jpg") as file:
        file.convert("L").resize((300, 200)).save(tmp_path / "grey.png")
    page.locator(".vd-shelf input[type=file]").set_input_files(tmp_path / "grey.png")
    expect(page.get_by_text("This photo came without colors: there is no truth to reveal.")).to_be_visible()
    expect(page.get_by_role("button", name="Reveal true colors")).to_be_disabled()
    is_colored(page)
    assert shown(page.locator(".vd-wipe .over")).shape == (200, 300, 3)
    assert "colorization.photo" not in kept(page)
    expect(fold(page, "colorization-loss-terms").locator("[data-part=words]")).to_contain_text("none to encode")
    expect(fold(page, "colorization-color-hint").get_by_role("button", name="True color there")).to_be_disabled()
    assert "error" not in (fold(page, "colorization-methods").locator(".figures").first.text_content() or "error")
    take(page, "car")
    expect(page.get_by_text("This photo came without colors: there is no truth to reveal.")).to_be_hidden()
    expect(page.get_by_role("button", name="Reveal true colors")).to_be_enabled()


def test_a_broken_file_is_refused_and_all_stays(page: Page, tmp_path: Path) -> None:
    take(page, "car")
    boxes = is_colored(page)
    boxes.nth(1).click()
    before = [png(canvas) for canvas in page.locator(".vd-colors canvas").all()]
    (tmp_path / "broken.png").write_bytes(b"no picture")
    page.locator(".vd-shelf input[type=file]").set_input_files(tmp_path / "broken.png")
    expect(page.locator(TROUBLE)).to_contain_text("The file is not a picture")
    assert [png(canvas) for canvas in page.locator(".vd-colors canvas").all()] == before
    expect(boxes.nth(1)).to_have_attribute("aria-pressed", "true")
    take(page, "coffee")
    expect(page.locator(TROUBLE)).to_have_count(0)


def test_a_broken_file_leaves_no_photo_without_its_colors(page: Page, tmp_path: Path) -> None:
    take(page, "car")
    is_colored(page)
    held: list[Route] = []
    page.route("**/live/colors/colorization?*", lambda route: held.append(route))
    with page.expect_request("**/live/colors/colorization?*"):
        page.locator("[data-example=balloon]").click()
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with page.expect_request("**/live/colors/colorization?*"):
        page.locator(".vd-shelf input[type=file]").set_input_files(tmp_path / "broken.png")
    expect(page.locator(TROUBLE)).to_contain_text("The file is not a picture")
    held[-1].continue_()
    page.unroute("**/live/colors/colorization?*")
    is_colored(page)


def test_the_newest_photo_wins(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    take(page, "car")
    read, wait = colorize.photo, [0.8, 0.0]

    def slow(*args: object) -> colorize.Photo:
        time.sleep(wait.pop(0))
        return read(*args)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(colorize, "photo", slow)
    page.locator("[data-example=balloon]").click()
    while len(wait) > 1:  # until the server looks at it
        page.wait_for_timeout(20)
    page.locator("[data-example=coffee]").click()
    expect(page.locator("[data-example=coffee]")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(1_000)
    expect(page.locator("[data-example=coffee]")).to_have_attribute("aria-pressed", "true")
    assert not wait
    monkeypatch.undo()
    shows(page.locator(".vd-wipe .over"), painted("coffee", np.full((2, 32, 32), 127.5)), 1)


def test_it_fits_a_phone_and_a_link_brings_it_back(chromium: Browser, server: Server) -> None:
    a, b = eight("coffee").fields[0][:, 8, 16] / 127.5 - 1
    dab = f"0.51,0.26,{a:.3f},{b:.3f}"
    query = f"?tab=colorization&colorization.photo=coffee&colorization.pick=3&colorization.color-hint.hints={dab}"
    for phone in opened(chromium, server, 390, 844, query=query):
        boxes = is_colored(phone)
        expect(boxes.nth(2)).to_have_attribute("aria-pressed", "true")
        shows(phone.locator(".vd-wipe .under"), painted("coffee", eight("coffee").fields[2]))
        expect(fold(phone, "colorization-color-hint").locator("[data-part=words]")).to_contain_text("After one dab")
        fits_a_phone(phone.locator("#tab-colorization > .column > .block").first)
        for name in FOLDS:
            fits_a_phone(fold(phone, name))
