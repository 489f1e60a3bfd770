"""The endpoint of the Why Q tab: log p(x) of a digit, summed over the plane of two latents."""

# No `from __future__ import annotations`: gr.api reads what an endpoint returns from its evaluated annotation.

from typing import Literal, TypedDict

import gradio as gr
from numpy.typing import NDArray

from vaedemo import zoo
from vaedemo.app.server.endpoint_arguments import short, uploaded, whole
from vaedemo.app.tab import Endpoint, Upload
from vaedemo.errors import Refused
from vaedemo.recipes import RECIPES
from vaedemo.vision import preprocessing

MODEL, METHODS, MOST_DRAWS = "digits-2d", ("grid", "importance", "prior"), 10_000


class Evidence(TypedDict):
    log_p: float
    standard_error: float
    elbo: float
    gap: float


def evidence(image: gr.FileData, method: Literal["grid", "importance", "prior"] = "grid", n: int = 1_000) -> Evidence:
    """log p(x) of a picture under digits-2d, whose plane of two latents can be summed. It takes some seconds.

    The picture is brought to the digits' geometry as /encode does, then made black and white, so that p(x) is a
    probability. Returns {"log_p", "standard_error" of it (0 of the grid), "elbo" under the encoder's q, "gap": log_p -
    elbo, which is KL(q(z|x) || p(z|x)) if log_p is exact}, all in nats.

    Args:
        image: a file of up to 30 MB; in Python gradio_client.handle_file(path), by MCP a data URL of up to 1.4 MB.
        method: "grid" sums the plane; "importance" weighs n draws of q(z|x); "prior" takes n draws of N(0, I).
        n: 1 to 10,000; of the prior's draws nearly all miss.
    """
    if not isinstance(method, str) or method not in METHODS:
        raise Refused(f"method: {short(method)} is none of {', '.join(METHODS)}")
    n = whole("n", n, 1, MOST_DRAWS)
    x = preprocessing.prepared(preprocessing.read(uploaded("image", image)), RECIPES[MODEL].data)
    log_p, error, elbo = _estimated(preprocessing.black_and_white(x), method, n)
    return {"log_p": log_p, "standard_error": error, "elbo": elbo, "gap": log_p - elbo}


def _estimated(x: NDArray, method: str, n: int) -> tuple[float, float, float]:
    """log p(x) of a black and white picture x (C, H, W), its standard error, and the ELBO under the encoder's q, nats."""
    import torch

    from vaedemo.evaluation import evidence as evidences
    from vaedemo.models.vae import VAE

    model = zoo.loaded(MODEL)
    assert isinstance(model, VAE)
    given = torch.from_numpy(x)[None]
    with torch.inference_mode():
        score, q = evidences.scorer(model, given), model.encode(given)
        bound = evidences.elbo(score, evidences.of_encoder(q))
        if method == "grid":
            return evidences.grid(score).log_p, 0.0, bound
        if method == "importance":
            return *evidences.importance(score, evidences.single(q), n), bound
        return *evidences.naive(score, model.z, n), bound


ENDPOINTS = (Endpoint(evidence, Upload.PHOTO),)
