#!/usr/bin/env bash
# install.sh WHAT STAMP
# Installs WHAT ("." or ".[site,train,dev]") into .venv and touches STAMP last. A call that is killed leaves
# .venv/unfinished, and packages may be half there, so the next one starts from an empty .venv (pip's cache spares it the
# downloads).
set -euo pipefail
what=$1 stamp=$2

say() { printf '%s\n' "$@" >&2; }

make_venv() {
    if ! command -v "$PYTHON" >/dev/null; then
        say "No '$PYTHON' here. Install Python 3.10 or newer, or name one: make demo PYTHON=/path/to/python3"
        exit 1
    fi
    if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
        say "'$PYTHON' is $("$PYTHON" --version 2>&1); Python 3.10 or newer is needed." \
            "Name another one: make demo PYTHON=/path/to/python3"
        exit 1
    fi
    if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        say "'$PYTHON' cannot make virtual environments. On Debian and Ubuntu: sudo apt-get install python3-venv"
        exit 1
    fi
    "$PYTHON" -m venv --clear .venv
}

if [ -e .venv/unfinished ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    make_venv
fi
touch .venv/unfinished
rm -f "$stamp"

if [ -z "${TORCH_INDEX:-}" ] && [ "$(uname)" = Linux ] && ! compgen -G '.venv/lib/*/site-packages/torch' >/dev/null; then
    say "Installing into .venv. torch's default Linux build is several GB to download, for NVIDIA GPUs." \
        "The small CPU build is enough for the demo:  TORCH_INDEX=https://download.pytorch.org/whl/cpu make demo"
fi
# An extra index, for that one may hold torch alone: of one version, pip prefers its local build (2.13.0+cpu).
status=0
.venv/bin/python -m pip install --constraint constraints.txt ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} \
    --editable "$what" || status=$?
rm .venv/unfinished  # what pip itself gives up on, it leaves in order
[ "$status" = 0 ] && touch "$stamp"
exit "$status"
