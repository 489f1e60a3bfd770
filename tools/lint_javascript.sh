#!/usr/bin/env bash
# Checks the JavaScript and CSS: eslint, prettier, tsc and the tests of the modules that need no page. Installs what that
# needs into node_modules, once for each package-lock.json. Where npm's registry cannot be reached, says so and passes.
set -euo pipefail

skip() {
    local stars='***************************************************************************'
    printf '\n%s\n' "$stars" >&2
    printf '*  %-71s*\n' 'THE JAVASCRIPT WAS NOT CHECKED.' "$1" >&2
    printf '%s\n\n' "$stars" >&2
    exit 0
}

node=$(tools/node.sh) || skip 'No Node.js: install one of version 20.19 or newer, with npm.'
export PATH="$node:$PWD/node_modules/.bin:$PATH"

stamp=.venv/node_modules.stamp
wanted=$(cksum package.json package-lock.json)
if [ ! -d node_modules/.bin ] || [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    rm -f "$stamp"
    npm ci --fetch-retries=1 --fetch-timeout=20000 ||
        skip "npm ci failed, see above; with npm's registry in reach, run make lint."
    echo "$wanted" >"$stamp"
fi

# All are run, so that one sees all findings.
status=0
eslint . || status=1
prettier --check --log-level warn vaedemo tests eslint.config.mjs || status=1
for project in . vaedemo/web tests/web; do tsc -p "$project/jsconfig.json" || status=1; done
node --test --test-reporter=dot tests/web/*.test.mjs || status=1
exit "$status"
