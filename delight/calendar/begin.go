package calendar

import "flywheel/commerce"

// DayBegins returns the first instant of a day, counted from 1970-01-01, where
// the clocks go by zone; by UTC where there is no such zone.
func DayBegins(zone string, day int) commerce.Instant {
	return commerce.Instant(reach(orUTC(zone), day, 0) * 1000)
}
