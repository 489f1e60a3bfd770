"""Python in a process of somebody whom this machine does not know: a user id without a passwd entry, and no HOME."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UID = 61_234
NAMES = {"HOME", "USER", "LOGNAME", "LNAME", "USERNAME", "GRADIO_TEMP_DIR"}


def command(*words: str) -> list[str]:
    """`python WORDS` as that user; skips the test where no way is open to become one."""
    prefix = _prefix()
    if prefix is None:
        pytest.skip("this process may not become another user")
    return [*prefix, sys.executable, "-B", *words]


def environment(**more: str) -> dict[str, str]:
    """What that user's process sees: the code, this machine's settings, and nobody's name."""
    kept = {name: value for name, value in os.environ.items() if name not in NAMES and not name.startswith("VAEDEMO_")}
    return {**kept, "PYTHONPATH": str(ROOT), "HF_ENDPOINT": "http://127.0.0.1:1", **more}


@cache
def _prefix() -> list[str] | None:
    # In a namespace the files stay one's own, wherever Python lies; the other way needs a Python that all may read.
    ways = {
        "unshare": ["unshare", "--user", f"--map-user={UID}", f"--map-group={UID}"],
        "setpriv": ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"],
    }
    check = f"import os, sys, torch; sys.exit(os.getuid() != {UID} or os.path.expanduser('~') != '~')"
    for program, prefix in ways.items():
        found = shutil.which(program)
        if (
            found
            and not subprocess.run(
                [*prefix, sys.executable, "-c", check], env=environment(), cwd=ROOT, capture_output=True
            ).returncode
        ):
            return prefix
    return None
