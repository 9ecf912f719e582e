package account

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limitTimeout is how long Redis may take to say whether somebody comes too often.
const limitTimeout = 500 * time.Millisecond

// maxLimits is how many keys one process counts by itself; then it begins anew.
const maxLimits = 10_000

// limits count in this process, while no other way does.
type limits struct {
	mu  sync.Mutex
	all map[string]*rate.Limiter
}

// allow counts a key and returns ErrTooOften where it came more than n times
// within per. Keys are hashed: no address lies in Redis.
func (d *Desk) allow(ctx context.Context, key string, n int, per time.Duration) error {
	key = mark(key)[:32]
	ok, err := true, error(nil)
	if d.Allow != nil {
		asking, cancel := context.WithTimeout(ctx, limitTimeout)
		ok, err = d.Allow(asking, key, n, per)
		cancel()
	}
	if d.Allow == nil || err != nil {
		ok = d.limits.take(key, n, per)
	}
	if !ok {
		return ErrTooOften
	}
	return nil
}

func (l *limits) take(key string, n int, per time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil || len(l.all) > maxLimits {
		l.all = map[string]*rate.Limiter{}
	}
	one := l.all[key]
	if one == nil {
		one = rate.NewLimiter(rate.Every(per/time.Duration(n)), n)
		l.all[key] = one
	}
	return one.Allow()
}
