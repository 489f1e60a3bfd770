"""The folds about beta, about measures and about InfoGAN in a real browser, under a real pointer."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from folds import changed, drag, fits_a_phone, ink, kept, opened, section
from playwright.sync_api import Browser, Locator, Page, expect
from server_thread import Server
from small_models import alone
from starlette.types import ASGIApp

from vaedemo.app import create_app

LADDER = {"digits-2d-beta0": 60.0, "digits-2d-beta025": 9.0, "digits-2d": 7.0, "digits-2d-beta4": 4.0}
SCORES = {"mig": 0.31, "factor_score": 0.72, "dci_disentanglement": 0.5}
ABSENT = "sprites-beta"
REFUSED = f"{ABSENT}|encode/sprites"  # what random weights draw may be blank to the hero's encoder


@pytest.fixture(scope="module")
def server(
    serve: Callable[[ASGIApp], Server],
    small_models: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """Random models, of which most are measured and one is missing."""
    runs = tmp_path_factory.mktemp("ladder") / "runs"
    shutil.copytree(small_models, runs)
    shutil.rmtree(runs / ABSENT)
    tested = {"data": "MNIST", "split": "test", "n": 10_000}
    for name, rate in (LADDER | {"digits-2d-beta16": 1.5}).items():
        measure(runs / name, rate=rate, distortion=120 + 60 / rate, **tested)
    for name in ("sprites", "sprites-vae"):
        measure(runs / name, **SCORES, **tested)
    with alone(runs):
        yield serve(create_app())


def measure(folder: Path, **numbers: float | str) -> None:
    file = folder / "bundle" / "metrics.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | numbers))


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    yield from opened(chromium, server, 1280, 900, "Sliders", absent=REFUSED)


@pytest.fixture(scope="module")
def phone(chromium: Browser, server: Server) -> Iterator[Page]:
    yield from opened(chromium, server, 390, 844, "Sliders", absent=REFUSED)


def all_changed(canvases: Locator, before: list[str]) -> list[str]:
    return [changed(canvas, was) for canvas, was in zip(canvases.all(), before, strict=True)]


def inks(canvases: Locator) -> list[str]:
    return [ink(canvas) for canvas in canvases.all()]


def test_one_digit_goes_through_five_models(page: Page) -> None:
    fold = section(page, "sliders-beta-sweep")
    redrawn, numbers = fold.locator("[data-part=redrawn]"), fold.locator(".vd-price")
    expect(redrawn).to_have_count(5)
    expect(fold.locator(".vd-tradeoff g.test")).to_have_count(5)
    expect(fold.locator(".vd-tradeoff g.mine")).to_have_count(5)
    expect(fold.locator(".vd-tradeoff svg")).to_have_attribute("aria-label", re.compile("beta 16: rate 1.5"))
    before, said = inks(redrawn), numbers.all_inner_texts()
    assert all(re.search(r"distortion \d+\s+rate \d+\.\d\s+z0", text) for text in said)
    fold.get_by_label("Example: 8").click()
    before = all_changed(redrawn, before)
    page.wait_for_function("/beta-sweep.digit=8/.test(location.search)")
    drag(fold.locator(".vd-pad canvas").first, (0.3, 0.2), (0.7, 0.2), (0.45, 0.85))
    all_changed(redrawn, before)
    page.wait_for_function("!/beta-sweep.digit=/.test(location.search)")
    assert numbers.all_inner_texts() != said
    for ring in fold.locator(".vd-plane .ring").all():
        assert float(ring.get_attribute("rx") or 0) > 0
    expect(fold.locator(".vd-verdict")).to_contain_text("From β = 0 to β = 16 this digit's rate")


def test_a_digit_that_is_pressed_twice_stays_in_the_link(page: Page) -> None:
    section(page, "sliders-beta-sweep").get_by_label("Example: 6").dblclick()
    page.wait_for_function("/beta-sweep.digit=6/.test(location.search)")
    assert kept(page)["sliders.beta-sweep.digit"] == ["6"]


def test_the_dice_are_the_same_for_all_betas(page: Page) -> None:
    fold = section(page, "sliders-beta-sweep")
    draws = fold.locator("[data-part=draws]")
    before = inks(draws)
    fold.get_by_role("button", name="Throw the dice").click()
    all_changed(draws, before)
    marks = [plane.inner_html() for plane in fold.locator(".vd-plane .draws").all()]
    assert marks[0].count("<circle") == 4
    assert len(set(marks)) == 1
    page.wait_for_function("/beta-sweep.seed=2/.test(location.search)")
    fold.get_by_role("button", name="Step back").click()
    expect(fold.get_by_role("button", name="Step back")).to_have_attribute("aria-pressed", "true")


def test_a_price_draws_its_lines(page: Page) -> None:
    fold = section(page, "sliders-beta-sweep")
    words, line = fold.locator("[data-part=price]"), fold.locator(".vd-tradeoff .best")
    expect(words).to_contain_text("−ELBO")
    before = line.get_attribute("d")
    fold.get_by_role("button", name="beta 16", exact=True).click()
    expect(words).to_contain_text("the model of β = 16 is the cheapest on average: 184.0 nats")
    assert line.get_attribute("d") != before
    page.wait_for_function("/beta-sweep.beta=16/.test(location.search)")


def test_three_scores_and_what_each_latent_tells(page: Page) -> None:
    fold = section(page, "sliders-disentanglement-scores")
    expect(fold.locator(".vd-score")).to_have_count(3)
    expect(fold.locator('[data-score=factor_score] [data-model="sprites"] b')).to_have_text("0.72")
    expect(fold.locator('[data-score=mig] [data-model="sprites-factor"] b')).to_have_text("not measured")
    absent = fold.locator(f'[data-score=mig] [data-model="{ABSENT}"]')
    expect(absent).to_be_disabled()
    expect(absent).to_contain_text("not here")
    for details in fold.locator("details").all():
        details.locator("summary").click()
        expect(details.locator("p")).to_be_visible()
    cells, tells, strip = fold.locator(".vd-heat button"), fold.locator(".vd-tells"), fold.locator("[data-part=strip]")
    expect(cells).to_have_count(50)
    before = ink(strip)
    other = cells.nth(44 if cells.nth(49).get_attribute("aria-pressed") == "true" else 49)
    other.hover()
    expect(tells).to_have_text(re.compile(r"z\d tells \d\.\d\d of the y's entropy"))
    assert ink(strip) == before, "pointing only tells"
    other.click()
    expect(other).to_have_attribute("aria-pressed", "true")
    before = changed(strip, before)
    other.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(tells).to_contain_text("of the x's entropy")
    expect(fold.locator('.vd-heat button[aria-pressed="true"]')).to_have_attribute("data-factor", "3")
    page.wait_for_function("/disentanglement-scores.cell=\\d%2C3/.test(location.search)")
    fold.get_by_role("button", name="Another sprite").click()
    before = changed(strip, before)
    fold.locator('[data-score=mig] [data-model="sprites-vae"]').click()
    changed(strip, before)
    expect(fold.locator("[data-part=badge]")).to_contain_text("sprites-vae")


def test_infogan_and_vae_under_one_hand(page: Page) -> None:
    fold = section(page, "sliders-infogan")
    pictures = fold.locator(".vd-side canvas")
    before = inks(pictures)
    fold.locator('.vd-side [data-digit="8"]').first.click()
    expect(fold.locator('.vd-side [data-digit="8"][aria-pressed="true"]')).to_have_count(2)
    before = all_changed(pictures, before)
    drag(fold.locator("input").first, (0.5, 0.5), (0.9, 0.5))
    before = all_changed(pictures, before)
    values = [float(text.replace("−", "-")) for text in fold.locator("output").all_inner_texts()]
    assert 0.6 < values[0] <= 1
    assert 0.8 < values[2] < 3.1, "the same part of the prior's mass"
    fold.locator("input").first.press("ArrowLeft")
    before = all_changed(pictures, before)
    fold.get_by_role("button", name="New noise").click()
    changed(pictures.first, before[0])
    page.wait_for_function("/infogan.noise=2/.test(location.search)")


def test_the_grid_of_styles_is_a_way_to_go(page: Page) -> None:
    fold = section(page, "sliders-infogan")
    sheet, canvas = fold.locator(".sheet"), fold.locator(".sheet canvas")
    picture, before = fold.locator(".vd-side canvas").first, ink(canvas)
    fold.get_by_role("button", name="c3", exact=True).click()
    changed(canvas, before)
    was = ink(picture)
    box = sheet.bounding_box()
    assert box
    sheet.click(position={"x": 0.25 * box["width"], "y": 0.98 * box["height"]})  # the third column's last row
    changed(picture, was)
    expect(fold.locator('.vd-side [data-digit="2"]').first).to_have_attribute("aria-pressed", "true")
    expect(fold.locator("output").nth(1)).to_have_text("1.00")
    sheet.press("ArrowUp")
    expect(fold.locator("output").nth(1)).to_have_text("0.67")
    page.wait_for_function("/infogan.codes=[-\\d.]+%2C0.67/.test(location.search)")


LINK = (
    "?sliders.beta-sweep.beta=4&sliders.beta-sweep.seed=7"
    "&sliders.disentanglement-scores.model=sprites-vae&sliders.disentanglement-scores.cell=2,3"
    "&sliders.infogan.category=4&sliders.infogan.codes=0.5,-0.25&sliders.infogan.noise=9"
)


def test_a_link_restores_what_was_seen(chromium: Browser, server: Server) -> None:
    for page in opened(chromium, server, 1280, 900, "Sliders", LINK, REFUSED):
        fold = section(page, "sliders-beta-sweep")
        expect(fold.get_by_role("button", name="beta 4")).to_have_attribute("aria-pressed", "true")
        fold.get_by_role("button", name="Code", exact=True).click()
        expect(page.locator("dialog")).to_contain_text("model.sample(4, seed=7)")
        page.keyboard.press("Escape")
        fold = section(page, "sliders-disentanglement-scores")
        expect(fold.locator('.vd-heat [aria-pressed="true"]')).to_have_attribute("data-latent", "2")
        expect(fold.locator("[data-part=badge]")).to_contain_text("sprites-vae")
        fold = section(page, "sliders-infogan")
        expect(fold.locator("output").nth(1)).to_have_text("−0.25")
        fold.get_by_role("button", name="Code", exact=True).click()
        expect(page.locator("dialog")).to_contain_text("torch.tensor([4])")
        expect(page.locator("dialog")).to_contain_text("seed=9")


@pytest.mark.parametrize("name", ["sliders-beta-sweep", "sliders-disentanglement-scores", "sliders-infogan"])
def test_nothing_is_wider_than_a_phone(phone: Page, name: str) -> None:
    fits_a_phone(section(phone, name))
