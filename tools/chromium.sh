#!/usr/bin/env bash
# Prints the path of a Chromium for the browser tests: one on the system; else Debian's, installed if this is root;
# else Playwright's own. Prints nothing, and says so loudly, where none can be had.
set -uo pipefail
memo=.venv/chromium  # where Playwright put its own; empty: all was tried in vain

on_path() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        # Ubuntu's chromium-browser may be a stub that only talks of snap.
        command -v "$name" >/dev/null && "$name" --version >/dev/null 2>&1 && command -v "$name" && return
    done
    return 1
}

from_debian() {
    [ "$(id -u)" = 0 ] && grep -qs '^ID=debian' /etc/os-release || return 1
    echo "No Chromium found: installing Debian's" >&2
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } >&2 && on_path
}

from_playwright() {
    echo "No Chromium found: downloading Playwright's" >&2
    .venv/bin/playwright install chromium >&2 || return 1
    local path
    path=$(.venv/bin/python -c 'from playwright.sync_api import sync_playwright as start
with start() as playwright: print(playwright.chromium.executable_path)')
    "$path" --version >/dev/null || return 1  # system libraries may be missing
    echo "$path" | tee "$memo"
}

on_path && exit
if [ ! -e "$memo" ]; then
    from_debian && exit
    from_playwright && exit
    : >"$memo"
fi
[ -s "$memo" ] && exec cat "$memo"
cat >&2 <<'END'

***************************************************************************
*  NO CHROMIUM: THE BROWSER TESTS ARE SKIPPED.                            *
*  Install one, or  rm .venv/chromium  to let make test try again.        *
***************************************************************************

END
