package demo

import (
	"strconv"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe/stripefake"
)

// buyer is a customer of the scenario.
type buyer struct{ first, last, email, country, locale string }

// tale is one purchase: what the platforms tell of it, and when, and what each
// playbook must have made of it in the end. The books are held against that.
type tale struct {
	shop   *stand
	key    string // by which the platform knows the purchase
	buyer  buyer
	order  *shopifyfake.Order   // at Shopify
	bought *stripefake.Purchase // at Stripe
	acts   []act

	want   map[string]outcome // by campaign; State and Reason only
	passes []string           // branches taken, as "win_back after_help then"
}

// act is one thing that happens, so long after the scenario's start.
type act struct {
	at time.Duration
	do func(*play) error
}

// day is a moment of the scenario.
func day(days, hours int) time.Duration {
	return time.Duration(days)*24*time.Hour + time.Duration(hours)*time.Hour
}

func (t *tale) on(at time.Duration, do func(*play) error) *tale {
	t.acts = append(t.acts, act{at, do})
	return t
}

// ends says what must have become of the purchase in the two campaigns of every shop.
func (t *tale) ends(thanks, review outcome) *tale {
	return t.and("thank_you", thanks).and("review_request", review)
}

// and says the same of another campaign.
func (t *tale) and(name string, want outcome) *tale {
	if t.want == nil {
		t.want = map[string]outcome{}
	}
	t.want[name] = want
	return t
}

// takes says which branch the purchase's walk must have taken at a step.
func (t *tale) takes(name, step, branch string) *tale {
	t.passes = append(t.passes, name+" "+step+" "+branch)
	return t
}

func is(s state) outcome                  { return outcome{State: s} }
func holds(reason gate.Reason) outcome    { return outcome{State: held, Reason: reason} }
func stopsFor(reason gate.Reason) outcome { return outcome{State: stopped, Reason: reason} }

// shopify begins a purchase at a Shopify shop, paid by card at at. change makes
// it another one before anybody hears of it; nil = nothing to change.
func (s *stand) shopify(n int64, b buyer, at time.Duration, change func(*shopifyfake.Order)) *tale {
	placed := s.start.Add(at)
	o := shopifyfake.NewOrder(s.orders+n, placed)
	o.Name, o.OnlineDomain, o.Locale = "#"+strconv.FormatInt(1000+n, 10), s.Domain, b.locale
	o.In(s.Shop.Currency, s.Shop.Currency, 1, 1)
	o.For(shopifyfake.Customer{FirstName: b.first, LastName: b.last, Email: b.email}, b.country)
	o.ShipTo.Street = s.door(b)
	o.With(s.goods...)
	if change != nil {
		change(o)
	}
	t := &tale{shop: s, key: strconv.FormatInt(o.ID, 10), buyer: b, order: o}
	s.tales = append(s.tales, t)
	return t
}

// door is where a buyer lives: nobody lives with another.
func (s *stand) door(b buyer) string {
	name := b.first + " " + b.last
	if s.doors[name] == "" {
		s.doors[name] = strconv.Itoa(len(s.doors)+1) + " High Street"
	}
	return s.doors[name]
}

// tell has Shopify deliver the order as it is after change.
func (t *tale) tell(topic string, at time.Duration, change func(o *shopifyfake.Order, now time.Time), opts ...shopifyfake.SendOption) *tale {
	return t.on(at, func(p *play) error {
		if change != nil {
			change(t.order, p.now())
		}
		return p.shopify(t.shop, topic, t.order.Body(), accepted, opts...)
	})
}

// again has Shopify deliver what the shop has had before.
func (t *tale) again(topic string, at time.Duration, opts ...shopifyfake.SendOption) *tale {
	return t.on(at, func(p *play) error { return p.shopify(t.shop, topic, t.order.Body(), duplicate, opts...) })
}

// body has Shopify deliver another body than the order's.
func (t *tale) body(topic string, at time.Duration, make func(o *shopifyfake.Order, now time.Time) []byte) *tale {
	return t.on(at, func(p *play) error { return p.shopify(t.shop, topic, make(t.order, p.now()), accepted) })
}

// created is what a shop tells of a new order.
func (t *tale) created(at time.Duration) *tale { return t.tell("orders/create", at, nil) }

// paid is told some time after the order.
func (t *tale) paid(at time.Duration) *tale {
	return t.tell("orders/paid", at, func(o *shopifyfake.Order, now time.Time) { o.Pay(now) })
}

// shipped tells of the parcel twice, as Shopify does: by itself and in the order.
func (t *tale) shipped(at time.Duration) *tale {
	t.body("fulfillments/create", at, func(o *shopifyfake.Order, now time.Time) []byte { return o.Fulfil(now).Body() })
	return t.tell("orders/fulfilled", at, nil)
}

// arrived is the carrier's word.
func (t *tale) arrived(at time.Duration) *tale {
	return t.body("fulfillment_events/create", at, func(o *shopifyfake.Order, now time.Time) []byte {
		return o.Fulfilments[len(o.Fulfilments)-1].Deliver(now)
	})
}

// givenBack tells of money and lines that go back, and of that alone.
func (t *tale) givenBack(at time.Duration, amount func(o *shopifyfake.Order) int64, lines ...shopifyfake.RefundLine) *tale {
	return t.body("refunds/create", at, func(o *shopifyfake.Order, now time.Time) []byte {
		return o.Refund(now, amount(o), lines...).Body()
	})
}

// refunded tells of it twice, as Shopify does: by itself and in the order.
func (t *tale) refunded(at time.Duration, amount func(o *shopifyfake.Order) int64, lines ...shopifyfake.RefundLine) *tale {
	return t.givenBack(at, amount, lines...).tell("orders/updated", at, nil)
}

func everything(o *shopifyfake.Order) int64 { return o.Total() }

// cancelled calls the order off.
func (t *tale) cancelled(at time.Duration) *tale {
	return t.tell("orders/cancelled", at, func(o *shopifyfake.Order, now time.Time) { o.Cancel(now) })
}

// stripe begins a purchase at Stripe. Its events are told with event.
func (s *stand) stripe(n string, b buyer, at time.Duration, change func(*stripefake.Purchase)) *tale {
	p := &stripefake.Purchase{
		N: n, At: s.start.Add(at), Amount: 2400, Currency: "gbp", Email: b.email, Name: b.first + " " + b.last, Locale: b.locale, Country: b.country,
		Items: []stripefake.Item{{Title: "Tea of the month", Quantity: 1, Amount: 2400}},
	}
	if change != nil {
		change(p)
	}
	t := &tale{shop: s, key: p.IntentID(), buyer: b, bought: p}
	s.tales = append(s.tales, t)
	return t
}

// event has Stripe deliver an event about what object makes.
func (t *tale) event(kind string, at time.Duration, object func(p *stripefake.Purchase, now time.Time) stripefake.Object) *tale {
	return t.on(at, func(p *play) error {
		return p.stripe(t.shop, stripefake.Event{Type: kind, Object: object(t.bought, p.now())}, accepted)
	})
}

// checkedOut is a purchase on a page of Stripe: the bare payment is told before the checkout.
func (t *tale) checkedOut(at time.Duration) *tale {
	t.on(at, func(p *play) error {
		p.Stripe.Put(t.shop.Account, t.bought.Charge(0), t.bought.PaymentIntent())
		return nil
	})
	t.event("payment_intent.succeeded", at, func(p *stripefake.Purchase, _ time.Time) stripefake.Object { return p.PaymentIntent() })
	return t.event("checkout.session.completed", at+2*time.Second, func(p *stripefake.Purchase, _ time.Time) stripefake.Object { return p.Session() })
}

// invoiced is a period of a subscription.
func (t *tale) invoiced(at time.Duration, reason string) *tale {
	return t.event("invoice.paid", at, func(p *stripefake.Purchase, _ time.Time) stripefake.Object { return p.Invoice(reason) })
}

// acted is something somebody does at Stripe, which tells all that follows from it.
func (t *tale) acted(at time.Duration, act func(s *stripefake.Server, account string, p *stripefake.Purchase) []stripefake.Event) *tale {
	return t.on(at, func(p *play) error {
		for _, e := range act(p.Stripe, t.shop.Account, t.bought) {
			if err := p.stripe(t.shop, e, accepted); err != nil {
				return err
			}
		}
		return nil
	})
}

// disputed is the customer's objection at the bank, judged the bank's word about it.
func (t *tale) disputed(at time.Duration) *tale {
	return t.acted(at, func(s *stripefake.Server, account string, p *stripefake.Purchase) []stripefake.Event {
		return s.Dispute(account, p.ChargeID(), "dp_"+p.N)
	})
}

func (t *tale) judged(at time.Duration, won bool) *tale {
	return t.acted(at, func(s *stripefake.Server, account string, p *stripefake.Purchase) []stripefake.Event {
		return s.CloseDispute(account, "dp_"+p.N, won)
	})
}

// paidBack gives amount back at Stripe, 0 = all; bounced has the customer's bank refuse it.
func (t *tale) paidBack(at time.Duration, amount int64) *tale {
	return t.acted(at, func(s *stripefake.Server, account string, p *stripefake.Purchase) []stripefake.Event {
		return s.Refund(account, p.ChargeID(), amount, "re_"+p.N)
	})
}

func (t *tale) bounced(at time.Duration) *tale {
	return t.acted(at, func(s *stripefake.Server, account string, p *stripefake.Purchase) []stripefake.Event {
		return s.FailRefund(account, "re_"+p.N)
	})
}

// customer is the account at Shopify that belongs to the purchase alone.
func (t *tale) customer() int64 { return t.order.ID + 6_000_000_000_000 }

// found reports whether o is the tale's purchase.
func (t *tale) found(o *commerce.Order) bool {
	for _, k := range o.Keys {
		if k.ID == t.key {
			return true
		}
	}
	return false
}
