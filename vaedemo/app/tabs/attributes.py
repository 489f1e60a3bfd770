"""Tab Attributes: what a model is told beside z, and what is left for z then."""

from __future__ import annotations

import gradio as gr

from vaedemo.app.tabs import folds
from vaedemo.app.tabs.folds import Section
from vaedemo.app.widgets import widget

HERO = """
<p class="vd-lead">The same z, another label. <b>Turn.</b></p>
<div data-part="turn"></div>
<p class="vd-trouble" role="status"></p>
"""

SECTIONS: tuple[Section, ...] = ()


def build() -> None:
    """The label dial on the live map, then a fold for each idea."""
    gr.HTML(HERO, js_on_load=widget("turn", "hero"))
    folds.build(SECTIONS)
