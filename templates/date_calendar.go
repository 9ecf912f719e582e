package templates

import (
	"math/bits"
	"time"
)

// dayIn tells the day of t in a calendar. Before and after the years that the Umm
// al-Qura calendar is known for, and before the first Jalali year, the Gregorian one
// stands in for it; the calendar that was used comes back.
func dayIn(calendar string, t time.Time) (year, month, day int, used string) {
	n := daysSince1970(t)
	switch calendar {
	case Jalali:
		if n >= jalaliFirst {
			year, month, day = jalali(n)
			return year, month, day, Jalali
		}
	case UmmAlQura:
		if y, m, d, ok := hijri(n); ok {
			return y, m, d, UmmAlQura
		}
	}
	y, m, d := t.Date()
	return y, int(m), d, Gregorian
}

// daysSince1970 counts the days of the place where t is told.
func daysSince1970(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// jalaliFirst is 1 Farvardin of the year 1, counted from 1970-01-01.
const jalaliFirst = 1948320 - 2440588 // Julian days

// jalali tells a day of the solar Hijri calendar by the rule of 33 years, which has
// eight leap years in each 33 and agrees with the equinox in Tehran from 1799 to 2122.
func jalali(n int) (year, month, day int) {
	n -= jalaliFirst
	year = 1 + (33*n+3)/12053
	n -= nowruz(year)
	if n < 6*31 {
		return year, 1 + n/31, 1 + n%31
	}
	n -= 6 * 31
	return year, 7 + n/30, 1 + n%30
}

// nowruz is the first day of a Jalali year, counted from that of the year 1.
func nowruz(year int) int { return 365*(year-1) + (8*year+21)/33 }

// hijri looks a day up in the table of the Umm al-Qura calendar.
func hijri(n int) (year, month, day int, ok bool) {
	n -= firstHijriDay
	if n < 0 {
		return 0, 0, 0, false
	}
	for i, long := range hijriMonths {
		if length := 12*29 + bits.OnesCount16(long); n >= length {
			n -= length
			continue
		}
		for m := range 12 {
			length := 29 + int(long>>m&1)
			if n < length {
				return firstHijri + i, 1 + m, 1 + n, true
			}
			n -= length
		}
	}
	return 0, 0, 0, false
}

// yearDay counts the days of the year up to a day, 1 for the first.
func yearDay(calendar string, year, month, day int) int {
	switch calendar {
	case Jalali:
		return day + 30*(month-1) + min(month-1, 6)
	case UmmAlQura:
		long := hijriMonths[year-firstHijri]
		return day + 29*(month-1) + bits.OnesCount16(long&(1<<(month-1)-1))
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).YearDay()
}
