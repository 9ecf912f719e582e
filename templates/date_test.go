package templates

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The cases come from Node's Intl by testdata/dates.js: every country once, every
// style and month of three calendars in the main ones, and days over two centuries.
func TestDatesReadAsInBrowsers(t *testing.T) {
	data, err := os.ReadFile("testdata/date.json")
	require.NoError(t, err)
	var cases [][7]any
	require.NoError(t, json.Unmarshal(data, &cases))
	require.Greater(t, len(cases), 3000)
	wrong := 0
	for _, c := range cases {
		s := Style{Lang: c[0].(string), Country: c[1].(string), Digits: c[2].(string), Calendar: c[3].(string)}
		at := time.UnixMilli(int64(c[5].(float64)))
		if got := s.Date(at, c[4].(string)); got != c[6] && wrong < 20 {
			wrong++
			t.Errorf("%v: %+q, want %+q", c[:6], got, c[6])
		}
	}
}

// afternoon is a Thursday; in Iran it is 14 Esfand, in Saudi Arabia 16 Ramadan.
var afternoon = time.Date(2026, 3, 5, 15, 7, 9, 0, time.UTC)

func TestPatternsOfStrftime(t *testing.T) {
	en, fa := Style{}, Style{Lang: "fa", Country: "IR"}
	for pattern, want := range map[string][2]string{
		"%Y-%m-%d":           {"2026-03-05", "۱۴۰۴-۱۲-۱۴"},
		"%-d %B %Y":          {"5 March 2026", "۱۴ اسفند ۱۴۰۴"},
		"%A, %b %e":          {"Thursday, Mar  5", "پنجشنبه, اسفند ۱۴"},
		"%a %-m/%y":          {"Thu 3/26", "پنجشنبه ۱۲/۰۴"},
		"%H:%M:%S":           {"15:07:09", "۱۵:۰۷:۰۹"},
		"%-H %I %-I %p":      {"15 03 3 PM", "۱۵ ۰۳ ۳ ب.ظ."},
		"%j":                 {"064", "۳۵۰"},
		"100 %% of %d":       {"100 % of 05", "100 % of ۱۴"},
		"%Q, and a % at %":   {"%Q, and a % at %", "%Q, and a % at %"},
		"":                   {"Mar 5, 2026", "۱۴ اسفند ۱۴۰۴"},
		"a day without sign": {"a day without sign", "a day without sign"},
	} {
		require.Equal(t, want[0], en.Date(afternoon, pattern), pattern)
		require.Equal(t, want[1], fa.Date(afternoon, pattern), pattern)
	}
}

func TestTheFullPersianDateReadsAsPeopleWriteIt(t *testing.T) {
	require.Equal(t, "پنجشنبه ۱۴ اسفند ۱۴۰۴", Style{Lang: "fa", Country: "IR"}.Date(afternoon, "full"))
	require.Equal(t, "پنجشنبه ۱۴ حوت ۱۴۰۴", Style{Lang: "fa", Country: "AF"}.Date(afternoon, "full"), "Afghan names")
}

// Which calendar a reader sees: what the shop says, else Jalali for Persian at home.
func TestTheCalendarFollowsTheReader(t *testing.T) {
	for _, c := range []struct {
		lang, country, calendar, want string
	}{
		{"fa", "IR", "", "1404"},
		{"fa", "AF", "", "1404"},
		{"fa", "", "", "1404"},
		{"fa", "DE", "", "2026"},
		{"fa-IR", "DE", "", "1404"},
		{"fa", "IR", Gregorian, "2026"},
		{"ar", "SA", "", "2026"},
		{"ar", "SA", UmmAlQura, "1447"},
		{"en", "IR", "", "2026"},
		{"en", "IR", Jalali, "1404"},
		{"fa", "IR", "maya", "1404"},
	} {
		s := Style{Lang: c.lang, Country: c.country, Calendar: c.calendar, Digits: DigitsLatin}
		require.Equal(t, c.want, s.Date(afternoon, "%Y"), "%+v", c)
	}
}

func TestTheZoneSaysWhichDayItIs(t *testing.T) {
	tehran := time.FixedZone("Tehran", 3*3600+1800)
	late := time.Date(2026, 3, 20, 21, 0, 0, 0, time.UTC) // 00:30 of the next day there, Nowruz
	require.Equal(t, "1404-12-29 21", Style{Lang: "fa", Digits: DigitsLatin}.Date(late, "%Y-%m-%d %H"))
	require.Equal(t, "1405-01-01 00", Style{Lang: "fa", Digits: DigitsLatin, Zone: tehran}.Date(late, "%Y-%m-%d %H"))
	require.Equal(t, "12 AM", Style{Zone: tehran}.Date(late, "%-I %p"))
}

// Outside the years that a calendar is known for, dates are Gregorian and nothing panics.
func TestDaysOutsideACalendarAreGregorian(t *testing.T) {
	for _, at := range []time.Time{{}, time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1882, 11, 11, 0, 0, 0, 0, time.UTC), time.Date(2174, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)} {
		require.Equal(t, at.Format("2006-01-02"), Style{Calendar: UmmAlQura}.Date(at, "%Y-%m-%d"))
	}
	require.Equal(t, "1300-01-01", Style{Calendar: UmmAlQura}.Date(time.Date(1882, 11, 12, 0, 0, 0, 0, time.UTC), "%Y-%m-%d"))
	require.Equal(t, "0001-01-01", Style{Calendar: Jalali}.Date(time.Time{}, "%Y-%m-%d"))
}

// In every calendar the day after a day is the next of its month, or the first of
// the next month, or the first of the next year; and days of the year count on.
func TestEveryDayFollowsTheDayBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		calendar := rapid.SampledFrom([]string{Gregorian, Jalali, UmmAlQura}).Draw(t, "calendar")
		at := time.Unix(0, 0).UTC().AddDate(0, 0, rapid.IntRange(-31000, 74000).Draw(t, "day"))
		y, m, d, _ := dayIn(calendar, at)
		ny, nm, nd, _ := dayIn(calendar, at.AddDate(0, 0, 1))
		j, nj := yearDay(calendar, y, m, d), yearDay(calendar, ny, nm, nd)
		switch {
		case ny == y && nm == m:
			require.Equal(t, d+1, nd)
			require.Equal(t, j+1, nj)
		case ny == y:
			require.Equal(t, []int{m + 1, 1, j + 1}, []int{nm, nd, nj})
			require.GreaterOrEqual(t, d, 28)
		default:
			require.Equal(t, []int{y + 1, 1, 1, 1}, []int{ny, nm, nd, nj})
			require.GreaterOrEqual(t, j, 354)
		}
	})
}

func BenchmarkDate(b *testing.B) {
	b.ReportAllocs()
	s := Style{Lang: "ar", Country: "SA", Calendar: UmmAlQura}
	for b.Loop() {
		s.Date(afternoon, "full")
	}
}
