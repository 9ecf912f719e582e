package api

import (
	"net/url"
	"strings"
	"time"
	"unicode"

	"flywheel/commerce"
)

// Bounds of what a caller names things by.
const (
	maxID   = 200
	maxText = 500
	maxURL  = 2000
)

// name checks a word made of a-z, 0-9, _ . and -.
func (w *wrongs) name(where, s string) {
	if s == "" || len(s) > 64 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != "" {
		w.add(where, "must be 1 to 64 of a-z, 0-9, _ . and -")
	}
}

// id checks a name that is kept and compared as it is; "" passes.
func (w *wrongs) id(where, s string) {
	ascii := strings.IndexFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e }) < 0
	if len(s) > maxID || !ascii || strings.TrimSpace(s) != s {
		w.add(where, "must be 1 to %d printable ASCII characters without spaces around them", maxID)
	}
}

// text checks one line of words for people; "" passes.
func (w *wrongs) text(where, s string) {
	if len(s) > maxText {
		w.add(where, "is longer than %d bytes", maxText)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		w.add(where, "holds a control character")
	}
	w.upright(where, s)
}

// upright refuses what turns the text around it (Unicode UAX 9, 2.1 and 2.2);
// the isolates and marks that Arabic and Persian need stay.
func (w *wrongs) upright(where, s string) {
	if strings.ContainsFunc(s, override) {
		w.add(where, "holds a character that turns the direction of the text around it (U+202A to U+202E)")
	}
}

func override(r rune) bool { return r >= '\u202a' && r <= '\u202e' }

// link checks an https address; "" passes.
func (w *wrongs) link(where, s string) {
	u, err := url.Parse(s)
	if s != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(s) > maxURL || strings.ContainsFunc(s, unfitForURL)) {
		w.add(where, "must be an https address of at most %d bytes", maxURL)
	}
}

func unfitForURL(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) || override(r) }

// email returns the normal form of an address; "" passes.
func (w *wrongs) email(where, s string) string {
	normal := commerce.NormalEmail(s)
	if s != "" && normal == "" {
		w.add(where, "is not an e-mail address")
	}
	return normal
}

// instant reads an RFC 3339 moment; "" is 0. What a database cannot keep is refused.
func (w *wrongs) instant(where, s string) commerce.Instant {
	if s == "" {
		return 0
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1990 || t.Year() > 2200 {
		w.add(where, "is not an RFC 3339 moment such as 2026-03-02T12:00:00Z")
		return 0
	}
	return commerce.At(t)
}

// skew is how far another system's clock may be ahead of ours.
const skew = 5 * time.Minute

// past reads a moment that must lie between now less reach, called far, and now; not told is now.
func (w *wrongs) past(where, s string, now commerce.Instant, reach time.Duration, far string) commerce.Instant {
	at := w.instant(where, s)
	switch {
	case at == 0:
		return now
	case at > now.Add(skew):
		w.add(where, "lies in the future")
	case at < now.Add(-reach):
		w.add(where, "lies more than %s back", far)
	}
	return at
}

// moment writes an instant as bodies carry it.
func moment(at commerce.Instant) string {
	if at == 0 {
		return ""
	}
	return at.Time().Format(time.RFC3339Nano)
}
