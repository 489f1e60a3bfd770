"""The server's side of VAE vs GAN: a portrait through all encoders, the search for a GAN's z; their named endpoints."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from drawn_photo import EYES, cartoon, eyes_of, photo
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from small_models import alone
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from vaedemo import zoo
from vaedemo.app.server import inference, routes
from vaedemo.app.tabs.vaegan import server
from vaedemo.errors import Unavailable
from vaedemo.latents import LAST_SEED, slerp
from vaedemo.vision import face_alignment, latent_inversion

Z = 64


@pytest.fixture(scope="module")
def client(small_models: Path) -> Iterator[TestClient]:
    with alone(small_models):
        yield TestClient(routes.application())


@pytest.fixture(autouse=True)
def a_face_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The net that looks for eyes has random weights here; what it does is tested with its own."""
    monkeypatch.setattr(face_alignment, "find_face", lambda image, net: eyes_of(image))


def levels(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(server.SHAPE)


# --- one portrait through all encoders -------------------------------------------------------------------------------


def test_a_portrait_is_aligned_and_every_encoder_answers(client: TestClient) -> None:
    got = client.post("/vaegan/portrait", content=photo()).json()
    np.testing.assert_allclose(got["eyes"], (EYES + 0.5) / 192)
    x = levels(got["x"])
    assert np.abs(x.astype(int) - cartoon())[:, 4:-4, 4:-4].mean() < 8
    assert got["missing"] == {}
    assert tuple(got["codes"]) == server.ENCODERS
    for name, code in got["codes"].items():
        q = inference.encode(name, x / np.float32(255))
        np.testing.assert_allclose(code["mean"], q.mean, atol=0.02)
        np.testing.assert_allclose(code["sigma"], np.exp(q.log_var / 2), atol=0.02)
        assert code["rate"] == pytest.approx(q.rate, rel=0.05)
        assert code["distortion"] == pytest.approx(q.distortion, rel=0.05)
        assert 0 < code["ms"] < 60_000


def test_a_model_that_is_nowhere_is_named_and_the_others_answer(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = inference.encode

    def without_one(name: str, x: np.ndarray) -> inference.Posterior:
        if name == "faces-vae-dis":
            raise Unavailable(name, ("not there",))
        return encode(name, x)

    monkeypatch.setattr(inference, "encode", without_one)
    got = client.post("/vaegan/portrait", content=photo()).json()
    assert tuple(got["codes"]) == ("faces-vae", "faces-vae-gan")
    assert list(got["missing"]) == ["faces-vae-dis"]
    assert "faces-vae-dis" in got["missing"]["faces-vae-dis"]


def test_eyes_that_were_pointed_at_are_believed(client: TestClient) -> None:
    got = client.post("/vaegan/portrait?eyes=.25,.5,.625,.5", content=photo()).json()
    np.testing.assert_allclose(got["eyes"], [[0.25, 0.5], [0.625, 0.5]])


def test_where_no_face_is_found_the_answer_says_so(client: TestClient) -> None:
    assert client.post("/vaegan/portrait", content=photo(64)).json() == {"eyes": None, "turned": None}


@pytest.mark.parametrize(
    ("query", "content", "said"),
    [
        ("", b"", "The file is empty"),
        ("", b"no picture", "The file is not a picture"),
        ("?eyes=1,2,3", None, "eyes: four numbers"),
        ("?eyes=nan,0,1,1", None, "Two eyes are needed"),
        ("?eyes=-.2,0,1.3,0", None, "An eye lies outside of the photo"),
        ("?eyes=.1,.2,.1,.2", None, "Both eyes are at the same place"),
    ],
)
def test_what_is_no_portrait_is_refused(client: TestClient, query: str, content: bytes | None, said: str) -> None:
    answer = client.post(f"/vaegan/portrait{query}", content=photo() if content is None else content)
    assert answer.status_code == 422
    assert answer.text.startswith(said)


# --- the search ------------------------------------------------------------------------------------------------------


def search_request(**changes: object) -> bytes:
    asked = {"x": base64.b64encode(cartoon().tobytes()).decode(), "steps": 5, "starts": 2, "seed": 0}
    return json.dumps(asked | changes).encode()


def test_a_search_tells_of_every_step_and_goes_down(client: TestClient) -> None:
    answer = client.post("/vaegan/search", content=search_request(steps=30, starts=3))
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["step"] for line in told] == list(range(31))
    assert all(np.shape(line["z"]) == (3, Z) and len(line["errors"]) == 3 for line in told)
    assert min(told[-1]["errors"]) < min(told[0]["errors"])
    drawn = inference.decode(server.GAN, np.array(told[-1]["z"], np.float32)) / 255.0
    errors = np.square(drawn - cartoon() / 255.0).mean((1, 2, 3))
    np.testing.assert_allclose(told[-1]["errors"], errors, rtol=0.05, atol=2e-4)  # bfloat16, where the processor has it


def test_the_same_seed_begins_at_the_same_starts(client: TestClient) -> None:
    first, again, other = (
        json.loads(client.post("/vaegan/search", content=search_request(steps=1, seed=seed)).text.splitlines()[0])
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first["z"] != other["z"]
    *_, (_, z, _) = latent_inversion.searched(
        zoo.loaded(server.GAN), torch.from_numpy(cartoon() / np.float32(255))[None], 1, 2, 1
    )
    lines = client.post("/vaegan/search", content=search_request(steps=1, seed=1)).text.splitlines()
    np.testing.assert_allclose(json.loads(lines[-1])["z"], z[0], atol=1e-3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"x": "AAAA"}, "The request is not as /search takes it"),
        ({"x": "no base64: \u00e9"}, "The request is not as /search takes it"),
        ({"x": "A"}, "The request is not as /search takes it"),
        ({"x": 3}, "The request is not as /search takes it"),
        ({"x": None}, "The request is not as /search takes it"),
        ({"x": base64.b64encode(bytes(3 * 32 * 32)).decode()}, "The request is not as /search takes it"),
        ({"steps": 0}, "steps: 0 is not between 1 and 400"),
        ({"steps": 401}, "steps: 401 is not between 1 and 400"),
        ({"steps": 10**40}, "steps: an enormous number is not between 1 and 400"),
        ({"steps": float("nan")}, "steps: nan is not a whole number from 1 to 400"),
        ({"steps": float("inf")}, "steps: inf is not a whole number from 1 to 400"),
        ({"steps": "5"}, "steps: '5' is not a whole number"),
        ({"steps": 1.5}, "steps: 1.5 is not a whole number"),
        ({"steps": True}, "steps: True is not a whole number"),
        ({"starts": 0}, "starts: 0 is not between 1 and 8"),
        ({"starts": 9}, "starts: 9 is not between 1 and 8"),
        ({"starts": []}, "starts: a list of 0 is not a whole number"),
        ({"seed": -1}, "seed: -1 is not between 0 and 4,294,967,295"),
        ({"seed": LAST_SEED + 1}, "seed: 4294967296 is not between"),
        ({"seed": None}, "seed: None is not a whole number"),
    ],
)
def test_what_cannot_be_searched_for_is_refused(client: TestClient, changes: dict[str, object], said: str) -> None:
    answer = client.post("/vaegan/search", content=search_request(**changes))
    assert answer.status_code == 422
    assert answer.text.startswith(said)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"3", b"\xff", b"[" * 40_000, b"x" * 60_000])
def test_what_is_no_request_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/vaegan/search", content=body)
    assert (answer.status_code, answer.text[:12]) == (422, "The request ")


def test_where_the_gan_is_nowhere_the_search_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(name: str) -> None:
        raise Unavailable(name, ("not there",))

    monkeypatch.setattr(zoo, "loaded", nowhere)
    answer = client.post("/vaegan/search", content=search_request())
    assert answer.status_code == 503
    assert server.GAN in answer.text


def test_the_search_of_a_client_that_left_ends(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked before each step whether somebody still listens."""
    steps: list[int] = []
    searched = server.search

    def counted(*args: Any) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        for found in searched(*args):
            steps.append(found[0])
            yield found

    monkeypatch.setattr(server, "search", counted)

    async def left_after_three() -> int:
        body = [{"type": "http.request", "body": search_request(steps=400), "more_body": False}]
        heard = 0

        async def receive() -> Any:
            if body:
                return body.pop()
            if heard < 3:
                await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        scope = {"type": "http", "method": "POST", "headers": [], "query_string": b"", "app": routes.application()}
        answer = await server._search(Request(scope, receive))
        assert isinstance(answer, StreamingResponse)
        async for _ in answer.body_iterator:
            heard += 1
        return heard

    heard = asyncio.run(left_after_three())
    assert heard == 3
    assert steps[-1] < 5, "the rest is not computed"


# --- the named endpoints ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def api(address: str, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(address, verbose=False, download_files=tmp_path_factory.mktemp("downloads"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Two photos, each with a face."""
    folder = tmp_path_factory.mktemp("photos")
    for number in range(2):
        (folder / f"{number}.png").write_bytes(photo(number=number))
    return [handle_file(folder / f"{number}.png") for number in range(2)]


def shown(urls: list[str]) -> np.ndarray:
    """PNG data URLs, (n, 3, 64, 64)."""
    pictures = [np.asarray(Image.open(BytesIO(base64.b64decode(url.partition(",")[2])))) for url in urls]
    return np.stack(pictures).transpose(0, 3, 1, 2)


@pytest.mark.parametrize("name", server.ENCODERS)
def test_reconstruct_decodes_the_mean(api: Client, files: list[Any], name: str) -> None:
    got = api.predict(files[0], name, api_name="/reconstruct")
    x, drawn = shown(got["pictures"]).astype(int)
    assert np.abs(x - cartoon())[:, 4:-4, 4:-4].mean() < 8
    np.testing.assert_allclose(got["z"][0], inference.encode(name, x / np.float32(255)).mean, atol=0.02)
    np.testing.assert_array_equal(drawn, inference.decode(name, np.array(got["z"], np.float32))[0])
    assert got["mse"] == pytest.approx(np.square((x - drawn) / 255).mean(), rel=0.02)


def test_invert_gives_the_z_of_each_start_and_draws_the_best(api: Client, files: list[Any]) -> None:
    got = api.predict(files[0], 4, 3, 7, api_name="/invert")
    assert np.shape(got["z"]) == (3, Z)
    assert got["best"] == int(np.argmin(got["errors"]))
    x, drawn = shown(got["pictures"]).astype(int)
    best = np.array(got["z"][got["best"]], np.float32)
    assert np.abs(drawn - inference.decode(server.GAN, best)[0]).max() <= 1
    assert min(got["errors"]) == pytest.approx(np.square((x - drawn) / 255).mean(), rel=0.05)
    again = api.predict(files[0], 4, 3, 7, api_name="/invert")
    np.testing.assert_allclose(again["z"], got["z"], atol=1e-4)


@pytest.mark.parametrize("name", ["faces-vae-gan", server.GAN])
def test_blend_goes_from_one_photo_to_the_other(
    api: Client, files: list[Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "STEPS", 3)
    got = api.predict(*files, name, 5, api_name="/blend")
    z = np.array(got["z"], np.float32)
    assert z.shape == (5, Z)
    np.testing.assert_allclose(z, slerp(z[0], z[-1], 5), atol=1e-4)
    assert np.abs(shown(got["pictures"]).astype(int) - inference.decode(name, z)).max() <= 1
    if name != server.GAN:
        first = api.predict(files[0], name, api_name="/reconstruct")
        np.testing.assert_allclose(z[0], first["z"][0], atol=1e-5)


FILE = object()  # stands for a photo


@pytest.mark.parametrize(
    ("endpoint", "asked", "said"),
    [
        ("/reconstruct", (FILE, "digits"), "model: unknown model 'digits'; known here: faces-vae, faces-vae-dis,"),
        ("/reconstruct", (FILE, 3), "model: unknown model 3"),
        ("/reconstruct", (FILE, "faces-gan"), "model: faces-gan has no encoder; /invert searches for its z"),
        ("/invert", (FILE, 0), "steps: 0 is not between 1 and 400"),
        ("/invert", (FILE, 401), "steps: 401 is not between 1 and 400"),
        ("/invert", (FILE, 2, 9), "starts: 9 is not between 1 and 8"),
        ("/invert", (FILE, 2, 1, -1), "seed: -1 is not between 0 and"),
        ("/invert", (FILE, "x"), "steps: 'x' is not a whole number"),
        ("/blend", (FILE, FILE, "nope"), "model: unknown model 'nope'"),
        ("/blend", (FILE, FILE, "faces-vae", 1), "n: 1 is not between 2 and 64"),
        ("/blend", (FILE, FILE, "faces-vae", 10**9), "n: 1000000000 is not between 2 and 64"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    api: Client, files: list[Any], endpoint: str, asked: tuple[Any, ...], said: str
) -> None:
    with pytest.raises(AppError) as error:
        api.predict(*(files[0] if value is FILE else value for value in asked), api_name=endpoint)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    ("endpoint", "rest"), [("/reconstruct", ("faces-vae",)), ("/invert", (1, 1)), ("/blend", (FILE, "faces-vae"))]
)
def test_a_file_without_a_picture_is_refused(
    api: Client, files: list[Any], tmp_path: Path, endpoint: str, rest: tuple[Any, ...]
) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(AppError) as error:
        api.predict(
            handle_file(tmp_path / "a.png"),
            *(files[0] if value is FILE else value for value in rest),
            api_name=endpoint,
        )
    assert str(error.value).startswith("The file is not a picture")
