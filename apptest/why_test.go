package apptest

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/timeline"
)

// Answer is what `flywheel why` says on top about a person and a campaign.
func (a *App) Answer(email string, id campaign.CampaignID) string {
	a.t.Helper()
	campaigns, err := a.App.Store.ListCampaigns(a.Ctx, a.Shop.ID)
	require.NoError(a.t, err)
	person := a.Person(email).ID
	orders, err := a.App.Store.OrdersOf(a.Ctx, a.Shop.ID, person)
	require.NoError(a.t, err)
	lines, err := a.App.Store.Why(a.Ctx, a.Shop.ID, person, id)
	require.NoError(a.t, err)
	return timeline.NewTeller(a.Shop, orders, campaigns).Answer(lines, id, "", commerce.At(a.Clock.Now()))
}

// Why did they not get it? The answer names the reason, also for those who
// never were in the campaign.
func TestWhyNot(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(a *App)
		says    string
		reason  string
	}{
		"the condition kept them out": {func(a *App) {
			a.Send("orders/paid", a.Order(1).With(shopifyfake.Line{Title: "A pin", Quantity: 1, Price: 300}).Body())
		}, "never began", "condition_not_met"},
		"it is not paid": {func(a *App) { a.Send("orders/create", a.Order(1).Unpaid("bank_transfer").Body()) }, "never began", "order_unpaid"},
		"it was refunded": {func(a *App) {
			o := a.Order(1)
			a.Send("orders/paid", o.Body())
			a.Wait()
			a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
		}, "is not coming", "refunded"},
		"its moment has not come": {func(a *App) { sold(a, 1) }, "waits for its moment", ""},
		"there is no consent": {func(a *App) {
			a.Send("orders/paid", a.Order(1).For(shopifyfake.Customer{ID: 6001, Email: Ada}, "DE").Body())
			a.After(Day)
		}, "waits", "no_consent"},
		"it was sent": {func(a *App) {
			sold(a, 1)
			a.After(Day)
		}, "Mail sent on", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Plain(t, func(t *testing.T, a *App) {
				a.Live(Campaign(campaign.OnOrderPaid, When("order.total > 20.0"), Then(Pause("a", time.Hour), Mail("tell", "It happened"))))
				c.happens(a)
				a.Wait()
				require.Contains(t, a.Answer(Ada, "story"), c.says)
				if c.reason != "" {
					require.Contains(t, a.Reasons(Ada, "story"), c.reason)
				}
			})
		})
	}
}

// Everybody who was ever to get something is accounted for, once: the reasons of
// all due steps add up.
func TestReasonsOfAllDueStepsAddUp(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		capped(a).Live(Campaign(campaign.OnOrderPaid, Then(Mail("one", "One"), Pause("a", 8*Day), Mail("two", "Two"))))
		orders := map[string]func(o *shopifyfake.Order){
			"sent":        func(*shopifyfake.Order) {},
			"cancelled":   func(o *shopifyfake.Order) { o.Cancel(a.Clock.Now()) },
			"consent":     func(o *shopifyfake.Order) { o.ShipTo.CountryCode = "DE" },
			"unreachable": func(o *shopifyfake.Order) { o.Customer.Email = "" },
			"gift":        func(o *shopifyfake.Order) { o.Gift("For you") },
			"refused":     func(o *shopifyfake.Order) { o.Customer.Email = "gone@example.com" },
			"unclear":     func(o *shopifyfake.Order) { o.Customer.Email = "maybe@example.com" },
			"twice":       func(*shopifyfake.Order) {},
		}
		a.Mail.Trouble(func(to string) *mailfake.Trouble {
			switch to {
			case "gone@example.com":
				return &mailfake.Trouble{At: "rcpt", Code: 550}
			case "maybe@example.com":
				return &mailfake.Trouble{At: "dot"}
			}
			return nil
		})
		id := int64(0)
		var refunded *shopifyfake.Order
		for _, name := range slices.Sorted(maps.Keys(orders)) {
			id++
			o := a.Order(id).For(bo(int(id)), "GB")
			orders[name](o)
			a.Send("orders/paid", o.Body())
			if name == "twice" { // a second order in the week of the cap
				a.Wait()
				second := a.Order(100).For(*o.Customer, "GB")
				a.Send("orders/paid", second.Body())
			}
			if name == "sent" {
				refunded = o
			}
		}
		a.addUp(false)
		a.After(2 * Day)
		a.addUp(false)
		a.Send("refunds/create", refunded.Refund(a.Clock.Now(), refunded.Total()).Body())
		a.After(40 * Day)
		a.addUp(true)
	})
}

// addUp demands that each walk has one outcome at each step that was due for it,
// and at the end no walk is without.
func (a *App) addUp(over bool) {
	a.t.Helper()
	a.Wait()
	outcomes, err := a.App.Store.StepOutcomes(a.Ctx, a.Shop.ID, "story")
	require.NoError(a.t, err)
	byStep := map[string]int64{}
	for _, o := range outcomes {
		byStep[o.StepID] += o.Count
		require.True(a.t, o.Reason != "" || o.What == string(store.Sent) || o.What == string(store.Failed) || o.What == string(store.Unknown), "%+v", o)
	}
	walks := a.Walks("story")
	require.EqualValues(a.t, len(walks), byStep["one"], "everybody in it was due for the first step: %+v", outcomes)
	entered, err := a.App.Store.EntryOutcomes(a.Ctx, a.Shop.ID, "story")
	require.NoError(a.t, err)
	var in int64
	for _, o := range entered {
		if o.What != "refused" {
			in += o.Count
		}
		require.True(a.t, o.Reason != "" || o.What == "active", "%+v", o)
	}
	require.EqualValues(a.t, len(walks), in)
	for _, w := range walks {
		require.True(a.t, w.Ended || !over, "%+v", w)
		require.Equal(a.t, w.Ended, w.Reason != "", "%+v", w)
	}
}
