package campaign

import (
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/calendar"
)

// until is the moment from at on that a wait_until waits for, where the person
// lives. At itself may be it.
func (here *node) until(at commerce.Instant, f *Facts) commerce.Instant {
	if at >= notYet {
		return at
	}
	where := placeOf(f)
	switch day, named := weekdayOf(here.step.Weekday); {
	case here.step.Working:
		c := calendar.New(f.Shop.Settings.Calendar)
		return c.NextWorkingDay(at, where, here.at)
	case named:
		return calendar.NextWeekday(at, where, day, here.at)
	}
	return calendar.NextTimeOfDay(at, where, here.at)
}

// placeOf is where the person lives: their zone, else where the order went.
func placeOf(f *Facts) calendar.Place {
	country, region := f.Person.Country, ""
	if f.Order != nil && f.Order.Detail.Country != "" {
		country, region = f.Order.Detail.Country, f.Order.Detail.Region
	}
	return calendar.Locate(f.Person.Timezone, country, region, f.Shop.Timezone, f.Shop.Country)
}

// timeOfDay reads what Check has let pass; "" is any time.
func timeOfDay(s string) commerce.TimeOfDay {
	t, err := commerce.ParseTimeOfDay(s)
	if err != nil || t >= 24*60 {
		return calendar.AnyTime
	}
	return t
}

// weekdayOf reads "monday".
func weekdayOf(name string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.ToLower(d.String()) == name {
			return d, true
		}
	}
	return 0, false
}
