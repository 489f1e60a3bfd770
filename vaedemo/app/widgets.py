"""From Python to the page's own JavaScript modules."""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).parent / "static"


def widget(module: str, function: str) -> str:
    """The js_on_load that mounts `function` of static/`module`.mjs on its gr.HTML element."""
    return (
        "const base = new URL('.', document.baseURI).href;"
        f"import(base + 'live/page/{module}.mjs').then(m => m.{function}(element, base));"
    )
