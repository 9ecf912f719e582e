package demo

import (
	"time"

	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe/stripefake"
)

// stripeScript is the month of the English shop's tea subscription and payment
// page at Stripe. Stripe tells of no parcels, so arrival is assumed.
func (s *stand) stripeScript() {
	// A subscription: its first invoice is a purchase, the next one a renewal.
	quinn := buyer{"Quinn", "Abbott", "quinn@example.com", "GB", "en"}
	subscribed := func(p *stripefake.Purchase) { p.SubscriptionID, p.Customer = "sub_tea", "cus_quinn" }
	t := s.stripe("tea1", quinn, day(0, 3), subscribed)
	t.invoiced(day(0, 3), "subscription_create").ends(is(mailed), is(mailed))
	t = s.stripe("tea2", quinn, day(29, 3), subscribed)
	t.invoiced(day(29, 3), "subscription_cycle").ends(stopsFor(gate.ConditionNotMet), stopsFor(gate.ConditionNotMet))

	// A payment page; later half goes back, and the rest still counts.
	t = s.stripe("page1", buyer{"Sam", "Doyle", "sam@example.com", "GB", "en"}, day(1, 2), nil)
	t.checkedOut(day(1, 2)).paidBack(day(9, 0), 1200).ends(is(mailed), is(mailed)).and("refund_care_partial", is(mailed))

	// Three customers object at their bank: one loses, one wins, one is not decided.
	t = s.stripe("page2", buyer{"Tom", "Ashby", "tom@example.com", "GB", "en"}, day(2, 2), nil)
	t.checkedOut(day(2, 2)).disputed(day(6, 0)).judged(day(14, 0), true).ends(is(mailed), is(mailed))
	t = s.stripe("page3", buyer{"Uma", "Patel", "uma@example.com", "GB", "en"}, day(2, 5), nil)
	t.checkedOut(day(2, 5)).disputed(day(18, 0)).judged(day(26, 0), false).ends(is(mailed), stopsFor(gate.DisputeLost))
	t = s.stripe("page4", buyer{"Vera", "Quist", "vera@example.com", "SE", "en"}, day(4, 2), nil)
	t.checkedOut(day(4, 2)).disputed(day(20, 0)).ends(is(mailed), holds(gate.DisputeOpen))

	// All of it goes back, and the customer's bank refuses it: the purchase stands after all, and is asked about.
	t = s.stripe("page5", buyer{"Xenia", "Marsh", "xenia@example.com", "GB", "en"}, day(1, 4), nil)
	t.checkedOut(day(1, 4)).paidBack(day(5, 0), 0).bounced(day(9, 0)).ends(is(mailed), is(mailed)).and("refund_care", is(mailed))

	// A trial that ends in three days: she hears of it in time, and pays for her first month.
	yara := buyer{"Yara", "Nolan", "yara@example.com", "GB", "en"}
	t = s.stripe("tea3", yara, day(15, 3), func(p *stripefake.Purchase) { p.SubscriptionID, p.Customer = "sub_trial", "cus_yara" })
	t.event("customer.created", day(8, 3), func(p *stripefake.Purchase, now time.Time) stripefake.Object { return p.CustomerObject() })
	t.event("customer.subscription.trial_will_end", day(12, 3), func(p *stripefake.Purchase, now time.Time) stripefake.Object {
		return p.Subscription(time.Time{}, "").With("status", "trialing", "trial_end", now.Add(day(3, 0)).Unix())
	})
	t.invoiced(day(15, 3), "subscription_cycle").ends(stopsFor(gate.ConditionNotMet), stopsFor(gate.ConditionNotMet))

	// Both platforms tell of one purchase: she is thanked once.
	t = s.shopify(22, buyer{"Wren", "Foster", "wren@example.com", "GB", "en"}, day(10, 0), func(o *shopifyfake.Order) { o.Gateways = []string{"stripe"} })
	t.on(day(10, 0), func(p *play) error {
		twin := stripefake.Purchase{
			N: "twin", At: p.now(), Amount: t.order.Total(), Currency: "gbp", Email: "wren@example.com", Name: "Wren Foster", Country: "GB",
			Metadata: map[string]string{"order_id": t.key},
		}
		return p.stripe(s, stripefake.Event{Type: "payment_intent.succeeded", Object: twin.PaymentIntent()}, accepted)
	})
	t.created(day(10, 0)+time.Minute).shipped(day(11, 0)).arrived(day(13, 0)).ends(is(mailed), is(mailed))

	// Stripe repeats an event it has no answer to, and somebody signs with a wrong secret.
	again := s.tales[21] // the first invoice
	s.acts = append(s.acts,
		act{day(0, 4), func(p *play) error {
			e := stripefake.Event{Type: "invoice.paid", Object: again.bought.Invoice("subscription_create"), Created: s.start.Add(day(0, 3))}
			return p.stripe(s, e, duplicate)
		}},
		act{day(7, 3), func(p *play) error {
			e := stripefake.Event{Type: "invoice.paid", Object: again.bought.Invoice("subscription_create"), Created: p.now(), Account: s.Account}
			status, err := stripefake.Sender{URL: p.URL + "/webhooks/stripe", Secret: "whsec_guess"}.Send(p.ctx, e.Body(), p.now())
			return p.count(s.Shop.Name, e.Type, refused, status, err)
		}},
	)
}
