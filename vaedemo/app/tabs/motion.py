"""Tab Motion: one still, many futures; why one answer is none of them; what z holds that the picture lacks."""

from __future__ import annotations

import gradio as gr

from vaedemo.app.tabs import folds
from vaedemo.app.tabs.folds import Section
from vaedemo.app.widgets import widget

HERO = """
<p class="vd-lead">One still. What happens in the next 0.6 seconds? <b>Press play.</b></p>
<div data-part="motion"><figure class="vd-figure vd-moves-first"><img src="live/page/motion/fork-3.png" width="512" height="512"
  alt="A still, drawn: a car before a fork of three ways"></figure></div>
<p class="vd-trouble" role="status"></p>
"""

SECTIONS = (
    Section(
        "modes",
        "How many futures are there, and where is it unsure?",
        "Two hundred draws fall into a few groups. Bright: the draws end in different places there.",
        "",
    ),
    Section(
        "arrow",
        "One hint",
        "Drag an arrow from the car, or from a hand. Futures that contradict it fade, and the rest of the picture follows.",
        "",
    ),
    Section(
        "morph",
        "From one future to another",
        "Two of the futures, and the straight line between their z. Pull: the motion changes under your hand.",
        "",
    ),
    Section(
        "transfer",
        "z holds what the picture lacks",
        "Take the z of one clip, and play it on another still: the motion comes along, the picture does not.",
        "",
    ),
    Section(
        "onefuture",
        "The regressor says",
        "One answer that is least wrong on average: the mean of all futures, which is no future.",
        "",
    ),
    Section(
        "howgood",
        "How good is it?",
        "The nearest of K futures against the truth, for every method; and how likely each holds what really happened.",
        "",
    ),
)


def build() -> None:
    """A still and its futures, then a fold for each idea."""
    gr.HTML(HERO, js_on_load=widget("motion", "hero"))
    folds.build(SECTIONS)
