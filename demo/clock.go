// Package demo runs Flywheel in one process with made-up shops, fake parties
// and a mailbox, over business time that it moves itself. Everything between
// the doors and the mail sink is what a real installation runs. Its clock and
// world serve the tests too (package apptest).
package demo

import (
	"context"
	"sync"
	"time"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/fault"
)

// Clock is business time. It stands still until it is moved, or runs with real
// time once released.
type Clock struct {
	mu      sync.Mutex
	at      time.Time
	release time.Time // real time of the release; zero = standing still
}

// NewClock stands at at.
func NewClock(at time.Time) *Clock { return &Clock{at: at} }

// Now returns business time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.release.IsZero() {
		return c.at
	}
	return c.at.Add(time.Since(c.release))
}

// Set moves a standing clock forward; it never goes back.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.release.IsZero() && at.After(c.at) {
		c.at = at
	}
}

// Release lets the clock run with real time from where it stands.
func (c *Clock) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.release = time.Now()
}

// settleTime is how long work may take before Settle gives up: a machine that does
// much else at once may need some of it, work that hangs all.
const settleTime = 5 * time.Minute

// Settle looks again after an eighth of the time it has waited, within these:
// each look is a walk of the sweep, which is time taken from the work.
const (
	settleSoonest = 2 * time.Millisecond
	settleLatest  = 20 * time.Millisecond
)

// Settle waits until nothing is queued, running, unprocessed or due.
func Settle(ctx context.Context, a *app.App) error {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	for began := time.Now(); ; {
		busy, err := busy(ctx, a)
		if err != nil {
			return err
		}
		if !busy {
			return nil
		}
		if a.Worker != nil {
			a.Worker.Poke()
		}
		select {
		case <-ctx.Done():
			return fault.New(fault.Temporary, "work did not settle within %s", settleTime)
		case <-time.After(min(max(time.Since(began)/8, settleSoonest), settleLatest)):
		}
	}
}

// busy reports whether anything goes on. A reward in somebody's hands is not due;
// what came of it is, so that is looked at once more.
func busy(ctx context.Context, a *app.App) (bool, error) {
	for range 2 {
		if open, err := a.Store.Busy(ctx); err != nil || open {
			return open, err
		}
		if a.Worker != nil && a.Worker.Rewarding() {
			return true, nil
		}
	}
	return false, nil
}

// Advance moves business time to until, from due instant to due instant, and
// lets everything that falls due happen at its own time.
func Advance(ctx context.Context, a *app.App, c *Clock, until time.Time) error {
	for {
		if err := Settle(ctx, a); err != nil {
			return err
		}
		next, err := a.Store.NextDue(ctx)
		if err != nil {
			return err
		}
		if next == 0 || next > commerce.At(until) {
			c.Set(until)
			return Settle(ctx, a)
		}
		c.Set(next.Time())
	}
}
