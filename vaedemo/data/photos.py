"""Color photographs at the size that the image tower looks at them: the sets of `colors`, and colors128.

A picture x (28, 32, 32): 25 planes of L / 100, the 5 x 5 pixels of each cell of the picture at 160x160; the two of the
cell's color, (ab / 128 + 1) / 2; and of pictures to learn from the region of the one thing whose color could be another
(`salient_region`), 0 where there is none. Pictures come as 64x64, those of colors128 as 128x128.
y (N, 3): which of `SETS` a picture is of; whether the color of what its class names is free, 1 or 0, or -1 where nobody
said; and whether it has a region.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor
from torch.nn import functional as F

from vaedemo.data import DataSet, Pictures, Split, Terms, colors, dataset, faces, packs
from vaedemo.data.salient_region import salient_region
from vaedemo.data.synthetic import streets
from vaedemo.errors import DataMissing
from vaedemo.vision import cielab

SETS = ("scenes", "tinyimagenet", "faces", "colors128")
PIXELS = 5  # a side of each cell, in L
SEEN = PIXELS * cielab.SIDE  # pixels a side of the L that the tower sees
PLANES = PIXELS**2  # of L
FACTORS = ("set", "free", "region")
SOURCE = "scenes, Tiny ImageNet, CelebA and colors128"
_PIECE = 500  # pictures converted at once

# Of the sets without a column for it, the classes of things that come in any color.
_FREE = {
    *("beach wagon", "convertible", "sports car", "limousine", "moving van", "go-kart", "trolleybus", "bullet train"),
    *("freight car", "jinrikisha", "umbrella", "apron", "academic gown", "backpack", "bikini", "bow tie", "bucket"),
    *("cardigan", "Christmas stocking", "kimono", "maypole", "miniskirt", "poncho", "sandal", "sock", "vestment"),
    *("swimming trunks", "sombrero", "teapot", "lampshade", "pop bottle", "water jug", "pill bottle", "candle"),
    *("iPod", "gondola", "lifeboat", "tractor", "ice lolly", "punching bag", "birdhouse", "plate", "chest"),
    *("rocking chair", "sewing machine", "lawn mower", "parking meter", "pay-phone", "sunglasses", "dumbbell"),
    *("bell pepper", "goldfish", "sulphur butterfly", "street"),
}

HOW = (
    "The color photographs were not found. They are the packs that `data colors` tells of, and colors128.zip in the "
    "same folder: pictures as 128x128 RGB (PNG or WebP) with a labels.csv of the columns file, free (1 where things "
    "of the picture's class come in any color, 0 where they do not, else empty) and split (train, val, test)."
)


def real(folder: Path | None, split: Split) -> Pictures:
    """The four sets in a row. Raises DataMissing where one of the packs is not found or damaged."""
    parts = [(planes(rgb), free, torch.full_like(free, i)) for i, (rgb, free) in enumerate(_parts(folder, split))]
    x, free, number = (torch.cat(some) for some in zip(*parts))
    return Pictures(SOURCE, False, x, torch.stack([number, free, _add_regions(x, free, split)], 1), FACTORS)


def _parts(folder: Path | None, split: Split) -> Iterator[tuple[Tensor, Tensor]]:
    """Pictures (N, 3, S, S) uint8 of each set, and whether their color is free, (N,)."""
    for name in SETS[:2]:
        with packs.opened(packs.find(name, folder, HOW), HOW) as pack:
            mine = np.array(pack.words("split")) == packs.SPLITS[split]
            free = np.where(np.isin(pack.words("class"), list(_FREE)), 1, -1)
            yield pack.pictures(mine, "RGB"), torch.from_numpy(free[mine])
    rgb = faces.real(folder, split).x[: colors.FACES if split == "train" else None]
    yield rgb, torch.full((len(rgb),), -1)
    with packs.opened(packs.find(SETS[3], folder, HOW), HOW) as pack:
        mine = np.array(pack.words("split")) == packs.SPLITS[split]
        free = np.array([int(word or -1) for word in pack.words("free")])
        yield pack.pictures(mine, "RGB", 128), torch.from_numpy(free[mine])


def _add_regions(x: Tensor, free: Tensor, split: Split) -> Tensor:
    """Write the regions of pictures to learn from into x's last plane; whether there is one, (N,)."""
    has = torch.zeros(len(x), dtype=torch.int64)
    for i in (free == 1).nonzero()[:, 0].tolist() if split == "train" else ():
        region = salient_region((2 * (x[i, PLANES : PLANES + 2].float() / 255) - 1).numpy())
        if region is not None:
            soft = ndimage.uniform_filter(255 * region.astype(np.float32), 3)
            x[i, -1], has[i] = torch.from_numpy(soft).round().byte(), 1
    return has


def planes(rgb: Tensor) -> Tensor:
    """x (N, 28, 32, 32) uint8 of pictures (N, 3, S, S) uint8; no regions."""
    return torch.cat([packed(*cielab.from_rgb(part.float() / 255)) for part in rgb.split(_PIECE)])


def packed(light: Tensor, ab: Tensor) -> Tensor:
    """x (N, 28, 32, 32) uint8 of L / 100 (N, 1, S, S) and ab / 128 (N, 2, T, T); no regions."""
    if light.shape[-1] != SEEN:
        light = F.interpolate(light, (SEEN, SEEN), mode="bicubic", align_corners=False, antialias=True)
    cells = F.adaptive_avg_pool2d(ab, cielab.SIDE) / 2 + 0.5
    x = torch.cat([F.pixel_unshuffle(light, PIXELS), cells, torch.zeros_like(cells[:, :1])], 1)
    return (255 * x.clamp(0, 1)).round().to(torch.uint8)


def where(folder: Path | None) -> str:
    """A sentence: where the packs are, or how to get them."""
    return packs.where("Color photographs", SETS, folder, HOW)


def download(folder: Path) -> None:
    """Raises DataMissing: the originals have to be scaled and split by hand."""
    raise DataMissing(HOW)


def twin(split: Split) -> Pictures:
    """Drawn street scenes; all count as of the first set, and nobody says whose color is free."""
    drawn = streets.streets(colors.TWINS[split], faces.SEEDS[split])
    light, ab = torch.from_numpy(drawn.lightness)[:, None] / 100, torch.from_numpy(drawn.field) / 128
    x = torch.cat(list(map(packed, light.split(_PIECE), ab.split(_PIECE))))
    return Pictures("drawn streets", True, x, torch.tensor([[0, -1, 0]]).repeat(len(x), 1), FACTORS)


TERMS = {
    SOURCE: Terms(
        "Four sets in color: scenes (Intel's image classification of six scenes, 22 outdoor classes of Tiny ImageNet, "
        "BSDS500, Urban100, Sun-Hays 80), Tiny ImageNet (68 pictures of each of its 200 classes) and 15,000 faces of "
        "CelebA to learn from, all 64 x 64; and 14,077 photographs of things whose color is free (cars, clothes, "
        "flowers) or is not (animals, sky, food), 128 x 128. Research and teaching, non-commercial; the weights follow "
        "those terms. Colors are kept as 32 x 32. The photographs are from the web: its skies are blue, its grass is "
        "green, its skins those of celebrities. An answer is a guess at what was in front of a camera, no evidence.",
        license="other",
    ),
    "drawn streets": colors.TERMS["drawn streets"],
}

dataset("photos", DataSet(real, twin, where, download, TERMS))
