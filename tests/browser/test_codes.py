"""The Python that the page shows behind "Code", of every fold, in every tab: it runs as it stands."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from folds import opened
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Locator, Page, expect
from server_thread import Server

import vaedemo
from vaedemo import express
from vaedemo.vision import face_alignment

EXAMPLES = Path(vaedemo.__file__).parent / "web" / "examples"
TABS = ("Sample", "Why Q", "Sliders", "VAE vs GAN", "Attributes", "Colorization", "Motion", "Expressions")
CODE = "[data-act=code]:visible, [data-act=pycode]:visible"
SLOW = {"fold-whyq-one-q-or-each"}  # a minute of sums; its calls are others' too


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    # With random weights some pictures are blank, or have no face; that is said, and no matter here.
    yield from opened(chromium, server, 1280, 900, absent="live/(encode|face|photo|evidence|activations)")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that the code reads, in the folder where it runs."""
    digit = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(digit).line([(60, 50), (200, 50), (120, 230)], fill=0, width=24, joint="curve")
    digit.save(tmp_path / "digit.png")
    Image.effect_mandelbrot((64, 64), (-2, -1.5, 1, 1.5), 50).save(tmp_path / "picture.png")
    shutil.copy(EXAMPLES / "astronaut.jpg", tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(express, "ROUNDS", 1)  # nets with random weights find no face, and put none right
    monkeypatch.setattr(face_alignment, "find_face", lambda image, net: np.array([[0.4, 0.5], [0.6, 0.5]]) * image.size)
    return tmp_path


def shown(page: Page, scope: Locator) -> str:
    """The code behind the button; what the button shows may be on its way yet."""
    for _ in range(40):
        scope.locator(CODE).first.click()
        if page.locator("dialog pre").count():
            code = page.locator("dialog pre").inner_text()
            page.keyboard.press("Escape")
            expect(page.locator("dialog")).to_have_count(0)
            return code
        page.wait_for_timeout(250)
    raise AssertionError("no code is shown")


@pytest.mark.parametrize("tab", TABS)
def test_the_code_of_a_tab_runs(page: Page, files: Path, tab: str) -> None:
    page.get_by_role("tab", name=tab, exact=True).click()
    panel = page.locator(".tabitem:visible")
    expect(panel.locator("canvas").first).to_be_visible()
    codes = {tab: shown(page, panel.locator(".column > :not([id^=fold-])"))}
    for fold in panel.locator("[id^=fold-]").all():
        name = fold.get_attribute("id") or ""
        fold.locator("button").first.click()
        fold.scroll_into_view_if_needed()
        expect(fold.locator(".vd-section > *").first).to_be_visible()
        if fold.locator(CODE).count():
            codes[name] = shown(page, fold)
    assert len(codes) > 3
    for name, code in codes.items():
        if name in SLOW:
            continue
        torch.manual_seed(0)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            exec(compile(code, name, "exec"), {})
