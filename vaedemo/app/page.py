"""The Gradio page: a tab for each idea of the lecture, in its order."""

from __future__ import annotations

import gradio as gr
from gradio import themes

from vaedemo.app.server import endpoints
from vaedemo.app.tabs.attributes import tab as attributes
from vaedemo.app.tabs.colorization import tab as colorization
from vaedemo.app.tabs.motion import tab as motion
from vaedemo.app.tabs.sample import tab as sample
from vaedemo.app.tabs.sliders import tab as sliders
from vaedemo.app.tabs.whyq import tab as whyq
from vaedemo.app.widgets import widget

TABS = (
    ("Sample", "sample", sample.build),
    ("Why Q", "whyq", whyq.build),
    ("Sliders", "sliders", sliders.build),
    ("Attributes", "attributes", attributes.build),
    ("Colorization", "colorization", colorization.build),
    ("Motion", "motion", motion.build),
)


def blocks() -> gr.Blocks:
    """The page, and the named endpoints beside it."""
    settings = {"analytics_enabled": False, "fill_width": True, "delete_cache": (3600, 3600)}  # uploads: an hour
    with gr.Blocks(title="Latent spaces, by hand", **settings) as demo:
        gr.HTML(_HEADER, js_on_load=widget("web/page/tour.mjs", "header"))
        with gr.Tabs(elem_id="tabs"):
            for title, name, build in TABS:
                with gr.Tab(title, id=name, elem_id=f"tab-{name}"):
                    build()
        endpoints.register()
    return demo


def theme() -> themes.Base:
    """Gradio's own look with local fonts (a GoogleFont would call out) and the one accent color."""
    fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
    return themes.Default(
        primary_hue=themes.colors.orange,
        neutral_hue=themes.colors.stone,
        font=fonts,
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    )


_HEADER = """
<header class="vd-header">
  <h1>Latent spaces, by hand</h1>
  <nav>
    <button type="button" class="vd-quiet" data-act="tour">Guided tour</button>
    <button type="button" class="vd-quiet" data-act="copy" aria-live="polite">Copy link</button>
  </nav>
  <p class="vd-note" role="status" data-part="ignored"></p>
</header>
"""
