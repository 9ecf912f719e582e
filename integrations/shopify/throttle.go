package shopify

import (
	"context"
	"math/rand/v2"
	"time"

	"flywheel/fault"
)

const (
	// maxRetries is how often a call is tried again.
	maxRetries = 3
	// patience bounds a call with all its retries and waits. Work that takes longer is the job's to repeat.
	patience = 25 * time.Second
)

// verdict is what became of one try of a call.
type verdict struct {
	err     error
	refused bool          // it was certainly not carried out
	late    bool          // it may go well one day, but not within this call
	wait    time.Duration // how long Shopify asks us to wait; 0 = not told
}

// again reports whether another try may help and can do no harm. A question is
// repeated after every passing failure. A mutation is repeated only if it was
// certainly not carried out, whether it would bear it (tagsAdd) or not: the job
// that wants it knows how to look whether it is done, such as for a discount
// code that is taken, and the rule needs no list to keep.
func (v verdict) again(repeatable bool) bool {
	return !v.late && fault.Is(v.err, fault.Temporary) && (repeatable || v.refused)
}

// patiently tries a call until it goes well, may not be repeated, or time is
// up. The last error is returned. It is a loop of ours, not a library's, since
// each wait is what the last answer says, and mutations have their own rule.
func (c *Client) patiently(ctx context.Context, repeatable bool, try func(context.Context) verdict) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pause := c.Pause
	for n := 0; ; n++ {
		v := try(ctx)
		if v.err == nil || n == maxRetries || !v.again(repeatable) {
			return v.err
		}
		if !rest(ctx, max(v.wait, jitter(pause))) {
			return v.err
		}
		pause *= 3
	}
}

// rest waits for d. It returns false at once where the context would end first.
func rest(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// jitter makes d up to a quarter longer, so that workers who failed together do not come again together.
func jitter(d time.Duration) time.Duration {
	return d + time.Duration(rand.Int64N(int64(d)/4+1))
}
