package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	manyRows = 1_000_000 // of the large shop, all due now
	fewRows  = 10_000    // of the large shop it is compared with
	claims   = 15        // a round
	perVisit = 16        // rows of one shop that the cursor takes at a time
)

// claim measures the sweep against one shop with 1,000,000 due rows beside
// 10,000 shops with one each: what a claim costs compared with 10,000 rows, and
// how soon a real worker gets to each of the small shops.
func claim(ctx context.Context, where string, rounds int, bound float64) ([]figure, error) {
	few, err := newCrowd(ctx, where, fewRows)
	if err != nil {
		return nil, err
	}
	defer few.close()
	many, err := newCrowd(ctx, where, manyRows)
	if err != nil {
		return nil, err
	}
	cost := figure{Name: "claim_cost_" + where, Unit: "x", Goal: atMost(bound), Note: "seconds of 15 claims with 1,000,000 rows due by seconds with 10,000"}
	for round := range rounds + 1 {
		reference, err := few.claim(ctx)
		if err != nil {
			return nil, errors.Join(err, many.close())
		}
		ours, err := many.claim(ctx)
		if err != nil {
			return nil, errors.Join(err, many.close())
		}
		if round > 0 {
			cost.Pairs = append(cost.Pairs, pair{Ours: ours.Seconds(), Reference: reference.Seconds()})
		}
	}
	served, err := many.serve(ctx)
	return append([]figure{cost}, served...), errors.Join(err, many.close())
}

// claim claims 15 times from the beginning of the walk: always from the large
// shop and from the next 63.
func (c *crowd) claim(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	for range claims {
		shops, err := c.store.DueShops(ctx, "")
		if err != nil {
			return 0, err
		}
		chunks, err := c.store.QueueDue(ctx, shops)
		if err != nil {
			return 0, err
		}
		if len(chunks) != 64 || chunks[0].Shop != c.large || len(chunks[0].Runs) != perVisit {
			return 0, fmt.Errorf("a claim took rows of %d shops, not 64 and the large one first", len(chunks))
		}
	}
	return time.Since(began), nil
}

// serve lets a worker, a process of its own, run until it has got to every
// small shop, and looks at what it needs meanwhile.
func (c *crowd) serve(ctx context.Context) ([]figure, error) {
	if _, err := c.db.ExecContext(ctx, `UPDATE enrollments SET queue = 0, queued_at = 0, task_id = '' WHERE queue = 1`); err != nil {
		return nil, err
	}
	if err := c.count(ctx); err != nil {
		return nil, err
	}
	w, err := startWorker(ctx, c.place)
	if err != nil {
		return nil, err
	}
	keys, err := c.watch(ctx)
	if err = errors.Join(err, w.stop()); err != nil {
		return nil, err
	}
	var taken int
	err = c.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM enrollments WHERE shop_id = $1 AND queued_at > 0
		AND queued_at <= (SELECT MAX(queued_at) FROM enrollments WHERE shop_id > $1)`, c.large).Scan(&taken)
	rounds := math.Ceil(float64(taken) / perVisit)
	out := []figure{
		{
			Name: "claim_rounds_" + c.name, Unit: "rounds", Goal: atMost(2), Exact: true, Values: []float64{rounds},
			Note: "visits of the cursor to the large shop until each of 10,000 small ones was served",
		},
		{Name: "claim_worker_rss_" + c.name, Unit: "MB", Goal: atMost(200), Exact: true, Values: []float64{w.peakMB}},
	}
	if c.redisURL != "" {
		out = append(out, figure{
			Name: "claim_redis_keys_" + c.name, Unit: "keys", Goal: atMost(1050), Exact: true, Values: []float64{float64(keys)},
			Note: "most keys in Redis at a time: a window of 1,000 rows is at most 1,000 tasks, and asynq has some of its own",
		})
	}
	return out, err
}

// watch waits until every small shop was served and returns the most keys
// that Redis held.
func (c *crowd) watch(ctx context.Context) (keys int64, err error) {
	var queue *redis.Client
	if c.redisURL != "" {
		o, err := redis.ParseURL(c.redisURL)
		if err != nil {
			return 0, err
		}
		queue = redis.NewClient(o)
		defer queue.Close()
	}
	limit := time.Now().Add(2 * time.Minute)
	for {
		var waiting int
		if err := c.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM enrollments WHERE shop_id > $1 AND queued_at = 0`, c.large).Scan(&waiting); err != nil {
			return keys, err
		}
		if waiting == 0 {
			return keys, nil
		}
		if time.Now().After(limit) {
			return keys, fmt.Errorf("%d of %d small shops were not served within 2 minutes", waiting, smallShops)
		}
		for range 10 {
			if queue != nil {
				n, err := queue.DBSize(ctx).Result()
				if err != nil {
					return keys, err
				}
				keys = max(keys, n)
			}
			select {
			case <-ctx.Done():
				return keys, ctx.Err()
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
}
