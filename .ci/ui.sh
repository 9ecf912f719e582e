#!/usr/bin/env bash
# ui.sh builds what the merchants' pages look and act by: npm packages by the lock file, once for
# each lock file, then server/ui/dist. npm runs no package's own scripts.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/lib.sh

mark=node_modules/.flywheel-lock
if ! cmp -s package-lock.json "$mark"; then
	note "fetching npm packages"
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null
	cp package-lock.json "$mark"
fi
node server/ui/build.mjs
