#!/usr/bin/env bash
# setup.sh WHAT... sees to it that what the build and the tests call is on this machine.
# WHAT is any of: go, c (a C compiler, for -race), make, curl, jq, postgres, redis, spamassassin, node, chromium.
# As root on Debian or Ubuntu it installs what is missing, so that no service starts, now or at
# boot; anywhere else it says in one line what to install, and fails.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/lib.sh

# has_c: not only a compiler but also the C library's headers, which a bare `apt-get install gcc` leaves out.
has_c() { echo '#include <stdlib.h>' | ${CC:-gcc} -E - >/dev/null 2>&1; }

# has_node: a Node that esbuild and PurgeCSS run on, with its npm.
has_node() { command -v npm >/dev/null 2>&1 && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' 2>/dev/null; }

has() {
	case $1 in
	c) has_c ;;
	postgres) pg_bin >/dev/null ;;
	redis) redis_bin >/dev/null ;;
	node) has_node ;;
	chromium) browser_bin >/dev/null ;;
	certificates) [ -n "${SSL_CERT_FILE:-}" ] || [ -s /etc/ssl/certs/ca-certificates.crt ] ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

# is_ubuntu: its chromium is a snap, which no apt-get brings.
is_ubuntu() { grep -qsi '^ID=ubuntu' /etc/os-release; }

packages() {
	case $1 in
	c) echo "gcc libc6-dev" ;;
	postgres) echo postgresql ;;
	redis) echo redis-server ;;
	node) echo "nodejs npm" ;;
	chromium) is_ubuntu || echo "chromium fonts-liberation" ;;
	certificates) echo ca-certificates ;;
	*) echo "$1" ;;
	esac
}

# given: the caller has a server of his own, so ours would only serve the tests that stop and start one.
given() {
	case $1 in
	postgres) [ -n "${TEST_DATABASE_URL:-}" ] ;;
	redis) [ -n "${TEST_REDIS_URL:-}" ] ;;
	*) return 1 ;;
	esac
}

missing_of() {
	local what out=""
	for what in "$@"; do has "$what" || out="$out $what"; done
	echo $out
}

packages_of() {
	local what out=""
	for what in "$@"; do out="$out $(packages "$what")"; done
	echo $out
}

policy=/usr/sbin/policy-rc.d
saved=$policy.before-flywheel

restore_policy() {
	if [ -e "$saved" ] || [ -L "$saved" ]; then mv -f "$saved" "$policy"; else rm -f "$policy"; fi
}

# install PACKAGE...: policy-rc.d with exit code 101 forbids every service start while we install;
# create_main_cluster=false, written before PostgreSQL arrives, keeps it from making a database of its own.
install() {
	local conf=/etc/postgresql-common/createcluster.conf
	exec 9>/run/flywheel-setup.lock
	if command -v flock >/dev/null 2>&1; then flock 9; fi # two of us at once would save each other's policy
	if [ -e "$saved" ]; then restore_policy; fi           # one of us was killed before
	log=$(mktemp) # not local: the trap needs it after the function has ended
	trap 'restore_policy; rm -f "$log"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	if [ -e "$policy" ] || [ -L "$policy" ]; then mv -f "$policy" "$saved"; fi
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	case " $* " in
	*" postgresql "*)
		mkdir -p "$(dirname "$conf")"
		if ! grep -qs '^create_main_cluster *= *false' "$conf"; then
			echo "create_main_cluster = false" >>"$conf"
		fi
		;;
	esac

	note "installing $*"
	export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1
	# An update that fails (one dead source among several) is not the end: the install decides.
	apt-get update >"$log" 2>&1 </dev/null || true
	if ! apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600 \
		-o Dpkg::Options::=--force-confold "$@" >>"$log" 2>&1 </dev/null 9>&-; then
		tail -n 15 "$log" >&2
	fi
	case " $* " in
	*" redis-server "*) update-rc.d redis-server disable >/dev/null 2>&1 || true ;;
	esac
}

case " $* " in *" go "*) need_go ;; esac # Debian's own Go is too old for us, so this one is never installed

if is_root && command -v apt-get >/dev/null 2>&1 && [ -e /etc/debian_version ]; then
	missing=$(packages_of $(missing_of "$@" certificates)) # without certificates Go cannot fetch a module
	[ -z "${missing// /}" ] || (install $missing)
fi

short=""
for what in $(missing_of "$@"); do
	if given "$what"; then
		note "no $what server programs here: the tests that stop and start one of their own will fail"
	else
		short="$short $what"
	fi
done
case "$short " in *" chromium "*) if is_ubuntu; then note "Ubuntu has Chromium as a snap only: install Google Chrome, or say in CHROMIUM where a browser is"; fi ;; esac
[ -z "$short" ] || die "missing:$short - install it (Debian, Ubuntu, as root: apt-get install $(packages_of $short)) and try again"
