package gate

import (
	"time"

	"flywheel/commerce"
	"flywheel/delight/calendar"
)

// awake keeps quiet hours and quiet days where the person is. Of a person
// whose zone is not known it is quiet if it is quiet in any that may be.
func awake(f *Facts, days *calendar.Calendar, now commerce.Instant) Decision {
	until, quiet, why := days.Quiet(now, f.Place)
	if !quiet {
		return send()
	}
	reason, detail := QuietHours, where(f.Place)
	if why != calendar.QuietHours {
		reason, detail = QuietDay, why+", "+detail
	}
	return deferred(reason, later(f, days, until, now), detail)
}

// where is a place in words: the zone, and how we know.
func where(p calendar.Place) string {
	if p.Zone == "" && len(p.Zones) > 1 {
		return "any zone of " + p.Country + ", " + string(p.Source)
	}
	return p.One() + ", " + string(p.Source)
}

// How far ahead a Defer is at least, and over how long what ends at one moment
// is spread, so that not the whole shop writes at eight sharp.
const (
	minute = commerce.Instant(time.Minute / time.Millisecond)
	spread = 30 * minute
)

// later returns when to decide again about what may go from plain on. It is
// spread by the step's id, but neither into quiet hours nor beyond half of the
// time in which the message is of use: it must not come too late by that.
func later(f *Facts, days *calendar.Calendar, plain, now commerce.Instant) commerce.Instant {
	plain = max(plain, now+minute)
	room := min(spread, (f.LatestUseful-plain)/2)
	if room <= 0 {
		return plain
	}
	at := plain + commerce.Instant(hash(f.Self.ID)%uint64(room+1))
	if _, quiet, _ := days.Quiet(at, f.Place); quiet {
		return plain
	}
	return at
}

// hash is FNV-1a: the same on every machine and in every version.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
