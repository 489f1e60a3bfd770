"""The folds of a tab: one gesture each, in the order a teacher would open them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr

from vaedemo.app.widgets import widget

LATEX = [{"left": "$$", "right": "$$", "display": True}, {"left": "$", "right": "$", "display": False}]


@dataclass(frozen=True)
class Section:
    """A fold of a tab: its folds/NAME.mjs mounts the gesture, `lecture` is Markdown with KaTeX."""

    name: str
    title: str
    sentence: str
    lecture: str


def build(tab: str, sections: Sequence[Section]) -> None:
    """A fold for each section, and in it what the lecture says."""
    for section in sections:
        with gr.Accordion(section.title, open=False, elem_id=f"fold-{tab}-{section.name}"):
            gr.HTML(
                f'<p class="vd-lead">{section.sentence}</p><div class="vd-section"></div>',
                js_on_load=widget(f"app/tabs/{tab}/folds/{section.name}.mjs", "mount"),
            )
            with gr.Accordion("What the lecture says", open=False, elem_classes="vd-lecture"):
                gr.Markdown(section.lecture, latex_delimiters=LATEX)
