package apptest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store/storetest"
)

// eachStripe tells a story of a Stripe shop on every engine.
func eachStripe(t *testing.T, story func(t *testing.T, a *App)) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			story(t, WithStripe(t, On(t, engine)))
		})
	}
}

// One purchase is told by its session, payment, invoice and charge, in any order.
func TestOnePurchaseByFourObjects(t *testing.T) {
	for name, order := range map[string][]string{
		"as it happens":     {"charge", "intent", "invoice", "session"},
		"the session first": {"session", "charge", "intent", "invoice"},
		"the invoice last":  {"intent", "session", "charge", "invoice"},
		"backwards":         {"session", "invoice", "intent", "charge"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachStripe(t, func(t *testing.T, a *App) {
				p := a.Pays("1")
				p.SubscriptionID = "sub_1"
				tell := map[string]func(){
					"charge":  func() { a.Stripes("charge.succeeded", p.Charge(0)) },
					"intent":  func() { a.Stripes("payment_intent.succeeded", p.PaymentIntent()) },
					"invoice": func() { a.Stripes("invoice.paid", p.Invoice("subscription_create")) },
					"session": func() { a.Stripes("checkout.session.completed", p.Session()) },
				}
				for _, what := range order {
					tell[what]()
					tell[what]() // at least once means sometimes twice
					a.Wait()
				}
				a.After(time.Minute)
				a.WantMails(Ada, "Thank you")
				a.Purchase(Ada)
				require.ElementsMatch(t, []string{"order_placed", "order_paid", "order_arrived"}, a.Events(Ada))
			})
		})
	}
}

// The session is told with its invoice, the payment without: only the invoice,
// which comes after the thanks, shows that the two are one purchase.
func TestPurchaseThatIsJoinedAfterTheThanks(t *testing.T) {
	for name, first := range map[string]string{"the payment is older": "intent", "the session is older": "session"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachStripe(t, func(t *testing.T, a *App) {
				p := a.Pays("1")
				p.SubscriptionID = "sub_1"
				intent := func() {
					a.Stripes("payment_intent.succeeded", p.PaymentIntent().Without("invoice").With("latest_charge", nil, "receipt_email", Ada))
				}
				if first == "intent" {
					intent()
					a.Stripes("checkout.session.completed", p.Session())
				} else {
					a.Stripes("checkout.session.completed", p.Session())
					a.Wait()
					intent()
				}
				a.Wait()
				a.WantMails(Ada, "Thank you")
				a.Stripes("invoice.paid", p.Invoice("subscription_create"))
				a.After(time.Hour)
				a.WantMails(Ada, "Thank you")
				require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM events WHERE kind = 'order_paid'`))
				a.After(untilAsked)
				a.WantMails(Ada, "Thank you", "What do you think")

				a.Stripes("charge.refunded", p.Charge(4200)) // by the younger row's key as well
				a.Wait()
				require.True(t, a.Purchase(Ada).FullyRefunded())
			})
		})
	}
}

func TestBarePaymentWaitsForMore(t *testing.T) {
	t.Parallel()
	a := WithStripe(t)
	p := a.Pays("1")
	a.Stripes("payment_intent.succeeded", p.PaymentIntent().With("receipt_email", Ada))
	a.Wait()
	a.WantMails(Ada)
	a.After(30 * time.Second)
	a.WantMails(Ada, "Thank you")
	require.Contains(t, a.Reasons(Ada, "thank_you"), "awaiting_more")
}

func TestSessionPaidLater(t *testing.T) {
	t.Parallel()
	a := WithStripe(t)
	p, failed := a.Pays("1"), a.Pays("2")
	failed.Email = "bo@example.com"
	for _, s := range []stripefake.Object{p.Session(), failed.Session()} {
		a.Stripes("checkout.session.completed", s.With("payment_status", "unpaid"))
	}
	a.After(48 * time.Hour)
	a.WantMails(Ada)
	a.Stripes("checkout.session.async_payment_succeeded", p.Session())
	a.Stripes("checkout.session.async_payment_failed", failed.Session().With("payment_status", "unpaid"))
	a.Wait()
	a.WantMails(Ada, "Thank you")
	a.WantMails("bo@example.com")
}

func TestRenewalIsNotThankedLikeAFirstOrder(t *testing.T) {
	t.Parallel()
	a := WithStripe(t)
	first, renewal := a.Pays("1"), a.Pays("2")
	first.SubscriptionID, renewal.SubscriptionID = "sub_1", "sub_1"
	a.Stripes("invoice.paid", first.Invoice("subscription_create"))
	a.After(30 * 24 * time.Hour)
	renewal.At = a.Clock.Now()
	a.Stripes("payment_intent.succeeded", renewal.PaymentIntent())
	a.Stripes("charge.succeeded", renewal.Charge(0))
	a.Stripes("invoice.paid", renewal.Invoice("subscription_cycle"))
	a.After(60 * 24 * time.Hour)
	a.WantMails(Ada, "Thank you", "What do you think")
	require.Contains(t, a.Reasons(Ada, "thank_you"), "condition_not_met")
}

func TestStripeRefundsAndDisputes(t *testing.T) {
	eachStripe(t, func(t *testing.T, a *App) {
		whole, failed, lost := a.Pays("1"), a.Pays("2"), a.Pays("3")
		failed.Email, lost.Email = "bo@example.com", "cy@example.com"
		for _, p := range []stripefake.Purchase{whole, failed, lost} {
			a.Stripes("checkout.session.completed", p.Session())
		}
		a.After(24 * time.Hour)
		a.Stripes("charge.refunded", whole.Charge(4200))
		a.Stripes("refund.created", failed.Refund("re_2", 4200, "pending", a.Clock.Now()))
		a.Stripes("charge.refunded", failed.Charge(4200))
		a.Stripes("charge.dispute.created", lost.Dispute("dp_3", "needs_response", a.Clock.Now()))
		a.Stripe.Put(Account, failed.Charge(4200), failed.Refund("re_2", 4200, "pending", a.Clock.Now()))
		a.Wait()
		a.After(24 * time.Hour)
		a.Stripe.Put(Account, failed.Refund("re_2", 4200, "failed", a.Clock.Now()))
		a.Stripes("refund.failed", failed.Refund("re_2", 4200, "failed", a.Clock.Now()))
		a.Stripes("charge.dispute.closed", lost.Dispute("dp_3", "lost", a.Clock.Now()))
		a.After(untilAsked)
		a.WantMails(Ada, "Thank you")
		a.WantMails("bo@example.com", "Thank you", "What do you think")
		a.WantMails("cy@example.com", "Thank you")
		require.Contains(t, a.Reasons("cy@example.com", "review_request"), "dispute_lost")
		require.Zero(t, a.Purchase("bo@example.com").Refunded())
	})
}

// A charge whose sum and refunds tell different stories is read again: one call.
func TestChargeThatDisagreesIsReadAgain(t *testing.T) {
	eachStripe(t, func(t *testing.T, a *App) {
		p := a.Pays("1")
		a.Stripes("checkout.session.completed", p.Session())
		a.Stripes("charge.succeeded", p.Charge(0))
		a.Wait()
		require.Empty(t, a.Stripe.Calls())
		a.Stripe.Put(Account, p.Charge(0), p.Refund("re_1", 4200, "succeeded", a.Clock.Now()))
		a.Stripes("refund.created", p.Refund("re_1", 4200, "succeeded", a.Clock.Now()))
		a.Wait()
		require.Equal(t, []stripefake.Call{{Path: "/v1/charges/ch_1", Account: Account}}, a.Stripe.Calls())
		require.True(t, a.Purchase(Ada).FullyRefunded())
		a.After(2 * twoWeeks)
		a.WantMails(Ada, "Thank you")
		require.Len(t, a.Stripe.Calls(), 1)
	})
}

func TestStripeStubIsFetched(t *testing.T) {
	t.Parallel()
	a := WithStripe(t)
	p := a.Pays("1")
	refund := p.Refund("re_1", 1000, "succeeded", a.Clock.Now())
	a.Stripe.Put(Account, p.Charge(0), p.PaymentIntent(), refund)
	a.Stripes("refund.created", refund)
	a.Wait()
	require.Len(t, a.Stripe.Calls(), 1)
	a.After(time.Hour)
	a.WantMails(Ada, "Thank you")
	require.Len(t, a.Stripe.Calls(), 1)
	require.EqualValues(t, 1000, a.Purchase(Ada).Refunded())
}

// A test event reaches test connections only.
func TestStripeTestModeStaysApart(t *testing.T) {
	t.Parallel()
	a := WithStripe(t)
	p := a.Pays("1")
	p.Test = true
	a.StripeEvent(stripefake.Event{Type: "checkout.session.completed", Account: Account, Test: true, Object: p.Session()})
	a.After(time.Hour)
	require.Empty(t, a.Mail.Mails())
	require.Equal(t, 0, a.Count(`SELECT COUNT(*) FROM inbox`))
}

// Who builds the shop tries its checkout with a customer's address. The try is
// an order of nobody's that says why nothing came of it, and the customer is who they were.
func TestTryingTheCheckoutWithACustomersAddress(t *testing.T) {
	t.Parallel()
	eachStripe(t, func(t *testing.T, a *App) {
		a.connect(commerce.Connection{Platform: commerce.Stripe, ExternalID: Account})
		try := a.Pays("t1")
		try.Test, try.Name, try.Locale, try.Country, try.Customer = true, "Testy McTest", "de", "DE", "cus_test"
		tells := func(kind string, o stripefake.Object) {
			a.StripeEvent(stripefake.Event{Type: kind, Account: Account, Test: true, Object: o})
		}
		tells("checkout.session.completed", try.Session())
		a.Wait()
		a.Stripes("checkout.session.completed", a.Pays("1").Session())
		a.Wait()
		tells("charge.succeeded", try.Charge(0))
		a.After(time.Hour)
		a.WantMails(Ada, "Thank you")
		require.Len(t, a.Mail.Mails(), 1)
		who := a.Person(Ada)
		require.Equal(t, []string{"Ada", "Lovelace", "en", "GB"}, []string{who.FirstName, who.LastName, who.Language, who.Country})
		require.Equal(t, []string{"order_paid"}, onlyPaid(a.Events(Ada)), "theirs alone")
		require.Contains(t, a.Reasons("", "thank_you"), string(gate.TestOrder))
	})
}

// onlyPaid are the payments among kinds of events.
func onlyPaid(kinds []string) []string {
	return slices.DeleteFunc(kinds, func(kind string) bool { return kind != string(commerce.OrderPaid) })
}
