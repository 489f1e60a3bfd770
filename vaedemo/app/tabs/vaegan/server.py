"""The routes of the tab VAE vs GAN: one portrait through all encoders, the search for a GAN's z, a critic's opinion.

Arrays travel as little-endian bytes, or within JSON in base64.
"""

# No `from __future__ import annotations`: gr.api reads what an endpoint returns from its evaluated annotation.

import base64
import json
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from vaedemo import zoo
from vaedemo.app.server import inference
from vaedemo.app.server.request_parsing import at_most, at_work, eyes, in_base64, levels_in_base64, of_a_picture
from vaedemo.app.tab import Route, Upload
from vaedemo.errors import Refused, Unavailable
from vaedemo.latents import LAST_SEED
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


async def _portrait(request: Request) -> Response:
    """Body: a photo. Answer: JSON with its eyes, the aligned face x, and of each encoder the posterior's mean, sigma,
    rate and distortion in nats; `missing` says, by name, why a model is not here.

    `eyes` in the query, x, y, x, y in parts of the photo's width and height, are believed; without them they are looked
    for. `eyes` is null where no face is found.
    """
    given = eyes(request)
    return await of_a_picture(request, lambda file: JSONResponse(_answers(file, given)))


def _answers(file: bytes, eyes: np.ndarray | None) -> dict[str, object]:
    face = inference.face_in(preprocessing.read(file), eyes)
    if face is None:
        return {"eyes": None}
    x, seen = face
    codes: dict[str, object] = {}
    missing: dict[str, str] = {}
    for name in ENCODERS:
        try:
            posterior = inference.encode(name, x)
        except Unavailable as error:
            missing[name] = str(error)
            continue
        codes[name] = {
            "mean": posterior.mean.tolist(),
            "sigma": np.exp(posterior.log_var / 2).tolist(),
            "rate": posterior.rate,
            "distortion": posterior.distortion,
        }
    return {"eyes": seen, "x": levels_in_base64(x), "codes": codes, "missing": missing}


async def _search(request: Request) -> Response:
    """Body: JSON with x (base64 of 3 * 64 * 64 bytes), steps, starts, seed. Answer: a line of JSON for every step,
    {step, z (starts, Z), errors (starts)}: squared errors a value of [0, 1]. Step 0 are the starts."""
    body = await at_most(request, 50_000, "The request is longer than a face")
    try:
        asked = json.loads(body)
        x = np.frombuffer(base64.b64decode(asked["x"]), np.uint8).reshape(SHAPE) / np.float32(255)
        steps, starts, seed = int(asked["steps"]), int(asked["starts"]), int(asked["seed"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise Refused(f"The request is not as /search takes it: {error}") from None
    if not 1 <= steps <= MOST_STEPS or not 1 <= starts <= MOST_STARTS or not 0 <= seed <= LAST_SEED:
        raise Refused(f"steps: from 1 to {MOST_STEPS}; starts: from 1 to {MOST_STARTS}; seed: from 0 to {LAST_SEED:,}")
    found = search(x, steps, starts, seed)
    async with request.app.state.fitting:
        first = await run_in_threadpool(next, found)  # a model that is nowhere shows before anything is sent

    async def lines() -> AsyncIterator[str]:
        async with request.app.state.fitting:
            now = first
            while now is not None and not await request.is_disconnected():
                step, z, errors = now
                line = {"step": step, "z": z.round(DIGITS).tolist(), "errors": errors.round(DIGITS + 2).tolist()}
                yield json.dumps(line) + "\n"
                now = await run_in_threadpool(next, found, None)

    return StreamingResponse(lines(), media_type="application/x-ndjson")


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


ROUTES = (
    Route("vaegan/portrait", _portrait, takes=Upload.PHOTO),
    Route("vaegan/search", _search),
    Route("vaegan/errors", _errors),
    Route("vaegan/looks", _looks),
)
