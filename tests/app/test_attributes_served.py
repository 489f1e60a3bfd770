"""The server's side of the faces: read, layers, face, fit; and their named endpoints."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn_photo import EYES, eyes_of, photo
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from small_models import alone
from starlette.testclient import TestClient

from vaedemo import zoo
from vaedemo.app.server import inference, routes
from vaedemo.data import faces
from vaedemo.data.synthetic import cartoons
from vaedemo.latents import draw
from vaedemo.models.attribute2image import DisCVAE
from vaedemo.models.cvae import AttributeCVAE
from vaedemo.vision import face_alignment

NAME, SHARP, LAYERED = "faces-cvae", "faces-sharp", "faces-discvae"


@pytest.fixture(scope="module")
def client(small_models: Path) -> Iterator[TestClient]:
    with alone(small_models):
        yield TestClient(routes.application())


@pytest.fixture(autouse=True)
def a_face_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The net that looks for eyes has random weights here; what it does is tested with its own."""
    monkeypatch.setattr(face_alignment, "find_face", lambda image, net: eyes_of(image))


def vectors(name: str, n: int, seed: int = 0) -> np.ndarray:
    model = zoo.loaded(name)
    y = np.random.default_rng(seed).uniform(-1, 1, (n, model.y))
    return np.concatenate([draw(n, model.z, seed=seed), y], 1).astype("<f4")


def test_the_reader_reads_what_the_model_draws(client: TestClient) -> None:
    z = vectors(NAME, 3)
    answer = client.post(f"/read/{NAME}", content=z.tobytes())
    scores = np.frombuffer(answer.content, "<f4").reshape(3, -1)
    model, reader = zoo.loaded(NAME), zoo.loaded_net("faces-reader")
    assert isinstance(model, AttributeCVAE)
    with torch.inference_mode():
        x = model.render(model.decode(*torch.from_numpy(z).split([model.z, model.y], 1)))
        wanted = (reader.read(x)[:, [faces.ATTRIBUTES.index(a) for a in model.attributes]] / 2).tanh()  # type: ignore[operator]
    np.testing.assert_allclose(scores, wanted, atol=1e-5)


def test_layers_make_the_picture(client: TestClient) -> None:
    z = vectors(LAYERED, 2)
    answer = client.post(f"/layers/{LAYERED}", content=z.tobytes())
    planes = np.frombuffer(answer.content, np.uint8).reshape(2, 10, 64, 64) / 255
    front, gate, back, whole = planes[:, :3], planes[:, 3:4], planes[:, 4:7], planes[:, 7:]
    np.testing.assert_allclose(gate * front + (1 - gate) * back, whole, atol=2.5 / 255)
    np.testing.assert_allclose(np.rint(whole * 255), inference.decode(LAYERED, z), atol=1)
    model = zoo.loaded(LAYERED)
    assert isinstance(model, DisCVAE)
    other = z.copy()
    other[:, model.z - model.behind : model.z] += 1  # another background
    behind = np.frombuffer(client.post(f"/layers/{LAYERED}", content=other.tobytes()).content, np.uint8)
    behind = behind.reshape(2, 10, 64, 64) / 255
    np.testing.assert_array_equal(behind[:, :4], planes[:, :4])
    assert np.abs(behind[:, 4:7] - back).max() > 0.01


def test_a_face_goes_to_any_model_of_faces(client: TestClient) -> None:
    for name in ("faces-vae", NAME, LAYERED):
        got = client.post(f"/encode/{name}", content=photo()).json()
        assert len(got["mean"]) == zoo.loaded(name).z
        assert got["label"] is None
    assert client.post(f"/encode/{NAME}?label=3", content=photo()).status_code == 422


@pytest.mark.parametrize("route", ["read", "layers"])
@pytest.mark.parametrize(("name", "said"), [("digits", "model: digits"), ("nothing", "unknown model 'nothing'")])
def test_who_has_neither_attributes_nor_layers_is_refused(client: TestClient, route: str, name: str, said: str) -> None:
    answer = client.post(f"/{route}/{name}", content=bytes(4 * 32))
    assert answer.status_code in (404, 422)
    assert answer.text.startswith(said)


def test_a_photo_is_aligned_read_and_encoded(client: TestClient) -> None:
    got = client.post(f"/face/{NAME}", content=photo()).json()
    np.testing.assert_allclose(got["eyes"], (EYES + 0.5) / 192)
    x = np.frombuffer(base64.b64decode(got["x"]), np.uint8).reshape(3, 64, 64)
    original = cartoons.portraits(cartoons.chances(1, 0), 0)[0, :3]
    assert np.abs(x.astype(int) - original)[:, 4:-4, 4:-4].mean() < 8
    q = inference.encode(NAME, x / np.float32(255))
    np.testing.assert_allclose(got["mean"], q.mean, atol=0.02)
    assert q.attributes is not None
    np.testing.assert_allclose(got["attributes"], q.attributes, atol=0.02)


def test_clicked_eyes_are_believed(client: TestClient) -> None:
    got = client.post(f"/face/{NAME}?eyes=.25,.5,.625,.5", content=photo()).json()
    np.testing.assert_allclose(got["eyes"], [[0.25, 0.5], [0.625, 0.5]])
    large = client.post(f"/face/{NAME}?eyes=.25,.5,.625,.5", content=photo(3_000)).json()  # reduced before it is read
    seen, wanted = (np.frombuffer(base64.b64decode(one["x"]), np.uint8).astype(int) for one in (large, got))
    assert np.abs(seen - wanted).mean() < 3


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("eyes=1,2,3", "eyes: four numbers"),
        ("eyes=1,2,3,x", "eyes: four numbers"),
        ("eyes=.1,.2,.1,.2", "Both eyes are at the same place"),
        ("eyes=-.2,0,1.3,0", "An eye lies outside of the photo"),
        ("eyes=nan,0,1,1", "Two eyes are needed"),
    ],
)
def test_what_are_no_eyes_is_refused(client: TestClient, query: str, said: str) -> None:
    answer = client.post(f"/face/{NAME}?{query}", content=photo())
    assert answer.status_code == 422
    assert answer.text.startswith(said)


def test_where_no_face_is_found_the_answer_says_so(client: TestClient) -> None:
    assert client.post(f"/face/{NAME}", content=photo(64)).json() == {"eyes": None, "turned": None}
    answer = client.post(f"/face/{NAME}", content=b"no picture")
    assert (answer.status_code, answer.text[:11]) == (422, "The file is")


def fit_request(**changes: object) -> bytes:
    x = cartoons.portraits(cartoons.chances(1, 0), 0)[0, :3]
    asked = {"x": base64.b64encode(x.tobytes()).decode(), "y": [0.0] * zoo.loaded(NAME).y, "visible": None}
    return json.dumps(asked | {"n": 1, "spread": False, "seed": 0} | changes).encode()


def test_a_fit_tells_of_its_steps_and_fits_better_and_better(client: TestClient) -> None:
    told = [json.loads(line) for line in client.post(f"/fit/{NAME}", content=fit_request()).text.splitlines()]
    assert [line["step"] for line in told] == list(range(10, 151, 10))
    x = cartoons.portraits(cartoons.chances(1, 0), 0)[0, :3].astype(float)
    errors = [((inference.decode(NAME, line["vectors"]) - x) ** 2).mean() for line in told]
    assert errors[-1] < errors[0]


def test_guesses_at_a_hidden_part_differ(client: TestClient) -> None:
    visible = np.ones((64, 64), np.uint8)
    visible[40:] = 0
    body = fit_request(visible=base64.b64encode(visible.tobytes()).decode(), n=3, spread=True)
    last = json.loads(client.post(f"/fit/{NAME}", content=body).text.splitlines()[-1])
    assert np.ptp(np.array(last["vectors"])[:, : zoo.loaded(NAME).z], axis=0).max() > 0.1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"x": "AAAA"}, "The request is not as /fit takes it"),
        ({"x": 3}, "The request is not as /fit takes it"),
        ({"y": [0.0]}, "y: faces-cvae takes vectors of"),
        ({"y": ["a"]}, "The request is not as /fit takes it"),
        ({"n": 9}, "n: from 1 to 8"),
        ({"n": 10**9}, "n: from 1 to 8"),
        ({"seed": -1}, "n: from 1 to 8; seed: from 0"),
        ({"visible": base64.b64encode(bytes(4096)).decode()}, "visible: something of the picture"),
        ({"visible": "AAAA"}, "The request is not as /fit takes it"),
        ({"visible": ""}, "The request is not as /fit takes it"),
        ({"visible": {}}, "The request is not as /fit takes it"),
    ],
)
def test_what_cannot_be_fitted_is_refused(client: TestClient, changes: dict[str, object], said: str) -> None:
    answer = client.post(f"/fit/{NAME}", content=fit_request(**changes))
    assert answer.status_code == 422
    assert answer.text.startswith(said)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b"x" * 300_000])
def test_what_is_no_request_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post(f"/fit/{NAME}", content=body)
    assert (answer.status_code, answer.text[:12]) == (422, "The request ")


@pytest.mark.parametrize(
    ("route", "status", "said"),
    [
        ("/face/faces-vae", 422, "model: faces-vae is told no attributes"),
        ("/encode/faces-eyes", 404, "faces-eyes has no latent space"),
        ("/activations/faces-reader", 404, "faces-reader has no latent space"),
    ],
)
def test_a_photo_for_the_wrong_model_is_refused(client: TestClient, route: str, status: int, said: str) -> None:
    answer = client.post(route, content=photo())
    assert (answer.status_code, answer.text[: len(said)]) == (status, said)


def test_what_no_browser_decodes_is_said_to_be_so(client: TestClient) -> None:
    for name in (LAYERED, "faces-reader"):
        answer = client.get(f"/models/{name}.safetensors")
        assert (answer.status_code, answer.text[:20]) == (422, "no browser runs this")


def test_a_hidden_part_is_not_told_either(client: TestClient) -> None:
    """Without a description the model is told what is read in the visible part: what lies below changes nothing."""
    visible = np.ones((64, 64), np.uint8)
    visible[40:] = 0
    x = cartoons.portraits(cartoons.chances(1, 0), 0)[0, :3]
    other = np.where(visible > 0, x, 255 - x)
    bodies = [
        fit_request(
            x=base64.b64encode(one.tobytes()).decode(),
            visible=base64.b64encode(visible.tobytes()).decode(),
            y=None,
        )
        for one in (x, other)
    ]
    first, second = (client.post(f"/fit/{NAME}", content=body).text for body in bodies)
    assert first == second


# --- the named endpoints ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def api(address: str, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(address, verbose=False, download_files=tmp_path_factory.mktemp("downloads"))


def shown(urls: list[str]) -> np.ndarray:
    return np.stack([np.asarray(Image.open(BytesIO(base64.b64decode(url.partition(",")[2])))) for url in urls])


def test_generate_draws_what_is_asked(api: Client) -> None:
    got = api.predict({"Smiling": 0.5, "Wearing_Hat": 1}, 3, 7, api_name="/generate")
    model = zoo.loaded(NAME)
    assert isinstance(model, AttributeCVAE)
    assert got["attributes"] == {
        name: {"Smiling": 0.5, "Wearing_Hat": 1, "Young": 1, "No_Beard": 1, "Brown_Hair": 1}.get(name, -1)
        for name in model.attributes
    }
    z = np.array(got["z"], np.float32)
    np.testing.assert_allclose(z[:, : model.z], draw(3, model.z, seed=7), atol=1e-6)
    np.testing.assert_array_equal(shown(got["pictures"]), inference.decode(NAME, z).transpose(0, 2, 3, 1))
    ours = model.sample(3, seed=7, y=model.asked({"Smiling": 0.5, "Wearing_Hat": 1}).expand(3, -1))
    assert np.abs(shown(got["pictures"]) / 255 - ours.movedim(1, -1).numpy()).max() < 1 / 255


def test_the_sharp_decoder_draws_the_same_vectors(api: Client, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(photo())
    file = handle_file(tmp_path / "photo.png")
    for asked, endpoint in (
        (({"Smiling": 1}, 2, 7), "/generate"),
        (("Eyeglasses", 3, 0, {"Smiling": 1}), "/progression"),
        ((file, {"Smiling": 1}), "/edit"),
    ):
        smooth, sharp = (api.predict(*asked, model=name, api_name=endpoint) for name in (NAME, SHARP))
        assert {key: smooth[key] for key in ("z", "attributes")} == {key: sharp[key] for key in ("z", "attributes")}
        for got, name in ((smooth, NAME), (sharp, SHARP)):
            wanted = inference.decode(name, np.array(got["z"], np.float32)).transpose(0, 2, 3, 1)
            assert np.abs(shown(got["pictures"]).astype(int) - wanted).max() <= 1


def test_a_progression_changes_one_attribute(api: Client) -> None:
    got = api.predict("Eyeglasses", 5, api_name="/progression")
    z, model = np.array(got["z"]), zoo.loaded(NAME)
    assert isinstance(model, AttributeCVAE)
    column = model.z + model.attributes.index("Eyeglasses")
    np.testing.assert_allclose(z[:, column], [-1, -0.5, 0, 0.5, 1])
    assert np.ptp(np.delete(z, column, 1), axis=0).max() == 0


def test_edit_changes_what_is_asked_and_keeps_the_rest(api: Client, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(photo())
    got = api.predict(handle_file(tmp_path / "photo.png"), {"Smiling": 1}, api_name="/edit")
    model = zoo.loaded(NAME)
    assert isinstance(model, AttributeCVAE)
    before, after = np.array(got["z"])
    changed = np.flatnonzero(np.abs(before - after) > 1e-3)
    assert changed.tolist() == [model.z + model.attributes.index("Smiling")]
    np.testing.assert_allclose(before[model.z :], list(got["attributes"].values()), atol=1e-3)


def test_complete_keeps_what_is_visible(api: Client, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(photo())
    mask = np.zeros((192, 192), np.uint8)
    mask[130:] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    files = (handle_file(tmp_path / "photo.png"), handle_file(tmp_path / "mask.png"))
    got = api.predict(*files, 2, api_name="/complete")
    pictures = shown(got["pictures"]).astype(int)
    assert pictures.shape == (2, 64, 64, 3)
    assert np.ptp(pictures[:, :40], axis=0).max() == 0
    assert np.ptp(pictures[:, 50:], axis=0).max() > 0


@pytest.mark.parametrize(
    ("asked", "endpoint", "said"),
    [
        (({"Chubby": 1},), "/generate", "attributes: unknown 'Chubby'"),
        (({"Smiling": 2},), "/generate", "attributes: Smiling"),
        (({"Smiling": "x"},), "/generate", "attributes: Smiling"),
        ((["Smiling"],), "/generate", "attributes: names and values"),
        (({}, 10**9), "/generate", "n: "),
        (({}, 1, -1), "/generate", "seed: "),
        (({}, 1, 0, "digits"), "/generate", "model: faces-cvae or faces-sharp is wanted"),
        (("Smiling", 3, 0, {}, ["x"]), "/progression", "model: faces-cvae or faces-sharp is wanted"),
        (("Big_Nose",), "/progression", "attribute: unknown 'Big_Nose'"),
        (("Smiling", 1), "/progression", "n: "),
        (("Smiling", 3, 0, {"x": 1}), "/progression", "attributes: unknown 'x'"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(api: Client, asked: tuple, endpoint: str, said: str) -> None:
    with pytest.raises(AppError) as error:
        api.predict(*asked, api_name=endpoint)
    assert str(error.value).startswith(said)
