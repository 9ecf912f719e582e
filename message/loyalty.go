package message

import (
	"cmp"
	"time"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/message/liquid"
	"flywheel/templates"
)

// Loyalty is what somebody has in the shop's loyalty program.
type Loyalty struct {
	Program         loyalty.Program // for its names and tiers
	Points, Pending int64
	Ending          int64            // of Points, those that end next
	EndsAt          commerce.Instant // when; 0 = none do
	Standing        loyalty.Standing
	Sum             int64  // what the tiers' window sums: minor units of the reporting currency, or points
	About           int64  // the points that the message is about; 0 = none
	Reward          *Given // the reward that it is about; nil = none
	Referral        *Sends // nil where the shop has no referrals, or the person may not send friends
}

// Given is a reward that can be used.
type Given struct {
	Offer  loyalty.Offer
	Code   string           // "" = nothing is typed
	EndsAt commerce.Instant // 0 = never
}

// Sends is what somebody sends friends with.
type Sends struct {
	URL, Code string
	Friend    *loyalty.Offer // what a friend gets; nil = nothing
	Advocate  *loyalty.Offer // what they get for one themselves; nil = points, or nothing
	Points    int64          // that they get for one
}

// named is a name in the reader's language, else in the shop's, else in any.
func (r reader) named(names map[string]string, shop commerce.Shop) string {
	for _, tag := range []string{r.lang, templates.Language(r.lang), templates.Language(shop.Locale), "en", "ar", "fa"} {
		if name := r.name(names[tag], maxName); name != "" {
			return name
		}
	}
	return ""
}

// loyaltyVars adds the values that tell of the program.
func (r reader) loyaltyVars(f Facts, vars map[string]any) {
	vars["account_url"] = webAddress(f.AccountURL)
	l := f.Loyalty
	if l == nil {
		vars["loyalty"], vars["reward"], vars["referral"] = map[string]any{}, map[string]any{}, map[string]any{}
		return
	}
	vars["points_name"] = r.pointsName(f)
	own := map[string]any{"balance": r.shown(l.Points), "pending": r.shown(l.Pending), "expiring": r.shown(l.Ending)}
	if l.About != 0 {
		own["earned"] = r.shown(l.About)
	}
	if l.EndsAt != 0 && l.Ending > 0 {
		own["expires_at"] = r.lastDay(l.EndsAt)
	}
	if tier := l.Program.Tiers.Of(l.Standing.Tier); tier.ID != "" {
		own["tier"] = r.tierName(tier, f.Shop)
		if ends := l.Program.Tiers.Ends(l.Standing); ends != 0 {
			own["tier_ends_at"] = r.lastDay(ends)
			own["to_keep"] = r.tierAmount(l.Program.Tiers, max(0, tier.From-l.Sum), f.Shop)
		}
	}
	if next, left := l.next(); next.ID != "" {
		own["next_tier"], own["to_next"] = r.tierName(next, f.Shop), r.tierAmount(l.Program.Tiers, left, f.Shop)
	}
	vars["loyalty"], vars["reward"], vars["referral"] = own, r.rewardVars(l.Reward), r.referralVars(l.Referral, f)
}

func (r reader) shown(n int64) liquid.Shown { return liquid.Shown{Text: r.number(n), Raw: n} }

// lastDay is the last day on which something can be used that ends at an
// instant: what ends with a day is of use on it and not on the next.
func (r reader) lastDay(ends commerce.Instant) liquid.Shown {
	return r.moment(ends.Time().Add(-time.Millisecond))
}

// pointsName is what the shop calls its points.
func (r reader) pointsName(f Facts) string {
	return cmp.Or(r.named(f.Loyalty.Program.Name, f.Shop), r.say("loyalty_points"))
}

func (r reader) tierName(t loyalty.Tier, shop commerce.Shop) string {
	return cmp.Or(r.named(t.Name, shop), r.name(t.ID, maxName))
}

// tierAmount is a part of a tiers' window in words: money, or points; "" while the shop's currency is not known.
func (r reader) tierAmount(t loyalty.Tiers, n int64, shop commerce.Shop) string {
	if t.By == loyalty.BySpend {
		return r.money(commerce.Money{Amount: n, Currency: shop.Currency})
	}
	return r.count("loyalty_count", n, nil)
}

// next is the tier above the one somebody has, and what is still needed for it; none = there is none.
func (l *Loyalty) next() (next loyalty.Tier, left int64) {
	has := l.Program.Tiers.Of(l.Standing.Tier).From
	for _, t := range l.Program.Tiers.Levels {
		if t.From > has && l.Sum < t.From {
			return t, t.From - l.Sum
		}
	}
	return loyalty.Tier{}, 0
}

func (r reader) rewardVars(g *Given) map[string]any {
	if g == nil {
		return map[string]any{}
	}
	vars := map[string]any{"words": r.offer(g.Offer), "code": r.code(g.Code, maxOrder)}
	if g.EndsAt != 0 {
		vars["ends_at"] = r.lastDay(g.EndsAt)
	}
	return vars
}

func (r reader) referralVars(s *Sends, f Facts) map[string]any {
	if s == nil {
		return map[string]any{}
	}
	vars := map[string]any{"link": webAddress(s.URL), "code": r.code(s.Code, maxOrder)}
	if s.Friend != nil {
		vars["friend_offer"] = r.offer(*s.Friend)
	}
	switch {
	case s.Advocate != nil:
		vars["advocate_gets"] = r.offer(*s.Advocate)
	case s.Points > 0:
		vars["advocate_gets"] = r.count("loyalty_count", s.Points, nil)
	}
	return vars
}
