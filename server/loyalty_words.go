package server

import (
	"cmp"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/message"
	"flywheel/templates"
)

// points says how many.
func (v visit) points(n int64) string {
	return templates.Count(v.lang, v.Shop.Country, "club_points", n, nil)
}

func (v visit) number64(n int64) string { return templates.Number(v.lang, v.Shop.Country, n) }

func (v visit) days(n int64) string {
	return templates.Count(v.lang, v.Shop.Country, "club_days", n, nil)
}

func (v visit) months(n int64) string {
	return templates.Count(v.lang, v.Shop.Country, "club_months", n, nil)
}

// named is a name in the reader's language, else in another of the shop's.
func (v visit) named(names map[string]string) string {
	for _, lang := range slices.Concat([]string{v.lang, templates.Language(v.lang)}, writtenIn(v.Shop)) {
		if names[lang] != "" {
			return templates.Clean(names[lang], 80)
		}
	}
	return ""
}

// ruleSaid is a rule in one sentence.
func (v visit) ruleSaid(r loyalty.Rule) string {
	key := "club_rule_" + string(r.Kind)
	data := map[string]string{"Points": v.points(r.Points)}
	switch {
	case r.Kind == loyalty.ForSpend:
		data["Amount"] = v.money(r.Per)
	case r.Kind == loyalty.ForOrder && r.Nth == 1:
		key += "_first"
	case r.Kind == loyalty.ForOrder && r.Nth > 1:
		key, data["Nth"] = key+"_nth", v.number64(int64(r.Nth))
	case r.Kind == loyalty.ForEvent:
		data["Event"] = templates.Isolated(templates.Clean(r.Event, 80))
	}
	return templates.Say(v.lang, key, data)
}

// ruleBounds is what else a rule says.
func (v visit) ruleBounds(r loyalty.Rule) (out []string) {
	if r.PerDay > 0 {
		out = append(out, templates.Say(v.lang, "club_bound_day", map[string]string{"Points": v.points(r.PerDay)}))
	}
	if r.Ever > 0 {
		out = append(out, templates.Say(v.lang, "club_bound_ever", map[string]string{"Points": v.points(r.Ever)}))
	}
	if r.Flat {
		out = append(out, templates.Say(v.lang, "club_bound_flat", nil))
	}
	if r.Round != loyalty.Down {
		out = append(out, templates.Say(v.lang, "club_round_"+string(r.Round), nil))
	}
	return out
}

// offerOf is what a reward gives for one step, to be said.
func offerOf(r loyalty.Reward, currency string) loyalty.Offer {
	o := loyalty.Offer{Reward: r.ID, Kind: r.Kind, Name: r.Name, Percent: r.Percent, Product: r.Product}
	if r.MinSpend > 0 {
		o.MinSpend = commerce.Money{Amount: r.MinSpend, Currency: currency}
	}
	if r.Kind == loyalty.AmountOff {
		o.Amount = commerce.Money{Amount: r.Amount, Currency: currency}
	}
	return o
}

// rewardTitle is what a reward is called: its name, else what it gives.
func (v visit) rewardTitle(r loyalty.Reward) string {
	return cmp.Or(v.named(r.Name), message.OfferWords(offerOf(r, v.Shop.Currency), v.lang, v.Shop))
}

// rewardSaid is what a reward gives, for what and how long.
func (v visit) rewardSaid(r loyalty.Reward) (out []string) {
	say := func(key string, data map[string]string) {
		out = append(out, templates.Say(v.lang, "club_reward_"+key, data))
	}
	if v.named(r.Name) != "" {
		out = append(out, message.OfferWords(offerOf(r, v.Shop.Currency), v.lang, v.Shop))
	}
	switch {
	case r.Cost == 0:
		say("not_sold", nil)
	case r.Sliding && r.Most > 0:
		say("sliding_most", map[string]string{"Points": v.points(r.Cost), "Amount": v.money(r.Amount), "Least": v.money(r.Amount * max(1, r.Least)), "Most": v.money(r.Amount * r.Most)})
	case r.Sliding:
		say("sliding", map[string]string{"Points": v.points(r.Cost), "Amount": v.money(r.Amount), "Least": v.money(r.Amount * max(1, r.Least))})
	default:
		say("cost", map[string]string{"Points": v.points(r.Cost)})
	}
	if r.Kind != loyalty.AmountOff {
		say("worth", map[string]string{"Amount": v.money(r.Worth)})
	}
	say("days", map[string]string{"Days": v.days(int64(cmp.Or(r.Days, 90)))})
	if r.Each > 0 {
		say("each", map[string]string{"Times": templates.Count(v.lang, v.Shop.Country, "club_times", int64(r.Each), nil)})
	}
	return out
}

// tierTitle is what a level is called.
func (v visit) tierTitle(l loyalty.Tier) string { return cmp.Or(v.named(l.Name), l.ID) }

// tierSaid is how a level is reached and what it gives.
func (v visit) tierSaid(p loyalty.Program, l loyalty.Tier) (out []string) {
	from := v.points(l.From)
	if p.Tiers.By == loyalty.BySpend {
		from = v.money(l.From)
	}
	out = append(out, templates.Say(v.lang, "club_tier_"+string(p.Tiers.By), map[string]string{"From": from, "Months": v.months(int64(p.Tiers.Months))}))
	if l.Multiplier != 100 {
		out = append(out, templates.Say(v.lang, "club_tier_multiplier", map[string]string{"Times": templates.Isolated(templates.Number(v.lang, v.Shop.Country, l.Multiplier/100) + fraction(v, l.Multiplier%100))}))
	}
	if r, there := rewardOf(p, l.Reward); there {
		out = append(out, templates.Say(v.lang, "club_tier_reward", map[string]string{"Reward": v.rewardTitle(r)}))
	}
	if l.Tag != "" {
		out = append(out, templates.Say(v.lang, "club_tier_tag", map[string]string{"Tag": templates.Isolated(templates.Clean(l.Tag, 80))}))
	}
	return out
}

// fraction is the decimals of a number in hundredths, in the reader's digits.
func fraction(v visit, n int64) string {
	if n == 0 {
		return ""
	}
	point := "."
	if templates.Number(v.lang, v.Shop.Country, 1) != "1" {
		point = "٫"
	}
	if n%10 == 0 {
		return point + templates.Number(v.lang, v.Shop.Country, n/10)
	}
	if n < 10 {
		return point + templates.Number(v.lang, v.Shop.Country, 0) + templates.Number(v.lang, v.Shop.Country, n)
	}
	return point + templates.Number(v.lang, v.Shop.Country, n)
}

func rewardOf(p loyalty.Program, id string) (loyalty.Reward, bool) {
	i := slices.IndexFunc(p.Rewards, func(r loyalty.Reward) bool { return r.ID == id })
	if i < 0 {
		return loyalty.Reward{}, false
	}
	return p.Rewards[i], true
}

// rewardChoices are a program's rewards, those that are not offered any more left out unless chosen.
func (v visit) rewardChoices(p loyalty.Program, none, chosen string) []templates.Choice {
	out := []templates.Choice{{Name: templates.Say(v.lang, none, nil)}}
	for _, r := range p.Rewards {
		if !r.Hidden || r.ID == chosen {
			out = append(out, templates.Choice{Value: r.ID, Name: v.rewardTitle(r)})
		}
	}
	return out
}
