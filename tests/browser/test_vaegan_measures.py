"""The folds of the tab VAE vs GAN that measure: what each can do, errors, a discriminator, the net as it is."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from folds import choose, drag, fits_a_phone, ink, kept, opened
from playwright.sync_api import Browser, Locator, Page, expect
from safetensors.torch import load_file
from server_thread import Server
from small_models import alone
from starlette.types import ASGIApp

import vaedemo
from vaedemo import zoo
from vaedemo.app import create_app
from vaedemo.app.server import inference
from vaedemo.app.server.answers import MARK
from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.evaluation import frechet, likeness
from vaedemo.latents import draw
from vaedemo.models.face_critic import FaceCritic
from vaedemo.vision import face_alignment, picture_errors

ASKED = (
    {"attribute_cosine": 0.871, "attribute_mse": 0.31, "attribute_cosine_real": 0.915},
    {"attribute_cosine": 0.902, "attribute_mse": 0.27},
)
FIGURES = {
    "faces-vae": {"sharpness": 0.12, "pixel_mse": 0.0064, "elbo": 13_336.1, "rate": 226.4, "n": 2_351, **ASKED[0]},
    "faces-vae-gan": {"sharpness": 0.93, "reader_feature_error": 0.31, **ASKED[1]},
    "faces-gan": {"sharpness": 0.66, "inversion_mse": 0.0137, "inversion_s": 2.04},
}
EYES = np.array([[198.0, 118.0], [247.0, 112.0]])  # of the example


@pytest.fixture(scope="module")
def server(
    serve: Callable[[ASGIApp], Server], small_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Random models, some of which are measured. The eye net has random weights: the example's eyes are told."""
    runs = tmp_path_factory.mktemp("faces") / "runs"
    shutil.copytree(small_models, runs)
    for name, numbers in FIGURES.items():
        file = runs / name / "bundle" / "metrics.json"
        told = {"data": "CelebA", "split": "test", **numbers}
        file.write_text(json.dumps(json.loads(file.read_text()) | told))
    with alone(runs), pytest.MonkeyPatch.context() as patch:
        patch.setattr(face_alignment, "find_face", lambda image, net: EYES if image.width == 512 else None)
        yield serve(create_app())


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    yield from opened(chromium, server, 1280, 900, "VAE vs GAN")


@pytest.fixture(scope="module")
def x(page: Page) -> np.ndarray:
    """The portrait that the tab opens with, (3, 64, 64) in [0, 1], as it is shown."""
    page.wait_for_selector("#tab-vaegan [data-figure=faces-vae-gan] .frame:not(.empty)")
    pixels = np.array(ink(page.locator("#tab-vaegan .vd-race [data-part=x]")).split(","), int).reshape(64, 64, 4)
    return (pixels[..., :3].transpose(2, 0, 1) / 255).astype(np.float32)


def fold(page: Page, name: str) -> Locator:
    found = page.locator(f"#fold-vaegan-{name}")
    if not found.locator(".vd-section").is_visible():
        found.locator("button").first.click()
    expect(found.locator("[data-part=rows], canvas").first).to_be_visible()
    found.scroll_into_view_if_needed()  # what nobody looks at asks the server nothing
    return found


def field(table: Locator, row: str, column: int) -> Locator:
    return table.get_by_role("row").filter(has_text=row).get_by_role("button").nth(column)


def test_each_field_says_what_was_measured(page: Page) -> None:
    table = fold(page, "properties")
    expect(field(table, "Given an X", 0)).to_contain_text("squared error of the picture: 0.0064")
    expect(field(table, "Given an X", 1)).to_contain_text("2.0 s a photo")
    expect(field(table, "Given an X", 2)).to_contain_text("features: 0.31")
    expect(field(table, "Explicit P(X)", 0)).to_contain_text("13,336 nats")
    expect(field(table, "Explicit P(X)", 1)).to_contain_text("nothing to compute")
    expect(table).to_contain_text("CelebA, test, n = 2,351")
    expect(table).to_contain_text(f"on two threads, for {likeness.FOUND} of these photos")
    expect(table).to_contain_text(f"of {frechet.COUNT:,} samples")


def test_what_is_sharp_is_what_was_measured_so(page: Page) -> None:
    """Whatever the lecture says of a GAN."""
    table = fold(page, "properties")
    for column, (look, figure) in enumerate((("Blurry", "0.12"), ("Less sharp", "0.66"), ("Sharp", "0.93"))):
        expect(field(table, "Sharp samples", column).locator("b")).to_contain_text(look)
        expect(field(table, "Sharp samples", column)).to_contain_text(figure)


def test_the_bound_is_that_of_the_portrait(page: Page, x: np.ndarray) -> None:
    table = fold(page, "properties")
    wanted = []
    for name in ("faces-vae", "faces-vae-dis", "faces-vae-gan"):
        posterior = inference.encode(name, x)
        assert posterior.rate is not None
        wanted.append(-posterior.distortion - posterior.rate)
    page.wait_for_function("document.querySelector('.vd-properties').dataset.drawn")
    shown = table.locator(".vd-properties").get_attribute("data-drawn") or ""
    np.testing.assert_allclose([float(one) for one in shown.split(",")], wanted, rtol=0.02)
    expect(table.locator(".bound").last).to_contain_text("nothing to compute")
    expect(table.locator(".bound .track")).to_have_count(3)


def test_a_field_opens_what_shows_it(page: Page) -> None:
    table = fold(page, "properties")
    field(table, "Explicit P(X)", 0).click()
    expect(table.locator("[data-part=bound]")).to_be_focused()
    field(table, "Given an X", 1).click()
    expect(page.locator("#tab-vaegan .vd-race")).to_be_in_viewport()
    field(table, "Interpretable P(X)", 0).click()
    expect(page.locator("#fold-whyq-density-vs-sampler .vd-section")).to_be_visible()
    choose(page, "VAE vs GAN")
    expect(table.locator(".vd-section")).to_be_visible()  # where one came from is still open


def test_a_model_that_is_not_here_is_said(chromium: Browser, server: Server) -> None:
    absent = {"absent": "live/models/faces-vae-gan", "lost": "**/models/faces-vae-gan.json"}
    for other in opened(chromium, server, 1280, 900, "VAE vs GAN", **absent):
        table = fold(other, "properties")
        expect(field(table, "Sharp samples", 2)).to_contain_text("the lecture says so; not measured")
        expect(field(table, "Sharp samples", 1)).to_contain_text("0.66")


@pytest.fixture(scope="module")
def critic(server: Server) -> FaceCritic:
    net = zoo.loaded_net("faces-critic")
    assert isinstance(net, FaceCritic)
    return net


def drawn(place: Locator, *wanted: object) -> None:
    """Waits until what the fold says of itself is so."""
    expect(place.locator("[data-drawn]")).to_have_attribute("data-drawn", ",".join(map(str, wanted)))


def figures(place: Locator) -> list[float]:
    return [float(text) for text in place.locator(".bars b").all_inner_texts()]


def of_bytes(picture: np.ndarray) -> torch.Tensor:
    """(3, 64, 64) in [0, 1] as the page has it, in 256 levels."""
    return torch.from_numpy((picture * 255 + 0.5).astype(np.uint8)).float() / 255


def test_a_drag_shifts_and_both_errors_follow(page: Page, x: np.ndarray, critic: FaceCritic) -> None:
    errors = fold(page, "error")
    drawn(errors, "photo", 0, 0, 0, 0, 0)
    expect(errors.locator("[data-part=sentence]")).to_contain_text("Nothing is changed")
    assert figures(errors) == [0, 0]
    drag(errors.locator("[data-part=changed]"), (0.5, 0.5), (0.5 + 2.2 / 64, 0.5 - 1.2 / 64))
    drawn(errors, "photo", 2, -1, 0, 0, 0)
    photo = of_bytes(x)
    wanted = picture_errors.errors(critic, photo, picture_errors.shifted(photo[None], 2, -1)[0])
    np.testing.assert_allclose(figures(errors), [wanted.pixels.relative, wanted.features.relative], atol=0.006)
    assert kept(page)["vaegan.error.change"] == ["2,-1,0,0,0"]
    errors.locator("[data-part=changed]").press("ArrowLeft")
    drawn(errors, "photo", 1, -1, 0, 0, 0)
    drag(errors.locator("[data-part=changed]"), (0.2, 0.5), (0.9, 0.5))
    drawn(errors, "photo", 4, -1, 0, 0, 0)  # and no farther
    errors.get_by_role("button", name="The photo again").click()
    drawn(errors, "photo", 0, 0, 0, 0, 0)


def test_a_blur_is_the_one_of_python(page: Page, x: np.ndarray, critic: FaceCritic) -> None:
    errors = fold(page, "error")
    errors.get_by_role("button", name="Blur").click()
    drawn(errors, "photo", 0, 0, 1.2, 0, 0)
    expect(errors.get_by_role("button", name="Blur")).to_have_attribute("aria-pressed", "true")
    expect(errors.get_by_role("slider", name="Blur")).to_have_value("1.2")
    photo = of_bytes(x)
    wanted = picture_errors.errors(critic, photo, picture_errors.blurred(photo[None], 1.2)[0])
    np.testing.assert_allclose(figures(errors), [wanted.pixels.relative, wanted.features.relative], atol=0.006)
    expect(errors.get_by_role("button", name="Blur").locator("small")).to_contain_text(
        f"pixels {figures(errors)[0]:.2f}, features {figures(errors)[1]:.2f}"
    )


def test_a_reconstruction_is_compared_too(page: Page, x: np.ndarray, critic: FaceCritic) -> None:
    errors = fold(page, "error")
    errors.get_by_role("button", name="VAE/GAN’s reconstruction").click()
    drawn(errors, "faces-vae-gan", 0, 0, 0, 0, 0)
    mean = inference.encode("faces-vae-gan", x).mean
    rebuilt = torch.from_numpy(inference.decode("faces-vae-gan", mean[None])[0]).float() / 255
    wanted = picture_errors.errors(critic, of_bytes(x), rebuilt)
    np.testing.assert_allclose(
        figures(errors), [wanted.pixels.relative, wanted.features.relative], atol=0.006, rtol=0.02
    )
    errors.get_by_role("button", name="The photo again").click()
    drawn(errors, "photo", 0, 0, 0, 0, 0)


def test_a_link_holds_a_change(chromium: Browser, server: Server) -> None:
    place = "vaegan.error"
    query = f"?tab=vaegan&open=error&{place}.change=0,3,0.5,-0.2,1"
    for other in opened(chromium, server, 1280, 900, query=query, ready="#fold-vaegan-error canvas"):
        drawn(fold(other, "error"), "photo", 0, 3, 0.5, -0.2, 1)


def test_without_the_critic_that_is_said(chromium: Browser, server: Server) -> None:
    for other in opened(chromium, server, 1280, 900, "VAE vs GAN", absent="live/vaegan/(errors|looks)|faces-critic"):
        other.route(
            re.compile("live/vaegan/(errors|looks)"),
            lambda route: route.fulfill(status=503, headers=MARK, body="nowhere"),
        )
        for name in ("error", "discriminator"):
            expect(fold(other, name).locator(".vd-trouble")).to_have_text("faces-critic is not here.")


def scores(place: Locator) -> list[float]:
    return [float(one) for one in (place.locator(".vd-fool").get_attribute("data-scores") or "").split(",")]


def test_the_discriminator_scores_what_is_shown(page: Page, x: np.ndarray, critic: FaceCritic) -> None:
    fool = fold(page, "discriminator")
    fool.get_by_role("button", name="Throw z").click()
    drawn(fool, 1, 1, 0)
    z, names = draw(1, 64, seed=1), ("faces-vae", "faces-gan", "faces-vae-gan")

    def wanted(z: np.ndarray) -> list[float]:
        pictures = [torch.from_numpy(inference.decode(name, z)[0]).float() / 255 for name in names]
        return picture_errors.looks(critic, torch.stack([of_bytes(x), *pictures])).scores.tolist()

    np.testing.assert_allclose(scores(fool), wanted(z), atol=0.01)
    expect(fool.locator("[data-part=photo] b")).to_have_text(f"{round(100 * scores(fool)[0])} %")
    fooled = "it is fooled" if max(scores(fool)[1:]) > 0.5 else "no drawn picture fools it"
    expect(fool.locator("[data-part=sentence]")).to_contain_text(fooled)
    fool.get_by_role("slider", name="Pull z").fill("5")
    drawn(fool, 1, 1, 5)
    way = draw(2, 64, seed=1)[1:]
    np.testing.assert_allclose(scores(fool), wanted(z + 5 * way / np.linalg.norm(way)), atol=0.01)
    assert kept(page)["vaegan.discriminator.pull"] == ["5.0"]
    fool.get_by_role("button", name="The portrait’s z").click()
    drawn(fool, "", 1, 0)


def test_the_table_says_what_was_measured(page: Page) -> None:
    table = fold(page, "attribute-table")
    rows = table.locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("0.871")
    expect(rows.nth(0)).to_contain_text("0.310")
    expect(rows.nth(2)).to_contain_text("0.902 best")
    expect(rows.nth(3)).to_contain_text("not measured")
    expect(rows.nth(4)).to_contain_text("0.915")
    expect(table.locator("[data-part=best]")).to_contain_text("VAE/GAN is read best: cosine 0.902")


def test_what_is_asked_moves_each_models_codes(page: Page, server: Server) -> None:
    table = fold(page, "attribute-table")
    table.get_by_role("checkbox", name="hat").check()
    drawn(table, 0b111, 1, 1)
    name, rows = "faces-vae", [ATTRIBUTES.index(one) for one in ("Smiling", "Eyeglasses", "Wearing_Hat")]
    vectors = load_file(vaedemo.folder(name) / "latents.safetensors")["attribute_vectors"].float().numpy()
    wanted = inference.decode(name, draw(6, 64, seed=1) + vectors[rows].sum(0)).astype(int)
    shown = np.array(ink(table.locator(f"[data-part={name}] canvas")).split(","), int)
    pictures = shown.reshape(2, 64, 3, 64, 4)[..., :3].swapaxes(1, 2).reshape(6, 64, 64, 3)
    assert np.abs(pictures - wanted.transpose(0, 2, 3, 1)).max() <= 2
    assert kept(page)["vaegan.attribute-table.asked"] == ["7"]
    table.get_by_role("checkbox", name="hat").uncheck()
    drawn(table, 0b11, 1, 1)


def test_every_layer_of_the_decoder_shows_the_portrait(page: Page, x: np.ndarray) -> None:
    net = fold(page, "architecture")
    expect(net.locator("[data-part=words]")).to_have_text("z is the portrait’s.")
    for side, maps in ((4, 192), (8, 128), (16, 96), (32, 64), (64, 32)):
        stage = net.locator(f"[data-part=s{side}]")
        expect(stage.locator("figcaption")).to_contain_text(f"{side} × {side}")
        expect(stage.locator("figcaption")).to_contain_text(f"{maps} maps")
        expect(stage.locator("canvas")).to_have_count(16)
        assert any(ink(canvas) for canvas in stage.locator("canvas").all())
    decoded = inference.decode("faces-vae", inference.encode("faces-vae", x).mean[None])[0].astype(int)
    shown = np.array(ink(net.locator("[data-part=picture]")).split(","), int).reshape(64, 64, 4)[..., :3]
    assert np.abs(shown - decoded.transpose(1, 2, 0)).max() <= 3  # codes travel as text
    net.get_by_role("combobox").select_option("faces-gan")
    drawn(net, "faces-gan", "")
    expect(net.locator("[data-part=words]")).to_contain_text("this one is thrown")
    net.get_by_role("button", name="Throw z").click()
    drawn(net, "faces-gan", 1)
    assert kept(page)["vaegan.architecture.model"] == ["faces-gan"]


def test_they_fit_a_phone(chromium: Browser, server: Server) -> None:
    for phone in opened(chromium, server, 390, 844, "VAE vs GAN"):
        for name in ("error", "discriminator", "properties", "attribute-table", "architecture"):
            fits_a_phone(fold(phone, name))
