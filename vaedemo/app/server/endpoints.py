"""The named endpoints: what `gradio_client`, JavaScript and curl may ask of the models.

Pictures come as PNG data URLs, one a vector and in its order: lossless, a few hundred bytes each, in one answer, with
no files left on the server. A browser shows one as `<img src=...>`; in Python, `Image.open(urlopen(url))` opens it.
Their z comes along, so that every picture can be asked for again, moved and decoded.
"""

# No `from __future__ import annotations`: gr.api reads what an endpoint returns from its evaluated annotation.

import functools
from collections.abc import Callable
from io import BytesIO
from typing import Any, Literal, ParamSpec, TypedDict, TypeVar

import gradio as gr
import numpy as np
from gradio.context import get_blocks_context
from gradio.events import api
from numpy.typing import NDArray
from PIL import Image

from vaedemo import zoo
from vaedemo.app.server import inference
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
from vaedemo.app.server.request_parsing import data_url
from vaedemo.app.tab import Endpoint, Upload
from vaedemo.app.tabs import tabs
from vaedemo.latents import draw, lerp, slerp, traversal
from vaedemo.recipes import RECIPES
from vaedemo.vision import preprocessing

MOST_TEMPERATURE = 10.0
FACES = "faces-cvae"
SEEDS = 2**32

P = ParamSpec("P")
T = TypeVar("T")


class Pictures(TypedDict):
    pictures: list[str]  # PNG data URLs
    z: list[list[float]]


class Restyled(Pictures):
    label: int


class Described(Pictures):
    attributes: dict[str, float]  # what was asked for; of a photo, what was read in it


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
    """Answer what the caller can mend with one sentence, without a traceback in the server's log."""

    @functools.wraps(endpoint)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return endpoint(*args, **kwargs)
        except (inference.Refused, preprocessing.BadPicture, zoo.Unavailable) as error:
            raise gr.Error(str(error), print_exception=False) from error

    return answer


def sample(model: str, n: int = 16, temperature: float = 1.0, seed: int = 0) -> Pictures:
    """Draws n vectors from the prior and decodes them.

    The same seed gives the same pictures as `vaedemo.load(model).sample(n, temperature, seed)`, and picture k does not
    depend on n. n: 1 to 1,024. temperature: the prior's standard deviation, 0 to 10. seed: 0 to 4,294,967,295.
    Returns {"pictures": n PNG data URLs, the means of p(x|z), "z": the n vectors}.
    """
    name = model_name("model", model)
    n, seed = whole("n", n, 1, inference.MOST), whole("seed", seed, 0, SEEDS - 1)
    temperature = number("temperature", temperature, 0, MOST_TEMPERATURE)
    return _decoded(name, _prior(name, n, temperature, seed))


def decode(model: str, z: list[list[float]]) -> Pictures:
    """Decodes vectors of the latent space.

    z: 1 to 1,024 vectors, or a single one, each of as many finite numbers as the model has latents; they are
    clipped to -10,000 .. 10,000. Returns {"pictures": a PNG data URL for each, the mean of p(x|z), "z": the vectors}.
    """
    name = model_name("model", model)
    return _decoded(name, many("z", z, name))


def interpolate(
    model: str, a: list[float], b: list[float], n: int = 9, mode: Literal["slerp", "lerp"] = "slerp"
) -> Pictures:
    """Decodes n vectors on the way from a to b, both included.

    n: 2 to 1,024. mode: "slerp" keeps to the shell where a Gaussian of many dimensions has its mass (White 2016),
    "lerp" takes the straight line. Returns {"pictures": n PNG data URLs, the means of p(x|z), "z": the n vectors}.
    """
    name = model_name("model", model)
    ends = one("a", a, name), one("b", b, name)
    n = whole("n", n, 2, inference.MOST)
    ways = {"slerp": slerp, "lerp": lerp}
    if not isinstance(mode, str) or mode not in ways:
        raise inference.Refused(f'mode: {short(mode)} is neither "slerp" nor "lerp"')
    return _decoded(name, ways[mode](*ends, n))


def traverse(model: str, z: list[float], dimension: int, n: int = 9) -> Pictures:
    """Decodes n vectors that equal z but for one latent: what does that latent change?

    The latent passes n quantiles of N(0, 1), evenly from 0.02 to 0.98, so that equal steps cross equal mass of the
    prior. z: one vector, as /decode takes it. dimension: which latent, from 0.
    n: 2 to 1,024. Returns {"pictures": n PNG data URLs, the means of p(x|z), "z": the n vectors}.
    """
    name = model_name("model", model)
    start = one("z", z, name)
    dimension = whole("dimension", dimension, 0, inference.model(name).z - 1)
    return _decoded(name, traversal(start, dimension, whole("n", n, 2, inference.MOST)))


def encode(model: str, image: gr.FileData) -> Encoded:
    """The approximate posterior q(z|x) of a picture, and its ELBO's terms.

    image: a file of up to 30 MB, in Python `gradio_client.handle_file(path)`; dark ink on light paper or light on dark.
    It is first brought to the training pictures' geometry: for digits 28 x 28, centred by mass; for sprites the whole
    picture in 64 x 64, black or white, in its place; for the turntable's things and the faces under a lamp its largest
    centred square in 64 x 64; for faces the face, found and aligned, in 64 x 64. A model without an encoder
    (digits-infogan) is refused; one that is told a label takes the label that explains the picture best, one that is
    told attributes what faces-reader reads.
    Returns {"mean" and "log_var" of each latent, "rate": KL(q(z|x) || p(z)), "distortion": -log p(x|z) at the mean};
    rate and distortion in nats a picture; rate is null for a plain autoencoder, which has no prior.
    """
    q = _posterior(model_name("model", model), image)
    return {"mean": q.mean.tolist(), "log_var": q.log_var.tolist(), "rate": q.rate, "distortion": q.distortion}


def restyle_digit(image: gr.FileData, label: int | None = None) -> Restyled:
    """A handwritten digit as all ten digits, in the same style: digits-cvae encodes it to z, and z is decoded under
    every label.

    image: a file of up to 30 MB, in Python `gradio_client.handle_file(path)`; dark ink on light paper or light on dark.
    label: which digit it is; none: the label under which the model explains the picture best.
    Returns {"pictures": ten PNG data URLs, means of p(x|z, y) for y = 0 to 9, "z": the ten vectors, z and then y,
    "label": the digit it was taken for}.
    """
    told = None if label is None else whole("label", label, 0, 9)
    q = _posterior("digits-cvae", image, told)
    assert q.label is not None
    vectors = np.concatenate([np.tile(q.mean, (10, 1)), np.eye(10, dtype=np.float32)], 1)
    return {**_decoded("digits-cvae", vectors), "label": q.label}


def generate(attributes: dict[str, float], n: int = 8, seed: int = 0) -> Described:
    """Draws n faces of a description, by faces-cvae: z from the prior, attributes as asked.

    attributes: name to value, from -1 (not there) to 1 (there), e.g. {"Smiling": 1, "Eyeglasses": 1}; one that is not
    named is not there, but for Young and No_Beard, which most faces have. n: 1 to 1,024. seed: 0 to 4,294,967,295.
    Returns {"pictures": n PNG data URLs, means of p(x|z, y), "z": the n vectors, z and then y, "attributes": all}.
    """
    n, seed = whole("n", n, 1, inference.MOST), whole("seed", seed, 0, SEEDS - 1)
    y = _asked(attributes)
    z = draw(n, inference.width(FACES) - len(y), seed=seed)
    return {**_decoded(FACES, np.concatenate([z, np.tile(y, (n, 1))], 1)), "attributes": _named(y)}


def progression(attribute: str, n: int = 7, seed: int = 0, attributes: dict[str, float] | None = None) -> Described:
    """One face of faces-cvae n times, while one attribute passes evenly from -1 to 1 and all else is kept.

    attribute: its name, e.g. "Smiling". n: 2 to 1,024. seed: of z, 0 to 4,294,967,295. attributes: the rest of the
    description, as /generate takes it.
    Returns {"pictures": n PNG data URLs, means of p(x|z, y), "z": the n vectors, "attributes": the description}.
    """
    n, seed = whole("n", n, 2, inference.MOST), whole("seed", seed, 0, SEEDS - 1)
    y, names = _asked(attributes or {}), inference.attributes(FACES)
    if not isinstance(attribute, str) or attribute not in names:
        raise inference.Refused(f"attribute: unknown {short(attribute)}; known: {', '.join(names)}")
    vectors = np.tile(np.concatenate([draw(1, inference.width(FACES) - len(y), seed=seed)[0], y]), (n, 1))
    vectors[:, -len(y) + names.index(attribute)] = np.linspace(-1, 1, n)
    return {**_decoded(FACES, vectors), "attributes": _named(y)}


def edit(image: gr.FileData, attributes: dict[str, float]) -> Described:
    """A photo's face with other attributes: it is found, aligned and encoded by faces-cvae, told the attributes that
    faces-reader reads in it, and decoded with some of them changed.

    image: a file of up to 30 MB, in Python `gradio_client.handle_file(path)`. attributes: those to change, name to
    value from -1 to 1. Returns {"pictures": the face as the model draws it, and changed, "z": both vectors,
    "attributes": what was read}.
    """
    q = inference.encode(FACES, preprocessing.to_portrait(preprocessing.read(uploaded("image", image))))
    assert q.attributes is not None
    read = _named(q.attributes)
    changed = _asked({**read, **_described(attributes)})
    vectors = np.stack([np.concatenate([q.mean, y]) for y in (q.attributes, changed)])
    return {**_decoded(FACES, vectors), "attributes": read}


def complete(image: gr.FileData, mask: gr.FileData, n: int = 4, seed: int = 0) -> Described:
    """A photo's face n times, each with another guess at what the mask hides: z fitted to what is visible.

    image, mask: files of up to 30 MB and of the same size in pixels; the mask is white where the photo shall be taken
    for hidden. n: 1 to 8. Returns {"pictures": n PNG data URLs, 64 x 64, the visible part as in the photo, "z": the n
    vectors, "attributes": what faces-reader reads in the photo with the hidden part grey}. It takes some seconds.
    """
    n, seed = whole("n", n, 1, 8), whole("seed", seed, 0, SEEDS - 1)
    photo, hidden = (preprocessing.read(uploaded(*named)) for named in (("image", image), ("mask", mask)))
    if photo.size != hidden.size:
        raise inference.Refused(f"mask: it has {hidden.size} pixels, the image {photo.size}; both are to be the same")
    eyes = preprocessing.find_eyes(photo)
    x, visible = preprocessing.to_portrait(photo, eyes), preprocessing.to_portrait(hidden, eyes)[0] < 0.5
    *_, (_, vectors) = inference.fit(FACES, x, None, visible, n, True, seed)
    drawn = inference.decode(FACES, vectors)
    composed = np.where(visible, (x * 255 + 0.5).astype(np.uint8), drawn)
    y = vectors[0, -len(inference.attributes(FACES)) :]
    return {"pictures": [_data_url(planes) for planes in composed], "z": vectors.tolist(), "attributes": _named(y)}


def _asked(attributes: Any) -> NDArray[np.float32]:
    """A description as the model is told it, (A,). Raises Refused."""
    try:
        return inference.asked(FACES, _described(attributes))
    except ValueError as error:
        raise inference.Refused(str(error)) from None


def _described(attributes: Any) -> dict[str, float]:
    if not isinstance(attributes, dict):
        raise inference.Refused(f"attributes: names and values are wanted, not {short(attributes)}")
    values = {str(name)[:60]: value for name, value in attributes.items()}
    return {name: number(f"attributes: {name}", value, -1, 1) for name, value in values.items()}


def _named(y: NDArray) -> dict[str, float]:
    return dict(zip(inference.attributes(FACES), np.round(y, 4).tolist()))


def _posterior(name: str, image: Any, label: int | None = None) -> inference.Posterior:
    x = preprocessing.prepared(preprocessing.read(uploaded("image", image)), RECIPES[name].data)
    return inference.encode(name, x, label)


def _prior(name: str, n: int, temperature: float, seed: int) -> NDArray[np.float32]:
    """n vectors of the model's own prior: the very ones that its `sample` decodes."""
    import torch

    chosen = inference.model(name)
    if chosen.y:
        raise inference.Refused(f"model: {name} wants a condition; /decode takes z and the condition in a row")
    return chosen.from_normal(torch.from_numpy(draw(n, chosen.z, temperature, seed))).numpy()


def _decoded(name: str, z: NDArray[np.float32]) -> Pictures:
    return {"pictures": [_data_url(planes) for planes in inference.decode(name, z)], "z": z.tolist()}


def _data_url(planes: NDArray[np.uint8]) -> str:
    """The picture (C, H, W), grey or RGB, as a PNG data URL."""
    pixels = planes[0] if len(planes) == 1 else planes.transpose(1, 2, 0)
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG")
    return data_url("image/png", file.getvalue())


ENDPOINTS = (
    *(Endpoint(function) for function in (sample, decode, interpolate, traverse, generate, progression)),
    *(Endpoint(function, Upload.PHOTO) for function in (encode, restyle_digit, edit, complete)),
)
