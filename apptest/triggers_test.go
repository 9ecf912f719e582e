package apptest

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe/stripefake"
)

// triggerStory tells one kind of trigger from the platform's delivery to the
// mail. Begin tells all that is not it yet, and returns what is.
type triggerStory struct {
	more   campaign.Trigger // beside its kind
	stripe bool
	club   bool // the shop has a loyalty program
	begin  func(a *App) (happens func())
}

// sold is a paid order of Ada's.
func sold(a *App, id int64) *shopifyfake.Order {
	o := a.Order(id)
	a.Send("orders/paid", o.Body())
	return o
}

// sent is a paid order of Ada's that has left the house.
func sent(a *App, id int64) (*shopifyfake.Order, *shopifyfake.Fulfilment) {
	o := a.Order(id)
	f := o.Fulfil(a.Clock.Now())
	a.Send("orders/paid", o.Body())
	return o, f
}

// buysAgain is what makes a person's next purchase.
func buysAgain(a *App, id int64) func() { return func() { sold(a, id) } }

// passes is what only time makes happen.
func passes(a *App, d time.Duration) func() { return func() { a.After(d) } }

var triggerStories = map[campaign.TriggerKind]triggerStory{
	campaign.OnOrderPlaced: {begin: func(a *App) func() {
		return func() { a.Send("orders/create", a.Order(1).Unpaid("bank_transfer").Body()) }
	}},
	campaign.OnOrderPaid: {begin: func(a *App) func() {
		o := a.Order(1).Unpaid("bank_transfer")
		a.Send("orders/create", o.Body())
		return func() { a.Send("orders/paid", o.Pay(a.Clock.Now()).Body()) }
	}},
	campaign.OnOrderFulfilled: {begin: func(a *App) func() {
		o := sold(a, 1)
		return func() {
			o.Fulfil(a.Clock.Now())
			a.Send("orders/fulfilled", o.Body())
		}
	}},
	campaign.OnOrderArrived: {begin: func(a *App) func() {
		_, f := sent(a, 1)
		return func() { a.Send("fulfillment_events/create", f.Deliver(a.Clock.Now())) }
	}},
	campaign.OnOrderEdited: {begin: func(a *App) func() {
		o := sold(a, 1)
		return func() { a.Send("orders/edited", o.Removed(a.Clock.Now(), 1, 1)) }
	}},
	campaign.OnTrialEnding: {stripe: true, begin: func(a *App) func() {
		p := a.Pays("1")
		p.SubscriptionID, p.Customer = "sub_1", "cus_1"
		a.Stripes("customer.created", p.CustomerObject())
		return func() { a.Stripes("customer.subscription.trial_will_end", trial(p, p.At.Add(3*Day))) }
	}},
	campaign.OnRenewed: {stripe: true, begin: func(a *App) func() {
		first, renewal := a.Pays("1"), a.Pays("2")
		first.SubscriptionID, renewal.SubscriptionID = "sub_1", "sub_1"
		a.Stripes("invoice.paid", first.Invoice("subscription_create"))
		return func() { a.Stripes("invoice.paid", renewal.Invoice("subscription_cycle")) }
	}},
	campaign.OnOrderCancelled: {begin: func(a *App) func() {
		o := sold(a, 1)
		return func() { a.Send("orders/cancelled", o.Cancel(a.Clock.Now()).Body()) }
	}},
	campaign.OnDeliveryDelayed: {begin: func(a *App) func() {
		_, f := sent(a, 1)
		return func() { a.Send("fulfillment_events/create", f.Delay(a.Clock.Now())) }
	}},
	campaign.OnDeliveryFailed: {begin: func(a *App) func() {
		_, f := sent(a, 1)
		return func() { a.Send("fulfillment_events/create", f.Fail(a.Clock.Now())) }
	}},
	campaign.OnNotDelivered: {more: campaign.Trigger{After: campaign.Duration(10 * Day)}, begin: func(a *App) func() {
		sent(a, 1)
		a.After(9 * Day)
		return passes(a, Day)
	}},
	campaign.OnRefundFull: {begin: func(a *App) func() {
		o := sold(a, 1)
		a.Send("refunds/create", o.Refund(a.Clock.Now(), 100).Body())
		return func() { a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()-100).Body()) }
	}},
	campaign.OnRefundPartial: {begin: func(a *App) func() {
		o := sold(a, 1)
		return func() { a.Send("refunds/create", o.Refund(a.Clock.Now(), 100).Body()) }
	}},
	campaign.OnReturnProcessed: {begin: func(a *App) func() {
		o, _ := sent(a, 1)
		return func() {
			a.Send("returns/process", o.Return(a.Clock.Now(), shopifyfake.RefundLine{Line: 0, Quantity: 1}).Body())
		}
	}},
	campaign.OnDisputeOpened: {begin: func(a *App) func() {
		o := sold(a, 1)
		return func() { a.Send("disputes/create", o.Dispute("needs_response", a.Clock.Now(), time.Time{})) }
	}},
	campaign.OnDisputeWon:  {begin: disputed("won")},
	campaign.OnDisputeLost: {begin: disputed("lost")},
	campaign.OnPaymentFailed: {stripe: true, begin: func(a *App) func() {
		p := a.Pays("1")
		p.SubscriptionID = "sub_1"
		return func() { a.Stripes("invoice.payment_failed", p.FailedInvoice("subscription_cycle", 1)) }
	}},
	campaign.OnSubscriptionEnded: {stripe: true, begin: func(a *App) func() {
		p := a.Pays("1")
		p.SubscriptionID, p.Customer = "sub_1", "cus_1"
		a.Stripes("invoice.paid", p.Invoice("subscription_create"))
		return func() {
			a.Stripes("customer.subscription.deleted", p.Subscription(a.Clock.Now(), "cancellation_requested"))
		}
	}},
	campaign.OnFirstOrder: {begin: func(a *App) func() { return buysAgain(a, 1) }},
	campaign.OnNthOrder: {more: campaign.Trigger{N: 3}, begin: func(a *App) func() {
		sold(a, 1)
		sold(a, 2)
		return buysAgain(a, 3)
	}},
	campaign.OnSpendThreshold: {more: campaign.Trigger{Amount: "200"}, begin: func(a *App) func() { // 82.90 each
		sold(a, 1)
		sold(a, 2)
		return buysAgain(a, 3)
	}},
	campaign.OnCustomerCreated: {begin: func(a *App) func() {
		return func() { a.Send("customers/create", a.Order(1).CustomerBody()) }
	}},
	campaign.OnConsentAsked: {begin: func(a *App) func() {
		inGermany(a, 1)
		a.Send("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, Ada, "unsubscribed", "", a.Clock.Now().Add(-time.Minute)))
		return func() {
			a.Send("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, Ada, "subscribed", "single_opt_in", a.Clock.Now()))
		}
	}},
	campaign.OnLapsed: {more: campaign.Trigger{After: campaign.Duration(60 * Day)}, begin: func(a *App) func() {
		sold(a, 1)
		a.After(59 * Day)
		return passes(a, Day)
	}},
	campaign.OnReplenishment: {more: campaign.Trigger{After: campaign.Duration(30 * Day)}, begin: func(a *App) func() {
		_, f := sent(a, 1)
		a.After(2 * Day)
		a.Send("fulfillment_events/create", f.Deliver(a.Clock.Now()))
		a.After(29 * Day)
		return passes(a, Day)
	}},
	campaign.OnNewProduct: {more: campaign.Trigger{Related: []string{campaign.SameVendor}}, begin: func(a *App) func() {
		sold(a, 1)
		p := shopifyfake.NewProduct(77, a.Clock.Now())
		a.Send("products/create", p.Body()) // a draft
		return func() { a.Send("products/update", p.Publish(a.Clock.Now()).Body()) }
	}},
	campaign.OnAnniversary: {begin: func(a *App) func() {
		sold(a, 1)
		a.After(364 * Day)
		return passes(a, Day)
	}},
	campaign.OnCustomEvent: {more: campaign.Trigger{Name: "quiz.done"}, begin: func(a *App) func() {
		a.API("POST", "/events", `{"name": "quiz.begun", "id": "1", "email": "ada@example.com"}`)
		return func() {
			a.API("POST", "/events", `{"name": "quiz.done", "id": "1", "email": "ada@example.com"}`)
		}
	}},
}

// trial is the subscription of p while nothing is paid for it, until ends.
func trial(p stripefake.Purchase, ends time.Time) stripefake.Object {
	return p.Subscription(time.Time{}, "").With("status", "trialing", "trial_end", ends.Unix(), "latest_invoice", nil)
}

// disputed is an open dispute, and what settles it.
func disputed(as string) func(a *App) func() {
	return func(a *App) func() {
		o, opened := sold(a, 1), a.Clock.Now()
		a.Send("disputes/create", o.Dispute("needs_response", opened, time.Time{}))
		a.After(time.Hour)
		return func() { a.Send("disputes/update", o.Dispute(as, opened, a.Clock.Now())) }
	}
}

// Each kind of trigger there is works from the platform's delivery to the mail,
// once, and nothing else sets it off.
func TestTriggers(t *testing.T) {
	maps.Copy(triggerStories, clubStories)
	require.Len(t, triggerStories, len(campaign.Triggers()), "a story of a kind that is no trigger")
	for _, spec := range campaign.Triggers() {
		s, told := triggerStories[spec.Kind]
		require.True(t, told, "no story is told of the trigger %s", spec.Kind)
		t.Run(string(spec.Kind), func(t *testing.T) {
			t.Parallel()
			a := s.shop(t, EngineOf(t.Name()))
			trigger := s.more
			trigger.Kind = spec.Kind
			if s.club {
				a.Club()
			}
			a.Live(Campaign(spec.Kind, func(d *campaign.Definition) { d.Trigger = trigger }))
			happens := s.begin(a)
			a.Wait()
			a.WantMails(Ada)
			happens()
			a.Wait()
			a.WantMails(Ada, "It happened")
			a.After(2 * time.Hour)
			a.WantMails(Ada, "It happened")
			require.Equal(t, []string{"sent"}, a.Effects(Ada, "story"))
		})
	}
}

func (s triggerStory) shop(t *testing.T, engine string) *App {
	if s.stripe {
		return WithStripe(t, On(t, engine)).Silent()
	}
	return WithShop(t, On(t, engine)).Silent()
}

// What a Shopify shop's subscription app knows, it tells by API.
func TestSubscriptionsToldByAPI(t *testing.T) {
	for _, kind := range []campaign.TriggerKind{campaign.OnTrialEnding, campaign.OnRenewed, campaign.OnPaymentFailed, campaign.OnSubscriptionEnded} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			Plain(t, func(t *testing.T, a *App) {
				a.Live(Campaign(kind))
				sold(a, 1)
				for range 2 { // it is told again
					a.API("POST", "/events", fmt.Sprintf(`{"name": %q, "id": "sub-1-2", "email": "ada@example.com"}`, kind))
				}
				a.After(time.Hour)
				a.WantMails(Ada, "It happened")
			})
		})
	}
}

// A delivery is what the carrier says, else shipping and the days a parcel
// travels: of country and method, learned where nothing is set.
func TestWhenAParcelIsThere(t *testing.T) {
	for name, c := range map[string]struct {
		settle func(a *App)
		ship   func(o *shopifyfake.Order, now time.Time)
		days   int
	}{
		"five days where nobody knows": {days: 5},
		"the shop's days": {days: 9, settle: func(a *App) {
			a.Settings(func(s *commerce.Settings) {
				s.Transit = []commerce.Transit{{Country: "GB", Method: "Standard", Days: 9}, {Country: "GB", Days: 2}, {Country: "DE", Method: "Standard", Days: 3}}
			})
		}},
		"as experience shows": {days: 3, settle: func(a *App) {
			for i := range 5 {
				o := a.Order(int64(10+i)).For(shopifyfake.Customer{ID: int64(6010 + i), Email: fmt.Sprintf("bo%d@example.com", i)}, "GB")
				f := o.Fulfil(a.Clock.Now().Add(-3 * Day))
				a.Send("orders/paid", o.Body())
				a.Send("fulfillment_events/create", f.Deliver(a.Clock.Now()))
			}
			a.Wait()
		}},
		"digital goods are there when they are paid": {days: 0, ship: func(o *shopifyfake.Order, _ time.Time) {
			o.With(shopifyfake.Line{Title: "A pattern", Quantity: 1, Price: 900, Digital: true})
			o.Shipping, o.Method, o.ShipLess, o.Fulfilments, o.FulfilmentStatus = 0, "", true, nil, ""
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Plain(t, func(t *testing.T, a *App) {
				if c.settle != nil {
					c.settle(a)
				}
				a.Live(Campaign(campaign.OnOrderArrived, As(gate.Transactional)))
				o := a.Order(1)
				o.Fulfil(a.Clock.Now())
				if c.ship != nil {
					c.ship(o, a.Clock.Now())
				}
				a.Send("orders/paid", o.Body())
				if c.days > 0 {
					a.After(time.Duration(c.days)*Day - time.Minute)
					a.WantMails(Ada)
				}
				a.After(time.Minute)
				a.WantMails(Ada, "It happened")
			})
		})
	}
}

// Of two parcels the later one's arrival is the order's.
func TestSplitParcels(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderArrived))
		o := a.Order(1)
		first := o.FulfilPart(a.Clock.Now(), shopifyfake.RefundLine{Line: 0, Quantity: 1})
		a.Send("orders/paid", o.Body())
		a.After(Day)
		a.Send("fulfillment_events/create", first.Deliver(a.Clock.Now()))
		a.After(2 * Day)
		a.WantMails(Ada)
		second := o.Fulfil(a.Clock.Now())
		a.Send("orders/fulfilled", o.Body())
		a.After(Day)
		a.Send("fulfillment_events/create", second.Deliver(a.Clock.Now()))
		a.Wait()
		a.WantMails(Ada, "It happened")
		require.Equal(t, "order_arrived", a.Events(Ada)[len(a.Events(Ada))-1])
	})
}
