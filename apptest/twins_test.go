package apptest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe/stripefake"
)

// both is one purchase as Shopify and Stripe see it: the same money, person and moment.
func both(a *App, id int64) (*shopifyfake.Order, stripefake.Purchase) {
	o := a.Order(id)
	p := a.Pays("1")
	p.Amount, p.Currency = o.Total(), "eur"
	return o, p
}

// A shop sells on Shopify and is paid through its own Stripe account: one thank-you.
func TestTwinPurchases(t *testing.T) {
	for name, c := range map[string]struct {
		hint func(*stripefake.Purchase, *shopifyfake.Order)
		tell func(a *App, o *shopifyfake.Order, p stripefake.Purchase)
	}{
		"Shopify first": {nil, func(a *App, o *shopifyfake.Order, p stripefake.Purchase) {
			a.Send("orders/paid", o.Body())
			a.Wait()
			a.Stripes("checkout.session.completed", p.Session())
		}},
		"Stripe first": {nil, func(a *App, o *shopifyfake.Order, p stripefake.Purchase) {
			a.Stripes("checkout.session.completed", p.Session())
			a.After(2 * time.Minute)
			a.WantMails(Ada)
			a.Send("orders/paid", o.Body())
		}},
		"together": {nil, func(a *App, o *shopifyfake.Order, p stripefake.Purchase) {
			a.Stripes("payment_intent.succeeded", p.PaymentIntent())
			a.Send("orders/create", o.Body())
			a.Stripes("checkout.session.completed", p.Session())
			a.Send("orders/paid", o.Body())
		}},
		"the address comes with the second Stripe event": {nil, func(a *App, o *shopifyfake.Order, p stripefake.Purchase) {
			a.Stripes("payment_intent.succeeded", p.PaymentIntent())
			a.Wait()
			a.Send("orders/paid", o.Body())
			a.Wait()
			a.Stripes("checkout.session.completed", p.Session())
		}},
		"Stripe first, the address with its second event": {nil, func(a *App, o *shopifyfake.Order, p stripefake.Purchase) {
			a.Stripes("payment_intent.succeeded", p.PaymentIntent())
			a.Wait()
			a.Stripes("checkout.session.completed", p.Session())
			a.After(2 * time.Minute)
			a.WantMails(Ada)
			a.Send("orders/paid", o.Body())
		}},
		"named by a Stripe row that is another's purchase by now": {
			func(p *stripefake.Purchase, o *shopifyfake.Order) { p.SubscriptionID = "sub_1" },
			func(a *App, o *shopifyfake.Order, p stripefake.Purchase) {
				a.Stripes("checkout.session.completed", p.Session().With("customer_details", stripefake.Object{"email": "pay@example.com"}))
				a.Wait()
				bare := p.PaymentIntent().Without("invoice").With("metadata", map[string]string{"order_id": "820982911946"})
				a.Stripes("payment_intent.succeeded", bare)
				a.Wait()
				a.Stripes("invoice.paid", p.Invoice("subscription_create").With("customer_email", nil))
				a.Wait()
				a.Send("orders/paid", o.Body())
			},
		},
		"by the order id in the metadata, long after": {
			func(p *stripefake.Purchase, o *shopifyfake.Order) {
				p.Amount, p.Email, p.Metadata = 1, "other@example.com", map[string]string{"order_id": "820982911946"}
			},
			func(a *App, o *shopifyfake.Order, p stripefake.Purchase) {
				a.Send("orders/paid", o.Body())
				a.After(time.Hour)
				a.Stripes("payment_intent.succeeded", p.PaymentIntent())
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Each(t, func(t *testing.T, a *App) {
				a.ConnectStripe()
				o, p := both(a, 820982911946)
				if c.hint != nil {
					c.hint(&p, o)
				}
				c.tell(a, o, p)
				a.After(20 * time.Minute)
				a.WantMails(Ada, "Thank you")
				require.Len(t, a.Mail.Mails(), 1, "to whom the leading platform says")
				both := a.Purchase(Ada)
				require.EqualValues(t, "shopify", both.Detail.Platform, "the leading platform describes it")
				require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM events WHERE kind = 'order_paid'`))
				a.Stripes("charge.refunded", p.Charge(p.Amount))
				a.Wait()
				require.NotZero(t, a.Purchase(Ada).Refunded(), "the refund of the one is the refund of the other")
			})
		})
	}
}

// A payment that Shopify never tells of is an order of its own after 15 minutes.
func TestStripePaymentWithoutTwin(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	a.ConnectStripe()
	a.Stripes("checkout.session.completed", a.Pays("1").Session())
	a.After(14 * time.Minute)
	a.WantMails(Ada)
	require.Contains(t, a.Reasons(Ada, "thank_you"), "awaiting_more")
	a.After(time.Minute)
	a.WantMails(Ada, "Thank you")
}

// Alike but no twins: paid 16 minutes apart, or twice in one shop.
func TestNoTwins(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	a.ConnectStripe()
	o, p := both(a, 1)
	a.Send("orders/paid", o.Body())
	a.After(16 * time.Minute)
	p.At = a.Clock.Now()
	a.Stripes("checkout.session.completed", p.Session())
	a.After(16 * time.Minute)
	a.WantMails(Ada, "Thank you", "Thank you")

	first, second := a.Order(2), a.Order(3)
	p2, p3 := a.Pays("2"), a.Pays("3")
	p2.Amount, p2.Currency, p3.Amount, p3.Currency = o.Total(), "eur", o.Total(), "eur"
	a.Send("orders/paid", first.Body())
	a.Send("orders/paid", second.Body())
	a.Stripes("checkout.session.completed", p2.Session())
	a.Stripes("checkout.session.completed", p3.Session())
	a.After(16 * time.Minute)
	require.Len(t, a.Mails(Ada), 4, "one to one: two purchases, each told twice")
}

// Sums that disagree are Stripe's: Stripe is asked, though Shopify leads.
func TestTwinWhoseChargeDisagrees(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	a.ConnectStripe()
	o, p := both(a, 820982911946)
	a.Send("orders/paid", o.Body())
	a.Stripes("charge.succeeded", p.Charge(0))
	a.Wait()
	refund := p.Refund("re_1", 100, "succeeded", a.Clock.Now())
	a.Stripe.Put(Account, p.Charge(0), refund)
	a.Stripes("refund.created", refund)
	a.Wait()
	require.Empty(t, a.Shopify.Asked())
	require.Len(t, a.Stripe.Calls(), 1)
	require.EqualValues(t, 100, a.Purchase(Ada).Refunded())
}
