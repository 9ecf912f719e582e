package jobs

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/billing"
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// paysFor lets the world's shop be one that was installed from the App Store,
// with Shopify's Partner API behind it.
func (w *world) paysFor() *shopifyfake.Fake {
	w.t.Helper()
	fake := shopifyfake.New("hush")
	fake.Install(w.conn.ExternalID, shopifyfake.ShopInfo{ID: 548380009})
	at := httptest.NewServer(fake.Handler())
	w.t.Cleanup(at.Close)
	var err error
	w.Plans, err = billing.ParsePlans(templates.Plans())
	require.NoError(w.t, err)
	w.Partner = shopify.NewPartner(shopify.PartnerOptions{Org: shopifyfake.PartnerOrg, Token: shopifyfake.PartnerToken, App: "42", URL: at.URL, HTTP: at.Client()})
	w.conn = storetest.Connection(w.t, w.Store, w.shop, func(c *commerce.Connection) {
		c.ExternalID, c.PlatformID = w.conn.ExternalID, "548380009"
	})
	return fake
}

// check asks whose turn it is, as the loop does, and returns what the shop may have.
func (w *world) check() commerce.Entitlement {
	w.t.Helper()
	require.NoError(w.t, (&entitler{Worker: w.Worker}).round(w.t.Context()))
	e, err := w.Store.Entitlement(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	return e
}

// sell makes the shop have n more paid orders today.
func (w *world) sell(n int64) {
	w.t.Helper()
	w.exec(`INSERT INTO usage_days (shop_id, day, paid) VALUES ($1, $2, $3) ON CONFLICT (shop_id, day) DO UPDATE SET paid = usage_days.paid + excluded.paid`,
		string(w.shop), w.Store.Now().DayOf(), n)
}

func (w *world) hour() { storetest.ClockOf(w.Store).Advance(entitleEvery + 6*time.Minute) }

// A shop's life with its plans: each state comes from what Shopify says, within an hour.
func TestEntitlementFollowsThePlatform(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.paysFor()
		pays := func(sub *shopifyfake.Subscription) commerce.Entitlement {
			fake.SetSubscription(w.conn.ExternalID, sub)
			w.hour()
			return w.check()
		}
		first := w.check()
		require.Equal(t, commerce.PlanNone, first.State, "asked at once after the install")
		require.Equal(t, w.Store.Now(), first.CheckedAt)
		require.Equal(t, w.conn.Epoch, first.Epoch)
		asked := len(fake.Asked())
		w.check()
		require.Len(t, fake.Asked(), asked, "and then in an hour")

		trial := pays(&shopifyfake.Subscription{Handle: "start", TrialEnds: w.now().Add(14 * day)})
		require.Equal(t, commerce.PlanTrial, trial.State)
		require.Equal(t, "start", trial.Plan)
		cycle := shopifyfake.Subscription{Handle: "start", CycleFrom: w.now(), CycleTo: w.now().Add(30 * day)}
		active := pays(&cycle)
		require.Equal(t, commerce.PlanActive, active.State)
		require.Equal(t, commerce.At(cycle.CycleFrom), active.PeriodFrom)
		cycle.Pending = "grow"
		require.Equal(t, commerce.PlanPending, pays(&cycle).State)
		cycle.Pending, cycle.Ends = "", true
		require.Equal(t, commerce.PlanCancelling, pays(&cycle).State)
		require.Equal(t, commerce.PlanCancelled, pays(nil).State)
		require.Equal(t, "gold", pays(&shopifyfake.Subscription{Handle: "gold"}).Plan, "one that we do not know")
		require.Empty(t, fake.Broken())
	})
}

// Shopify does not answer: what was known stands, orders are weighed all the same, and it is soon asked again.
func TestEntitlementWithoutAnAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.paysFor()
		fake.SetSubscription(w.conn.ExternalID, &shopifyfake.Subscription{Handle: "start"})
		known := w.check()
		for _, failure := range []shopifyfake.Failure{shopifyfake.Unavailable, shopifyfake.AccessDenied, shopifyfake.Garbled} {
			fake.FailOn("ActiveSubscription", failure)
			w.hour()
			got := w.check()
			require.Equal(t, known.State, got.State, failure)
			require.Equal(t, known.CheckedAt, got.CheckedAt, failure)
			require.Equal(t, w.Store.Now().Add(entitleAgain), got.NextAt, failure)
		}
		w.sell(501)
		fake.FailOn("ActiveSubscription", shopifyfake.Unavailable)
		w.hour()
		require.Equal(t, w.Store.Now().Add(billing.Grace), w.check().HoldsFrom)
	})
}

// Over its plan a shop goes on for seven days; then requests wait, thanks go on,
// and a larger plan lets go what waits.
func TestOverThePlan(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.mails("thanks", w.mail("thanks", 30)))
		w.save(w.asks("ask", 10, w.mail("ask", 30)))
		w.cap(-1)
		fake := w.paysFor()
		w.sell(51)
		w.check()
		tell := func(id int64) {
			w.hear("orders/paid", w.orderOf(id, id).Body())
			w.settle()
		}
		tell(1)
		require.Equal(t, 2, w.sent(), "for seven days everything goes")
		storetest.ClockOf(w.Store).Advance(billing.Grace)
		w.sell(60) // a new month may have begun
		w.check()
		storetest.ClockOf(w.Store).Advance(billing.Grace)
		tell(2)
		held := w.count(`SELECT COUNT(*) FROM decisions WHERE reason = $1`, string(gate.OverPlan))
		require.Equal(t, 1, held)
		require.Equal(t, 3, w.sent(), "thanks go on")

		fake.SetSubscription(w.conn.ExternalID, &shopifyfake.Subscription{Handle: "start"})
		w.hour()
		require.Zero(t, w.check().HoldsFrom)
		for more := true; more; {
			var err error
			more, err = w.Store.TouchMore(t.Context())
			require.NoError(t, err)
		}
		w.settle()
		require.Equal(t, 4, w.sent(), "what waited goes")
	})
}

// Without plans nothing is asked, and nothing held.
func TestWithoutPlansNothingIsHeld(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.asks("ask", 10, w.mail("ask", 30)))
		w.exec(`INSERT INTO entitlements (shop_id, plan, state, holds_from, next_at) VALUES ($1, '', 'none', 1, 0)`, string(w.shop))
		w.hear("orders/paid", w.order(1).Body())
		w.settle()
		require.Equal(t, 1, w.sent())
	})
}

// What a delivery tells of a plan is kept, and Shopify is asked at once.
func TestAWordOfThePlan(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.paysFor()
		w.check()
		say := func(status string) commerce.Entitlement {
			body := `{"app_subscription":{"admin_graphql_api_id":"gid://shopify/AppSubscription/1","status":"` + status + `","plan_handle":"grow","updated_at":"` +
				w.now().Add(time.Second).Format(time.RFC3339) + `"}}`
			storetest.ClockOf(w.Store).Advance(time.Minute)
			w.tell("app_subscriptions/update", []byte(body))
			return w.check()
		}
		require.Equal(t, commerce.PlanPending, say("PENDING").State)
		declined := say("DECLINED")
		require.Equal(t, commerce.PlanDeclined, declined.State)
		require.Equal(t, "grow", declined.PendingPlan)
		require.Equal(t, w.Store.Now(), declined.CheckedAt, "asked at once")
		require.Equal(t, commerce.PlanFrozen, say("FROZEN").State)
		fake.SetSubscription(w.conn.ExternalID, &shopifyfake.Subscription{Handle: "grow"})
		require.Equal(t, commerce.PlanActive, say("ACTIVE").State)
		require.Equal(t, commerce.PlanActive, say("SOMETHING NEW").State)
	})
}
