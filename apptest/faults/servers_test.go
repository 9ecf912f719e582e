package faults

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"flywheel/store/storetest"
)

var ports sync.Map // those that tests of this run have taken

// freePort returns a loopback port that nobody listens on, below the range
// that outgoing connections use, so that a server can be stopped and come back.
func freePort(t testing.TB) int {
	for range 1000 {
		port := 10000 + rand.IntN(10000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		require.NoError(t, l.Close())
		if _, taken := ports.LoadOrStore(port, true); !taken {
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

func needs(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv(name)
	require.NotEmpty(t, value, "%s is not set: run `make test`, or these tests through .ci/with-services.sh", name)
	return value
}

// scratch is a folder that other users may enter, unlike t.TempDir.
func scratch(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(needs(t, "TEST_SCRATCH"), "f")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o711))
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// redisServer is a Redis of the test's own, empty whenever it starts.
type redisServer struct {
	t    testing.TB
	port int
	*process
}

func startRedis(t testing.TB, options ...string) *redisServer {
	t.Helper()
	r := &redisServer{t: t, port: freePort(t)}
	r.start(options...)
	return r
}

func (r *redisServer) url() string { return fmt.Sprintf("redis://127.0.0.1:%d/0", r.port) }

func (r *redisServer) client() *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", r.port), MaxRetries: -1})
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (r *redisServer) start(options ...string) {
	r.t.Helper()
	args := append([]string{"--port", strconv.Itoa(r.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"}, options...)
	cmd := exec.Command(needs(r.t, "TEST_REDIS_SERVER"), args...)
	cmd.Dir = scratch(r.t)
	r.process = start(r.t, "redis", cmd)
	client := r.client()
	until(r.t, "Redis answers", func() bool { return client.Ping(context.Background()).Err() == nil })
}

// postgresServer is a PostgreSQL of the test's own.
type postgresServer struct {
	t    testing.TB
	dir  string
	port int
	as   *syscall.Credential // nil: as the test itself
	*process
}

func startPostgres(t testing.TB) *postgresServer {
	t.Helper()
	s := &postgresServer{t: t, dir: filepath.Join(scratch(t), "data"), port: freePort(t)}
	require.NoError(t, os.Mkdir(s.dir, 0o700))
	if name := os.Getenv("TEST_PG_USER"); name != "" {
		u, err := user.Lookup(name)
		require.NoError(t, err)
		uid, err := strconv.Atoi(u.Uid)
		require.NoError(t, err)
		gid, err := strconv.Atoi(u.Gid)
		require.NoError(t, err)
		s.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		require.NoError(t, os.Chown(s.dir, uid, gid))
	}
	initdb := s.command("initdb", "-D", s.dir, "-U", "flywheel", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	out, err := initdb.CombinedOutput()
	require.NoError(t, err, string(out))
	s.start()
	return s
}

func (s *postgresServer) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(needs(s.t, "TEST_PG_BIN"), name), args...)
	cmd.Dir, cmd.SysProcAttr = s.dir, &syscall.SysProcAttr{Credential: s.as}
	return cmd
}

func (s *postgresServer) start() {
	s.t.Helper()
	s.process = start(s.t, "postgres", s.command("postgres", "-D", s.dir, "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=150"))
	db := storetest.DB(s.t, s.url())
	until(s.t, "PostgreSQL answers", func() bool { return ping(db) == nil })
}

func ping(db *sql.DB) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return db.PingContext(ctx)
}

func (s *postgresServer) url() string {
	return fmt.Sprintf("postgres://flywheel@127.0.0.1:%d/postgres?sslmode=disable", s.port)
}
