package billing

import (
	"time"

	"flywheel/commerce"
)

// Grace is how long messages that ask go on after a shop was first seen over
// its plan, so that a good week stops nothing without notice.
const Grace = 7 * 24 * time.Hour

// cycle is Shopify's billing cycle. A year that is paid at once has twelve of them and a few days.
const cycle = 30 * 24 * time.Hour

// Level says how far a plan is filled.
type Level string

// Levels, from room to none.
const (
	Within Level = "within"
	Near   Level = "near" // four fifths of it or more
	Over   Level = "over" // and in Grace: everything still goes
	Held   Level = "held" // over, and messages that ask wait
)

// Quota is how far a shop has filled its plan in the current period.
type Quota struct {
	Level     Level
	Used      int64            // paid orders less those that went back whole
	Limit     int64            // 0 = any number
	HoldsFrom commerce.Instant // when Grace ends or ended; 0 = not over
}

// Weigh starts Grace where a shop is over its plan and ends it where it is not.
// Who is over already goes on in the same Grace, also with another plan that is
// too small.
func (ps Plans) Weigh(e commerce.Entitlement, used int64, now commerce.Instant) commerce.Entitlement {
	switch limit := ps.Of(e).Orders; {
	case limit == 0 || used <= limit:
		e.HoldsFrom = 0
	case e.HoldsFrom == 0:
		e.HoldsFrom = now.Add(Grace)
	}
	return e
}

// Quota says how far a shop is, as Weigh left it.
func (ps Plans) Quota(e commerce.Entitlement, used int64, now commerce.Instant) Quota {
	q := Quota{Level: Within, Used: max(0, used), Limit: ps.Of(e).Orders, HoldsFrom: e.HoldsFrom}
	switch {
	case e.Holds(now):
		q.Level = Held
	case e.HoldsFrom != 0 || q.Limit > 0 && q.Used > q.Limit:
		q.Level = Over
	case q.Limit > 0 && q.Used*5 >= q.Limit*4:
		q.Level = Near
	}
	return q
}

// Period is when the usage that counts at now began and will end: the
// platform's billing cycle, in steps of 30 days from its start, or else the
// calendar month in UTC, for the free plan and during a trial. Usage is counted
// by day, and the day on which a period begins is in it.
func Period(e commerce.Entitlement, now commerce.Instant) (from, until commerce.Instant) {
	if e.Contract() && e.PeriodFrom != 0 && e.PeriodFrom <= now {
		length := commerce.Instant(cycle / time.Millisecond)
		from = e.PeriodFrom + (now-e.PeriodFrom)/length*length
		return from, from + length
	}
	t := now.Time().UTC()
	month := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	return commerce.At(month), commerce.At(month.AddDate(0, 1, 0))
}
