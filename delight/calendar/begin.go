package calendar

import "flywheel/commerce"

// DayBegins returns the first instant of a day, counted from 1970-01-01, where
// the clocks go by zone; by UTC where there is no such zone.
func DayBegins(zone string, day int) commerce.Instant {
	return commerce.Instant(reach(orUTC(zone), day, 0) * 1000)
}

// DayOf returns the day, counted from 1970-01-01, that clocks by zone show at an
// instant; by UTC where there is no such zone.
func DayOf(zone string, at commerce.Instant) int {
	day, _ := wall(orUTC(zone), int64(at)/1000)
	return day
}
