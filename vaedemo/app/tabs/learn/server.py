"""Digits that nobody has labelled yet: drawn by a model that is told labels, and encoded by two that never saw one; and
the errors that were measured with few labels."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import save
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vaedemo import zoo
from vaedemo.app.server.request_parsing import BYTES
from vaedemo.app.tab import Route
from vaedemo.errors import Unavailable
from vaedemo.latents import draw
from vaedemo.store import bundles

if TYPE_CHECKING:
    from vaedemo.models.base import LatentModel

TEACHER, PLANE, CODES = "digits-cvae", "digits-2d", "digits"
FEW_LABELS = ("digits-m1", "digits-m2", "digits-m1m2")
DIGITS = 2_000
LABELS = 10

_one_at_a_time = Lock()


@lru_cache(maxsize=1)
def encoded_digits(teacher: LatentModel, plane: LatentModel, codes: LatentModel) -> bytes:
    """2,000 digits as a safetensors file of float16 tensors: z (N, 8), from which `teacher` draws them for the labels 0
    to 9 in turn, and the posterior means of `plane` (N, 2) and of `codes` (N, 32). It takes a second or two."""
    import torch

    z = draw(DIGITS, teacher.z).astype(np.float16)
    y = torch.eye(LABELS)[torch.arange(DIGITS) % LABELS]
    with torch.inference_mode():
        vectors = torch.cat([torch.from_numpy(z).float(), y], 1)
        x = torch.cat([teacher.render(teacher.decode(part)) for part in vectors.split(250)])
        means = {
            name: torch.cat([model.encode(part).mean for part in x.split(250)]).numpy().astype(np.float16)
            for name, model in (("plane", plane), ("codes", codes))
        }
    return save({"z": z, **means})


def _answer() -> bytes:
    models = [zoo.loaded(name) for name in (TEACHER, PLANE, CODES)]
    with _one_at_a_time:  # a lecture hall asks at once, and the first answer serves all
        return encoded_digits(*models)


async def _digits(request: Request) -> Response:
    """Answer: `encoded_digits`, the same at every call."""
    return Response(await run_in_threadpool(_answer), media_type=BYTES, headers={"Cache-Control": "no-cache"})


def measured(name: str) -> dict[str, Any] | None:
    """The metrics of a model, or None where it is nowhere."""
    try:
        return bundles.find(name).metrics()
    except Unavailable:
        return None


async def _errors(request: Request) -> Response:
    """Answer: the metrics of each model that learns from few labels, or null where it is nowhere."""
    return JSONResponse(await run_in_threadpool(lambda: {name: measured(name) for name in FEW_LABELS}))


ROUTES = (
    Route("learn/digits", _digits, methods=("GET",)),
    Route("learn/errors", _errors, methods=("GET",)),
)
