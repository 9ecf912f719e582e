// Package lint reads a campaign for honest asking: nothing is sold in a mail
// that needs no consent, nobody is asked in the middle of a refund, a review is
// asked of everybody or of nobody, and what is written can be reached, in time
// and in every language of the shop. It is pure and reads the definition alone;
// whether it can run at all is campaign's Check, whether its texts compile is
// package message's. Words are known in English, Arabic and Persian; a text in
// another language is only searched for English ones.
package lint

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// Severity says what a finding does.
type Severity string

// An Error refuses Go live, a Warning is only shown.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is one thing that is not as it should be.
type Finding struct {
	Rule     string // a stable id, such as promo-in-transactional
	Severity Severity
	Where    string         // as in the JSON of the definition: steps[2].then[0].email.en.body[1]
	Texts    campaign.Texts // a sentence in en, ar and fa
	Mend     campaign.Texts // what to do, likewise
}

// Lint returns what is wrong with d in a shop, errors first, then by place. Of
// the shop it reads languages, calendar, currency, addresses and the review page.
func Lint(d campaign.Definition, shop commerce.Shop) []Finding {
	l := &linter{Definition: d, shop: shop, said: map[string]speech{}}
	for _, rule := range []func(*linter){
		texts, subjects, consent, useful, lateness, reach, constants, languages, scores, praise, jobs, unwritten,
	} {
		rule(l)
	}
	Sort(l.findings)
	return l.findings
}

// Errors reports whether any finding refuses Go live.
func Errors(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Error })
}

func rank(f Finding) int {
	if f.Severity == Error {
		return 0
	}
	return 1
}

var number = regexp.MustCompile(`\d+`)

// inOrder makes places sort as they stand: step 2 before step 10.
func inOrder(where string) string {
	return number.ReplaceAllStringFunc(where, func(n string) string { return fmt.Sprintf("%03s", n) })
}

// linter is one reading of one definition.
type linter struct {
	campaign.Definition
	shop     commerce.Shop
	findings []Finding
	said     map[string]speech // by language and text
}

// find notes a finding; fill are names and values of the sentence's places.
func (l *linter) find(rule, where string, fill ...string) {
	r := rules()[rule]
	l.findings = append(l.findings, Finding{
		Rule: rule, Severity: r.Severity, Where: where, Texts: filled(r.Says, fill), Mend: filled(r.Mend, fill),
	})
}

// UnknownVariable is the finding for a name in a text that stands for nothing.
// Which names there are is package message's; where is as in Finding.
func UnknownVariable(where, name string) Finding {
	l := linter{}
	l.find("unknown-variable", where, "name", name)
	return l.findings[0]
}

// Sort puts findings into the order of Lint: errors first, then by place.
func Sort(findings []Finding) {
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(inOrder(a.Where), inOrder(b.Where)), cmp.Compare(a.Rule, b.Rule))
	})
}
