"""The tabs of the page, a folder each: whatever has a tab.py is one."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from vaedemo.app.tab import Tab


@cache
def tabs() -> tuple[Tab, ...]:
    """All tabs, from left to right. Raises ValueError for a folder whose tab has another name."""
    found = []
    for file in sorted(Path(__file__).parent.glob("*/tab.py")):
        tab = import_module(f"{__name__}.{file.parent.name}.tab").TAB
        if tab.name != file.parent.name:
            raise ValueError(f"the tab in {file.parent.name}/ is named {tab.name!r}")
        found.append(tab)
    return tuple(sorted(found, key=lambda tab: tab.order))
