"""Pictures one after another as a GIF: slides play it."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaedemo.app.engine import Refused

MOST_FRAMES = 200
MOST_PIXELS = 40_000_000  # of all frames as they are saved: a second of one core


def gif(planes: NDArray[np.uint8], ms: int, scale: int = 1, back: bool = False) -> bytes:
    """Planes (n, C, H, W), grey or RGB, as a GIF that loops for ever, each `ms` milliseconds, `scale` times as large:
    grey drawings with crisp pixels, color pictures smoothly.

    With `back` the frames between the ends are shown again on the way back. Raises Refused for too many pixels.
    """
    if back:
        planes = np.concatenate([planes, planes[-2:0:-1]])
    height, width = (side * scale for side in planes.shape[2:])
    if len(planes) * height * width > MOST_PIXELS:
        raise Refused(
            f"scale: {scale} makes {len(planes)} frames of {width} x {height}, past {MOST_PIXELS:,} pixels in all"
        )
    grey = planes.shape[1] == 1
    pixels = planes[:, 0] if grey else np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
    enlarge = Image.Resampling.NEAREST if grey else Image.Resampling.BICUBIC
    frames = [Image.fromarray(frame).resize((width, height), enlarge) for frame in pixels]
    stream = BytesIO()
    frames[0].save(stream, "gif", save_all=True, append_images=frames[1:], duration=ms, loop=0)
    return stream.getvalue()
