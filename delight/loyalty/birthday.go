package loyalty

import (
	"time"

	"flywheel/commerce"
)

// Birthday is a day of the year: month * 100 + day; 0 = not told.
type Birthday int

// Next is the first birthday of a year whose day begins at or behind the day of
// now, by the clocks of zone, and that year. Who was born on 29 February has it
// on the 28th in years without one. The zero one has none: 0.
func (b Birthday) Next(zone *time.Location, now commerce.Instant) (at commerce.Instant, year int) {
	if b == 0 {
		return 0, 0
	}
	today := now.Time().In(zone)
	if y, m, d := today.Date(); b.in(y, zone).Before(time.Date(y, m, d, 0, 0, 0, 0, zone)) {
		return commerce.At(b.in(y+1, zone)), y + 1
	}
	return commerce.At(b.in(today.Year(), zone)), today.Year()
}

func (b Birthday) in(year int, zone *time.Location) time.Time {
	at := time.Date(year, time.Month(b/100), int(b%100), 0, 0, 0, 0, zone)
	if at.Month() != time.Month(b/100) {
		at = time.Date(year, time.February, 28, 0, 0, 0, 0, zone)
	}
	return at
}
