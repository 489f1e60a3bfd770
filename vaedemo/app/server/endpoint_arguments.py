"""Arguments of the endpoints, checked: JSON brings anything, whatever the signature says. Raises Refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from gradio.utils import get_upload_folder, is_in_or_equal
from gradio_client.utils import is_file_obj_with_meta
from numpy.typing import NDArray

from vaedemo.app.server import inference
from vaedemo.errors import Refused
from vaedemo.recipes import RECIPES


def model_name(argument: str, value: Any) -> str:
    """A model's name."""
    if not isinstance(value, str) or value not in RECIPES:
        raise Refused(f"{argument}: unknown model {short(value)}; known: {', '.join(RECIPES)}")
    return value


def number(argument: str, value: Any, least: float, most: float) -> float:
    """A number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"{argument}: {short(value)} is not a number from {least:,g} to {most:,g}")
    if not least <= value <= most:  # refuses NaN too
        raise Refused(f"{argument}: {short(value)} is not between {least:,g} and {most:,g}")
    return float(value)


def whole(argument: str, value: Any, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    is_whole = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value) and value == int(value))
    if isinstance(value, bool) or not is_whole:
        raise Refused(f"{argument}: {short(value)} is not a whole number from {least:,} to {most:,}")
    if not least <= value <= most:
        raise Refused(f"{argument}: {short(value)} is not between {least:,} and {most:,}")
    return int(value)


def many(argument: str, value: Any, name: str) -> NDArray[np.float32]:
    """Vectors as the model takes them, (n, Z + Y)."""
    width = inference.width(name)
    try:
        numbers = np.asarray(value)
    except (ValueError, OverflowError):  # ragged, or nested too deeply
        numbers = np.empty(0, object)
    if numbers.dtype.kind not in "iuf":
        raise Refused(f"{argument}: vectors of {width} numbers are wanted, not {short(value)}")
    return inference.checked(name, numbers, width, argument)


def one(argument: str, value: Any, name: str) -> NDArray[np.float32]:
    """A single such vector, (Z + Y,)."""
    vectors = many(argument, value, name)
    if len(vectors) != 1:
        raise Refused(f"{argument}: one vector is wanted, not {len(vectors)}")
    return vectors[0]


def uploaded(argument: str, value: Any) -> Path:
    """The path of a file that somebody uploaded: nobody may name another one of this machine's files."""
    if not is_file_obj_with_meta(value):
        raise Refused(
            f"{argument}: an uploaded file is wanted; in Python: gradio_client.handle_file(path); by MCP: a data URL"
        )
    path = Path(value["path"])
    if not is_in_or_equal(path, get_upload_folder()) or not path.is_file():
        raise Refused(f"{argument}: {short(value['path'])} is not a file that was uploaded here")
    return path


async def left_alone(url_or_file_path: str | Path | None) -> str | None:
    """What Gradio shall do with an input's file: nothing."""
    return None if url_or_file_path is None else str(url_or_file_path)


def short(value: Any) -> str:
    """`value` as a message may quote it, whatever its size."""
    if isinstance(value, int) and abs(value) >= 10**30:
        return "an enormous number"
    if isinstance(value, list | dict):
        return f"a {type(value).__name__} of {len(value):,}"
    text = repr(value[:60] + "..." if isinstance(value, str) and len(value) > 60 else value)
    return text if len(text) <= 80 else text[:80] + "..."


def listed(argument: str, value: Any, most: int) -> list[Any]:
    """A list of up to `most`."""
    if not isinstance(value, list) or len(value) > most:
        raise Refused(f"{argument}: a list of up to {most} is wanted, not {short(value)}")
    return value
