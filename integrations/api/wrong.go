package api

import (
	"fmt"
	"strings"
	"unicode"
)

// Wrong is one thing that is wrong with a body. Where is its place, such as
// events[3].email, "" for the whole; What goes on from there in words and never
// repeats a value, which may be a customer's.
type Wrong struct{ Where, What string }

// String is the sentence.
func (w Wrong) String() string { return strings.TrimSpace(w.Where + " " + w.What) }

// Refusal is why a body was not taken: at least one thing, at most maxWrongs.
type Refusal []Wrong

// Error is the first sentence and how many there are besides.
func (r Refusal) Error() string {
	if len(r) > 1 {
		return fmt.Sprintf("%s (and %d more)", r[0], len(r)-1)
	}
	return r[0].String()
}

// maxWrongs bounds an answer; who mends so many will ask again anyway.
const maxWrongs = 20

// wrongs gathers what is wrong with a body.
type wrongs struct{ all Refusal }

func (w *wrongs) add(where, format string, args ...any) {
	if len(w.all) < maxWrongs {
		w.all = append(w.all, Wrong{where, fmt.Sprintf(format, args...)})
	}
}

// err is nil where nothing is wrong.
func (w *wrongs) err() error {
	if len(w.all) == 0 {
		return nil
	}
	return w.all
}

// printable makes a stranger's word fit for a sentence.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || override(r) {
			return '?'
		}
		return r
	}, s)
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "..."
	}
	return s
}
