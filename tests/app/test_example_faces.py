"""What the tab Expressions knows of its examples' faces without asking, against the shipped nets that find them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from vaedemo import express
from vaedemo.app.tabs.expressions import server
from vaedemo.app.widgets import PACKAGE
from vaedemo.store.paths import weights_folder

NETS = (express.LANDMARKS, express.EYES_NET)
KNOWN = json.loads((PACKAGE / "app/tabs/expressions/lib/example-faces.json").read_text())

pytestmark = pytest.mark.skipif(
    not all((weights_folder() / name / "model.safetensors").is_file() for name in NETS),
    reason="the nets that find faces are not here",
)


@pytest.mark.parametrize("name", ["average_6", "astronaut_face", "head_1"])
def test_what_the_page_knows_is_what_the_server_would_answer(name: str) -> None:
    answer: dict[str, Any] = server.located((PACKAGE / f"web/examples/{name}.jpg").read_bytes(), None)
    for key, most in (("points", 0.1), ("eyes", 1e-3), ("linear", 1e-3), ("offset", 1e-3)):
        assert np.abs(np.array(answer[key]) - KNOWN[name][key]).max() < most, key


def test_all_are_there() -> None:
    names = {path.stem for path in (PACKAGE / "web/examples").glob("*.jpg")}
    assert KNOWN.keys() <= names
    assert all(len(face["points"]) == 2 * 138 for face in KNOWN.values())
