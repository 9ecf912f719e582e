package sender

import (
	"context"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"
)

const (
	// ratesName is under which all processes count the mails of SMTP_URL; those of shops' own accounts follow behind a colon.
	ratesName = "mails"
	// ratesTimeout is how long Redis may take to say whether it is somebody's turn.
	ratesTimeout = 500 * time.Millisecond
)

// Rates bound how many mails a second each account is given, by all processes
// together. nil bounds nothing.
type Rates struct {
	shared *redis_rate.Limiter
	mu     sync.Mutex
	alone  map[string]*rate.Limiter // this process's, while Redis does not answer
}

// NewRates counts at a Redis.
func NewRates(client redis.UniversalClient) *Rates {
	return &Rates{shared: redis_rate.NewLimiter(client), alone: map[string]*rate.Limiter{}}
}

// Take waits until n mails may be given to the way's server, though no longer
// than patience, and says how many may.
func (w Way) Take(ctx context.Context, n int, patience time.Duration) int {
	if w.rates == nil || w.Rate <= 0 {
		return n
	}
	name := ratesName
	if w.Account != "" {
		name += ":" + w.Account
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for got := 0; ; {
		more, wait := w.rates.some(ctx, name, w.Rate, n-got)
		if got += more; got >= n {
			return n
		}
		select {
		case <-ctx.Done():
			return got
		case <-time.After(wait):
		}
	}
}

// some takes what may be sent at once of n, and says how long to wait for more.
func (r *Rates) some(ctx context.Context, name string, perSecond, n int) (int, time.Duration) {
	asking, cancel := context.WithTimeout(ctx, ratesTimeout)
	defer cancel()
	res, err := r.shared.AllowAtMost(asking, name, redis_rate.PerSecond(perSecond), n)
	if err == nil {
		return res.Allowed, max(res.RetryAfter, 10*time.Millisecond)
	}
	alone, got := r.limiter(name, perSecond), 0
	for got < n && alone.Allow() {
		got++
	}
	return got, time.Second / time.Duration(perSecond)
}

// limiter is this process's own count of an account.
func (r *Rates) limiter(name string, perSecond int) *rate.Limiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.alone) >= maxWays {
		clear(r.alone)
	}
	l := r.alone[name]
	if l == nil || l.Burst() != perSecond {
		l = rate.NewLimiter(rate.Limit(perSecond), perSecond)
		r.alone[name] = l
	}
	return l
}
