package commerce

import (
	"maps"
	"slices"
	"strings"
	"time"

	"flywheel/fault"
)

// TimeOfDay is a time on a wall clock in minutes since midnight, 0 to 1440;
// 1440 is the midnight that ends the day.
type TimeOfDay int

// ParseTimeOfDay reads "09:30", and "24:00" for the end of the day. Errors are fault.Invalid.
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	if s == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, fault.New(fault.Invalid, "%q is not a time such as 09:30", s)
	}
	return TimeOfDay(t.Hour()*60 + t.Minute()), nil
}

// Window is a span of local time, from From up to but not including To, both
// such as "21:00". It may wrap midnight; equal ends are no time at all. Both
// empty = not chosen.
type Window struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// CalendarSettings are a shop's choices about the hours and days on which it
// asks people. The zero value is 21:00 to 08:00 quiet, weekends and feasts by
// country; package calendar says what that means.
type CalendarSettings struct {
	// Quiet are the quiet hours of a day that has none of its own.
	Quiet Window `json:"quiet,omitzero"`
	// Weekend lists the days off, 0 for Sunday; nil = by country, empty = none.
	Weekend []time.Weekday `json:"weekend,omitzero"`
	// Closed lists days on which nothing is asked: 2026-09-23, or 09-23 for every year.
	Closed []string `json:"closed,omitempty"`
	// Special changes a kind of day: weekend, closed_day, ramadan, eid_al_fitr, eid_al_adha, nowruz.
	Special map[string]SpecialDay `json:"special,omitempty"`
}

// SpecialDay is what a shop wants otherwise on one kind of day. Hours given
// here replace all default hours of the kind.
type SpecialDay struct {
	// Quiet are the hours in which nothing is asked.
	Quiet *Window `json:"quiet,omitempty"`
	// Send are the only hours in which something is asked.
	Send *Window `json:"send,omitempty"`
	// Closed asks nothing on any day of the kind.
	Closed bool `json:"closed,omitempty"`
	// Shift moves a feast by up to two days either way, for a moon seen earlier
	// or later than the Umm al-Qura calendar says.
	Shift int `json:"shift,omitempty"`
	// On keeps a feast for every person, Off for none; neither = by country.
	On  bool `json:"on,omitempty"`
	Off bool `json:"off,omitempty"`
}

// specialKinds are the keys of CalendarSettings.Special, and whether they are feasts.
var specialKinds = map[string]bool{
	"weekend": false, "closed_day": false, "ramadan": true, "eid_al_fitr": true, "eid_al_adha": true, "nowruz": true,
}

// Check returns the first mistake as fault.Invalid, naming its field.
func (s CalendarSettings) Check() error {
	if s.Quiet != (Window{}) {
		if err := s.Quiet.check(); err != nil {
			return fault.New(fault.Invalid, "quiet: %s", fault.Sentence(err))
		}
		if s.Quiet.covers(wholeDay) {
			return fault.New(fault.Invalid, "quiet: the whole day is quiet, nothing could ever be sent")
		}
	}
	if err := checkWeekend(s.Weekend); err != nil {
		return err
	}
	for _, day := range s.Closed {
		if !isDay(day) {
			return fault.New(fault.Invalid, "closed: %q is not a day such as 2026-09-23, or 09-23 for every year", day)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Special)) {
		feast, known := specialKinds[kind]
		if !known {
			return fault.New(fault.Invalid, "special: there is no kind of day %q; there are %s", kind, strings.Join(slices.Sorted(maps.Keys(specialKinds)), ", "))
		}
		if err := s.Special[kind].check(feast); err != nil {
			return fault.New(fault.Invalid, "special.%s.%s", kind, fault.Sentence(err))
		}
	}
	return nil
}

func checkWeekend(days []time.Weekday) error {
	var seen [7]bool
	for _, day := range days {
		if day < time.Sunday || day > time.Saturday {
			return fault.New(fault.Invalid, "weekend: %d is not a day of the week from 0 (Sunday) to 6", int(day))
		}
		if seen[day] {
			return fault.New(fault.Invalid, "weekend: %s is listed twice", day)
		}
		seen[day] = true
	}
	if len(days) == 7 {
		return fault.New(fault.Invalid, "weekend: at least one day of the week must be left for work")
	}
	return nil
}

// isDay reports whether s is a date, or a month and day that some year has.
func isDay(s string) bool {
	if _, err := time.Parse(time.DateOnly, s); err == nil {
		return true
	}
	_, err := time.Parse(time.DateOnly, "2024-"+s)
	return err == nil
}

func (d SpecialDay) check(feast bool) error {
	switch {
	case !feast && (d.Shift != 0 || d.On || d.Off):
		return fault.New(fault.Invalid, "shift: shift, on and off are for feasts only")
	case d.Shift < -2 || d.Shift > 2:
		return fault.New(fault.Invalid, "shift: %d is not a number of days from -2 to 2", d.Shift)
	case d.On && d.Off:
		return fault.New(fault.Invalid, "on: it cannot be on and off at once")
	case d.Closed && (d.Quiet != nil || d.Send != nil):
		return fault.New(fault.Invalid, "closed: closed days have no hours")
	}
	if d.Quiet != nil {
		if err := d.Quiet.check(); err != nil {
			return fault.New(fault.Invalid, "quiet: %s", fault.Sentence(err))
		}
	}
	if d.Send == nil {
		return nil
	}
	if err := d.Send.check(); err != nil {
		return fault.New(fault.Invalid, "send: %s", fault.Sentence(err))
	}
	if from, to := d.Send.minutes(); from == to {
		return fault.New(fault.Invalid, "send: the hours end where they begin")
	}
	if d.Quiet != nil && d.Quiet.covers(*d.Send) {
		return fault.New(fault.Invalid, "send: all of these hours are quiet hours")
	}
	return nil
}

func (w Window) check() error {
	if _, err := ParseTimeOfDay(w.From); err != nil {
		return err
	}
	_, err := ParseTimeOfDay(w.To)
	return err
}

// minutes returns the ends of a window that was checked.
func (w Window) minutes() (from, to TimeOfDay) {
	from, _ = ParseTimeOfDay(w.From)
	to, _ = ParseTimeOfDay(w.To)
	return from, to
}

// wholeDay is every minute there is.
var wholeDay = Window{"00:00", "24:00"}

// covers reports whether every minute of other lies in w, both checked.
func (w Window) covers(other Window) bool {
	from, to := w.minutes()
	otherFrom, otherTo := other.minutes()
	for t := range TimeOfDay(24 * 60) {
		if t.Within(otherFrom, otherTo) && !t.Within(from, to) {
			return false
		}
	}
	return true
}

// Within reports whether t, below 24:00, lies from from up to but not
// including to; where to is before from the span wraps midnight.
func (t TimeOfDay) Within(from, to TimeOfDay) bool {
	if from <= to {
		return from <= t && t < to
	}
	return t >= from || t < to
}
