package shopify

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"flywheel/fault"
)

const (
	// What is assumed of an operation until its first answer says: more than most
	// of ours ask for, and what Shopify takes for a mutation.
	assumedQuery, assumedMutation = 200, 10
	// bucketKeep is how long the books of an idle shop are kept; its bucket is full after a minute.
	bucketKeep = time.Hour
	// bucketLook is the longest time between two looks: others give back what they did not need.
	bucketLook = 500 * time.Millisecond
	// bucketTimeout bounds one question to Redis, bucketAway how long it is left alone after a failure.
	bucketTimeout, bucketAway = time.Second, 10 * time.Second
)

var (
	//go:embed bucket_take.lua
	takeLua string
	//go:embed bucket_settle.lua
	settleLua string

	takeScript   = redis.NewScript(takeLua)
	settleScript = redis.NewScript(settleLua)
)

// Bucket keeps, for all workers together, the books of how many points each shop
// still gives the app (shopify.dev/docs/api/usage/limits). It is only a help:
// without Redis the calls go on, and Shopify's THROTTLED says the rest. A nil
// Bucket keeps no books.
type Bucket struct {
	rdb  redis.UniversalClient
	away atomic.Int64 // until when Redis is not asked, in Unix nanoseconds
}

// NewBucket returns the bucket that lies in rdb.
func NewBucket(rdb redis.UniversalClient) *Bucket { return &Bucket{rdb: rdb} }

// bucketKey names the books of the app in one shop, without naming the shop.
func (c *Client) bucketKey(shop string) string {
	sum := sha256.Sum256([]byte(c.Key + "|" + strings.ToLower(shop)))
	return "shopify:bucket:" + hex.EncodeToString(sum[:16])
}

// take waits until the shop's bucket holds what o will ask for and takes it out.
// It returns how much that was. Its only error is that the time did not suffice.
func (b *Bucket) take(ctx context.Context, key string, o operation, log *slog.Logger) (float64, error) {
	assumed := assumedQuery
	if o.mutation {
		assumed = assumedMutation
	}
	for b.present() {
		said, err := b.run(ctx, takeScript, key, o.name, assumed, bucketKeep.Milliseconds())
		if err == nil && len(said) != 2 {
			err = errors.New("the answer of the script has another shape")
		}
		if err != nil {
			b.lost(ctx, err, log)
			break
		}
		points, wait := said[0], time.Duration(said[1])*time.Millisecond
		if wait == 0 {
			return points, nil
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) <= wait || !rest(ctx, jitter(min(wait, bucketLook))) {
			return 0, fault.Wrap(fault.Temporary, ctx.Err(), "what Shopify lets the app ask of this shop is used up for now")
		}
	}
	return 0, nil
}

// settle sets the books right after an answer. Without one they stay as they
// are: what was taken counts as spent.
func (b *Bucket) settle(ctx context.Context, key string, o operation, paid float64, c *cost, log *slog.Logger) {
	if c == nil || !b.present() {
		return
	}
	t := c.Throttle
	// The call may be over with its time; the books are still to be kept.
	ctx = context.WithoutCancel(ctx)
	if _, err := b.run(ctx, settleScript, key, o.name, paid, c.Requested, c.Actual, t.Available, t.Max, t.Rate, bucketKeep.Milliseconds()); err != nil {
		b.lost(ctx, err, log)
	}
}

// run returns the numbers a script answers with.
func (b *Bucket) run(ctx context.Context, script *redis.Script, key string, args ...any) ([]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, bucketTimeout)
	defer cancel()
	words, err := script.Run(ctx, b.rdb, []string{key}, args...).StringSlice()
	if err != nil {
		return nil, err
	}
	numbers := make([]float64, len(words))
	for i, w := range words {
		if numbers[i], err = strconv.ParseFloat(w, 64); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

// present reports whether there is a Redis to ask.
func (b *Bucket) present() bool { return b != nil && time.Now().UnixNano() >= b.away.Load() }

// lost leaves Redis alone for a while, so that not every call waits for it, and says so once.
func (b *Bucket) lost(ctx context.Context, err error, log *slog.Logger) {
	if ctx.Err() != nil {
		return // the caller's time is up, which says nothing about Redis
	}
	now := time.Now()
	if until := b.away.Load(); until <= now.UnixNano() && b.away.CompareAndSwap(until, now.Add(bucketAway).UnixNano()) {
		log.WarnContext(ctx, "calls to shopify go on without the shared rate limit", "error", err)
	}
}
