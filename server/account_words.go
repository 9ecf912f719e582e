package server

import (
	"cmp"
	"strconv"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/message"
	"flywheel/store"
	"flywheel/templates"
)

// clubWords says what is in a shop's program to one reader.
type clubWords struct {
	who     holder
	program store.Program
}

func (w clubWords) say(key string, pairs ...string) string {
	data := map[string]string{}
	for i := 1; i < len(pairs); i += 2 {
		data[pairs[i-1]] = pairs[i]
	}
	return templates.Say(w.who.lang, key, data)
}

// named is a name that a shop has given in some languages, isolated; "" = none.
func (w clubWords) named(names map[string]string) string {
	for _, tag := range []string{w.who.lang, templates.Base(w.who.lang), templates.Base(w.who.shop.Locale), "en"} {
		if name := templates.Clean(names[tag], 80); name != "" {
			return templates.Isolate(w.who.lang, name)
		}
	}
	return ""
}

// points is a number of them, by the name that the shop has for them.
func (w clubWords) points(n int64) string {
	if name := w.named(w.program.Name); name != "" {
		return w.say("member_points_named", "Number", w.who.style().Number(n), "Name", name)
	}
	return w.who.style().Count("member_points", n, nil)
}

// moved is a change of points, with its sign.
func (w clubWords) moved(n int64) string {
	text := w.who.style().Number(n)
	if n > 0 {
		text = "+" + text
	}
	return templates.IsolateLTR(w.who.lang, text)
}

func (w clubWords) money(amount int64) string {
	cur := w.who.shop.Currency
	return templates.IsolateLTR(w.who.lang, w.who.style().Money(amount, cur, commerce.Exponent(cur)))
}

func (w clubWords) offer(o loyalty.Offer) string {
	shop := w.who.shop
	shop.Country = cmp.Or(w.who.person.Country, shop.Country) // one page has one way of writing numbers
	return message.OfferWords(o, w.who.lang, shop)
}

// tier is what a level is called.
func (w clubWords) tier(id string) string {
	t := w.program.Tiers.Of(id)
	if name := w.named(t.Name); name != "" {
		return name
	}
	return templates.Isolate(w.who.lang, templates.Clean(id, 80))
}

// forPoints reports whether points buy a reward in a shop, to everybody.
func forPoints(shop commerce.Shop, r loyalty.Reward) bool {
	return r.Cost > 0 && !r.Hidden && club.Fits(shop, r.Kind) == nil
}

// maxSizes is how many sizes of a sliding reward are offered at once.
const maxSizes = 12

// offers are the rewards that points buy, with what somebody of so many points is short of.
func (w clubWords) offers(points int64, member bool) (all []templates.ClubOffer) {
	for _, r := range w.program.Rewards {
		if !forPoints(w.who.shop, r) {
			continue
		}
		least := max(1, r.Least)
		first, err := r.Issue(least, w.who.shop.Currency)
		if err != nil {
			continue
		}
		one := templates.ClubOffer{ID: r.ID, Name: w.named(r.Name), Words: w.offer(first), Cost: w.say("member_cost", "Points", w.points(first.Cost))}
		if r.Sliding {
			one.Cost, one.Sizes = w.say("member_cost_from", "Points", w.points(first.Cost)), w.sizes(r, points)
		}
		if one.Name == "" {
			one.Name, one.Words = one.Words, ""
		}
		if short := first.Cost - max(0, points); short > 0 || !member {
			one.Short, one.Sizes = " ", nil
			if short > 0 {
				one.Short = w.say("member_short", "Points", w.points(short))
			}
		}
		all = append(all, one)
	}
	return all
}

// sizes are those of a sliding reward that so many points buy, the smallest first.
func (w clubWords) sizes(r loyalty.Reward, points int64) (all []templates.Choice) {
	least, most := max(1, r.Least), r.Steps(points)
	stride := max(1, (most-least+maxSizes-2)/(maxSizes-1))
	for steps := least; steps < most+stride; steps += stride {
		size := min(steps, most)
		o, err := r.Issue(size, w.who.shop.Currency)
		if err != nil {
			break
		}
		all = append(all, templates.Choice{Value: strconv.FormatInt(size, 10), Name: w.say("member_size_choice", "Words", w.offer(o), "Points", w.points(o.Cost))})
	}
	return all
}

// rewards are what somebody was given, in words. A code is shown while it is good.
func (w clubWords) rewards(given []store.Reward) (all []templates.ClubReward) {
	for _, r := range given {
		state := r.State
		if r.RecallAt != 0 && (r.Open() || state == store.RewardMade) {
			state = store.RewardRevoked // it is being taken back
		}
		one := templates.ClubReward{Words: w.offer(r.Offer), State: w.say("member_reward_"+string(state), "Date", w.date(r.ExpiresAt))}
		if state == store.RewardMade {
			one.Code = r.Code
		}
		all = append(all, one)
	}
	return all
}

func (w clubWords) date(at commerce.Instant) string {
	if at == 0 {
		return ""
	}
	return templates.Isolate(w.who.lang, w.who.day(at))
}

// earns are the ways in which points are collected, in sentences.
func (w clubWords) earns() (all []string) {
	for _, r := range w.program.Rules {
		key, pairs := "member_earn_"+string(r.Kind), []string{"Points", w.points(r.Points)}
		switch {
		case r.Kind == loyalty.ForEvent, !r.Kind.Given(): // known to another system alone, or given by nothing yet
			continue
		case r.Kind == loyalty.ForSpend:
			pairs = append(pairs, "Amount", w.money(r.Per))
		case r.Nth == 1:
			key = "member_earn_first"
		case r.Nth > 1:
			key, pairs = "member_earn_nth", append(pairs, "Nth", w.who.style().Number(int64(r.Nth)))
		}
		all = append(all, w.say(key, pairs...))
	}
	return all
}
