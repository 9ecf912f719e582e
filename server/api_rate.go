package server

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What one token may ask for, in this process.
const (
	apiRate  = 20 // a second
	apiBurst = 100
	// apiBuckets is how many tokens are remembered; over it the idle ones are forgotten.
	apiBuckets = 10_000
)

// buckets count what each token asked for lately, in real time.
type buckets struct {
	mu sync.Mutex
	of map[string]*rate.Limiter
}

func newBuckets() *buckets { return &buckets{of: map[string]*rate.Limiter{}} }

// take counts one request of a token; more than 0 is how long it should wait instead.
func (b *buckets) take(token string, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	bucket := b.of[token]
	if bucket == nil {
		b.makeRoom(now)
		bucket = rate.NewLimiter(apiRate, apiBurst)
		b.of[token] = bucket
	}
	r := bucket.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// makeRoom forgets buckets that are full again, which says nothing; where all are in use it starts afresh.
func (b *buckets) makeRoom(now time.Time) {
	if len(b.of) < apiBuckets {
		return
	}
	for token, bucket := range b.of {
		if bucket.TokensAt(now) >= apiBurst {
			delete(b.of, token)
		}
	}
	if len(b.of) >= apiBuckets {
		clear(b.of)
	}
}
