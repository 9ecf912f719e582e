package lint

import (
	"fmt"
	"slices"
	"strings"

	"flywheel/delight/campaign"
)

// scoreWords are what a rating is called in variables, fields, events and tags.
var scoreWords = []string{
	"score", "scores", "rating", "ratings", "rated", "stars", "star", "nps", "csat", "ces", "grade", "satisfaction", "sentiment",
	"promoter", "promoters", "detractor", "detractors", "happy", "unhappy", "satisfied", "dissatisfied",
}

// offer is what a way through the steps holds.
type offer struct{ review, reward bool }

func (o offer) and(p offer) offer { return offer{o.review || p.review, o.reward || p.reward} }

// scores looks for a review page or a reward that one gets and another does
// not, depending on how they rated.
func scores(l *linter) {
	whole, told, any := scored(l.Condition, l.Rows), scoreWord(l.Trigger.Name), false
	each(l.Steps, "steps", func(s *campaign.Step, _ string) { any = any || forking(s) != "" })
	if whole+told == "" && !any {
		return
	}
	all := l.offers(l.Steps)
	l.gated(asked(l.Rows), whole, all, offer{})
	l.gated("trigger.name", told, all, offer{})
	l.forks(l.Steps, "steps", offer{})
}

// forking returns the score by which a step branches; "" if it does not.
func forking(s *campaign.Step) string {
	switch s.Kind {
	case campaign.If:
		return scored(s.Condition, s.Rows)
	case campaign.WaitForEvent:
		return scoreWord(s.Event)
	}
	return ""
}

// forks compares the ways out of each step that branches by a score. What
// comes behind the list counts for every way that does not end before.
func (l *linter) forks(list []campaign.Step, where string, behind offer) {
	for i := range list {
		s, at := &list[i], fmt.Sprintf("%s[%d]", where, i)
		rest := l.onward(list[i+1:], behind)
		for _, b := range branches(s) {
			l.forks(b.steps, at+"."+b.name, rest)
		}
		if word := forking(s); word != "" {
			by := "event"
			if s.Kind == campaign.If {
				by = asked(s.Rows)
			}
			l.gated(at+"."+by, word, l.onward(s.Then, rest), l.onward(s.Else, rest))
		}
	}
}

// asked is the field in which a condition stands.
func asked(rows []campaign.Row) string {
	if len(rows) > 0 {
		return "rows"
	}
	return "condition"
}

func (l *linter) gated(where, word string, one, other offer) {
	if word == "" {
		return
	}
	if one.review != other.review {
		l.find("score-gates-review", where, "word", word)
	}
	if one.reward != other.reward {
		l.find("score-gates-reward", where, "word", word)
	}
}

// onward is what a list holds, with what comes behind it.
func (l *linter) onward(list []campaign.Step, behind offer) offer {
	if ends(list) {
		return l.offers(list)
	}
	return l.offers(list).and(behind)
}

// offers is what the mails of a list hold, on any way through it.
func (l *linter) offers(list []campaign.Step) (all offer) {
	for i := range list {
		s := &list[i]
		for _, b := range branches(s) {
			all = all.and(l.offers(b.steps))
		}
		for _, f := range fields(s, "") {
			all.review = all.review || l.heard(review, f.lang, f.text) != "" || l.reviewPage(f.text)
			all.reward = all.reward || l.heard(reward, f.lang, f.text) != "" || l.heard(promotion, f.lang, f.text) != ""
		}
		for _, e := range s.Email {
			all.review = all.review || e.Button != nil && l.reviewPage(e.Button.URL)
			all.reward = all.reward || e.Button != nil && strings.Contains(e.Button.URL, "reward")
		}
		if ends(list[i : i+1]) {
			break
		}
	}
	return all
}

// scored returns what of a condition or its rows is a score; "" if nothing.
func scored(condition string, rows []campaign.Row) string {
	for _, r := range rows {
		for _, name := range slices.Concat([]string{r.Field, r.Value}, r.List) {
			if word := scoreWord(name); word != "" {
				return word
			}
		}
	}
	if tree := parsed(condition); tree != nil && len(rows) == 0 {
		for _, name := range names(tree) {
			if word := scoreWord(name); word != "" {
				return word
			}
		}
	}
	return ""
}

// scoreWord returns name if one of the words it is made of is a score's. A star
// within a sentence, such as a title, is another thing.
func scoreWord(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune("_.:-/", r) })
	if slices.ContainsFunc(parts, func(p string) bool { return slices.Contains(scoreWords, p) }) {
		return name
	}
	return ""
}
