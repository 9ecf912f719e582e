package demo

import (
	"context"
	"net/url"
	"time"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

// opensClub has the shop's loyalty program live from now on.
func (s *stand) opensClub(ctx context.Context, w *World) error {
	if len(s.club.Rules) == 0 {
		return nil
	}
	p, err := w.App.Store.SaveProgram(ctx, s.Shop.ID, s.club, 0, OwnerEmail)
	if err != nil {
		return err
	}
	return w.App.Store.SetProgramState(ctx, s.Shop.ID, store.ProgramLive, p.Rev)
}

// harbourClub gives five leaves for each pound, tiers by what is spent, and something to friends.
func harbourClub() loyalty.Program {
	named := func(en, ar, fa string) map[string]string { return map[string]string{"en": en, "ar": ar, "fa": fa} }
	return loyalty.Program{
		Name: named("pine cones", "أكواز", "مخروط\u200cها"),
		Rules: []loyalty.Rule{
			{ID: "spend", Kind: loyalty.ForSpend, Points: 5, Per: 100},
			{ID: "first", Kind: loyalty.ForOrder, Nth: 1, Points: 100},
			{ID: "hello", Kind: loyalty.ForSignUp, Points: 50},
			{ID: "birthday", Kind: loyalty.ForBirthday, Points: 200},
		},
		Policy: loyalty.Policy{ReturnDays: 14, Months: 12, Rolling: true},
		Tiers: loyalty.Tiers{By: loyalty.BySpend, Months: 12, Grace: 30, Levels: []loyalty.Tier{
			{ID: "crew", Name: named("Crew", "الطاقم", "خدمه"), From: 60_00, Multiplier: 100},
			{ID: "mate", Name: named("First mate", "نائب القبطان", "معاون"), From: 150_00, Multiplier: 125},
			{ID: "captain", Name: named("Captain", "القبطان", "ناخدا"), From: 500_00, Multiplier: 150, Tag: "captain"},
		}},
		Rewards: []loyalty.Reward{
			{ID: "off", Kind: loyalty.AmountOff, Amount: 1_00, Cost: 100, Sliding: true, Least: 3, Most: 20, Days: 90},
			{ID: "tenth", Kind: loyalty.PercentOff, Percent: 1000, Worth: 15_00, Cost: 800, MinSpend: 40_00, Days: 60},
			{ID: "friend", Kind: loyalty.PercentOff, Percent: 1500, Worth: 15_00, MinSpend: 30_00, Days: 30},
			{ID: "thanks", Kind: loyalty.AmountOff, Amount: 5_00, Days: 90},
		},
		Budget:   250_00,
		Referral: loyalty.Referral{On: true, Friend: "friend", Advocate: "thanks"},
	}
}

// nakheelClub is the Arabic shop's.
func nakheelClub() loyalty.Program {
	named := func(ar, en, fa string) map[string]string { return map[string]string{"ar": ar, "en": en, "fa": fa} }
	return loyalty.Program{
		Name: named("تمرات", "dates", "خرما"),
		Rules: []loyalty.Rule{
			{ID: "spend", Kind: loyalty.ForSpend, Points: 2, Per: 100},
			{ID: "first", Kind: loyalty.ForOrder, Nth: 1, Points: 100},
			{ID: "hello", Kind: loyalty.ForSignUp, Points: 50},
		},
		Policy: loyalty.Policy{ReturnDays: 14, Months: 18},
		Counts: loyalty.Counts{Tax: true},
		Tiers: loyalty.Tiers{By: loyalty.BySpend, Months: 12, Grace: 30, Levels: []loyalty.Tier{
			{ID: "shoot", Name: named("فسيلة", "Shoot", "جوانه"), From: 150_00, Multiplier: 100},
			{ID: "palm", Name: named("نخلة", "Palm", "نخل"), From: 400_00, Multiplier: 120},
			{ID: "oasis", Name: named("واحة", "Oasis", "واحه"), From: 900_00, Multiplier: 150},
		}},
		Rewards: []loyalty.Reward{
			{ID: "off", Kind: loyalty.AmountOff, Amount: 5_00, Cost: 100, Sliding: true, Least: 1, Most: 20},
			{ID: "tenth", Kind: loyalty.PercentOff, Percent: 1000, Worth: 60_00, Cost: 300, Days: 60},
			{ID: "friend", Kind: loyalty.PercentOff, Percent: 1500, Worth: 60_00, MinSpend: 100_00, Days: 30},
			{ID: "thanks", Kind: loyalty.AmountOff, Amount: 25_00, Days: 90},
		},
		Budget:   1_000_00,
		Referral: loyalty.Referral{On: true, Friend: "friend", Advocate: "thanks"},
	}
}

// member is who a buyer is to the shop.
func (p *play) member(s *stand, b buyer) (commerce.PersonID, error) {
	return p.App.Store.WhoIs(p.ctx, s.Shop.ID, b.email, "")
}

// knows has the shop's admin show a buyer, of whom a code may then be made.
func (p *play) knows(s *stand, t *tale) {
	p.Shopify.PutCustomer(s.Domain, shopifyfake.Customer{ID: t.customer(), Email: t.buyer.email, FirstName: t.buyer.first, LastName: t.buyer.last})
}

// redeems has a member take a reward for their points.
func (p *play) redeems(s *stand, t *tale, reward string, steps int64) error {
	p.knows(s, t)
	id, err := p.member(s, t.buyer)
	if err != nil {
		return err
	}
	shop, err := p.App.Store.Shop(p.ctx, s.Shop.ID)
	if err != nil {
		return err
	}
	_, err = club.Desk{Store: p.App.Store}.Redeem(p.ctx, shop, id, reward, steps, "demo "+t.key)
	return err
}

// sentBy has the buyer of a purchase come by the link of another's, at at.
func (t *tale) sentBy(advocate *tale, at time.Duration) *tale {
	return t.on(at, func(p *play) error {
		p.knows(t.shop, advocate)
		id, err := p.member(t.shop, advocate.buyer)
		if err != nil {
			return err
		}
		return p.App.Store.Transact(p.ctx, func(tx *store.Tx) error {
			a, err := tx.Advocate(t.shop.Shop.ID, id)
			t.order.LandingSite = "/?" + url.Values{"ref": {a.Code}}.Encode()
			return err
		})
	})
}
