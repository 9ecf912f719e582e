// Package calendar knows when a shop's people may be asked something: quiet
// hours in the person's own zone, weekends by country, the shop's closed days,
// Ramadan and the Eids by the Umm al-Qura calendar, Nowruz; and it finds the
// moments that waits wait for. It is pure: the shop's choices are
// commerce.CalendarSettings, now is a parameter. Which classes of message keep
// quiet hours is the gate's business.
//
// A date has one kind, and the kind decides its hours. A window that wraps
// midnight covers the early and the late hours of one date; the clock that
// hangs on the wall where the person is decides, also in the night in which it
// is turned.
package calendar

import (
	"time"

	"flywheel/commerce"
)

// Kind is what sort of day a date is. Those after Ordinary are the keys of
// commerce.CalendarSettings.Special.
type Kind string

// Kinds of days. Where several fit, the first of Closed, the Eids, Nowruz,
// Ramadan and Weekend decides.
const (
	Ordinary  Kind = "ordinary"
	Weekend   Kind = "weekend"
	Closed    Kind = "closed_day"
	Ramadan   Kind = "ramadan"     // up to the eve of Eid al-Fitr
	EidAlFitr Kind = "eid_al_fitr" // 1 to 3 Shawwal
	EidAlAdha Kind = "eid_al_adha" // 10 to 13 Dhu al-Hijja
	Nowruz    Kind = "nowruz"      // 1 to 4 Farvardin
)

// QuietHours is why it is quiet on a day that has no hours of its own; the
// other reasons are kinds of days.
const QuietHours = "quiet_hours"

// The defaults. In Ramadan people fast and sleep by day and are awake after
// the evening prayers, so what we ask waits for the evening; the first day of
// an Eid and of Nowruz belongs to the family, and nothing is asked.
var (
	defaultQuiet       = span{21 * 60, 8 * 60}
	defaultRamadanSend = span{20*60 + 30, 23*60 + 30}
)

// span is a window in minutes of the day, as in commerce.Window.
type span struct{ from, to commerce.TimeOfDay }

func (s span) has(t commerce.TimeOfDay) bool { return t.Within(s.from, s.to) }

// read returns a window's span, and whether there is one that can be read.
func read(w *commerce.Window) (span, bool) {
	if w == nil || *w == (commerce.Window{}) {
		return span{}, false
	}
	from, err := commerce.ParseTimeOfDay(w.From)
	to, err2 := commerce.ParseTimeOfDay(w.To)
	return span{from, to}, err == nil && err2 == nil
}

// hours are when something may be asked on a date: never within quiet and,
// where only is set, only within send. The zero value is any time.
type hours struct {
	quiet  span
	send   span
	only   bool
	closed bool // not at all
}

func (h hours) free(t commerce.TimeOfDay) bool {
	return !h.closed && !h.quiet.has(t) && (!h.only || h.send.has(t))
}

// next returns the first free time from t on, if the date has one.
func (h hours) next(t commerce.TimeOfDay) (commerce.TimeOfDay, bool) {
	if h.free(t) {
		return t, true
	}
	// What is not free becomes free only where the quiet hours end or those for sending begin.
	for _, m := range [2]commerce.TimeOfDay{min(h.quiet.to, h.send.from), max(h.quiet.to, h.send.from)} {
		if m > t && m < minutesADay && h.free(m) {
			return m, true
		}
	}
	return 0, false
}

const minutesADay = 24 * 60

// special is how one kind of day is kept.
type special struct {
	hours       hours
	own         bool // hours are those of the kind, else the ordinary ones
	firstClosed bool // nothing on the first day
	shift       int
	on, off     bool
}

// Calendar is a shop's settings made ready. New makes it; it is not changed afterwards.
type Calendar struct {
	ordinary  hours
	weekend   week
	byCountry bool // the weekend is the country's
	closed    []yearDay

	weekendDay, closedDay              special
	ramadan, eidFitr, eidAdha, newYear special
}

// yearDay is a closed day; year 0 is every year.
type yearDay struct {
	year  int
	month time.Month
	day   int
}

// New makes settings ready to be asked. What CalendarSettings.Check would
// refuse counts as not chosen.
func New(s commerce.CalendarSettings) Calendar {
	c := Calendar{
		ordinary:  hours{quiet: defaultQuiet},
		byCountry: s.Weekend == nil,
		closedDay: special{hours: hours{closed: true}, own: true},
		ramadan:   special{hours: hours{only: true, send: defaultRamadanSend}, own: true},
		eidFitr:   special{firstClosed: true},
		eidAdha:   special{firstClosed: true},
		newYear:   special{firstClosed: true},
	}
	if quiet, ok := read(&s.Quiet); ok {
		c.ordinary.quiet = quiet
	}
	for _, day := range s.Weekend {
		c.weekend = c.weekend.with(day)
	}
	for _, day := range s.Closed {
		if d, ok := readDay(day); ok {
			c.closed = append(c.closed, d)
		}
	}
	if len(s.Special) > 0 {
		c.weekendDay.change(s.Special[string(Weekend)])
		c.closedDay.change(s.Special[string(Closed)])
		c.ramadan.change(s.Special[string(Ramadan)])
		c.eidFitr.change(s.Special[string(EidAlFitr)])
		c.eidAdha.change(s.Special[string(EidAlAdha)])
		c.newYear.change(s.Special[string(Nowruz)])
	}
	return c
}

// change takes over what a shop wants otherwise.
func (k *special) change(d commerce.SpecialDay) {
	k.shift = max(-2, min(2, d.Shift))
	k.on, k.off = d.On, d.Off
	quiet, hasQuiet := read(d.Quiet)
	send, hasSend := read(d.Send)
	switch {
	case d.Closed:
		k.hours, k.own = hours{closed: true}, true
	case hasQuiet || hasSend:
		k.hours, k.own, k.firstClosed = hours{quiet: quiet, send: send, only: hasSend}, true, false
	}
}

func readDay(s string) (yearDay, bool) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return yearDay{t.Year(), t.Month(), t.Day()}, true
	}
	t, err := time.Parse(time.DateOnly, "2024-"+s) // a leap year has every day
	return yearDay{0, t.Month(), t.Day()}, err == nil
}
