package calendar

import (
	"time"

	"flywheel/commerce"
)

// AnyTime, for a time of day, is none in particular: a day that is asked for
// may have begun.
const AnyTime commerce.TimeOfDay = -1

// NextTimeOfDay returns the first moment from after on at which the clocks at
// p show at; 24:00 is 00:00. Of a time that comes twice in the night in
// which clocks are put back, only the first counts; of one they jump over, the
// moment after the jump. AnyTime is after itself. A place of several zones
// counts in that of most people.
func NextTimeOfDay(after commerce.Instant, p Place, at commerce.TimeOfDay) commerce.Instant {
	return next(after, p, at, func(int) bool { return true })
}

// NextWeekday is NextTimeOfDay on a day of the week; with AnyTime the first
// moment of such a day that is not before after, which is after itself where
// it is one.
func NextWeekday(after commerce.Instant, p Place, day time.Weekday, at commerce.TimeOfDay) commerce.Instant {
	return next(after, p, at, func(d int) bool { return weekday(d) == day })
}

// NextWorkingDay is NextWeekday for the first day on which people work, see
// Working. Where no day of the next 60 is one, every day counts.
func (c *Calendar) NextWorkingDay(after commerce.Instant, p Place, at commerce.TimeOfDay) commerce.Instant {
	in := customsOf(p.Country)
	return next(after, p, at, func(d int) bool { return c.working(d, in) })
}

// next returns the first moment from after on that is at on a date that fits.
func next(after commerce.Instant, p Place, at commerce.TimeOfDay, fits func(day int) bool) commerce.Instant {
	zone := orUTC(p.One())
	today, _ := wall(zone, floorDiv(int64(after), 1000))
	if at == AnyTime && fits(today) {
		return after
	}
	ofDay := int64(max(at, 0)%minutesADay) * 60
	for day := today; day < today+60; day++ {
		if !fits(day) {
			continue
		}
		t := reach(zone, day, ofDay)
		// A date that the clocks jump over as a whole, as Samoa's 30 December 2011, is none.
		if on, _ := wall(zone, t); on == day && t*1000 >= int64(after) {
			return commerce.Instant(t * 1000)
		}
	}
	return next(after, p, at, func(int) bool { return true })
}
