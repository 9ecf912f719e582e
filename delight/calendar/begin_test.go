package calendar

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

// A day begins at the first instant at which the clocks show it, and the one
// before it has ended.
func TestDayBegins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"Asia/Riyadh", "Africa/Cairo", "Asia/Beirut", "Asia/Tehran", "Europe/Berlin", "America/Havana", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"}).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		date := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 6000).Draw(t, "day"))
		begin := DayBegins(name, dayNumber(date))
		day := func(at commerce.Instant) string { return at.Time().In(zone).Format(time.DateOnly) }
		require.Equal(t, date.Format(time.DateOnly), day(begin))
		require.Less(t, day(begin-1), day(begin))
	})
	require.Equal(t, commerce.At(time.Date(2026, 3, 21, 0, 0, 0, 0, time.UTC)), DayBegins("Mars/Crater", dayNumber(time.Date(2026, 3, 21, 0, 0, 0, 0, time.UTC))))
}

// A condition asks for some, and has 6 µs in all.
func BenchmarkDayBegins(b *testing.B) {
	for b.Loop() {
		DayBegins("Asia/Riyadh", 20_533)
	}
}
