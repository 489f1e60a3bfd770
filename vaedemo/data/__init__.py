"""The data sets by name: the real one where it is found, else its synthetic twin, drawn here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vaedemo.errors import DataMissing, NoFolder
from vaedemo.recipes import NETS, RECIPES
from vaedemo.scan import import_modules

if TYPE_CHECKING:
    from torch import Tensor

Split = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Pictures:
    """A split in memory: x (N, C, H, W) uint8, and y int64: labels (N,), or one column for each of `factors` (N, F).

    Of stills that move, y is float32: see `motion.rows`.
    """

    source: str  # "MNIST", or "synthetic digits"
    synthetic: bool
    x: Tensor
    y: Tensor
    factors: tuple[str, ...] = ()  # what the columns of y say, e.g. ("object", "angle")

    def __len__(self) -> int:
        return len(self.x)

    def floats(self, index: Tensor | slice) -> Tensor:
        """The chosen pictures as float32 in [0, 1]."""
        return self.x[index].float() / 255


@dataclass(frozen=True)
class Terms:
    """What a card says of a source: `words` in Markdown on the data and their terms, `license` in the Hub's words."""

    words: str
    license: str = "apache-2.0"  # the code's own


@dataclass(frozen=True)
class DataSet:
    """`real(folder, split)` raises DataMissing where it finds nothing; `twin(split)` draws and never fails.

    `where(folder)` is a sentence for people; `download(folder)` fetches the original, or raises DataMissing. `terms`
    are those of each source, by the name that `Pictures.source` gives.
    """

    real: Callable[[Path | None, Split], Pictures]
    twin: Callable[[Split], Pictures]
    where: Callable[[Path | None], str]
    download: Callable[[Path], None]
    terms: Mapping[str, Terms]


_SETS: dict[str, DataSet] = {}


def load(name: str, split: Split, folder: Path | None = None, twin: bool | None = None) -> Pictures:
    """A split of a data set. `twin`: True draws it, False insists on the real one, None takes the real one if found."""
    if name not in sets():
        raise ValueError(f"unknown data set {name!r}; known: {', '.join(sets())}")
    chosen = sets()[name]
    if twin:
        return chosen.twin(split)
    try:
        return chosen.real(folder or data_folder(), split)
    except DataMissing:
        if twin is False:
            raise
        return chosen.twin(split)


def sets() -> dict[str, DataSet]:
    """Every data set by name, in the order of the recipes, last those that none learns from: a file in this folder
    registers its own by `dataset`."""
    _found()
    return _SETS


@cache
def _found() -> None:
    import_modules(__name__)
    learned = [recipe.data for recipe in (*RECIPES.values(), *NETS.values())]
    for name in dict.fromkeys((*learned, *_SETS)):
        if name in _SETS:
            _SETS[name] = _SETS.pop(name)


def dataset(name: str, one: DataSet) -> None:
    """Registers a data set under the name that recipes give as `data`."""
    _SETS[name] = one


def terms_of(source: str) -> Terms:
    """The terms of what `Pictures.source` names, for a card; those of a source that nobody declared are its name."""
    return next((one.terms[source] for one in sets().values() if source in one.terms), Terms(source))


def data_folder() -> Path | None:
    """The folder that VAEDEMO_DATA names, if any."""
    named = os.environ.get("VAEDEMO_DATA")
    return Path(named).expanduser() if named else None


def cache_folder() -> Path:
    """Where downloads go that nobody named a folder for: ~/.cache/vaedemo/data. Raises NoFolder without a home."""
    try:
        return Path("~/.cache/vaedemo/data").expanduser()
    except RuntimeError as error:
        raise NoFolder("this user has no home folder: set VAEDEMO_DATA to a folder that holds the data") from error


def places(folder: Path | None) -> list[Path]:
    """The folders that a data set is looked for in: `folder`, then the cache of downloads where there is one."""
    try:
        return [*filter(None, [folder]), cache_folder()]
    except NoFolder:
        return [*filter(None, [folder])]
