"""A drawn face as a photo, and where its eyes are: what tests of the page's server upload."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from vaedemo.data.synthetic import cartoons
from vaedemo.vision import face_alignment

SIDE = 192  # pixels: three times a cartoon's
EYES = (np.array(face_alignment.EYES) + 0.5) * 3 - 0.5  # on it


def cartoon(number: int = 0) -> np.ndarray:
    """A drawn face as bytes, (3, 64, 64)."""
    return cartoons.portraits(cartoons.chances(number + 1, 0), 0)[number, :3]


def photo(side: int = SIDE, number: int = 0) -> bytes:
    """A cartoon, enlarged, so that at SIDE its eyes lie where `EYES` says; a PNG file."""
    stream = BytesIO()
    large = Image.fromarray(cartoon(number).transpose(1, 2, 0)).resize((side, side), Image.Resampling.BICUBIC)
    large.save(stream, "PNG")
    return stream.getvalue()


def eyes_of(image: Image.Image) -> np.ndarray | None:
    """What stands in for `find_face` where its net has random weights: these eyes, but in small pictures none."""
    return EYES if image.width > 100 else None
