package calendar

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

// utc is a moment such as "2026-02-18 10:00" of UTC.
func utc(t *testing.T, s string) commerce.Instant { return in(t, "UTC", s) }

// in is a moment by the clocks of zone, with the offset behind it where they show it twice.
func in(t *testing.T, zone, s string) commerce.Instant {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	require.NoError(t, err)
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02 15:04 -07:00"} {
		if at, err := time.ParseInLocation(layout, s, loc); err == nil {
			return commerce.At(at)
		}
	}
	t.Fatalf("%q is no moment", s)
	return 0
}

// show writes a moment as the clocks of zone show it.
func show(zone string, i commerce.Instant) string {
	if i == 0 {
		return ""
	}
	return i.Time().In(orUTC(zone)).Format("2006-01-02 15:04 -07:00")
}

// at is a place in one zone, of a person in country.
func at(zone, country string) Place {
	return Place{Zone: zone, Country: country, Source: FromPerson}
}

func window(from, to string) *commerce.Window { return &commerce.Window{From: from, To: to} }

// kept is a calendar with one kind of day changed.
func kept(kind Kind, day commerce.SpecialDay) Calendar {
	return New(commerce.CalendarSettings{Special: map[string]commerce.SpecialDay{string(kind): day}})
}

func date(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

// oddZones have half hours, jumps at midnight, folds into the day before, dates left out.
var oddZones = []string{
	"Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Asia/Tehran", "Asia/Riyadh", "Africa/Cairo", "Africa/Casablanca",
	"Pacific/Apia", "Australia/Lord_Howe", "America/St_Johns", "America/Nuuk", "Asia/Beirut", "America/Santiago", "Pacific/Kiritimati", "America/Havana", "UTC",
}

func someWindow(t *rapid.T, name string) commerce.Window {
	minutes := rapid.IntRange(0, minutesADay-1)
	text := func(m int) string {
		return time.Time{}.Add(time.Duration(m) * time.Minute).Format("15:04")
	}
	return commerce.Window{From: text(minutes.Draw(t, name+" from")), To: text(minutes.Draw(t, name+" to"))}
}

func someSettings(t *rapid.T) commerce.CalendarSettings {
	var s commerce.CalendarSettings
	if rapid.Bool().Draw(t, "own quiet hours") {
		s.Quiet = someWindow(t, "quiet")
	}
	s.Weekend = rapid.SampledFrom([][]time.Weekday{nil, {}, {time.Friday, time.Saturday}}).Draw(t, "weekend")
	s.Closed = rapid.SliceOfN(rapid.SampledFrom([]string{"2026-03-29", "12-25", "10-25", "02-29", "2011-12-31"}), 0, 2).Draw(t, "closed")
	for _, kind := range rapid.SliceOfN(rapid.SampledFrom([]Kind{Weekend, Closed, Ramadan, EidAlFitr, EidAlAdha, Nowruz}), 0, 2).Draw(t, "kinds") {
		d := commerce.SpecialDay{Closed: rapid.Bool().Draw(t, "closed"), Shift: rapid.IntRange(-2, 2).Draw(t, "shift"), On: rapid.Bool().Draw(t, "on")}
		if kind == Weekend || kind == Closed {
			d.Shift, d.On = 0, false
		}
		if !d.Closed && rapid.Bool().Draw(t, "hours") {
			quiet, send := someWindow(t, "quiet"), someWindow(t, "send")
			d.Quiet, d.Send = &quiet, &send
		}
		if s.Special == nil {
			s.Special = map[string]commerce.SpecialDay{}
		}
		s.Special[string(kind)] = d
	}
	if s.Check() != nil {
		return commerce.CalendarSettings{}
	}
	return s
}

func somePlace(t *rapid.T) Place {
	countries := rapid.SampledFrom([]string{"", "DE", "SA", "IR", "TR", "EG", "US"})
	if rapid.IntRange(0, 3).Draw(t, "several") == 0 {
		return Locate("", rapid.SampledFrom([]string{"US", "ID", "RU", "AU", "MX", "AQ"}).Draw(t, "country"), "", "", "")
	}
	return at(rapid.SampledFrom(oddZones).Draw(t, "zone"), countries.Draw(t, "country"))
}

// someMoment is mostly near a turn of the clocks or a feast.
func someMoment(t *rapid.T) commerce.Instant {
	near := rapid.SampledFrom([]string{
		"2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-24", "2026-10-30", "2026-02-18", "2026-03-20", "2026-05-27",
		"2011-12-30", "2026-04-05", "2026-09-06", "2027-02-08", "2024-03-31", "2024-10-27", "2030-01-01", "2045-07-10",
	}).Draw(t, "near")
	return commerce.At(date(near)) + commerce.Instant(rapid.Int64Range(-3*86400_000, 3*86400_000).Draw(t, "ms"))
}
