package templates

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// gregorianFrom is the first year that is taken for one of the Gregorian calendar:
// the others are far from it in our time.
const gregorianFrom = 1700

// ReadDay reads a day as people type it, year-month-day in the digits of any of our
// scripts, and returns it as 2006-01-02; a month and a day alone, for every year,
// as 01-02. A year that can be none of the Gregorian calendar is read in the one
// in which a shop in a country tells dates: false where that is Gregorian too, or
// has no such day.
func ReadDay(typed, calendar, country string) (day string, ok bool) {
	parts := strings.FieldsFunc(strings.TrimSpace(Western(typed)), func(r rune) bool { return strings.ContainsRune("-/.", r) })
	n := make([]int, len(parts))
	for i, part := range parts {
		var err error
		if n[i], err = strconv.Atoi(part); err != nil || n[i] < 0 || len(part) > 4 {
			return "", false
		}
	}
	switch {
	case len(n) == 2:
		return fmt.Sprintf("%02d-%02d", n[0], n[1]), true
	case len(n) != 3:
		return "", false
	case n[0] >= gregorianFrom:
		return fmt.Sprintf("%04d-%02d-%02d", n[0], n[1], n[2]), true
	}
	if calendar == "" && (country == "IR" || country == "AF") {
		calendar = Jalali
	}
	at, ok := dayOf(calendar, n[0], n[1], n[2])
	if !ok {
		return "", false
	}
	return at.Format(time.DateOnly), true
}

// dayOf is dayIn the other way.
func dayOf(calendar string, year, month, day int) (t time.Time, ok bool) {
	if year < 1 || month < 1 || month > 12 || day < 1 {
		return t, false
	}
	n := 0
	switch calendar {
	case Jalali:
		n = jalaliFirst + nowruz(year)
	case UmmAlQura:
		if year < firstHijri || year-firstHijri >= len(hijriMonths) {
			return t, false
		}
		n = firstHijriDay
		for _, long := range hijriMonths[:year-firstHijri] {
			n += 12*29 + bits.OnesCount16(long)
		}
	default:
		return t, false
	}
	t = time.Unix(int64(n+yearDay(calendar, year, month, day)-1)*86400, 0).UTC()
	y, m, d, used := dayIn(calendar, t)
	return t, used == calendar && y == year && m == month && d == day
}
