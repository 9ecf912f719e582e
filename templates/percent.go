package templates

import "strings"

// Percent writes hundredths of a percent, such as 12.5%, without empty decimals.
func (s Style) Percent(hundredths int64) string {
	lang, _ := locale(s.Lang, s.Country)
	n := s.numerals()
	whole, fraction := decimals(hundredths, 2, "")
	var b strings.Builder
	if hundredths < 0 {
		b.WriteString(n.minus)
	}
	n.write(&b, whole, strings.TrimRight(fraction, "0"))
	switch {
	case n.zero != '0':
		b.WriteString("٪")
	case lang == "ar":
		b.WriteString("\u200e%")
	default:
		b.WriteString("%")
	}
	return b.String()
}
