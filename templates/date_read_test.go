package templates

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDaysAsTheyAreTyped(t *testing.T) {
	for _, c := range []struct{ typed, calendar, country, want string }{
		{"2026-09-23", "", "SA", "2026-09-23"},
		{" ٢٠٢٦/٩/٢٣ ", "", "SA", "2026-09-23"},
		{"۲۰۲۶.۱۲.۳۱", "", "IR", "2026-12-31"},
		{"٠٩-٢٣", "", "SA", "09-23"},
		{"۱۴۰۵/۱/۱", "", "IR", "2026-03-21"},
		{"1405-01-13", Jalali, "DE", "2026-04-02"},
		{"١٤٤٧-١٠-١", UmmAlQura, "SA", "2026-03-20"},
		{"1447-10-01", "", "SA", ""},        // nobody has said that it is Hijri
		{"1405-01-01", Gregorian, "IR", ""}, // the shop tells dates otherwise
		{"1405-12-30", Jalali, "IR", ""},    // no leap year
		{"1405-13-01", Jalali, "IR", ""},
		{"1447-02-30", UmmAlQura, "SA", ""},
		{"1100-01-01", UmmAlQura, "SA", ""},
		{"23 September", "", "SA", ""},
		{"", "", "", ""},
		{"-", "", "", ""},
		{"1-2-3-4", "", "", ""},
		{"20260-01-01", "", "", ""},
		{"-5-1-1", "", "", ""},
	} {
		got, ok := ReadDay(c.typed, c.calendar, c.country)
		require.Equal(t, c.want != "", ok, "%q: %s", c.typed, got)
		require.Equal(t, c.want, got, "%q", c.typed)
	}
}

// What we write in a calendar is read back as the same day.
func TestDaysComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 70*365).Draw(t, "days"))
		calendar := rapid.SampledFrom([]string{Jalali, UmmAlQura}).Draw(t, "calendar")
		y, m, d, used := dayIn(calendar, at)
		require.Equal(t, calendar, used)
		got, ok := ReadDay(fmt.Sprintf("%d-%d-%d", y, m, d), calendar, "")
		require.True(t, ok)
		require.Equal(t, at.Format(time.DateOnly), got)
	})
}
