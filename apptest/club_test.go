package apptest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/club"
	"flywheel/delight/campaign"
	"flywheel/delight/loyalty"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

// Club has the shop's loyalty program live: points for each euro, a tier and a
// reward, all of which end soon. Buyers join with their first order.
func (a *App) Club() {
	a.t.Helper()
	a.Shopify.PutCustomer(Domain, shopifyfake.Customer{ID: 6001, Email: Ada})
	p, err := a.App.Store.SaveProgram(a.Ctx, a.Shop.ID, loyalty.Program{
		Name:    map[string]string{"en": "leaves"},
		Rules:   []loyalty.Rule{{ID: "spend", Kind: loyalty.ForSpend, Points: 5, Per: 100}},
		Policy:  loyalty.Policy{Months: 2},
		Counts:  loyalty.Counts{Tax: true, Shipping: true},
		Tiers:   loyalty.Tiers{By: loyalty.BySpend, Months: 1, Grace: 30, Levels: []loyalty.Tier{{ID: "silver", From: 100, Multiplier: 100}}},
		Rewards: []loyalty.Reward{{ID: "ten", Kind: loyalty.PercentOff, Percent: 1000, Worth: 900, Cost: 10, Days: 30}},
		Budget:  -1, Referral: loyalty.Referral{On: true, Advocate: "ten"},
	}, 0, "test")
	require.NoError(a.t, err)
	require.NoError(a.t, a.App.Store.SetProgramState(a.Ctx, a.Shop.ID, store.ProgramLive, p.Rev))
}

// gives hands Ada a reward by hand.
func (a *App) gives() {
	a.t.Helper()
	shop, err := a.App.Store.Shop(a.Ctx, a.Shop.ID)
	require.NoError(a.t, err)
	_, err = club.Desk{Store: a.App.Store}.GiveByStaff(a.Ctx, shop, a.Person(Ada).ID, "ten", "act", "test", "sorry")
	require.NoError(a.t, err)
}

// friend has Bo buy with Ada's code, and sends the parcel.
func (a *App) friend() *shopifyfake.Fulfilment {
	a.t.Helper()
	a.Wait()
	var ada store.Advocate
	require.NoError(a.t, a.App.Store.Transact(a.Ctx, func(tx *store.Tx) (err error) {
		ada, err = tx.Advocate(a.Shop.ID, a.Person(Ada).ID)
		return err
	}))
	o := shopifyfake.NewOrder(70, a.Clock.Now()).For(shopifyfake.Customer{ID: 7001, Email: "bo@example.com", FirstName: "Bo"}, "GB")
	o.ShipTo.Street, o.DiscountCodes = "7 Elm Road", []string{ada.Code}
	f := o.Fulfil(a.Clock.Now())
	a.Send("orders/paid", o.Body())
	return f
}

// clubStories tell the triggers of the loyalty program.
var clubStories = map[campaign.TriggerKind]triggerStory{
	campaign.OnMemberJoined: {club: true, begin: func(a *App) func() { return buysAgain(a, 1) }},
	campaign.OnPointsEarned: {club: true, begin: func(a *App) func() { return buysAgain(a, 1) }},
	campaign.OnTierReached:  {club: true, begin: func(a *App) func() { return buysAgain(a, 1) }},
	campaign.OnTierEnding: {club: true, begin: func(a *App) func() {
		sold(a, 1)
		return passes(a, 33*Day)
	}},
	campaign.OnPointsExpiring: {club: true, begin: func(a *App) func() {
		o, f := sent(a, 1)
		a.After(Day)
		a.Send("orders/updated", o.Body())
		a.Send("fulfillment_events/create", f.Deliver(a.Clock.Now()))
		return passes(a, 52*Day)
	}},
	campaign.OnRewardReady: {club: true, begin: func(a *App) func() {
		sold(a, 1)
		a.Wait()
		return a.gives
	}},
	campaign.OnRewardExpiring: {club: true, begin: func(a *App) func() {
		sold(a, 1)
		a.Wait()
		a.gives()
		return passes(a, 17*Day)
	}},
	campaign.OnBirthday: {club: true, begin: func(a *App) func() {
		sold(a, 1)
		a.Wait()
		day := a.Clock.Now().Add(9 * Day)
		shop, err := a.App.Store.Shop(a.Ctx, a.Shop.ID)
		require.NoError(a.t, err)
		require.NoError(a.t, club.Desk{Store: a.App.Store}.SetBirthday(a.Ctx, shop, a.Person(Ada).ID, int(day.Month()), day.Day()))
		return passes(a, 10*Day)
	}},
	campaign.OnFriendBought: {club: true, begin: func(a *App) func() {
		sold(a, 1)
		return func() { a.friend() }
	}},
	campaign.OnReferralPaid: {club: true, begin: func(a *App) func() {
		sold(a, 1)
		parcel := a.friend()
		return func() { a.Send("fulfillment_events/create", parcel.Deliver(a.Clock.Now())) }
	}},
}

// What a mail tells of the program is what the customer has there when it goes out.
func TestMailsTellOfTheProgram(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Club()
		tell := Mail("tell", "You have {{ loyalty.balance }} and {{ loyalty.pending }} {{ points_name }}")
		e := tell.Email["en"]
		e.Heading, e.Body, e.ShowLines, e.Button, e.Closing = "", nil, false, nil, nil
		e.Blocks = []campaign.Block{
			{Kind: campaign.BlockText, Text: "{{ greeting }}"},
			{Kind: campaign.BlockPoints},
			{Kind: campaign.BlockReward},
			{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "Your page", URL: "{{ account_url }}"}},
		}
		tell.Email = map[string]campaign.Email{"en": e}
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{ID: "give", Kind: campaign.GiveReward, Useful: campaign.Duration(7 * Day), Reward: "ten"}, tell)))
		sold(a, 1)
		a.Wait()
		m := a.WantMails(Ada, "You have 0 and ")[0]
		require.Contains(t, m.Text, "leaves\nTo spend · 0\nWaiting · ")
		codes := a.Shopify.Discounts(Domain)
		require.Len(t, codes, 1)
		require.Regexp(t, `10% off your order\n`+codes[0].Code+`\nuntil `, m.Text)
		require.Regexp(t, `Your page:\nhttps?://[^\n]+/account/[\w-]{22}\n`, m.Text)
	})
}

// Who joined, and what they have, decides who gets something.
func TestConditionsReadTheProgram(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Club()
		a.Live(Campaign(campaign.OnOrderPaid, When("loyalty.member && loyalty.pending > 0"), Then(Mail("tell", "A member"))))
		sold(a, 1) // by which they join: what decides is what they had before it
		a.Wait()
		a.WantMails(Ada)
		sold(a, 2)
		a.Wait()
		a.WantMails(Ada, "A member")
	})
}
