"""The raw routes of the Motion tab, and its endpoint /forecast: drawn scenes, a picture's square, what moves next in it.

Arrays travel as little-endian bytes, within JSON as their base64: see `vaedemo.forecast`.
"""

# No `from __future__ import annotations`: gr.api reads what an endpoint returns from its evaluated annotation.

import json
from base64 import b64decode
from typing import Any, TypedDict

import gradio as gr
import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vaedemo import forecast as forecasting
from vaedemo.app.server import endpoint_arguments as arguments
from vaedemo.app.server.request_parsing import BYTES, at_most, at_work, data_url, in_base64, of_a_picture, whole
from vaedemo.app.tab import Ask, Endpoint, Route, Upload
from vaedemo.errors import Refused
from vaedemo.forecast import (
    ARROWS,
    DRAWN,
    GRID,
    LONGEST,
    MOST,
    MOST_FILMS,
    NUMBERS,
    PEOPLE,
    PLANES,
    SHOWN,
    STILL,
    Arrow,
    Future,
)
from vaedemo.latents import LAST_SEED


class Forecast(TypedDict):
    animation: str  # a GIF as a data URL
    file: str  # an npz as a data URL
    modes: list[int]  # of each future; 0 is the likeliest
    shares: list[float]  # of each mode
    weights: list[float] | None  # of each future, with hints


async def _scene(request: Request) -> Response:
    """Query: `kind`, `seed`. Answer: a drawn scene, small and as the page paints it, and its exact futures."""
    kind, seed = request.query_params.get("kind", ""), whole(request, "seed", 0, LAST_SEED, 0)
    return JSONResponse(await at_work(request, _drawn, kind, seed))


def _drawn(kind: str, seed: int) -> dict[str, object]:
    from vaedemo.data import motion_scenes

    if kind not in motion_scenes.KINDS:
        raise Refused(f"kind: one of {', '.join(motion_scenes.KINDS)} is wanted")
    drawn = motion_scenes.scene(kind, seed)
    return {
        "kind": kind,
        "modes": drawn.modes,
        "still": in_base64(drawn.still()),
        "shown": in_base64(drawn.still(SHOWN).transpose(1, 2, 0)),
        "trajectories": in_base64(drawn.futures().numpy()),
    }


async def _still(request: Request) -> Response:
    """Body: a picture file. Answer: a square of it, small and as the page paints it: the middle one, or the `region`
    left,top,right,bottom in parts of its sides."""
    region = _region(request.query_params.get("region", ""))

    def looked_at(file: bytes) -> Response:
        seen = forecasting.seen(file, region)
        return JSONResponse({"still": in_base64(seen.still), "shown": in_base64(seen.shown)})

    return await of_a_picture(request, looked_at)


def _region(text: str) -> forecasting.Region | None:
    """Raises Refused."""
    if not text:
        return None
    try:
        left, top, right, bottom = (float(part) for part in text[:200].split(","))
    except ValueError:
        raise Refused("region: left, top, right, bottom are wanted") from None
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise Refused("region: left, top, right, bottom are parts of the picture's sides, from 0 to 1")
    return left, top, right, bottom


async def _futures(request: Request) -> Response:
    """Body: a still, or what the page paints of it. Answer: `n` futures of it, and what all draws say: see
    `forecasting.Forecast`.

    `hints`, row,column,right,down of each and a semicolon between them, weigh the draws; with `brief` the answer then
    leaves out the futures that the page has already.
    """
    n, seed = whole(request, "n", 1, MOST, 6), whole(request, "seed", 0, LAST_SEED, 0)
    arrows, brief = _arrows(request.query_params.get("hints", "")), whole(request, "brief", 0, 1, 0) == 1
    still = await _sent(request)
    found = await at_work(request, forecasting.forecast, request.path_params["name"], still, n, seed, arrows)
    best = found.best
    return JSONResponse(
        {
            **({} if brief else {**_listed(found.futures), "typical": _listed(found.typical)}),
            "mode": [future.mode for future in found.futures],
            "weights": [future.weight for future in found.futures] if arrows else None,
            "shares": found.shares,
            "spread": in_base64(found.spread),
            "far": found.far,
            "best": best and {**_listed([best]), "mode": best.mode, "weight": best.weight},
            "effective": found.effective,
        }
    )


def _listed(futures: list[Future]) -> dict[str, str | None]:
    z = [future.z for future in futures]
    return {
        "trajectories": in_base64(np.stack([future.trajectories for future in futures])),
        "z": None if z[0] is None else in_base64(np.stack(z)),  # pyright: ignore[reportCallIssue, reportArgumentType]
    }


def _arrows(text: str) -> list[Arrow]:
    """Raises Refused."""
    parts = text.split(";") if text else []
    if len(parts) > ARROWS:
        raise Refused(f"hints: at most {ARROWS} are taken, not {len(parts)}")
    return [forecasting.arrow(part[:100].split(",")) for part in parts]


async def _gif(request: Request) -> Response:
    """Body: a still, then 256 x 256 x 3 bytes, the same as the page paints it. Answer: a GIF of `n` futures side by
    side, with `hints` of the heaviest."""
    n, seed = whole(request, "n", 1, MOST_FILMS, 6), whole(request, "seed", 0, LAST_SEED, 0)
    arrows = _arrows(request.query_params.get("hints", ""))
    size = STILL + 3 * SHOWN**2
    body = await at_most(request, size, "still and what is shown: one of each")
    if len(body) != size:
        raise Refused(f"still and what is shown: {size:,} bytes are wanted, not {len(body):,}")
    still, shown = np.frombuffer(body, np.uint8, STILL), np.frombuffer(body, np.uint8, offset=STILL)
    name = request.path_params["name"]

    def work() -> bytes:
        told = still if name == DRAWN else shown
        found = forecasting.forecast(name, told, n, seed, arrows, heaviest=bool(arrows))
        return forecasting.animation(shown.reshape(SHOWN, SHOWN, 3), found.futures)

    async with request.app.state.fitting:  # takes a core for seconds
        return Response(await run_in_threadpool(work), media_type="image/gif")


async def _tower(request: Request) -> Response:
    """Body: a still, or what the page paints of it. Answer: what decodes any z on it, a safetensors file."""
    still = await _sent(request)
    return Response(await at_work(request, forecasting.tower, request.path_params["name"], still), media_type=BYTES)


async def _encode(request: Request) -> Response:
    """Body: a still, then 10 x 16 x 16 float32. Answer: q(z | trajectories, still), and its rate in nats."""
    body = await at_most(request, STILL + 4 * NUMBERS, "still and trajectories: one of each")
    if len(body) != STILL + 4 * NUMBERS:
        raise Refused(f"still and trajectories: {STILL + 4 * NUMBERS:,} bytes are wanted, not {len(body):,}")
    still = np.frombuffer(body, np.uint8, STILL)
    moves = np.frombuffer(body, "<f4", offset=STILL).reshape(PLANES, GRID, GRID)
    found = await at_work(request, forecasting.encode, request.path_params["name"], still, moves)
    return JSONResponse({"mean": found.mean.tolist(), "sigma": found.sigma.tolist(), "rate": found.rate})


async def _sent(request: Request) -> np.ndarray:
    shown = 3 * SHOWN**2
    body = await at_most(request, shown, "still: one")
    if len(body) not in (STILL, shown):
        raise Refused(f"still: {STILL:,} bytes are wanted, or {shown:,} of what is shown, not {len(body):,}")
    return np.frombuffer(body, np.uint8)


def forecast(image: gr.FileData, n: int = 6, seed: int = 0, hints: list[list[float]] | None = None) -> Forecast:
    """What a person in a still may do in the next 0.6 seconds: n futures, drawn by the model `motion`.

    The picture's middle square is looked at. With hints 512 draws are weighed by them, and the n heaviest are the answer.
    Returns {"animation": a GIF of the futures side by side, and "file": an npz, both as data URLs; "modes": the group
    of each, "shares": of each group, over all draws, "weights": of each, null without hints}. The npz holds
    trajectories (n, 10, 16, 16), offsets (n, 2, 16 instants, 16, 16) in pixels of a still of 64 x 64, z (n, Z), modes
    (n,), and with hints weights (n,).

    Args:
        image: a file of up to 30 MB; in Python gradio_client.handle_file(path), by MCP a data URL of up to 1.4 MB.
        n: how many, 1 to 12.
        seed: 0 to 4,294,967,295.
        hints: up to 16 of [row, column, right, down]: where a cell of the 16 x 16 goes, in pixels of 64 x 64.
    """
    n, seed = arguments.whole("n", n, 1, MOST_FILMS), arguments.whole("seed", seed, 0, LAST_SEED)
    arrows = [_hint(hint) for hint in arguments.listed("hints", hints or [], ARROWS)]
    seen = forecasting.seen(arguments.uploaded("image", image))
    found = forecasting.forecast(PEOPLE, seen.shown, n, seed, arrows, heaviest=bool(arrows))
    weights = [future.weight for future in found.futures if future.weight is not None]
    return {
        "animation": data_url("image/gif", forecasting.animation(seen.shown, found.futures)),
        "file": data_url("application/octet-stream", forecasting.npz(found.futures)),
        "modes": [future.mode for future in found.futures],
        "shares": found.shares,
        "weights": weights or None,
    }


def _hint(hint: Any) -> Arrow:
    if not isinstance(hint, list) or len(hint) != 4:
        raise Refused(f"hints: [row, column, right, down] is wanted, not {arguments.short(hint)}")
    for value in hint:
        arguments.number("hints", value, -LONGEST, LONGEST)
    return forecasting.arrow(hint)


SHIPPED = {"fork-3": 6, "fork-2": 3, "fork-4": 2, "pendulum": 2, "figure": 0}  # as in hero.mjs: a test compares


def ask_examples(ask: Ask) -> None:
    """The drawn scenes that the page offers, their six futures, and what decodes any z on each."""
    for kind, seed in SHIPPED.items():
        still = b64decode(json.loads(ask(f"motion/scene?kind={kind}&seed={seed}", b""))["still"])
        ask(f"motion/{DRAWN}/futures?n=6&seed=0", still)
        ask(f"motion/{DRAWN}/tower", still)


ROUTES = (
    Route("motion/scene", _scene, methods=("GET",)),
    Route("motion/still", _still, takes=Upload.PHOTO),
    Route("motion/{name}/futures", _futures),
    Route("motion/{name}/gif", _gif),
    Route("motion/{name}/tower", _tower),
    Route("motion/{name}/encode", _encode),
)
ENDPOINTS = (Endpoint(forecast, Upload.PHOTO),)
