"""The raw route of the Sample tab: what the layers of an encoder make of a picture."""

from __future__ import annotations

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vaedemo.app.server import inference
from vaedemo.app.server.request_parsing import levels_in_base64, of_a_picture, prepared_for
from vaedemo.app.tab import Route, Upload


async def _activations(request: Request) -> Response:
    """Body: a picture file. Answer: what the model sees of it, the encoder's feature maps, mean and sigma."""
    name = request.path_params["name"]
    return await of_a_picture(request, lambda file: JSONResponse(_looked_into(name, file)))


def _looked_into(name: str, file: bytes) -> dict[str, object]:
    inference.encoding(name)  # refuses others before the search for a face
    x = prepared_for(name, file)
    posterior = inference.encode(name, x)
    return {
        "x": levels_in_base64(x),
        "stages": [_feature(maps) for maps in inference.activations(name, x)],
        "mean": posterior.mean.tolist(),
        "sigma": np.exp(posterior.log_var / 2).tolist(),
    }


def _feature(maps: np.ndarray) -> dict[str, object]:
    """Maps (C, H, W) after a ReLU in the form of web/engine/activations.mjs: each scaled to its own peak."""
    channels, height, width = maps.shape
    peaks = maps.max((1, 2))
    scaled = maps / np.where(peaks > 0, peaks, 1)[:, None, None]
    sizes = {"channels": channels, "height": height, "width": width}
    return {**sizes, "planes": levels_in_base64(scaled), "peaks": peaks.tolist()}


ROUTES = (Route("activations/{name}", _activations, takes=Upload.PHOTO),)
