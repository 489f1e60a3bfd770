"""The tab Why Q in a real browser, under a real pointer, with the shipped models: it shows what PyTorch says."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from folds import changed, drag, fits_a_phone, ink, kept, opened
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Locator, Page, expect
from server_thread import Server
from starlette.types import ASGIApp

import vaedemo
from vaedemo.app import create_app
from vaedemo.app.tab import stops
from vaedemo.app.tabs import tabs
from vaedemo.evaluation import evidence
from vaedemo.latents import draw
from vaedemo.models.vae import VAE
from vaedemo.vision import preprocessing

STOPS = stops(tabs())
FOLDS = (
    "whyq-beat-the-encoder",
    "whyq-one-q-or-each",
    "whyq-derivation",
    "whyq-reparameterization",
    "whyq-gaussian-likelihood",
    "whyq-density-vs-sampler",
)
READY = {  # what a fold's root says of itself once its numbers are there
    "whyq-one-q-or-each": "average",
    "whyq-gaussian-likelihood": "best",
    "whyq-density-vs-sampler": "scores",
    "whyq-beat-the-encoder": "elbo",
    "whyq-reparameterization": "gradient",
}
# As a browser's translation does it: each piece of text lies in two elements of its own.
WRAP = """element => {
  for (const text of [...element.childNodes].filter(node => node.nodeType === 3)) {
    const outer = document.createElement('font'), inner = document.createElement('font');
    text.replaceWith(outer);
    outer.append(inner);
    inner.append(text);
  }
}"""
PRESENT = 'document.documentElement.classList.contains("vd-present")'


@pytest.fixture(scope="module")
def server(serve: Callable[[ASGIApp], Server]) -> Server:
    return serve(create_app())


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    for page in opened(chromium, server, 1280, 900, "Why Q"):
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        expect(page.locator("[data-thrown]")).to_be_attached()
        yield page


@pytest.fixture(scope="module")
def model() -> VAE:
    found = vaedemo.load("digits-2d")
    assert isinstance(found, VAE)
    return found.requires_grad_(False)


@pytest.fixture(scope="module")
def drawing(page: Page, tmp_path_factory: pytest.TempPathFactory) -> torch.Tensor:
    """A seven of people's own, given to the page; x as PyTorch reads it, (1, 1, 28, 28) of 0 and 1."""
    file: Path = tmp_path_factory.mktemp("drawn") / "seven.png"
    image = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(image).line([(60, 50), (200, 50), (120, 230)], fill=0, width=24, joint="curve")
    image.save(file)
    before = page.locator("[data-thrown]").get_attribute("data-thrown") or ""
    told = page.locator(".vd-darts [data-part=note]").inner_text()
    page.locator(".vd-darts input[type=file]").set_input_files(file)
    expect(page.locator(".vd-darts [data-part=note]")).not_to_have_text(told)
    assert before
    return torch.from_numpy(preprocessing.black_and_white(preprocessing.to_digit(preprocessing.read(file))))[None]


def fold(page: Page, name: str) -> Locator:
    """The fold, open, and its numbers there."""
    found = page.locator(f"#fold-{name}")
    if not found.locator(".vd-section").is_visible():
        found.locator("button").first.click()
    if name in READY:
        expect(found.locator(f"[data-{READY[name]}]")).to_be_attached()
    else:
        expect(found.locator("[data-part=words]")).to_contain_text("log P(X) =")
    return found


def numbers(found: Locator, key: str) -> list[float]:
    text = found.locator(f"[data-{key}]").get_attribute(f"data-{key}")
    return [float(part) for part in re.split("[ ,]", text or "")]


def moved(found: Locator, key: str, before: list[float]) -> None:
    """Waits until the numbers are others."""
    for _ in range(400):
        if numbers(found, key) != before:
            return
        found.page.wait_for_timeout(50)
    raise AssertionError("the numbers did not change")


def test_a_thousand_darts_hit_as_often_as_pytorch_says(page: Page, model: VAE, drawing: torch.Tensor) -> None:
    q = model.encode(drawing)

    def score(z: torch.Tensor) -> torch.Tensor:
        return evidence.scorer(model, drawing)(z)

    aim = q.mean + q.stddev * torch.from_numpy(draw(256, 2, seed=0))
    floor = score(aim).mean() - 5
    for hand, name in (("prior", "Throw 1,000 from p"), ("q", "Throw 1,000 from q")):
        before = page.locator("[data-thrown]").get_attribute("data-thrown") or ""
        page.get_by_role("button", name=name).click()
        expect(page.locator("[data-thrown]")).not_to_have_attribute("data-thrown", before)
        seed, hits = (page.locator("[data-thrown]").get_attribute("data-thrown") or "").split()[1:]
        eps = torch.from_numpy(draw(1_000, 2, seed=int(seed)))
        wanted = int((score(q.mean + q.stddev * eps if hand == "q" else eps) > floor).sum())
        assert abs(int(hits) - wanted) <= 1, hand  # one may lie on the edge
    assert int(hits) > 800
    expect(page.locator(".vd-darts [data-part=big]")).to_contain_text(f"q: {int(hits):,} of 1,000 hit")
    expect(page.locator("[data-part=line]")).to_contain_text("summed exactly")
    exact = evidence.grid(lambda z: score(z)).log_p
    shown = page.locator("[data-part=line]").inner_text().split()[0].replace("−", "-")
    assert float(shown) == pytest.approx(exact, abs=0.1)
    assert page.locator(".vd-estimates g.prior").count() == page.locator(".vd-estimates g.q").count() >= 7
    assert kept(page)["whyq.source"] == ["q"]


def test_more_latents_are_thrown_at_too(page: Page, drawing: torch.Tensor) -> None:
    button = page.get_by_role("button", name="4", exact=True).last
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".vd-darts [data-part=caption]")).to_contain_text("Two of the 4 latents")
    expect(page.locator("#tab-whyq [data-part=badge]").first).to_contain_text("digits-4d")
    expect(page.locator("[data-part=line]")).to_contain_text("throws of q")
    page.get_by_role("button", name="2", exact=True).last.click()
    expect(page.locator(".vd-darts [data-part=caption]")).to_contain_text("whole map")


def test_the_ellipse_follows_the_hand_and_its_elbo_is_pytorchs(page: Page, model: VAE, drawing: torch.Tensor) -> None:
    beat = fold(page, "whyq-beat-the-encoder")
    board, score = beat.locator("[data-part=board]"), evidence.scorer(model, drawing)
    log_p, before = numbers(beat, "elbo")
    assert log_p == pytest.approx(evidence.grid(score).log_p, abs=0.02)
    drag(board, (0.75, 0.75), (0.62, 0.66))
    board.press("ArrowUp")
    board.press("Shift+ArrowLeft")
    board.press("[")
    a, b, wide, narrow, angle = (float(text) for text in kept(page)["whyq.beat-the-encoder.mine"][0].split(","))
    shown_log_p, elbo = numbers(beat, "elbo")
    assert shown_log_p == log_p
    assert elbo != before
    c, s = math.cos(angle), math.sin(angle)
    axes = torch.tensor([[c, -s], [s, c]]) @ torch.diag(torch.tensor([wide, narrow]))
    q = evidence.gaussian(torch.tensor([a, b]), axes @ axes.T)
    assert elbo == pytest.approx(evidence.elbo(score, q), abs=0.1)
    assert elbo < log_p
    expect(beat.locator("[data-part=verdict]")).to_contain_text(f"= {log_p - elbo:.2f}"[:4])
    for slider in beat.locator(".vd-hand input").all():
        now = numbers(beat, "elbo")[1]
        slider.press("ArrowRight")
        slider.press("PageUp")
        assert numbers(beat, "elbo")[1] != now
    drag(board, (0.05, 0.05), (0.9, 0.95))
    assert numbers(beat, "elbo")[1] < log_p


def test_a_second_pointer_moves_nothing(page: Page, drawing: torch.Tensor) -> None:
    beat = fold(page, "whyq-beat-the-encoder")
    board = beat.locator("[data-part=board]")
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    held = numbers(beat, "elbo")
    palm = {"pointerId": 99, "clientX": box["x"] + 5, "clientY": box["y"] + 5, "bubbles": True}
    for kind in ("pointerdown", "pointermove", "pointerup"):
        board.dispatch_event(kind, palm)
    assert numbers(beat, "elbo") == held
    # To the left: the test before may have left the ellipse at the right edge, where it stays.
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"], steps=3)
    moved(beat, "elbo", held)  # the first one still holds the ellipse
    page.mouse.up()


def test_the_encoder_is_revealed_and_can_be_beaten(page: Page, model: VAE, drawing: torch.Tensor) -> None:
    beat = fold(page, "whyq-beat-the-encoder")
    expect(beat.locator(".vd-bound .row")).to_have_count(1)
    before = numbers(beat, "elbo")
    beat.get_by_role("button", name="Put mine on the encoder's").click()
    moved(beat, "elbo", before)
    elbo = evidence.elbo(evidence.scorer(model, drawing), evidence.of_encoder(model.encode(drawing)))
    assert numbers(beat, "elbo")[1] == pytest.approx(elbo, abs=0.1)
    expect(beat.locator(".vd-bound .row")).to_have_count(2)
    expect(beat.locator("[data-part=verdict]")).to_contain_text("The encoder leads by 0.00 nats")
    beat.get_by_role("button", name="Best upright Gaussian").click()
    expect(beat.locator(".vd-bound .row")).to_have_count(3)
    expect(beat.locator("[data-part=verdict]")).to_contain_text("amortization")
    assert beat.locator("polygon.upright").count() == 2
    beat.get_by_role("button", name="Reset").click()
    expect(beat.locator(".vd-bound .row")).to_have_count(1)
    assert "whyq.beat-the-encoder.mine" not in kept(page)
    with page.expect_download() as saved:
        beat.get_by_role("button", name="PNG").click()
    with Image.open(saved.value.path()) as image:
        assert np.ptp(np.asarray(image.convert("L"))) > 50


def test_one_q_each_is_better_by_far(page: Page) -> None:
    oneq = fold(page, "whyq-one-q-or-each")
    average, own = numbers(oneq, "average")
    assert own - average > 100
    drag(oneq.locator(".vd-map"), (0.8, 0.6), (0.2, 0.2))
    moved = numbers(oneq, "average")[0]
    assert moved != average
    oneq.get_by_role("button", name="Best single q").click()
    best = numbers(oneq, "average")[0]
    assert best > max(moved, average)
    oneq.get_by_role("button", name="One q each").click()
    expect(oneq.locator("polygon.own")).to_have_count(10)
    expect(oneq.locator("[data-part=verdict]")).to_contain_text("nats better")
    a, b, sigma = (float(text) for text in kept(page)["whyq.one-q-or-each.q"][0].split(","))
    oneq.locator("input").press("ArrowRight")
    assert numbers(oneq, "average")[0] < best
    assert 0.4 <= sigma <= 1.6
    assert max(abs(a), abs(b)) < 2


def test_arrows_follow_the_path_until_it_is_cut(page: Page, drawing: torch.Tensor) -> None:
    reparam = fold(page, "whyq-reparameterization")
    arrows, z = reparam.locator("canvas.darts"), reparam.locator("[data-part=z]")
    frozen = [numbers(reparam, "gradient") for _ in range(2)]
    assert frozen[0] == frozen[1]
    before, picture = ink(arrows), ink(z)
    drag(reparam.locator("[data-part=board]"), (0.5, 0.5), (0.62, 0.6))
    assert changed(arrows, before)
    assert changed(z, picture)
    path, score = numbers(reparam, "gradient")[4:]
    assert score > 5 * path
    mean = numbers(reparam, "gradient")[:2]
    reparam.get_by_role("button", name="Follow the arrows").click()
    assert numbers(reparam, "gradient")[:2] != mean
    reparam.get_by_role("button", name="Cut the path").click()
    expect(reparam.get_by_role("button", name="Follow the arrows")).to_be_disabled()
    expect(reparam.locator("[data-part=verdict]")).to_contain_text("No gradient comes back")
    with_arrows, cut = before.count("0,0,0,0"), ink(arrows).count("0,0,0,0")
    assert cut > with_arrows, "less is drawn"
    reparam.get_by_role("button", name="Reset").click()
    expect(reparam.locator("[data-part=verdict]")).to_contain_text("worth about")


def test_a_wider_noise_prefers_a_smaller_rate(page: Page, drawing: torch.Tensor) -> None:
    l2 = fold(page, "whyq-gaussian-likelihood")
    slider, terms = l2.locator("input[type=range]"), l2.locator("[data-part=terms]")
    order, said = ["0", "¼", "1", "4", "16"], []
    for key in ("Home", "End"):
        slider.press(key)
        said.append(order.index(l2.locator("[data-best]").get_attribute("data-best") or ""))
        sigma = float(l2.locator("output").inner_text())
        weight, factor = (float(n) for n in re.findall(r"σ² = (\d[\d.]*)", terms.inner_text()))
        assert weight == pytest.approx(1 / (2 * sigma**2), rel=0.02)
        assert factor == pytest.approx(2 * sigma**2, rel=0.02)
    assert said[0] < said[1] == 4
    noisy = ink(l2.locator("[data-part=noise]"))
    l2.get_by_role("button", name="Draw η again").click()
    changed(l2.locator("[data-part=noise]"), noisy)
    l2.get_by_role("button", name="Show the mean only").click()
    assert ink(l2.locator("[data-part=noise]")) == ink(l2.locator("[data-part=f]"))


def test_the_scorer_likes_nothing_best(page: Page, model: VAE, drawing: torch.Tensor) -> None:
    score = fold(page, "whyq-density-vs-sampler")
    digit, moved, *_, noise, stroke, nothing = numbers(score, "scores")
    assert nothing > digit > moved > noise
    assert nothing > stroke
    empty = evidence.grid(evidence.scorer(model, torch.zeros(1, 1, 28, 28))).log_p
    assert nothing == pytest.approx(empty, abs=0.1)
    rolled = torch.zeros_like(drawing)
    rolled[..., 3:] = drawing[..., :-3]
    assert moved == pytest.approx(evidence.grid(evidence.scorer(model, rolled)).log_p, abs=0.1)
    expect(score.locator("[data-part=verdict]")).to_contain_text("no digit at all")
    drawn = score.locator("[data-part=drawn]")
    before = ink(drawn)
    score.get_by_role("button", name="Draw 12").click()
    before = changed(drawn, before)
    score.get_by_role("button", name="With coins").click()
    assert set(changed(drawn, before).split(",")) == {"0", "255"}


def test_every_line_of_the_derivation_lights_something_of_its_own(page: Page, drawing: torch.Tensor) -> None:
    derivation = fold(page, "whyq-derivation")
    derivation.get_by_role("button", name="Reset").click()
    root, lines = derivation.locator("[data-parts]"), derivation.locator(".vd-lines .vd-line[role=button]")
    expect(lines).to_have_count(8)
    expect(lines.first.locator(".katex")).not_to_have_count(0)
    seen = []
    for i in range(8):
        expect(lines.nth(i)).to_have_attribute("aria-current", "step")
        seen.append((root.get_attribute("data-parts"), derivation.locator("[data-part=words]").inner_text()))
        derivation.get_by_role("button", name="Next line").click()
    assert len(set(seen)) == 8
    lines.nth(2).press("Enter")
    expect(lines.nth(2)).to_have_attribute("aria-current", "step")
    lines.nth(4).click()
    expect(lines.nth(4)).to_have_attribute("aria-current", "step")
    assert kept(page)["whyq.derivation.line"] == ["5"]
    lines.nth(1).locator("p").first.evaluate(WRAP)
    lines.nth(1).locator("font font").first.click()
    expect(lines.nth(1)).to_have_attribute("aria-current", "step")


def test_presented_the_arrow_keys_go_through_the_derivation(chromium: Browser, server: Server) -> None:
    first = next(i for i, stop in enumerate(STOPS, 1) if stop["fold"] == "derivation")
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{server.address}/?present&stop={first}")
    root = page.locator("#fold-whyq-derivation [data-line]")
    for stop in STOPS[first - 1 : first + 5]:
        expect(page.locator(".vd-stops [data-part=title]")).to_have_text(stop["title"])
        if stop["fold"] == "derivation":
            expect(root).to_have_attribute("data-line", stop["state"]["line"])
        else:
            pressed = page.locator(f"#fold-whyq-{stop['fold']} [data-act=each]")
            expect(pressed).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("ArrowRight")
    assert page.evaluate(PRESENT)
    page.close()


def test_nothing_is_wider_than_a_phone(chromium: Browser, server: Server) -> None:
    for phone in opened(chromium, server, 390, 844, "Why Q", "?whyq.latents=4&whyq.source=q&whyq.digit=7"):
        expect(phone.locator("[data-thrown^='q ']")).to_be_attached(timeout=60_000)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        for name in FOLDS:
            found = phone.locator(f"#fold-{name}")
            found.locator("button").first.click()
            expect(found.locator(".vd-section button").first).to_be_visible()
            phone.wait_for_timeout(300)
            fits_a_phone(found.locator(".vd-section").locator("xpath=..") if name == "whyq-derivation" else found)
        for line in phone.locator(".vd-lines .katex-display").all():  # a formula that is too long scrolls in itself
            box = line.bounding_box()
            assert box
            assert box["x"] + box["width"] <= 390
            assert box["width"] > 200
