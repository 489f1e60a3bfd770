"""The raw routes of the Motion tab: drawn scenes, a picture's middle square, and what moves next in it.

Arrays travel as little-endian bytes, within JSON as their base64: see `forecasting`.
"""

from __future__ import annotations

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vaedemo import forecast
from vaedemo.app.server import inference
from vaedemo.app.server.request_parsing import BYTES, at_most, in_base64, of_a_picture, whole
from vaedemo.app.tab import Route, Upload
from vaedemo.forecast import ARROWS, GRID, MOST, MOST_FILMS, NUMBERS, PLANES, SHOWN, STILL, Arrow, Future


async def _scene(request: Request) -> Response:
    """Query: `kind`, `seed`. Answer: a drawn scene, small and as the page paints it, and its exact futures."""
    kind, seed = request.query_params.get("kind", ""), whole(request, "seed", 0, 2**32 - 1, 0)
    return JSONResponse(await run_in_threadpool(_drawn, kind, seed))


def _drawn(kind: str, seed: int) -> dict[str, object]:
    from vaedemo.data import motion_scenes

    if kind not in motion_scenes.KINDS:
        raise inference.Refused(f"kind: one of {', '.join(motion_scenes.KINDS)} is wanted")
    drawn = motion_scenes.scene(kind, seed)
    return {
        "kind": kind,
        "modes": drawn.modes,
        "still": in_base64(drawn.still()),
        "shown": in_base64(drawn.still(SHOWN).transpose(1, 2, 0)),
        "trajectories": in_base64(drawn.futures().numpy()),
    }


async def _still(request: Request) -> Response:
    """Body: a picture file. Answer: its middle square, small and as the page paints it."""
    return await of_a_picture(request, _looked_at)


def _looked_at(file: bytes) -> Response:
    seen = forecast.seen(file)
    return JSONResponse({"still": in_base64(seen.still), "shown": in_base64(seen.shown)})


async def _futures(request: Request) -> Response:
    """Body: a still. Answer: `n` futures of it, and what all draws say: see `forecasting.Forecast`.

    `hints`, row,column,right,down of each and a semicolon between them, weigh the draws; with `brief` the answer then
    leaves out the futures that the page has already.
    """
    n, seed = whole(request, "n", 1, MOST, 6), whole(request, "seed", 0, 2**32 - 1, 0)
    arrows, brief = _arrows(request.query_params.get("hints", "")), whole(request, "brief", 0, 1, 0) == 1
    still = await _sent(request)
    async with request.app.state.fitting:  # the first draws of a still take a core for half a second
        found = await run_in_threadpool(forecast.forecast, request.path_params["name"], still, n, seed, arrows)
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
    """Raises inference.Refused."""
    parts = text.split(";") if text else []
    if len(parts) > ARROWS:
        raise inference.Refused(f"hints: at most {ARROWS} are taken, not {len(parts)}")
    return [forecast.arrow(part[:100].split(",")) for part in parts]


async def _gif(request: Request) -> Response:
    """Body: a still, then 256 x 256 x 3 bytes, the same as the page paints it. Answer: a GIF of `n` futures side by
    side, with `hints` of the heaviest."""
    n, seed = whole(request, "n", 1, MOST_FILMS, 6), whole(request, "seed", 0, 2**32 - 1, 0)
    arrows = _arrows(request.query_params.get("hints", ""))
    size = STILL + 3 * SHOWN**2
    body = await at_most(request, size, "still and what is shown: one of each")
    if len(body) != size:
        raise inference.Refused(f"still and what is shown: {size:,} bytes are wanted, not {len(body):,}")
    still, shown = np.frombuffer(body, np.uint8, STILL), np.frombuffer(body, np.uint8, offset=STILL)

    def work() -> bytes:
        found = forecast.forecast(request.path_params["name"], still, n, seed, arrows, heaviest=bool(arrows))
        return forecast.animation(shown.reshape(SHOWN, SHOWN, 3), found.futures)

    async with request.app.state.fitting:  # takes a core for seconds
        return Response(await run_in_threadpool(work), media_type="image/gif")


async def _tower(request: Request) -> Response:
    """Body: a still. Answer: what decodes any z on it, a safetensors file."""
    still = await _sent(request)
    return Response(await run_in_threadpool(forecast.tower, request.path_params["name"], still), media_type=BYTES)


async def _encode(request: Request) -> Response:
    """Body: a still, then 10 x 16 x 16 float32. Answer: q(z | trajectories, still), and its rate in nats."""
    body = await at_most(request, STILL + 4 * NUMBERS, "still and trajectories: one of each")
    if len(body) != STILL + 4 * NUMBERS:
        raise inference.Refused(f"still and trajectories: {STILL + 4 * NUMBERS:,} bytes are wanted, not {len(body):,}")
    still = np.frombuffer(body, np.uint8, STILL)
    moves = np.frombuffer(body, "<f4", offset=STILL).reshape(PLANES, GRID, GRID)
    found = await run_in_threadpool(forecast.encode, request.path_params["name"], still, moves)
    return JSONResponse({"mean": found.mean.tolist(), "sigma": found.sigma.tolist(), "rate": found.rate})


async def _sent(request: Request) -> np.ndarray:
    body = await at_most(request, STILL, "still: one")
    if len(body) != STILL:
        raise inference.Refused(f"still: {STILL:,} bytes are wanted, not {len(body):,}")
    return np.frombuffer(body, np.uint8)


ROUTES = (
    Route("motion/scene", _scene, methods=("GET",)),
    Route("motion/still", _still, takes=Upload.PHOTO),
    Route("motion/{name}/futures", _futures),
    Route("motion/{name}/gif", _gif),
    Route("motion/{name}/tower", _tower),
    Route("motion/{name}/encode", _encode),
)
