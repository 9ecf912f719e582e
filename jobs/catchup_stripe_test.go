package jobs

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// happens lets events happen in the account without a webhook, and gives their bodies.
func (w *world) happens(fake *stripefake.Server, types map[string]stripefake.Object) (bodies [][]byte) {
	for kind, o := range types {
		bodies = append(bodies, fake.Emit(account, stripefake.Event{Type: kind, Test: !w.conn.Live, Object: o}))
	}
	return bodies
}

// pays lets a purchase happen, as Stripe tells of it.
func (w *world) pays(fake *stripefake.Server, p stripefake.Purchase) [][]byte {
	fake.Put(account, p.Charge(0), p.PaymentIntent(), p.CustomerObject())
	told := map[string]stripefake.Object{"charge.succeeded": p.Charge(0), "payment_intent.succeeded": p.PaymentIntent(), "checkout.session.completed": p.Session()}
	if p.SubscriptionID != "" {
		told["invoice.paid"] = p.Invoice("subscription_create")
	}
	return w.happens(fake, told)
}

func bodiesOf(events []stripefake.Event) (out [][]byte) {
	for _, e := range events {
		out = append(out, e.Body())
	}
	return out
}

// catchUp looks at the account, as if that were due now, and does what follows.
func (w *world) catchUp() store.Reconciliation {
	w.t.Helper()
	r := w.look()
	w.drained()
	return r
}

// What webhooks did not bring is found, merged and told of once for each
// purchase and kind, however many events tell of it; what follows is as if it
// had come by webhook, which at last is a duplicate.
func TestEventsThatNoWebhookBrought(t *testing.T) {
	const found = 90 * time.Minute // after it happened
	for name, c := range map[string]struct {
		before bool // the purchase was told by webhooks
		then   func(w *world, fake *stripefake.Server, p stripefake.Purchase) [][]byte
		finds  []string
		orders int
	}{
		"a payment": {
			false, func(w *world, fake *stripefake.Server, p stripefake.Purchase) [][]byte { return w.pays(fake, p) },
			[]string{"order_missed pi_s1"},
			1,
		},
		"a subscription's": {
			false, func(w *world, fake *stripefake.Server, p stripefake.Purchase) [][]byte {
				p.SubscriptionID = "sub_1"
				return w.pays(fake, p)
			},
			[]string{"order_missed in_s1"},
			1,
		},
		"a refund": {
			true, func(_ *world, fake *stripefake.Server, _ stripefake.Purchase) [][]byte {
				return bodiesOf(fake.Refund(account, "ch_s1", 500, "re_1"))
			},
			[]string{"refund_missed pi_s1"},
			1,
		},
		"a refund that failed": {
			true, func(_ *world, fake *stripefake.Server, _ stripefake.Purchase) [][]byte {
				return append(bodiesOf(fake.Refund(account, "ch_s1", 500, "re_1")), bodiesOf(fake.FailRefund(account, "re_1"))...)
			},
			[]string{"refund_missed pi_s1"},
			1,
		},
		"a dispute": {
			true, func(_ *world, fake *stripefake.Server, _ stripefake.Purchase) [][]byte {
				return append(bodiesOf(fake.Dispute(account, "ch_s1", "dp_1")), bodiesOf(fake.CloseDispute(account, "dp_1", false))...)
			},
			[]string{"change_missed pi_s1"},
			1,
		},
		"a payment, its refund and a dispute": {
			false, func(w *world, fake *stripefake.Server, p stripefake.Purchase) [][]byte {
				out := append(w.pays(fake, p), bodiesOf(fake.Refund(account, "ch_s1", 500, "re_1"))...)
				return append(out, bodiesOf(fake.Dispute(account, "ch_s1", "dp_1"))...)
			},
			[]string{"change_missed pi_s1", "order_missed pi_s1", "refund_missed pi_s1"},
			1,
		},
		"nothing": {true, func(*world, *stripefake.Server, stripefake.Purchase) [][]byte { return nil }, nil, 1},
		"what nobody needs": {
			true, func(w *world, fake *stripefake.Server, p stripefake.Purchase) [][]byte {
				return w.happens(fake, map[string]stripefake.Object{"payment_intent.payment_failed": p.PaymentIntent(), "balance.available": {"id": "bal_1", "object": "balance"}})
			},
			nil, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.stripe(yesterday)
				p := w.sale(1, w.now())
				if c.before {
					for _, body := range w.pays(fake, p) {
						require.True(t, w.brings(body))
					}
				}
				storetest.ClockOf(w.Store).Advance(time.Hour)
				told := c.then(w, fake, p)
				storetest.ClockOf(w.Store).Advance(found)

				r := w.catchUp()
				require.ElementsMatch(t, c.finds, w.findings())
				require.Equal(t, []int64{int64(len(c.finds)), 0}, []int64{r.Found, r.Tries})
				require.Equal(t, []any{w.Store.Now().Add(-lookBehind), w.Store.Now(), w.Store.Now()}, []any{r.Watermark, r.LookedAt, r.SweptAt})
				require.Equal(t, c.orders, w.count(`SELECT COUNT(*) FROM orders WHERE stub = 0`))
				rows := w.count(`SELECT COUNT(*) FROM inbox`)
				require.Zero(t, w.count(`SELECT COUNT(*) FROM inbox WHERE state <> 1`))

				r = w.catchUp()
				require.Equal(t, int64(len(c.finds)), r.Found, "it is known now")
				for _, body := range told {
					if name != "what nobody needs" {
						require.False(t, w.brings(body), "at last")
					}
				}
				require.ElementsMatch(t, c.finds, w.findings())
				require.Equal(t, rows, w.count(`SELECT COUNT(*) FROM inbox`))
				require.Equal(t, c.orders, w.count(`SELECT COUNT(*) FROM orders`))
			})
		})
	}
}

// A finding names the event, its type and its object, and nobody; in every mode.
func TestWordsOfAMissedEvent(t *testing.T) {
	eachMode(t, func(t *testing.T, w *world, fake *stripefake.Server) {
		w.exec(`UPDATE connections SET installed_at = $1`, w.now().Add(-time.Hour).UnixMilli())
		p := w.sale(1, w.now())
		fake.Put(account, p.Charge(0), p.PaymentIntent())
		fake.Emit(account, stripefake.Event{ID: "evt_1", Type: "charge.succeeded", Test: p.Test, Object: p.Charge(0)})
		storetest.ClockOf(w.Store).Advance(time.Hour)
		w.catchUp()
		all, err := w.Store.FindingsAfter(t.Context(), w.shop, "", 10)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, "no webhook brought charge.succeeded (evt_1) of ch_s1", all[0].Detail)
		for _, c := range fake.Calls() {
			require.Equal(t, w.askedAs(), c.Account, c.Path)
		}
	})
}

// The customer of a payment that was missed is thanked as if nothing had been.
func TestMissedPaymentIsThankedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.mails("thanks", w.mail("told", 7)))
		fake := w.stripe(yesterday)
		w.pays(fake, w.sale(1, w.now()))
		storetest.ClockOf(w.Store).Advance(time.Hour)
		w.catchUp()
		require.Equal(t, 1, w.sent())
	})
}

// What happened before the account was connected, or may still be on its way, is not looked at.
func TestEventsOutsideTheLook(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe(yesterday)
		old := w.sale(1, w.conn.InstalledAt.Time().Add(-time.Second))
		fake.Emit(account, stripefake.Event{Type: "charge.succeeded", Created: old.At, Object: old.Charge(0)})
		w.pays(fake, w.sale(2, w.now()))
		storetest.ClockOf(w.Store).Advance(14 * time.Minute)
		require.Zero(t, w.catchUp().Looked)
		storetest.ClockOf(w.Store).Advance(time.Minute)
		require.Equal(t, int64(1), w.catchUp().Found)
		require.Equal(t, []string{"order_missed pi_s2"}, w.findings())
	})
}

// An event may appear in Stripe's list late: looks overlap.
func TestLooksAtEventsOverlap(t *testing.T) {
	w := newWorld(t, "sqlite")
	fake := w.stripe(yesterday)
	w.exec(`UPDATE connections SET epoch = epoch`)
	mark := w.catchUp().Watermark.Time()
	for i, at := range []time.Time{mark.Add(-lookOverlap), mark.Add(-lookOverlap - time.Second)} {
		p := w.sale(1+i, at)
		fake.Emit(account, stripefake.Event{Type: "charge.succeeded", Created: at, Object: p.Charge(0)})
		fake.Delivered(account, fmt.Sprintf("evt_charge_succeeded_ch_s%d_%d", 1+i, at.Unix()), true)
	}
	storetest.ClockOf(w.Store).Advance(time.Hour)
	w.catchUp()
	require.Equal(t, []string{"order_missed pi_s1"}, w.findings())
}

// Once a day all is asked for that Stripe could not deliver in 30 days, since an
// event may come into its list behind the watermark; what was delivered is not asked for.
func TestSweepOfWhatStripeCouldNotDeliver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.stripe(func(c *commerce.Connection) { c.InstalledAt = w.Store.Now().Add(-29 * 24 * time.Hour) })
		swept := w.catchUp().SweptAt
		require.Equal(t, w.Store.Now(), swept)
		late := func(i int, delivered bool) {
			at := w.now().Add(-20 * 24 * time.Hour)
			p := w.sale(i, at)
			id := fmt.Sprintf("evt_%d", i)
			fake.Emit(account, stripefake.Event{ID: id, Type: "charge.succeeded", Created: at, Object: p.Charge(0)})
			fake.Delivered(account, id, delivered)
		}
		late(1, false)
		late(2, true)
		for _, after := range []time.Duration{12 * time.Hour, 11 * time.Hour} {
			storetest.ClockOf(w.Store).Advance(after)
			require.Equal(t, swept, w.catchUp().SweptAt, "once a day")
			require.Empty(t, w.findings())
		}
		storetest.ClockOf(w.Store).Advance(time.Hour)
		require.Equal(t, w.Store.Now(), w.catchUp().SweptAt)
		require.Equal(t, []string{"order_missed pi_s1"}, w.findings())
	})
}

// Nobody looked for 40 days: Stripe tells no more of the first ten. That is said,
// once, and read from the charges: what was sold and given back meanwhile.
func TestEventsGap(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.mails("thanks", w.mail("told", 7)))
		fake := w.stripe(func(c *commerce.Connection) { c.InstalledAt = w.Store.Now() })
		w.askCharges(fake, 3) // hours before
		require.Equal(t, store.BackfillDone, w.readAll(w.Worker, 1).State)
		storetest.ClockOf(w.Store).Advance(5 * day)
		lost := w.sale(100, w.now())
		w.pays(fake, lost)
		fake.Refund(account, "ch_s1", 400, "re_1")
		storetest.ClockOf(w.Store).Advance(20 * day)
		w.pays(fake, w.sale(101, w.now())) // of which there are events still
		storetest.ClockOf(w.Store).Advance(15 * day)

		until := w.Store.Now().Add(-eventsKept)
		r := w.catchUp()
		require.Equal(t, []string{"events_gap " + string(w.conn.ID), "order_missed pi_s101"}, w.findings())
		require.Equal(t, w.Store.Now().Add(-lookBehind), r.Watermark)
		b := w.readAll(w.Worker, 1)
		require.Equal(t, []int64{4, 0}, []int64{b.Orders, b.Refused}, "what has events is left to them")
		require.Equal(t, until, b.ReadUntil)
		require.Equal(t, 5, w.count(`SELECT COUNT(*) FROM orders`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'refund_made'`))
		require.Equal(t, 3, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'order_paid' AND historic = 1`))
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'order_paid' AND historic = 0`))
		w.settle()
		require.Zero(t, w.sent(), "thanks make sense for a week")

		storetest.ClockOf(w.Store).Advance(time.Hour)
		w.catchUp()
		require.Len(t, w.findings(), 2)
		require.Equal(t, b, w.backfilled())
	})
}
