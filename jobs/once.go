package jobs

import (
	"context"
	"time"
)

// onceTimeout is how long a caller waits for Redis to say whether it has seen something.
const onceTimeout = 500 * time.Millisecond

// Once reports whether a key is seen for the first time within ttl by any
// process on the same Redis. Keys hold nothing of a person's.
func (q *Queue) Once(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, onceTimeout)
	defer cancel()
	return q.redis.SetNX(ctx, "once:"+key, 1, ttl).Result()
}
