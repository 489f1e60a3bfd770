"""The tab Learn in a real browser: a VAE is trained there, by a hand that turns beta, stops it and takes it away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from folds import changed, choose, ink, kept, opened
from playwright.sync_api import Browser, Locator, Page, Route, expect
from safetensors.torch import load_file
from server_thread import Server
from torch import nn

GRID, SIDE = 16, 28
WAIT_MS = 120_000  # digits are drawn first, and a busy machine takes its time


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """One page for all tests, in their order; motion is reduced, so that nothing trains before it is asked to."""
    for page in opened(chromium, server, 1280, 900, "Learn"):
        page.set_default_timeout(WAIT_MS)
        expect(part(page, "map")).to_have_attribute("data-drawn", "0", timeout=WAIT_MS)
        yield page


def part(page: Page, name: str) -> Locator:
    return page.locator(f'#tab-learn [data-part="{name}"]')


def press(page: Page, name: str) -> None:
    page.locator(f'#tab-learn [data-act="{name}"]').click()


def steps(page: Page, more_than: int) -> int:
    """Waits until it has made more steps than that; how many."""
    page.wait_for_function(
        "most => Number(document.querySelector('#tab-learn [data-part=map]').dataset.drawn) > most", arg=more_than
    )
    return int(part(page, "map").get_attribute("data-drawn") or 0)


def plane(page: Page) -> np.ndarray:
    """The map's shades, (448, 448)."""
    pixels = np.array(ink(part(page, "map")).split(","), int).reshape(GRID * SIDE, GRID * SIDE, 4)
    return pixels[..., 0]


def distortion(page: Page) -> float:
    """In nats a digit, as the chart says."""
    return float((part(page, "chart").locator(".now").first.text_content() or "").split()[0])


def settled(page: Page) -> int:
    """Waits until the page has painted what its worker did before it answers once more; the steps made so far."""
    with page.expect_download():
        press(page, "model")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return steps(page, -1)


def test_one_step_is_one_step(page: Page) -> None:
    before = ink(part(page, "map"))
    press(page, "step")
    expect(part(page, "map")).to_have_attribute("data-drawn", "1")
    changed(part(page, "map"), before)
    expect(part(page, "seen")).to_contain_text("128 digits seen in 1 step.")
    assert 0.6 * 784 < distortion(page) < 784  # about log 2 for each pixel


def test_it_learns_until_it_is_paused(page: Page) -> None:
    press(page, "play")
    expect(page.locator('#tab-learn [data-act="play"]')).to_have_text("Pause")
    steps(page, 40)
    press(page, "play")
    expect(page.locator('#tab-learn [data-act="play"]')).to_have_text("Play")
    expect(page.locator("#tab-learn [data-playing=false]")).to_have_count(1)
    rested = settled(page)
    press(page, "step")
    assert steps(page, rested) == rested + 1
    assert distortion(page) < 500


def test_the_model_that_is_saved_is_the_one_that_is_shown(page: Page) -> None:
    with page.expect_download() as saved:
        press(page, "model")
    weights = load_file(saved.value.path())
    decoder = nn.Sequential(nn.Linear(2, 256), nn.ReLU(), nn.Linear(256, 784))
    decoder.load_state_dict({name[8:]: value for name, value in weights.items() if name.startswith("decoder.")})
    quantiles = torch.distributions.Normal(0, 1).icdf((torch.arange(GRID) + 0.5) / GRID)
    rows, columns = torch.meshgrid(quantiles.flip(0), quantiles, indexing="ij")
    with torch.no_grad():
        pictures = decoder(torch.stack([columns, rows], 2).reshape(-1, 2)).sigmoid().mul(255).round()
    wanted = pictures.reshape(GRID, GRID, SIDE, SIDE).permute(0, 2, 1, 3).reshape(GRID * SIDE, GRID * SIDE)
    assert wanted.std() > 1
    assert np.abs(plane(page) - wanted.numpy()).max() <= 1


def test_a_saved_model_goes_on_and_what_is_none_is_refused(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as saved:
        press(page, "model")
    file, was, trained = saved.value.path(), ink(part(page, "map")), part(page, "map").get_attribute("data-drawn")
    press(page, "again")
    expect(part(page, "map")).to_have_attribute("data-drawn", "0")
    part(page, "file").set_input_files(file)
    expect(part(page, "map")).to_have_attribute("data-drawn", trained or "")
    assert ink(part(page, "map")) == was
    for name, words in (("a.safetensors", "no safetensors file"), ("large.safetensors", "too large: 9.0 MB")):
        (tmp_path / name).write_bytes(b"x" * (9_000_000 if "large" in name else 20))
        part(page, "file").set_input_files(tmp_path / name)
        expect(page.locator("#tab-learn .vd-trouble").first).to_contain_text(words)
    press(page, "step")
    assert steps(page, int(trained or 0)) == int(trained or 0) + 1


def test_what_was_trained_is_beside_the_shipped_map_in_sample(page: Page) -> None:
    now = part(page, "map").get_attribute("data-drawn") or ""
    choose(page, "Sample")
    yours = page.locator('#tab-sample [data-part="yours"]')
    expect(yours).to_have_attribute("data-steps", now)
    digit, shipped = yours.locator("canvas"), page.locator("#tab-sample .vd-map img")
    button = page.get_by_role("button", name="Your map")
    button.click()
    expect(shipped).to_have_attribute("src", re.compile("^blob:"))
    shown = ink(digit)
    page.locator("#tab-sample .vd-map").press("Shift+ArrowRight")
    changed(digit, shown)
    button.click()
    expect(shipped).to_have_attribute("src", re.compile("map.png$"))
    choose(page, "Learn")


def test_what_the_visitor_draws_is_learned_from_and_taken_out(page: Page) -> None:
    page.get_by_text("What it learns from").click()
    own = part(page, "own")
    own.get_by_role("button", name="Learn from it").click()
    expect(own).to_contain_text("Draw something first.")
    box = own.locator("canvas").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.8 * box["height"], steps=4)
    page.mouse.up()
    own.get_by_role("button", name="Learn from it").click()
    expect(own).to_contain_text("It learns from 1 of your own.")
    expect(part(page, "seen")).to_contain_text("and 1 that you drew")
    assert len(set(ink(own.locator("li canvas")).split(","))) > 2
    own.get_by_role("button", name="Take out").click()
    expect(own.locator("li")).to_have_count(0)
    expect(part(page, "seen")).not_to_contain_text("you drew")
    page.get_by_text("What it learns from").click()


def test_beta_turns_while_it_runs_and_the_link_keeps_it(page: Page) -> None:
    slider = part(page, "beta")
    slider.press("End")
    expect(part(page, "beta-now")).to_have_text("16")
    expect(part(page, "beta-words")).to_contain_text("as much as 16 nats")
    assert kept(page)["learn.beta"] == ["16"]
    slider.press("Home")
    expect(part(page, "beta-words")).to_contain_text("the rate is free")
    press(page, "noise")
    expect(slider).to_be_disabled()
    expect(part(page, "beta-words")).to_contain_text("plain autoencoder")
    press(page, "noise")


def test_more_latents_begin_again_and_are_chosen_for_the_map(page: Page) -> None:
    part(page, "z").select_option("5")
    expect(part(page, "map")).to_have_attribute("data-drawn", "0")
    bars = part(page, "bars").get_by_role("button")
    expect(bars).to_have_count(5)
    unseen = part(page, "bars").locator('[aria-pressed="false"]').first
    label = (unseen.get_attribute("aria-label") or "").split(":")[0]
    before = ink(part(page, "map"))
    unseen.click()
    expect(part(page, "bars").get_by_label(label)).to_have_attribute("aria-pressed", "true")
    changed(part(page, "map"), before)


def test_a_learning_rate_that_is_too_large_is_named(page: Page) -> None:
    part(page, "rate").select_option("1")
    press(page, "play")
    expect(page.locator("#tab-learn .vd-trouble")).to_contain_text("ran away", timeout=WAIT_MS)
    expect(page.locator('#tab-learn [data-act="play"]')).to_have_text("Play")
    part(page, "rate").select_option("0.003")
    press(page, "again")
    expect(page.locator("#tab-learn .vd-trouble")).to_have_text("")


def test_nothing_is_trained_while_another_tab_is_open(page: Page) -> None:
    press(page, "play")
    steps(page, 3)
    choose(page, "Sample")
    page.wait_for_timeout(1_000)  # a frame may be on its way
    before = part(page, "map").get_attribute("data-drawn")
    page.wait_for_timeout(1_500)
    assert part(page, "map").get_attribute("data-drawn") == before
    choose(page, "Learn")
    steps(page, int(before or 0))
    press(page, "play")


def test_a_step_is_made_line_by_line(page: Page) -> None:
    fold = page.locator("#fold-learn-one-step")
    fold.locator("button").first.click()
    expect(fold.locator("[data-line='1']")).to_have_count(1, timeout=WAIT_MS)
    plane, answers, words = (fold.locator(f'[data-part="{name}"]') for name in ("plane", "p", "words"))
    shown = [ink(plane)]
    for line in range(2, 8):
        assert (ink(answers) == "") == (line <= 4), "nothing is decoded before line 4"
        fold.locator('[data-act="next"]').click()
        expect(fold.locator(".lit")).to_have_text(re.compile({2: "encoder", 5: "rate", 7: "Adam"}.get(line, "←")))
        shown.append(ink(plane))
    assert [a != b for a, b in pairwise(shown)] == [True, True, False, False, True, False]
    expect(words).to_contain_text("now cost")
    before, after = re.findall(r"now cost (\d+\.\d) nats, not (\d+\.\d)", words.inner_text())[0][::-1]
    assert float(after) < float(before), "the same digits with the same eps cost less"
    assert float(before) == pytest.approx(784 * 0.693, rel=0.05)
    fold.locator('[data-act="next"]').click()
    expect(fold.locator("[data-steps='2'][data-line='1']")).to_have_count(1)


def points(page: Page) -> Locator:
    fold = page.locator("#fold-learn-points")
    if not fold.locator(".vd-section").is_visible():
        fold.locator("button").first.click()
    return fold


def test_a_vae_and_a_gan_learn_the_same_points(page: Page) -> None:
    fold = points(page)
    expect(fold.locator("[data-steps='0']")).to_have_count(1, timeout=WAIT_MS)
    planes = [fold.locator(f'[data-part="{name}"]') for name in ("vae", "gan")]
    before = [ink(canvas) for canvas in planes]
    fold.locator('[data-act="step"]').click()
    expect(fold.locator("[data-steps='1']")).to_have_count(1)
    for canvas, was in zip(planes, before, strict=True):
        changed(canvas, was)
    expect(fold.locator('[data-part="gan-losses"]')).to_contain_text("of the generator 0.")
    expect(fold.locator('[data-part="gan-loss-curves"]')).to_have_attribute("aria-label", re.compile("generator 0."))
    line = fold.locator('[data-part="vae-share-curves"] polyline').first
    expect(line).to_have_attribute("points", re.compile(r"^\S+$"))
    fold.locator('[data-act="play"]').click()
    expect(fold.locator('[data-part="vae-figures"]')).to_contain_text("finds 100% of the modes", timeout=WAIT_MS)
    fold.locator('[data-act="play"]').click()
    expect(fold.locator('[data-act="play"]')).to_have_text("Play")
    expect(line).to_have_attribute("points", re.compile(r"\S+ \S+"))


def test_modes_of_ones_own_are_placed_by_a_click(page: Page) -> None:
    fold = points(page)
    plane = fold.locator('[data-part="vae"]')
    box = plane.bounding_box()
    assert box
    plane.click(position={"x": 0.75 * box["width"], "y": 0.25 * box["height"]})
    expect(fold.locator('[data-part="set"]')).to_have_value("own")
    expect(fold.locator("[data-steps='0']")).to_have_count(1)
    x, y = (float(value) for value in kept(page)["learn.points.modes"][0].split(","))
    assert x == pytest.approx(0.6, abs=0.02)
    assert y == pytest.approx(0.6, abs=0.02)
    expect(fold.locator('[data-part="vae-figures"]')).to_contain_text("finds")


def test_what_was_trained_is_one_more_space_for_labels(page: Page) -> None:
    fold = page.locator("#fold-learn-ten-labels")
    fold.locator("button").first.click()
    expect(fold.locator('[data-part="row-yours"]')).to_be_visible(timeout=3 * WAIT_MS)
    expect(fold.locator('[data-part="on-map"]')).to_have_value("yours")
    mine = ink(fold.locator('[data-part="plane"]'))
    fold.locator('[data-part="on-map"]').select_option("plane")
    changed(fold.locator('[data-part="plane"]'), mine)
    expect(fold.locator('[data-part="legend"]')).to_contain_text("where digits-2d puts them")
    fold.locator("button").first.click()


def slowed(route: Route) -> None:
    """The trainer's worker, which takes any browser for a slow one."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("const SLOW = 400;", "const SLOW = 1e9;"))


def test_on_a_phone_nothing_is_too_wide_and_a_slow_one_gets_a_smaller_net(chromium: Browser, server: Server) -> None:
    for page in opened(chromium, server, 390, 844, "Learn", query="/?learn.z=16"):
        expect(part(page, "map")).to_have_attribute("data-drawn", "0", timeout=WAIT_MS)
        expect(points(page).locator("[data-steps='0']")).to_have_count(1, timeout=WAIT_MS)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
        for control in page.locator("#tab-learn :is(.vd-learn, .vd-section) :is(button, input, select):visible").all():
            box = control.bounding_box()
            assert box
            assert box["height"] >= 31.5
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 391
        page.route("**/training-worker.mjs", slowed)
        page.reload()
        expect(part(page, "map")).to_have_attribute("data-drawn", "0", timeout=WAIT_MS)
        page.locator('#tab-learn .vd-learn [data-act="play"]').click()
        expect(part(page, "seen")).to_contain_text("64 hidden units in place of 256", timeout=WAIT_MS)
