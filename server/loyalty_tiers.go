package server

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/templates"
)

// tiersPart are the levels of membership. They stand in the order in which they are reached.
var tiersPart = part{
	key: "tiers",
	rows: func(v visit, p loyalty.Program, _ templates.Admin) (out []templates.LoyaltyPart) {
		for _, l := range p.Tiers.Levels {
			out = append(out, templates.LoyaltyPart{ID: l.ID, Title: v.tierTitle(l), Says: v.tierSaid(p, l), Acts: []templates.LoyaltyAct{{Do: "drop", Ask: "drop_tier"}}})
		}
		return out
	},
	adds: func(v visit, _ loyalty.Program) []templates.Choice { return kindly(v, "club_kind_", "tier") },
	form: tierForm, save: saveTier,
	act: func(p *loyalty.Program, _ *typing, id, do string) (err error) {
		if do != "drop" {
			return errUnknownAct
		}
		p.Tiers.Levels, err = dropped(p.Tiers.Levels, func(l loyalty.Tier) bool { return l.ID == id })
		return err
	},
	whole: func(f *programForm, p loyalty.Program) string {
		f.head("")
		f.field("pick", "by", string(cmp.Or(p.Tiers.By, loyalty.BySpend)), f.words("club_by", string(loyalty.BySpend), string(loyalty.ByPoints))...)
		f.number("months", int64(cmp.Or(p.Tiers.Months, 12)))
		f.number("grace", int64(p.Tiers.Grace))
		return templates.Say(f.lang, "club_tiers_whole", nil)
	},
	saveWhole: func(p *loyalty.Program, t *typing) error {
		by := loyalty.TierBy(t.pick("by", string(loyalty.BySpend), string(loyalty.ByPoints)))
		if len(p.Tiers.Levels) > 0 && by != p.Tiers.By {
			t.refuse("by", "by", nil)
		}
		p.Tiers.By, p.Tiers.Months, p.Tiers.Grace = by, int(t.number("months", 1, 60)), int(t.number("grace", 0, 365))
		return nil
	},
}

func tierForm(f *programForm, p loyalty.Program, id, _ string) (string, bool) {
	l, key := loyalty.Tier{Multiplier: 100}, "club_tier_new"
	if id != "" {
		i := slices.IndexFunc(p.Tiers.Levels, func(l loyalty.Tier) bool { return l.ID == id })
		if i < 0 {
			return "", false
		}
		l, key = p.Tiers.Levels[i], "club_tier_edit"
	}
	f.head("")
	f.texts("tier_name", l.Name)
	if p.Tiers.By == loyalty.ByPoints {
		f.number("from_points", l.From)
	} else {
		f.money("from_spend", l.From)
	}
	f.hundredths("multiplier", l.Multiplier)
	f.field("pick", "tier_reward", l.Reward, f.rewardChoices(p, "club_no_reward", l.Reward)...)
	f.field("text", "tag", l.Tag)
	return templates.Say(f.lang, key, map[string]string{"Tier": f.tierTitle(l)}), true
}

func saveTier(p *loyalty.Program, t *typing, id, _ string) error {
	at := slices.IndexFunc(p.Tiers.Levels, func(l loyalty.Tier) bool { return l.ID == id })
	if id != "" && at < 0 {
		return errPartGone
	}
	l := loyalty.Tier{ID: id, Name: t.texts("tier_name"), Multiplier: t.hundredths("multiplier", 100, 10_000), Tag: t.text("tag", 80)}
	if len(l.Name) == 0 {
		t.refuse("tier_name."+writtenIn(t.Shop)[0], "name", nil)
	}
	if p.Tiers.By == loyalty.ByPoints {
		l.From = t.number("from_points", 1, mostBound)
	} else {
		l.From = t.money("from_spend", 1)
	}
	if l.Reward = t.form.Get("tier_reward"); l.Reward != "" {
		if _, there := rewardOf(*p, l.Reward); !there {
			t.refuse("tier_reward", "pick", nil)
		}
	}
	p.Tiers.By, p.Tiers.Months = cmp.Or(p.Tiers.By, loyalty.BySpend), cmp.Or(p.Tiers.Months, 12)
	if at < 0 {
		l.ID = tierID(p.Tiers, l.Name)
		p.Tiers.Levels = append(p.Tiers.Levels, l)
	} else {
		p.Tiers.Levels[at] = l
	}
	if slices.ContainsFunc(p.Tiers.Levels, func(o loyalty.Tier) bool { return o.ID != l.ID && o.From == l.From }) {
		t.refuse(map[bool]string{true: "from_points", false: "from_spend"}[p.Tiers.By == loyalty.ByPoints], "from", nil)
	}
	slices.SortFunc(p.Tiers.Levels, func(a, b loyalty.Tier) int { return cmp.Compare(a.From, b.From) })
	return nil
}

// tierID is a name that conditions of campaigns can have, such as gold.
func tierID(tiers loyalty.Tiers, names map[string]string) string {
	base := ""
	for _, r := range commerce.Fold(names["en"]) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			base += string(r)
		case base != "" && !strings.HasSuffix(base, "_"):
			base += "_"
		}
	}
	base = cmp.Or(strings.Trim(base, "_"), "tier")
	id := base
	for n := 2; tiers.Of(id).ID != ""; n++ {
		id = base + "_" + strconv.Itoa(n)
	}
	return id
}
