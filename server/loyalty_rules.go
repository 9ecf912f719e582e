package server

import (
	"slices"

	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

// errPartGone is for what somebody else has taken out of the program meanwhile.
var errPartGone = fault.New(fault.Conflict, "this is not in the program any more: load the page again")

// rulesPart are the ways to earn points.
var rulesPart = part{
	key: "rules",
	rows: func(v visit, p loyalty.Program, _ templates.Admin) (out []templates.LoyaltyPart) {
		for _, r := range p.Rules {
			out = append(out, templates.LoyaltyPart{ID: r.ID, Title: v.ruleSaid(r), Says: v.ruleBounds(r), Acts: []templates.LoyaltyAct{{Do: "drop", Ask: "drop_rule"}}})
		}
		return out
	},
	adds: func(v visit, _ loyalty.Program) []templates.Choice {
		return kindly(v, "club_kind_", loyalty.GivenFor()...)
	},
	form: ruleForm, save: saveRule,
	act: func(p *loyalty.Program, _ *typing, id, do string) (err error) {
		if do != "drop" {
			return errUnknownAct
		}
		p.Rules, err = dropped(p.Rules, func(r loyalty.Rule) bool { return r.ID == id })
		return err
	},
}

var errUnknownAct = fault.New(fault.Invalid, "there is no such act")

func ruleForm(f *programForm, p loyalty.Program, id, kind string) (string, bool) {
	r, key := loyalty.Rule{Kind: loyalty.RuleKind(kind)}, "club_rule_new"
	if id != "" {
		i := slices.IndexFunc(p.Rules, func(r loyalty.Rule) bool { return r.ID == id })
		if i < 0 {
			return "", false
		}
		r, key = p.Rules[i], "club_rule_edit"
	}
	if id == "" && !r.Kind.Given() {
		return "", false
	}
	if r.Kind == loyalty.ForSpend && r.Per == 0 {
		r.Points, r.Per = 1, tenths(f.Shop.Currency, 10)
	}
	f.head("")
	f.number("points", r.Points)
	switch r.Kind {
	case loyalty.ForSpend:
		f.money("per", r.Per)
		f.field("pick", "round", string(r.Round), f.words("club_round", string(loyalty.Down), string(loyalty.Nearest), string(loyalty.Up))...)
	case loyalty.ForOrder:
		f.number("nth", int64(r.Nth))
	case loyalty.ForEvent:
		f.field("text", "event", r.Event)
	}
	f.head("bounds")
	f.number("per_day", r.PerDay)
	f.number("ever", r.Ever)
	f.check("flat", r.Flat)
	return templates.Say(f.lang, key, map[string]string{"Kind": templates.Say(f.lang, "club_kind_"+string(r.Kind), nil)}), true
}

const (
	mostPoints = 1_000_000
	mostBound  = 1_000_000_000
)

func saveRule(p *loyalty.Program, t *typing, id, kind string) error {
	r := loyalty.Rule{ID: id, Kind: loyalty.RuleKind(kind)}
	at := slices.IndexFunc(p.Rules, func(r loyalty.Rule) bool { return r.ID == id })
	switch {
	case id == "" && r.Kind.Given():
		r.ID = kind + "-" + store.NewID()
	case id == "":
		return errUnknownAct
	case at < 0:
		return errPartGone
	default:
		r.Kind = p.Rules[at].Kind
	}
	r.Points = t.number("points", 1, mostPoints)
	switch r.Kind {
	case loyalty.ForSpend:
		r.Per = t.money("per", 1)
		r.Round = loyalty.Round(t.pick("round", string(loyalty.Down), string(loyalty.Nearest), string(loyalty.Up)))
	case loyalty.ForOrder:
		r.Nth = int(t.number("nth", 0, 1000))
	case loyalty.ForEvent:
		if r.Event = t.text("event", 80); r.Event == "" {
			t.refuse("event", "event", nil)
		}
	}
	r.PerDay, r.Ever, r.Flat = t.number("per_day", 0, mostBound), t.number("ever", 0, mostBound), t.check("flat")
	if at < 0 {
		p.Rules = append(p.Rules, r)
	} else {
		p.Rules[at] = r
	}
	return nil
}
