package lint

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"flywheel/delight/campaign"
)

var (
	placeholder = regexp.MustCompile(`\[\[|\]\]`)
	zero        = regexp.MustCompile(`^\s*[0٠۰.٫]*\s*$`)
)

// unwritten looks for what a playbook leaves to the merchant: words between
// double brackets, amounts of nothing, and rewards that nobody has chosen.
func unwritten(l *linter) {
	l.nothing("rows", l.Rows)
	each(l.Steps, "steps", func(s *campaign.Step, where string) {
		for _, f := range slices.Concat(fields(s, where), lines(s, where)) {
			if placeholder.MatchString(f.text) {
				l.find("placeholder", f.where)
			}
		}
		l.nothing(where+".rows", s.Rows)
		if s.Kind == campaign.GiveReward && s.Reward == campaign.RewardToChoose {
			l.find("reward-missing", where+".reward")
		}
	})
}

// nothing looks for a sum of money that every sum reaches.
func (l *linter) nothing(where string, rows []campaign.Row) {
	for i, r := range rows {
		if r.Op != campaign.OpAtLeast || !zero.MatchString(r.Value) || !money(r.Field) {
			continue
		}
		fill := []string{"field", r.Field, "currency", l.shop.Currency}
		if l.shop.Currency == "" {
			fill = []string{"field", r.Field, "currency.en", "your currency", "currency.ar", "عملة متجرك", "currency.fa", "واحد پول فروشگاه"}
		}
		l.find("amount-missing", fmt.Sprintf("%s[%d].value", where, i), fill...)
	}
}

func money(name string) bool {
	return slices.ContainsFunc(campaign.Variables(), func(v campaign.VarSpec) bool { return v.Name == name && v.Type == campaign.MoneyVar })
}

// lines lists the texts of a step's note, by language.
func lines(s *campaign.Step, where string) (out []field) {
	for _, lang := range slices.Sorted(maps.Keys(s.Note)) {
		n, at := s.Note[lang], where+".note."+lang
		out = append(out, field{at + ".title", lang, n.Title, false})
		for i, p := range n.Body {
			out = append(out, field{fmt.Sprintf("%s.body[%d]", at, i), lang, p, false})
		}
	}
	return out
}
