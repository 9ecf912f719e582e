package shopify

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"flywheel/commerce"
)

// text makes a word of the shop or its customers fit to keep and to mail:
// PostgreSQL refuses NUL, and a line break in a name would end a mail header.
func text(s string) string {
	s = strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, s))
	return cut(s, 500)
}

// cut shortens s to at most n bytes, at the edge of a letter.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// short keeps a sentence readable whatever the body holds.
func short(s string) string { return cut(text(s), 60) }

// email returns the form of an address that persons are known by, "" for what is none.
func email(address string) string { return commerce.NormalEmail(text(address)) }

// country returns an ISO 3166-1 alpha-2 code, "" for anything else.
func country(code string) string { return letters(code, 2) }

// currencyCode returns an ISO 4217 code, "" for anything else.
func currencyCode(code string) string { return letters(code, 3) }

// letters returns a code of n letters in upper case, "" for anything else.
func letters(code string, n int) string {
	code = strings.ToUpper(code)
	if len(code) != n || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return code
}
