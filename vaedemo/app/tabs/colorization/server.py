"""The raw routes of the Colorization tab: a photo's lightness, color fields, and a photo in other colors.

Fields and greys travel as bytes: see `coloring`.
"""

from __future__ import annotations

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vaedemo import colorize
from vaedemo.app.server import inference
from vaedemo.app.server.request_parsing import BYTES, at_most, in_base64, of_a_picture, whole
from vaedemo.app.tab import Route, Upload
from vaedemo.colorize import FIELD, GREY, MOST
from vaedemo.vision import preprocessing

SHOWN = 640  # pixels a side of the photo that the page paints


async def _photo(request: Request) -> Response:
    """Body: a photo. Answer: its size, its lightness (at most 640 pixels a side), grey, and field (null if grey)."""
    return await of_a_picture(request, _looked_at)


def _looked_at(file: bytes) -> Response:
    seen, own = colorize.photo(file, SHOWN), preprocessing.size(file)
    height, width = seen.light.shape[-2:]
    light = (seen.light[0, 0] * 255).round().byte().numpy()
    return JSONResponse(
        {
            "width": own[0],
            "height": own[1],
            "shown": [width, height],
            "light": in_base64(light),
            "grey": in_base64(seen.grey),
            "field": None if seen.field is None else in_base64(seen.field),
        }
    )


async def _full(request: Request) -> Response:
    """Body: a field, then a photo. Answer: the photo in these colors, a JPEG in its own size, up to 20 megapixels."""
    return await of_a_picture(request, _in_colors)


def _in_colors(body: bytes) -> Response:
    field = _bytes(body[:FIELD], FIELD, "field").reshape(1, 2, 32, 32)
    seen = colorize.photo(body[FIELD:])
    return Response(colorize.jpegs(seen.light, field)[0], media_type="image/jpeg")


async def _colors(request: Request) -> Response:
    """Body: a grey. Answer: up to `n` colorings, with weights and z where the model has them."""
    n, seed = whole(request, "n", 1, 64, 8), whole(request, "seed", 0, 2**32 - 1, 0)
    grey = _bytes(await at_most(request, GREY, "grey: one picture"), GREY, "grey")
    found = await run_in_threadpool(colorize.answers, request.path_params["name"], grey, n, seed)
    return JSONResponse(
        {
            "fields": in_base64(found.fields),
            "weights": None if found.weights is None else found.weights.tolist(),
            "z": None if found.z is None else found.z.tolist(),
        }
    )


async def _recolor(request: Request) -> Response:
    """Body: a grey, then n * Z float32. Answer: n fields."""
    name = request.path_params["name"]
    width = (await run_in_threadpool(inference.model, name)).z
    body = await at_most(request, GREY + 4 * width * MOST, f"z: at most {MOST} vectors")
    if len(body) <= GREY or (len(body) - GREY) % (4 * width):
        raise inference.Refused(f"z: a grey of {GREY:,} bytes and a multiple of {4 * width} bytes are wanted")
    grey, z = _bytes(body[:GREY], GREY, "grey"), np.frombuffer(body[GREY:], "<f4").reshape(-1, width)
    return Response((await run_in_threadpool(colorize.recolored, name, grey, z)).tobytes(), media_type=BYTES)


async def _draws(request: Request) -> Response:
    """Body: a grey. Answer: for each of `n` draws of P(z|grey) its component, a byte; then their fields."""
    n, seed = whole(request, "n", 1, MOST, MOST), whole(request, "seed", 0, 2**32 - 1, 0)
    grey = _bytes(await at_most(request, GREY, "grey: one picture"), GREY, "grey")
    async with request.app.state.fitting:  # takes a core for a second
        drawn = await run_in_threadpool(colorize.draws, request.path_params["name"], grey, n, seed)
    return Response(bytes(drawn.component.tolist()) + colorize.as_bytes(drawn.fields).tobytes(), media_type=BYTES)


async def _reconstruct(request: Request) -> Response:
    """Body: a grey, then a field. Answer: these colors through a VAE: field, rate, and the loss' errors."""
    body = await at_most(request, GREY + FIELD, "grey and field: one picture")
    grey, field = _bytes(body[:GREY], GREY, "grey"), _bytes(body[GREY:], FIELD, "field")
    found = await run_in_threadpool(colorize.kept, request.path_params["name"], grey, field)
    return JSONResponse({"field": in_base64(found.field), "rate": found.rate, "terms": found.terms})


def _bytes(body: bytes, length: int, argument: str) -> np.ndarray:
    if len(body) != length:
        raise inference.Refused(f"{argument}: {length:,} bytes are wanted, not {len(body):,}")
    return np.frombuffer(body, np.uint8)


ROUTES = (
    Route("photo", _photo, takes=Upload.PHOTO),
    Route("full", _full, takes=Upload.PHOTO),
    Route("colors/{name}", _colors),
    Route("recolor/{name}", _recolor),
    Route("draws/{name}", _draws),
    Route("reconstruct/{name}", _reconstruct),
)
