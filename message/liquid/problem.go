package liquid

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is something wrong with a text.
type Problem struct {
	At       int // byte offset in the source
	Sentence string
	// Unknown is the variable that there is not, "" of all other problems. The
	// text can be filled all the same: what there is not stays empty.
	Unknown string
}

// MaxProblems is how many problems Parse tells of each sort, of variables that there
// are not and of all else: nobody reads more of one text.
const MaxProblems = 20

// Place returns line and column of an offset, both from 1, the column counted in
// characters, and up to 80 characters of the line with a caret below that column.
func Place(source string, at int) (line, column int, excerpt string) {
	at = max(0, min(at, len(source)))
	start := strings.LastIndexByte(source[:at], '\n') + 1
	line = strings.Count(source[:start], "\n") + 1
	before := []rune(source[start:at])
	column = len(before) + 1
	rest, _, _ := strings.Cut(source[at:], "\n")
	after := []rune(strings.TrimSuffix(rest, "\r"))
	const room = 40 // characters on either side
	cut := max(0, len(before)-room)
	shown := string(before[cut:]) + string(after[:min(len(after), room)])
	seen := func(r rune) rune { // what cannot be seen would move or turn the line
		if r == '\t' || r < ' ' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return ' '
		}
		return r
	}
	return line, column, strings.Map(seen, shown) + "\n" + strings.Repeat(" ", len(before)-cut) + "^"
}

// mean is "; did you mean X?" where a name is nearly one of those there are, else "".
func mean(name string, known []string) string {
	best, least := "", 1+len(name)/3
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := distance(name, k, least); d < least || d == least && best == "" {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// distance counts the letters to add, drop, change or swap between two names; more than limit is limit+1.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	var before []int
	last, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+change)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, make([]int, len(b)+1)
	}
	return min(last[len(b)], limit+1)
}
