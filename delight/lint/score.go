package lint

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"flywheel/delight/campaign"
)

// offer is what a way through the steps holds: where it asks for reviews, what
// it gives, and which endpoints it tells, whose doings nobody knows here.
type offer struct{ review, reward, hooks set }

type set = map[string]bool

func (o offer) and(p offer) offer {
	return offer{union(o.review, p.review), union(o.reward, p.reward), union(o.hooks, p.hooks)}
}

func union(a, b set) set {
	out := maps.Clone(a)
	if out == nil {
		out = set{}
	}
	maps.Copy(out, b)
	return out
}

// scores looks for a review page or a reward that one gets and another does
// not, or gets elsewhere, depending on how they rated.
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
	if !maps.Equal(one.review, other.review) {
		l.find("score-gates-review", where, "word", word)
	}
	if !maps.Equal(one.reward, other.reward) {
		l.find("score-gates-reward", where, "word", word)
	}
	for _, hook := range slices.Sorted(maps.Keys(union(one.hooks, other.hooks))) {
		if one.hooks[hook] != other.hooks[hook] {
			l.find("score-gates-webhook", where, "word", word, "hook", hook)
		}
	}
}

// onward is what a list holds, with what comes behind it.
func (l *linter) onward(list []campaign.Step, behind offer) offer {
	if ends(list) {
		return l.offers(list)
	}
	return l.offers(list).and(behind)
}

// offers is what the steps of a list hold, on any way through it.
func (l *linter) offers(list []campaign.Step) (all offer) {
	for i := range list {
		s := &list[i]
		for _, b := range branches(s) {
			all = all.and(l.offers(b.steps))
		}
		all = all.and(l.offered(s))
		if ends(list[i : i+1]) {
			break
		}
	}
	return all
}

// offered is what one step holds. A mail that asks for a review asks for it
// where its button leads, else by a reply; a reward is told from another by the
// numbers beside it.
func (l *linter) offered(s *campaign.Step) offer {
	out := offer{set{}, set{}, set{}}
	if s.Kind == campaign.Webhook && !out.begun("webhook ", s.Hook) {
		out.hooks[s.Hook] = true
	}
	for _, tag := range s.Add { // of most tags nobody can tell what another tool makes of them
		out.begun("tag ", strings.ToLower(tag))
	}
	switch s.Kind {
	case campaign.GivePoints:
		out.reward[fmt.Sprint("points ", s.Points)] = true
	case campaign.GiveReward:
		out.reward["reward "+s.Reward] = true
	}
	for _, e := range s.Email {
		if showsReward(e) {
			out.reward["reward"] = true
		}
	}
	for _, f := range fields(s, "") {
		if l.heard(reward, f.lang, f.text) != "" || l.heard(promotion, f.lang, f.text) != "" {
			out.reward[strings.Join(numerals.FindAllString(plain(f.text), -1), " ")] = true
		}
		if l.heard(review, f.lang, f.text) != "" {
			out.review[l.leads(s.Email[f.lang])] = true
		}
	}
	for _, e := range s.Email {
		for _, to := range links(e) {
			if l.reviewPage(to.url) {
				out.review[l.page(to.url)] = true
			}
			if strings.Contains(to.url, "reward") {
				out.reward[l.page(to.url)] = true
			}
		}
	}
	return out
}

// ofReward is an output that shows a reward.
var ofReward = regexp.MustCompile(`\breward\.(words|code|ends_at)\b`)

// showsReward reports whether a mail shows a reward of the loyalty program.
func showsReward(e campaign.Email) bool {
	if has(e, campaign.BlockReward) {
		return true
	}
	return slices.ContainsFunc(fields(&campaign.Step{Email: map[string]campaign.Email{"": e}}, ""), func(f field) bool { return ofReward.MatchString(f.text) })
}

// begun notes what something else is to do by the name it is told, and reports whether the name says it.
func (o offer) begun(by, name string) bool {
	switch {
	case asking.MatchString(name):
		o.review[by+name] = true
	case giving.MatchString(name):
		o.reward[by+name] = true
	default:
		return false
	}
	return true
}

var (
	numerals = regexp.MustCompile(`\d+`)
	asking   = regexp.MustCompile(`review|rating|testimonial|trustpilot|yotpo|judgeme`)
	giving   = regexp.MustCompile(`reward|point|gift|coupon|voucher|discount|credit`)
)

// leads is where a mail that asks leads: to where a review is written, else where
// its first link does; "" without one, which is a reply.
func (l *linter) leads(e campaign.Email) string {
	if url := l.reviewLink(e); url != "" {
		return l.page(url)
	}
	if all := links(e); len(all) > 0 {
		return l.page(all[0].url)
	}
	return ""
}
