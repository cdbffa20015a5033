#!/bin/sh
# Makes node_modules with what package-lock.json locks: esbuild and the packages of handlers in TypeScript.
# Does nothing, in milliseconds, when it is there. Without Node.js, or where npm can't install, all that is
# Python works all the same; a backend in TypeScript then says what it misses.
set -eu
cd "$(dirname "$0")/.."

stamp=node_modules/.complete
wanted="$(cksum package.json package-lock.json .npmrc tools/setup_npm.sh)"

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit 0
fi
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    exit 0
fi
echo "Installing what package-lock.json locks" >&2
# npm's own retries wait minutes for a network that isn't there.
if npm ci --no-progress --loglevel=error --fetch-retries=1 --fetch-retry-mintimeout=1000 >&2; then
    printf '%s\n' "$wanted" >"$stamp"
else
    echo "Handlers in TypeScript can't be built before this works: npm ci" >&2
fi
