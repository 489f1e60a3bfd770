"""Photos in other colors, by the models of color fields: from a file to colorings and back to a picture.

A *grey* is what they see of a photo: its lightness squeezed to 160 x 160, y (25600,). A *field* (2, 32, 32) is its
colors. As bytes, a grey's are 255 * L / 100, a field's 127.5 * (ab / 128 + 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaedemo import zoo
from vaedemo.errors import Refused
from vaedemo.latents import checked
from vaedemo.vision import preprocessing

if TYPE_CHECKING:
    from torch import Tensor

    from vaedemo.models.color_fields import Answers as FieldAnswers
    from vaedemo.models.color_fields import Draws
    from vaedemo.models.color_vae import ColorCVAE
    from vaedemo.models.colorization import Colorization, Known

METHODS = {
    "mdn": "colorization",
    "cvae": "colorization-cvae",
    "regression": "colorization",  # by `mean`
    "pixels": "colorization",  # by `cells`
}
GREY, FIELD = 160 * 160, 2 * 32 * 32  # bytes
MOST = 512  # fields at once
REMEMBERED = 16  # photos of which is kept what models made of them, half a megabyte each
DRAWN = 4  # photos whose draws are kept, 4 MB each
AT_ONCE = 64  # fields painted in one pass
FULL = 20_000_000  # pixels of a photo that is answered in its own size; larger ones are reduced to that
FULL_SIDE = 20_000  # pixels, of a very long one
NEUTRAL = 2 / 128  # mean chroma under which a photo counts as grey
QUALITY = 92  # of a JPEG


@dataclass(frozen=True)
class Photo:
    image: Image.Image
    light: Tensor  # (1, 1, H, W), L / 100
    grey: NDArray[np.uint8]  # (25600,)
    field: NDArray[np.uint8] | None  # (2, 32, 32); None: it is grey


@dataclass(frozen=True)
class Answers:
    fields: NDArray[np.uint8]  # (n, 2, 32, 32)
    weights: NDArray[np.float32] | None
    z: NDArray[np.float32] | None


def photo(file: bytes | Path, most: int = FULL_SIDE) -> Photo:
    """A photo as the models see it, and its lightness in at most `most` pixels a side. Raises BadPicture."""
    import torch
    from torch.nn import functional as F

    from vaedemo.vision import cielab

    image = preprocessing.read(file, most)
    over = (image.width * image.height / FULL) ** 0.5
    if over > 1:
        image.thumbnail((int(image.width / over), int(image.height / over)), Image.Resampling.LANCZOS)
    x = np.rint(255 * preprocessing.to_photo(image)).astype(np.uint8)
    grey, field = F.pixel_shuffle(torch.from_numpy(x[:-2]), 5).flatten().numpy(), x[-2:]
    chroma = np.hypot(*(field / 127.5 - 1)).mean()
    light = cielab.lightness(_tensor(np.asarray(image)))
    return Photo(image, light, grey, field if chroma > NEUTRAL else None)


def answers(name: str, grey: NDArray[np.uint8], n: int, seed: int, tints: bool = False) -> Answers:
    """Up to n colorings of a grey by one of the models that color photos.

    tints: answers may differ by one tint over the whole picture, where the model keeps it near its mean otherwise.
    Raises Refused and Unavailable.
    """
    import torch

    from vaedemo.models.color_vae import ColorCVAE
    from vaedemo.models.colorization import Colorization

    chosen = zoo.loaded_net(name)
    if tints and not isinstance(chosen, Colorization):
        raise Refused(f"tints: {name} knows no tint apart from the rest")
    with torch.inference_mode():
        if isinstance(chosen, Colorization):
            fields, weights, z = _answered(chosen, grey.tobytes(), n, tints)
        elif isinstance(chosen, ColorCVAE):
            fields, weights, z = chosen.answers(_y(grey), n, seed)
        else:
            raise Refused(f"model: {name} colors no grey photo")
    return Answers(as_bytes(fields), None if weights is None else weights.numpy(), None if z is None else z.numpy())


def mean(name: str, grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The one field (1, 2, 32, 32) that a model tells of a grey without any code, by squared error.

    Raises Refused and Unavailable.
    """
    import torch

    chosen = _vae(name)
    with torch.inference_mode():
        return as_bytes(chosen.grey(_y(grey)[None]).mean)


def cells(name: str, grey: NDArray[np.uint8], n: int, seed: int) -> NDArray[np.uint8]:
    """n fields (n, 2, 32, 32) of a grey whose cells are drawn each on its own, by what a model says of it.

    Raises Refused and Unavailable.
    """
    import torch

    chosen = _vae(name)
    with torch.inference_mode():
        return as_bytes(chosen.cells(_y(grey), n, seed))


def recolored(name: str, grey: NDArray[np.uint8], z: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Fields (n, 2, 32, 32) of z (n, Z) on a grey. Raises Refused and Unavailable."""
    import torch

    chosen = _vae(name)
    z = checked(name, z, chosen.z)
    with torch.inference_mode():
        laid = chosen.laid(_y(grey)[None])
        parts = torch.from_numpy(z).split(AT_ONCE)
        return np.concatenate([as_bytes(chosen.painted(part, laid)) for part in parts])


def draws(name: str, grey: NDArray[np.uint8], n: int, seed: int) -> Draws:
    """n draws of P(z|grey), for hints to choose among. Raises Refused and Unavailable."""
    return _drawn(_mixture(name), grey.tobytes(), n, seed)


@lru_cache(maxsize=REMEMBERED)
def _known(chosen: Colorization, grey: bytes) -> Known:
    return chosen.looked_at(_y(np.frombuffer(grey, np.uint8)))


@lru_cache(maxsize=REMEMBERED)
def _answered(chosen: Colorization, grey: bytes, n: int, tints: bool) -> FieldAnswers:
    """Remembered, as a hint's draws are counted to them, and a hall looks at one photo."""
    return chosen.answers_of(_known(chosen, grey), n, tints)


@lru_cache(maxsize=DRAWN)
def _drawn(chosen: Colorization, grey: bytes, n: int, seed: int) -> Draws:
    """Remembers the latest photos' draws: every hint on them asks for the same."""
    import torch

    half = torch.cpu._is_avx512_bf16_supported()
    with torch.inference_mode():
        all_ = _answered(chosen, grey, chosen.mixture, False)
        return chosen.draws_of(_known(chosen, grey), all_, n, seed, half)


@dataclass(frozen=True)
class OneObject:
    """One thing of a photo in other colors, all else in those of the first answer."""

    fields: NDArray[np.uint8]  # (n, 2, 32, 32)
    part: NDArray[np.uint8]  # how much each cell belongs to the thing, 255: wholly, (32, 32)
    colors: NDArray[np.uint8]  # of draws of P(color|grey) at the chosen place, (N, 2), coded as fields are


def one_object(name: str, grey: NDArray[np.uint8], row: int, column: int, n: int, seed: int) -> OneObject:
    """The thing at one of the 32 x 32 cells in n colors. Raises Refused, where a model's z holds the tint too, and
    Unavailable."""
    import torch

    from vaedemo.models.colorization import Colorization

    chosen = zoo.loaded_net(name)
    if not isinstance(chosen, Colorization):
        raise Refused(f"model: {name} knows no tint apart from the rest, and no object apart from the picture")
    with torch.inference_mode():
        found = chosen.of_one_object(_y(grey), row, column, n, seed)
        return OneObject(as_bytes(found.fields), (255 * found.part).byte().numpy(), as_bytes(found.colors))


def hinted(
    grey: NDArray[np.uint8], dabs: Sequence[tuple[float, float, tuple[int, int, int]]], n: int, seed: int
) -> Answers:
    """The n heaviest colorings, heaviest first, once colors were told: (x, y in parts of the photo's sides, RGB)."""
    import torch

    from vaedemo.models import color_fields
    from vaedemo.vision import cielab

    name = METHODS["mdn"]
    told = []
    for x, y, rgb in dabs:
        _, ab = cielab.from_rgb(torch.tensor(rgb).view(1, 3, 1, 1) / 255)
        place = (min(cielab.SIDE - 1, int(part * cielab.SIDE)) for part in (y, x))
        told.append((*place, tuple(ab.flatten().tolist())))
    drawn = draws(name, grey, MOST, seed)
    with torch.inference_mode():
        weights, fields = color_fields.hinted(drawn, told, _mixture(name).mixture)
    order = weights.argsort(descending=True)[:n]
    return Answers(as_bytes(fields[order]), weights[order].numpy(), None)


@dataclass(frozen=True)
class Kept:
    """A photo's own colors through a VAE: its field, and what became of them."""

    field: NDArray[np.uint8]  # (2, 32, 32)
    rate: float  # nats
    terms: dict[str, float]  # L_hist, L_mah and L_grad, whatever this VAE's loss weighs them


def kept(name: str, grey: NDArray[np.uint8], field: NDArray[np.uint8]) -> Kept:
    """Encode a photo's colors, decode the posterior's mean. Raises Refused and Unavailable."""
    import torch

    chosen = _vae(name)
    y = _y(grey)[None]
    ab = _tensor(field).view(1, 2, 32, 32).float() / 127.5 - 1
    with torch.inference_mode():
        posterior = chosen.encode(chosen.picture(y, ab))
        painted = chosen.decode(posterior.mean, y)
        terms = chosen.errors(painted, ab)
        rate = float(chosen.rate(posterior).sum())
    return Kept(as_bytes(painted)[0], rate, {key: float(value) for key, value in terms.items()})


def error_of_best(fields: NDArray[np.uint8], true: NDArray[np.uint8]) -> float:
    """Of the nearest of fields (n, 2, 32, 32): distance of ab / 128 to the true ones, mean over cells."""
    away = (fields.astype(np.float32) - true) / 127.5
    return float(np.hypot(away[:, 0], away[:, 1]).mean((1, 2)).min())


def jpegs(light: Tensor, fields: NDArray[np.uint8]) -> list[bytes]:
    """The photo in each of the colors (n, 2, 32, 32), in the size of its lightness."""
    return list(_two().map(lambda field: _jpeg(light, field), fields))


def _jpeg(light: Tensor, field: NDArray[np.uint8]) -> bytes:
    import torch

    from vaedemo.vision import cielab

    with torch.inference_mode():
        pixels = cielab.colored(torch.from_numpy(field[None] / np.float32(127.5) - 1), light).numpy()
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


@cache
def _two() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="color")


def _vae(name: str) -> ColorCVAE:
    from vaedemo.models.color_vae import ColorCVAE

    chosen = zoo.loaded_net(name)
    if not isinstance(chosen, ColorCVAE):
        raise Refused(f"model: {name} has no latents of colors")
    return chosen


def _mixture(name: str) -> Colorization:
    from vaedemo.models.colorization import Colorization

    chosen = zoo.loaded_net(name)
    if not isinstance(chosen, Colorization):
        raise Refused(f"model: {name} predicts no z from a grey photo")
    return chosen


def _y(grey: NDArray[np.uint8]) -> Tensor:
    return _tensor(grey).float() / 255


def _tensor(values: NDArray) -> Tensor:
    import torch

    return torch.from_numpy(values.copy())  # Pillow's arrays, and a request's, may not be written to


def as_bytes(fields: Tensor) -> NDArray[np.uint8]:
    return (127.5 * (fields.float().clamp(-1, 1) + 1)).round().byte().numpy()
