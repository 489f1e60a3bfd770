"""Writes example-faces.json: where the faces of the tab Expressions' examples lie, so that nobody need look for them.

Run it by hand after faces-landmarks was trained anew: python tools/example_faces.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vaedemo.app.tabs.expressions import server
from vaedemo.app.widgets import PACKAGE

AVERAGES, HEADS = (f"average_{i}" for i in range(1, 11)), (f"head_{i}" for i in range(1, 5))
NAMES = (*AVERAGES, "author", "author_2", "astronaut_face", *HEADS)
FILE = PACKAGE / "app/tabs/expressions/lib/example-faces.json"
POINT_DIGITS, PLACE_DIGITS = 2, 5  # of landmarks, in pixels of 64, and of places, in widths of the photo


def rounded(value: Any, digits: int) -> Any:
    """Numbers, however deep in lists."""
    return [rounded(part, digits) for part in value] if isinstance(value, list) else round(value, digits)


def face_of(photo: Path) -> dict[str, Any]:
    """What the route express/face answers to the photo."""
    found = server.located(photo.read_bytes(), None)
    return {key: rounded(part, POINT_DIGITS if key == "points" else PLACE_DIGITS) for key, part in found.items()}


def main() -> None:
    lines = [
        f"  {json.dumps(name)}: {json.dumps(face_of(PACKAGE / f'web/examples/{name}.jpg'), separators=(',', ':'))}"
        for name in NAMES
    ]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
