package calendar

import (
	"time"

	"flywheel/commerce"
)

// How far ahead is searched: for one zone, beyond any Ramadan that a shop
// closes as a whole; and, after that, for a moment that several zones have in
// common, beyond any feast.
const (
	farthest     = 60 * secondsADay
	commonWithin = 10 * secondsADay
)

// Quiet reports whether nobody at p is to be asked anything at now. Until is
// the first minute at which it is quiet in none of the place's zones, at least
// a minute after now; why is QuietHours or the kind of day, both zero where it
// is not quiet. Zones so far apart that no moment of the next ten days is free
// in all of them leave it to the first of them. Where no free moment comes
// within 60 days, until is 60 days ahead: ask again then.
func (c *Calendar) Quiet(now commerce.Instant, p Place) (until commerce.Instant, quiet bool, why string) {
	t := floorDiv(int64(now), 1000)
	in := customsOf(p.Country)
	p.locations(func(zone *time.Location) bool {
		quiet, why = c.quietIn(zone, in, t)
		return !quiet
	})
	if !quiet {
		return 0, false, ""
	}
	free, ok := c.freeFrom(t, p, in)
	if !ok {
		return now + farthest*1000, true, why
	}
	if free == t {
		return 0, false, ""
	}
	return max(commerce.Instant(free*1000), now+60_000), true, why
}

// freeFrom returns the first moment from t on that is free at p.
func (c *Calendar) freeFrom(t int64, p Place, in customs) (free int64, ok bool) {
	first, ok := c.freeIn(orUTC(p.One()), in, t, t+farthest)
	if !ok || p.Zone != "" || len(p.Zones) < 2 {
		return first, ok
	}
	common := first
	for moved := true; moved && ok; {
		moved = false
		p.locations(func(zone *time.Location) bool {
			var next int64
			next, ok = c.freeIn(zone, in, common, first+commonWithin)
			moved = moved || next != common
			common = next
			return ok
		})
	}
	if !ok {
		return first, true
	}
	return common, true
}

func (c *Calendar) quietIn(zone *time.Location, in customs, t int64) (quiet bool, why string) {
	day, second := wall(zone, t)
	h, why := c.hoursOf(day, in)
	return !h.free(commerce.TimeOfDay(second / 60)), why
}

// freeIn returns the first moment from t on that is free in zone; not ok where
// there is none before end. It goes from turn to turn of the clocks, for
// between two of them a wall clock is simple sums.
func (c *Calendar) freeIn(zone *time.Location, in customs, t, end int64) (free int64, ok bool) {
	for t < end {
		turn := turnAfter(zone, t, end)
		for t < turn {
			day, second := wall(zone, t)
			h, _ := c.hoursOf(day, in)
			minute := commerce.TimeOfDay(second / 60)
			next, ok := h.next(minute)
			switch {
			case ok && next == minute:
				return t, true
			case ok:
				t += int64(next)*60 - second
			default:
				t += secondsADay - second
			}
		}
		t = turn
	}
	return end, false
}

func floorDiv(a, b int64) int64 {
	if a%b < 0 {
		return a/b - 1
	}
	return a / b
}
