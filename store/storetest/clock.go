package storetest

import (
	"sync"
	"time"

	"flywheel/commerce"
	"flywheel/store"
)

// Noon is where the business clock of a test stands at first.
var Noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// Clock is business time that moves only when a test says so.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

var clocks sync.Map // *store.Store -> *Clock

// ClockOf returns the clock of a store that Open or Each made.
func ClockOf(s *store.Store) *Clock {
	clock, _ := clocks.Load(s)
	return clock.(*Clock)
}

// Now returns the clock's moment.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock and returns its new moment.
func (c *Clock) Advance(d time.Duration) commerce.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return commerce.At(c.now)
}
