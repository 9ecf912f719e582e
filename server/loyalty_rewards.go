package server

import (
	"cmp"
	"slices"

	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

var rewardKinds = []loyalty.RewardKind{loyalty.AmountOff, loyalty.PercentOff, loyalty.FreeShipping, loyalty.FreeProduct}

// rewardsPart are what points buy, and what tiers and referrals give.
var rewardsPart = part{
	key: "rewards",
	rows: func(v visit, p loyalty.Program, _ templates.Admin) (out []templates.LoyaltyPart) {
		for _, r := range p.Rewards {
			one := templates.LoyaltyPart{ID: r.ID, Title: v.rewardTitle(r), Says: v.rewardSaid(r), Hidden: r.Hidden, Acts: []templates.LoyaltyAct{{Do: "hide", Ask: "hide"}, {Do: "drop", Ask: "drop_reward"}}}
			if r.Hidden {
				one.Acts[0] = templates.LoyaltyAct{Do: "show"}
			}
			out = append(out, one)
		}
		return out
	},
	adds: func(v visit, _ loyalty.Program) []templates.Choice {
		return kindly(v, "club_kind_", rewardKinds...)
	},
	form: rewardForm, save: saveReward, act: rewardAct,
}

var errRewardUsed = fault.New(fault.Conflict, "a tier or the referrals give this reward: choose another there first")

func rewardAct(p *loyalty.Program, _ *typing, id, do string) (err error) {
	at := slices.IndexFunc(p.Rewards, func(r loyalty.Reward) bool { return r.ID == id })
	if at < 0 {
		return errPartGone
	}
	used := p.Referral.Friend == id || p.Referral.Advocate == id || slices.ContainsFunc(p.Tiers.Levels, func(l loyalty.Tier) bool { return l.Reward == id })
	switch {
	case do == "show":
		p.Rewards[at].Hidden = false
	case do != "hide" && do != "drop":
		return errUnknownAct
	case used:
		return errRewardUsed
	case do == "hide":
		p.Rewards[at].Hidden = true
	default:
		p.Rewards, err = dropped(p.Rewards, func(r loyalty.Reward) bool { return r.ID == id })
	}
	return err
}

func rewardForm(f *programForm, p loyalty.Program, id, kind string) (string, bool) {
	r, key := loyalty.Reward{Kind: loyalty.RewardKind(kind)}, "club_reward_new"
	if id != "" {
		var there bool
		if r, there = rewardOf(p, id); !there {
			return "", false
		}
		key = "club_reward_edit"
	}
	if !slices.Contains(rewardKinds, r.Kind) {
		return "", false
	}
	f.head("")
	switch r.Kind {
	case loyalty.AmountOff:
		f.money("amount", r.Amount)
	case loyalty.PercentOff:
		f.hundredths("percent", r.Percent)
	case loyalty.FreeProduct:
		f.field("text", "product", r.Product)
	}
	f.number("cost", r.Cost)
	if r.Kind == loyalty.AmountOff {
		f.check("sliding", r.Sliding)
		f.number("least", r.Least)
		f.number("most", r.Most)
	} else {
		f.money("worth", r.Worth)
	}
	if r.Kind == loyalty.PercentOff {
		fields := f.groups[len(f.groups)-1].Fields
		fields[len(fields)-1].Hint = templates.Say(f.lang, "club_f_worth_percent_hint", nil)
	}
	f.head("terms")
	f.money("min_spend", r.MinSpend)
	f.number("days", int64(cmp.Or(r.Days, 90)))
	f.number("each", int64(r.Each))
	f.head("names")
	f.texts("name", r.Name)
	return templates.Say(f.lang, key, map[string]string{"Kind": templates.Say(f.lang, "club_kind_"+string(r.Kind), nil)}), true
}

const mostCost = 100_000_000

func saveReward(p *loyalty.Program, t *typing, id, kind string) error {
	r := loyalty.Reward{ID: id, Kind: loyalty.RewardKind(kind)}
	at := slices.IndexFunc(p.Rewards, func(r loyalty.Reward) bool { return r.ID == id })
	switch {
	case id == "" && slices.Contains(rewardKinds, r.Kind):
		r.ID = kind + "-" + store.NewID()
	case id == "":
		return errUnknownAct
	case at < 0:
		return errPartGone
	default:
		r.Kind, r.Hidden = p.Rewards[at].Kind, p.Rewards[at].Hidden
	}
	r.Cost, r.Name = t.number("cost", 0, mostCost), t.texts("name")
	switch r.Kind {
	case loyalty.AmountOff:
		r.Amount, r.Sliding = t.money("amount", 1), t.check("sliding")
		if r.Sliding {
			r.Least, r.Most = t.number("least", 0, mostPoints), t.number("most", 0, mostPoints)
			if r.Cost < 1 {
				t.refuse("cost", "sliding", nil)
			}
			if r.Most > 0 && r.Most < max(1, r.Least) {
				t.refuse("most", "most", nil)
			}
		}
	case loyalty.PercentOff:
		r.Percent = t.hundredths("percent", 1, 10_000)
	case loyalty.FreeProduct:
		if r.Product = t.text("product", 200); r.Product == "" {
			t.refuse("product", "product", nil)
		}
	}
	if r.Kind != loyalty.AmountOff {
		r.Worth = t.money("worth", 1)
	}
	r.MinSpend, r.Days, r.Each = t.money("min_spend", 0), int(t.number("days", 0, 3650)), int(t.number("each", 0, mostPoints))
	if at < 0 {
		p.Rewards = append(p.Rewards, r)
	} else {
		p.Rewards[at] = r
	}
	return nil
}
