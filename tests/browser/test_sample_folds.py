"""The folds of the Sample tab in a real browser, under a real pointer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from folds import changed, drag, fits_a_phone, ink, opened, section
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from server_thread import Server

SECTIONS = ("prior-samples", "interpolation", "more-latents", "latent-holes", "mean-vs-sample", "elbo")


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """One page for all tests: a fold that was opened stays open, as it does for people."""
    yield from opened(chromium, server, 1280, 900)


@pytest.fixture(scope="module")
def phone(chromium: Browser, server: Server) -> Iterator[Page]:
    yield from opened(chromium, server, 390, 844)


def test_a_slider_follows_the_pointer_and_the_keys(page: Page) -> None:
    fold = section(page, "sample-more-latents")
    canvas, slider, value = (fold.locator(of).first for of in (".vd-bank canvas", "input", "output"))
    fold.get_by_role("button", name="All to 0").click()
    expect(value).to_have_text("0.00")
    before = ink(canvas)
    drag(slider, (0.5, 0.5), (0.9, 0.5))
    assert float(value.inner_text()) > 1
    pulled = changed(canvas, before)
    slider.press("ArrowLeft")
    slider.press("Shift+ArrowLeft")
    changed(canvas, pulled)
    assert 0.5 < float(value.inner_text()) < 1.1, "0.12 of the prior's mass below where the pointer left it"
    fold.locator("[data-act=reset]").first.click()
    expect(value).to_have_text("0.00")
    page.wait_for_function("/more-latents.z=/.test(location.search)")
    assert slider.evaluate("input => getComputedStyle(input).touchAction") == "pan-y"


def test_a_lock_holds_whatever_moves_the_others(page: Page) -> None:
    fold = section(page, "sample-more-latents")
    shown = fold.locator("[data-part=sliders] output")
    fold.get_by_role("button", name="Randomize all but locked").click()
    before = shown.all_inner_texts()
    fold.locator("[data-act=lock]").first.click()
    expect(fold.locator("input").first).to_be_disabled()
    fold.get_by_role("button", name="Randomize all but locked").click()
    after = shown.all_inner_texts()
    assert after[0] == before[0]
    assert sum(a == b for a, b in zip(after[1:], before[1:], strict=True)) <= 3  # two decimals may agree by chance
    fold.get_by_label("Start from").select_option("7")
    expect(shown.nth(1)).not_to_have_text(after[1])
    fold.get_by_role("button", name="All to 0").click()
    expect(shown.nth(1)).to_have_text("0.00")
    assert shown.first.inner_text() == before[0]
    fold.locator("[data-act=lock]").first.click()
    fold.get_by_role("button", name="All to 0").click()
    assert set(shown.all_inner_texts()) == {"0.00"}


WHERE = """dot => {
    const [{left, top, width}, map] = [dot, dot.parentElement].map(element => element.getBoundingClientRect());
    return [(left + width / 2 - map.left) / map.width, (top + width / 2 - map.top) / map.height];
}"""


def test_one_hand_moves_both_maps(page: Page) -> None:
    fold = section(page, "sample-latent-holes")
    digits, dots = fold.locator(".vd-holes canvas.vd-ink"), fold.locator(".dot")
    before = [ink(digit) for digit in digits.all()]
    for held in (0, 1):
        drag(fold.locator(".vd-map").nth(held), (0.5, 0.5), (0.2, 0.3 + 0.4 * held))
        before = [changed(digit, was) for digit, was in zip(digits.all(), before, strict=True)]
        places = [dot.evaluate(WHERE) for dot in dots.all()]
        assert places[0] == pytest.approx(places[1], abs=0.01)
        assert places[0] == pytest.approx([0.2, 0.3 + 0.4 * held], abs=0.01)
    fold.get_by_role("button", name="Test digits").click()
    expect(fold.locator(".vd-map.colored")).to_have_count(2)
    fold.get_by_role("button", name="Jump to a hole").click()
    expect(fold.locator("[data-part=found]")).to_contain_text("hole", ignore_case=True)


def test_samples_are_black_or_white_and_their_average_nears_the_mean(page: Page) -> None:
    fold = section(page, "sample-mean-vs-sample")
    shown, average = fold.locator("[data-part=shown]"), fold.locator("[data-part=average]")
    mean = ink(shown)
    fold.get_by_role("button", name="Show samples").click()
    sample = changed(shown, mean)
    assert set(sample.split(",")) == {"0", "255"}
    page.wait_for_timeout(700)
    assert ink(shown) == sample, "reduced motion: nothing moves before it is asked to"
    fold.locator(".vd-means").press("Space")
    changed(shown, sample)
    fold.locator(".vd-means").press("Space")
    count = fold.get_by_label("How many samples are averaged")
    off = {}
    for key, n in (("Home", "1"), ("End", "256")):
        count.press(key)
        expect(fold.locator("output")).to_have_text(n)
        off[n] = difference(ink(average), mean)
    assert off["256"] < 12 < off["1"], "a coin's standard deviation is at most 127 / sqrt(n)"
    shown.hover()
    page.mouse.down()
    assert ink(shown) == mean, "held down, it is the mean"
    page.mouse.up()
    assert ink(shown) != mean, "let go, it is the sample again"


def difference(a: str, b: str) -> float:
    """The mean absolute difference of two pictures' bytes, alpha included."""
    pairs = list(zip(map(int, a.split(",")), map(int, b.split(",")), strict=True))
    return sum(abs(x - y) for x, y in pairs) / len(pairs)


def test_a_drawing_is_priced_and_noise_costs_more(page: Page) -> None:
    fold = section(page, "sample-elbo")
    reconstruction = fold.locator(".vd-cost canvas").first
    before = ink(reconstruction)
    drag(fold.locator(".vd-pad canvas"), (0.3, 0.2), (0.7, 0.2), (0.45, 0.85))
    changed(reconstruction, before)
    expect(fold.locator(".sentence").first).to_contain_text("Under digits-2d this picture costs")
    expect(fold.locator(".rates").nth(1).locator("i")).to_have_count(32)
    drawn = fold.locator("[data-cost]").get_attribute("data-cost")
    fold.get_by_role("button", name="Noise").click()
    expect(fold.locator("[data-cost]")).not_to_have_attribute("data-cost", drawn or "")


@pytest.mark.parametrize("name", SECTIONS)
def test_nothing_is_wider_than_a_phone(phone: Page, name: str) -> None:
    fits_a_phone(section(phone, f"sample-{name}"))


def test_the_way_between_two_digits(page: Page) -> None:
    fold = section(page, "sample-interpolation")
    lerp = fold.locator('[data-large="lerp"]')
    slider = fold.get_by_label("How far on the way")
    before = changed(lerp, "")
    drag(slider, (0.5, 0.5), (0.95, 0.5))
    end = changed(lerp, before)
    strip = ink(fold.locator('[data-strip="slerp"]'))
    fold.locator('[data-set="to"]').select_option("0")
    changed(fold.locator('[data-strip="slerp"]'), strip)
    changed(lerp, end)
    with page.expect_download() as saved:
        fold.get_by_role("button", name="GIF").click()
    with Image.open(saved.value.path()) as gif:
        assert (gif.format, getattr(gif, "n_frames", 1) > 20) == ("GIF", True)


def test_the_picture_becomes_an_ellipse(page: Page) -> None:
    fold = page.locator("#fold-sample-posterior-of-a-drawing")
    fold.locator("button").first.click()
    fold.get_by_label("Example: 7").click()
    mean, draws = (fold.locator(f'[data-part="{part}"]') for part in ("mean", "draws"))
    changed(mean, "")
    before = changed(draws, "")
    assert fold.locator("polygon.ring").get_attribute("points")
    fold.get_by_role("button", name="Draw again").click()
    changed(draws, before)
    seen = ink(mean)
    drag(fold.locator(".vd-map"), (0.5, 0.5), (0.1, 0.2))  # the hand leaves the mean
    changed(mean, seen)
    fold.locator('[data-set="model"]').select_option("digits")
    expect(fold.locator(".vd-map")).to_be_hidden()
    expect(fold.locator('[data-part="words"]')).to_contain_text("of the 32 latents")


def test_what_a_link_cannot_mean_is_said(chromium: Browser, server: Server) -> None:
    page = chromium.new_page()
    page.goto(f"{server.address}?sample.z=1,NaN&sample.prior-samples.seed=-4&sample.prior-samples.n=36")
    expect(page.locator('[data-part="ignored"]')).to_contain_text("link's sample.z could")
    page.locator("#fold-sample-prior-samples button").first.click()
    expect(page.locator('[data-part="ignored"]')).to_contain_text("link's sample.z, sample.prior-samples.seed could")
    expect(page.locator('#fold-sample-prior-samples [data-set="n"]')).to_have_value("36")
    page.close()
