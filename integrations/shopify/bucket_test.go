package shopify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

// onRedises runs a test on a Redis in this process and on the real one that make test starts.
func onRedises(t *testing.T, test func(*testing.T, redis.UniversalClient)) {
	t.Helper()
	t.Run("miniredis", func(t *testing.T) {
		test(t, redisAt(t, "redis://"+miniredis.RunT(t).Addr()))
	})
	t.Run("redis", func(t *testing.T) {
		address := os.Getenv("TEST_REDIS_URL")
		require.NotEmpty(t, address, "TEST_REDIS_URL is not set: run `make test`, which starts a Redis")
		test(t, redisAt(t, address))
	})
}

func redisAt(t *testing.T, address string) redis.UniversalClient {
	t.Helper()
	o, err := redis.ParseURL(address)
	require.NoError(t, err)
	r := redis.NewClient(o)
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// meter is a Shopify that keeps a bucket, and its books, strictly.
type meter struct {
	max, rate         float64
	requested, actual float64

	mu        sync.Mutex
	level     float64
	at        time.Time
	asked     int
	throttled int
}

func (m *meter) restore() {
	now := time.Now()
	m.level, m.at = min(m.max, m.level+now.Sub(m.at).Seconds()*m.rate), now
}

func (m *meter) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at.IsZero() {
		m.level, m.at = m.max, time.Now()
	}
	m.restore()
	m.asked++
	answer := map[string]any{}
	cost := map[string]any{"requestedQueryCost": m.requested, "actualQueryCost": nil}
	if m.level < m.requested {
		m.throttled++
		answer["errors"] = []any{map[string]any{"message": "Throttled", "extensions": map[string]any{"code": "THROTTLED"}}}
	} else {
		m.level -= m.actual
		answer["data"] = map[string]any{"shop": map[string]any{"name": "Wool"}}
		cost["actualQueryCost"] = m.actual
	}
	cost["throttleStatus"] = map[string]any{"maximumAvailable": m.max, "currentlyAvailable": float64(int(m.level)), "restoreRate": m.rate}
	answer["extensions"] = map[string]any{"cost": cost}
	_ = json.NewEncoder(w).Encode(answer)
}

// Twenty workers in two processes ask as fast as the shop lets them, and never
// once too often, from the first call on.
func TestBucketIsShared(t *testing.T) {
	onRedises(t, func(t *testing.T, rdb redis.UniversalClient) {
		const workers, calls = 20, 4
		m := &meter{max: 1000, rate: 3000, requested: 100, actual: 80}
		server := httptest.NewServer(m)
		defer server.Close()
		var clients [2]*Client
		for i := range clients {
			clients[i] = New(Options{Key: fmt.Sprintf("key %d", time.Now().UnixNano()), URL: server.URL, HTTP: server.Client(), Bucket: NewBucket(rdb)})
			clients[i].Key = clients[0].Key
		}
		began := time.Now()
		var all sync.WaitGroup
		for i := range workers {
			all.Go(func() {
				for range calls {
					name, err := ask(t.Context(), clients[i%2], askName)
					assert.NoError(t, err)
					assert.Equal(t, "Wool", name)
				}
			})
		}
		all.Wait()
		took, needed := time.Since(began), time.Duration((workers*calls*m.actual-m.max)/m.rate*float64(time.Second))
		assert.Zero(t, m.throttled)
		assert.Equal(t, workers*calls, m.asked)
		assert.Greater(t, took, needed-100*time.Millisecond, "faster than the rate allows")
		assert.Less(t, took, 2*needed+2*time.Second, "the books hold them back for nothing")
	})
}

// Redis holds neither the shop's name nor the token, and forgets an idle shop.
func TestBucketKeepsNoNames(t *testing.T) {
	mini := miniredis.RunT(t)
	_, c := scripted(func(o *Options) { o.Bucket = NewBucket(redisAt(t, "redis://"+mini.Addr())) }, reply{body: costs(100, 60, 940, 1000, 50)})
	_, err := ask(t.Context(), c, askName)
	require.NoError(t, err)
	require.Len(t, mini.Keys(), 1)
	key := mini.Keys()[0]
	assert.NotContains(t, mini.Dump(), "wool")
	assert.NotContains(t, mini.Dump(), testToken)
	assert.Equal(t, bucketKeep, mini.TTL(key))
	assert.NotEqual(t, c.bucketKey("wool.myshopify.com"), c.bucketKey("silk.myshopify.com"))
	assert.Equal(t, c.bucketKey("wool.myshopify.com"), c.bucketKey("Wool.myshopify.com"))
	assert.NotEqual(t, c.bucketKey("wool.myshopify.com"), New(Options{Key: "another app"}).bucketKey("wool.myshopify.com"))
}

func costs(requested, actual, available, size, rate int) string {
	return fmt.Sprintf(`{"data":{"shop":{"name":"Wool"}},"extensions":{"cost":{"requestedQueryCost":%d,"actualQueryCost":%d,
		"throttleStatus":{"maximumAvailable":%d,"currentlyAvailable":%d,"restoreRate":%d}}}}`, requested, actual, size, available, rate)
}

// books drives the two scripts by a clock of their own.
type books struct {
	t     *testing.T
	mini  *miniredis.Miniredis
	b     *Bucket
	clock time.Time
}

func newBooks(t *testing.T) *books {
	mini := miniredis.RunT(t)
	k := &books{t, mini, NewBucket(redisAt(t, "redis://"+mini.Addr())), noon}
	mini.SetTime(noon)
	return k
}

func (k *books) pass(d time.Duration) { k.clock = k.clock.Add(d); k.mini.SetTime(k.clock) }

// take returns the points taken, or how long to wait.
func (k *books) take(name string, assumed int) (points, wait float64) {
	k.t.Helper()
	said, err := k.b.run(k.t.Context(), takeScript, "books", name, assumed, 1000)
	require.NoError(k.t, err)
	return said[0], said[1]
}

func (k *books) settle(name string, paid, requested, actual, available, size, rate float64) {
	k.t.Helper()
	_, err := k.b.run(k.t.Context(), settleScript, "books", name, paid, requested, actual, available, size, rate, 1000)
	require.NoError(k.t, err)
}

func (k *books) expect(name string, assumed int, points, wait float64) {
	k.t.Helper()
	p, w := k.take(name, assumed)
	assert.InDelta(k.t, points, p, 0.01)
	assert.InDelta(k.t, wait, w, 1, "the wait, rounded up")
}

func TestBucketBooks(t *testing.T) {
	t.Run("a full bucket of 1000 is assumed, which gets back 50 a second", func(t *testing.T) {
		k := newBooks(t)
		k.expect("a", 900, 900, 0)
		k.expect("a", 200, 0, 2000)
		k.pass(1999 * time.Millisecond)
		k.expect("a", 200, 0, 1)
		k.pass(time.Millisecond)
		k.expect("a", 200, 200, 0)
		k.pass(time.Hour)
		k.expect("a", 1000, 1000, 0)
		k.expect("a", 1, 0, 20)
	})
	t.Run("what was not needed is given back", func(t *testing.T) {
		k := newBooks(t)
		k.expect("a", 600, 600, 0)
		k.settle("a", 600, 600, 100, 900, 1000, 50)
		k.expect("b", 900, 900, 0)
	})
	t.Run("a cost is learned by name, and the bucket's size and rate", func(t *testing.T) {
		k := newBooks(t)
		k.expect("a", 100, 100, 0)
		k.settle("a", 100, 400, 300, 1700, 2000, 100)
		k.expect("a", 100, 400, 0)
		k.expect("b", 100, 100, 0)
		k.expect("c", 1300, 0, 1000)
	})
	t.Run("less is believed, more is not", func(t *testing.T) {
		k := newBooks(t)
		k.expect("a", 100, 100, 0)
		k.settle("a", 100, 100, 100, 20, 1000, 50) // somebody else asks, too
		k.expect("a", 100, 0, 1600)
		k.pass(1600 * time.Millisecond)
		k.expect("a", 100, 100, 0)
		k.settle("a", 100, 100, 100, 900, 1000, 50)
		k.expect("a", 100, 0, 2000)
	})
	t.Run("one that was turned away cost nothing", func(t *testing.T) {
		k := newBooks(t)
		k.expect("a", 100, 100, 0)
		k.settle("a", 100, 100, 0, 50, 1000, 50)
		k.expect("a", 100, 0, 1000)
	})
	t.Run("nothing costs more than the bucket holds, or it would wait for ever", func(t *testing.T) {
		k := newBooks(t)
		k.expect("a", 5000, 1000, 0)
	})
	t.Run("a clock that is set back holds nobody for long", func(t *testing.T) {
		k := newBooks(t)
		k.expect("a", 1000, 1000, 0)
		k.pass(-time.Hour)
		k.expect("a", 50, 0, 1000)
		k.pass(time.Second)
		k.expect("a", 50, 50, 0)
	})
}

// A wait that the time does not suffice for is not begun.
func TestBucketHasNoTime(t *testing.T) {
	mini := miniredis.RunT(t)
	s, c := scripted(func(o *Options) { o.Bucket = NewBucket(redisAt(t, "redis://"+mini.Addr())) },
		reply{body: costs(1000, 1000, 0, 1000, 10)}, reply{body: goodName})
	_, err := ask(t.Context(), c, askName)
	require.NoError(t, err)
	began := time.Now()
	_, err = ask(t.Context(), c, askName)
	assert.Equal(t, fault.Temporary, fault.KindOf(err), "%v", err)
	assert.Len(t, s.asked, 1)
	assert.Less(t, time.Since(began), patience/2)
}

// Redis is a help and no more: when it is away the calls go on, and it is said once.
func TestBucketWithoutRedis(t *testing.T) {
	mini := miniredis.RunT(t)
	var log bytes.Buffer
	s, c := scripted(func(o *Options) {
		o.Bucket = NewBucket(redis.NewClient(&redis.Options{Addr: mini.Addr(), MaxRetries: -1}))
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	}, reply{body: costs(10, 10, 990, 1000, 50)})
	mini.Close()
	for range 3 {
		name, err := ask(t.Context(), c, askName)
		require.NoError(t, err)
		assert.Equal(t, "Wool", name)
	}
	assert.Len(t, s.asked, 3)
	assert.Equal(t, 1, strings.Count(log.String(), "shared rate limit"), log.String())

	// A key of another kind, as of a later version, is no reason to stop either.
	require.NoError(t, mini.Start())
	require.NoError(t, mini.Set(c.bucketKey(testShop), "not a hash"))
	c.Bucket.away.Store(0)
	_, err := ask(t.Context(), c, askName)
	require.NoError(t, err)
}
