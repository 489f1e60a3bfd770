"""The named endpoints over HTTP, as gradio_client, JavaScript and curl use them; and what people get wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image, ImageDraw

import vaedemo
from vaedemo.recipes import RECIPES

NAME = "digits-2d"
COLORS = {name for name, recipe in RECIPES.items() if recipe.data == "photos"}
MOTIONS = {name for name, recipe in RECIPES.items() if recipe.model in ("motion", "towermotion", "expressions")}
FACES = {name for name, recipe in RECIPES.items() if recipe.data in ("faces", "portraits")}  # no drawing has a face
CONDITIONAL = {
    "digits-cvae",
    "digits-cvae-2d",
    "digits-quadrant",
    *(name for name in FACES if "attributes" in RECIPES[name].net),
    *COLORS,
    *MOTIONS,
}
INFINITY = float("inf")
web = httpx.Client(timeout=30)


def pixels(urls: list[str]) -> np.ndarray:
    """PNG data URLs as levels, (n, H, W), or (n, H, W, 3) where they have colors."""
    return np.stack([np.asarray(Image.open(BytesIO(urlopen(url).read()))) for url in urls]).astype(int)


def expected(name: str, z: Any) -> np.ndarray:
    import torch

    model = vaedemo.load(name)
    with torch.inference_mode():
        means = model.render(model.decode(torch.tensor(z, dtype=torch.float32)))
    return (layers_last(means) * 255 + 0.5).astype(np.uint8).astype(int)


def layers_last(means: Any) -> np.ndarray:
    """A tensor (n, C, H, W) as (n, H, W), or (n, H, W, 3) where it has colors."""
    return means.movedim(1, -1).squeeze(-1).numpy()


def drawing(path: Path, **options: Any) -> Path:
    image = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(image).line([(60, 50), (190, 50), (110, 230)], fill=0, width=26, joint="curve")
    image.save(path, **options)
    return path


# What works


def test_the_endpoints_describe_themselves(client: Client) -> None:
    described: Any = client.view_api(return_format="dict", print_info=False)
    named = described["named_endpoints"]
    plain = {"/sample", "/decode", "/encode", "/interpolate", "/traverse"}
    plain |= {"/evidence", "/colorize", "/forecast", "/reconstruct", "/invert", "/blend", "/express", "/flow"}
    assert set(named) == plain | {"/restyle_digit", "/generate", "/progression", "/edit", "/complete"}
    assert all("Returns {" in endpoint["description"] for endpoint in named.values())
    types = {
        name: {p["parameter_name"]: p["python_type"]["type"] for p in endpoint["parameters"]}
        for name, endpoint in named.items()
    }
    assert types["/sample"] == {"model": "str", "n": "int", "temperature": "float", "seed": "int"}
    assert types["/decode"] == {"model": "str", "z": "list[list[float]]"}
    assert types["/encode"] == {"model": "str", "image": "filepath"}
    assert types["/generate"] == {"attributes": "dict(str, float)", "n": "int", "seed": "int", "model": "str"}
    assert types["/complete"] == {"image": "filepath", "mask": "filepath", "n": "int", "seed": "int"}
    assert types["/invert"] == {"image": "filepath", "steps": "int", "starts": "int", "seed": "int"}
    assert types["/blend"] == {"a": "filepath", "b": "filepath", "model": "str", "n": "int"}
    assert types["/express"] == {"image": "filepath", "expression": "str", "strength": "float"}
    assert types["/restyle_digit"] == {"image": "filepath", "label": "None | int"}
    assert types["/interpolate"]["mode"] == "Literal['slerp', 'lerp']"
    assert types["/traverse"] == {"model": "str", "z": "list[float]", "dimension": "int", "n": "int"}
    defaults = {p["parameter_name"]: p["parameter_default"] for p in named["/sample"]["parameters"]}
    assert defaults == {"model": None, "n": 16, "temperature": 1.0, "seed": 0}


@pytest.mark.parametrize("name", sorted(RECIPES.keys() - CONDITIONAL))
def test_sample_is_the_sample_of_python(client: Client, name: str) -> None:
    got = client.predict(name, 5, 0.8, 7, api_name="/sample")
    model = vaedemo.load(name)
    ours = layers_last(model.sample(5, temperature=0.8, seed=7)) * 255
    shown = pixels(got["pictures"])
    assert shown.shape == ours.shape
    assert np.abs(shown - ours).max() <= 0.51
    assert np.ptp(shown, axis=0).max() > 10  # the small model tells one z from another
    more = client.predict(name, 9, 0.8, 7, api_name="/sample")
    assert more["z"][:5] == got["z"]


def test_sample_has_defaults(client: Client) -> None:
    got = client.predict(NAME, api_name="/sample")
    assert len(got["pictures"]) == len(got["z"]) == 16
    cold = client.predict(NAME, temperature=0, n=2, api_name="/sample")
    assert cold["z"] == [[0, 0], [0, 0]]


@pytest.mark.parametrize("name", sorted(RECIPES.keys() - CONDITIONAL))
def test_decode_gives_back_what_sample_gave(client: Client, name: str) -> None:
    drawn = client.predict(name, 3, api_name="/sample")
    again = client.predict(name, drawn["z"], api_name="/decode")
    assert again["z"] == drawn["z"]
    assert np.abs(pixels(again["pictures"]) - pixels(drawn["pictures"])).max() <= 1
    assert np.abs(pixels(again["pictures"]) - expected(name, drawn["z"])).max() <= 1


def test_decode_takes_a_single_vector_and_whole_numbers(client: Client) -> None:
    got = client.predict(NAME, [1, -2], api_name="/decode")
    assert got["z"] == [[1, -2]]
    assert np.abs(pixels(got["pictures"]) - expected(NAME, [[1.0, -2.0]])).max() <= 1


def test_decode_takes_1024_vectors_and_clips_far_ones(client: Client) -> None:
    got = client.predict(NAME, [[1e30, -1e30]] * 1_024, api_name="/decode")
    assert len(got["pictures"]) == 1_024
    assert got["z"][0] == [1e4, -1e4]


@pytest.mark.parametrize(("mode", "length"), [("lerp", 0.5), ("slerp", 1.0)])
def test_interpolate(client: Client, mode: str, length: float) -> None:
    a, b = [1.0, 0.0], [-0.5, 3**0.5 / 2]  # 120 degrees apart
    got = client.predict(NAME, a, b, 5, mode, api_name="/interpolate")
    z = np.array(got["z"])
    assert z.shape == (5, 2)
    assert np.allclose(z[[0, -1]], [a, b], atol=1e-6)
    assert np.isclose(np.linalg.norm(z[2]), length, atol=1e-6)
    assert np.abs(pixels(got["pictures"]) - expected(NAME, z)).max() <= 1


def test_infogan_samples_its_own_prior(client: Client) -> None:
    z = np.array(client.predict("digits-infogan", 64, api_name="/sample")["z"])
    assert set(np.unique(z[:, :10])) == {0, 1}
    assert (z[:, :10].sum(1) == 1).all()
    assert np.abs(z[:, 10:12]).max() <= 1
    assert np.abs(z[:, 12:]).max() > 2


@pytest.mark.parametrize(("name", "dimension"), [(NAME, 1), ("sprites", 0), ("turntable", 39)])
def test_traverse_moves_one_latent(client: Client, name: str, dimension: int) -> None:
    start = client.predict(name, 1, seed=3, api_name="/sample")["z"][0]
    got = client.predict(name, start, dimension, 7, api_name="/traverse")
    z = np.array(got["z"])
    assert np.allclose(np.delete(z, dimension, 1), np.delete(start, dimension), atol=1e-6)
    assert z[:, dimension] == pytest.approx([-2.0537, -0.9154, -0.4125, 0, 0.4125, 0.9154, 2.0537], abs=1e-3)
    assert np.abs(pixels(got["pictures"]) - expected(name, z)).max() <= 1
    assert len(client.predict(name, [start], dimension, api_name="/traverse")["pictures"]) == 9


@pytest.mark.parametrize("name", sorted(RECIPES.keys() - {"digits-infogan"} - FACES - MOTIONS))
def test_encode_gives_the_posterior_and_the_elbos_terms(client: Client, name: str, tmp_path: Path) -> None:
    import torch

    from vaedemo.models.cvae import CVAE
    from vaedemo.vision.preprocessing import prepared, read

    path = drawing(tmp_path / "seven.png")
    got = client.predict(name, handle_file(path), api_name="/encode")
    model, x = vaedemo.load(name), torch.from_numpy(prepared(read(path), RECIPES[name].data))[None]
    with torch.inference_mode():
        y = model.condition(model.recognize(x) if isinstance(model, CVAE) else torch.zeros(1))
        q = model.encode(x, y)
        assert np.allclose(got["mean"], q.mean[0], atol=1e-5)
        assert np.allclose(got["log_var"], 2 * q.stddev[0].log(), atol=1e-4)
        if model.has_prior:
            assert np.isclose(got["rate"], float(model.rate(q).sum()), rtol=1e-4)
        else:
            assert got["rate"] is None
        assert np.isclose(got["distortion"], float(model.distortion(x, q.mean, y)), rtol=1e-4)


@pytest.mark.parametrize("label", [None, 4])
def test_restyle_digit_keeps_the_style_and_changes_the_label(client: Client, tmp_path: Path, label: int | None) -> None:
    import torch

    from vaedemo.models.cvae import CVAE
    from vaedemo.vision.preprocessing import prepared, read

    path = drawing(tmp_path / "seven.png")
    got = client.predict(handle_file(path), label, api_name="/restyle_digit")
    model, x = vaedemo.load("digits-cvae"), torch.from_numpy(prepared(read(path), "digits"))[None]
    assert isinstance(model, CVAE)
    with torch.inference_mode():
        read_as = int(model.recognize(x)) if label is None else label
        style = model.encode(x, model.condition(torch.tensor([read_as]))).mean
    z = np.array(got["z"])
    assert got["label"] == read_as
    assert np.allclose(z[:, : model.z], style, atol=1e-5)
    assert (z[:, model.z :] == np.eye(10)).all()
    assert np.abs(pixels(got["pictures"]) - expected("digits-cvae", z)).max() <= 1


def test_a_conditional_model_is_not_sampled_without_its_condition(client: Client) -> None:
    with pytest.raises(AppError, match="model: digits-cvae wants a condition"):
        client.predict("digits-cvae", api_name="/sample")


@pytest.mark.parametrize(("suffix", "options"), [("jpg", {"quality": 60}), ("webp", {}), ("", {"format": "PNG"})])
def test_encode_reads_any_picture_alike(client: Client, tmp_path: Path, suffix: str, options: dict[str, Any]) -> None:
    means = [
        client.predict(NAME, handle_file(path), api_name="/encode")["mean"]
        for path in (drawing(tmp_path / "seven.png"), drawing(tmp_path / f"other.{suffix}", **options))
    ]
    assert np.allclose(*means, atol=0.02)


def test_many_ask_at_once(client: Client, tmp_path: Path) -> None:
    path = drawing(tmp_path / "seven.png")
    with ThreadPoolExecutor(12) as pool:
        encoded = [pool.submit(client.predict, NAME, handle_file(path), api_name="/encode") for _ in range(4)]
        sampled = [pool.submit(client.predict, NAME, 64, 1, seed, api_name="/sample") for seed in range(8)]
        assert len({json.dumps(answer.result(20)) for answer in encoded}) == 1
        assert len({json.dumps(answer.result(20)) for answer in sampled}) == 8


# What people get wrong. Every refusal names the argument, quotes what it was given and says what is wanted.


def refusal(address: str, endpoint: str, data: Any) -> str:
    """Gradio's own words for a refused call, asked as curl does: httpx and JSON would not even send a NaN."""
    start = time.monotonic()
    body = data if isinstance(data, str) else json.dumps({"data": data})
    asked = web.post(f"{address}gradio_api/call/{endpoint}", content=body, headers={"content-type": "application/json"})
    assert asked.status_code == 200, asked.text
    answer = web.get(f"{address}gradio_api/call/{endpoint}/{asked.json()['event_id']}")
    assert time.monotonic() - start < 5
    event, content = answer.text.split("\n")[:2]
    assert event == "event: error", answer.text[:200]
    said = json.loads(content.removeprefix("data: "))["error"]
    assert "Traceback" not in said
    assert len(said) < 700
    return said


NOT_WHOLE = [1.5, "16", None, True, [16], {"n": 16}, float("nan"), INFINITY, -INFINITY]
SAMPLES: list[tuple[Any, Any, Any, Any, str]] = [
    *((NAME, n, 1, 0, "n: .* is not a whole number from 1 to 1,024") for n in NOT_WHOLE),
    *((NAME, n, 1, 0, "n: .* is not between 1 and 1,024") for n in (0, -1, 1_025, 10**9, 1e9, 10**400)),
    *((NAME, 1, 1, seed, "seed: .* is not a whole number from 0 to 4,294,967,295") for seed in NOT_WHOLE[::3]),
    *((NAME, 1, 1, seed, "seed: .* is not between 0 and 4,294,967,295") for seed in (-1, 2**32, 10**400)),
    *((NAME, 1, t, 0, "temperature: .* is not a number from 0 to 10") for t in ("1", None, False, [1], {})),
    *((NAME, 1, t, 0, "temperature: .* is not between 0 and 10") for t in (-0.1, 11, float("nan"), INFINITY, 10**400)),
    *((m, 1, 1, 0, "model: unknown model .*; known: digits-2d, ") for m in ("", "../digits", None, [NAME])),
    ("x" * 100_000, 1, 1, 0, "model: unknown model 'x{60}...'; known: digits-2d, "),
]


@pytest.mark.parametrize(("model", "n", "temperature", "seed", "said"), SAMPLES, ids=lambda value: repr(value)[:20])
def test_sample_refuses(address: str, model: Any, n: Any, temperature: Any, seed: Any, said: str) -> None:
    assert re.match(said, refusal(address, "sample", [model, n, temperature, seed]))


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else 1.0


VECTORS: list[tuple[Any, str]] = [
    *((z, "vectors of 2 numbers are wanted, not ") for z in (None, "ab", "<script>", True, {}, [None, 1], ["1", "2"])),
    *((z, "vectors of 2 numbers are wanted, not ") for z in ([[1, 2], [3]], [1, {}], [10**400, 1], nested(99))),
    *((z, "digits-2d takes vectors of 2 numbers, not an array of shape ") for z in ([], [1], [1, 2, 3], 1, [[[1, 2]]])),
    *(([[0, 0], [x, 0]], "holds a number that is not finite") for x in (float("nan"), INFINITY, -INFINITY, 1e39)),
]


@pytest.mark.parametrize(("z", "said"), VECTORS, ids=lambda value: repr(value)[:20])
def test_decode_refuses(address: str, z: Any, said: str) -> None:
    assert refusal(address, "decode", [NAME, z]).startswith("z: " + said)


def test_decode_refuses_an_infinity_that_json_spells_out(address: str) -> None:
    data = f'{{"data": ["{NAME}", [1e400, 0]]}}'
    assert refusal(address, "decode", data) == "z: holds a number that is not finite"


@pytest.mark.parametrize("count", [0, 1_025, 50_000])
def test_decode_refuses_too_many(address: str, count: int) -> None:
    said = refusal(address, "decode", [NAME, [[0, 0]] * count])
    assert re.match("z: (between 1 and 1,024 vectors at once, not|.* not an array of shape)", said)


@pytest.mark.parametrize("argument", ["a", "b"])
@pytest.mark.parametrize(
    ("value", "said"),
    [*VECTORS[::4], ([[0, 0], [1, 1]], "one vector is wanted, not 2")],
    ids=lambda value: repr(value)[:20],
)
def test_interpolate_refuses_ends(address: str, argument: str, value: Any, said: str) -> None:
    ends = [value, [0, 1]] if argument == "a" else [[0, 1], value]
    assert refusal(address, "interpolate", [NAME, *ends, 9, "lerp"]).startswith(f"{argument}: {said}")


@pytest.mark.parametrize(
    ("n", "mode", "said"),
    [
        (1, "lerp", "n: 1 is not between 2 and 1,024"),
        (10**9, "lerp", "n: 1000000000 is not between 2 and 1,024"),
        (float("nan"), "lerp", "n: nan is not a whole number from 2 to 1,024"),
        (9, "cubic", 'mode: \'cubic\' is neither "slerp" nor "lerp"'),
        (9, ["lerp"], 'mode: a list of 1 is neither "slerp" nor "lerp"'),
        (9, None, 'mode: None is neither "slerp" nor "lerp"'),
    ],
)
def test_interpolate_refuses(address: str, n: Any, mode: Any, said: str) -> None:
    assert refusal(address, "interpolate", [NAME, [0, 1], [1, 0], n, mode]) == said


@pytest.mark.parametrize(("z", "said"), [*VECTORS[::4], ([[0, 0], [1, 1]], "one vector is wanted, not 2")])
def test_traverse_refuses_other_than_one_vector(address: str, z: Any, said: str) -> None:
    assert refusal(address, "traverse", [NAME, z, 0, 9]).startswith(f"z: {said}")


@pytest.mark.parametrize(
    ("dimension", "n", "said"),
    [
        (2, 9, "dimension: 2 is not between 0 and 1"),
        (-1, 9, "dimension: -1 is not between 0 and 1"),
        (0.5, 9, "dimension: 0.5 is not a whole number from 0 to 1"),
        (None, 9, "dimension: None is not a whole number from 0 to 1"),
        (0, 1, "n: 1 is not between 2 and 1,024"),
        (0, 10**9, "n: 1000000000 is not between 2 and 1,024"),
        (0, float("nan"), "n: nan is not a whole number from 2 to 1,024"),
    ],
)
def test_traverse_refuses(address: str, dimension: Any, n: Any, said: str) -> None:
    assert refusal(address, "traverse", [NAME, [0, 0], dimension, n]) == said


@pytest.mark.parametrize("endpoint", ["sample", "decode", "encode", "interpolate", "traverse"])
def test_every_endpoint_names_an_unknown_model(address: str, endpoint: str) -> None:
    rest = {"sample": [1, 1, 0], "decode": [[0, 0]], "encode": [None], "interpolate": [[0, 0], [0, 0], 2, "lerp"]}
    rest["traverse"] = [[0, 0], 0, 2]
    assert refusal(address, endpoint, ["nope", *rest[endpoint]]).startswith("model: unknown model 'nope'; known: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"hello", "The file is not a picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "damaged|not a picture"),
        (b"<svg><script>alert(1)</script></svg>", "The file is not a picture"),
    ],
    ids=["empty", "text", "corrupt", "svg"],
)
def test_encode_refuses_what_is_no_picture(client: Client, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "given.png"
    path.write_bytes(content)
    with pytest.raises(AppError, match=said):
        client.predict(NAME, handle_file(path), api_name="/encode")


@pytest.mark.parametrize(
    ("size", "said"), [((1, 1), "blank"), ((64, 64), "blank"), ((20_000, 5_000), "50,000,000 pixels")]
)
def test_encode_refuses_blank_and_enormous_pictures(
    client: Client, tmp_path: Path, size: tuple[int, int], said: str
) -> None:
    path = tmp_path / "blank.png"
    Image.new("1", size, 1).save(path)
    with pytest.raises(AppError, match=said):
        client.predict(NAME, handle_file(path), api_name="/encode")


FILE = {"_type": "gradio.FileData"}


def test_encode_reads_only_what_was_uploaded(address: str, tmp_path: Path) -> None:
    here = str(drawing(tmp_path / "private.png"))
    for image in (
        {"path": here, "meta": FILE},
        {"path": here, "meta": FILE, "is_stream": True},
        {"path": "../" * 20 + here, "meta": FILE},
        {"path": "/etc", "meta": FILE},
        {"path": "", "meta": FILE},
        {"path": address + "favicon.ico", "meta": FILE},
        {"path": "http://10.255.255.1/slow.png", "meta": FILE},
    ):
        assert "is not a file that was uploaded here" in refusal(address, "encode", [NAME, image])
    for image in (here, None, 3, [], {}, {"path": here}, {"path": here, "meta": {}}):
        assert refusal(address, "encode", [NAME, image]).startswith("image: an uploaded file is wanted")


def test_upload_beyond_the_limit_is_refused(address: str, tmp_path: Path) -> None:
    with open(tmp_path / "large.png", "wb") as stream:
        stream.truncate(35_000_000)
    with open(tmp_path / "large.png", "rb") as stream:
        answer = web.post(f"{address}gradio_api/upload", files={"files": stream})
    assert answer.status_code == 413
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("body", ["", "{", '{"data": 5}', '{"data": {}}', "[" * 100_000, '{"data": ' + "[" * 100_000])
def test_what_is_no_request_is_answered_4xx(address: str, body: str) -> None:
    headers = {"content-type": "application/json"}
    answer = web.post(f"{address}gradio_api/call/decode", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text


def test_huge_json_is_refused_unparsed(address: str) -> None:
    body = b'{"data": ["digits-2d", [' + b"[0.1, 0.2]," * 5_000_000 + b"[0, 0]]]}"
    start = time.monotonic()
    answer = web.post(f"{address}gradio_api/call/decode", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert time.monotonic() - start < 5


def test_a_refused_call_leaves_the_server_as_it_was(address: str, client: Client) -> None:
    before = client.predict(NAME, 2, api_name="/sample")
    refusal(address, "decode", [NAME, [float("nan")] * 2])
    assert client.predict(NAME, 2, api_name="/sample") == before


def test_a_model_that_no_source_has_is_named(address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from vaedemo import zoo

    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path))
    zoo.forget()
    zoo.forget()
    assert refusal(address, "sample", [NAME, 1, 1, 0]).startswith(f"no source has the model '{NAME}':\nweights/")
    zoo.forget()
    zoo.forget()


def test_torch_waits_for_the_first_call(small_models: Path) -> None:
    code = (
        "import sys\n"
        "from vaedemo.app import page\nfrom vaedemo.app.server import opening_training, preload, routes\n"
        "page.blocks(), routes.application(), preload.tags(), opening_training.status()\n"
        "sys.exit('torch' in sys.modules)"
    )
    environment = {**os.environ, "VAEDEMO_RUNS": str(small_models)}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
