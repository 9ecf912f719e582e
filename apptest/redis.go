package apptest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"flywheel/demo"
)

// RedisURL returns an empty database of the Redis server that make test
// started. No other test has it, of whatever package, until this one ends: the
// server itself keeps who has which.
func RedisURL(t testing.TB) string {
	t.Helper()
	address := os.Getenv("TEST_REDIS_URL")
	require.NotEmpty(t, address, "TEST_REDIS_URL is not set: run `make test`, which starts a Redis")
	u, err := url.Parse(address)
	require.NoError(t, err)
	taken := Redis(t, address)
	for n := 100; n < 200; n++ {
		key := fmt.Sprintf("flywheel:test:database:%d", n)
		free, err := taken.SetNX(t.Context(), key, os.Getpid(), time.Hour).Result()
		require.NoError(t, err)
		if !free {
			continue
		}
		t.Cleanup(func() { _ = taken.Del(context.Background(), key).Err() })
		u.Path = fmt.Sprintf("/%d", n)
		require.NoError(t, Redis(t, u.String()).FlushDB(t.Context()).Err())
		return u.String()
	}
	t.Fatal("a hundred tests have a database of the Redis server each")
	return ""
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
