"""The raw routes beside Gradio: weights laid out for the browser, and the server's way from z to pixels.

Arrays travel as little-endian bytes. Where Gradio's queue would add milliseconds or base64, these do not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from io import BytesIO
from math import prod

import numpy as np
from starlette import routing
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from vaedemo import zoo
from vaedemo.app.server import files, inference, opening_training
from vaedemo.app.server.answers import MARK
from vaedemo.app.server.request_parsing import (
    BYTES,
    at_most,
    at_work,
    levels_in_base64,
    of_a_picture,
    prepared_for,
    vectors,
    whole,
)
from vaedemo.app.tab import Route, Upload, stops
from vaedemo.app.tabs import tabs
from vaedemo.data.face_set import USUAL
from vaedemo.errors import BadPicture, ChainError, Refused, UnknownModel, VaedemoError
from vaedemo.latents import LAST_SEED, draw
from vaedemo.store import bundles
from vaedemo.vision import animations, preprocessing

# More at a time take memory, some forty megabytes each, and on two cores no less time.
ENCODING = 3  # pictures in memory at a time: a lecture hall draws all at once
RECEIVING = 8  # large files on their way at a time
WORKING = 3  # requests at a time whose answer takes a core for part of a second
FITTING = 2  # faces fitted at a time: each takes a core for seconds
Handler = Callable[[Request], Awaitable[Response]]


def application() -> Starlette:
    """Everything below live/: mounted beside the page."""
    answering = Starlette(
        routes=[
            routing.Route(f"/{route.path}", _plain(route.handler), methods=route.methods) for route in all_routes()
        ],
        # Level 6 takes 2 % more away, in more than twice the time, while everybody else waits.
        middleware=[Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=1)],
    )
    answering.state.working = asyncio.Semaphore(WORKING)
    answering.state.fitting = asyncio.Semaphore(FITTING)
    answering.state.encoding = asyncio.Semaphore(ENCODING)  # the application's own: it belongs to one event loop
    answering.state.receiving = asyncio.Semaphore(RECEIVING)
    return answering


def _plain(handler: Handler) -> Handler:
    """Answer our errors with their sentence, never with a traceback: 4xx where the request is to be mended, 503 where
    the server lacks something. Every answer bears our mark."""

    async def answer(request: Request) -> Response:
        response = await mended(request)
        response.headers.update(MARK)
        return response

    async def mended(request: Request) -> Response:
        try:
            return await handler(request)
        except ClientDisconnect:  # somebody chose another picture while this one was on its way
            return Response(status_code=499)
        except UnknownModel as error:
            return PlainTextResponse(str(error), 404)
        except ChainError as error:  # layers, and nets without latents, are decoded on the server alone
            return PlainTextResponse(f"no browser runs this: {error}", 422)
        except (Refused, BadPicture) as error:
            return PlainTextResponse(str(error), 422)
        except VaedemoError as error:  # all others say what this server lacks: a model, a folder, data
            return PlainTextResponse(str(error), 503)

    return answer


async def _found(request: Request) -> bundles.Bundle:
    return await run_in_threadpool(bundles.find, request.path_params["name"])


async def _browser_file(request: Request) -> Response:
    bundle = await _found(request)
    return (await run_in_threadpool(files.decoder, bundle.folder)).answer(request.headers)


async def _encoder_file(request: Request) -> Response:
    bundle = await _found(request)
    return (await run_in_threadpool(files.encoder, bundle.folder)).answer(request.headers)


async def _facts(request: Request) -> Response:
    """What the page says of a model: recipe, figures, badge, notes on refused sources, the factors of its data; and
    `usual`, what of a model's attributes (-1 to 1) a description says where nobody asked."""
    bundle = await _found(request)
    recipe = bundle.recipe()
    badge = {"kind": bundle.badge.kind, "text": bundle.badge.text, "notes": bundle.notes}
    factors = await run_in_threadpool(files.factors, bundle.folder)
    facts = {"recipe": asdict(recipe), "metrics": bundle.metrics(), "badge": badge, "factors": factors}
    if "attributes" in recipe.net:
        facts["usual"] = {name: USUAL.get(name, -1.0) for name in recipe.net["attributes"]}
    return JSONResponse(facts)


async def _latents(request: Request) -> Response:
    bundle = await _found(request)
    return (await run_in_threadpool(files.latents, bundle.folder)).answer(request.headers)


async def _map(request: Request) -> Response:
    bundle = await _found(request)
    picture = await run_in_threadpool(files.latent_map, bundle.folder)
    if picture is None:
        raise Refused(f"{bundle.name} has no map: it has more than two latents")
    return picture.answer(request.headers)


async def _training_map(request: Request) -> Response:
    unfolding = opening_training.latest_map()
    if unfolding is None:
        return PlainTextResponse("The first picture of the map is not there yet.", 404)
    return Response(await run_in_threadpool(files.tiled, unfolding.numpy()), media_type="image/png")


async def _card(request: Request) -> Response:
    return PlainTextResponse(((await _found(request)).folder / "README.md").read_text(encoding="utf-8"))


async def _decode(request: Request) -> Response:
    """Body: n * Z float32. Answer: n * C * H * W bytes, the means of p(x|z)."""
    name, z = await vectors(request)
    pixels = await asyncio.wrap_future(inference.submit(name, z))
    return Response(pixels.tobytes(), media_type=BYTES)


async def _score(request: Request) -> Response:
    """Body: `rows` of C * H * W bytes, 0 or 1, then n * Z float32. Answer: rows * n float32, log p(x|z) in nats."""
    name, rows = request.path_params["name"], whole(request, "rows", 1, 32)
    width = await run_in_threadpool(inference.width, name)
    pixels = rows * prod((await run_in_threadpool(zoo.loaded, name)).shape)
    body = await at_most(request, pixels + 4 * width * inference.MOST, f"z: at most {inference.MOST:,} vectors")
    if len(body) <= pixels or (len(body) - pixels) % (4 * width):
        raise Refused(f"The body is {pixels} bytes of pictures, then a multiple of {4 * width} bytes of z")
    z = np.frombuffer(body, "<f4", offset=pixels).reshape(-1, width)
    scores = await at_work(request, inference.score, name, np.frombuffer(body, np.uint8, pixels), z)
    return Response(scores.astype("<f4").tobytes(), media_type=BYTES)


async def _encode(request: Request) -> Response:
    """Body: a picture file. Answer: what the model sees of it, its posterior, its ELBO's terms.

    `label` in the query: what a model of labels shall take the picture for; without it, the answer's is its own guess.
    `binary` in the query: x is made black and white first, so that p(x) is a probability.
    `noise` is the sigma of a Gaussian p(x|z), null for a Bernoulli one: with it, the page prices other z by itself.
    """
    label = whole(request, "label", 0, 9) if "label" in request.query_params else None
    name, binary = request.path_params["name"], "binary" in request.query_params
    return await of_a_picture(request, lambda file: JSONResponse(_encoded(name, file, label, binary)))


def _encoded(name: str, file: bytes, label: int | None, binary: bool) -> dict[str, object]:
    inference.encoding(name)  # refuses others before the search for a face
    x = prepared_for(name, file)
    if binary:
        x = preprocessing.black_and_white(x)
    posterior = inference.encode(name, x, label)
    noise = getattr(zoo.loaded(name), "noise", None)
    return {
        "x": levels_in_base64(x),
        "mean": posterior.mean.tolist(),
        "log_var": posterior.log_var.tolist(),
        "rates": None if posterior.rates is None else posterior.rates.tolist(),
        "rate": posterior.rate,
        "distortion": posterior.distortion,
        "label": posterior.label,
        "noise": None if noise is None else float(noise),
    }


async def _picture(request: Request) -> Response:
    """Body: a picture file of any kind that is read here. Answer: what people see in it, as a PNG."""
    return await of_a_picture(request, _as_png)


def _as_png(file: bytes) -> Response:
    found = BytesIO()
    preprocessing.read(file).save(found, "PNG")
    return Response(found.getvalue(), media_type="image/png")


async def _draw(request: Request) -> Response:
    """Codes from the prior: the very ones that Python draws for that seed."""
    n, z = whole(request, "n", 1, inference.MOST), whole(request, "z", 1, 1_024)
    return Response(draw(n, z, seed=whole(request, "seed", 0, LAST_SEED)).tobytes(), media_type=BYTES)


async def _gif(request: Request) -> Response:
    """Body: n * C * H * W bytes; C is `channels`, 1 (grey) or 3. Answer: a GIF, there and back where `back` is 1."""
    height, width = (whole(request, side, 1, 512) for side in ("height", "width"))
    channels = whole(request, "channels", 1, 3, 1)
    if channels == 2:
        raise Refused("channels: 1 (grey) or 3 (red, green, blue) are wanted, not 2")
    ms, scale = whole(request, "ms", 20, 10_000, 80), whole(request, "scale", 1, 16, 8)
    back = whole(request, "back", 0, 1, 0) == 1
    size = channels * height * width
    body = await at_most(request, animations.MOST_FRAMES * size, f"planes: at most {animations.MOST_FRAMES} planes")
    if not body or len(body) % size:
        raise Refused(f"planes: a multiple of {size} bytes is wanted ({height} x {width}), not {len(body)}")
    planes = np.frombuffer(body, np.uint8).reshape(-1, channels, height, width)
    return Response(await at_work(request, animations.gif, planes, ms, scale, back), media_type="image/gif")


async def _stops(request: Request) -> Response:
    return JSONResponse(stops(tabs()))


async def _training(request: Request) -> Response:
    return JSONResponse(opening_training.status())


async def _cancel(request: Request) -> Response:
    opening_training.cancel()
    return JSONResponse(opening_training.status())


ROUTES = (
    Route("models/{name}.safetensors", _browser_file, methods=("GET",)),
    Route("models/{name}.json", _facts, methods=("GET",)),
    Route("models/{name}/encoder.safetensors", _encoder_file, methods=("GET",)),
    Route("models/{name}/latents.safetensors", _latents, methods=("GET",)),
    Route("models/{name}/map.png", _map, methods=("GET",)),
    Route("models/{name}/card.md", _card, methods=("GET",)),
    Route("decode/{name}", _decode),
    Route("score/{name}", _score),
    Route("encode/{name}", _encode, takes=Upload.PHOTO),
    Route("picture", _picture, takes=Upload.PHOTO),
    Route("draw", _draw, methods=("GET",)),
    Route("gif", _gif, takes=Upload.PHOTO),  # twenty frames of a photo are 15 MB
    Route("stops.json", _stops, methods=("GET",)),
    Route("training", _training, methods=("GET",)),
    Route("training/map.png", _training_map, methods=("GET",)),
    Route("training/cancel", _cancel),
)
"""Of the page itself; a tab brings its own."""


def all_routes() -> tuple[Route, ...]:
    """The page's own routes below live/, and those of its tabs."""
    return (*ROUTES, *(route for tab in tabs() for route in tab.routes))
