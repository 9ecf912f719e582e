#!/usr/bin/env bash
# with-services.sh [--durable] COMMAND... runs COMMAND beside a PostgreSQL and a Redis that live
# only as long as it does: free ports on loopback, data in one temporary folder. It exports
#   TEST_DATABASE_URL  postgres://...        TEST_REDIS_URL     redis://...
#   TEST_PG_BIN        initdb, postgres, pg_ctl, for tests that run a server of their own
#   TEST_PG_USER       the user such a server must run as (empty: the caller is not root)
#   TEST_REDIS_SERVER  path of redis-server
#   TEST_SCRATCH       a folder where every user may make folders (t.TempDir lets only its owner in);
#                      it is TMPDIR too, so all that the tests leave is removed at the end
# A URL that the caller has set is used as it is, and nothing is started in its place.
# At the end, be it a failure or Ctrl-C, everything started here is stopped and removed: the
# servers by their pids, and whatever COMMAND left running, known by the mark in its environment
# or (servers overwrite theirs) by a working folder inside TEST_SCRATCH.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

# Tests want speed and no data of theirs outlives them, so by default nothing is flushed to disk.
# A benchmark of durable writes says --durable.
durable="" durability="-c fsync=off -c full_page_writes=off -c max_wal_size=256MB"
if [ "${1:-}" = --durable ]; then durable=yes durability="-c fsync=on"; shift; fi
[ $# -gt 0 ] || die "usage: with-services.sh [--durable] COMMAND..."

dir="" built="" user="" pg_pid="" redis_pid="" command_pid=""

alive() { [ -n "$1" ] && kill -0 "$1" 2>/dev/null; }

# gone PID SECONDS: waits for the end of a process; false if it still runs.
gone() {
	local n=$(($2 * 10))
	while alive "$1"; do
		[ "$n" -gt 0 ] || return 1
		n=$((n - 1))
		sleep 0.1
	done
}

# strays prints the pids of what COMMAND started and left behind.
strays() {
	local p pid
	for p in /proc/[0-9]*; do
		pid=${p#/proc/}
		case " $$ $pg_pid $redis_pid " in *" $pid "*) continue ;; esac
		case "$(readlink "$p/cwd" 2>/dev/null)/" in "$dir/scratch"/*) echo "$pid"; continue ;; esac
		if grep -qzsxF "FLYWHEEL_RUN=$dir" "$p/environ" 2>/dev/null; then echo "$pid"; fi
	done
}

cleanup() {
	local status=$? pid
	trap '' INT TERM HUP
	trap - EXIT
	if [ -n "$command_pid" ] && kill -TERM -- "-$command_pid" 2>/dev/null; then
		gone "-$command_pid" 5 || kill -KILL -- "-$command_pid" 2>/dev/null
	fi
	if [ -n "$dir" ]; then
		for pid in $(strays); do kill -TERM "$pid" 2>/dev/null; done
		for pid in $(strays); do gone "$pid" 3 || kill -KILL "$pid" 2>/dev/null; done
	fi
	if alive "$pg_pid"; then # INT is PostgreSQL's fast shutdown, QUIT the one that cannot hang
		kill -INT "$pg_pid"
		gone "$pg_pid" 10 || { kill -QUIT "$pg_pid"; gone "$pg_pid" 5 || kill -KILL "$pg_pid"; }
	fi
	if alive "$redis_pid"; then
		kill -TERM "$redis_pid"
		gone "$redis_pid" 5 || kill -KILL "$redis_pid"
	fi
	wait 2>/dev/null
	[ -z "$dir" ] || rm -rf "$dir" $built
	exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# in_memory: /dev/shm is there, programs may be run from it, and it and the machine have room to
# spare (a tests' run keeps some 2 GB of files, the programs under test use 4 GB beside them).
in_memory() {
	local probe free=0
	[ "$(uname)" = Linux ] && [ -z "${TMPDIR:-}" ] || return 1
	free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
	[ "${free:-0}" -gt 4000000 ] && awk '$1 == "MemAvailable:" && $2 > 10000000 { enough = 1 } END { exit !enough }' /proc/meminfo || return 1
	probe=$(mktemp /dev/shm/flywheel.XXXXXX 2>/dev/null) || return 1
	printf '#!/bin/sh\n' >"$probe" && chmod 700 "$probe" && "$probe" 2>/dev/null
	set -- $?
	rm -f "$probe"
	return "$1"
}

# make_dir: the tests' files are in memory if they can be, since SQLite waits for the disk at each
# commit whatever we say. PostgreSQL's socket path has to stay below 108 bytes and its user has to
# get in, so a long or private TMPDIR is not used.
make_dir() {
	local base=${TMPDIR:-/tmp}
	if [ -z "$durable" ] && in_memory; then base=/dev/shm; fi
	if [ ${#base} -gt 40 ] || { [ -n "$user" ] && ! setpriv --reuid="$(id -u "$user")" --clear-groups test -x "$base" 2>/dev/null; }; then
		base=/tmp
	fi
	dir=$(mktemp -d "$base/flywheel.XXXXXX") || die "no temporary folder in $base"
	dir=$(cd "$dir" && pwd -P)
	chmod 711 "$dir"
	if [ "$base" = /dev/shm ] && [ -z "${GOTMPDIR:-}" ]; then # what Go builds is too large for there
		built=$(mktemp -d /tmp/flywheel-go.XXXXXX) || die "no temporary folder in /tmp"
		export GOTMPDIR=$built
	fi
	mkdir -m 1777 "$dir/scratch"
	chmod 1777 "$dir/scratch"
	mkdir -m 700 "$dir/pg" "$dir/redis"
	[ -z "$user" ] || chown "$user" "$dir/pg"
}

# free_port sets port to one that nobody answers on, below the range that outgoing connections use.
free_port() {
	while :; do
		port=$((20000 + RANDOM % 12000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 0
	done
}

# daemon USER FOLDER COMMAND...: starts a server in a session of its own (a Ctrl-C must not reach
# it before the tests have ended) and has the kernel stop it if this script is killed outright.
# Sets daemon_pid.
daemon() {
	local as="" folder=$2
	if command -v setpriv >/dev/null 2>&1; then
		as="setpriv --pdeathsig INT"
		[ -z "$1" ] || as="$as --reuid=$(id -u "$1") --regid=$(id -g "$1") --clear-groups"
	elif [ -n "$1" ]; then
		die "setpriv is missing (package util-linux): root needs it to run PostgreSQL as $1"
	fi
	shift 2
	if command -v setsid >/dev/null 2>&1; then as="setsid $as"; fi
	(cd "$folder" && exec $as "$@") >>"$folder/log" 2>&1 </dev/null &
	daemon_pid=$!
}

# once USER FOLDER COMMAND...: the same, but waits for its end.
once() {
	local as="" folder=$2
	[ -z "$1" ] || as="setpriv --reuid=$(id -u "$1") --regid=$(id -g "$1") --clear-groups"
	shift 2
	(cd "$folder" && exec $as "$@") >>"$folder/log" 2>&1 </dev/null
}

# up NAME FOLDER TEST...: waits until TEST holds. 1 = the port was taken meanwhile, try another.
up() {
	local name=$1 folder=$2 n=600
	shift 2
	until "$@" >/dev/null 2>&1; do
		if ! alive "$daemon_pid"; then
			wait "$daemon_pid" 2>/dev/null
			if grep -qi "in use" "$folder/log"; then return 1; fi
			n=0
		fi
		if [ "$n" -eq 0 ]; then tail -n 15 "$folder/log" >&2; die "$name did not start"; fi
		n=$((n - 1))
		sleep 0.1
	done
}

postgres_ready() { [ "$(sed -n 8p "$dir/pg/data/postmaster.pid" | tr -d ' ')" = ready ]; }
redis_ready() { grep -q "Ready to accept connections" "$dir/redis/log"; }

# start_postgres: trust is for this loopback address and this machine's users only, for minutes.
start_postgres() {
	local data=$dir/pg/data
	once "$user" "$dir/pg" "$pg/initdb" -D "$data" -U flywheel --auth=trust --encoding=UTF8 --locale="$locale" --no-sync ||
		{ tail -n 15 "$dir/pg/log" >&2; die "initdb failed"; }
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		free_port
		daemon "$user" "$dir/pg" "$pg/postgres" -D "$data" -p "$port" $durability \
			-c listen_addresses=127.0.0.1 -c unix_socket_directories="$dir/pg" -c max_connections=400
		pg_pid=$daemon_pid
		if up PostgreSQL "$dir/pg" postgres_ready; then
			export TEST_DATABASE_URL="postgres://flywheel@127.0.0.1:$port/postgres?sslmode=disable"
			return
		fi
		: >"$dir/pg/log"
	done
	die "PostgreSQL found no free port"
}

# start_redis: many databases, so that every test can take one; noeviction as in production.
start_redis() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		free_port
		daemon "" "$dir/redis" "$redis" --port "$port" --bind 127.0.0.1 --dir "$dir/redis" --daemonize no \
			--save "" --appendonly no --databases 256 --maxmemory-policy noeviction
		redis_pid=$daemon_pid
		if up Redis "$dir/redis" redis_ready; then
			export TEST_REDIS_URL="redis://127.0.0.1:$port/0"
			return
		fi
		: >"$dir/redis/log"
	done
	die "Redis found no free port"
}

pg=$(pg_bin) || pg=""
redis=$(redis_bin) || redis=""
user=$(pg_user)
locale=C.UTF-8
[ "$(uname)" = Linux ] || locale=C
make_dir
if [ -z "${TEST_DATABASE_URL:-}" ]; then
	[ -n "$pg" ] || die "missing: postgres (run .ci/setup.sh postgres)"
	for v in ${!PG@}; do unset "$v"; done # the caller's PGDATA, PGPORT and the like are for his servers
	start_postgres
fi
if [ -z "${TEST_REDIS_URL:-}" ]; then
	[ -n "$redis" ] || die "missing: redis (run .ci/setup.sh redis)"
	start_redis
fi
export TEST_PG_BIN=$pg TEST_PG_USER=$user TEST_REDIS_SERVER=$redis TEST_SCRATCH=$dir/scratch

# COMMAND gets a process group of its own, so that all of it can be stopped, and this script stays
# free to hear signals.
set -m
env FLYWHEEL_RUN="$dir" TMPDIR="$TEST_SCRATCH" "$@" </dev/null &
command_pid=$!
set +m
wait "$command_pid"
status=$?
command_pid=""
exit "$status"
