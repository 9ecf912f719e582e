package calendar

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

// facts reads the lines of a file of testdata that node's Intl has written.
func facts(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

func TestTheIslamicYearIsThatOfUmmAlQura(t *testing.T) {
	lines := facts(t, "ummalqura.txt")
	require.Len(t, lines, 3*61)
	for _, line := range lines {
		var year, month int
		var first string
		_, err := fmt.Sscan(line, &year, &month, &first)
		require.NoError(t, err)
		day := dayNumber(date(first))
		s, ok := hijriYear(day)
		require.True(t, ok, line)
		require.Equal(t, day, map[int]int{9: s.ramadan, 10: s.shawwal, 12: s.dhuAlHijja}[month], line)
		before, _ := hijriYear(day - 1)
		require.Equal(t, s, before, "the day before is in the same year")
	}
}

func TestEveryDayOfTheTableHasItsYear(t *testing.T) {
	for i := range hijriYears[:len(hijriYears)-1] {
		first, next := hijriYears[i].start, hijriYears[i+1].start
		want, ok := hijriYear(first + 200)
		require.True(t, ok)
		for _, day := range []int{first, first + 1, next - 1} {
			got, _ := hijriYear(day)
			require.Equal(t, want, got, "%d", firstHijri+i)
		}
		got, _ := hijriYear(next)
		require.NotEqual(t, want, got)
	}
	for _, outside := range []string{"2018-09-10", "2077-11-17", "1500-01-01", "2500-01-01"} {
		_, ok := hijriYear(dayNumber(date(outside)))
		require.False(t, ok, outside)
	}
	_, ok := hijriYear(dayNumber(date("2077-11-16")))
	require.True(t, ok, "30 Dhu al-Hijja 1500")
}

func TestNowruzIsWhereThePersianYearBegins(t *testing.T) {
	lines := facts(t, "nowruz.txt")
	require.Len(t, lines, 100)
	for _, line := range lines {
		var year int
		var first string
		_, err := fmt.Sscan(line, &year, &first)
		require.NoError(t, err)
		require.Equal(t, dayNumber(date(first)), firstFarvardin(year), line)
	}
}

func TestKindsOfDays(t *testing.T) {
	c := New(commerce.CalendarSettings{Closed: []string{"2026-09-23", "03-21"}})
	for _, tc := range []struct {
		day, country string
		kind         Kind
		working      bool
	}{
		{"2026-06-10", "DE", Ordinary, true},
		{"2026-06-12", "DE", Ordinary, true}, // a Friday
		{"2026-06-13", "DE", Weekend, false},
		{"2026-06-14", "DE", Weekend, false},
		{"2026-06-12", "SA", Weekend, false},
		{"2026-06-13", "SA", Weekend, false},
		{"2026-06-14", "SA", Ordinary, true},
		{"2026-06-12", "AE", Ordinary, true}, // Saturday and Sunday since 2022
		{"2026-06-14", "AE", Weekend, false},
		{"2026-06-11", "IR", Ordinary, true}, // a Thursday
		{"2026-06-12", "IR", Weekend, false},
		{"2026-06-13", "IR", Ordinary, true},
		{"2026-06-12", "PS", Weekend, false},
		{"2026-06-14", "", Weekend, false},
		{"2026-02-17", "SA", Ordinary, true},
		{"2026-02-18", "SA", Ramadan, true},
		{"2026-02-20", "SA", Ramadan, false}, // a Friday of Ramadan
		{"2026-03-19", "SA", Ramadan, true},
		{"2026-03-20", "SA", EidAlFitr, false},
		{"2026-03-22", "SA", EidAlFitr, false},
		{"2026-03-23", "SA", Ordinary, true},
		{"2026-03-22", "AL", EidAlFitr, false},
		{"2026-03-18", "AL", Ordinary, true}, // Eids, but no days of Ramadan
		{"2026-05-26", "TR", Ordinary, true},
		{"2026-05-27", "TR", EidAlAdha, false},
		{"2026-05-30", "TR", EidAlAdha, false},
		{"2026-05-31", "TR", Weekend, false},
		{"2027-03-20", "IR", Ordinary, true},
		{"2027-03-22", "IR", Nowruz, false}, // 1406 begins on the 21st, a closed day
		{"2027-03-24", "IR", Nowruz, false},
		{"2027-03-25", "IR", Ordinary, true},
		{"2027-03-22", "DE", Ordinary, true},
		{"2026-09-23", "SA", Closed, false},
		{"2027-09-23", "SA", Ordinary, true},
		{"2027-03-21", "IR", Closed, false}, // before all feasts
	} {
		require.Equal(t, tc.kind, c.Kind(date(tc.day), tc.country), "%s %s", tc.day, tc.country)
		require.Equal(t, tc.working, c.Working(date(tc.day), tc.country), "%s %s", tc.day, tc.country)
	}
}

func TestTheWeekendIsTheShopsWhereItSaysSo(t *testing.T) {
	c := New(commerce.CalendarSettings{Weekend: []time.Weekday{time.Thursday, time.Friday}})
	require.Equal(t, Weekend, c.Kind(date("2026-06-11"), "DE"))
	require.Equal(t, Ordinary, c.Kind(date("2026-06-14"), "DE"))
	none := New(commerce.CalendarSettings{Weekend: []time.Weekday{}})
	require.Equal(t, Ordinary, none.Kind(date("2026-06-14"), "DE"), "an empty list is no weekend, not the country's")
}

func TestAShiftMovesAFeastByHand(t *testing.T) {
	c := New(commerce.CalendarSettings{Special: map[string]commerce.SpecialDay{
		"ramadan": {Shift: 1}, "eid_al_fitr": {Shift: 1}, "eid_al_adha": {Shift: -1}, "nowruz": {Shift: -1, On: true},
	}})
	require.Equal(t, Ordinary, c.Kind(date("2026-02-18"), "PK"))
	require.Equal(t, Ramadan, c.Kind(date("2026-02-19"), "PK"))
	require.Equal(t, EidAlFitr, c.Kind(date("2026-03-21"), "PK"))
	require.Equal(t, EidAlAdha, c.Kind(date("2026-05-26"), "PK"))
	require.Equal(t, Nowruz, c.Kind(date("2027-03-20"), "DE"))
	require.Equal(t, Weekend, c.Kind(date("2027-03-27"), "DE"))
	late := kept(EidAlFitr, commerce.SpecialDay{Shift: 1})
	require.Equal(t, Ramadan, late.Kind(date("2026-03-20"), "MA"), "until the Eid that came later")
}

func TestRamadanEndsWhereEidBegins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shift := rapid.IntRange(-2, 2)
		c := New(commerce.CalendarSettings{Special: map[string]commerce.SpecialDay{
			"ramadan": {Shift: shift.Draw(t, "ramadan")}, "eid_al_fitr": {Shift: shift.Draw(t, "eid")},
		}})
		year := rapid.IntRange(0, len(hijriYears)-1).Draw(t, "year")
		s, ok := hijriYear(hijriYears[year].start)
		require.True(t, ok)
		var kinds []Kind
		for day := s.ramadan - 5; day < s.shawwal+10; day++ {
			switch kind, _ := c.kind(day, customs{ramadan: true, eids: true}); {
			case len(kinds) == 0 || kinds[len(kinds)-1] != kind:
				kinds = append(kinds, kind)
			}
		}
		require.Equal(t, []Kind{Ordinary, Ramadan, EidAlFitr, Ordinary}, kinds)
	})
}
