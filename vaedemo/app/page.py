"""The Gradio page: a tab for each idea of the lecture, in its order."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio import themes
from gradio.block_function import BlockFunction

from vaedemo.app.page_words import HEADER, LATEX, TITLE
from vaedemo.app.server import endpoints
from vaedemo.app.tab import Fold, Tab
from vaedemo.app.tabs import tabs
from vaedemo.app.widgets import widget


def blocks() -> gr.Blocks:
    """The page, and the named endpoints beside it."""
    settings = {"analytics_enabled": False, "fill_width": True, "delete_cache": (3600, 3600)}  # uploads: an hour
    with Page(title=TITLE, **settings) as demo:
        gr.HTML(HEADER, js_on_load=widget("web/page/header.mjs"))
        with gr.Tabs(elem_id="tabs"):
            for tab in tabs():
                with gr.Tab(tab.title, id=tab.name, elem_id=f"tab-{tab.name}"):
                    _tab(tab)
        endpoints.register()
    return demo


class Page(gr.Blocks):
    """Gradio's blocks, but a caller who leaves an argument out is told so, without a traceback in the server's log."""

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        try:
            super().validate_inputs(block_fn, inputs)
        except ValueError as error:
            wanted = len(block_fn.inputs)
            raise gr.Error(
                f"{wanted} arguments are wanted, not {len(inputs)}; the page's foot shows them.", print_exception=False
            ) from error


def _tab(tab: Tab) -> None:
    """What the tab opens with, then its folds."""
    gr.HTML(
        f'<p class="vd-lead">{tab.lead}</p><div data-mount>{tab.first}</div>',
        js_on_load=widget(f"app/tabs/{tab.name}/hero.mjs", tab.name),
    )
    for fold in tab.folds:
        with gr.Accordion(fold.title, open=False, elem_id=f"fold-{tab.name}-{fold.name}"):
            _fold(tab, fold)


def _fold(tab: Tab, fold: Fold) -> None:
    """The gesture, what stands beside it, and what the lecture says."""
    if fold.lines:
        with gr.Row():
            with gr.Column(scale=5, min_width=280):
                _gesture(tab, fold)
            with gr.Column(scale=6, min_width=280, elem_classes="vd-lines"):
                for line in fold.lines:
                    gr.Markdown(line, latex_delimiters=LATEX, elem_classes="vd-line")
    else:
        _gesture(tab, fold)
    if fold.lecture:
        with gr.Accordion("What the lecture says", open=False, elem_classes="vd-lecture"):
            gr.Markdown(fold.lecture, latex_delimiters=LATEX)


def _gesture(tab: Tab, fold: Fold) -> None:
    gr.HTML(
        f'<p class="vd-lead">{fold.sentence}</p><div class="vd-section" data-mount></div>',
        js_on_load=widget(f"app/tabs/{tab.name}/folds/{fold.name}.mjs", tab.name, fold.name),
    )


def theme() -> themes.Base:
    """Gradio's own look with local fonts (a GoogleFont would call out) and the one accent color."""
    fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
    return themes.Default(
        primary_hue=themes.colors.orange,
        neutral_hue=themes.colors.stone,
        font=fonts,
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    )
