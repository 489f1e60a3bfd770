"""The raw routes of the Colorization tab, and its endpoint /colorize: what the models see of a photo, its colorings, and
the photo in them.

Greys and color fields travel as bytes: see `vaedemo.colorize`.
"""

# No `from __future__ import annotations`: gr.api reads what an endpoint returns from its evaluated annotation.

import json
import re
from base64 import b64decode
from typing import Any, Literal, TypedDict

import gradio as gr
import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vaedemo import colorize as coloring
from vaedemo import zoo
from vaedemo.app.server import endpoint_arguments as arguments
from vaedemo.app.server.request_parsing import BYTES, at_most, at_work, data_url, in_base64, of_a_picture, whole
from vaedemo.app.tab import Ask, Endpoint, Route, Upload
from vaedemo.app.widgets import PACKAGE
from vaedemo.colorize import FIELD, GREY, METHODS, MOST
from vaedemo.errors import Refused
from vaedemo.latents import LAST_SEED
from vaedemo.vision import preprocessing

MOST_OBJECTS = 64  # colors of one thing at once
SHOWN = 640  # pixels a side of the photo that the page paints


class Colored(TypedDict):
    pictures: list[str]  # JPEG data URLs
    weights: list[float] | None  # of the mixture's components
    z: list[list[float]] | None
    error_of_best: float | None  # against the photo's own colors


async def _photo(request: Request) -> Response:
    """Body: a photo. Answer: its size, its lightness (at most 640 pixels a side), grey, and field (null if grey)."""
    return await of_a_picture(request, _read)


def _read(file: bytes) -> Response:
    photo = coloring.photo(file, SHOWN)
    width, height = preprocessing.size(file)
    light = (photo.light[0, 0] * 255).round().byte().numpy()
    return JSONResponse(
        {
            "width": width,
            "height": height,
            "shown": light.shape[::-1],
            "light": in_base64(light),
            "grey": in_base64(photo.grey),
            "field": None if photo.field is None else in_base64(photo.field),
        }
    )


async def _full(request: Request) -> Response:
    """Body: a field, then a photo. Answer: the photo in these colors, a JPEG in its own size, up to 20 megapixels."""
    return await of_a_picture(request, _in_colors)


def _in_colors(body: bytes) -> Response:
    field = _bytes(body[:FIELD], FIELD, "field").reshape(1, 2, 32, 32)
    photo = coloring.photo(body[FIELD:])
    return Response(coloring.jpegs(photo.light, field)[0], media_type="image/jpeg")


async def _colors(request: Request) -> Response:
    """Body: a grey. Answer: up to `n` colorings, with weights and z where the model has them. With `tints` of 1 they
    may differ by a tint over the whole picture, too: by a model that knows it apart from the rest."""
    n, seed = whole(request, "n", 1, 64, 8), whole(request, "seed", 0, LAST_SEED, 0)
    tints = whole(request, "tints", 0, 1, 0)
    grey = await _grey(request)
    found = await at_work(request, coloring.answers, request.path_params["name"], grey, n, seed, bool(tints))
    return JSONResponse(
        {
            "fields": in_base64(found.fields),
            "weights": None if found.weights is None else found.weights.tolist(),
            "z": None if found.z is None else found.z.tolist(),
        }
    )


async def _cells(request: Request) -> Response:
    """Body: a grey. Answer: `n` fields whose cells are drawn each on its own."""
    n, seed = whole(request, "n", 1, 64, 1), whole(request, "seed", 0, LAST_SEED, 0)
    grey = await _grey(request)
    found = await at_work(request, coloring.cells, request.path_params["name"], grey, n, seed)
    return Response(found.tobytes(), media_type=BYTES)


async def _mean(request: Request) -> Response:
    """Body: a grey. Answer: the one field that squared error asks for."""
    grey = await _grey(request)
    found = await at_work(request, coloring.mean, request.path_params["name"], grey)
    return Response(found.tobytes(), media_type=BYTES)


async def _recolor(request: Request) -> Response:
    """Body: a grey, then n * Z float32. Answer: n fields."""
    name = request.path_params["name"]
    width = (await run_in_threadpool(zoo.loaded, name)).z
    body = await at_most(request, GREY + 4 * width * MOST, f"z: at most {MOST} vectors")
    if len(body) <= GREY or (len(body) - GREY) % (4 * width):
        raise Refused(f"z: a grey of {GREY:,} bytes and a multiple of {4 * width} bytes are wanted")
    grey, z = _bytes(body[:GREY], GREY, "grey"), np.frombuffer(body[GREY:], "<f4").reshape(-1, width)
    return Response((await at_work(request, coloring.recolored, name, grey, z)).tobytes(), media_type=BYTES)


async def _draws(request: Request) -> Response:
    """Body: a grey. Answer: for each of `n` draws of P(z|grey) the answer that it is nearest to, a byte; then their fields."""
    n, seed = whole(request, "n", 1, MOST, MOST), whole(request, "seed", 0, LAST_SEED, 0)
    grey = await _grey(request)
    drawn = await at_work(request, coloring.draws, request.path_params["name"], grey, n, seed)
    return Response(bytes(drawn.answer.tolist()) + coloring.as_bytes(drawn.fields).tobytes(), media_type=BYTES)


async def _object(request: Request) -> Response:
    """Body: a grey. Answer: the thing at cell (`row`, `column`) in `n` colors: fields; which cells belong to it; and of
    draws of P(color|grey) the color at that cell. All of them bytes."""
    n, seed = whole(request, "n", 1, MOST_OBJECTS, 32), whole(request, "seed", 0, LAST_SEED, 0)
    row, column = (whole(request, key, 0, 31) for key in ("row", "column"))
    grey = await _grey(request)
    found = await at_work(request, coloring.one_object, request.path_params["name"], grey, row, column, n, seed)
    told = {"fields": found.fields, "part": found.part, "colors": found.colors}
    return JSONResponse({name: in_base64(values) for name, values in told.items()})


async def _reconstruct(request: Request) -> Response:
    """Body: a grey, then a field. Answer: these colors through a VAE: field, rate, and the loss' errors."""
    body = await at_most(request, GREY + FIELD, "grey and field: one picture")
    grey, field = _bytes(body[:GREY], GREY, "grey"), _bytes(body[GREY:], FIELD, "field")
    found = await at_work(request, coloring.kept, request.path_params["name"], grey, field)
    return JSONResponse({"field": in_base64(found.field), "rate": found.rate, "terms": found.terms})


async def _grey(request: Request) -> np.ndarray:
    """The body, which is a grey alone."""
    return _bytes(await at_most(request, GREY, "grey: one picture"), GREY, "grey")


def _bytes(body: bytes, length: int, argument: str) -> np.ndarray:
    if len(body) != length:
        raise Refused(f"{argument}: {length:,} bytes are wanted, not {len(body):,}")
    return np.frombuffer(body, np.uint8)


def colorize(
    image: gr.FileData,
    n: int = 8,
    method: Literal["mdn", "cvae", "regression", "pixels"] = "mdn",
    seed: int = 0,
    hints: list[list[Any]] | None = None,
    tints: bool = False,
) -> Colored:
    """A photo in up to n different colorings; of a color photo the lightness alone is looked at.

    Over 20 megapixels the photo is reduced. With hints the answers are means of 512 draws, each counted to the answer
    that it is nearest to, weighed by how well each agrees; a hint's color counts, not its lightness.
    Returns {"pictures": JPEG data URLs in the photo's own size, "weights", "z" (null where the method has none),
    "error_of_best": of the nearest, distance of ab / 128, mean over 32 x 32 cells; null for a grey photo}.

    Args:
        image: a file of up to 30 MB; in Python gradio_client.handle_file(path), by MCP a data URL of up to 1.4 MB.
        n: how many, 1 to 8.
        method: "mdn" (groups of draws of P(z|grey)), "cvae" (draws of z), "regression" (the mean), "pixels" (cells).
        seed: 0 to 4,294,967,295; no chance is in the answers of "mdn".
        hints: for "mdn", up to 16 of [x, y, "#rrggbb"], x and y in parts of the photo's sides.
        tints: for "mdn" without hints: the answers may differ by a tint over the whole picture, too.
    """
    n, seed = arguments.whole("n", n, 1, 8), arguments.whole("seed", seed, 0, LAST_SEED)
    if not isinstance(method, str) or method not in METHODS:
        raise Refused(f"method: {arguments.short(method)} is none of {', '.join(METHODS)}")
    dabs = [_hint(hint) for hint in arguments.listed("hints", hints or [], 16)]
    if dabs and method != "mdn":
        raise Refused(f'hints: they choose among the draws of "mdn", not of {method!r}')
    if not isinstance(tints, bool):
        raise Refused(f"tints: {arguments.short(tints)} is neither true nor false")
    if tints and (dabs or method != "mdn"):
        raise Refused('tints: they are for "mdn" without hints, whose draws have their tints anyway')
    photo = coloring.photo(arguments.uploaded("image", image))
    name = METHODS[method]
    if dabs:
        found = coloring.hinted(photo.grey, dabs, n, seed)
    elif method == "pixels":
        found = coloring.Answers(coloring.cells(name, photo.grey, n, seed), None, None)
    elif method == "regression":
        found = coloring.Answers(coloring.mean(name, photo.grey), None, None)
    else:
        found = coloring.answers(name, photo.grey, n, seed, tints)
    urls = [data_url("image/jpeg", file) for file in coloring.jpegs(photo.light, found.fields)]
    return {
        "pictures": urls,
        "weights": None if found.weights is None else found.weights.tolist(),
        "z": None if found.z is None else found.z.tolist(),
        "error_of_best": None if photo.field is None else coloring.error_of_best(found.fields, photo.field),
    }


def _hint(value: Any) -> tuple[float, float, tuple[int, int, int]]:
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[2], str):
        raise Refused(f'hints: [x, y, "#rrggbb"] is wanted, not {arguments.short(value)}')
    if not re.fullmatch("#[0-9a-fA-F]{6}", value[2]):
        raise Refused(f'hints: a color like "#c2410c" is wanted, not {arguments.short(value[2])}')
    red, green, blue = bytes.fromhex(value[2][1:])
    x, y = (arguments.number(f"hints: {name}", part, 0, 1) for name, part in zip("xy", value))
    return x, y, (red, green, blue)


# web/examples/ of lib/photo-store.mjs, the one that the page opens with first: a test compares.
EXAMPLES = ("car", "van", "pickup", "flower", "balloon", "parrot", "cat", "dog", "citrus_fruits", "coffee", "lake")
EXAMPLES += ("tea_gardens", "osprey", "rocket", "astronaut")
FOUR = ("colorization-whole", "colorization-no-mah", "colorization-no-grad", "colorization-l2")  # of the loss's terms


def ask_examples(ask: Ask) -> None:
    """The eight colorings of every example, and what the folds show of the first."""
    for name in EXAMPLES:
        photo = json.loads(ask("photo", (PACKAGE / f"web/examples/{name}.jpg").read_bytes()))
        grey, field = (b64decode(photo[part]) for part in ("grey", "field"))
        ask("colors/colorization?n=8&seed=0&tints=0", grey)
        if name == EXAMPLES[0]:
            ask(f"draws/colorization?n={MOST}&seed=0", grey)
            ask("mean/colorization", grey)
            ask("colors/colorization-cvae?n=8&seed=0&tints=0", grey)
            for model in FOUR:
                ask(f"reconstruct/{model}", grey + field)


ROUTES = (
    Route("photo", _photo, takes=Upload.PHOTO),
    Route("full", _full, takes=Upload.PHOTO),
    Route("colors/{name}", _colors),
    Route("cells/{name}", _cells),
    Route("mean/{name}", _mean),
    Route("recolor/{name}", _recolor),
    Route("draws/{name}", _draws),
    Route("object/{name}", _object),
    Route("reconstruct/{name}", _reconstruct),
)
ENDPOINTS = (Endpoint(colorize, Upload.PHOTO),)
