package calendar

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

func TestNextTimeOfDay(t *testing.T) {
	for _, tc := range []struct{ name, zone, after, at, want string }{
		{"today", "Europe/Berlin", "2026-06-10 09:00", "10:00", "2026-06-10 10:00 +02:00"},
		{"now", "Europe/Berlin", "2026-06-10 10:00", "10:00", "2026-06-10 10:00 +02:00"},
		{"a second too late", "Europe/Berlin", "2026-06-10 10:00:01", "10:00", "2026-06-11 10:00 +02:00"},
		{"24:00 is midnight", "Europe/Berlin", "2026-06-10 10:00", "24:00", "2026-06-11 00:00 +02:00"},
		{"over the night clocks are put on", "Europe/Berlin", "2026-03-28 11:00", "10:00", "2026-03-29 10:00 +02:00"},
		{"the clocks jump over it", "Europe/Berlin", "2026-03-29 01:00", "02:30", "2026-03-29 03:00 +02:00"},
		{"they have jumped", "Europe/Berlin", "2026-03-29 03:10", "02:30", "2026-03-30 02:30 +02:00"},
		{"it comes twice", "Europe/Berlin", "2026-10-25 01:00", "02:30", "2026-10-25 02:30 +02:00"},
		{"the second does not count", "Europe/Berlin", "2026-10-25 02:45 +02:00", "02:30", "2026-10-26 02:30 +01:00"},
		{"midnight that does not come", "Africa/Cairo", "2026-04-23 22:00", "00:00", "2026-04-24 01:00 +03:00"},
		{"half an hour is put back", "Australia/Lord_Howe", "2026-04-04 20:00", "01:45", "2026-04-05 01:45 +11:00"},
		{"half an hour off", "Asia/Tehran", "2026-06-10 12:00", "09:30", "2026-06-11 09:30 +03:30"},
		{"three quarters off", "Asia/Kathmandu", "2026-06-10 12:00", "12:15", "2026-06-10 12:15 +05:45"},
		{"before 1970", "Europe/Berlin", "1969-06-10 12:00", "09:30", "1969-06-11 09:30 +01:00"},
		{"a date that does not come", "Pacific/Apia", "2011-12-29 12:00", "10:00", "2011-12-31 10:00 +14:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			of, err := commerce.ParseTimeOfDay(tc.at)
			require.NoError(t, err)
			require.Equal(t, tc.want, show(tc.zone, NextTimeOfDay(in(t, tc.zone, tc.after), at(tc.zone, ""), of)))
		})
	}
	after := utc(t, "2026-06-10 10:00") + 1
	require.Equal(t, after, NextTimeOfDay(after, at("UTC", ""), AnyTime))
	require.Equal(t, "2026-06-10 10:00 -04:00", show("America/New_York", NextTimeOfDay(after, Locate("", "US", "", "", ""), 600)),
		"of several zones that of most people")
}

func TestNextWeekday(t *testing.T) {
	riyadh := at("Asia/Riyadh", "SA")
	next := func(after string, day time.Weekday, of commerce.TimeOfDay) string {
		return show(riyadh.Zone, NextWeekday(in(t, riyadh.Zone, after), riyadh, day, of))
	}
	require.Equal(t, "2026-06-15 00:00 +03:00", next("2026-06-10 15:00", time.Monday, AnyTime))
	require.Equal(t, "2026-06-15 15:00 +03:00", next("2026-06-15 15:00", time.Monday, AnyTime), "it is Monday already")
	require.Equal(t, "2026-06-15 16:00 +03:00", next("2026-06-15 15:00", time.Monday, 16*60))
	require.Equal(t, "2026-06-22 14:00 +03:00", next("2026-06-15 15:00", time.Monday, 14*60), "its time has passed")

	friday := NextWeekday(in(t, "Pacific/Apia", "2011-12-28 12:00"), at("Pacific/Apia", ""), time.Friday, 600)
	require.Equal(t, "2012-01-06 10:00 +14:00", show("Pacific/Apia", friday), "30 December 2011, a Friday, did not come")
}

func TestNextWorkingDay(t *testing.T) {
	c := New(commerce.CalendarSettings{Closed: []string{"2026-06-15"}})
	next := func(after, zone, country string, of commerce.TimeOfDay) string {
		return show(zone, c.NextWorkingDay(in(t, zone, after), at(zone, country), of))
	}
	require.Equal(t, "2026-06-10 15:00 +02:00", next("2026-06-10 15:00", "Europe/Berlin", "DE", AnyTime))
	require.Equal(t, "2026-06-16 09:00 +02:00", next("2026-06-12 15:00", "Europe/Berlin", "DE", 9*60), "weekend and a closed Monday")
	require.Equal(t, "2026-06-14 09:00 +03:00", next("2026-06-11 15:00", "Asia/Riyadh", "SA", 9*60), "Friday and Saturday")
	require.Equal(t, "2026-03-23 00:00 +03:00", next("2026-03-20 10:00", "Asia/Riyadh", "SA", AnyTime), "Eid")
	require.Equal(t, "2026-02-18 09:00 +03:00", next("2026-02-18 01:00", "Asia/Riyadh", "SA", 9*60), "people work in Ramadan")
	require.Equal(t, "2027-03-25 09:00 +03:30", next("2027-03-20 10:00", "Asia/Tehran", "IR", 9*60), "Nowruz")
}

func TestMomentsAreNotBeforeAndAsAsked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, place, after := New(someSettings(t)), somePlace(t), someMoment(t)
		of := commerce.TimeOfDay(rapid.IntRange(0, minutesADay-1).Draw(t, "time"))
		day := time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday"))
		zone := orUTC(place.One())

		got := NextTimeOfDay(after, place, of)
		require.GreaterOrEqual(t, got, after)
		require.LessOrEqual(t, got, after.Add(50*time.Hour), "a day, one that is left out, and an hour")
		local := got.Time().In(zone)
		if shown := commerce.TimeOfDay(local.Hour()*60 + local.Minute()); shown != of {
			seconds := int64(got) / 1000
			require.Greater(t, offsetAt(zone, seconds), offsetAt(zone, seconds-1), "the clocks jump here")
			require.Greater(t, shown, of)
		}

		got = NextWeekday(after, place, day, of)
		require.GreaterOrEqual(t, got, after)
		require.LessOrEqual(t, got, after.Add(15*24*time.Hour))
		require.Equal(t, day, got.Time().In(zone).Weekday())

		got = c.NextWorkingDay(after, place, AnyTime)
		require.GreaterOrEqual(t, got, after)
		require.True(t, c.Working(got.Time().In(zone), place.Country))
	})
}
