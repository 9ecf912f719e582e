package gate

import (
	"cmp"

	"flywheel/commerce"
	"flywheel/delight/calendar"
)

// Rank is an ask's place in the total order: priority (greater first), then due, then id.
type Rank struct {
	Priority int
	Due      commerce.Instant
	ID       string
}

// Before reports whether an ask of rank r goes before one of rank o.
func (r Rank) Before(o Rank) bool {
	return cmp.Or(cmp.Compare(o.Priority, r.Priority), cmp.Compare(r.Due, o.Due), cmp.Compare(r.ID, o.ID)) < 0
}

// Rival is another ask of the same person, with the facts to judge it by.
type Rival struct {
	Rank
	Next     commerce.Instant // when it will be decided about next, where it was put off; 0 = when it is due
	Campaign string           // its name, for the reason
	Facts    Facts            // without rivals of its own; same shop, same uses
}

// first yields where the asks that go before this one will need all the room
// that its caps have left. It yields only to what would be sent: a rival that
// is held or skipped takes nobody's place. As the order is total, of several
// asks exactly one yields to none.
func first(f *Facts, days *calendar.Calendar, now commerce.Instant) Decision {
	bounds, n := f.bounds()
	var need [2]int
	var next [2]*Rival // the earliest of those that need b's room
	var at [2]commerce.Instant
	for i := range f.Rivals {
		r := &f.Rivals[i]
		if r.ID == f.Self.ID || !r.Before(f.Self) || !r.Facts.ask() {
			continue
		}
		goes, ok := r.goes(days, now, bounds[:n])
		for j, b := range bounds[:n] {
			if !ok || !b.counts(r.Facts.Class) || goes >= now+b.window {
				continue
			}
			need[j]++
			if next[j] == nil || goes < at[j] || goes == at[j] && r.Before(next[j].Rank) {
				next[j], at[j] = r, goes
			}
		}
	}
	for j, b := range bounds[:n] {
		if need[j] > 0 && need[j] >= b.limit-b.used(f.Used, now) {
			return deferred(Yielded, at[j]+minute, next[j].Campaign)
		}
	}
	return send()
}

// goes returns when a rival would be sent if it had none, as far as known now.
// One that cannot go within any of the windows is not judged.
func (r *Rival) goes(days *calendar.Calendar, now commerce.Instant, bounds []bound) (at commerce.Instant, ok bool) {
	at = max(now, r.Due, r.Next)
	near := false
	for _, b := range bounds {
		near = near || b.counts(r.Facts.Class) && at < now+b.window
	}
	if !near {
		return 0, false
	}
	f := r.Facts
	f.Self, f.Rivals = r.Rank, nil
	switch d := f.decide(at, days); d.Answer {
	case Send:
		return at, true
	case Defer:
		return d.Until, true
	}
	return 0, false
}
