package templates

import (
	"cmp"
	"strings"
	"time"
)

// clock is how a language writes the time of day: a pattern, and the names of the
// halves of the day.
type clock struct{ pattern, morning, evening string }

// Date writes a day or a time of day in the reader's calendar, digits and zone. The
// format is short, medium, long, full or time, as CLDR 48 has them for language and
// country, or a pattern of strftime: %Y %y %m %-m %B %b %d %-d %e %j %A %a %H %-H %I
// %-I %M %S %p %%. What a pattern says else stays as it stands. "" is medium.
func (s Style) Date(t time.Time, format string) string {
	if s.Zone == nil {
		t = t.UTC()
	} else {
		t = t.In(s.Zone)
	}
	lang, country := locale(s.Lang, s.Country)
	r := reader{lang: lang, country: country, zero: s.numerals().zero, time: t}
	r.calendar = s.calendar(lang, country)
	r.year, r.month, r.day, r.calendar = dayIn(r.calendar, t)
	var b strings.Builder
	b.Grow(48)
	r.write(&b, r.pattern(format))
	return b.String()
}

// directive reads what stands behind a percent sign.
func directive(text string) (string, int) {
	size := min(1, len(text))
	if strings.HasPrefix(text, "-") {
		size = min(2, len(text))
	}
	return text[:size], size
}

// calendar is the one that the reader sees.
func (s Style) calendar(lang, country string) string {
	switch {
	case s.Calendar == Jalali || s.Calendar == UmmAlQura || s.Calendar == Gregorian:
		return s.Calendar
	case lang == "fa" && (country == "" || country == "IR" || country == "AF"):
		return Jalali
	}
	return Gregorian
}

// reader is one moment as it is told to one person.
type reader struct {
	lang, country, calendar string
	zero                    rune
	year, month, day        int // in calendar
	time                    time.Time
}

// formOrder is the place of a named format in a set of forms, -1 for another.
func formOrder(format string) int {
	switch format {
	case "short":
		return 0
	case "", "medium":
		return 1
	case "long":
		return 2
	case "full":
		return 3
	}
	return -1
}

func (r *reader) pattern(format string) string {
	if format == "time" {
		return r.clock().pattern
	}
	if i := formOrder(format); i >= 0 {
		return formSets[numbered(formOf, r, "/"+r.calendar)][i]
	}
	return format
}

func (r *reader) clock() clock { return clockSets[numbered(clockOf, r, "")] }

// numbered finds a set: that of the country, else that of the language.
func numbered(of map[string]uint8, r *reader, end string) uint8 {
	if n, ok := of[r.lang+"-"+r.country+end]; ok {
		return n
	}
	return of[r.lang+end]
}

func (r *reader) write(b *strings.Builder, pattern string) {
	for {
		before, after, found := strings.Cut(pattern, "%")
		b.WriteString(before)
		if !found {
			return
		}
		d, size := directive(after)
		r.put(b, d)
		pattern = after[size:]
	}
}

// put writes what a directive stands for.
func (r *reader) put(b *strings.Builder, d string) {
	switch d {
	case "Y":
		r.digits(b, r.year, 4, '0')
	case "y":
		r.digits(b, r.year%100, 2, '0')
	case "m", "-m":
		r.digits(b, r.month, width(d), '0')
	case "d", "-d":
		r.digits(b, r.day, width(d), '0')
	case "e":
		r.digits(b, r.day, 2, ' ')
	case "j":
		r.digits(b, yearDay(r.calendar, r.year, r.month, r.day), 3, '0')
	case "B":
		b.WriteString(monthSets[numbered(monthOf, r, "/"+r.calendar)][0][r.month-1])
	case "b":
		b.WriteString(monthSets[numbered(monthOf, r, "/"+r.calendar)][1][r.month-1])
	case "A":
		b.WriteString(weekdays[r.lang][0][r.time.Weekday()])
	case "a":
		b.WriteString(weekdays[r.lang][1][r.time.Weekday()])
	case "H", "-H":
		r.digits(b, r.time.Hour(), width(d), '0')
	case "I", "-I":
		r.digits(b, cmp.Or(r.time.Hour()%12, 12), width(d), '0')
	case "M":
		r.digits(b, r.time.Minute(), 2, '0')
	case "S":
		r.digits(b, r.time.Second(), 2, '0')
	case "p":
		if r.time.Hour() < 12 {
			b.WriteString(r.clock().morning)
		} else {
			b.WriteString(r.clock().evening)
		}
	case "%":
		b.WriteByte('%')
	default:
		b.WriteString("%" + d)
	}
}

func width(directive string) int {
	if directive[0] == '-' {
		return 1
	}
	return 2
}

// digits writes a number that is not below zero, filled up on the left.
func (r *reader) digits(b *strings.Builder, n, width int, fill rune) {
	var room [20]rune
	i := len(room)
	for ; n > 0 || i == len(room); n /= 10 {
		i--
		room[i] = r.zero + rune(n%10)
	}
	for left := width - (len(room) - i); left > 0; left-- {
		if fill == '0' {
			b.WriteRune(r.zero)
		} else {
			b.WriteRune(fill)
		}
	}
	for _, d := range room[i:] {
		b.WriteRune(d)
	}
}
