package jobs

import (
	"context"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"
)

const (
	// rateKey is under which all processes count the mails of SMTP_URL.
	rateKey = "mails"
	// ratePatience is how long a chunk waits for its turn before the rest of it is put off.
	ratePatience = 10 * time.Second
	// rateTimeout is how long Redis may take to say whether it is somebody's turn.
	rateTimeout = 500 * time.Millisecond
)

// mailRate bounds how many mails a second a provider is given, by all processes
// together. nil bounds nothing.
type mailRate struct {
	shared *redis_rate.Limiter
	limit  redis_rate.Limit
	alone  *rate.Limiter // this process's, while Redis does not answer
}

// newMailRate counts at a Redis; perSecond 0 makes none.
func newMailRate(client redis.UniversalClient, perSecond int) *mailRate {
	if perSecond <= 0 {
		return nil
	}
	return &mailRate{redis_rate.NewLimiter(client), redis_rate.PerSecond(perSecond), rate.NewLimiter(rate.Limit(perSecond), perSecond)}
}

// take waits until n mails may be sent, though not for long, and says how many may.
func (r *mailRate) take(ctx context.Context, n int) int {
	if r == nil {
		return n
	}
	ctx, cancel := context.WithTimeout(ctx, ratePatience)
	defer cancel()
	for got := 0; ; {
		more, wait := r.some(ctx, n-got)
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
func (r *mailRate) some(ctx context.Context, n int) (int, time.Duration) {
	asking, cancel := context.WithTimeout(ctx, rateTimeout)
	defer cancel()
	res, err := r.shared.AllowAtMost(asking, rateKey, r.limit, n)
	if err == nil {
		return res.Allowed, max(res.RetryAfter, 10*time.Millisecond)
	}
	got := 0
	for got < n && r.alone.Allow() {
		got++
	}
	return got, time.Duration(float64(time.Second) / float64(r.alone.Limit()))
}
