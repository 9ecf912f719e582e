package campaign

import (
	"strings"
	"unicode/utf8"
)

// What one step may give: a slip of the hand is no fortune.
const (
	maxGift = 100_000 // points
	maxWhy  = 200     // characters
	maxID   = 64      // of a reward
)

func (s *Step) checkGift(p *problems, where string) {
	p.note(s.Points < 0 || s.Points > maxGift, "%s: the points are %d, they are 1 to %d", where, s.Points, maxGift)
	p.note(utf8.RuneCountInString(s.Why) > maxWhy || strings.ContainsAny(s.Why, "\r\n"), "%s: why is one line of at most %d letters", where, maxWhy)
	p.note(len(s.Reward) > maxID || strings.ContainsFunc(s.Reward, func(r rune) bool { return r <= ' ' }), "%s: the reward is no id of one", where)
}
