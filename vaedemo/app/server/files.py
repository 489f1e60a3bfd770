"""Files of a model as a browser wants them: made and compressed once, and not sent again to a browser that has them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import load_file, save
from starlette.datastructures import Headers
from starlette.responses import Response

from vaedemo.recipes import Recipe
from vaedemo.release.browser_encoders import encoder_file
from vaedemo.release.browser_export import browser_file
from vaedemo.release.browser_nets import PARTS, net_file

BYTES = "application/octet-stream"
GREYS = 16  # of a map: its pixels are seen small, and it is what a visitor waits for first


@dataclass(frozen=True)
class Kept:
    """`packed` is `content` compressed, or empty where that gains nothing."""

    kind: str
    content: bytes
    packed: bytes
    tag: str

    def answer(self, asked: Headers) -> Response:
        """A browser may keep it, but asks each time whether it is still the same: a model may be trained anew."""
        headers = {"Cache-Control": "no-cache", "ETag": self.tag, "Vary": "Accept-Encoding"}
        if self.tag in asked.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if self.packed and "gzip" in asked.get("accept-encoding", ""):
            return Response(self.packed, media_type=self.kind, headers={**headers, "Content-Encoding": "gzip"})
        return Response(self.content, media_type=self.kind, headers=headers)


def decoder(folder: Path) -> Kept:
    """The decoder's weights, laid out for the browser's kernels."""
    return _made(_decoder, folder / "model.safetensors")


def encoder(folder: Path) -> Kept:
    """What looks at pictures, laid out for the browser's kernels: an encoder, or a net on the image tower, or that.
    Raises ChainError where the model has nothing of the kind."""
    return _made(_encoder, folder / "model.safetensors")


def latents(folder: Path) -> Kept:
    """What the page knows of the data, less the map, which goes as a picture."""
    return _made(_latents, folder / "latents.safetensors")


def latent_map(folder: Path) -> Kept | None:
    """The map as a picture, or None for a model that has more than two latents."""
    kept = _made(_map, folder / "latents.safetensors")
    return kept if kept.content else None


def factors(folder: Path) -> list[str]:
    """The names of the columns of latents.safetensors' `information`; none for data of one kind of label."""
    with safe_open(folder / "latents.safetensors", framework="numpy") as file:
        return json.loads((file.metadata() or {}).get("factors", "[]"))


def tiled(pictures: np.ndarray) -> bytes:
    """A grid of grey pictures (rows, columns, H, W), uint8, as one PNG of `GREYS` levels."""
    rows, columns, height, width = pictures.shape
    sheet = pictures.transpose(0, 2, 1, 3).reshape(rows * height, columns * width)
    image = Image.fromarray(np.rint(sheet * ((GREYS - 1) / 255)).astype(np.uint8), "P")
    image.putpalette([level * 255 // (GREYS - 1) for level in range(GREYS) for _ in "RGB"])
    png = io.BytesIO()
    image.save(png, "png", optimize=True, bits=4)
    return png.getvalue()


def _made(make: Callable[[Path], tuple[str, bytes]], path: Path) -> Kept:
    return _made_at(make, path, path.stat().st_mtime_ns)


@lru_cache(maxsize=128)
def _made_at(make: Callable[[Path], tuple[str, bytes]], path: Path, written: int) -> Kept:
    kind, content = make(path)
    return kept(kind, content, gzip.compress(content, 6) if kind == BYTES else b"")


def kept(kind: str, content: bytes, packed: bytes) -> Kept:
    """What is `content` of this media type, and `packed` for who reads gzip."""
    return Kept(kind, content, packed, f'"{hashlib.sha256(content).hexdigest()[:16]}"')


def _decoder(path: Path) -> tuple[str, bytes]:
    return BYTES, browser_file(path)


def _encoder(path: Path) -> tuple[str, bytes]:
    recipe = Recipe.from_json((path.parent / "config.json").read_text(encoding="utf-8"))
    return BYTES, (net_file if recipe.model in PARTS else encoder_file)(path, recipe)


def _latents(path: Path) -> tuple[str, bytes]:
    return BYTES, save({key: value for key, value in load_file(path).items() if key != "map"})


def _map(path: Path) -> tuple[str, bytes]:
    pictures = load_file(path).get("map")
    return "image/png", b"" if pictures is None else tiled(pictures)
