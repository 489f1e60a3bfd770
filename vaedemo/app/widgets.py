"""From Python to the page's own JavaScript modules."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
STYLES = (
    PACKAGE / "web" / "page" / "page.css",  # first: the tabs' own rules refine it
    PACKAGE / "web" / "page" / "folds.css",
    *sorted(PACKAGE.glob("app/tabs/*/style.css")),
)


def widget(module: str, function: str) -> str:
    """The js_on_load that mounts `function` of the package's file `module` on its gr.HTML element."""
    return (
        "const base = new URL('.', document.baseURI).href;"
        f"import(base + 'vaedemo/{module}').then(m => m.{function}(element));"
    )
