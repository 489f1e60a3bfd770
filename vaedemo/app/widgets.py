"""From Python to the page's own JavaScript modules."""

from __future__ import annotations

import json
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
STYLES = (
    PACKAGE / "web" / "page" / "page.css",  # first: the tabs' own rules refine it
    PACKAGE / "web" / "page" / "folds.css",
    *sorted(PACKAGE.glob("app/tabs/*/style.css")),
)


def widget(module: str, tab: str | None = None, fold: str | None = None) -> str:
    """The js_on_load that mounts the package's file `module` on its gr.HTML element, which is a tab's or a fold's."""
    place = json.dumps({"tab": tab, "fold": fold})
    return (
        "const base = new URL('.', document.baseURI).href;"
        f"import(base + 'vaedemo/{module}').then(m => m.mount(element, {place}));"
    )
