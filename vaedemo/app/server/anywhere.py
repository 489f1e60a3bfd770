"""Gradio's page at whatever address a visitor has: below a path of a proxy, too, which may tell us nothing of it."""

from __future__ import annotations

import re

_ROOTS = (
    re.compile(rb'(window\.gradio_config\s*=.*?"root":\s*)"[^"]*"', re.DOTALL),
    re.compile(rb'(const root = )"[^"]*"'),
)
_OWN_FOLDER = b'new URL(".",document.baseURI).href.replace(/\\/$/,"")'


def anywhere(page: bytes) -> bytes:
    """The page's HTML, its root taken from the address that the browser has.

    Gradio writes the root that the server sees: a proxy that serves us below a path takes that path off, and theme,
    API and uploads would be asked for beside it.
    """
    for root in _ROOTS:
        page = root.sub(lambda found: found[1] + _OWN_FOLDER, page, count=1)
    return page.replace(b'href="/manifest.json"', b'href="manifest.json"', 1)
