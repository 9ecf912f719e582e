package gate

import (
	"fmt"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/delight/calendar"
)

// Use is one ask that counts in caps.
type Use struct {
	At    commerce.Instant
	Class Class
}

// bound is one cap as it binds an ask: at most limit within any window. It is
// met while an earlier ask lies within the window before a moment.
type bound struct {
	name   string
	limit  int
	window commerce.Instant
	only   Class // the class that counts; "" = every ask
}

func (b bound) counts(c Class) bool { return c != Transactional && (b.only == "" || b.only == c) }

// bounds are the caps that bind f: asks, and for marketing its own. A negative
// limit lifts a cap, and one of no days bounds nothing.
func (f *Facts) bounds() (list [2]bound, n int) {
	caps := f.Shop.Settings.Caps.WithDefaults()
	for _, b := range [...]bound{
		{"asks", caps.Asks.Limit, inDays(caps.Asks), ""},
		{"marketing", caps.Marketing.Limit, inDays(caps.Marketing), Marketing},
	} {
		if b.counts(f.Class) && b.limit >= 0 && b.window > 0 {
			list[n] = b
			n++
		}
	}
	return list, n
}

func inDays(c commerce.Cap) commerce.Instant {
	return commerce.Instant(time.Duration(c.Days) * 24 * time.Hour / time.Millisecond)
}

// used counts the asks that fill b at now.
func (b bound) used(uses []Use, now commerce.Instant) (n int) {
	for _, u := range uses {
		if b.counts(u.Class) && u.At > now-b.window {
			n++
		}
	}
	return n
}

// frees returns when so many of the asks have left the window that one more
// fits in; the limit is at least 1.
func (b bound) frees(uses []Use, now commerce.Instant) commerce.Instant {
	var within []commerce.Instant
	for _, u := range uses {
		if b.counts(u.Class) && u.At > now-b.window {
			within = append(within, u.At)
		}
	}
	slices.Sort(within)
	return within[len(within)-b.limit] + b.window
}

// withinCaps counts what the address got. Where several caps are full, the one
// that is so longest answers. A limit of 0 allows none, ever.
func withinCaps(f *Facts, days *calendar.Calendar, now commerce.Instant) Decision {
	var free commerce.Instant
	var full bound
	bounds, n := f.bounds()
	for _, b := range bounds[:n] {
		switch {
		case b.limit == 0:
			return skip(Capped, "%s", b)
		case b.used(f.Used, now) < b.limit:
			continue
		}
		if at := b.frees(f.Used, now); at > free {
			free, full = at, b
		}
	}
	if free == 0 {
		return send()
	}
	return deferred(Capped, later(f, days, free, now), full.String())
}

// String is the cap in words: "asks: 2 in 7 days".
func (b bound) String() string {
	const day = commerce.Instant(24 * time.Hour / time.Millisecond)
	return fmt.Sprintf("%s: %d in %d days", b.name, b.limit, b.window/day)
}
