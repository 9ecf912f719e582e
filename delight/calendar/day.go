package calendar

import "time"

// week is a set of weekdays, bit 0 for Sunday.
type week uint8

func days(list ...time.Weekday) (w week) {
	for _, day := range list {
		w = w.with(day)
	}
	return w
}

func (w week) with(day time.Weekday) week { return w | 1<<day }

func (w week) has(day time.Weekday) bool { return w&(1<<day) != 0 }

// Kind says what sort of day a date is for a person in country, ISO 3166-1
// alpha-2 in capitals; "" keeps no feasts and has the weekend Saturday and
// Sunday. Only year, month and day of date count.
func (c *Calendar) Kind(date time.Time, country string) Kind {
	kind, _ := c.kind(dayNumber(date), customsOf(country))
	return kind
}

// Working reports whether people work on a date: not on weekends, closed days,
// the Eids and Nowruz, but in Ramadan.
func (c *Calendar) Working(date time.Time, country string) bool {
	return c.working(dayNumber(date), customsOf(country))
}

func (c *Calendar) working(day int, in customs) bool {
	switch kind, _ := c.kind(day, in); kind {
	case Ordinary, Ramadan:
		return !c.isWeekend(day, in)
	}
	return false
}

// kind returns what sort of day it is, and which day of a feast from 1.
func (c *Calendar) kind(day int, in customs) (kind Kind, of int) {
	if c.isClosed(day) {
		return Closed, 1
	}
	if kind, of := c.islamic(day, in); kind == EidAlFitr || kind == EidAlAdha {
		return kind, of
	} else if of2 := c.nowruz(day, in); of2 > 0 {
		return Nowruz, of2
	} else if kind == Ramadan {
		return kind, of
	}
	if c.isWeekend(day, in) {
		return Weekend, 1
	}
	return Ordinary, 1
}

// hoursOf returns the hours of a date, and why they are what they are.
func (c *Calendar) hoursOf(day int, in customs) (h hours, why string) {
	kind, of := c.kind(day, in)
	var k *special
	switch kind {
	case Weekend:
		k = &c.weekendDay
	case Closed:
		k = &c.closedDay
	case Ramadan:
		k = &c.ramadan
	case EidAlFitr:
		k = &c.eidFitr
	case EidAlAdha:
		k = &c.eidAdha
	case Nowruz:
		k = &c.newYear
	}
	switch {
	case k != nil && k.firstClosed && of == 1:
		return hours{closed: true}, string(kind)
	case k != nil && k.own:
		return k.hours, string(kind)
	}
	return c.ordinary, QuietHours
}

func (c *Calendar) isWeekend(day int, in customs) bool {
	weekend := c.weekend
	if c.byCountry {
		weekend = in.weekend
	}
	return weekend.has(weekday(day))
}

func (c *Calendar) isClosed(day int) bool {
	if len(c.closed) == 0 {
		return false
	}
	year, month, d := time.Unix(int64(day)*secondsADay, 0).UTC().Date()
	for _, closed := range c.closed {
		if closed.month == month && closed.day == d && (closed.year == 0 || closed.year == year) {
			return true
		}
	}
	return false
}

// keeps reports whether a feast is kept where the custom is so.
func (k *special) keeps(custom bool) bool { return k.on || custom && !k.off }

// islamic returns Ramadan or an Eid, "" for any other day. Ramadan goes on
// until Eid al-Fitr, so that a shift leaves neither a gap nor a day that is both.
func (c *Calendar) islamic(day int, in customs) (kind Kind, of int) {
	if !c.ramadan.on && !c.eidFitr.on && !c.eidAdha.on && !in.ramadan && !in.eids {
		return "", 0
	}
	starts, ok := hijriYear(day)
	if !ok {
		return "", 0
	}
	fitr, adha := starts.shawwal+c.eidFitr.shift, starts.dhuAlHijja+9+c.eidAdha.shift
	switch {
	case day >= fitr && day < fitr+3 && c.eidFitr.keeps(in.eids):
		return EidAlFitr, day - fitr + 1
	case day >= adha && day < adha+4 && c.eidAdha.keeps(in.eids):
		return EidAlAdha, day - adha + 1
	case day >= starts.ramadan+c.ramadan.shift && day < fitr && c.ramadan.keeps(in.ramadan):
		return Ramadan, 1
	}
	return "", 0
}

// nowruz returns which of the four days of Nowruz it is, 0 for none.
func (c *Calendar) nowruz(day int, in customs) int {
	if !c.newYear.keeps(in.nowruz) {
		return 0
	}
	year := time.Unix(int64(day)*secondsADay, 0).UTC().Year()
	if of := day - (firstFarvardin(year-621) + c.newYear.shift) + 1; of >= 1 && of <= 4 {
		return of
	}
	return 0
}

// starts are the first days of the months that matter in one Islamic year.
type starts struct{ ramadan, shawwal, dhuAlHijja int }

// hijriYear returns the months of the Umm al-Qura year that day lies in; not
// ok outside the table.
func hijriYear(day int) (s starts, ok bool) {
	first := hijriYears[0].start
	if day < first {
		return s, false
	}
	// A year is 354 or 355 days, 354.37 in the mean: the guess is right or one too many or too few.
	i := min((day-first)*100/35437, len(hijriYears)-1)
	if day < hijriYears[i].start {
		i--
	} else if i+1 < len(hijriYears) && day >= hijriYears[i+1].start {
		i++
	}
	year := hijriYears[i]
	start := year.start
	for month := 1; month <= 12; month++ {
		switch month {
		case 9:
			s.ramadan = start
		case 10:
			s.shawwal = start
		case 12:
			s.dhuAlHijja = start
		}
		start += 29 + int(year.long>>(month-1)&1)
	}
	return s, day < start
}

// firstFarvardin returns the day on which the Persian year begins, by the
// 33-year rule, where a year is leap if (25y+11) mod 33 < 8: it agrees with
// the calendar of Iran from 1369 to 1468 (1990 to 2089) at least.
func firstFarvardin(year int) int {
	const epoch = -492633 // so that 1403 begins on 2024-03-20
	return epoch + 365*year + (8*year+21)/33
}

const secondsADay = 24 * 60 * 60

// dayNumber counts days from 1970-01-01.
func dayNumber(date time.Time) int {
	year, month, day := date.Date()
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsADay)
}

func weekday(day int) time.Weekday { return time.Weekday(((day+4)%7 + 7) % 7) }
