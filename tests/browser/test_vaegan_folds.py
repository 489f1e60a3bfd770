"""The folds of VAE vs GAN in which a hand moves through z: dice, pull, and two photos blended."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from folds import fits_a_phone, ink, is_decoded, kept, opened
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Route, expect
from safetensors.numpy import load_file
from server_thread import Server

from vaedemo import zoo
from vaedemo.app.server.answers import MARK
from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.latents import draw, lerp, slerp
from vaedemo.vision import face_alignment, latent_inversion

MODELS = ("faces-vae", "faces-vae-dis", "faces-vae-gan", "faces-gan")
GAN, Z, TAB = "faces-gan", 64, "VAE vs GAN"
READY = "#tab-vaegan [data-figure=faces-vae-gan] .frame:not(.empty)"  # an encoder's answer is drawn


@pytest.fixture(scope="module", autouse=True)
def a_face_is_found() -> Iterator[None]:
    """The eye net has random weights here. In every photo the eyes lie at the same places."""
    with pytest.MonkeyPatch.context() as patch:
        eyes = np.array([[0.4, 0.2], [0.48, 0.2]])
        patch.setattr(face_alignment, "find_face", lambda image, net: eyes * image.size)
        yield


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server, a_face_is_found: None) -> Iterator[Page]:
    yield from opened(chromium, server, 1280, 900, TAB)


def fold(page: Page, name: str) -> Locator:
    """The fold, open, and its first picture there."""
    opened_fold = page.locator(f"#fold-vaegan-{name}")
    if not opened_fold.locator(".vd-section").is_visible():
        opened_fold.locator("button").first.click()
    expect(opened_fold.locator("canvas").first).to_be_visible()
    return opened_fold


def told(name: str, tensor: str) -> NDArray:
    """A tensor that the model ships for the page."""
    from vaedemo.store import bundles

    return load_file(bundles.find(name).folder / "latents.safetensors")[tensor].astype(np.float32)


def said(page: Page, place: Locator) -> dict:
    """What the code behind the fold's button computes."""
    place.locator("[data-act=code]").click()
    code = page.locator("dialog pre").inner_text()
    page.keyboard.press("Escape")
    names: dict = {"load": zoo.loaded}
    exec(compile(code.replace("vaedemo.load", "load"), "code", "exec"), names)
    return names


def test_the_same_place_is_the_same_z_in_all_four(page: Page) -> None:
    dice = fold(page, "dice")
    zs = draw(24, Z, seed=1)
    grids = {name: is_decoded(dice.locator(f"[data-part=sheet-{name}] canvas"), zs, [name], 4) for name in MODELS}
    assert np.abs(grids["faces-vae"] - grids[GAN]).max() > 2
    sheet = dice.locator(f"[data-part=sheet-{GAN}] .sheet")
    box = sheet.bounding_box()
    assert box
    sheet.click(position={"x": box["width"] * 1.5 / 4, "y": box["height"] * 2.5 / 6})
    for name in MODELS:
        is_decoded(dice.locator(f"[data-part=large-{name}]"), zs[9:10], [name])
    dice.locator("[data-part=sheet-faces-vae] .sheet").press("ArrowRight")
    is_decoded(dice.locator(f"[data-part=large-{GAN}]"), zs[10:11], [GAN])
    assert kept(page)["vaegan.dice.picked"] == ["10"]


def test_the_temperature_moves_all_and_another_seed_draws_others(page: Page) -> None:
    dice = fold(page, "dice")
    dice.get_by_role("slider", name="Temperature").fill("0.5")
    for name in MODELS:
        is_decoded(dice.locator(f"[data-part=sheet-{name}] canvas"), 0.5 * draw(24, Z, seed=1), [name], 4)
    dice.get_by_role("button", name="Throw").click()
    shown = is_decoded(dice.locator(f"[data-part=sheet-{GAN}] canvas"), 0.5 * draw(24, Z, seed=2), [GAN], 4)
    assert (kept(page)["vaegan.dice.seed"], kept(page)["vaegan.dice.temperature"]) == (["2"], ["0.5"])
    drawn = said(page, dice)["pictures"][GAN]
    np.testing.assert_allclose(drawn.permute(0, 2, 3, 1) * 255, shown, atol=1.5)
    with page.expect_download() as saved:
        dice.locator("[data-act=png]").click()
    with Image.open(saved.value.path()) as file:
        assert (file.format, file.size) == ("PNG", (2 * (4 * 256 + 3 * 8), 2 * 384))


def test_what_was_measured_is_shown(chromium: Browser, server: Server, page: Page) -> None:
    """Small models have no figures, so there is no table; of others a figure that is missing is a dash."""

    def measured(route: Route) -> None:
        answer = route.fetch()
        facts = answer.json()
        facts["metrics"] |= {"sharpness": 0.987, "fd": 31.4, "fd_floor": 5.6}
        route.fulfill(response=answer, json=facts)

    expect(fold(page, "dice").locator("[data-part=figures]")).to_be_hidden()
    other = chromium.new_page(reduced_motion="reduce")
    other.route(f"**/live/models/{GAN}.json", measured)
    other.goto(f"{server.address}?tab=vaegan&open=dice")
    rows = other.locator("#fold-vaegan-dice [data-part=figures] tr")
    expect(rows).to_have_text(
        [
            "sharpnessFD",
            "VAE––",
            "VAE with Dis_l––",
            "VAE/GAN––",
            "GAN0.9931",
            "other photographs1.005.60",
        ]
    )
    other.close()


def test_one_hand_pulls_all_four_along_their_own_vectors(page: Page) -> None:
    pull = fold(page, "pull")
    pull.get_by_role("button", name="Throw").click()
    z = draw(1, Z, seed=2)
    for name in MODELS:
        is_decoded(pull.locator(f"[data-part=picture-{name}]"), z, [name])
    pull.get_by_role("slider", name="beard").fill("1.5")
    pull.get_by_role("slider", name="direction 2").press("Shift+ArrowRight")
    for name in MODELS:
        beard, way = -told(name, "attribute_vectors")[ATTRIBUTES.index("No_Beard")], told(name, "directions")[1]
        shown = is_decoded(pull.locator(f"[data-part=picture-{name}]"), z + 1.5 * beard + 2 * way, [name])
        if name == "faces-vae":
            drawn = said(page, pull)["picture"].detach()
            np.testing.assert_allclose(drawn.permute(0, 2, 3, 1) * 255, shown, atol=1.5)
    assert kept(page)["vaegan.pull.directions"] == ["0,2,0,0"]
    with page.expect_download() as saved:
        pull.locator("[data-act=gif]").click()
    with Image.open(saved.value.path()) as file:
        assert (file.format, file.size) == ("GIF", (3 * (4 * 64 + 3 * 8), 3 * 64))
        assert getattr(file, "n_frames", 1) > 20
    pull.get_by_role("button", name="All sliders to 0").click()
    is_decoded(pull.locator(f"[data-part=picture-{GAN}]"), z, [GAN])
    expect(pull.locator("[data-part=source]")).to_contain_text("searching for 8 photographs")


def test_the_hand_begins_at_the_portraits_code(page: Page) -> None:
    with page.expect_response("**/vaegan/portrait*") as answer:
        page.goto(f"{page.url.partition('?')[0]}?tab=vaegan")
    codes = answer.value.json()["codes"]
    page.wait_for_selector("#tab-vaegan canvas")
    pull = fold(page, "pull")
    pull.locator("select").select_option("portrait")
    for name in MODELS[:3]:
        is_decoded(pull.locator(f"[data-part=picture-{name}]"), [codes[name]["mean"]], [name])


def test_a_link_brings_dice_and_sliders_back(chromium: Browser, server: Server) -> None:
    smile = [2] + 11 * [0]
    query = (
        "?tab=vaegan&vaegan.dice.seed=5&vaegan.dice.temperature=1.2&vaegan.dice.picked=3"
        f"&vaegan.pull.from=dice&vaegan.pull.seed=4&vaegan.pull.attributes={','.join(map(str, smile))}"
    )
    for page in opened(chromium, server, 1280, 900, TAB, query, ready=READY):
        is_decoded(fold(page, "dice").locator(f"[data-part=large-{GAN}]"), 1.2 * draw(4, Z, seed=5)[3:], [GAN])
        vector = told(GAN, "attribute_vectors")[ATTRIBUTES.index("Smiling")]
        is_decoded(fold(page, "pull").locator(f"[data-part=picture-{GAN}]"), draw(1, Z, seed=4) + 2 * vector, [GAN])


def test_a_model_that_is_not_here_leaves_the_others(chromium: Browser, server: Server) -> None:
    page = chromium.new_page(reduced_motion="reduce")
    page.route(f"**/{GAN}.json", lambda route: route.fulfill(status=503, headers=MARK, body="nowhere"))
    page.goto(f"{server.address}?tab=vaegan&vaegan.pull.from=dice")
    for name, part, picked in (("dice", "large", 3), ("pull", "picture", 0)):
        place = fold(page, name)
        expect(place.locator(f"[data-part=said-{GAN}]")).to_have_text(f"{GAN} is not here.")
        z = draw(4, Z, seed=1)[picked : picked + 1]
        is_decoded(place.locator(f"[data-part={part}-faces-vae]"), z, ["faces-vae"])
    page.close()


def blended(page: Page) -> tuple[Locator, list[dict]]:
    """The fold with the portrait and its second photo, and what the server said of both."""
    answers: list[dict] = []

    def hear(route: Route) -> None:
        """The answer is read before the page has it: of a page that is left nobody has it any more."""
        answer = route.fetch()
        answers.append(answer.json())
        route.fulfill(response=answer)

    page.route("**/vaegan/portrait*", hear)
    with page.expect_response("**/vaegan/portrait*"):
        page.reload()
    page.wait_for_selector("#tab-vaegan canvas[data-part]")
    with page.expect_response("**/vaegan/portrait*"):
        blend = fold(page, "blend")
    expect(blend.locator(f"[data-part=said-{GAN}]")).to_contain_text("search for its two ends")
    return blend, answers


def test_two_photos_are_blended_along_z(chromium: Browser, server: Server) -> None:
    for page in opened(chromium, server, 1280, 900, TAB, "?tab=vaegan", ready=READY):
        blend, answers = blended(page)
        expect(blend.locator("canvas.empty")).to_have_count(2)  # the GAN's, large and in the strip
        for name in MODELS[:3]:
            a, b = (np.array(one["codes"][name]["mean"], np.float32) for one in answers)
            is_decoded(blend.locator(f"[data-part=strip-{name}]"), slerp(a, b, 7), [name], 7)
        a, b = (np.array(one["codes"]["faces-vae"]["mean"], np.float32) for one in answers)
        blend.get_by_role("slider").fill("25")
        large = blend.locator("[data-part=large-faces-vae]")
        is_decoded(large, slerp(a, b, 5)[1:2], ["faces-vae"])
        blend.locator("select").select_option("line")
        is_decoded(large, lerp(a, b, 5)[1:2], ["faces-vae"])
        assert (kept(page)["vaegan.blend.t"], kept(page)["vaegan.blend.path"]) == (["25"], ["line"])
        first, second = (np.frombuffer(base64.b64decode(one["x"]), np.uint8).reshape(3, 64, 64) for one in answers)
        shown = np.array(ink(blend.locator("[data-part=large-pixels]")).split(","), int).reshape(64, 64, 4)[..., :3]
        np.testing.assert_allclose(shown, (0.75 * first + 0.25 * second).transpose(1, 2, 0), atol=0.51)
        pictures = said(page, blend)["pictures"].detach().permute(0, 2, 3, 1)
        a, b = (np.array(one["codes"]["faces-vae-gan"]["mean"], np.float32) for one in answers)
        strip = is_decoded(blend.locator("[data-part=strip-faces-vae-gan]"), lerp(a, b, 7), ["faces-vae-gan"], 7)
        np.testing.assert_allclose(pictures * 255, strip, atol=2.5)
        with page.expect_download() as saved:
            blend.locator("[data-act=gif]").click()
        with Image.open(saved.value.path()) as file:
            assert (file.format, file.size) == ("GIF", (3 * (4 * 64 + 3 * 8), 3 * 64))  # without the GAN


def test_the_gans_ends_are_searched_for_on_a_button(
    chromium: Browser, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = [torch.from_numpy(draw(4, Z, seed=seed)) for seed in (9, 10)]
    given = iter(ends)

    def searched(model: object, x: object, steps: int, starts: int, *_: object, **__: object) -> Iterator:
        z = next(given)[None]
        for step in (0, steps // 2, steps):
            yield step, z, torch.tensor([[0.3, 0.1, 0.2, 0.4]])

    monkeypatch.setattr(latent_inversion, "searched", searched)
    for page in opened(chromium, server, 1280, 900, TAB, "?tab=vaegan", ready=READY):
        blend, _ = blended(page)
        blend.get_by_role("button", name="Search for the GAN’s ends").click()
        path = slerp(ends[0][1].numpy(), ends[1][1].numpy(), 7)
        is_decoded(blend.locator(f"[data-part=strip-{GAN}]"), path, [GAN], 7)
        expect(blend.locator(f"[data-part=said-{GAN}]")).to_have_text("")
        expect(blend.get_by_role("button", name="Search for the GAN’s ends")).to_be_disabled()
        expect(blend.locator("progress")).to_be_hidden()


def test_a_second_photo_stays_in_its_box(chromium: Browser, server: Server, tmp_path: Path) -> None:
    """The portrait above is another photo, and stays."""
    path = tmp_path / "grey.png"
    Image.effect_noise((300, 300), 60).save(path)
    for page in opened(chromium, server, 1280, 900, TAB, "?tab=vaegan", ready=READY):
        blend, answers = blended(page)
        with page.expect_response("**/vaegan/portrait*"):
            blend.locator("input[type=file]").set_input_files(path)
        a, b = (np.array(answers[k]["codes"]["faces-vae"]["mean"], np.float32) for k in (0, 2))
        is_decoded(blend.locator("[data-part=strip-faces-vae]"), slerp(a, b, 7), ["faces-vae"], 7)
        page.locator("#tab-vaegan .vd-race").first.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        assert len(answers) == 3


def test_the_folds_fit_a_phone(chromium: Browser, server: Server) -> None:
    for phone in opened(chromium, server, 390, 844, TAB):
        for name in ("dice", "pull", "blend"):
            fits_a_phone(fold(phone, name))
