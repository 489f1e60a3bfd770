"""The routes and endpoints of the tab VAE vs GAN: one portrait through all encoders, the search for a GAN's z, a
critic's opinion.

Arrays travel as little-endian bytes, or within JSON in base64.
"""

# No `from __future__ import annotations`: gr.api reads what an endpoint returns from its evaluated annotation.

import base64
import json
from collections.abc import Iterator
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vaedemo import zoo
from vaedemo.app.server import endpoint_arguments as arguments
from vaedemo.app.server import inference
from vaedemo.app.server.decoded_pictures import Pictures, decoded, png_url
from vaedemo.app.server.request_parsing import (
    at_most,
    at_work,
    eyes,
    in_base64,
    levels_in_base64,
    of_a_picture,
    streamed,
)
from vaedemo.app.tab import Ask, Endpoint, Route, Upload
from vaedemo.app.widgets import PACKAGE
from vaedemo.errors import Refused, Unavailable
from vaedemo.latents import LAST_SEED, slerp
from vaedemo.vision import preprocessing

if TYPE_CHECKING:
    from vaedemo.models.base import LatentModel
    from vaedemo.models.face_critic import FaceCritic
    from vaedemo.vision.picture_errors import Error

ENCODERS = ("faces-vae", "faces-vae-dis", "faces-vae-gan")  # models that answer with a z in one step
GAN = "faces-gan"  # the one whose z is searched for
CRITIC = "faces-critic"
MODELS = (*ENCODERS, GAN)
SHAPE = (3, 64, 64)
MOST_STEPS, MOST_STARTS = 400, 8  # of a search
DIGITS = 4  # of the numbers of a search, as text
MOST_JUDGED = 8  # pictures in one question to the critic
STEPS, STARTS = 200, 4  # of a search, where nobody asks for others
MOST_BLENDED = 64  # pictures of one blend


class Reconstructed(Pictures):
    mse: float  # mean squared difference of the two pictures, a value of [0, 1]


class Inverted(Pictures):
    errors: list[float]  # mean squared difference of each z's picture to the face, a value of [0, 1]
    best: int  # the place of the least error


async def _portrait(request: Request) -> Response:
    """Body: a photo. Answer: JSON with its eyes, the aligned face x, and of each encoder the posterior's mean, sigma,
    rate and distortion in nats, and the milliseconds of encoding and decoding once; `missing` says, by name, why a
    model is not here.

    `eyes` in the query, x, y, x, y in parts of the photo's width and height, are believed; without them they are looked
    for. `eyes` is null where no face is found: see `inference.no_face`.
    """
    given = eyes(request)
    return await of_a_picture(request, lambda file: JSONResponse(_answers(file, given)))


def _answers(file: bytes, eyes: np.ndarray | None) -> dict[str, object]:
    photo = preprocessing.read(file)
    face = inference.face_in(photo, eyes)
    if face is None:
        return inference.no_face(photo)
    x, seen = face
    codes: dict[str, object] = {}
    missing: dict[str, str] = {}
    for name in ENCODERS:
        try:
            _warm(name)
            begun = perf_counter()
            posterior = inference.encode(name, x)
        except Unavailable as error:
            missing[name] = str(error)
            continue
        codes[name] = {
            "mean": posterior.mean.tolist(),
            "sigma": np.exp(posterior.log_var / 2).tolist(),
            "rate": posterior.rate,
            "distortion": posterior.distortion,
            "ms": round(1_000 * (perf_counter() - begun), 1),
        }
    return {"eyes": seen, "x": levels_in_base64(x), "codes": codes, "missing": missing}


@lru_cache
def _warm(name: str) -> None:
    """Loads a model and encodes once: neither the disk nor what torch does at first is part of a step."""
    inference.encode(name, np.zeros(SHAPE, np.float32))


async def _search(request: Request) -> Response:
    """Body: JSON with x (base64 of 3 * 64 * 64 bytes), steps, starts, seed. Answer: a line of JSON for every step,
    {step, z (starts, Z), errors (starts)}: squared errors a value of [0, 1]. Step 0 are the starts."""
    body = await at_most(request, 50_000, "The request is longer than a face")
    try:
        asked = json.loads(body)
        x = np.frombuffer(base64.b64decode(asked["x"]), np.uint8).reshape(SHAPE) / np.float32(255)
        numbers = asked["steps"], asked["starts"], asked["seed"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Refused(f"The request is not as /search takes it: {error}") from None
    found = search(x, *_of_a_search(*numbers))

    def said(now: tuple[int, np.ndarray, np.ndarray]) -> dict[str, object]:
        step, z, errors = now
        return {"step": step, "z": z.round(DIGITS).tolist(), "errors": errors.round(DIGITS + 2).tolist()}

    return await streamed(request, found, said)


def _of_a_search(steps: Any, starts: Any, seed: Any) -> tuple[int, int, int]:
    """What a search is told, checked. Raises Refused."""
    return (
        arguments.whole("steps", steps, 1, MOST_STEPS),
        arguments.whole("starts", starts, 1, MOST_STARTS),
        arguments.whole("seed", seed, 0, LAST_SEED),
    )


def search(x: np.ndarray, steps: int, starts: int, seed: int) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """`latent_inversion.searched` of the GAN for one face x (3, 64, 64) in [0, 1]: (step, z (starts, Z), errors
    (starts,)) after every step. Raises Unavailable."""
    import torch

    from vaedemo.vision.latent_inversion import searched

    model = _searchable(zoo.loaded(GAN))
    half = torch.cpu._is_avx512_bf16_supported()
    for step, z, errors in searched(model, torch.from_numpy(x.copy())[None], steps, starts, seed, half):
        yield step, z[0].numpy(), errors[0].numpy()


@lru_cache(maxsize=2)
def _searchable(model: "LatentModel") -> "LatentModel":
    """A copy of the model whose decoder lies in memory as a search walks it, which is faster by a half."""
    import copy

    import torch

    mine = copy.deepcopy(model)
    mine.decoder.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    return mine


async def _errors(request: Request) -> Response:
    """Body: a face and the same face changed, 3 * 64 * 64 bytes each. Answer: JSON with two errors, "pixels" and
    "features" (Dis_l): {error, relative, where}. In `relative` and in the map `where`, (64, 64) float32 in base64, 1 is
    the mean error between photographs of two people."""
    pair = await _faces(request, 2)
    if len(pair) != 2:
        raise Refused(f"x: two faces are wanted, not {len(pair)}")
    return JSONResponse(await at_work(request, errors, pair))


def errors(pair: np.ndarray) -> dict[str, dict[str, float | str]]:
    """The two errors of faces (2, 3, 64, 64) in [0, 1] for JSON, see `_errors`. Raises Unavailable."""
    import torch

    from vaedemo.vision import picture_errors

    x, changed = torch.from_numpy(pair)
    found = picture_errors.errors(_critic(), x, changed)
    return {"pixels": _for_json(found.pixels), "features": _for_json(found.features)}


def _for_json(one: "Error") -> dict[str, float | str]:
    return {"error": one.error, "relative": one.relative, "where": in_base64(one.where.numpy())}


async def _looks(request: Request) -> Response:
    """Body: up to MOST_JUDGED faces, 3 * 64 * 64 bytes each. Answer: JSON with `scores`, the critic's probability that
    each is a photograph, and `where`, that of each place: (n, 64, 64) float32 in base64."""
    faces = await _faces(request, MOST_JUDGED)
    return JSONResponse(await at_work(request, looks, faces))


def looks(faces: np.ndarray) -> dict[str, list[float] | str]:
    """What the critic says of faces (n, 3, 64, 64) in [0, 1] for JSON, see `_looks`. Raises Unavailable."""
    import torch

    from vaedemo.vision import picture_errors

    seen = picture_errors.looks(_critic(), torch.from_numpy(faces))
    return {"scores": seen.scores.tolist(), "where": in_base64(seen.where.numpy())}


async def _faces(request: Request, most: int) -> np.ndarray:
    """The faces (n, 3, 64, 64) in [0, 1] that came as bytes, 1 to `most` of them. Raises Refused."""
    each = int(np.prod(SHAPE))
    body = await at_most(request, most * each, f"x: at most {most} faces")
    if not body or len(body) % each:
        raise Refused(f"x: a multiple of {each:,} bytes is wanted, not {len(body):,}")
    return np.frombuffer(body, np.uint8).reshape(-1, *SHAPE) / np.float32(255)


def _critic() -> "FaceCritic":
    from vaedemo.models.face_critic import FaceCritic

    net = zoo.loaded_net(CRITIC)
    assert isinstance(net, FaceCritic)
    return net


def reconstruct(image: gr.FileData, model: str) -> Reconstructed:
    """A photo's face, found and aligned, through one of the encoders: z is the mean of q(z|x), and is decoded again.

    Returns {"pictures": the face as the models see it and its reconstruction, PNG data URLs of 64 x 64, "z": the one
    vector, "mse": their mean squared difference, a value of [0, 1]}.

    Args:
        image: a file of up to 30 MB; in Python gradio_client.handle_file(path), by MCP a data URL of up to 1.4 MB.
        model: faces-vae, faces-vae-dis or faces-vae-gan; faces-gan has no encoder: for its z see /invert.
    """
    name = _encoder(model)
    x = _face("image", image, name)
    mean = inference.encode(name, x).mean[None]
    drawn = decoded(name, mean)
    mse = float(np.square(inference.decode(name, mean)[0] / 255.0 - x).mean())
    return {"pictures": [_png(x), *drawn["pictures"]], "z": drawn["z"], "mse": round(mse, DIGITS + 2)}


def invert(image: gr.FileData, steps: int = STEPS, starts: int = STARTS, seed: int = 0) -> Inverted:
    """The search for the z with which faces-gan, which has no encoder, draws a photo's face. It takes some seconds.

    Several starts from the prior go down the squared error by gradient descent (Adam).
    Returns {"pictures": the face as the models see it and the best start's picture, PNG data URLs of 64 x 64, "z": the
    vector of each start, "errors": of each its mean squared difference, a value of [0, 1], "best": the place of the
    least}.

    Args:
        image: a file of up to 30 MB; in Python gradio_client.handle_file(path), by MCP a data URL of up to 1.4 MB.
        steps: 1 to 400.
        starts: 1 to 8.
        seed: of the starts, 0 to 4,294,967,295.
    """
    numbers = _of_a_search(steps, starts, seed)
    x = _face("image", image, GAN)
    z, errors = _searched(x, *numbers)
    best = int(errors.argmin())
    pictures = [_png(x), *decoded(GAN, z[best : best + 1])["pictures"]]
    return {"pictures": pictures, "z": z.tolist(), "errors": errors.round(DIGITS + 2).tolist(), "best": best}


def blend(a: gr.FileData, b: gr.FileData, model: str, n: int = 9) -> Pictures:
    """Two photos' faces, and the pictures between them: along z, as one of the four models draws it.

    For faces-gan the z of both are searched for, as /invert does, in some seconds.
    Returns {"pictures": n PNG data URLs of 64 x 64, the first a's and the last b's, "z": the n vectors, evenly along
    the great circle between both, with lengths between theirs}.

    Args:
        a: a photo; a file as /reconstruct takes it.
        b: another one.
        model: faces-vae, faces-vae-dis, faces-vae-gan or faces-gan.
        n: how many, 2 to 64.
    """
    name, n = _of_the_tab(model), arguments.whole("n", n, 2, MOST_BLENDED)
    first, last = (_code(_face(argument, image, name), name) for argument, image in (("a", a), ("b", b)))
    return decoded(name, slerp(first, last, n))


def _of_the_tab(model: Any) -> str:
    """The name of one of the four. Raises Refused."""
    if not isinstance(model, str) or model not in MODELS:
        raise Refused(f"model: unknown model {arguments.short(model)}; known here: {', '.join(MODELS)}")
    return model


def _encoder(model: Any) -> str:
    """The name of one that has an encoder. Raises Refused."""
    if _of_the_tab(model) == GAN:
        raise Refused(f"model: {GAN} has no encoder; /invert searches for its z")
    return model


def _face(argument: str, image: Any, name: str) -> NDArray[np.float32]:
    """The aligned face of an uploaded photo, (3, 64, 64) in [0, 1]. Raises Refused, BadPicture and Unavailable."""
    return inference.seen(name, preprocessing.read(arguments.uploaded(argument, image)))


def _code(x: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """The z (Z,) of a face: the encoder's, or, for the GAN, the best that a search finds."""
    if name != GAN:
        return inference.encode(name, x).mean
    z, errors = _searched(x, STEPS, STARTS, 0)
    return z[errors.argmin()]


def _searched(x: NDArray[np.float32], steps: int, starts: int, seed: int) -> tuple[NDArray, NDArray]:
    """What a whole search finds: z (starts, Z) and errors (starts,)."""
    *_, (_, z, errors) = search(x, steps, starts, seed)
    return z, errors


def _png(x: NDArray[np.float32]) -> str:
    return png_url((x * 255 + 0.5).astype(np.uint8))


# web/examples/ and their eyes, as in lib/examples.mjs: a test compares.
EXAMPLES = {
    "astronaut": (0.4, 0.2001, 0.4831, 0.2055),
    "author": (0.3879, 0.5213, 0.6065, 0.5217),
    "average_1": (0.3872, 0.5174, 0.6085, 0.5188),
    "average_2": (0.3856, 0.5232, 0.6126, 0.5252),
    "average_3": (0.3859, 0.5233, 0.6142, 0.5249),
    "average_4": (0.3839, 0.5181, 0.6138, 0.5219),
}


def ask_examples(ask: Ask) -> None:
    """The face of every example, in the three encoders; of the first, the search for the GAN's z."""
    for i, (name, places) in enumerate(EXAMPLES.items()):
        query = "%2C".join(f"{place:.5f}" for place in places)
        face = json.loads(ask(f"vaegan/portrait?eyes={query}", (PACKAGE / f"web/examples/{name}.jpg").read_bytes()))
        if i == 0:
            asked = {"x": face["x"], "steps": STEPS, "starts": STARTS, "seed": 0}
            ask("vaegan/search", json.dumps(asked, separators=(",", ":")).encode())  # as JSON.stringify writes it


ROUTES = (
    Route("vaegan/portrait", _portrait, takes=Upload.PHOTO),
    Route("vaegan/search", _search),
    Route("vaegan/errors", _errors),
    Route("vaegan/looks", _looks),
)
ENDPOINTS = tuple(Endpoint(function, Upload.PHOTO) for function in (reconstruct, invert, blend))
