package apptest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/timeline"
)

// customerPays is a purchase by a customer of whom Stripe tells no address: in
// an app, or by a wallet.
func (a *App) customerPays(n string) stripefake.Purchase {
	a.t.Helper()
	p := a.Pays(n)
	p.Customer, p.Email = "cus_"+n, "-"
	a.Stripes("payment_intent.succeeded", p.PaymentIntent())
	a.Stripes("charge.succeeded", p.Charge(0))
	return p
}

// A payment may name a customer and no address. The customer's own is asked
// for, once; if there is none, what is to be sent waits until one is told.
func TestStripeCustomersWithoutAddress(t *testing.T) {
	t.Parallel()
	a := WithStripe(t, On(t, EngineOf(t.Name())))

	known := a.customerPays("1")
	known.Email = Ada
	a.Stripe.Put(Account, known.CustomerObject())
	a.Wait()
	require.Empty(t, a.Stripe.Calls(), "a checkout tells it a moment later")
	a.After(30 * time.Second)
	a.WantMails(Ada, "Thank you")
	require.Len(t, a.Stripe.Calls(), 1)
	require.Equal(t, "cus_1", a.customerOf(Ada))

	soon := a.customerPays("2")
	a.Wait()
	soon.Email = "bo@example.com"
	a.Stripes("checkout.session.completed", soon.Session())
	a.After(Day)
	a.WantMails("bo@example.com", "Thank you")
	require.Len(t, a.Stripe.Calls(), 1, "it came by itself")

	later := a.customerPays("3")
	a.Stripe.Put(Account, later.CustomerObject())
	a.After(time.Hour)
	require.Len(t, a.Stripe.Calls(), 2)
	require.Contains(t, a.Reasons("", "thank_you"), string(gate.Unreachable))
	require.Contains(t, timeline.Because(gate.Unreachable), "no address is known")
	later.Email = "cy@example.com"
	a.Stripes("customer.updated", later.CustomerObject())
	a.Wait()
	a.WantMails("cy@example.com", "Thank you")
	a.After(untilAsked)
	a.WantMails("cy@example.com", "Thank you", "What do you think")

	never := a.customerPays("4")
	a.Stripe.Put(Account, never.CustomerObject())
	a.After(60 * Day)
	require.Contains(t, a.Reasons("", "thank_you"), string(gate.TooLate))
	require.EqualValues(t, 4200, a.Purchase("").Detail.Total.Amount, "the order is kept")
	require.Len(t, a.Stripe.Calls(), 3)
	never.Email = "di@example.com"
	a.Stripes("customer.updated", never.CustomerObject())
	a.After(Day)
	a.WantMails("di@example.com") // too late
	require.ElementsMatch(t, []string{"order_placed", "order_paid", "order_arrived"}, a.Events("di@example.com"))
}

// customerOf is the customer of Stripe that a person is.
func (a *App) customerOf(email string) (id string) {
	a.t.Helper()
	person := a.Person(email).ID
	found, err := a.App.Store.Customers(a.Ctx, a.Shop.ID, commerce.Stripe, []commerce.PersonID{person})
	require.NoError(a.t, err)
	require.Len(a.t, found[person], 1)
	return found[person][0].ID
}

// warned is a shop whose customer Ada is told of by Stripe at eleven in the
// evening that her trial will end; the mail waits for the morning.
func (a *App) warned(left time.Duration) (p stripefake.Purchase, ends time.Time) {
	a.t.Helper()
	a.Silent().Playbook("trial_ending")
	p = a.Pays("1")
	p.SubscriptionID, p.Customer = "sub_1", "cus_1"
	a.Stripes("customer.created", p.CustomerObject())
	a.After(11 * time.Hour)
	ends = a.Clock.Now().Add(left)
	a.Stripes("customer.subscription.trial_will_end", trial(p, ends))
	a.Wait()
	a.WantMails(Ada)
	return p, ends
}

// changes is Stripe's word that a subscription was changed from what it was before.
func (a *App) changes(o, before stripefake.Object) {
	a.t.Helper()
	a.After(10 * time.Minute)
	a.StripeEvent(stripefake.Event{Type: "customer.subscription.updated", Created: a.Clock.Now(), Account: Account, Object: o, Before: before})
}

// What is not so any more when the morning comes is not said.
func TestTrialThatEndsOtherwise(t *testing.T) {
	t.Parallel()
	kept, leaving := stripefake.Object{"cancel_at_period_end": false}, stripefake.Object{"cancel_at_period_end": true}
	for name, c := range map[string]struct {
		left  time.Duration
		meets func(a *App, p stripefake.Purchase, ends time.Time)
		want  gate.Reason // "" = the mail
	}{
		"nothing happens": {3 * Day, func(*App, stripefake.Purchase, time.Time) {}, ""},
		"it has ended": {3 * Day, func(a *App, p stripefake.Purchase, _ time.Time) {
			a.After(time.Hour)
			a.Stripes("customer.subscription.deleted", p.Subscription(a.Clock.Now(), "cancellation_requested"))
		}, gate.CauseGone},
		"it is to end with its trial": {3 * Day, func(a *App, p stripefake.Purchase, ends time.Time) {
			a.changes(trial(p, ends).With("cancel_at_period_end", true), kept)
		}, gate.CauseGone},
		"it goes on after all": {3 * Day, func(a *App, p stripefake.Purchase, ends time.Time) {
			a.changes(trial(p, ends).With("cancel_at_period_end", true), kept)
			a.changes(trial(p, ends), leaving)
		}, ""},
		"its trial is longer": {3 * Day, func(a *App, p stripefake.Purchase, ends time.Time) {
			a.changes(trial(p, ends.Add(14*Day)), stripefake.Object{"trial_end": ends.Unix()})
		}, gate.CauseGone},
		"another is to end": {3 * Day, func(a *App, p stripefake.Purchase, ends time.Time) {
			p.SubscriptionID = "sub_12"
			a.changes(trial(p, ends).With("cancel_at_period_end", true), kept)
		}, ""},
		"its trial was over in the night": {2 * time.Hour, func(*App, stripefake.Purchase, time.Time) {}, gate.TooLate},
		"the account has left": {3 * Day, func(a *App, _ stripefake.Purchase, _ time.Time) {
			connections, err := a.App.Store.Connections(a.Ctx, a.Shop.ID)
			require.NoError(a.t, err)
			for _, c := range connections {
				if c.Platform != commerce.Stripe {
					continue
				}
				require.NoError(a.t, a.App.Store.Transact(a.Ctx, func(tx *store.Tx) error {
					_, err := tx.CloseConnection(a.Shop.ID, c.ID, a.App.Store.Now())
					return err
				}))
			}
		}, gate.Disconnected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := WithShop(t, On(t, "sqlite")) // by Shopify too, which stays
			a.ConnectStripe()
			p, ends := a.warned(c.left)
			c.meets(a, p, ends)
			a.After(2 * Day)
			if c.want == "" {
				a.WantMails(Ada, "Your trial at Nour & Co ends soon")
				return
			}
			a.WantMails(Ada)
			require.Equal(t, string(c.want), a.whyEnded("trial_ending"))
		})
	}
}

// whyEnded is the reason for which the one walk of a campaign ended.
func (a *App) whyEnded(id campaign.CampaignID) string {
	a.t.Helper()
	walks, err := a.App.Store.ListEnrollments(a.Ctx, a.Shop.ID, id, store.WalkFilter{}, "", 10)
	require.NoError(a.t, err)
	require.Len(a.t, walks, 1)
	return walks[0].Reason
}

// A subscription from its trial to its end, each customer in a part of it.
func TestSubscriptionsFromTrialToEnd(t *testing.T) {
	t.Parallel()
	a := WithStripe(t, On(t, EngineOf(t.Name()))).Silent().Playbook("trial_ending", "payment_failed")
	a.Live(
		Campaign("subscription_renewed", Named("renewed"), Then(Mail("tell", "Renewed"))),
		Campaign("subscription_cancelled", Named("ended"), Then(Mail("tell", "Ended"))),
	)
	of := func(n, email string) stripefake.Purchase {
		p := a.Pays(n)
		p.SubscriptionID, p.Customer, p.Email = "sub_"+n, "cus_"+n, email
		a.Stripes("customer.created", p.CustomerObject())
		return p
	}
	tries, leaves, fails := of("1", Ada), of("2", "bo@example.com"), of("3", "cy@example.com")

	ends := a.Clock.Now().Add(3 * Day)
	a.Stripes("customer.subscription.trial_will_end", trial(tries, ends))
	a.Wait()
	a.StripeEvent(stripefake.Event{ID: "evt_again", Type: "customer.subscription.trial_will_end", Account: Account, Object: trial(tries, ends)})
	a.Stripes("customer.subscription.trial_will_end", trial(leaves, ends).With("cancel_at_period_end", true))
	a.After(Day)
	require.Contains(t, a.WantMails(Ada, "Your trial at Nour & Co ends soon")[0].Text, "as a customer of Nour & Co", "nothing was bought yet")
	a.WantMails("bo@example.com") // who has left already
	longer := trial(tries, ends.Add(14*Day))
	a.After(13 * Day)
	a.Stripes("customer.subscription.trial_will_end", longer)
	a.Wait()
	require.Len(t, a.Mails(Ada), 2, "a longer trial ends another time")

	a.Stripes("customer.subscription.deleted", leaves.Subscription(a.Clock.Now(), "cancellation_requested"))
	a.After(Day)
	a.WantMails("bo@example.com", "Ended")

	fails.At = a.Clock.Now()
	a.Stripes("invoice.payment_failed", fails.FailedInvoice("subscription_cycle", 1))
	a.After(2 * Day)
	a.Stripes("invoice.payment_failed", fails.FailedInvoice("subscription_cycle", 2))
	a.Wait()
	a.WantMails("cy@example.com", "Your payment did not go through")
	fails.At = a.Clock.Now()
	a.Stripes("charge.succeeded", fails.Charge(0))
	a.Stripes("payment_intent.succeeded", fails.PaymentIntent())
	a.Stripes("invoice.paid", fails.Invoice("subscription_cycle"))
	a.After(10 * Day)
	a.WantMails("cy@example.com", "Your payment did not go through", "Renewed")
	require.NotZero(t, a.Purchase("cy@example.com").Payment.At())
	require.ElementsMatch(t,
		[]string{"customer_created", "order_placed", "subscription_payment_failed", "order_paid", "subscription_renewed", "order_arrived"}, a.Events("cy@example.com"))
}
