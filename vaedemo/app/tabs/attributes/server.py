"""The routes and endpoints of the Attributes tab: what is read in faces and photos, z fitted to them, layers, digits.

Arrays travel as little-endian bytes.
"""

# No `from __future__ import annotations`: gr.api reads what an endpoint returns from its evaluated annotation.

import base64
import json
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vaedemo.app.server import endpoint_arguments as arguments
from vaedemo.app.server import inference
from vaedemo.app.server.decoded_pictures import Pictures, decoded, png_url
from vaedemo.app.server.request_parsing import (
    BYTES,
    at_most,
    at_work,
    eyes,
    levels_in_base64,
    of_a_picture,
    streamed,
    vectors,
)
from vaedemo.app.tab import Endpoint, Route, Upload
from vaedemo.errors import Refused
from vaedemo.latents import LAST_SEED, draw
from vaedemo.vision import face_alignment, preprocessing

FACES, SHARP, DIGITS = "faces-cvae", "faces-sharp", "digits-cvae"  # both of faces draw the same z and y
MOST_FITTED = 8  # answers of one fit


class Restyled(Pictures):
    label: int


class Described(Pictures):
    attributes: dict[str, float]  # what was asked for; of a photo, what was read in it


async def _read(request: Request) -> Response:
    """Body: n * (Z + A) float32. Answer: n * A float32, what the reader sees of each attribute, from -1 to 1."""
    scores = await at_work(request, inference.read, *await vectors(request))
    return Response(scores.astype("<f4").tobytes(), media_type=BYTES)


async def _layers(request: Request) -> Response:
    """Body: n * (Z + A) float32. Answer: n * 10 * H * W bytes: foreground, gate, background, and the whole."""
    planes = await at_work(request, inference.layers, *await vectors(request))
    return Response(planes.tobytes(), media_type=BYTES)


async def _predict(request: Request) -> Response:
    """Body: Y float32, one condition. Answer: C * H * W bytes, what a net without latents makes of it."""
    body = await at_most(request, 4_096, "y: one condition")
    if len(body) % 4:
        raise Refused(f"y: a multiple of 4 bytes is wanted (float32), not {len(body)}")
    pixels = await at_work(request, inference.predict, request.path_params["name"], np.frombuffer(body, "<f4"))
    return Response(pixels.tobytes(), media_type=BYTES)


async def _face(request: Request) -> Response:
    """Body: a photo. Answer: where its eyes are, the aligned face, what the reader reads in it, and its posterior.

    `eyes` in the query, x, y, x, y in parts of the photo's width and height, are believed; without them they are looked
    for. The answer's are in such parts, too: the page holds the photo in a size of its own. Null: no face is found; then
    see `inference.no_face`.
    """
    name = request.path_params["name"]
    await run_in_threadpool(inference.attributes, name)  # refuses others before the search
    given = eyes(request)
    return await of_a_picture(request, lambda file: JSONResponse(_face_of(name, file, given)))


def _face_of(name: str, file: bytes, eyes: np.ndarray | None) -> dict[str, object]:
    photo = preprocessing.read(file)
    face = inference.face_in(photo, eyes)
    if face is None:
        return inference.no_face(photo)
    x, seen = face
    posterior = inference.encode(name, x)
    assert posterior.attributes is not None
    return {
        "eyes": seen,
        "x": levels_in_base64(x),
        "mean": posterior.mean.tolist(),
        "attributes": posterior.attributes.tolist(),
    }


async def _fit(request: Request) -> Response:
    """Body: JSON with x (base64 of C * H * W bytes), y (a description, or null: see `inference.fit`), n, spread, seed,
    and visible (base64 of H * W bytes, not 0 where x counts) or null. Answer: a line of JSON every few steps,
    {step, vectors}."""
    body = await at_most(request, 200_000, "The request is longer than a face and its mask")
    try:
        asked = json.loads(body)
        x = np.frombuffer(base64.b64decode(asked["x"]), np.uint8).reshape(3, 64, 64) / np.float32(255)
        y, seen, spread = asked["y"], asked["visible"], bool(asked["spread"])
        seen = None if seen is None else np.frombuffer(base64.b64decode(seen), np.uint8).reshape(64, 64) > 0
        y = None if y is None else np.array(y, np.float32)
        n, seed = int(asked["n"]), int(asked["seed"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise Refused(f"The request is not as /fit takes it: {error}") from None
    if not 1 <= n <= MOST_FITTED or not 0 <= seed <= LAST_SEED:
        raise Refused(f"n: from 1 to {MOST_FITTED}; seed: from 0 to {LAST_SEED:,}")
    steps = inference.fit(request.path_params["name"], x, y, seen, n, spread, seed)
    return await streamed(request, steps, lambda step: {"step": step[0], "vectors": step[1].tolist()})


def restyle_digit(image: gr.FileData, label: int | None = None) -> Restyled:
    """A handwritten digit as all ten digits, in the same style.

    The model digits-cvae encodes it to z, and z is decoded under every label. The picture has dark ink on light paper or
    light on dark. Returns {"pictures": ten PNG data URLs, means of p(x|z, y) for y = 0 to 9, "z": the ten vectors, z and
    then y, "label": the digit it was taken for}.

    Args:
        image: a file of up to 30 MB; in Python gradio_client.handle_file(path), by MCP a data URL of up to 1.4 MB.
        label: which digit it is, 0 to 9; none: the label under which the model explains the picture best.
    """
    told = None if label is None else arguments.whole("label", label, 0, 9)
    q = inference.encode(DIGITS, preprocessing.to_digit(_photo(image)), told)
    assert q.label is not None
    vectors = np.concatenate([np.tile(q.mean, (10, 1)), np.eye(10, dtype=np.float32)], 1)
    return {**decoded(DIGITS, vectors), "label": q.label}


def generate(attributes: dict[str, float], n: int = 8, seed: int = 0, model: str = FACES) -> Described:
    """Draws n faces of a description: z from the prior, attributes as asked.

    An attribute that is not named is not there, but for Young, No_Beard and Brown_Hair, so that a description without
    hair color does not draw a bald head. Returns {"pictures": n PNG data URLs, "z": the n vectors, z and then y,
    "attributes": all}.

    Args:
        attributes: name to value, from -1 (not there) to 1 (there), e.g. {"Smiling": 1, "Eyeglasses": 1}.
        n: how many, 1 to 1,024.
        seed: 0 to 4,294,967,295.
        model: "faces-cvae" draws means of p(x|z, y), "faces-sharp" sharp pictures of the same z and y, taught by a critic.
    """
    n, seed = arguments.whole("n", n, 1, inference.MOST), arguments.whole("seed", seed, 0, LAST_SEED)
    name, y = _drawer(model), _asked(attributes)
    z = draw(n, inference.width(FACES) - len(y), seed=seed)
    return {**decoded(name, np.concatenate([z, np.tile(y, (n, 1))], 1)), "attributes": _named(y)}


def progression(
    attribute: str, n: int = 7, seed: int = 0, attributes: dict[str, float] | None = None, model: str = FACES
) -> Described:
    """One face n times, while one attribute passes evenly from -1 to 1 and all else is kept.

    Returns {"pictures": n PNG data URLs, "z": the n vectors, "attributes": the description}.

    Args:
        attribute: its name, e.g. "Smiling".
        n: how many, 2 to 1,024.
        seed: of z, 0 to 4,294,967,295.
        attributes: the rest of the description, as /generate takes it.
        model: who draws, as in /generate.
    """
    n, seed = arguments.whole("n", n, 2, inference.MOST), arguments.whole("seed", seed, 0, LAST_SEED)
    name, y, names = _drawer(model), _asked(attributes or {}), inference.attributes(FACES)
    if not isinstance(attribute, str) or attribute not in names:
        raise Refused(f"attribute: unknown {arguments.short(attribute)}; known: {', '.join(names)}")
    vectors = np.tile(np.concatenate([draw(1, inference.width(FACES) - len(y), seed=seed)[0], y]), (n, 1))
    vectors[:, -len(y) + names.index(attribute)] = np.linspace(-1, 1, n)
    return {**decoded(name, vectors), "attributes": _named(y)}


def edit(image: gr.FileData, attributes: dict[str, float], model: str = FACES) -> Described:
    """A photo's face with other attributes.

    It is found, aligned and encoded by faces-cvae, told the attributes that faces-reader reads in it, and decoded with
    some of them changed. Returns {"pictures": the face as the model draws it, and changed, "z": both vectors,
    "attributes": what was read}.

    Args:
        image: a file of up to 30 MB; in Python gradio_client.handle_file(path), by MCP a data URL of up to 1.4 MB.
        attributes: those to change, name to value from -1 to 1.
        model: who draws, as in /generate.
    """
    name = _drawer(model)
    q = inference.encode(FACES, inference.seen(FACES, _photo(image)))
    assert q.attributes is not None
    read = _named(q.attributes)
    changed = _asked({**read, **_described(attributes)})
    vectors = np.stack([np.concatenate([q.mean, y]) for y in (q.attributes, changed)])
    return {**decoded(name, vectors), "attributes": read}


def complete(image: gr.FileData, mask: gr.FileData, n: int = 4, seed: int = 0) -> Described:
    """A photo's face n times, each with another guess at what the mask hides. It takes some seconds.

    The pictures are faces-cvae's mean of p(x|z, y), z fitted to what is visible. Returns {"pictures": n PNG data URLs, 64
    x 64, the visible part as in the photo, "z": the n vectors, "attributes": what faces-reader reads in the photo with
    the hidden part grey}.

    Args:
        image: a file of up to 30 MB; in Python gradio_client.handle_file(path), by MCP a data URL of up to 1.4 MB.
        mask: a file of the same size in pixels, white where the photo shall be taken for hidden.
        n: how many, 1 to 8.
        seed: 0 to 4,294,967,295.
    """
    n, seed = arguments.whole("n", n, 1, 8), arguments.whole("seed", seed, 0, LAST_SEED)
    photo, hidden = (preprocessing.read(arguments.uploaded(*named)) for named in (("image", image), ("mask", mask)))
    if photo.size != hidden.size:
        raise Refused(f"mask: it has {hidden.size} pixels, the image {photo.size}; both are to be the same")
    found = preprocessing.upright(photo, inference.eyes_net())
    hidden = face_alignment.turned_by(hidden, found.degrees)
    x, visible = (preprocessing.to_portrait(seen, found.eyes) for seen in (found.image, hidden))
    visible = visible[0] < 0.5
    *_, (_, vectors) = inference.fit(FACES, x, None, visible, n, True, seed)
    drawn = inference.decode(FACES, vectors)
    composed = np.where(visible, (x * 255 + 0.5).astype(np.uint8), drawn)
    y = vectors[0, -len(inference.attributes(FACES)) :]
    return {"pictures": [png_url(planes) for planes in composed], "z": vectors.tolist(), "attributes": _named(y)}


def _photo(image: Any) -> Image.Image:
    return preprocessing.read(arguments.uploaded("image", image))


def _drawer(model: Any) -> str:
    if model not in (FACES, SHARP):
        raise Refused(f"model: {FACES} or {SHARP} is wanted, not {arguments.short(model)}")
    return model


def _asked(attributes: Any) -> NDArray[np.float32]:
    """A description as the model is told it, (A,). Raises Refused."""
    try:
        return inference.asked(FACES, _described(attributes))
    except ValueError as error:
        raise Refused(str(error)) from None


def _described(attributes: Any) -> dict[str, float]:
    if not isinstance(attributes, dict):
        raise Refused(f"attributes: names and values are wanted, not {arguments.short(attributes)}")
    values = {str(name)[:60]: value for name, value in attributes.items()}
    return {name: arguments.number(f"attributes: {name}", value, -1, 1) for name, value in values.items()}


def _named(y: NDArray) -> dict[str, float]:
    return dict(zip(inference.attributes(FACES), np.round(y, 4).tolist()))


ROUTES = (
    Route("read/{name}", _read),
    Route("layers/{name}", _layers),
    Route("face/{name}", _face, takes=Upload.PHOTO),
    Route("fit/{name}", _fit),
    Route("predict/{name}", _predict),
)
ENDPOINTS = (
    *(Endpoint(function) for function in (generate, progression)),
    *(Endpoint(function, Upload.PHOTO) for function in (restyle_digit, edit, complete)),
)
