package templates

import (
	"html/template"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The isolates of Unicode. Unlike the overrides U+202A to U+202E they cannot
// turn the text around them, so they may stay in what people write.
const (
	lri = '\u2066' // what follows reads left to right
	rli = '\u2067' // right to left
	fsi = '\u2068' // as its first letter does
	pdi = '\u2069' // end of the last one
	rlm = '\u200f'
)

// Clean makes a stranger's text (a name, a product title) fit for any line: valid
// UTF-8, one line, no control characters and no bidi overrides, isolates
// closed, at most limit characters. Joiners such as ZWNJ stay.
func Clean(text string, limit int) string {
	if len(text) <= limit && plain(text) {
		return strings.TrimSpace(text)
	}
	var b strings.Builder
	b.Grow(min(len(text), limit*utf8.UTFMax) + len("…"))
	count, open, space := 0, 0, false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			space = true
			continue
		case r == utf8.RuneError || unicode.IsControl(r) || dangerous(r) || r == pdi && open == 0:
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
			count++
		}
		space = false
		if count >= limit && !unicode.Is(unicode.M, r) { // an accent is not torn from its letter
			b.WriteRune('…')
			break
		}
		if count >= limit+limit/4+8 { // nor may a heap of accents grow without end
			break
		}
		switch r {
		case lri, rli, fsi:
			open++
		case pdi:
			open--
		}
		b.WriteRune(r)
		count++
	}
	for range open {
		b.WriteRune(pdi)
	}
	return b.String()
}

// plain reports whether text is printable ASCII, the usual case.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' || text[i] == ' ' && i+1 < len(text) && text[i+1] == ' ' {
			return false
		}
	}
	return true
}

// dangerous names characters that reorder or hide text beyond their own place.
func dangerous(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u206a' && r <= '\u206f' || r == '\ufeff' || r >= '\ufff9' && r <= '\ufffb'
}

// Isolate guards a value whose direction is not known (a name, a title) within
// text of lang, where it could disturb that text's order.
func Isolate(lang, value string) string {
	if value == "" || !disturbs(Dir(lang), value) {
		return value
	}
	return string(fsi) + value + string(pdi)
}

// IsolateLTR guards a value that always reads left to right (an order name, a
// price, an address) within text of lang.
func IsolateLTR(lang, value string) string {
	if value == "" || Dir(lang) == "ltr" {
		return Isolate(lang, value)
	}
	return string(lri) + value + string(pdi)
}

// disturbs reports whether value holds anything that does not simply follow text of direction dir.
func disturbs(dir, value string) bool {
	for _, r := range value {
		switch {
		case dir == "ltr" && rightToLeft(r), r == rlm, r >= lri && r <= pdi:
			return true
		case dir == "rtl" && !rightToLeft(r) && r != ' ' && r != '\u200c':
			return true
		}
	}
	return false
}

// rightToLeft reports whether r is a letter of a right-to-left script.
func rightToLeft(r rune) bool {
	return r >= '\u0590' && r <= '\u08ff' && !unicode.IsDigit(r) || r >= '\ufb1d' && r <= '\ufdff' || r >= '\ufe70' && r <= '\ufefc'
}

// markup writes text as HTML, escaped, its isolates as <bdi> elements: mail
// programs know those better than the characters.
func markup(text string) template.HTML { return template.HTML(appendMarkup(nil, text)) }

// appendMarkup is markup for the way every mail goes: one pass over the bytes.
func appendMarkup(dst []byte, text string) []byte {
	open, from := 0, 0
	for i := 0; i < len(text); i++ {
		var as string
		size := 1
		switch text[i] {
		case '<':
			as = "&lt;"
		case '>':
			as = "&gt;"
		case '&':
			as = "&amp;"
		case '"':
			as = "&#34;"
		case '\'':
			as = "&#39;"
		case "\u2066"[0]:
			if i+2 >= len(text) || text[i+1] != "\u2066"[1] {
				continue
			}
			size = 3
			switch r, _ := utf8.DecodeRuneInString(text[i:]); r {
			case lri:
				as = `<bdi dir="ltr">`
				open++
			case rli:
				as = `<bdi dir="rtl">`
				open++
			case fsi:
				as = `<bdi>`
				open++
			case pdi:
				if open > 0 {
					as = `</bdi>`
					open--
				}
			default:
				continue
			}
		default:
			continue
		}
		dst = append(append(dst, text[from:i]...), as...)
		i += size - 1
		from = i + 1
	}
	dst = append(dst, text[from:]...)
	for range open {
		dst = append(dst, `</bdi>`...)
	}
	return dst
}

// guide starts a plain text line with a mark where mail programs would else
// take the line's direction from a Latin word, digit or address in front.
func guide(dir, line string) string {
	if dir != "rtl" || line == "" {
		return line
	}
	if first, _ := utf8.DecodeRuneInString(line); rightToLeft(first) {
		return line
	}
	return string(rlm) + line
}

// Markup writes text as HTML, escaped, its isolates as <bdi> elements.
func Markup(text string) string { return string(appendMarkup(nil, text)) }
