"""What the endpoints answer that decode vectors: pictures as PNG data URLs, one a vector and in its order."""

# No `from __future__ import annotations`: gr.api reads what an endpoint returns from its evaluated annotation.

from io import BytesIO
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaedemo.app.server import inference
from vaedemo.app.server.request_parsing import data_url


class Pictures(TypedDict):
    pictures: list[str]  # PNG data URLs
    z: list[list[float]]


def decoded(name: str, z: NDArray[np.float32]) -> Pictures:
    """Vectors (n, Z + Y) and their pictures, the means of p(x|z, y)."""
    return {"pictures": [png_url(planes) for planes in inference.decode(name, z)], "z": z.tolist()}


def png_url(planes: NDArray[np.uint8]) -> str:
    """The picture (C, H, W), grey or RGB, as a PNG data URL."""
    pixels = planes[0] if len(planes) == 1 else planes.transpose(1, 2, 0)
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG")
    return data_url("image/png", file.getvalue())
