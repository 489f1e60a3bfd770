"""Photos in other colors: the raw routes, and the endpoint /colorize over HTTP."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
import torch
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from small_models import alone
from starlette.testclient import TestClient
from test_preprocessing import PHONE, SEEN, WIDE

from vaedemo import colorize, zoo
from vaedemo.app.server import routes
from vaedemo.models.color_fields import hinted
from vaedemo.vision import cielab

NAME = "colorization"


@pytest.fixture(scope="module")
def here(small_models: Path) -> Iterator[TestClient]:
    with alone(small_models):
        yield TestClient(routes.application())


def photo(size: tuple[int, int] = (120, 80), kind: str = "PNG", grey: bool = False, **options: Any) -> bytes:
    """A smooth color gradient; the same seed draws the same."""
    small = np.random.default_rng(0).integers(0, 255, (4, 5, 3), np.uint8)
    image = Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
    stream = BytesIO()
    (image.convert("L") if grey else image).save(stream, kind, **options)
    return stream.getvalue()


def looked_at(here: TestClient, file: bytes) -> dict[str, Any]:
    answer = here.post("/photo", content=file)
    assert answer.status_code == 200, answer.text
    return answer.json()


def field_of(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, 2, 32, 32)


def test_a_photo_is_seen_as_lightness_and_colors(here: TestClient) -> None:
    seen = looked_at(here, photo((1500, 900)))
    assert (seen["width"], seen["height"], seen["shown"]) == (1500, 900, [640, 384])
    assert len(base64.b64decode(seen["light"])) == 640 * 384
    rgb = torch.from_numpy(np.asarray(Image.open(BytesIO(photo((64, 64)))).convert("RGB")).copy())
    light, ab = cielab.from_rgb(rgb.permute(2, 0, 1)[None] / 255)
    grey = torch.from_numpy(np.frombuffer(base64.b64decode(seen["grey"]), np.uint8).copy()).view(1, 1, 160, 160)
    small = torch.nn.functional.interpolate(grey.float(), (64, 64), mode="area")
    assert (small - 255 * light).abs().mean() < 2
    halved = torch.nn.functional.avg_pool2d(ab, 2)[0]
    assert np.abs(field_of(seen["field"])[0] / 127.5 - 1 - halved.numpy()).mean() < 0.02


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (7, 5)])
def test_tiny_and_long_photos_are_seen_too(here: TestClient, size: tuple[int, int]) -> None:
    seen = looked_at(here, photo(size))
    assert len(base64.b64decode(seen["light"])) == seen["shown"][0] * seen["shown"][1]


def test_a_grey_photo_has_no_true_colors(here: TestClient) -> None:
    assert looked_at(here, photo(grey=True))["field"] is None


def test_a_turned_photo_has_its_upright_size(here: TestClient) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    seen = looked_at(here, photo((120, 80), "JPEG", exif=exif))
    assert (seen["width"], seen["height"], seen["shown"]) == (80, 120, [80, 120])


def grey_of(here: TestClient) -> bytes:
    return base64.b64decode(looked_at(here, photo())["grey"])


@pytest.mark.parametrize(
    ("name", "n", "weighed", "latent"),
    [
        (NAME, 8, True, True),
        (f"{NAME}-cvae", 5, False, True),
    ],
)
def test_colorings_are_the_models(here: TestClient, name: str, n: int, weighed: bool, latent: bool) -> None:
    grey = grey_of(here)
    found = here.post(f"/colors/{name}?n={n}&seed=4", content=grey).json()
    y = torch.from_numpy(np.frombuffer(grey, np.uint8).copy()).float() / 255
    model: Any = zoo.loaded_net(name)
    with torch.inference_mode():
        expected = model.answers(y, n, 4)
    fields = field_of(found["fields"])
    assert fields.shape[0] == n
    assert np.abs(fields / 127.5 - 1 - expected.fields.clamp(-1, 1).numpy()).max() < 0.6 / 127.5
    assert (found["weights"] is not None, found["z"] is not None) == (weighed, latent)
    if weighed:
        assert np.isclose(sum(found["weights"]), 1, atol=1e-4)
        assert found["weights"] == sorted(found["weights"], reverse=True)
    if latent:
        z = np.array(found["z"], "<f4")
        again = here.post(f"/recolor/{name}", content=grey + z.tobytes())
        assert np.array_equal(np.frombuffer(again.content, np.uint8).reshape(n, 2, 32, 32), fields)


@pytest.mark.parametrize(
    ("path", "of"),
    [
        (f"cells/{NAME}?n=2&seed=7", lambda model, y: model.cells(y, 2, 7)),
        (f"mean/{NAME}", lambda model, y: model.grey(y[None]).mean),
    ],
)
def test_cells_are_drawn_each_on_its_own_and_the_mean_is_what_the_grey_picture_tells(
    here: TestClient, path: str, of: Callable[[Any, torch.Tensor], torch.Tensor]
) -> None:
    grey = grey_of(here)
    got = here.post(f"/{path}", content=grey).content
    y = torch.from_numpy(np.frombuffer(grey, np.uint8).copy()).float() / 255
    with torch.inference_mode():
        assert got == colorize.as_bytes(of(zoo.loaded_net(NAME), y)).tobytes()


def test_tints_are_drawn_where_they_are_asked_for(here: TestClient) -> None:
    grey = grey_of(here)
    calm, free = (here.post(f"/colors/{NAME}?tints={tints}", content=grey).json() for tints in (0, 1))
    y = torch.from_numpy(np.frombuffer(grey, np.uint8).copy()).float() / 255
    model: Any = zoo.loaded_net(NAME)
    with torch.inference_mode():
        expected = model.answers(y, 8, 0, tints=True)
    assert np.allclose(free["z"], expected.z.numpy(), atol=1e-5)
    assert not np.allclose(free["z"], calm["z"], atol=1e-3)


def test_a_model_without_a_tint_of_its_own_says_so(here: TestClient) -> None:
    answer = here.post(f"/colors/{NAME}-cvae?tints=1", content=grey_of(here))
    assert (answer.status_code, answer.text) == (422, f"tints: {NAME}-cvae knows no tint apart from the rest")


def test_one_thing_in_other_colors(here: TestClient) -> None:
    grey = grey_of(here)
    got = here.post(f"/object/{NAME}?row=9&column=20&n=5&seed=2", content=grey).json()
    y = torch.from_numpy(np.frombuffer(grey, np.uint8).copy()).float() / 255
    model: Any = zoo.loaded_net(NAME)
    with torch.inference_mode():
        expected = model.of_one_object(y, 9, 20, 5, 2)
    assert np.array_equal(field_of(got["fields"]), colorize.as_bytes(expected.fields))
    part = np.frombuffer(base64.b64decode(got["part"]), np.uint8).reshape(32, 32)
    assert np.abs(part / 255 - expected.part.numpy()).max() <= 1 / 255
    colors = np.frombuffer(base64.b64decode(got["colors"]), np.uint8).reshape(-1, 2)
    assert np.array_equal(colors, colorize.as_bytes(expected.colors))


def test_draws_are_answers_and_their_fields(here: TestClient) -> None:
    grey = grey_of(here)
    body = here.post(f"/draws/{NAME}?n=20&seed=3", content=grey).content
    drawn = colorize.draws(NAME, np.frombuffer(grey, np.uint8), 20, 3)
    assert list(body[:20]) == drawn.answer.tolist()
    assert body[20:] == colorize.as_bytes(drawn.fields).tobytes()


def test_a_hints_draws_take_the_answers_that_are_known(here: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the bit, whichever is asked first; the picture is looked at once."""
    model: Any = zoo.loaded_net(NAME)
    grey = np.frombuffer(grey_of(here), np.uint8)[::-1].copy()  # nobody has asked of it
    y = torch.from_numpy(grey).float() / 255
    half = torch.cpu._is_avx512_bf16_supported()
    with torch.inference_mode():
        answers, draws = model.answers(y, model.mixture, 0), model.draws(y, 30, 3, half)
    seen = []
    look = model.grey
    monkeypatch.setattr(model, "grey", lambda y: seen.append(y) or look(y))
    colored = colorize.answers(NAME, grey, model.mixture, 0)
    drawn = colorize.draws(NAME, grey, 30, 3)
    assert len(seen) == 1
    assert np.array_equal(colored.fields, colorize.as_bytes(answers.fields))
    assert torch.equal(drawn.fields, draws.fields)
    assert torch.equal(drawn.answer, draws.answer)


def test_a_photos_own_colors_pass_through_each_vae(here: TestClient) -> None:
    seen = looked_at(here, photo())
    body = base64.b64decode(seen["grey"]) + base64.b64decode(seen["field"])
    for name in (NAME, *(f"{NAME}-{ablation}" for ablation in ("whole", "l2", "no-mah", "no-grad"))):
        found = here.post(f"/reconstruct/{name}", content=body).json()
        assert field_of(found["field"]).shape == (1, 2, 32, 32)
        assert found["rate"] >= 0
        assert set(found["terms"]) == {"hist", "mah", "grad"}
        assert min(found["terms"].values()) >= 0


def test_the_full_picture_has_the_photos_size_lightness_and_the_fields_colors(here: TestClient) -> None:
    field = np.full((2, 32, 32), 150, np.uint8)
    answer = here.post("/full", content=field.tobytes() + photo((301, 203)))
    shown = Image.open(BytesIO(answer.content))
    assert (shown.format, shown.size) == ("JPEG", (301, 203))
    light, ab = cielab.from_rgb(torch.from_numpy(np.asarray(shown).transpose(2, 0, 1)[None].copy()) / 255)
    own, _ = cielab.from_rgb(
        torch.from_numpy(np.asarray(Image.open(BytesIO(photo((301, 203))))).transpose(2, 0, 1)[None].copy()) / 255
    )
    assert (light - own).abs().mean() < 0.01
    assert (ab - (150 / 127.5 - 1)).abs().mean() < 0.02


def test_the_full_picture_is_srgb_whatever_profile_the_photo_has(here: TestClient) -> None:
    srgb, wide = Image.new("RGB", (40, 30), SEEN), Image.new("RGB", (40, 30), WIDE)
    fields, pictures = [], []
    for image, options in ((srgb, {}), (wide, {"icc_profile": PHONE})):
        stream = BytesIO()
        image.save(stream, "PNG", **options)
        field = base64.b64decode(looked_at(here, stream.getvalue())["field"])
        shown = Image.open(BytesIO(here.post("/full", content=field + stream.getvalue()).content))
        assert "icc_profile" not in shown.info
        fields.append(np.frombuffer(field, np.uint8).astype(int))
        pictures.append(np.asarray(shown).astype(int))
    assert np.abs(fields[0] - fields[1]).max() <= 1
    assert np.abs(pictures[0] - pictures[1]).max() <= 3


def test_a_photo_as_a_png_carries_no_profile(here: TestClient) -> None:
    stream = BytesIO()
    Image.new("RGB", (40, 30), WIDE).save(stream, "PNG", icc_profile=PHONE)
    shown = Image.open(BytesIO(here.post("/picture", content=stream.getvalue()).content))
    assert "icc_profile" not in shown.info
    assert np.abs(np.subtract(shown.getpixel((20, 15)), SEEN)).max() <= 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("photo", b"", "The file is empty."),
        ("photo", b"no picture", "not a picture"),
        ("full", bytes(100), "field: 2,048 bytes are wanted, not 100"),
        (f"colors/{NAME}", bytes(5), "grey: 25,600 bytes are wanted, not 5"),
        (f"colors/{NAME}", bytes(25_601), "grey: one picture, 25,600 bytes in all"),
        (f"colors/{NAME}?n=65", bytes(25_600), "n: 65 is not between 1 and 64"),
        ("colors/digits", bytes(25_600), "digits colors no grey photo"),
        ("cells/faces-reader", bytes(25_600), "faces-reader has no latents of colors"),
        (f"recolor/{NAME}", bytes(25_600), "a multiple of 104 bytes"),
        (f"recolor/{NAME}", bytes(25_600) + np.full(26, np.nan, "<f4").tobytes(), "not finite"),
        ("recolor/digits", bytes(25_600 + 128), "digits has no latents of colors"),
        (f"draws/{NAME}-cvae", bytes(25_600), "predicts no z from a grey photo"),
        (f"draws/{NAME}?n=513", bytes(25_600), "n: 513 is not between 1 and 512"),
        (f"colors/{NAME}?tints=2", bytes(25_600), "tints: 2 is not between 0 and 1"),
        (f"object/{NAME}-cvae?row=0&column=0", bytes(25_600), "no object apart from the picture"),
        (f"object/{NAME}?row=32&column=0", bytes(25_600), "row: 32 is not between 0 and 31"),
        (f"object/{NAME}?row=3", bytes(25_600), "column: a whole number from 0 to 31 is wanted"),
        (f"object/{NAME}?row=3&column=3&n=65", bytes(25_600), "n: 65 is not between 1 and 64"),
        (f"reconstruct/{NAME}", bytes(25_600), "field: 2,048 bytes are wanted, not 0"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(here: TestClient, path: str, body: bytes, said: str) -> None:
    answer = here.post(f"/{path}", content=body)
    assert answer.status_code == 422
    assert said in answer.text
    assert "\n" not in answer.text


def test_an_unknown_model_is_404(here: TestClient) -> None:
    assert here.post("/colors/nope", content=bytes(25_600)).status_code == 404


# Over HTTP


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo((120, 80), "JPEG", quality=95))
    return path


def opened(url: str) -> Image.Image:
    assert url.startswith("data:image/jpeg;base64,")
    return Image.open(BytesIO(urlopen(url).read()))


@pytest.mark.parametrize(("method", "n"), [("mdn", 8), ("cvae", 3), ("regression", 1), ("pixels", 2)])
def test_colorize(client: Client, file: Path, method: str, n: int) -> None:
    got = client.predict(handle_file(file), n, method, 5, [], api_name="/colorize")
    seen = colorize.photo(file)
    if method == "pixels":
        expected = colorize.Answers(colorize.cells(NAME, seen.grey, n, 5), None, None)
    elif method == "regression":
        expected = colorize.Answers(colorize.mean(NAME, seen.grey), None, None)
    else:
        expected = colorize.answers(colorize.METHODS[method], seen.grey, n, 5)
    assert [opened(url).size for url in got["pictures"]] == n * [(120, 80)]
    first = np.asarray(opened(got["pictures"][0])).astype(int)
    by_hand = cielab.colored(torch.from_numpy(expected.fields[:1] / np.float32(127.5) - 1), seen.light).numpy()
    assert np.abs(first - by_hand).mean() < 3  # JPEG's own loss
    assert (got["weights"] is not None) == (method == "mdn")
    assert seen.field is not None
    assert np.isclose(got["error_of_best"], colorize.error_of_best(expected.fields, seen.field), atol=1e-6)


def test_colorize_draws_tints_too(client: Client, file: Path) -> None:
    got = client.predict(handle_file(file), 8, "mdn", 0, [], True, api_name="/colorize")
    expected = colorize.answers(NAME, colorize.photo(file).grey, 8, 0, tints=True)
    assert expected.z is not None
    assert np.allclose(got["z"], expected.z, atol=1e-5)


def test_hints_reweigh_the_answers(client: Client, file: Path) -> None:
    got = client.predict(handle_file(file), 4, "mdn", 2, [[0.5, 0.25, "#d02040"]], api_name="/colorize")
    seen = colorize.photo(file)
    _, ab = cielab.from_rgb(torch.tensor([0xD0, 0x20, 0x40]).view(1, 3, 1, 1) / 255)
    with torch.inference_mode():
        dab = (8, 16, tuple(ab.flatten().tolist()))
        weights, _ = hinted(colorize.draws(NAME, seen.grey, 512, 2), [dab], 8)  # type: ignore[list-item]
    assert np.allclose(got["weights"], sorted(weights.tolist(), reverse=True)[:4], atol=1e-5)
    assert got["z"] is None


def test_a_grey_photo_has_no_error(client: Client, tmp_path: Path) -> None:
    (tmp_path / "grey.png").write_bytes(photo(grey=True))
    got = client.predict(handle_file(tmp_path / "grey.png"), 1, api_name="/colorize")
    assert got["error_of_best"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((9, "mdn", 0, []), "n: 9 is not between 1 and 8"),
        ((8, "gan", 0, []), "method: 'gan' is none of mdn, cvae, regression, pixels"),
        ((8, "mdn", -1, []), "seed: -1 is not between"),
        ((8, "cvae", 0, [[0, 0, "#ffffff"]]), "hints: they choose among the draws"),
        ((8, "mdn", 0, [[0, 0, "red"]]), "hints: a color like"),
        ((8, "mdn", 0, [[0, 1.5, "#ffffff"]]), "hints: y: 1.5 is not between 0 and 1"),
        ((8, "mdn", 0, [[0, 0]]), "hints: .x, y, "),
        ((8, "mdn", 0, 17 * [[0, 0, "#ffffff"]]), "hints: a list of up to 16"),
        ((8, "mdn", 0, "#ffffff"), "hints: a list of up to 16"),
        ((8, "mdn", 0, [], 1), "tints: 1 is neither true nor false"),
        ((8, "mdn", 0, [[0, 0, "#ffffff"]], True), "tints: they are for"),
        ((8, "pixels", 0, [], True), "tints: they are for"),
        ((8, "cvae", 0, [], True), "tints: they are for"),
    ],
)
def test_colorize_refuses(client: Client, file: Path, arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(AppError, match=said):
        client.predict(handle_file(file), *arguments, api_name="/colorize")


def test_twenty_megapixels_are_the_most_that_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colorize, "FULL", 5_000)
    seen = colorize.photo(photo((120, 80)))
    assert seen.image.width * seen.image.height <= 5_000
    assert seen.image.width / seen.image.height == pytest.approx(1.5, abs=0.03)


def test_the_engine_names_a_net_without_latents() -> None:
    with pytest.raises(Exception, match="no latent space"):
        zoo.loaded("faces-reader")
