"""MNIST (LeCun 1998), and its twin: digits drawn with Pillow's own font."""

from __future__ import annotations

import gzip
import math
import zipfile
import zlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from vaedemo.data import DataSet, Pictures, Split, Terms, dataset, places
from vaedemo.errors import DataMissing

VALIDATION = 2_000  # the last of the training pictures; what `promote` compares on

HOW = (
    "MNIST was not found. Put the four ubyte files (plain or .gz) into MNIST/raw/ below the folder that VAEDEMO_DATA "
    "names (torchvision's layout; a digits.zip with that inside serves too), or, with internet, run\n"
    "  python -m vaedemo data digits --download"
)


def real(folder: Path | None, split: Split) -> Pictures:
    """MNIST: 58,000 to train on, the last 2,000 of its training set to choose by, its 10,000 to test on."""
    part = "t10k" if split == "test" else "train"
    x = _idx(folder, f"{part}-images-idx3-ubyte")
    y = _idx(folder, f"{part}-labels-idx1-ubyte")
    if x.shape != (len(y), 28, 28):
        shape = "x".join(map(str, x.shape))
        raise DataMissing(f"MNIST's files do not fit: {len(y):,} labels for pictures of the shape {shape}. {HOW}")
    x = x[:, None]  # (N, 1, 28, 28)
    if split != "test":
        chosen = slice(None, -VALIDATION) if split == "train" else slice(-VALIDATION, None)
        x, y = x[chosen], y[chosen]
    return Pictures("MNIST", False, torch.from_numpy(x.copy()), torch.from_numpy(y.astype(np.int64)))


def where(folder: Path | None) -> str:
    """A sentence: where MNIST is, or how to get it."""
    try:
        found = _find(folder, "train-images-idx3-ubyte")
        return f"MNIST: found in {found[0]}"
    except DataMissing as missing:
        return str(missing)


def download(folder: Path) -> None:
    """torchvision's own download into folder/MNIST/raw. Raises DataMissing, in plain words, where it fails."""
    _torchvision_beside_any_torch()
    from torchvision.datasets import MNIST

    try:
        MNIST(str(folder), download=True)
    except (OSError, RuntimeError) as error:
        raise DataMissing(f"torchvision could not download MNIST ({error}).\n{HOW}") from error


def _torchvision_beside_any_torch() -> None:
    """Let `import torchvision` succeed beside a torch it was not built for.

    PyPI's torchvision is built for CUDA; beside a CPU torch its operators do not load, and its import fails on the
    first operator that it describes. We only want a download; declaring the operators is enough for the import.
    """
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(library)  # a Library undefines its operators when it is collected


_KEPT: list[torch.library.Library] = []


def _find(folder: Path | None, name: str) -> tuple[Path, str]:
    """The file that holds MNIST's `name`, and the member inside it ("" for a plain file)."""
    for base in places(folder):
        for file in (base / "MNIST/raw" / name, base / "MNIST/raw" / f"{name}.gz"):
            if file.is_file():
                return file, ""
        if (base / "digits.zip").is_file():
            return base / "digits.zip", f"MNIST/raw/{name}"
    raise DataMissing(HOW)


def _idx(folder: Path | None, name: str) -> NDArray[np.uint8]:
    """An IDX file: two zero bytes, the type (8: uint8), the number of axes, their lengths (big-endian), the data."""
    file, member = _find(folder, name)
    try:
        if member:
            with zipfile.ZipFile(file) as archive:
                raw = archive.read(member)
        else:
            raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        if raw[:3] != b"\0\0\x08":
            raise ValueError("it does not begin as an IDX file of bytes does")
        axes = raw[3]
        shape = np.frombuffer(raw, ">u4", axes, offset=4)
        return np.frombuffer(raw, np.uint8, offset=4 + 4 * axes).reshape(shape)
    except (KeyError, IndexError, ValueError, EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
        raise DataMissing(f"{file} is damaged ({error}). {HOW}") from error


def twin(split: Split) -> Pictures:
    """Synthetic digits: 20,000 / 1,000 / 2,000 of them, the same at every call."""
    count, seed = {"train": (20_000, 1), "validation": (1_000, 2), "test": (2_000, 3)}[split]
    random = np.random.default_rng(seed)
    y = random.integers(0, 10, count)
    glyphs = _glyphs()
    x = np.stack([_drawn(glyphs[digit], random) for digit in y])[:, None]
    return Pictures("synthetic digits", True, torch.from_numpy(x), torch.from_numpy(y))


def _glyphs() -> list[Image.Image]:
    """The ten digits in Pillow's own font, 84x84, centred."""
    font = ImageFont.load_default(size=80)
    drawn = []
    for digit in range(10):
        canvas = Image.new("L", (84, 84))
        ImageDraw.Draw(canvas).text((42, 42), str(digit), fill=255, font=font, anchor="mm")
        drawn.append(canvas)
    return drawn


def _drawn(glyph: Image.Image, random: np.random.Generator) -> NDArray[np.uint8]:
    """One 28x28 digit: random slant, turn, scale, shift and thickness, as handwriting varies."""
    slant, turn = random.normal(0, 0.25), random.normal(0, 0.12)
    wide, high = random.normal(1, 0.12, 2).clip(0.7, 1.3)
    shift = random.normal(0, 1.2, 2)
    # Maps a pixel of the 28x28 result to one of the 84x84 glyph: 20 of the 28 pixels hold the digit, as in MNIST.
    scale = 84 / 28 * 1.12
    cosine, sine = math.cos(turn), math.sin(turn)
    a, b = scale / wide * cosine, scale / wide * (slant + sine)
    c, d = -scale / high * sine, scale / high * cosine
    centre = 13.5 + shift
    matrix = (a, b, 42 - a * centre[0] - b * centre[1], c, d, 42 - c * centre[0] - d * centre[1])
    picture = glyph.transform((28, 28), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
    # A smooth picture, then a random threshold with a soft edge: the stroke's thickness.
    ink = np.asarray(picture, np.float32) / 255
    ink = (ink + np.roll(ink, 1, 0) + np.roll(ink, -1, 0) + np.roll(ink, 1, 1) + np.roll(ink, -1, 1)) / 5
    threshold = random.uniform(0.15, 0.6)
    return (255 * ((ink - threshold) / 0.25 + 0.5).clip(0, 1)).astype(np.uint8)


def labelled_subset(y: Tensor, count: int, seed: int) -> Tensor:
    """Indices (count,) of the pictures whose labels y (N,) a semi-supervised model may see: as many of each label.

    `seed` names the subset. One of fewer labels lies within one of more. Raises ValueError where `count` cannot be
    shared equally among the labels that occur in y, or where a label occurs too rarely.
    """
    labels = y.unique()
    share, rest = divmod(count, len(labels))
    if rest or share < 1:
        raise ValueError(f"count: a multiple of {len(labels)}, the number of labels, is wanted, not {count}")
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    chosen = [order[y[order] == label][:share] for label in labels]
    if min(map(len, chosen)) < share:
        raise ValueError(f"count: {share} pictures of each label are wanted, and one label has fewer")
    return torch.cat(chosen)


TERMS = {
    "MNIST": Terms(
        "MNIST (LeCun, Cortes & Burges 1998), 60,000 + 10,000 handwritten digits, CC BY-SA 3.0 as usually given. The "
        "weights follow those terms. It is half census clerks, half high-school students in the United States: sevens "
        "are rarely crossed and ones rarely have a serif, so the model reads such digits poorly. Digits are centred by "
        "mass in 28x28; a drawing is brought to that geometry first.",
        license="cc-by-sa-3.0",
    ),
    "synthetic digits": Terms(
        "Digits drawn by this project with Pillow's own font; no terms but the code's (Apache-2.0)."
    ),
}

dataset("digits", DataSet(real, twin, where, download, TERMS))
