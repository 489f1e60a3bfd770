"""Pictures one after another as a GIF: slides play it."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaedemo.errors import Refused

MOST_FRAMES = 200
ENOUGH = 500_000  # pixels that tell a palette
MOST_PIXELS = 40_000_000  # of all frames as they are saved: a second of one core


def gif(planes: NDArray[np.uint8], ms: int | list[int], scale: int = 1, back: bool = False) -> bytes:
    """Planes (n, C, H, W), grey or RGB, as a GIF that loops for ever, each (or each its own) `ms` milliseconds, `scale`
    times as large: grey drawings with crisp pixels, color pictures smoothly.

    With `back` the frames between the ends are shown again on the way back. Raises Refused for too many pixels.
    """
    count = len(planes) + (max(0, len(planes) - 2) if back else 0)
    height, width = (side * scale for side in planes.shape[2:])
    if count * height * width > MOST_PIXELS:
        raise Refused(f"scale: {scale} makes {count} frames of {width} x {height}, past {MOST_PIXELS:,} pixels in all")
    frames = (_grey if planes.shape[1] == 1 else _color)(planes, (width, height))
    if back:
        frames += frames[-2:0:-1]
    stream = BytesIO()
    frames[0].save(stream, "gif", save_all=True, append_images=frames[1:], duration=ms, loop=0)
    return stream.getvalue()


def _grey(planes: NDArray[np.uint8], size: tuple[int, int]) -> list[Image.Image]:
    return [Image.fromarray(plane).resize(size, Image.Resampling.NEAREST) for plane in planes[:, 0]]


def _color(planes: NDArray[np.uint8], size: tuple[int, int]) -> list[Image.Image]:
    """In one palette for all frames: Pillow's own, a frame at a time, takes ten times as long, and flickers."""
    pixels = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))  # (n, H, W, 3)
    every = max(1, round((pixels.size / 3 / ENOUGH) ** 0.5))  # of the pixels, to choose the palette by
    some = pixels[:, ::every, ::every]
    palette = Image.fromarray(some.reshape(-1, *some.shape[2:])).quantize(256)
    large = (Image.fromarray(frame).resize(size, Image.Resampling.BICUBIC) for frame in pixels)
    return [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in large]
