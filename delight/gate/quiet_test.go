package gate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/delight/calendar"
)

func utc(t testing.TB, s string) commerce.Instant {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", s)
	require.NoError(t, err)
	return commerce.At(at)
}

func TestQuietThroughTheGate(t *testing.T) {
	late := commerce.Window{From: "22:00", To: "02:30"}
	for name, c := range map[string]struct {
		zone, country string
		quiet         commerce.Window
		now, until    string // UTC; "" = it goes
		reason        Reason
		detail        string
	}{
		"by day":                     {zone: "Europe/Berlin", country: "DE", now: "2026-03-12 19:59"},
		"the first quiet minute":     {zone: "Europe/Berlin", country: "DE", now: "2026-03-12 20:00", until: "2026-03-13 07:00"},
		"before midnight":            {zone: "Europe/Berlin", country: "DE", now: "2026-03-12 22:59", until: "2026-03-13 07:00"},
		"after midnight":             {zone: "Europe/Berlin", country: "DE", now: "2026-03-12 23:01", until: "2026-03-13 07:00"},
		"the first minute after":     {zone: "Europe/Berlin", country: "DE", now: "2026-03-13 07:00"},
		"clocks put forward":         {zone: "Europe/Berlin", country: "DE", now: "2026-03-29 00:30", until: "2026-03-29 06:00"},
		"an end that is jumped over": {zone: "Europe/Berlin", country: "DE", quiet: late, now: "2026-03-29 00:30", until: "2026-03-29 01:00"},
		"clocks put back":            {zone: "Europe/Berlin", country: "DE", now: "2026-10-24 23:00", until: "2026-10-25 07:00"},
		"an end that comes twice":    {zone: "Europe/Berlin", country: "DE", quiet: late, now: "2026-10-24 23:00", until: "2026-10-25 00:30"},
		"the second time":            {zone: "Europe/Berlin", country: "DE", quiet: late, now: "2026-10-25 01:10", until: "2026-10-25 01:30"},
		"half an hour":               {zone: "Asia/Kolkata", country: "IN", now: "2026-03-12 15:30", until: "2026-03-13 02:30"},
		"half an hour, by day":       {zone: "Asia/Kolkata", country: "IN", now: "2026-03-12 15:29"},
		"three quarters":             {zone: "Asia/Kathmandu", country: "NP", now: "2026-03-12 15:15", until: "2026-03-13 02:15"},
		"Ramadan by day":             {zone: "Asia/Riyadh", country: "SA", now: "2026-03-12 12:00", until: "2026-03-12 17:30", reason: QuietDay, detail: "ramadan, Asia/Riyadh, person"},
		"Ramadan in the evening":     {zone: "Asia/Riyadh", country: "SA", now: "2026-03-12 19:00"},
		"the eve of Eid":             {zone: "Asia/Riyadh", country: "SA", now: "2026-03-19 20:30", until: "2026-03-21 05:00", reason: QuietDay, detail: "ramadan, Asia/Riyadh, person"},
		"Eid":                        {zone: "Asia/Riyadh", country: "SA", now: "2026-03-20 09:00", until: "2026-03-21 05:00", reason: QuietDay, detail: "eid_al_fitr, Asia/Riyadh, person"},
		"Nowruz":                     {zone: "Asia/Tehran", country: "IR", now: "2025-03-21 09:00", until: "2025-03-22 04:30", reason: QuietDay, detail: "nowruz, Asia/Tehran, person"},
	} {
		now := utc(t, c.now)
		f := facts(func(f *Facts) {
			f.Place.Zone, f.Place.Country, f.Shop.Settings.Calendar.Quiet = c.zone, c.country, c.quiet
			f.LatestUseful = now
		})
		if c.until == "" {
			require.Equal(t, send(), Decide(f, now), name)
			continue
		}
		if c.reason == "" {
			c.reason, c.detail = QuietHours, c.zone+", person"
		}
		f.LatestUseful = utc(t, c.until)
		require.Equal(t, Decision{Answer: Defer, Reason: c.reason, Detail: c.detail, Until: f.LatestUseful}, Decide(f, now), "%s, no time to spread", name)
		f.LatestUseful--
		require.Equal(t, TooLate, Decide(f, now).Reason, name)
		f.LatestUseful += minute * 60 * 24
		d := Decide(f, now)
		require.GreaterOrEqual(t, d.Until, utc(t, c.until), name)
		require.LessOrEqual(t, d.Until, utc(t, c.until)+30*minute, name)
		for _, exempt := range []func(*Facts){of(Transactional), internal} {
			exempt(&f)
			require.Equal(t, send(), Decide(f, now), name)
			f.Class, f.Internal = Service, false
		}
	}
}

// Of somebody in the United States nobody knows where, it is quiet while it is
// quiet in Hawaii; of a person nothing is known of, by the shop's clock.
func TestQuietInUnknownZones(t *testing.T) {
	f := facts(func(f *Facts) { f.Place = calendar.Locate("", "US", "", "Europe/Berlin", "DE") })
	d := Decide(f, utc(t, "2026-03-12 15:00"))
	require.Equal(t, QuietHours, d.Reason, "11:00 in New York, 5:00 in Honolulu")
	require.Equal(t, "any zone of US, country", d.Detail)
	made := calendar.New(commerce.CalendarSettings{})
	for _, zone := range []string{"America/New_York", "America/Los_Angeles", "Pacific/Honolulu"} {
		_, quiet, _ := made.Quiet(d.Until, calendar.Place{Zone: zone, Country: "US"})
		require.False(t, quiet, zone)
	}

	f.Place = calendar.Locate("Mars/Olympus", "", "", "Europe/Berlin", "DE")
	d = Decide(f, utc(t, "2026-03-12 22:00"))
	require.Equal(t, "Europe/Berlin, shop", d.Detail)
}

// What ends at one moment is spread, each step to its own place, but never
// into quiet hours and never so that it comes too late by that.
func TestSpread(t *testing.T) {
	night := utc(t, "2026-10-24 23:00")
	seen := map[commerce.Instant]bool{}
	rapid.Check(t, func(t *rapid.T) {
		f := facts(func(f *Facts) {
			f.Shop.Settings.Calendar.Quiet = commerce.Window{From: "22:00", To: "02:45"} // which comes twice, a quarter of an hour before 2:00 does
			f.Self.ID = rapid.StringN(1, 20, -1).Draw(t, "id")
			f.LatestUseful = night + commerce.Instant(rapid.IntRange(105, 300).Draw(t, "latest"))*minute
		})
		plain := night + 105*minute
		d := Decide(f, night)
		require.Equal(t, Defer, d.Answer)
		require.True(t, plain <= d.Until && d.Until < plain+15*minute && d.Until <= f.LatestUseful)
		require.Equal(t, d, Decide(f, night))
		require.Equal(t, send(), Decide(f, d.Until))
		seen[d.Until] = true
	})
	require.Greater(t, len(seen), 10)
}

func TestADayClosedForGood(t *testing.T) {
	f := facts(settings(func(s *commerce.Settings) {
		s.Calendar.Special = map[string]commerce.SpecialDay{"ramadan": {Closed: true}}
	}), func(f *Facts) { f.Place = calendar.Locate("", "SA", "", "", "") })
	d := Decide(f, after(10))
	require.Equal(t, QuietDay, d.Reason)
	require.Equal(t, "2026-03-21", d.Until.Time().Format(time.DateOnly), "Ramadan and the first day of the feast are over")
}
