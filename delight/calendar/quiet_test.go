package calendar

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

func TestQuietHoursAreThoseOfTheWallClock(t *testing.T) {
	c := New(commerce.CalendarSettings{})
	for _, tc := range []struct{ name, zone, country, now, until, why string }{
		{"by day", "Europe/Berlin", "DE", "2026-06-10 12:00", "", ""},
		{"the first minute of the evening", "Europe/Berlin", "DE", "2026-06-10 21:00", "2026-06-11 08:00 +02:00", QuietHours},
		{"the minute before", "Europe/Berlin", "DE", "2026-06-10 20:59", "", ""},
		{"past midnight", "Europe/Berlin", "DE", "2026-06-11 00:30", "2026-06-11 08:00 +02:00", QuietHours},
		{"the first minute of the morning", "Europe/Berlin", "DE", "2026-06-11 08:00", "", ""},
		{"a minute before the end", "Europe/Berlin", "DE", "2026-06-11 07:59", "2026-06-11 08:00 +02:00", QuietHours},
		{"the night is an hour shorter", "Europe/Berlin", "DE", "2026-03-28 23:00", "2026-03-29 08:00 +02:00", QuietHours},
		{"the night is an hour longer", "Europe/Berlin", "DE", "2026-10-24 23:00", "2026-10-25 08:00 +01:00", QuietHours},
		{"a quarter of an hour", "Asia/Kathmandu", "NP", "2026-06-10 21:15", "2026-06-11 08:00 +05:45", QuietHours},
		{"half an hour", "Asia/Tehran", "IR", "2026-06-10 23:00", "2026-06-11 08:00 +03:30", QuietHours},
		{"Cairo jumps over midnight", "Africa/Cairo", "EG", "2026-04-23 23:30", "2026-04-24 08:00 +03:00", QuietHours},
		{"Samoa had no 30 December", "Pacific/Apia", "WS", "2011-12-29 22:00", "2011-12-31 08:00 +14:00", QuietHours},
		{"a zone that is none is UTC", "Mars/Olympus", "", "2026-06-10 23:00", "2026-06-11 08:00 +00:00", QuietHours},
	} {
		t.Run(tc.name, func(t *testing.T) {
			zone := tc.zone
			if !IsZone(zone) {
				zone = "UTC"
			}
			until, quiet, why := c.Quiet(in(t, zone, tc.now), at(tc.zone, tc.country))
			require.Equal(t, tc.until, show(zone, until))
			require.Equal(t, tc.until != "", quiet)
			require.Equal(t, tc.why, why)
		})
	}
}

func TestQuietHoursInANightInWhichClocksAreTurned(t *testing.T) {
	place := at("Europe/Berlin", "DE")
	until := func(quiet commerce.Window, now string) string {
		c := New(commerce.CalendarSettings{Quiet: quiet})
		until, _, _ := c.Quiet(in(t, place.Zone, now), place)
		return show(place.Zone, until)
	}
	gap := commerce.Window{From: "22:00", To: "02:30"} // 02:30 does not come on 29 March
	require.Equal(t, "2026-03-29 03:00 +02:00", until(gap, "2026-03-29 01:10"))
	within := commerce.Window{From: "02:10", To: "02:50"}
	require.Empty(t, until(within, "2026-03-29 03:00"), "the clocks jumped over all of it")

	fold := commerce.Window{From: "22:00", To: "02:30"} // 02:30 comes twice on 25 October
	require.Equal(t, "2026-10-25 02:30 +02:00", until(fold, "2026-10-25 01:10"), "the first")
	require.Empty(t, until(fold, "2026-10-25 02:45 +02:00"))
	require.Equal(t, "2026-10-25 02:30 +01:00", until(fold, "2026-10-25 02:15 +01:00"), "the clocks on the wall say quiet again")
}

func TestUntilIsAMinuteAheadAtLeast(t *testing.T) {
	c := New(commerce.CalendarSettings{})
	until, quiet, _ := c.Quiet(utc(t, "2026-06-11 07:59:40"), at("UTC", ""))
	require.True(t, quiet)
	require.Equal(t, utc(t, "2026-06-11 08:00:40"), until)
}

func TestAWindowOfNoLengthIsNeverQuiet(t *testing.T) {
	c := New(commerce.CalendarSettings{Quiet: commerce.Window{From: "09:00", To: "09:00"}})
	for hour := range 24 {
		_, quiet, _ := c.Quiet(utc(t, "2026-06-10 00:00").Add(time.Duration(hour)*time.Hour), at("UTC", "DE"))
		require.False(t, quiet)
	}
}

func TestRamadanWaitsForTheEvening(t *testing.T) {
	riyadh := at("Asia/Riyadh", "SA")
	c := New(commerce.CalendarSettings{})
	for _, tc := range []struct{ now, until, why string }{
		{"2026-02-17 12:00", "", ""},                                       // the day before 1 Ramadan 1447
		{"2026-02-17 22:00", "2026-02-18 20:30 +03:00", QuietHours},        // its eve is an ordinary evening
		{"2026-02-18 12:00", "2026-02-18 20:30 +03:00", string(Ramadan)},   // 1 Ramadan
		{"2026-02-18 22:00", "", ""},                                       //
		{"2026-03-19 23:30", "2026-03-21 08:00 +03:00", string(Ramadan)},   // the last evening; Eid's first day is left out
		{"2026-03-20 12:00", "2026-03-21 08:00 +03:00", string(EidAlFitr)}, // 1 Shawwal
		{"2026-03-21 12:00", "", ""},                                       //
		{"2026-03-21 22:00", "2026-03-22 08:00 +03:00", QuietHours},        // the second day has ordinary hours
		{"2026-05-27 09:00", "2026-05-28 08:00 +03:00", string(EidAlAdha)}, // 10 Dhu al-Hijja
	} {
		until, _, why := c.Quiet(in(t, riyadh.Zone, tc.now), riyadh)
		require.Equal(t, tc.until, show(riyadh.Zone, until), tc.now)
		require.Equal(t, tc.why, why, tc.now)
	}
	_, quiet, _ := c.Quiet(in(t, "Europe/Berlin", "2026-02-18 12:00"), at("Europe/Berlin", "DE"))
	require.False(t, quiet, "not kept there")
	on := kept(Ramadan, commerce.SpecialDay{On: true})
	_, quiet, _ = on.Quiet(in(t, "Europe/Berlin", "2026-02-18 12:00"), at("Europe/Berlin", "DE"))
	require.True(t, quiet, "unless the shop wants it for everybody")
	off := kept(Ramadan, commerce.SpecialDay{Off: true})
	_, quiet, _ = off.Quiet(in(t, riyadh.Zone, "2026-02-18 12:00"), riyadh)
	require.False(t, quiet)
}

func TestAShopsOwnHoursOfASpecialDay(t *testing.T) {
	riyadh := at("Asia/Riyadh", "SA")
	until := func(c Calendar, now string) string {
		until, _, why := c.Quiet(in(t, riyadh.Zone, now), riyadh)
		if until == 0 {
			return ""
		}
		return why + " " + show(riyadh.Zone, until)
	}
	c := kept(Ramadan, commerce.SpecialDay{Quiet: window("02:00", "14:00")})
	require.Empty(t, until(c, "2026-02-18 23:45"), "own hours replace all default hours of the kind")
	require.Equal(t, "ramadan 2026-02-18 14:00 +03:00", until(c, "2026-02-18 02:00"))

	c = kept(Ramadan, commerce.SpecialDay{Quiet: window("22:00", "21:30"), Send: window("21:00", "23:00")})
	require.Equal(t, "ramadan 2026-02-18 21:30 +03:00", until(c, "2026-02-18 21:10"), "quiet hours cut the hours for sending")
	require.Equal(t, "ramadan 2026-02-19 21:30 +03:00", until(c, "2026-02-18 22:30"))

	c = kept(EidAlFitr, commerce.SpecialDay{Send: window("17:00", "21:00")})
	require.Equal(t, "eid_al_fitr 2026-03-20 17:00 +03:00", until(c, "2026-03-20 10:00"), "hours by hand open the first day")
	c = kept(EidAlFitr, commerce.SpecialDay{Closed: true})
	require.Equal(t, "eid_al_fitr 2026-03-23 08:00 +03:00", until(c, "2026-03-20 10:00"), "all three days")

	c = kept(Weekend, commerce.SpecialDay{Send: window("16:00", "20:00")})
	require.Equal(t, "weekend 2026-06-12 16:00 +03:00", until(c, "2026-06-12 10:00"), "a Friday")
	require.Empty(t, until(c, "2026-06-14 10:00"), "a Sunday")

	c = New(commerce.CalendarSettings{Closed: []string{"09-23", "2026-09-24"}})
	require.Equal(t, "closed_day 2026-09-25 08:00 +03:00", until(c, "2026-09-23 10:00"))
	require.Equal(t, "closed_day 2027-09-24 08:00 +03:00", until(c, "2027-09-23 10:00"))
}

func TestQuietIfQuietInAnyZoneOfTheCountry(t *testing.T) {
	c := New(commerce.CalendarSettings{})
	america := Locate("", "US", "", "Europe/London", "GB")
	_, quiet, _ := c.Quiet(in(t, "America/New_York", "2026-06-10 15:00"), america)
	require.False(t, quiet, "09:00 in Honolulu")
	until, quiet, why := c.Quiet(in(t, "America/New_York", "2026-06-10 10:00"), america)
	require.True(t, quiet, "04:00 in Honolulu")
	require.Equal(t, "2026-06-10 08:00 -10:00", show("Pacific/Honolulu", until))
	require.Equal(t, QuietHours, why)
	until, _, _ = c.Quiet(in(t, "America/New_York", "2026-06-10 21:00"), america)
	require.Equal(t, "2026-06-11 08:00 -10:00", show("Pacific/Honolulu", until))

	ramadan := kept(Ramadan, commerce.SpecialDay{On: true})
	until, _, _ = ramadan.Quiet(in(t, "America/New_York", "2026-02-18 12:00"), america)
	require.Equal(t, "2026-02-18 20:30 -05:00", show("America/New_York", until), "20:30 to 23:30 is never everywhere: most people's zone decides")
	_, quiet, _ = ramadan.Quiet(until, america)
	require.False(t, quiet)
}

func TestDaysWithoutEndAreAskedAgain(t *testing.T) {
	all := make([]string, 0, 366)
	for d := date("2024-01-01"); d.Year() == 2024; d = d.AddDate(0, 0, 1) {
		all = append(all, d.Format("01-02"))
	}
	c := New(commerce.CalendarSettings{Closed: all})
	now := utc(t, "2026-06-10 10:00")
	until, quiet, _ := c.Quiet(now, at("UTC", ""))
	require.True(t, quiet)
	require.Equal(t, now.Add(60*24*time.Hour), until)
}

// quietByHand is the rule for one zone, by the standard library's own calendar and minute by minute.
func quietByHand(c *Calendar, i commerce.Instant, zone, country string) bool {
	local := i.Time().In(orUTC(zone))
	day := int(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
	h, _ := c.hoursOf(day, customsOf(country))
	return !h.free(commerce.TimeOfDay(local.Hour()*60 + local.Minute()))
}

func TestUntilIsTheFirstFreeMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, place, now := New(someSettings(t)), somePlace(t), someMoment(t)
		until, quiet, why := c.Quiet(now, place)
		if !quiet {
			require.Zero(t, until)
			require.Empty(t, why)
			if place.Zone != "" {
				require.False(t, quietByHand(&c, now, place.Zone, place.Country))
			}
			return
		}
		require.NotEmpty(t, why)
		require.GreaterOrEqual(t, until, now+60_000)
		if until == now+farthest*1000 {
			return // nothing is ever free
		}
		_, still, _ := c.Quiet(until, place)
		require.False(t, still, "quiet at until, %s", until.Time())
		for m := now; m < until-60_000; m += max(60_000, (until-now)/200) {
			_, still, _ := c.Quiet(m, place)
			require.True(t, still, "free before until, at %s", m.Time())
			if place.Zone != "" {
				require.True(t, quietByHand(&c, m, place.Zone, place.Country), "free before until, at %s", m.Time())
			}
		}
		if until > now+60_000 {
			_, still, _ = c.Quiet(until-1000, place)
			require.True(t, still, "free the second before until, %s", until.Time())
		}
	})
}

func TestTheNextFreeTimeIsTheFirst(t *testing.T) {
	late := hours{quiet: span{60, 480}, only: true, send: span{1200, 600}} // sending goes on until 10:00, quiet from 01:00 to 08:00
	m, ok := late.next(120)
	require.True(t, ok)
	require.Equal(t, commerce.TimeOfDay(480), m)
	_, ok = hours{quiet: span{1200, 1440}}.next(1260)
	require.False(t, ok, "24:00 is another date")

	rapid.Check(t, func(t *rapid.T) {
		quiet, send := someWindow(t, "quiet"), someWindow(t, "send")
		h := hours{only: rapid.Bool().Draw(t, "only")}
		h.quiet, _ = read(&quiet)
		if h.only {
			h.send, _ = read(&send)
		}
		from := commerce.TimeOfDay(rapid.IntRange(0, minutesADay-1).Draw(t, "from"))
		want, found := from, false
		for ; want < minutesADay && !found; want++ {
			found = h.free(want)
		}
		got, ok := h.next(from)
		require.Equal(t, found, ok)
		if found {
			require.Equal(t, want-1, got)
		}
	})
}

func TestQuietAllocatesNothing(t *testing.T) {
	c, place := New(commerce.CalendarSettings{}), at("Asia/Riyadh", "SA")
	noon, night := in(t, place.Zone, "2026-06-10 12:00"), in(t, place.Zone, "2026-06-10 23:00")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		c.Quiet(noon, place)
		c.Quiet(night, place)
	}))
}

func BenchmarkQuiet(b *testing.B) {
	riyadh, america := at("Asia/Riyadh", "SA"), Locate("", "US", "", "", "")
	noon := commerce.At(time.Date(2026, 6, 10, 12, 0, 0, 0, time.UTC))
	for _, bc := range []struct {
		name  string
		now   commerce.Instant
		place Place
	}{
		{"one zone, free", noon, riyadh},
		{"one zone, quiet", noon.Add(8 * time.Hour), riyadh},
		{"New York, quiet", noon.Add(16 * time.Hour), at("America/New_York", "US")},
		{"eight zones, free", noon.Add(7 * time.Hour), america},
		{"eight zones, quiet", noon, america},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c := New(commerce.CalendarSettings{})
				c.Quiet(bc.now, bc.place)
			}
		})
	}
}
