"""Starts the page: `python app.py [--port N]`. It is also what a Hugging Face Space runs."""

from __future__ import annotations

import os
import sys

from vaedemo.__main__ import app

if __name__ == "__main__":
    on_a_space = ["--host", "0.0.0.0"] if "SPACE_ID" in os.environ else []
    app(["demo", *on_a_space, *sys.argv[1:]])
