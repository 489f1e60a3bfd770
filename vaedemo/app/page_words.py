"""What the page says around its tabs, and how its Markdown marks formulas."""

TITLE = "Latent spaces, by hand"

LATEX = [{"left": "$$", "right": "$$", "display": True}, {"left": "$", "right": "$", "display": False}]
"""What Gradio's Markdown hands to KaTeX."""

HEADER = f"""
<header class="vd-header">
  <h1>{TITLE}</h1>
  <nav>
    <button type="button" class="vd-quiet" data-act="tour">Guided tour</button>
    <button type="button" class="vd-quiet" data-act="copy" aria-live="polite">Copy link</button>
  </nav>
  <p class="vd-note" role="status" data-part="ignored"></p>
</header>
"""
