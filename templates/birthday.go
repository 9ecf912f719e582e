package templates

import "time"

// A birthday is kept as a day of the Gregorian year. A solar Hijri day is a day
// earlier or later there by the year; these two stand for all.
const (
	jalaliYear = 1402 // 21 March 2023 to 19 March 2024
	jalaliLeap = 1403 // has the 30 Esfand that the other lacks
)

// Months are the months of the calendar in which the reader has birthdays, by
// name from the first on: the solar Hijri one where they count by it, else the
// Gregorian one; the lunar one has no day that comes again each year.
func (s Style) Months() (names []string) {
	for month := 1; month <= 12; month++ {
		names = append(names, s.dayNamed(month, 1, "%B"))
	}
	return names
}

// BirthdayOf is the day of the Gregorian year for one of the reader's calendar; false = there is none.
func (s Style) BirthdayOf(month, day int) (gregorianMonth, gregorianDay int, ok bool) {
	t, ok := s.birthday(month, day)
	return int(t.Month()), t.Day(), ok
}

// Birthday writes a day of the Gregorian year, without its year, in the reader's calendar.
func (s Style) Birthday(month, day int) string {
	year := 2000 // a leap year
	if s.solar() {
		if year = 2024; month > 3 || month == 3 && day > 20 {
			year = 2023
		}
	}
	return s.plainCalendar().Date(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC), "%-d %B")
}

func (s Style) solar() bool {
	lang, country := locale(s.Lang, s.Country)
	return s.calendar(lang, country) == Jalali
}

// plainCalendar is the style with the calendar of birthdays, on no clock.
func (s Style) plainCalendar() Style {
	solar := s.solar()
	s.Zone, s.Calendar = nil, Gregorian
	if solar {
		s.Calendar = Jalali
	}
	return s
}

func (s Style) dayNamed(month, day int, pattern string) string {
	t, _ := s.birthday(month, day)
	return s.plainCalendar().Date(t, pattern)
}

func (s Style) birthday(month, day int) (time.Time, bool) {
	if !s.solar() {
		t := time.Date(2000, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		return t, int(t.Month()) == month && t.Day() == day && month > 0
	}
	t, ok := dayOf(Jalali, jalaliYear, month, day)
	if !ok {
		t, ok = dayOf(Jalali, jalaliLeap, month, day)
	}
	return t, ok
}
