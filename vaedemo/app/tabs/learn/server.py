"""Digits that nobody has labelled yet: drawn by a model that is told labels, and encoded by two that never saw one; the
errors that were measured with few labels; and what M2 and M1+M2 read in a digit, and draw it with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vaedemo import zoo
from vaedemo.app.server.request_parsing import BYTES, at_most, at_work
from vaedemo.app.tab import Route
from vaedemo.errors import Refused, Unavailable
from vaedemo.latents import draw
from vaedemo.recipes import KNOWN
from vaedemo.store import bundles
from vaedemo.store.packed import Tensors

if TYPE_CHECKING:
    from vaedemo.models.base import LatentModel

TEACHER, PLANE, CODES = "digits-cvae", "digits-2d", "digits"
FEW_LABELS = ("digits-m1", "digits-m2", "digits-m1m2")
STYLED = FEW_LABELS[1:]  # those that draw, too
DIGITS = 2_000
LABELS = 10
PIXELS = 784
MOST_READ = 16  # digits in one request
LAYERS = ("0.weight", "0.bias", "2.weight", "2.bias")
POSTERIOR = ("of_x.weight", "of_x.bias", "of_y.weight", "posterior.weight", "posterior.bias")

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


def generator(name: str) -> bytes:
    """The decoder of an M2 or M1+M2, a safetensors file of float16 tensors named as in `LAYERS`: linear, softplus,
    linear. It takes [z, y]; an M2 gives logits of pixels, an M1+M2 means of codes (its variances are left out).

    Raises Refused for another model, and Unavailable.
    """
    tensors = _tensors(name, {layer: f"generator.decoder.{layer}" for layer in LAYERS})
    inputs = KNOWN[name].net["seen"]
    return save({layer: tensor if layer in LAYERS[:2] else tensor[:inputs].copy() for layer, tensor in tensors.items()})


def reader(name: str) -> bytes:
    """What an M2 reads pictures by, and an M1+M2 codes of `digits`, a safetensors file of float16 tensors: the
    `classifier` that saw the first labels (its `LAYERS`), and of q(z|x, y) of_x, of_y and, after a softplus, posterior.

    Raises Refused for another model, and Unavailable.
    """
    first = KNOWN[_styled(name)].net["counts"][0]
    wanted = {f"classifier.{layer}": f"classifiers.{first}-0.{layer}" for layer in LAYERS}
    return save(_tensors(name, wanted | {layer: f"generator.{layer}" for layer in POSTERIOR}))


def _tensors(name: str, wanted: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Of an M2 or M1+M2, float16, under the names wanted."""
    path = bundles.find(_styled(name)).folder / "model.safetensors"
    with safe_open(path, framework="numpy") as file:
        read = Tensors(file)
        return {key: np.ascontiguousarray(read(layer), np.float16) for key, layer in wanted.items()}


def styles(name: str, x: np.ndarray) -> dict[str, list]:
    """What an M2 or M1+M2 reads in pictures x (N, 784) in [0, 1]: `labels`, and `mean` and `sigma` of q(z|x, y) with that
    label. Raises Refused for another model, and Unavailable."""
    import torch

    from vaedemo.models.semisupervised import M1M2, M2, encoded

    model = zoo.loaded_net(_styled(name))
    assert isinstance(model, M2)
    seen = torch.from_numpy(x)
    with torch.inference_mode():
        if isinstance(model, M1M2):
            seen = encoded(zoo.loaded(CODES), seen.view(-1, 1, 28, 28))[0]
        labels, q = model.read(seen)
    return {"labels": labels.tolist(), "mean": q.mean.tolist(), "sigma": q.stddev.tolist()}


def _styled(name: str) -> str:
    if name not in STYLED:
        raise Refused(f"model: {name} draws no digit under a label; {' and '.join(STYLED)} do")
    return name


async def _generator(request: Request) -> Response:
    """Answer: `generator` of the model in the path."""
    file = await run_in_threadpool(generator, request.path_params["name"])
    return Response(file, media_type=BYTES, headers={"Cache-Control": "no-cache"})


async def _reader(request: Request) -> Response:
    """Answer: `reader` of the model in the path."""
    file = await run_in_threadpool(reader, request.path_params["name"])
    return Response(file, media_type=BYTES, headers={"Cache-Control": "no-cache"})


async def _styles(request: Request) -> Response:
    """Body: grey pictures of 28 x 28 bytes, white on black. Answer: `styles`."""
    body = await at_most(request, MOST_READ * PIXELS, f"x: at most {MOST_READ} pictures")
    if not body or len(body) % PIXELS:
        raise Refused(f"x: a multiple of {PIXELS} bytes is wanted (28 x 28), not {len(body)}")
    x = np.frombuffer(body, np.uint8).reshape(-1, PIXELS).astype(np.float32) / 255
    return JSONResponse(await at_work(request, styles, request.path_params["name"], x))


ROUTES = (
    Route("learn/digits", _digits, methods=("GET",)),
    Route("learn/errors", _errors, methods=("GET",)),
    Route("learn/generator/{name}", _generator, methods=("GET",)),
    Route("learn/reader/{name}", _reader, methods=("GET",)),
    Route("learn/styles/{name}", _styles),
)
