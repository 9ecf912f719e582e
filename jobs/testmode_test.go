package jobs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store/storetest"
)

// testMode ties the account's test mode to the shop as well, and returns how its events come.
func (w *world) testMode(fake *stripefake.Server) (tells func(topic string, objects ...stripefake.Object)) {
	w.t.Helper()
	fake.Connect(account, false, stripefake.AccountInfo{})
	test := storetest.Connection(w.t, w.Store, w.shop, func(c *commerce.Connection) {
		c.Platform, c.ExternalID, c.Token, c.Live = commerce.Stripe, account, "", false
	})
	return func(topic string, objects ...stripefake.Object) {
		w.t.Helper()
		live := w.conn
		defer func() { w.conn = live }()
		w.conn = test
		for _, o := range objects {
			require.True(w.t, w.brings(fake.Emit(account, stripefake.Event{Type: topic, Created: w.now(), Test: true, Object: o})))
		}
	}
}

// adas is a checkout of Ada's at Stripe.
func (w *world) adas(n string, change ...func(*stripefake.Purchase)) stripefake.Purchase {
	p := stripefake.Purchase{
		N: n, At: w.now(), Email: ada, Name: "Ada Lovelace", Locale: "en", Country: "GB", Customer: "cus_ada", Promotion: "opt_in",
	}
	for _, change := range change {
		change(&p)
	}
	return p
}

// tried has whoever builds the shop type Ada's address into a checkout of the test mode.
func tried(p *stripefake.Purchase) {
	p.Name, p.Locale, p.Country, p.Customer, p.Promotion, p.Test = "Testy McTest", "de", "DE", "cus_test", "opt_out", true
}

// people are the persons who are somebody, by what they are known, and what was said by whom.
func (w *world) people() string {
	w.t.Helper()
	var out []string
	for _, query := range []string{
		`SELECT email || ' ' || first_name || ' ' || last_name || ' ' || language || ' ' || country || ' ' || merged_into FROM persons
			WHERE email <> '' OR phone <> '' OR first_name <> '' OR language <> '' OR country <> '' ORDER BY 1`,
		`SELECT i.kind || ' ' || i.value || ' ' || p.email FROM identities i JOIN persons p ON p.shop_id = i.shop_id AND p.id = i.person_id ORDER BY 1`,
		`SELECT state || ' ' || source FROM consents ORDER BY 1`,
		`SELECT subject || ' ' || p.email FROM events e LEFT JOIN persons p ON p.shop_id = e.shop_id AND p.id = e.person_id WHERE kind = 'customer_created' ORDER BY 1`,
	} {
		rows, err := storetest.DB(w.t, w.db).QueryContext(w.t.Context(), query)
		require.NoError(w.t, err)
		for rows.Next() {
			var row string
			require.NoError(w.t, rows.Scan(&row))
			out = append(out, row)
		}
		require.NoError(w.t, rows.Err())
		require.NoError(w.t, rows.Close())
	}
	return strings.Join(out, "\n")
}

// A checkout tried with a customer's address, before or after theirs, leaves
// them who they are, as if nobody had tried.
func TestTryingACheckoutReachesNobody(t *testing.T) {
	guest := func(p *stripefake.Purchase) { p.Customer = "" }
	for name, c := range map[string]struct {
		before, after bool
		as            []func(*stripefake.Purchase)
	}{
		"by a customer, after":     {after: true},
		"by a customer, before":    {before: true},
		"by a guest, after":        {after: true, as: []func(*stripefake.Purchase){guest}},
		"by a guest, before":       {before: true, as: []func(*stripefake.Purchase){guest}},
		"both before and after":    {before: true, after: true},
		"with the same customer":   {after: true, as: []func(*stripefake.Purchase){func(p *stripefake.Purchase) { p.Customer = "cus_ada" }}},
		"of a subscription, early": {before: true, as: []func(*stripefake.Purchase){func(p *stripefake.Purchase) { p.SubscriptionID = "sub_test" }}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.stripe()
				tells := w.testMode(fake)
				tryIt := func(n string) {
					p := w.adas(n, append([]func(*stripefake.Purchase){tried}, c.as...)...)
					fake.Put(account, p.Charge(0), p.PaymentIntent(), p.CustomerObject())
					tells("customer.created", p.CustomerObject())
					tells("payment_intent.succeeded", p.PaymentIntent())
					tells("charge.succeeded", p.Charge(0))
					tells("checkout.session.completed", p.Session())
					tells("customer.updated", p.CustomerObject())
					if p.SubscriptionID != "" {
						tells("invoice.paid", p.Invoice("subscription_create"))
					}
					w.after(time.Minute)
				}
				if c.before {
					tryIt("t1")
				}
				live := w.adas("l1")
				w.brings(fake.Emit(account, stripefake.Event{Type: "checkout.session.completed", Created: w.now(), Object: live.Session()}))
				w.after(time.Minute)
				if c.after {
					tryIt("t2")
				}
				require.Equal(t, strings.Join([]string{
					"ada@example.com Ada Lovelace en GB ", "email ada@example.com ada@example.com", "stripe cus_ada ada@example.com", "subscribed stripe checkout",
				}, "\n"), w.people())
			})
		})
	}
}

// What is tried is an order all the same: seen as a test, read again by its
// charge, and of nobody who could be asked about.
func TestATriedPurchaseIsATestOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe()
		tells := w.testMode(fake)
		w.exec(`UPDATE shops SET currency = ''`)
		p := w.adas("t1", tried, func(p *stripefake.Purchase) { p.Email = "-" })
		fake.Put(account, p.Charge(0), p.PaymentIntent(), p.CustomerObject())
		tells("payment_intent.succeeded", p.PaymentIntent())
		tells("charge.succeeded", p.Charge(0))
		w.after(48 * time.Hour)
		w.settle()
		require.Zero(t, w.sent())
		require.Zero(t, w.count(`SELECT COUNT(*) FROM orders WHERE fetch_at > 0`), "nobody asks for the address of a customer who is none")
		require.Empty(t, fake.Calls())
		require.Equal(t, string(gate.TestOrder), w.text(`SELECT reason FROM decisions WHERE campaign_id = 'thank_you'`))
		require.Empty(t, w.text(`SELECT currency FROM shops`), "the first sale tells it")

		o := w.stored(commerce.OrderID(w.text(`SELECT id FROM orders`)))
		entries, err := w.Store.Timeline(t.Context(), w.shop, o.PersonID, 10)
		require.NoError(t, err)
		require.NotEmpty(t, entries)

		refund := p.Refund("re_1", 700, "succeeded", w.now())
		fake.Put(account, p.Charge(700).With("refunds", stripefake.Object{"data": []any{refund}}), refund)
		tells("refund.created", refund)
		require.NoError(t, w.fetch(t.Context(), w.shop, w.dueFetch()))
		require.EqualValues(t, 700, w.stored(o.ID).Refunded())
		require.Equal(t, o.PersonID, w.stored(o.ID).PersonID)
		require.Empty(t, w.people())
	})
}

// A refund may be told before its purchase: what is read then is nobody's either.
func TestATriedPurchaseThatIsReadFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe()
		tells := w.testMode(fake)
		p := w.adas("t1", tried)
		refund := p.Refund("re_1", 700, "succeeded", w.now())
		fake.Put(account, p.Charge(700), p.PaymentIntent(), p.CustomerObject(), refund)
		tells("refund.created", refund)
		id := w.dueFetch()
		require.NoError(t, w.fetch(t.Context(), w.shop, id))
		require.True(t, w.stored(id).Detail.Test)
		require.NotEmpty(t, w.stored(id).PersonID, "what happens to it has a place on a timeline")
		require.Empty(t, w.people())
	})
}

// Money that was never moved is no other platform's purchase, however alike.
func TestATestHasNoTwin(t *testing.T) {
	for name, c := range map[string]struct {
		live     bool // Stripe's, and Shopify's is the test
		first    bool // Stripe tells first
		metadata map[string]string
	}{
		"tried at Stripe, after":        {},
		"tried at Stripe, before":       {first: true},
		"tried with the order's number": {metadata: map[string]string{"order_id": "820982911946"}},
		"tried at Shopify, before":      {live: true},
		"tried at Shopify, after":       {live: true, first: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.stripe()
				tells := w.testMode(fake)
				if c.live {
					tells = func(topic string, objects ...stripefake.Object) {
						for _, o := range objects {
							w.brings(fake.Emit(account, stripefake.Event{Type: topic, Created: w.now(), Object: o}))
						}
					}
				}
				w.exec(`UPDATE shops SET leading_platform = 'shopify', currency = 'EUR'`)
				storetest.Connection(t, w.Store, w.shop)
				o := w.order(820982911946)
				o.Test = c.live
				p := w.adas("t1", func(p *stripefake.Purchase) {
					p.Amount, p.Currency, p.Test, p.Metadata = o.Total(), "eur", !c.live, c.metadata
				})
				fake.Put(account, p.Charge(0), p.PaymentIntent())
				if c.first {
					tells("checkout.session.completed", p.Session())
				}
				w.hear("orders/paid", o.Body())
				if !c.first {
					tells("checkout.session.completed", p.Session())
				}
				w.after(time.Minute)
				for _, e := range fake.Dispute(account, p.ChargeID(), "dp_1") {
					tells(e.Type, e.Object)
				}
				require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM orders`))
				require.Zero(t, w.count(fmt.Sprintf(`SELECT COUNT(*) FROM orders WHERE facts LIKE '%%dp_1%%' AND facts LIKE '%%%d%%'`, o.ID)))
			})
		})
	}
}
