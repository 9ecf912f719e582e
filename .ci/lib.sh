# lib.sh is read by the other scripts here: messages, and where things are found.
# No script of this folder asks a question or reads its standard input.

die() { echo "flywheel: $*" >&2; exit 1; }
note() { echo "flywheel: $*" >&2; }

# Go's own place, for shells (sudo, CI) whose PATH lacks it; a home, because Go's caches want one.
case ":$PATH:" in *:/usr/local/go/bin:*) ;; *) PATH=$PATH:/usr/local/go/bin ;; esac
if [ -z "${HOME:-}" ]; then HOME=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6); fi
[ -n "$HOME" ] && [ -d "$HOME" ] || HOME=${TMPDIR:-/tmp}
export PATH HOME

need_go() {
	command -v go >/dev/null 2>&1 || die "Go is missing: install Go 1.26 or newer (https://go.dev/dl/) and put its bin folder on PATH"
}

is_root() { [ "$(id -u)" = 0 ]; }

# pg_bin prints the folder of the newest PostgreSQL that has its server programs, or fails. It
# never asks PATH: what is there is a client, or a wrapper that picks a cluster of its own.
pg_bin() {
	local d
	if [ -n "${TEST_PG_BIN:-}" ]; then echo "$TEST_PG_BIN"; return; fi
	for d in $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin 2>/dev/null | sort -rV) \
		"$(pg_config --bindir 2>/dev/null)"; do
		if [ -x "$d/initdb" ] && [ -x "$d/postgres" ] && [ -x "$d/pg_ctl" ]; then echo "$d"; return; fi
	done
	return 1
}

# pg_user prints the user that PostgreSQL runs as when we are root (initdb refuses root), or nothing.
pg_user() {
	is_root || return 0
	if [ -n "${TEST_PG_USER:-}" ]; then echo "$TEST_PG_USER"; return; fi
	if id -u postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

# browser_bin prints the path of a Chromium, or fails. One that does not start (Ubuntu's, which only
# says that it is a snap) is none.
browser_bin() {
	local name
	for name in ${CHROMIUM:-chromium chromium-browser google-chrome}; do
		if "$name" --version >/dev/null 2>&1 </dev/null; then command -v "$name"; return; fi
	done
	return 1
}

redis_bin() {
	if [ -n "${TEST_REDIS_SERVER:-}" ]; then echo "$TEST_REDIS_SERVER"; return; fi
	command -v redis-server
}
