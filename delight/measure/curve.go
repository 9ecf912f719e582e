// Package measure says how fast a shop's wheel turns, by counts that somebody
// gathers from its customers' histories. It is pure. What cannot be measured is
// said to be unknown, never guessed.
package measure

import (
	"time"

	"flywheel/commerce"
)

// maxDays is how long somebody is followed: what has not happened after a year counts as still to come.
const maxDays = 365

// Curve is how many days something took with how many, and with how many it has
// not happened after so many: those still waiting are counted, not left out.
type Curve struct {
	Happened map[int]int64 `json:"happened,omitempty"` // by days
	Waiting  map[int]int64 `json:"waiting,omitempty"`
}

// Add counts one from since: until when it happened, 0 = it has not by now.
func (c *Curve) Add(since, until, now commerce.Instant) {
	into, end := &c.Happened, until
	if until == 0 || until > now {
		into, end = &c.Waiting, now
	}
	days := min(maxDays, max(0, int(time.Duration(end-since)*time.Millisecond/(24*time.Hour))))
	if *into == nil {
		*into = map[int]int64{}
	}
	(*into)[days]++
}

// Of is how many are counted.
func (c Curve) Of() (n int64) {
	for _, m := range []map[int]int64{c.Happened, c.Waiting} {
		for _, k := range m {
			n += k
		}
	}
	return n
}

// minSample is how many are needed before a figure is shown.
const minSample = 20

// Median is after how many days it has happened with half of all, by the
// estimator of Kaplan and Meier (J. Am. Stat. Assoc. 53, 1958). false = fewer than
// half are known to get that far, or too few are counted.
func (c Curve) Median() (days int, known bool) {
	at, survive := c.Of(), 1.0
	if at < minSample {
		return 0, false
	}
	for d := 0; d <= maxDays && at > 0; d++ {
		survive *= 1 - float64(c.Happened[d])/float64(at)
		if survive <= 0.5 {
			return d, true
		}
		at -= c.Happened[d] + c.Waiting[d]
	}
	return 0, false
}

// Share is the part with whom it has happened within days, by the same
// estimator; false = too few are counted.
func (c Curve) Share(days int) (share float64, known bool) {
	at, survive := c.Of(), 1.0
	if at < minSample {
		return 0, false
	}
	for d := 0; d <= min(days, maxDays) && at > 0; d++ {
		survive *= 1 - float64(c.Happened[d])/float64(at)
		at -= c.Happened[d] + c.Waiting[d]
	}
	return 1 - survive, true
}
