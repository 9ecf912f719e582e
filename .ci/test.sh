#!/usr/bin/env bash
# test.sh [lint] checks the format, vets, lints and (without "lint") runs the tests. A phase that
# fails does not stop the next, so one run shows everything. Run it through `make test`, which
# gives it the servers.
#   PKG   packages to test, ./... if empty       ARGS  more for go test, such as -run TestX -v
set -uo pipefail
cd "$(dirname "$0")/.."
. .ci/lib.sh
need_go

mode=${1:-test}
pkg=${PKG:-./...}
SECONDS=0
failed=""

# phase NAME COMMAND...
phase() {
	local name=$1 from=$SECONDS
	shift
	if "$@"; then
		echo "$name: ok ($((SECONDS - from))s)"
	else
		echo "$name: FAILED ($((SECONDS - from))s)"
		failed="$failed, $name"
	fi
}

format() {
	local files
	files=$(go tool -modfile=tools/go.mod gofumpt -l .) || return 1
	[ -z "$files" ] && return
	echo "not formatted (make fmt):"
	echo "$files"
	return 1
}

# The race detector watches everything but SQLite, which is C turned into Go, with its libc and its
# allocator. Their memory is not Go's, so the detector looks at each access and says nothing of any;
# it took five times as long as all the rest. The driver around them is watched.
# Programs that tests build find this in their environment, and so the same compiled packages.
for part in modernc.org/sqlite/lib modernc.org/libc modernc.org/memory; do GOFLAGS="${GOFLAGS:-} -gcflags=$part=-race=false"; done
export GOFLAGS

# vet and staticcheck look at the -race build as well: so each dependency is compiled once, not
# twice (from an empty cache on 2 cores 173 s instead of 308 s before the first test runs).
vet() { go vet -race $pkg; }

lint() {
	local staticcheck # its path, because GOFLAGS is for the packages, not for the tool's own build
	staticcheck=$(go tool -n -modfile=tools/go.mod staticcheck) || return 1
	GOFLAGS="$GOFLAGS -race" "$staticcheck" $pkg
}

# Many tests wait for a database or a timer: eight at a time in each package even on 2 cores, and
# as many packages as there are processors: with one more, stories that wait for each other's
# processes only took longer. Those that take longest begin first.
# -count=1: a result from the cache says nothing about the servers of today.
# GOGC: as the program itself sets it; most of what a test makes is soon of no use.
tests() {
	local processors at_once first=""
	processors=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
	at_once=$processors
	[ "$at_once" -ge 8 ] || at_once=8
	local all=$pkg
	if [ "$pkg" = ./... ]; then
		first="./apptest ./jobs ./demo ./apptest/faults ./store ./server"
		all=$(go list ./... | grep -vx flywheel/e2e)
	fi
	GOGC=${GOGC:-300} go test -race -count=1 -vet=off -timeout 60m -p $processors -parallel "$at_once" ${ARGS:-} $first $all
}

# What a browser feels is measured while nothing else runs: it is judged by milliseconds.
browser() { GOGC=${GOGC:-300} go test -race -count=1 -vet=off -timeout 60m ${ARGS:-} ./e2e; }

# skips: no test is skipped silently. go test does not print skips, so say where one could be.
skips() {
	local places
	places=$(grep -rnE --include='*.go' --exclude-dir=node_modules '\b[tbf]\.Skip(f|Now)?\(' . | sed 's/^\.\///')
	[ -z "$places" ] && return
	echo "tests that can skip themselves:"
	echo "$places"
}

export CGO_ENABLED=1 # -race needs it, and Go turns it off by itself where it finds no compiler
cold=$(go list -race -test -deps -f '{{if .Stale}}{{.StaleReason}}{{end}}' $pkg 2>/dev/null | grep -c -v 'available in build cache')
[ "$cold" -gt 40 ] && cache="cold build cache ($cold packages to compile)" || cache="warm build cache"

# First, because the assets are part of the packages that all the rest compiles.
if [ "$mode" = test ]; then phase "pages' assets" bash .ci/ui.sh; fi
phase format format
phase vet vet
phase staticcheck lint
if [ "$mode" = test ]; then
	phase "go test" tests
	if [ "$pkg" = ./... ]; then phase "browser" browser; fi
	skips
fi
echo "${mode/test/tests} took ${SECONDS}s; $cache"
[ -z "$failed" ] || die "failed: ${failed#, }"
