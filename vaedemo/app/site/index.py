"""The HTML of a page without a server: tabs, folds and what each opens with, as page.py has them for Gradio."""

from __future__ import annotations

from html import escape

from vaedemo.app import page_words
from vaedemo.app.server import preload
from vaedemo.app.site import prose
from vaedemo.app.tab import Fold, Tab
from vaedemo.app.tabs import tabs
from vaedemo.app.widgets import PACKAGE

STYLES = ("static-shell.css", "page.css", "folds.css")
# Before anything is painted. Gradio's page takes the same word of the address.
THEME = """
const asked = new URLSearchParams(location.search).get('__theme');
const isDark = asked === 'dark' || (asked !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
document.documentElement.classList.toggle('dark', isDark);
"""


def page() -> str:
    """index.html. Every address is relative; what is not seen at first is fetched when it is opened."""
    styles = "".join(f'<link rel="stylesheet" href="vaedemo/web/page/{name}">' for name in STYLES)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="vaedemo-server" content="none">
<link rel="icon" href="data:,">
<title>{page_words.TITLE}</title>
<script>{THEME}</script>
{styles}
{preload.tags_without_server()}
<script type="module" src="vaedemo/web/page/static-shell.mjs"></script>
</head>
<body>
<main class="gradio-container">
<div class="block vd-top" data-module="vaedemo/web/page/header.mjs">{page_words.HEADER}</div>
<noscript>This page is made of pictures that move: it needs JavaScript.</noscript>
<div id="tabs">
<div class="tab-wrapper"><div class="tab-container" role="tablist" aria-label="Ideas of the lecture">
{"".join(_button(tab) for tab in tabs())}
</div></div>
{"".join(_panel(tab) for tab in tabs())}
</div>
</main>
</body>
</html>
"""


def _button(tab: Tab) -> str:
    return (
        f'<button type="button" role="tab" id="tab-{tab.name}-button" aria-controls="tab-{tab.name}" '
        f'aria-selected="false" tabindex="-1">{escape(tab.title)}</button>'
    )


def _panel(tab: Tab) -> str:
    style = f"app/tabs/{tab.name}/style.css"
    rules = f' data-style="vaedemo/{style}"' if (PACKAGE / style).exists() else ""
    return f"""
<div class="tabitem" role="tabpanel" id="tab-{tab.name}" aria-labelledby="tab-{tab.name}-button"{rules}
  style="display: none"><div class="column">
<div class="block" {_module(tab, None)}><p class="vd-lead">{tab.lead}</p><div data-mount>{tab.first}</div></div>
{"".join(_fold(tab, fold) for fold in tab.folds)}
</div></div>"""


def _module(tab: Tab, fold: Fold | None) -> str:
    if fold is None:
        return f'data-module="vaedemo/app/tabs/{tab.name}/hero.mjs" data-tab="{tab.name}"'
    file = f"vaedemo/app/tabs/{tab.name}/folds/{fold.name}.mjs"
    return f'data-module="{file}" data-tab="{tab.name}" data-fold="{fold.name}"'


def _fold(tab: Tab, fold: Fold) -> str:
    gesture = (
        f"<div {_module(tab, fold)}>"
        f'<p class="vd-lead">{fold.sentence}</p><div class="vd-section" data-mount></div></div>'
    )
    if fold.lines:
        lines = "".join(f'<div class="vd-line">{prose.html(line)}</div>' for line in fold.lines)
        gesture = (
            f'<div class="row"><div class="column">{gesture}</div><div class="column vd-lines">{lines}</div></div>'
        )
    return f"""
<details class="block" id="fold-{tab.name}-{fold.name}"><summary class="label-wrap">{escape(fold.title)}</summary>
<div class="vd-within">{gesture}{_lecture(tab, fold)}</div></details>"""


def _lecture(tab: Tab, fold: Fold) -> str:
    if not fold.lecture:
        return ""
    return (
        '<details class="block vd-lecture"><summary class="label-wrap">What the lecture says</summary>'
        f'<div class="vd-prose" data-lecture="{lecture(tab, fold)}"></div></details>'
    )


def lecture(tab: Tab, fold: Fold) -> str:
    """The address of what the lecture says in a fold, a piece of HTML."""
    return f"lecture/{tab.name}/{fold.name}.html"
