package commerce

import "time"

// Instant is a moment in milliseconds since 1970 UTC, the precision the
// database keeps. 0 means never or not known.
type Instant int64

// At cuts t to an Instant; the zero time gives 0.
func At(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixMilli())
}

// Time returns i in UTC; the zero time for 0.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(i)).UTC()
}

// Add returns i moved by d; never stays never.
func (i Instant) Add(d time.Duration) Instant {
	if i == 0 {
		return 0
	}
	return i + Instant(d.Milliseconds())
}

// Seconds cuts i to whole seconds, for comparing with platforms that send no more.
func (i Instant) Seconds() Instant { return i / 1000 * 1000 }

// Earliest returns the smaller of two instants, ignoring one that is never.
func Earliest(a, b Instant) Instant {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}
