"""What moves next in a still: the raw routes, the groups of futures, and the endpoint /forecast over HTTP."""

from __future__ import annotations

import base64
from collections.abc import Iterator
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
from safetensors.torch import load
from small_models import alone
from starlette.testclient import TestClient

from vaedemo import forecast, zoo
from vaedemo.app.server import routes
from vaedemo.data import motion_scenes
from vaedemo.data.motion import to_offsets
from vaedemo.models.motion import Motion, hinted

NAME = "motion-drawn"
STILL, SHOWN = 12_288, 196_608


@pytest.fixture(scope="module")
def here(small_models: Path) -> Iterator[TestClient]:
    with alone(small_models):
        yield TestClient(routes.application())


@pytest.fixture(scope="module")
def still() -> bytes:
    return motion_scenes.scene("fork-3", 4).still().tobytes()


def floats(text: str, *shape: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(shape)


def y_of(still: bytes) -> torch.Tensor:
    return torch.from_numpy(np.frombuffer(still, np.uint8).copy()).float() / 255


def photo(size: tuple[int, int], kind: str = "PNG", **options: Any) -> bytes:
    small = np.random.default_rng(0).integers(0, 255, (4, 6, 3), np.uint8)
    stream = BytesIO()
    Image.fromarray(small).resize(size, Image.Resampling.BICUBIC).save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize(("kind", "modes"), [("fork-2", 2), ("fork-4", 4), ("pendulum", 2), ("figure", 3)])
def test_a_scene_comes_with_its_exact_futures(here: TestClient, kind: str, modes: int) -> None:
    got = here.get(f"/motion/scene?kind={kind}&seed=9").json()
    drawn = motion_scenes.scene(kind, 9)
    assert (got["kind"], got["modes"]) == (kind, modes)
    assert base64.b64decode(got["still"]) == drawn.still().tobytes()
    shown = np.frombuffer(base64.b64decode(got["shown"]), np.uint8).reshape(256, 256, 3)
    assert np.array_equal(shown, drawn.still(256).transpose(1, 2, 0))
    assert np.allclose(floats(got["trajectories"], modes, 10, 16, 16), drawn.futures().numpy(), atol=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (300, 200), (120, 500)])
def test_of_a_picture_the_middle_square_is_looked_at(here: TestClient, size: tuple[int, int]) -> None:
    file = photo(size)
    got = here.post("/motion/still", content=file).json()
    side = min(size)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    with Image.open(BytesIO(file)) as image:
        square = image.convert("RGB").crop((left, top, left + side, top + side))
    for key, to in (("still", 64), ("shown", 256)):
        pixels = np.asarray(square.resize((to, to), Image.Resampling.LANCZOS))
        pixels = pixels.transpose(2, 0, 1) if key == "still" else pixels
        assert base64.b64decode(got[key]) == pixels.tobytes()


def test_of_a_picture_a_named_square_is_looked_at(here: TestClient) -> None:
    file = photo((300, 200))
    got = here.post("/motion/still?region=0.5,0.1,0.8,0.55", content=file).json()
    with Image.open(BytesIO(file)) as image:
        square = image.convert("RGB").crop((150, 20, 240, 110))
    assert base64.b64decode(got["shown"]) == square.resize((256, 256), Image.Resampling.LANCZOS).tobytes()
    assert here.post("/motion/still?region=0.9999,0.9999,1,1", content=file).status_code == 200


def test_an_odd_picture_is_flattened_turned_and_read(here: TestClient) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = BytesIO()
    Image.new("RGBA", (90, 60), (0, 0, 0, 0)).save(stream, "PNG")
    assert set(base64.b64decode(here.post("/motion/still", content=stream.getvalue()).json()["still"])) == {255}
    assert here.post("/motion/still", content=photo((90, 60), "JPEG", exif=exif)).status_code == 200


def test_futures_are_the_models(here: TestClient, still: bytes) -> None:
    got = here.post(f"/motion/{NAME}/futures?n=5&seed=3", content=still).json()
    model = zoo.loaded(NAME)
    assert isinstance(model, Motion)
    with torch.inference_mode():
        all_ = model.futures(y_of(still), 200, 3)
    assert all_.z is not None
    assert np.allclose(floats(got["trajectories"], 5, 10, 16, 16), all_.trajectories[:5], atol=1e-5)
    assert np.allclose(floats(got["z"], 5, model.z), all_.z[:5])
    ends = to_offsets(all_.trajectories)[:, :, -1]
    spread = ends.var(0, correction=0).sum(0).sqrt()
    assert np.allclose(floats(got["spread"], 16, 16), spread, atol=1e-4)
    assert len(got["mode"]) == 5
    assert sum(got["shares"]) == pytest.approx(1)
    assert got["shares"] == sorted(got["shares"], reverse=True)
    assert len(floats(got["typical"]["z"], -1, model.z)) == len(got["shares"])
    assert (got["weights"], got["best"], got["effective"], got["far"]) == (None, None, None, False)


@pytest.mark.parametrize(("name", "n"), [("motion-regressor", 1), ("motion-classifier", 4)])
def test_methods_without_latents_forecast_too(here: TestClient, still: bytes, name: str, n: int) -> None:
    got = here.post(f"/motion/{name}/futures?n=4&seed=1", content=still).json()
    assert np.isfinite(floats(got["trajectories"], n, 10, 16, 16)).all()
    assert got["z"] is None


def test_hints_weigh_512_draws(here: TestClient, still: bytes) -> None:
    arrows = [(12, 7, 3.0, -4.5), (2, 2, -1.0, 0.0)]
    hints = ";".join(",".join(map(str, arrow)) for arrow in arrows)
    got = here.post(f"/motion/{NAME}/futures?n=6&seed=2&hints={hints}", content=still).json()
    model = zoo.loaded(NAME)
    assert isinstance(model, Motion)
    with torch.inference_mode():
        all_ = model.futures(y_of(still), 512, 2)
        weights = hinted(all_.trajectories, arrows)
    assert np.allclose(got["weights"], weights[:6], rtol=1e-4)
    best = int(weights.argmax())
    assert np.allclose(floats(got["best"]["trajectories"], 10, 16, 16), all_.trajectories[best], atol=1e-5)
    assert got["best"]["weight"] == pytest.approx(float(weights[best]), rel=1e-4)
    assert got["effective"] == pytest.approx(float(1 / weights.square().sum()), rel=1e-3)
    assert sum(got["shares"]) == pytest.approx(1, abs=1e-4)
    brief = here.post(f"/motion/{NAME}/futures?n=6&seed=2&hints={hints}&brief=1", content=still).json()
    assert "trajectories" not in brief
    assert brief["weights"] == got["weights"]


def test_an_arrow_adds_to_the_draws_that_are_known(here: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the bit they say what 512 new ones would."""
    still = motion_scenes.scene("fork-3", 5).still().ravel()
    model = zoo.loaded(NAME)
    assert isinstance(model, Motion)
    asked = []
    moved = model.moved
    monkeypatch.setattr(model, "moved", lambda z, features: asked.append(len(z)) or moved(z, features))
    forecast.forecast(NAME, still, 6, 9)
    hinted_ = forecast.forecast(NAME, still, 6, 9, [(12, 7, 3.0, -4.5)])
    assert sum(asked) == 512
    with torch.inference_mode():
        expected = model.futures(y_of(still.tobytes()), 512, 9).trajectories
        weights = hinted(expected, [(12, 7, 3.0, -4.5)])
    assert np.array_equal([future.trajectories for future in hinted_.futures], expected[:6].numpy())
    assert hinted_.best is not None
    assert np.array_equal(hinted_.best.trajectories, expected[weights.argmax()].numpy())


def test_a_model_that_is_loaded_anew_draws_anew(here: TestClient, still: bytes) -> None:
    """As after a training here: what was drawn with the old weights is not told again."""
    ask = f"/motion/{NAME}/futures?n=3&seed=5"
    before = here.post(ask, content=still).json()
    zoo.forget()
    model = zoo.loaded(NAME)
    assert isinstance(model, Motion)
    model.typical.mul_(2)
    after = here.post(ask, content=still).json()
    zoo.forget()
    shape = (3, 10, 16, 16)
    assert np.allclose(floats(after["trajectories"], *shape), 2 * floats(before["trajectories"], *shape), rtol=1e-4)


def test_modes_are_found_whatever_their_shares() -> None:
    dice = np.random.default_rng(0)
    middles = np.zeros((3, 2, 16, 16), np.float32)
    middles[0, 0, 8:12, 4:7], middles[1, 0, 8:12, 4:7], middles[2, 1, 8:12, 4:7] = -20, 20, -20
    true = dice.choice(3, 512, p=(0.2, 0.5, 0.3))
    ends = (middles[true] + dice.normal(0, 0.3, (512, 2, 16, 16))).reshape(512, -1).astype(np.float32)
    mode = forecast.modes(ends)
    assert mode.max() == 2
    for k, middle in enumerate((1, 2, 0)):  # by their size
        assert (mode[true == middle] == k).all()
    assert np.array_equal(forecast.modes(ends[:200]), mode[:200])


def test_where_nothing_moves_there_is_one_mode() -> None:
    ends = np.random.default_rng(0).normal(0, 0.05, (200, 512)).astype(np.float32)
    assert not forecast.modes(ends).any()


def test_the_tower_decodes_what_the_model_decodes(here: TestClient, still: bytes) -> None:
    tensors = load(here.post(f"/motion/{NAME}/tower", content=still).content)
    model = zoo.loaded(NAME)
    assert isinstance(model, Motion)
    with torch.inference_mode():
        features = model.image(y_of(still)[None])[0]
    assert torch.allclose(tensors["features"], features, atol=1e-5)
    assert {key for key in tensors if key.startswith("tower.")} == {f"tower.{key}" for key in model.tower.state_dict()}
    assert all(tensor.dtype == torch.float32 for tensor in tensors.values())


def test_trajectories_are_encoded(here: TestClient, still: bytes) -> None:
    moves = motion_scenes.scene("fork-3", 4).futures()[1]
    got = here.post(f"/motion/{NAME}/encode", content=still + moves.numpy().astype("<f4").tobytes()).json()
    model = zoo.loaded(NAME)
    with torch.inference_mode():
        posterior = model.encode(moves[None], y_of(still)[None])
        assert got["rate"] == pytest.approx(float(model.rate(posterior).sum()), rel=1e-4)
    assert np.allclose(got["mean"], posterior.mean[0], atol=1e-5)
    assert np.allclose(got["sigma"], posterior.stddev[0], atol=1e-5)


def test_a_gif_of_futures_side_by_side(here: TestClient, still: bytes) -> None:
    shown = motion_scenes.scene("fork-3", 4).still(256).transpose(1, 2, 0).tobytes()
    answer = here.post(f"/motion/{NAME}/gif?n=4&seed=0", content=still + shown)
    with Image.open(BytesIO(answer.content)) as film:
        assert (film.format, film.size) == ("GIF", (3 * 192 + 2 * 4, 2 * 192 + 4))
        assert film.info["loop"] == 0


NAN = np.full(2560, np.nan, "<f4").tobytes()


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("motion/still", b"", "The file is empty."),
        ("motion/still", b"no picture", "not a picture"),
        ("motion/still?region=0,0,1", photo((9, 9)), "region: left, top, right, bottom are wanted"),
        ("motion/still?region=0,0,x,1", photo((9, 9)), "region: left, top, right, bottom are wanted"),
        ("motion/still?region=0,0,nan,1", photo((9, 9)), "region: left, top, right, bottom are parts"),
        ("motion/still?region=0.5,0,0.5,1", photo((9, 9)), "region: left, top, right, bottom are parts"),
        ("motion/still?region=-1,0,1,1", photo((9, 9)), "region: left, top, right, bottom are parts"),
        ("motion/still", photo((90, 60))[:200], "damaged or cut off"),
        (f"motion/{NAME}/futures", bytes(5), "still: 12,288 bytes are wanted, or 196,608 of what is shown, not 5"),
        (f"motion/{NAME}/futures", bytes(SHOWN + 1), "still: one, 196,608 bytes in all"),
        (f"motion/{NAME}/futures", bytes(SHOWN), "this model takes 12,288 bytes, not 196,608"),
        (f"motion/{NAME}/futures?n=1000000000", bytes(STILL), "n: 1000000000 is not between 1 and 64"),
        (f"motion/{NAME}/futures?n=nan", bytes(STILL), "n: a whole number"),
        (f"motion/{NAME}/futures?seed=-1", bytes(STILL), "seed: -1 is not between"),
        (f"motion/{NAME}/futures?hints=1,2,3", bytes(STILL), "hints: row, column, right, down are wanted"),
        (f"motion/{NAME}/futures?hints=1,2,x,3", bytes(STILL), "hints: row, column, right, down are wanted"),
        (f"motion/{NAME}/futures?hints=1,2,nan,3", bytes(STILL), "hints: right and down are from -64 to 64"),
        (f"motion/{NAME}/futures?hints=1,2,inf,3", bytes(STILL), "hints: right and down are from -64 to 64"),
        (f"motion/{NAME}/futures?hints=nan,2,1,3", bytes(STILL), "hints: row and column are whole numbers"),
        (f"motion/{NAME}/futures?hints=16,2,1,3", bytes(STILL), "hints: row and column are whole numbers"),
        (f"motion/{NAME}/futures?hints={';'.join(17 * ['1,1,1,1'])}", bytes(STILL), "hints: at most 16"),
        ("motion/digits/futures", bytes(STILL), "digits forecasts no motion"),
        ("motion/faces-reader/futures", bytes(STILL), "faces-reader forecasts no motion"),
        ("motion/motion-regressor/tower", bytes(STILL), "motion-regressor has no latents of motion"),
        (f"motion/{NAME}/encode", bytes(STILL), "22,528 bytes are wanted"),
        (f"motion/{NAME}/encode", bytes(STILL) + NAN, "not finite"),
        (f"motion/{NAME}/gif", bytes(STILL), "208,896 bytes are wanted"),
        (f"motion/{NAME}/gif?n=13", bytes(STILL), "n: 13 is not between 1 and 12"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(here: TestClient, path: str, body: bytes, said: str) -> None:
    answer = here.post(f"/{path}", content=body)
    assert answer.status_code == 422
    assert said in answer.text
    assert "\n" not in answer.text


@pytest.mark.parametrize("query", ["kind=fork-9", "", "kind=figure&seed=1.5", "kind=figure&seed=4294967296"])
def test_a_scene_that_is_none_is_said(here: TestClient, query: str) -> None:
    answer = here.get(f"/motion/scene?{query}")
    assert answer.status_code == 422
    assert "wanted" in answer.text or "is not between" in answer.text


def test_an_unknown_model_is_404(here: TestClient) -> None:
    assert here.post("/motion/nope/futures", content=bytes(STILL)).status_code == 404


# Over HTTP


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(photo((120, 80)))
    return path


def test_forecast(client: Client, file: Path) -> None:
    got = client.predict(handle_file(file), 3, 5, [], api_name="/forecast")
    with Image.open(BytesIO(urlopen(got["animation"]).read())) as film:
        assert (film.format, film.size) == ("GIF", (3 * 192 + 2 * 4, 192))
    with np.load(BytesIO(urlopen(got["file"]).read())) as npz:
        assert set(npz) == {"trajectories", "offsets", "z", "modes"}
        expected = forecast.forecast("motion", forecast.seen(file).shown, 3, 5)
        assert np.array_equal(npz["trajectories"], [future.trajectories for future in expected.futures])
        assert np.allclose(npz["offsets"], to_offsets(torch.from_numpy(npz["trajectories"])), atol=1e-5)
        assert npz["modes"].tolist() == got["modes"]
    assert got["shares"] == pytest.approx(expected.shares)
    assert got["weights"] is None


def test_with_hints_the_heaviest_come_first(client: Client, file: Path) -> None:
    got = client.predict(handle_file(file), 4, 1, [[8, 8, 2.5, -1]], api_name="/forecast")
    assert got["weights"] == sorted(got["weights"], reverse=True)
    with np.load(BytesIO(urlopen(got["file"]).read())) as npz:
        away = np.hypot(npz["offsets"][:, 0, -1, 8, 8] - 2.5, npz["offsets"][:, 1, -1, 8, 8] + 1)
        assert (np.diff(away) > -1e-4).all()
        assert npz["weights"] == pytest.approx(got["weights"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((13, 0, []), "n: 13 is not between 1 and 12"),
        ((10**9, 0, []), "n: 1000000000 is not between"),
        ((6, -1, []), "seed: -1 is not between"),
        ((6, 0, [[1, 2, 3]]), "hints: .row, column, right, down. is wanted"),
        ((6, 0, [[1, 2, "a", 3]]), "hints: 'a' is not a number"),
        ((6, 0, [[1, 2, 65, 3]]), "hints: 65 is not between -64 and 64"),
        ((6, 0, [[1.5, 2, 3, 3]]), "hints: row and column are whole numbers"),
        ((6, 0, 17 * [[1, 1, 1, 1]]), "hints: a list of up to 16"),
        ((6, 0, "up"), "hints: a list of up to 16"),
    ],
)
def test_forecast_refuses(client: Client, file: Path, arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(AppError, match=said):
        client.predict(handle_file(file), *arguments, api_name="/forecast")


@pytest.mark.parametrize("content", [b"", b"no picture", photo((90, 60))[:200]])
def test_forecast_says_what_is_wrong_with_a_picture(client: Client, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.png").write_bytes(content)
    with pytest.raises(AppError, match=r"empty|not a picture|damaged"):
        client.predict(handle_file(tmp_path / "broken.png"), 2, 0, [], api_name="/forecast")
