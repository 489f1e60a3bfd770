#!/usr/bin/env bash
# tools/matrix.sh [PYTHON...]          e.g. tools/matrix.sh 3.10 3.13; without any: 3.10 to 3.14
#
# Runs the quick tests with the newest packages that pyproject.toml allows, and with the least, under each Python that is
# here; a line each says what came of it. uv makes the environments where it is there, and fetches Pythons that are not;
# else python3.X -m venv does. They stay in build/matrix/, so that a second run is quick.
#
# TORCH_INDEX=URL      take torch and torchvision from this index, too: the default Linux build is several GB
# TESTS="FILE..."      other tests than the quick ones
set -uo pipefail
cd "$(dirname "$0")/.."

TESTS=${TESTS:-tests/unit/test_imports.py tests/unit/test_models.py tests/unit/test_command_line.py
    tests/unit/test_image_tower.py tests/app/test_api.py tests/app/test_tabs.py tests/app/test_limits.py}
places=build/matrix
mkdir -p "$places"

wanted() { sed -n '/^dependencies = \[/,/^\]/s/^ *"\(.*\)",$/\1/p' pyproject.toml; }
wanted >"$places/newest.txt"
# gradio itself says which client belongs to it.
wanted | sed '/^gradio-client/d; s/>=\([0-9.]*\).*/==\1/' >"$places/least.txt"

make_venv() { # PYTHON PLACE
    if command -v uv >/dev/null; then
        uv venv --quiet --allow-existing --python "$1" "$2"
    elif command -v "python$1" >/dev/null && "python$1" --version >/dev/null 2>&1; then
        [ -x "$2/bin/python" ] || "python$1" -m venv "$2"
    else
        return 1
    fi
}

install() { # PLACE REQUIREMENTS; wheels alone: nobody waits an hour for a compiler
    local options=(--only-binary :all: ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -r "$2" pytest playwright)
    if command -v uv >/dev/null; then
        uv pip install --quiet --python "$1/bin/python" --index-strategy unsafe-best-match "${options[@]}"
    else
        "$1/bin/python" -m pip install --quiet "${options[@]}"
    fi
}

try() { # PYTHON KIND: prints a line; fails where tests do
    local place="$places/$1-$2" log="$places/$1-$2.log" versions outcome
    if ! make_venv "$1" "$place" >"$log" 2>&1; then
        printf '%-5s %-7s %s\n' "$1" "$2" 'this Python is not here'
        return 0
    fi
    if ! install "$place" "$places/$2.txt" >>"$log" 2>&1; then
        printf '%-5s %-7s %s\n' "$1" "$2" "there are no such packages for this Python, or they cannot be had: $log"
        return 0
    fi
    versions=$("$place/bin/python" -c 'from importlib.metadata import version as v
print(*(f"{name} {v(name)}" for name in ("gradio", "torch", "numpy")), sep=", ")')
    # shellcheck disable=SC2086
    PYTHONPATH=. "$place/bin/python" -m pytest -q -p no:cacheprovider $TESTS >>"$log" 2>&1
    outcome=$?
    printf '%-5s %-7s %-45s %s\n' "$1" "$2" "$versions" "$(tail -n 1 "$log")"
    return "$outcome"
}

status=0
for python in "${@:-3.10 3.11 3.12 3.13 3.14}"; do
    for one in $python; do
        for kind in newest least; do try "$one" "$kind" || status=1; done
    done
done
exit "$status"
