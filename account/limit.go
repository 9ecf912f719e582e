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

// Limiter bounds how often something is done by one and the same, whoever that
// is: its keys say. The zero value counts for this process alone.
type Limiter struct {
	// Shared counts a key for all processes. It returns how long to wait where the
	// key has come up n times within per already, else 0.
	Shared func(ctx context.Context, key string, n int, per time.Duration) (wait time.Duration, err error)
	// Now is the time in which this process counts; nil = real time.
	Now func() time.Time

	mu  sync.Mutex
	all map[string]*rate.Limiter
}

// Take counts a key and returns 0, or how long to wait where it came more than n
// times within per. Keys are hashed: no address lies in Redis.
func (l *Limiter) Take(ctx context.Context, key string, n int, per time.Duration) time.Duration {
	key = mark(key)[:32]
	if l.Shared != nil {
		asking, cancel := context.WithTimeout(ctx, limitTimeout)
		wait, err := l.Shared(asking, key, n, per)
		cancel()
		if err == nil {
			return wait
		}
	}
	return l.take(key, n, per)
}

func (l *Limiter) take(key string, n int, per time.Duration) time.Duration {
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
	now := time.Now()
	if l.Now != nil {
		now = l.Now()
	}
	asked := one.ReserveN(now, 1)
	wait := asked.DelayFrom(now)
	if wait > 0 {
		asked.CancelAt(now) // who is refused does not wait longer for it
	}
	return wait
}

// allow counts a key and returns TooOften where it came more than n times within per.
func (d *Desk) allow(ctx context.Context, key string, n int, per time.Duration) error {
	if wait := d.Limits.Take(ctx, key, n, per); wait > 0 {
		return TooOften{wait}
	}
	return nil
}

// TooOften is the answer to whoever asks or guesses too often.
type TooOften struct {
	Wait time.Duration // until it may be tried again
}

// Error says so.
func (TooOften) Error() string { return ErrTooOften.Error() }

// Is makes it an ErrTooOften.
func (TooOften) Is(target error) bool { return target == ErrTooOften }
