"""The server's side of Expressions: where a photo's face lies, and the endpoints /express and /flow."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn_photo import EYES, SIDE, cartoon, eyes_of, photo
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from small_models import alone
from starlette.testclient import TestClient

from vaedemo import express
from vaedemo.app.server import inference, routes
from vaedemo.app.tabs.expressions import pixels, tab
from vaedemo.vision import face_alignment, preprocessing


@pytest.fixture(scope="module")
def served(small_models: Path) -> Iterator[TestClient]:
    with alone(small_models):
        express._known.cache_clear()
        yield TestClient(routes.application())
    express._known.cache_clear()


@pytest.fixture(autouse=True)
def a_face_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nets have random weights here: eyes are where they were drawn, and landmarks are looked for once."""
    monkeypatch.setattr(face_alignment, "find_face", lambda image, net: eyes_of(image))
    monkeypatch.setattr(express, "ROUNDS", 1)


def test_a_face_is_placed_in_widths_of_the_photo(served: TestClient) -> None:
    got = served.post("/express/face", content=photo()).json()
    own = np.array(express.OWN_EYES)
    placed = own @ np.array(got["linear"]).T + np.array(got["offset"])
    np.testing.assert_allclose(placed, (EYES + 0.5) / SIDE, atol=1e-6)
    one = express.face(Image.open(BytesIO(photo())))
    np.testing.assert_allclose(got["points"], one.points.flatten().tolist(), atol=1e-4)
    assert np.shape(got["eyes"]) == (2, 2)


def test_eyes_that_were_clicked_are_believed(served: TestClient) -> None:
    got = served.post("/express/face?eyes=0.3,0.4,0.5,0.45", content=photo()).json()
    placed = np.array(express.OWN_EYES) @ np.array(got["linear"]).T + np.array(got["offset"])
    np.testing.assert_allclose(placed, [[0.3, 0.4], [0.5, 0.45]], atol=1e-6)


def test_a_photo_without_a_face_has_no_eyes_and_what_is_no_photo_is_refused(served: TestClient) -> None:
    assert served.post("/express/face", content=photo(64)).json() == {"eyes": None, "turned": None}
    for query, content, words in (
        ("", b"no picture", "picture"),
        ("?eyes=0.5,0.5,0.5,0.5", photo(), "same place"),
        ("?eyes=2,0.5,0.5,0.5", photo(), "outside"),
        ("?eyes=1,2", photo(), "four numbers"),
    ):
        answer = served.post(f"/express/face{query}", content=content)
        assert 400 <= answer.status_code < 500
        assert words in answer.text


def test_a_smile_is_compared_along_the_flow_and_in_pixels(served: TestClient) -> None:
    got = served.post("/express/compared?smile=0.5", content=photo()).json()
    x = np.frombuffer(base64.b64decode(got["x"]), np.uint8).reshape(3, 64, 64)
    assert np.abs(x.astype(int) - cartoon()).mean() < 3  # it was enlarged, and is reduced again
    q = inference.encode(pixels.MEAN, x / np.float32(255))
    np.testing.assert_allclose(got["z"], q.mean, atol=0.05)
    assert q.attributes is not None
    np.testing.assert_allclose(got["y"], q.attributes, atol=0.05)
    assert got["figures"].keys() == {"flow", pixels.MEAN, pixels.SHARP}
    asked = np.array(got["y"])
    asked[inference.attributes(pixels.MEAN).index("Smiling")] *= 0.5
    asked[inference.attributes(pixels.MEAN).index("Smiling")] += 0.5
    for name in (pixels.MEAN, pixels.SHARP):
        drawn = inference.decode(name, np.concatenate([got["z"], asked])[None])[0] / 255
        assert got["figures"][name]["sharpness"] == pytest.approx(energy(drawn) / energy(x / 255), rel=0.05)


def test_a_face_is_encoded_for_the_models_of_pixels(served: TestClient) -> None:
    got = served.post("/express/encoded?eyes=0.3,0.4,0.5,0.45", content=photo()).json()
    one = express.face(Image.open(BytesIO(photo())), np.array([[0.3, 0.4], [0.5, 0.45]]) * SIDE - 0.5)
    places = one.placed(torch.tensor(express.OWN_EYES)) - 0.5
    q = inference.encode(pixels.MEAN, preprocessing.to_portrait(one.image, places))
    np.testing.assert_allclose(got["z"], q.mean, atol=1e-5)
    assert q.attributes is not None
    np.testing.assert_allclose(got["y"], q.attributes, atol=1e-5)


def energy(picture: np.ndarray) -> float:
    return float(sum((np.diff(picture, axis=axis) ** 2).mean() for axis in (1, 2)))


@pytest.mark.usefixtures("served")
def test_figures_know_the_photo_itself_and_one_of_half_the_contrast() -> None:
    x = (cartoon() / 255).astype(np.float32)
    assert pixels.figures(x, x) == {"sharpness": pytest.approx(1), "distance": 0}
    half = pixels.figures(x, (x / 2 + 0.25).astype(np.float32))
    assert half["sharpness"] == pytest.approx(0.25, rel=1e-3)
    # How far a reader of random weights moves is chance; that it moves is not, nor that another picture is farther.
    noise = np.random.default_rng(0).random(x.shape, np.float32)
    assert 0 < half["distance"] < pixels.figures(x, noise)["distance"]


@pytest.mark.parametrize("smile", ["1.5", "nan", "much"])
def test_a_smile_out_of_range_is_refused(served: TestClient, smile: str) -> None:
    answer = served.post(f"/express/compared?smile={smile}", content=photo())
    assert 400 <= answer.status_code < 500
    assert "smile" in answer.text


def file_of(url: str) -> BytesIO:
    return BytesIO(base64.b64decode(url.split(",", 1)[1]))


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    path = tmp_path / "portrait.png"
    path.write_bytes(photo())
    return path


def test_express_answers_what_python_makes_of_the_photo(client: Client, portrait: Path) -> None:
    answer = client.predict(handle_file(str(portrait)), "sad", 0.8, api_name="/express")
    picture = Image.open(file_of(answer["picture"]))
    wanted = express.edited(express.face(portrait), "sad", 0.8)
    assert np.abs(np.asarray(picture).astype(int) - np.asarray(wanted)).max() <= 1


def test_flow_holds_the_flow_and_where_the_face_lies(client: Client, portrait: Path) -> None:
    answer = client.predict(handle_file(str(portrait)), "smile", api_name="/flow")
    one = express.face(portrait)
    with np.load(file_of(answer["file"])) as found:
        assert {name: found[name].shape for name in found} == {
            "flow": (2, 64, 64),
            "points": (138, 2),
            "linear": (2, 2),
            "offset": (2,),
            "turned": (),
        }
        assert found["turned"] == 0
        np.testing.assert_allclose(found["flow"], express.flow(one, "smile")[0].numpy(), atol=1e-4)
        np.testing.assert_allclose(found["offset"], one.offset)
        np.testing.assert_allclose(found["linear"], one.linear)


@pytest.mark.parametrize(
    ("expression", "strength", "words"),
    [("grin", 1.0, "expression: unknown 'grin'"), ("smile", 1.6, "strength: 1.6 is not between -0.5 and 1.5")],
)
def test_what_express_cannot_do_is_said(
    client: Client, portrait: Path, expression: str, strength: float, words: str
) -> None:
    with pytest.raises(AppError, match=words):
        client.predict(handle_file(str(portrait)), expression, strength, api_name="/express")


def test_the_page_offers_expressions_that_the_model_knows() -> None:
    offered = (*tab.SHOWN, *tab.NEARLY)
    assert set(offered) < set(express.expressions())
    script = (Path(tab.__file__).parent / "lib/expression-words.mjs").read_text()
    places = [script.index(f"['{name}'") for name in offered]
    assert places == sorted(places)
