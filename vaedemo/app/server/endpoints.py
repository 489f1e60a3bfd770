"""The named endpoints: what `gradio_client`, JavaScript and curl may ask of the models.

Pictures come as PNG data URLs, one a vector and in its order: lossless, a few hundred bytes each, in one answer, with
no files left on the server. A browser shows one as `<img src=...>`; in Python, `Image.open(urlopen(url))` opens it.
Their z comes along, so that every picture can be asked for again, moved and decoded.
"""

# No `from __future__ import annotations`: gr.api reads what an endpoint returns from its evaluated annotation.

import functools
from collections.abc import Callable
from typing import Literal, ParamSpec, TypedDict, TypeVar

import gradio as gr
import numpy as np
from gradio.context import get_blocks_context
from gradio.events import api
from numpy.typing import NDArray

from vaedemo import zoo
from vaedemo.app.server import inference
from vaedemo.app.server.decoded_pictures import Pictures, decoded
from vaedemo.app.server.endpoint_arguments import (
    left_alone,
    many,
    model_name,
    number,
    one,
    short,
    uploaded,
    whole,
)
from vaedemo.app.tab import Endpoint, Upload
from vaedemo.app.tabs import tabs
from vaedemo.errors import Refused, VaedemoError
from vaedemo.latents import LAST_SEED, draw, lerp, slerp, traversal
from vaedemo.vision import preprocessing

MOST_TEMPERATURE = 10.0

P = ParamSpec("P")
T = TypeVar("T")


class Encoded(TypedDict):
    mean: list[float]
    log_var: list[float]
    rate: float | None
    distortion: float


def register() -> None:
    """Adds the endpoints to the Blocks whose context this is called in."""
    blocks = get_blocks_context()
    if blocks is None:
        raise RuntimeError("register() is called inside `with gr.Blocks():`")
    for endpoint in (*ENDPOINTS, *(endpoint for tab in tabs() for endpoint in tab.endpoints)):
        if endpoint.takes is Upload.JSON:  # decoded in batches that all share; the limit bounds the waiting
            api(plainly(endpoint.function), concurrency_limit=8, concurrency_id="decode")
            continue
        # Reading a picture takes memory, encoding it a core.
        added = api(plainly(endpoint.function), concurrency_limit=2, concurrency_id="encode")
        # Of an input's files Gradio fetches any URL, and copies any path of this machine; `uploaded` judges the path.
        for component in blocks.fns[added["id"]].inputs:
            component.async_move_resource_to_block_cache = left_alone  # pyright: ignore[reportAttributeAccessIssue]


def plainly(endpoint: Callable[P, T]) -> Callable[P, T]:
    """Answer our errors with their sentence, without a traceback in the server's log."""

    @functools.wraps(endpoint)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return endpoint(*args, **kwargs)
        except VaedemoError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return answer


def sample(model: str, n: int = 16, temperature: float = 1.0, seed: int = 0) -> Pictures:
    """Draws n vectors from the prior and decodes them.

    The same seed gives the same pictures as `vaedemo.load(model).sample(n, temperature, seed)`, and picture k does not
    depend on n. Returns {"pictures": n PNG data URLs, the means of p(x|z), "z": the n vectors}.

    Args:
        model: a model's name, e.g. "digits"; a wrong one is answered with those that are known.
        n: how many, 1 to 1,024.
        temperature: the prior's standard deviation, 0 to 10.
        seed: 0 to 4,294,967,295.
    """
    name = model_name("model", model)
    n, seed = whole("n", n, 1, inference.MOST), whole("seed", seed, 0, LAST_SEED)
    temperature = number("temperature", temperature, 0, MOST_TEMPERATURE)
    return decoded(name, _prior(name, n, temperature, seed))


def decode(model: str, z: list[list[float]]) -> Pictures:
    """Decodes vectors of the latent space.

    Returns {"pictures": a PNG data URL for each vector, the mean of p(x|z), "z": the vectors}.

    Args:
        model: a model's name, e.g. "digits-2d".
        z: 1 to 1,024 vectors, or one, each of as many finite numbers as the model has latents; clipped to +-10,000.
    """
    name = model_name("model", model)
    return decoded(name, many("z", z, name))


def interpolate(
    model: str, a: list[float], b: list[float], n: int = 9, mode: Literal["slerp", "lerp"] = "slerp"
) -> Pictures:
    """Decodes n vectors on the way from a to b, both included.

    Returns {"pictures": n PNG data URLs, the means of p(x|z), "z": the n vectors}.

    Args:
        model: a model's name, e.g. "digits".
        a: one vector, as /decode takes it.
        b: another one.
        n: how many, 2 to 1,024.
        mode: "slerp" keeps to the shell where a Gaussian of many dimensions has its mass, "lerp" goes straight.
    """
    name = model_name("model", model)
    ends = one("a", a, name), one("b", b, name)
    n = whole("n", n, 2, inference.MOST)
    ways = {"slerp": slerp, "lerp": lerp}
    if not isinstance(mode, str) or mode not in ways:
        raise Refused(f'mode: {short(mode)} is neither "slerp" nor "lerp"')
    return decoded(name, ways[mode](*ends, n))


def traverse(model: str, z: list[float], dimension: int, n: int = 9) -> Pictures:
    """Decodes n vectors that equal z but for one latent: what does that latent change?

    The latent passes n quantiles of N(0, 1), evenly from 0.02 to 0.98, so that equal steps cross equal mass of the
    prior. Returns {"pictures": n PNG data URLs, the means of p(x|z), "z": the n vectors}.

    Args:
        model: a model's name, e.g. "sprites".
        z: one vector, as /decode takes it.
        dimension: which latent, from 0.
        n: how many, 2 to 1,024.
    """
    name = model_name("model", model)
    start = one("z", z, name)
    dimension = whole("dimension", dimension, 0, zoo.loaded(name).z - 1)
    return decoded(name, traversal(start, dimension, whole("n", n, 2, inference.MOST)))


def encode(model: str, image: gr.FileData) -> Encoded:
    """The approximate posterior q(z|x) of a picture, and its ELBO's terms.

    The picture has dark ink on light paper or light on dark. It is first brought to the training pictures' geometry:
    for digits 28 x 28, centred by mass; for sprites the whole picture in 64 x 64, black or white, in its place; for the
    turntable's things and the faces under a lamp its largest centred square in 64 x 64; for faces the face, found,
    turned and aligned, in 64 x 64. A model without an encoder (digits-infogan) is refused; one that is told a label
    takes the label that explains the picture best, one that is told attributes what faces-reader reads.
    Returns {"mean" and "log_var" of each latent, "rate": KL(q(z|x) || p(z)), "distortion": -log p(x|z) at the mean};
    rate and distortion in nats a picture; rate is null for a plain autoencoder, which has no prior.

    Args:
        model: a model's name, e.g. "digits-2d".
        image: a file of up to 30 MB; in Python gradio_client.handle_file(path), by MCP a data URL of up to 1.4 MB.
    """
    name = model_name("model", model)
    x = inference.seen(name, preprocessing.read(uploaded("image", image)))
    q = inference.encode(name, x)
    return {"mean": q.mean.tolist(), "log_var": q.log_var.tolist(), "rate": q.rate, "distortion": q.distortion}


def _prior(name: str, n: int, temperature: float, seed: int) -> NDArray[np.float32]:
    """n vectors of the model's own prior: the very ones that its `sample` decodes."""
    import torch

    chosen = zoo.loaded(name)
    if chosen.y:
        raise Refused(f"model: {name} wants a condition; /decode takes z and the condition in a row")
    return chosen.from_normal(torch.from_numpy(draw(n, chosen.z, temperature, seed))).numpy()


ENDPOINTS = (
    *(Endpoint(function) for function in (sample, decode, interpolate, traverse)),
    Endpoint(encode, Upload.PHOTO),
)
