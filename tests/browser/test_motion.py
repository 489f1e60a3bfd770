"""The Motion tab: a still's futures over one another and each on its own, a photo's square, groups, arrows as hints."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from folds import CAMERA, drag, fits_a_phone, kept, opened
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from server_thread import Server
from small_models import alone
from starlette.types import ASGIApp

from vaedemo import forecast as forecasting
from vaedemo import zoo
from vaedemo.app import create_app
from vaedemo.data import motion_scenes

NAME, SEEDS = "motion-drawn", {"fork-3": 6, "figure": 0}  # of the shipped pictures
FOLDS = ("motion-future-clusters", "motion-motion-hint")
CRAFTED = "?tab=motion&motion.scene=<b>&motion.draw=-1&motion.futures=99&motion.motion-hint.arrows=a,b,c,d"
ARROWS = "motion.motion-hint.arrows"


@pytest.fixture(scope="module")
def server(serve: Callable[[ASGIApp], Server], small_models: Path) -> Iterator[Server]:
    """Random weights as they come move nothing: here they are large, so that futures differ."""
    with alone(small_models):
        torch.manual_seed(1)
        for name in (NAME, "motion"):
            model: Any = zoo.loaded(name)
            model.typical.fill_(24.0)
            for told in (model.tower.scale, model.tower.shift):
                told.weight.data.normal_(0, 0.6)
        yield serve(create_app())


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    for page in opened(chromium, server, 1280, 900, "Motion", absent="live/(motion/still|encode)"):
        are_there(page, 6)
        yield page


@cache
def forecast(kind: str, drawn: int, n: int, seed: int, arrows: tuple[forecasting.Arrow, ...]) -> forecasting.Forecast:
    return forecasting.forecast(NAME, motion_scenes.scene(kind, drawn).still().ravel(), n, seed, arrows)


def told(page: Page, *arrows: forecasting.Arrow) -> forecasting.Forecast:
    """What Python forecasts of the scene in the page's address."""
    query = {key.removeprefix("motion."): values[0] for key, values in kept(page).items()}
    kind = query.get("scene", "fork-3")
    numbers = [int(query.get(key, default)) for key, default in (("draw", SEEDS[kind]), ("futures", 6), ("dice", 0))]
    return forecast(kind, *numbers, arrows)


def labels(found: forecasting.Forecast) -> list[str]:
    return [f"{i + 1} · {'ABCDEFG'[future.mode]}" for i, future in enumerate(found.futures)]


def are_there(page: Page, n: int) -> Locator:
    """The panels, once there are as many futures in them."""
    panels = page.locator(".vd-moves .panels")
    expect(panels.locator("button span").filter(has_text="·")).to_have_count(n)
    expect(panels).to_have_attribute("aria-busy", "false")
    return panels.locator("button")


def take(page: Page, kind: str) -> Locator:
    """Chooses a drawn scene, unless it is there already, and waits for its futures."""
    thumb = page.locator(f".vd-moves [data-example={kind}]")
    if thumb.get_attribute("aria-pressed") != "true":
        thumb.click()
        expect(thumb).to_have_attribute("aria-pressed", "true")
    return are_there(page, 6)


def at(page: Page, t: float) -> None:
    page.get_by_label("Time, from the still").fill(str(t))


def shown(canvas: Locator) -> NDArray:
    """(H, W, 3), what is on the canvas."""
    text = canvas.evaluate("canvas => canvas.toDataURL().split(',')[1]")
    with Image.open(BytesIO(base64.b64decode(text))) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def screen(page: Page) -> Locator:
    return page.locator(".vd-moves .screen canvas")


def is_there(page: Page, x: int, color: tuple[int, int, int]) -> None:
    """Waits until the middle of column x of the screen is of this color, as JPEG keeps it."""
    for _ in range(200):
        if np.abs(shown(screen(page))[128, x] - color).max() < 12:
            return
        page.wait_for_timeout(50)
    raise AssertionError(shown(screen(page))[128, x])


def fold(page: Page, name: str) -> Locator:
    """The fold, open, and nothing in it on its way."""
    section = page.locator(f"#fold-{name}")
    if not section.locator(".vd-section").is_visible():
        section.locator("button").first.click()
    section.locator(".vd-section > *").first.scroll_into_view_if_needed()  # the title is there before its fold is
    expect(section.locator(".vd-section > *").first).not_to_have_attribute("aria-busy", "true")
    return section


def picture(path: Path, size: tuple[int, int], left: str, right: str) -> Path:
    """Half in one color, half in the other."""
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    image.save(path)
    return path


def test_it_opens_on_a_drawn_fork_and_its_futures(page: Page) -> None:
    boxes = take(page, "fork-3")
    assert boxes.locator("span").all_text_contents() == labels(told(page))
    drawn = motion_scenes.scene("fork-3", 6).still(256).transpose(1, 2, 0)
    at(page, 0)
    assert np.array_equal(shown(screen(page)), drawn)
    at(page, 1)
    ends = [shown(canvas) for canvas in boxes.locator("canvas").all()]
    assert all((end != drawn).any() for end in ends)
    all_ = shown(screen(page))
    assert (all_ != drawn).any()
    assert all((all_ != end).any() for end in ends)
    expect(page.locator(".vd-moves .clock output")).to_have_text("0.60 s")
    strip = page.locator(".vd-moves .strip canvas")
    expect(strip).to_have_count(5)  # who wants little motion sees five instants instead
    assert np.array_equal(shown(strip.last), all_)


def test_the_first_paint_is_the_shipped_picture(chromium: Browser, server: Server) -> None:
    context = chromium.new_context()
    slow = context.new_page()
    slow.route("**/live/motion/scene*", lambda route: None)
    slow.goto(f"{server.address}?tab=motion&motion.scene=figure")
    expect(slow.locator(".vd-moves .screen img")).to_have_attribute("src", re.compile("motion/stills/figure.png$"))
    expect(slow.locator(".vd-moves .panels button")).to_have_count(6)
    context.close()


def test_one_future_is_seen_alone_in_three_views(page: Page) -> None:
    boxes = take(page, "fork-3")
    at(page, 0.5)
    boxes.nth(1).click()
    expect(boxes.nth(1)).to_have_attribute("aria-pressed", "true")
    assert kept(page)["motion.future"] == ["2"]
    seen = {}
    for name, view in (("Motion", "motion"), ("Paths", "paths"), ("Flow in colors", "flow")):
        page.get_by_role("button", name=name, exact=True).click()
        seen[view] = shown(screen(page))
        assert np.array_equal(seen[view], shown(boxes.nth(1).locator("canvas")))
        assert kept(page).get("motion.view", ["motion"]) == [view]
    wheel = page.get_by_role("img", name="The color of each direction")
    expect(wheel).to_be_visible()
    rim = shown(wheel)[48, 93], shown(wheel)[93, 48]  # right is red, down yellow-green
    assert rim[0][0] > 200 > 100 > rim[0][1]
    assert rim[1][1] > 200 > 100 > rim[1][2]
    assert (seen["paths"] != seen["motion"]).any()
    page.get_by_role("button", name="Motion", exact=True).click()
    expect(wheel).to_be_hidden()
    boxes.nth(1).click()
    expect(page.locator(".vd-moves figcaption").first).to_contain_text("6 futures over one another")
    assert "motion.future" not in kept(page)


def test_more_futures_and_other_draws(page: Page) -> None:
    take(page, "fork-3")
    count = page.locator(".vd-moves [data-part=count]")
    count.fill("9")
    are_there(page, 9)
    assert kept(page)["motion.futures"] == ["9"]
    at(page, 1)
    before = shown(screen(page))
    page.get_by_role("button", name="Draw others").click()
    assert kept(page)["motion.dice"] == ["1"]
    expect(page.locator(".vd-moves .panels span")).to_have_text(labels(told(page)))
    expect(page.locator(".vd-moves .panels")).to_have_attribute("aria-busy", "false")
    at(page, 1)
    assert (shown(screen(page)) != before).any()
    count.fill("6")
    are_there(page, 6)
    page.get_by_role("button", name="Another scene").click()
    page.wait_for_function("new URLSearchParams(location.search).get('motion.draw') === '7'")
    at(page, 0)
    assert np.array_equal(shown(screen(page)), motion_scenes.scene("fork-3", 7).still(256).transpose(1, 2, 0))


def test_what_can_be_taken_away(page: Page) -> None:
    take(page, "figure")
    hero = page.locator(".vd-moves")
    with page.expect_download(timeout=60_000) as saved:
        hero.locator("[data-act=gif]").click()
    with Image.open(saved.value.path()) as file:
        assert (file.format, file.size) == ("GIF", (584, 388))
    with page.expect_download() as saved:
        hero.locator("[data-act=png]").click()
    with Image.open(saved.value.path()) as file:
        assert (file.format, file.size) == ("PNG", (512, 512))
    hero.locator("[data-act=code]").click()
    code = page.locator("dialog .vd-code").text_content() or ""
    assert 'motion_scenes.scene("figure", seed=0)' in code
    exec(
        code.replace("import torch, vaedemo", "import torch\nfrom vaedemo import zoo").replace(
            'vaedemo.load("motion-drawn")', 'zoo.loaded("motion-drawn")'
        ),
        found := {},
    )
    assert found["offsets"].shape == (6, 2, 16, 16, 16)
    page.keyboard.press("Escape")


def test_a_photo_is_seen_through_a_square(page: Page, tmp_path: Path) -> None:
    take(page, "fork-3")
    wide = picture(tmp_path / "wide.png", (600, 300), "red", "blue")
    page.locator(".vd-moves .vd-shelf input[type=file]").set_input_files(wide)
    crop = page.locator(".vd-crop")
    expect(crop).to_be_visible()
    expect(page.get_by_role("button", name="Another scene")).to_be_hidden()
    are_there(page, 6)
    assert "motion.scene" not in kept(page)
    at(page, 0)
    is_there(page, 20, (255, 0, 0))
    is_there(page, 235, (0, 0, 255))
    drag(crop.locator(".box"), (0.5, 0.5), (0.2, 0.5))
    expect(page.locator(".vd-moves .panels")).to_have_attribute("aria-busy", "false")
    is_there(page, 235, (255, 0, 0))
    expect(page.locator('.vd-moves .vd-thumb[aria-pressed="true"]')).to_have_attribute("title", "Your picture")
    page.locator(".vd-moves [data-act=code]").click()
    expect(page.locator("dialog pre")).to_contain_text('.crop((0, 0, 300, 300)).convert("RGB").save("square.png")')
    page.keyboard.press("Escape")
    box = crop.locator(".box")
    for _ in range(40):
        box.press("ArrowRight")
    is_there(page, 20, (0, 0, 255))
    take(page, "fork-3")
    expect(crop).to_be_hidden()


@pytest.mark.parametrize("content", [b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_a_broken_file_is_refused_and_all_stays(page: Page, tmp_path: Path, content: bytes) -> None:
    boxes = take(page, "figure")
    at(page, 1)
    before = [shown(canvas) for canvas in boxes.locator("canvas").all()]
    (tmp_path / "broken.png").write_bytes(content)
    page.locator(".vd-moves .vd-shelf input[type=file]").set_input_files(tmp_path / "broken.png")
    trouble = page.locator(".vd-moves .vd-shelf .vd-trouble:not(:empty)")
    expect(trouble).to_contain_text(re.compile("not a picture|damaged"))
    assert all(np.array_equal(a, shown(canvas)) for a, canvas in zip(before, boxes.locator("canvas").all()))
    expect(page.locator(".vd-moves [data-example=figure]")).to_have_attribute("aria-pressed", "true")


def test_the_camera_gives_a_photo(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.add_init_script(CAMERA)
    with_camera = context.new_page()
    with_camera.goto(f"{server.address}?tab=motion")
    are_there(with_camera, 6)
    shelf = with_camera.locator(".vd-moves .vd-shelf")
    shelf.get_by_role("button", name="Camera").click()
    shelf.get_by_role("button", name="Take it").click()
    expect(with_camera.locator(".vd-crop")).to_be_visible()
    are_there(with_camera, 6)
    at(with_camera, 0)
    is_there(with_camera, 128, (0, 255, 0))
    context.close()


def test_play_runs_through_the_futures(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    moving = context.new_page()
    moving.goto(f"{server.address}?tab=motion")
    moving.locator(".vd-moves .start").click()  # perhaps too early: it is not forgotten
    are_there(moving, 6)
    time = moving.get_by_label("Time, from the still")
    moving.wait_for_function("document.querySelector('.vd-moves [data-part=time]').value > 0.3")
    expect(moving.locator(".vd-moves .start")).to_be_hidden()
    moving.wait_for_function("document.querySelector('.vd-moves [data-part=time]').value === '1'")
    moving.wait_for_function("document.querySelector('.vd-moves [data-part=time]').value < 0.5")  # again
    moving.get_by_role("button", name="Pause").click()
    stands = time.input_value()
    moving.wait_for_timeout(300)
    assert time.input_value() == stands
    context.close()


# A browser that hands out noise for canvas pixels, to protect its visitor; `toDataURL`, by which tests look, stays.
NOISE = """
const read = CanvasRenderingContext2D.prototype.getImageData;
CanvasRenderingContext2D.prototype.getImageData = function (...place) {
    const image = read.apply(this, place);
    image.data.forEach((value, i) => { image.data[i] = value ^ 85; });
    return image;
};
HTMLCanvasElement.prototype.toBlob = take => take(new Blob(['noise'], {type: 'image/png'}));
"""


def test_where_canvases_hand_out_noise_the_photo_itself_is_sent(
    chromium: Browser, server: Server, tmp_path: Path
) -> None:
    wide = picture(tmp_path / "wide.png", (600, 300), "red", "blue")
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.add_init_script(NOISE)
    strict = context.new_page()
    strict.goto(f"{server.address}?tab=motion")
    are_there(strict, 6)
    with strict.expect_request("**/live/motion/still*") as middle:
        strict.locator(".vd-moves .vd-shelf input[type=file]").set_input_files(wide)
    assert "region" not in middle.value.url
    is_there(strict, 20, (255, 0, 0))
    is_there(strict, 235, (0, 0, 255))
    with strict.expect_request("**/live/motion/still?region=*") as left:
        drag(strict.locator(".vd-crop .box"), (0.5, 0.5), (0.2, 0.5))
    assert "region=0.00000%2C0.00000%2C0.50000%2C1.00000" in left.value.url
    is_there(strict, 235, (255, 0, 0))
    context.close()


def test_groups_have_shares_and_the_map_is_bright_where_draws_differ(page: Page) -> None:
    take(page, "fork-3")
    modes, found = fold(page, "motion-future-clusters"), told(page)
    groups = modes.locator(".groups figure")
    expect(groups).to_have_count(len(found.shares))
    shares = [float((text or "").removesuffix(" %")) for text in groups.locator("figcaption").all_text_contents()]
    np.testing.assert_allclose(shares, 100 * np.array(found.shares), atol=0.51)
    map_ = shown(modes.locator("[data-part=map]")).sum(2).reshape(16, 16, 16, 16).mean((1, 3))
    bright, dark = found.spread > np.quantile(found.spread, 0.9), found.spread < np.quantile(found.spread, 0.3)
    assert map_[bright].mean() > 1.2 * map_[dark].mean()
    most = np.sort(found.spread.ravel())[int(0.98 * 256)]
    expect(modes.locator("[data-part=most]")).to_have_text(f"{max(1, most):.1f} or more")


def test_an_arrow_weighs_the_draws(page: Page) -> None:
    take(page, "fork-3")
    hint, found = fold(page, "motion-motion-hint"), told(page)
    groups = hint.locator(".groups > div")
    drag(hint.locator(".vd-aim"), (10.5 / 16, 9.5 / 16), (0.6, 0.5), (0.55, 0.4))
    expect(hint.get_by_role("button", name="Undo")).to_be_enabled()
    row, column, right, down = (float(value) for value in kept(page)[ARROWS][0].split(","))
    assert abs(row - 9) + abs(column - 10) <= 4
    weighed = told(page, (int(row), int(column), right, down))
    for group, share in zip(groups.all(), weighed.shares):
        expect(group).to_have_attribute("data-share", re.compile(f"^{share:.2f}"[:-1]))  # the address rounds arrows
    assert weighed.best
    assert weighed.best.weight
    seen = hint.locator(".panels figure").evaluate_all("all => all.map(box => +box.style.getPropertyValue('--seen'))")
    wanted = [0.18 + 0.82 * (future.weight or 0) / weighed.best.weight for future in weighed.futures]
    np.testing.assert_allclose(seen, wanted, atol=0.03)
    assert weighed.effective
    expect(hint.locator("[data-part=words]")).to_contain_text(re.compile("draws is left|None of 512 draws"))
    pull = hint.locator(".vd-aim")
    pull.focus()
    for key in ("ArrowUp", "ArrowUp", "Enter", "ArrowRight", "ArrowRight", "Enter"):
        pull.press(key)
    assert len(kept(page)[ARROWS][0].split(",")) == 8
    hint.get_by_role("button", name="Undo").click()
    assert len(kept(page)[ARROWS][0].split(",")) == 4
    hint.get_by_role("button", name="Without hints").click()
    assert ARROWS not in kept(page)
    for group, share in zip(groups.all(), found.shares):
        expect(group).to_have_attribute("data-share", f"{share:.4f}")


def touches(element: Locator) -> Callable[..., None]:
    """Real touches at parts of an element, of several fingers at once."""
    box = element.bounding_box()
    assert box
    session = element.page.context.new_cdp_session(element.page)

    def touch(kind: str, *fingers: tuple[float, float]) -> None:
        points = [
            {"id": i, "x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
            for i, (x, y) in enumerate(fingers)
        ]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return touch


def test_a_second_finger_draws_no_arrow(chromium: Browser, server: Server) -> None:
    for phone in opened(chromium, server, 390, 844, query="?tab=motion", ready=".vd-moves"):
        are_there(phone, 6)
        aim = fold(phone, FOLDS[1]).locator(".vd-aim")
        aim.scroll_into_view_if_needed()
        touch = touches(aim)
        touch("touchStart", (0.1, 0.1))
        touch("touchMove", (0.3, 0.1))
        touch("touchStart", (0.3, 0.1), (0.9, 0.9))
        touch("touchMove", (0.3, 0.1), (0.5, 0.9))
        touch("touchMove", (0.3, 0.1))  # the second one is lifted
        touch("touchMove", (0.4, 0.1))
        touch("touchEnd")
        row, column, right, down = (float(value) for value in kept(phone)[ARROWS][0].split(","))
        assert (row, column) == (1, 1)
        assert right == pytest.approx(0.4 * 64 - 6, abs=0.5)
        assert down == pytest.approx(0.1 * 64 - 6, abs=0.5)


def test_a_translated_page_answers_wherever_a_button_is_pressed(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    translated = context.new_page()
    translated.goto(f"{server.address}?tab=motion")
    are_there(translated, 6)
    for name in ("motion-motion-hint", "motion-transfer"):
        fold(translated, name)
    translated.evaluate(
        """() => {
            const texts = [], walk = document.createTreeWalker(document.querySelector('#tab-motion'), 4);
            while (walk.nextNode()) texts.push(walk.currentNode);
            for (const text of texts.filter(({data, parentNode}) => data.trim() && parentNode.closest('button'))) {
                const outer = document.createElement('font'), inner = document.createElement('font');
                text.replaceWith(outer);
                outer.append(inner);
                inner.append(text);
            }
        }"""
    )
    translated.locator(".vd-moves [data-view=paths] font font").click()
    assert kept(translated)["motion.view"] == ["paths"]
    translated.locator(".vd-moves .panels button").nth(2).locator("font font").click()
    assert kept(translated)["motion.future"] == ["3"]
    translated.locator(".vd-transfer [data-way='1'] font font").click()
    expect(translated.locator(".vd-transfer [data-way='1']")).to_have_attribute("aria-pressed", "true")
    translated.locator(".vd-moves [data-act=dice] font font").click()
    assert kept(translated)["motion.dice"] == ["1"]
    are_there(translated, 6)
    context.close()


def test_it_fits_a_phone_and_a_link_brings_it_back(chromium: Browser, server: Server) -> None:
    query = (
        "?tab=motion&motion.scene=figure&motion.draw=5&motion.futures=4&motion.dice=3&motion.future=2"
        f"&motion.view=paths&{ARROWS}=9,4,-8,-6"
    )
    for phone in opened(chromium, server, 390, 844, query=query, ready=".vd-moves"):
        boxes = are_there(phone, 4)
        expect(boxes.nth(1)).to_have_attribute("aria-pressed", "true")
        expect(phone.get_by_role("button", name="Paths")).to_have_attribute("aria-pressed", "true")
        assert boxes.locator("span").all_text_contents() == labels(told(phone))
        expect(fold(phone, "motion-motion-hint").get_by_role("button", name="Undo")).to_be_enabled()
        fits_a_phone(phone.locator("#tab-motion > .column > .block").first)
        for name in FOLDS:
            fits_a_phone(fold(phone, name))
    for crafted in opened(chromium, server, 1280, 900, query=CRAFTED, ready=".vd-moves"):
        are_there(crafted, 6)
        expect(crafted.locator(".vd-moves [data-example=fork-3]")).to_have_attribute("aria-pressed", "true")
