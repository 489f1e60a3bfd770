"""The Motion tab's folds: from future to future, transfer of z, the one future, and how good it is."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from folds import fits_a_phone, kept, opened
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from server_thread import Server
from small_models import alone
from starlette.types import ASGIApp
from torch import Tensor

from vaedemo import zoo
from vaedemo.app import create_app
from vaedemo.data import motion_scenes
from vaedemo.data.motion import to_offsets
from vaedemo.vision.image_warping import Cutout, Warp

NAME, SEED, CLIPS = "motion-drawn", 6, 17  # of the still that is shipped; of the first clip
FOLDS = ("motion-interpolation", "motion-transfer", "motion-mean-prediction", "motion-evaluation")
ENDS = "motion.interpolation.ends"
LINK = f"?tab=motion&{ENDS}=4,2&motion.transfer.clip=pendulum&motion.transfer.way=2"
METRICS = {
    "data": "clips", "split": "test", "n": 40,
    "nll": 1.234, "nll_regressor": 1.5, "nll_gain_low": 0.1, "nll_gain_high": 0.4,
    **{f"best_of_{k}": 2 / k**0.2 for k in (1, 2, 5, 10, 20, 50, 100)},
    **{f"best_of_{k}_regressor_noise": 2.2 / k**0.05 for k in (1, 2, 5, 10, 20, 50, 100)},
}  # fmt: skip


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
        path = small_models / "motion" / "bundle" / "metrics.json"
        before = path.read_text()
        path.write_text(json.dumps({**json.loads(before), **METRICS}))
        yield serve(create_app())
        path.write_text(before)


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    for page in opened(chromium, server, 1280, 900, "Motion"):
        expect(page.locator(".vd-moves .panels")).to_have_attribute("aria-busy", "false")
        yield page


@cache
def drawn(seed: int = SEED, kind: str = "fork-3") -> tuple[NDArray[np.uint8], Tensor, Tensor]:
    """A scene as it is shown (256, 256, 3), its still y (1, 12288), and its exact futures."""
    scene = motion_scenes.scene(kind, seed)
    y = torch.from_numpy(scene.still()).flatten()[None] / 255
    return np.ascontiguousarray(scene.still(256).transpose(1, 2, 0)), y, scene.futures()


def decoded(z: Tensor, y: Tensor) -> Tensor:
    model: Any = zoo.loaded(NAME)
    with torch.inference_mode():
        return model.decode(z, y)


def futures() -> tuple[Tensor, Tensor]:
    """Trajectories and z of the six that the tab shows."""
    model: Any = zoo.loaded(NAME)
    with torch.inference_mode():
        found = model.futures(drawn()[1][0], 6, 0)
    return found.trajectories, found.z


def fold(page: Page, name: str) -> Locator:
    """The fold, open, and nothing in it on its way."""
    section = page.locator(f"#fold-{name}")
    if not section.locator(".vd-section").is_visible():
        section.locator("button").first.click()
    section.locator(".vd-section > *").first.scroll_into_view_if_needed()  # the title is there before its fold is
    expect(section.locator(".vd-section > *").first).not_to_have_attribute("aria-busy", "true")
    expect(section.locator(".vd-trouble")).to_have_text("")
    return section


def shown(canvas: Locator) -> NDArray:
    """(H, W, 3), what is on the canvas."""
    text = canvas.evaluate("canvas => canvas.toDataURL().split(',')[1]")
    with Image.open(BytesIO(base64.b64decode(text))) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def shows(canvas: Locator, wanted: NDArray) -> None:
    """Waits until the canvas shows this, but for a few pixels at edges."""
    parts: list[float] = []
    for _ in range(100):
        parts.append(float((np.abs(shown(canvas) - wanted.astype(int)).max(-1) > 4).mean()))
        if parts[-1] < 0.01:
            return
        canvas.page.wait_for_timeout(50)
    raise AssertionError(parts[-1])


def on_the_way(t: float, first: int, last: int) -> NDArray:
    """The end of the future between two of the six, as Python paints it."""
    picture, y, _ = drawn()
    trajectories, z = futures()
    cutout = Cutout(picture, to_offsets(trajectories).numpy())
    moved = decoded((1 - t) * z[first : first + 1] + t * z[last : last + 1], y)
    return Warp(picture, to_offsets(moved)[0].numpy(), cutout).frame(1.0)


def ends_of(morph: Locator) -> tuple[int, int]:
    first, last = (int(morph.locator(f"[data-end={name}]").input_value()) for name in ("from", "to"))
    return first, last


def test_the_hand_pulls_one_future_into_another(page: Page) -> None:
    morph = fold(page, "motion-interpolation")
    first, last = ends_of(morph)
    ends = to_offsets(futures()[0])[:, :, -1].flatten(1)
    assert torch.cdist(ends, ends).max() == pytest.approx(float((ends[first] - ends[last]).norm()), rel=1e-3)
    picture, slider = morph.locator("[data-part=picture]"), morph.locator("[data-part=t]")
    shows(picture, on_the_way(0.5, first, last))
    for t in (0.0, 0.25, 1.0):
        slider.fill(str(t))
        shows(picture, on_the_way(t, first, last))
        expect(morph.locator("[data-part=words]")).to_contain_text(f"z = {1 - t:.2f} z")
    shows(morph.locator("[data-part=to]"), on_the_way(1.0, first, last))
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_value("0.995")
    expect(picture).to_have_attribute("data-z", re.compile(r"-?\d"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    slider.fill("0.4")
    shows(picture, on_the_way(0.4, first, last))
    assert asked == []  # the browser decodes


def test_a_latent_is_pulled_on_its_own(page: Page) -> None:
    morph = fold(page, "motion-interpolation")
    picture = morph.locator("[data-part=picture]")
    morph.locator("[data-part=t]").fill("0.4")
    expect(morph.locator("[data-part=words]")).to_contain_text("z = 0.60 z")
    before = [float(value) for value in (picture.get_attribute("data-z") or "").split(",")]
    morph.locator("summary").click()
    row = morph.locator(".vd-slider").first
    row.locator("input").focus()
    for _ in range(5):
        page.keyboard.press("Shift+ArrowRight")
    expect(morph.locator("[data-part=words]")).to_have_text("z by hand, off the line")
    kept(page)  # the hand has rested: the last key, too, is in z
    after = [float(value) for value in (picture.get_attribute("data-z") or "").split(",")]
    latent = "₀₁₂₃₄₅₆₇₈₉".index((row.locator(".name").text_content() or "")[1]) - 1
    assert [i for i, (one, other) in enumerate(zip(before, after)) if one != other] == [latent]
    trajectories, _ = futures()
    still, y, _ = drawn()
    moved = to_offsets(decoded(torch.tensor([after]), y))[0].numpy()
    shows(picture, Warp(still, moved, Cutout(still, to_offsets(trajectories).numpy())).frame(1.0))


def test_other_ends_are_chosen_and_kept_in_the_link(page: Page) -> None:
    morph = fold(page, "motion-interpolation")
    morph.locator("[data-end=from]").select_option("2")
    morph.locator("[data-end=to]").select_option("0")
    morph.locator("[data-part=t]").fill("0.5")
    shows(morph.locator("[data-part=picture]"), on_the_way(0.5, 2, 0))
    assert kept(page)[ENDS] == ["3,1"]
    expect(morph.locator("[data-part=strip] canvas")).to_have_count(5)  # reduced motion: instants, and nothing moves
    morph.get_by_role("button", name="The two that differ most").click()
    assert ENDS not in kept(page)


@pytest.mark.parametrize("way", [1, 0])
def test_z_of_a_clip_is_played_on_other_stills(page: Page, way: int) -> None:
    transfer = fold(page, "motion-transfer")
    transfer.locator(f"[data-way='{way}']").click()
    expect(transfer.locator(f"[data-way='{way}']")).to_have_attribute("aria-pressed", "true")
    model: Any = zoo.loaded(NAME)
    picture, y, truths = drawn(CLIPS)
    with torch.inference_mode():
        posterior = model.encode(truths[way : way + 1], y)
    z = posterior.mean
    expect(transfer.locator("[data-part=rate]")).to_contain_text(f"{model.rate(posterior).sum():.1f} nats")
    shows(transfer.locator("[data-part=clip] > canvas"), true_end(picture, truths, way))
    for i, seed in enumerate((CLIPS + 1, CLIPS + 2, SEED)):
        box = transfer.locator("[data-target]").nth(i)
        still, y, theirs = drawn(seed)
        moved = decoded(z, y)
        shows(box.locator("canvas"), Warp(still, to_offsets(moved)[0].numpy()).frame(1.0))
        nearest = (moved - theirs).square().flatten(1).sum(1).argmin()
        expect(box).to_have_attribute("data-nearest", str(int(nearest)))
        assert ("✓" in (box.text_content() or "")) == (int(nearest) == way)
    assert kept(page)["motion.transfer.way"] == [str(way + 1)]


def true_end(picture: NDArray[np.uint8], truths: Tensor, way: int) -> NDArray:
    offsets = to_offsets(truths).numpy()
    return Warp(picture, offsets[way], Cutout(picture, offsets)).frame(1.0)


def test_the_mean_of_all_futures_is_none_of_them(page: Page) -> None:
    one = fold(page, "motion-mean-prediction")
    picture, _, truths = drawn()
    mean = truths.mean(0)
    offsets = to_offsets(torch.stack([mean, *truths])).numpy()
    cutout = Cutout(picture, offsets)
    shows(one.locator("[data-part=mean]"), Warp(picture, offsets[0], cutout).frame(1.0))
    canvases = one.locator("[data-part=futures] canvas")
    expect(canvases).to_have_count(3)
    for i in range(3):
        shows(canvases.nth(i), Warp(picture, offsets[i + 1], cutout).frame(1.0))
    cells = one.locator("td").all_text_contents()
    error = (mean - truths).square().mean().sqrt()
    nearest = (mean - truths).square().flatten(1).mean(1).min().sqrt()
    others = (truths[:, None] - truths).square().flatten(2).mean(2).mean(1).sqrt().mean()
    assert cells == ["the mean of all", f"{error:.2f} px", f"{nearest:.2f} px",
                     "one of the futures", f"{others:.2f} px", "0.00 px"]  # fmt: skip


def test_figures_are_those_of_metrics_and_missing_ones_are_said(page: Page) -> None:
    good = fold(page, "motion-evaluation")
    expect(good.locator("tbody tr")).to_have_count(4)
    rows = [row.locator("td").all_text_contents() for row in good.locator("tbody tr").all()]
    assert rows == [
        ["CVAE, this model", "1.234", "11082"],
        ["Regressor", "1.500", "11563"],
        ["Flow classification", "not measured", "11734"],
        ["Nearest still", "not measured", "–"],
    ]
    expect(good.locator("[data-series=ours] circle")).to_have_count(7)
    titles = good.locator("[data-series=ours] title").all_text_contents()
    assert titles == [f"K = {k}: {METRICS[f'best_of_{k}']:.3f} pixels" for k in (1, 2, 5, 10, 20, 50, 100)]
    expect(good.locator("[data-part=plotted]")).to_contain_text("Not measured: flow classes, nearest still.")
    expect(good.locator("[data-part=plotted]")).to_contain_text("clips, test split, n = 40")
    expect(good.locator("[data-part=gain]")).to_contain_text("between 0.100 and 0.400 nats a coefficient")
    expect(good.locator("[data-part=drawn]")).to_contain_text("it has not been measured")


def test_the_folds_fit_a_phone_and_a_link_brings_them_back(chromium: Browser, server: Server) -> None:
    for phone in opened(chromium, server, 390, 844, query=LINK, ready=".vd-moves"):
        expect(phone.locator(".vd-moves .panels")).to_have_attribute("aria-busy", "false")
        assert ends_of(fold(phone, "motion-interpolation")) == (3, 1)
        shows(phone.locator("#fold-motion-interpolation [data-part=picture]"), on_the_way(0.5, 3, 1))
        transfer = fold(phone, "motion-transfer")
        expect(transfer.get_by_role("button", name="swings right")).to_have_attribute("aria-pressed", "true")
        for name in FOLDS:
            fits_a_phone(fold(phone, name))
