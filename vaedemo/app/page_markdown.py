"""Formulas in the page's Markdown."""

LATEX = [{"left": "$$", "right": "$$", "display": True}, {"left": "$", "right": "$", "display": False}]
"""What Gradio's Markdown hands to KaTeX."""
