package apptest

import (
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"flywheel/demo"
)

// redisDatabases counts up the databases of the Redis server, so that no two tests share one.
var redisDatabases atomic.Int64

// RedisURL returns an empty database of the Redis server that make test started.
func RedisURL(t testing.TB) string {
	t.Helper()
	address := os.Getenv("TEST_REDIS_URL")
	require.NotEmpty(t, address, "TEST_REDIS_URL is not set: run `make test`, which starts a Redis")
	u, err := url.Parse(address)
	require.NoError(t, err)
	u.Path = fmt.Sprintf("/%d", 100+redisDatabases.Add(1)%100)
	r := Redis(t, u.String())
	require.NoError(t, r.FlushDB(t.Context()).Err())
	return u.String()
}

// Redis connects to a database as a person with redis-cli would.
func Redis(t testing.TB, address string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(address)
	require.NoError(t, err)
	r := redis.NewClient(o)
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// WithRedis queues in a database of the Redis server instead of in this process.
func WithRedis(address string) Option {
	return func(o *demo.WorldOptions) { o.RedisURL = address }
}
