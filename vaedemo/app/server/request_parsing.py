"""What a raw route takes: a body of bounded length, whole numbers of the query, work that few requests do at a time.

And how JSON holds an array, or a file.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import nullcontext
from typing import ParamSpec, TypeVar

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from vaedemo.app.server import inference
from vaedemo.errors import BadPicture, Refused
from vaedemo.vision import preprocessing

BYTES = "application/octet-stream"
SMALL = 200_000  # bytes: a drawing, or a small photo

P = ParamSpec("P")
T = TypeVar("T")


async def of_a_picture(request: Request, work: Callable[[bytes], Response]) -> Response:
    """Runs `work` on the uploaded picture, at most ENCODING at a time; not at all if the client has gone.

    Of large files only a few are received at once, too; a drawing does not wait for somebody's slow line.
    """
    length = int(request.headers.get("content-length") or preprocessing.MOST_BYTES)
    if length > preprocessing.MOST_BYTES:
        raise BadPicture(f"The file is larger than {preprocessing.MOST_BYTES // 1_000_000} MB.")
    async with nullcontext() if length < SMALL else request.app.state.receiving:
        file = await request.body()
        async with request.app.state.encoding:
            if await request.is_disconnected():
                return Response(status_code=499)
            return await run_in_threadpool(work, file)


async def at_work(request: Request, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work(*args)` returns, computed in a thread, at most WORKING at a time: other threads stay free.

    Raises ClientDisconnect if the client has gone before its turn.
    """
    async with request.app.state.working:
        if await request.is_disconnected():
            raise ClientDisconnect
        return await run_in_threadpool(work, *args, **kwargs)


async def at_most(request: Request, most: int, limit: str) -> bytes:
    """The request's body, given up as soon as it is longer than `most`, whatever length its header tells; Refused
    says the `limit`."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise Refused(f"{limit}, {most:,} bytes in all")
    return bytes(body)


def whole(request: Request, key: str, least: int, most: int, default: int | None = None) -> int:
    """A whole number of the query. Raises Refused where it is missing without a default, no number, or out of range."""
    given = request.query_params.get(key, default)
    try:
        value = int(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise Refused(f"{key}: a whole number from {least} to {most:,} is wanted") from None
    if not least <= value <= most:
        raise Refused(f"{key}: {value} is not between {least} and {most:,}")
    return value


async def vectors(request: Request) -> tuple[str, np.ndarray]:
    """The model's name, and the vectors (n, Z + Y) that came as float32. Raises Refused."""
    name = request.path_params["name"]
    width = await run_in_threadpool(inference.width, name)
    body = await at_most(request, 4 * width * inference.MOST, f"z: at most {inference.MOST:,} vectors")
    if len(body) % (4 * width) or not body:
        raise Refused(f"z: {name} takes a multiple of {4 * width} bytes ({width} float32), not {len(body)}")
    return name, inference.checked(name, np.frombuffer(body, "<f4").reshape(-1, width), width)


async def streamed(request: Request, steps: Iterator[T], said: Callable[[T], dict[str, object]]) -> Response:
    """Answer: a line of JSON for each of `steps`, computed in a thread, a few at a time, until the client goes.

    The first step is computed before anything is sent: an error of it is answered as one.
    """
    async with request.app.state.fitting:
        first = await run_in_threadpool(next, steps)

    async def lines() -> AsyncIterator[str]:
        async with request.app.state.fitting:
            step: T | None = first
            while step is not None and not await request.is_disconnected():
                yield json.dumps(said(step)) + "\n"
                step = await run_in_threadpool(next, steps, None)

    return StreamingResponse(lines(), media_type="application/x-ndjson")


def eyes(request: Request) -> np.ndarray | None:
    """Where somebody pointed at the eyes: x and y of each in parts of the photo's sides, (2, 2); None: nobody did.
    Raises Refused."""
    given = request.query_params.get("eyes")
    try:
        return None if given is None else np.array([float(number) for number in given.split(",")]).reshape(2, 2)
    except ValueError:
        raise Refused("eyes: four numbers are wanted, x, y, x, y in parts of the photo's sides") from None


def prepared_for(name: str, file: bytes) -> np.ndarray:
    """The picture in a file as the model's training pictures were. Raises UnknownModel and BadPicture."""
    return inference.seen(name, preprocessing.read(file))


def in_base64(values: np.ndarray) -> str:
    """An array for JSON: bytes as they are, any other numbers as float32, little end first."""
    kind = np.uint8 if values.dtype == np.uint8 else "<f4"
    return base64.b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()


def levels_in_base64(levels: np.ndarray) -> str:
    """Numbers in [0, 1] for JSON, one byte each."""
    return in_base64((levels * 255 + 0.5).astype(np.uint8))


def data_url(kind: str, file: bytes) -> str:
    """A file for JSON, as a URL that holds it; `kind` is its media type."""
    return f"data:{kind};base64," + base64.b64encode(file).decode()
