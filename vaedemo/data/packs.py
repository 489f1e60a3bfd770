"""A pack: a zip with a table (labels.csv: a column `file`, then whole numbers) and the pictures that it names."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from vaedemo.data import places
from vaedemo.errors import DataMissing

SIDE = 64  # pixels
SPLITS = {"train": "train", "validation": "val", "test": "test"}  # as a table's column says it

# What zipfile, csv and Pillow raise on bytes that are not what they should be (SyntaxError: Pillow on a broken PNG;
# KeyError: zipfile, of a member that is not there).
_DAMAGE = (
    *(ValueError, KeyError, OSError, EOFError, SyntaxError, RuntimeError, NotImplementedError, OverflowError),
    *(zipfile.BadZipFile, zlib.error, csv.Error, Image.DecompressionBombError),
)


def find(name: str, folder: Path | None, how: str) -> Path:
    """NAME.zip in `folder`, else in the cache. Raises DataMissing, which says `how` to get it."""
    for base in places(folder):
        if (base / f"{name}.zip").is_file():
            return base / f"{name}.zip"
    raise DataMissing(how)


def where(source: str, names: Iterable[str], folder: Path | None, how: str) -> str:
    """A sentence: where the packs `names` of `source` are, or `how` to get them."""
    try:
        return f"{source}: found in {', '.join(str(find(name, folder, how)) for name in names)}"
    except DataMissing as missing:
        return str(missing)


class Pack:
    """An opened pack. Its methods raise ValueError, which `opened` turns into DataMissing."""

    def __init__(self, archive: zipfile.ZipFile, table: str, under: str, names: str = "file") -> None:
        self._archive, self._table, self._under, self._names = archive, table, under, names
        members = set(archive.namelist())
        if table not in members:
            raise ValueError(f"it has no {table}")
        rows = csv.DictReader(io.StringIO(archive.read(table).decode("utf-8-sig")), restval="")
        self._rows = list(rows)
        self._columns = rows.fieldnames or ()
        if names not in self._columns or not self._rows:
            raise ValueError(f"its {table} names no file")
        missing = [row[names] for row in self._rows if under + row[names] not in members]
        if missing:
            more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
            raise ValueError(f"it lacks {missing[0]!r}{more}")

    def labels(self, *columns: str) -> NDArray[np.int64]:
        """These columns of the table as (N, columns)."""
        return np.array([self.words(column) for column in columns]).T.astype(np.int64)

    def words(self, column: str) -> list[str]:
        """A column of the table as it stands there, N strings."""
        if column not in self._columns:
            raise ValueError(f"its {self._table} has no column {column!r}")
        return [row[column] for row in self._rows]

    def arrays(self, member: str) -> dict[str, NDArray]:
        """The arrays of an .npz file of the pack, by name."""
        with np.load(io.BytesIO(self._archive.read(member))) as parts:
            return {name: parts[name] for name in parts}

    def pictures(self, chosen: NDArray[np.bool_], mode: str, side: int = SIDE) -> Tensor:
        """The pictures of the `chosen` rows (N,) as (chosen, C, side, side) uint8; `mode` is Pillow's: "RGB" or "L".

        All are decoded: one that is damaged makes the pack unfit for every split, not for its own alone, or a model
        might learn from a twin and be measured on the real one.
        """
        if not chosen.any():
            raise ValueError("it has no picture of this split")
        drawn = np.stack([self._picture(row[self._names], mode, side) for row in self._rows])[chosen]
        return torch.from_numpy(drawn.reshape(len(drawn), side, side, -1).transpose(0, 3, 1, 2).copy())

    def _picture(self, file: str, mode: str, side: int) -> NDArray[np.uint8]:
        try:
            with Image.open(io.BytesIO(self._archive.read(self._under + file)), formats=("PNG", "WEBP")) as picture:
                if picture.size != (side, side):
                    raise ValueError(f"its size is {picture.width}x{picture.height}, not {side}x{side}")
                return np.asarray(picture.convert(mode))
        except _DAMAGE as error:
            why = "not a picture" if isinstance(error, Image.UnidentifiedImageError) else error
            raise ValueError(f"{file}: {why}") from error


@contextmanager
def opened(file: Path, how: str, table: str = "labels.csv", under: str = "", names: str = "file") -> Iterator[Pack]:
    """Open a pack to read in place; its pictures lie in the folder `under`, which ends with a slash, and are named by
    the table's column `names`.

    Whatever is wrong with it, also a ValueError raised inside, becomes DataMissing.
    """
    with damage_is_missing(file, how), zipfile.ZipFile(file) as archive:
        yield Pack(archive, table, under, names)


@contextmanager
def damage_is_missing(file: Path, how: str) -> Iterator[None]:
    """Whatever goes wrong inside with the bytes of `file`, also a ValueError, becomes DataMissing."""
    try:
        yield
    except _DAMAGE as error:
        raise DataMissing(f"{file} is damaged ({error}). {how}") from error
