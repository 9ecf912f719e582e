package demo

import (
	"time"

	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe/stripefake"
)

// careScript shows the English shop's other campaigns: branches that wait for
// something, caps, quiet hours, a call, a webhook, and who is left alone.
func (s *stand) careScript() {
	s.comesBack()
	s.staysAway()
	s.askedTooOften()
	s.leftAlone()

	// A delivery that comes at night in Tokyo: what is asked five days later waits for the morning there.
	t := s.shopify(40, buyer{"Haruka", "Sato", "haruka@example.jp", "JP", "en"}, day(2, 0), nil)
	t.created(day(2, 0)).shipped(day(3, 0)).arrived(day(6, 14)).ends(is(mailed), is(mailed)).and("delivery_check_in", is(mailed))

	// A scarf with a hole: her answer to the check-in reaches the team. Haruka above said nothing.
	t.takes("delivery_check_in", "a_problem", "else")
	t = s.shopify(43, buyer{"Beth", "Nolan", "beth@example.com", "IE", "en"}, day(5, 10), nil)
	t.created(day(5, 10)).shipped(day(6, 10)).arrived(day(8, 12))
	t.on(day(14, 15), func(p *play) error { return p.reports(s, "beth@example.com") })
	t.ends(is(mailed), is(mailed)).and("delivery_check_in", is(mailed)).takes("delivery_check_in", "a_problem", "then")

	// A big first order: the warehouse's system is told, and somebody calls.
	t = s.shopify(41, buyer{"Petra", "Olsson", "petra@example.com", "GB", "en"}, day(6, 10), func(o *shopifyfake.Order) {
		o.Customer.Phone, o.ShipTo.Phone = "+441326550199", "+441326550199"
		o.With(shopifyfake.Line{Title: "Oak rocking chair", Variant: "Oiled", SKU: "CHAIR-OAK", Quantity: 1, Price: 64_000})
	})
	t.created(day(6, 10)).shipped(day(8, 10)).arrived(day(10, 12)).ends(is(mailed), is(mailed))
	t.and("big_order_call", is(mailed)).takes("big_order_call", "first_order", "then").and("packing_note", is(mailed)).and("care_tips", stopsFor(gate.ConditionNotMet))

	// A parcel that comes late: said before she has to ask.
	t = s.shopify(42, buyer{"Signe", "Dahl", "signe@example.com", "DK", "en"}, day(11, 9), nil)
	t.created(day(11, 9)).shipped(day(12, 9)).body("fulfillment_events/create", day(15, 9), func(o *shopifyfake.Order, now time.Time) []byte {
		return o.Fulfilments[0].Delay(now)
	}).arrived(day(18, 12)).ends(is(mailed), is(waiting)).and("delivery_delayed", is(mailed))

	// A subscription's payment fails, and comes two days after we wrote.
	t = s.stripe("tea9", buyer{"Rhys", "Morgan", "rhys@example.com", "GB", "en"}, day(12, 10), func(p *stripefake.Purchase) {
		p.SubscriptionID, p.Customer = "sub_rhys", "cus_rhys"
	})
	t.event("invoice.payment_failed", day(12, 10), func(p *stripefake.Purchase, _ time.Time) stripefake.Object {
		return p.FailedInvoice("subscription_cycle", 1)
	})
	t.on(day(14, 10), func(p *play) error {
		t.bought.At = p.now()
		return nil
	}).invoiced(day(14, 10), "subscription_cycle").ends(stopsFor(gate.ConditionNotMet), stopsFor(gate.ConditionNotMet))
	t.and("payment_failed", is(mailed))

	s.rehearses("how_to", day(20, 0))
}

// comesBack is somebody who buys every twelve days, stays away, and orders again
// a week after we asked whether all is well.
func (s *stand) comesBack() {
	iris := buyer{"Iris", "Moreau", "iris@example.com", "GB", "en"}
	same := func(o *shopifyfake.Order) {
		o.AcceptsMarketing, o.Customer.ID = true, s.orders+23+6_000_000_000_000
	}
	var last *tale
	for i, days := range []int{-47, -35, -23, -11} {
		last = s.shopify(23+int64(i), iris, day(days, 12), same)
		last.tell("orders/updated", day(1, 0), func(o *shopifyfake.Order, now time.Time) { o.Touch(now) })
		last.ends(stopsFor(gate.Historic), is(notBegun))
	}
	last.and("win_back", is(mailed))
	t := s.shopify(27, iris, day(14, 10), same)
	t.created(day(14, 10)).shipped(day(15, 10)).arrived(day(17, 12)).ends(is(mailed), is(waiting)).and("win_back", is(waiting))
}

// staysAway is somebody whose last order is four months old, and who does not answer.
func (s *stand) staysAway() {
	t := s.shopify(28, buyer{"Joel", "Price", "joel@example.com", "GB", "en"}, day(-112, 12), func(o *shopifyfake.Order) { o.AcceptsMarketing = true })
	t.tell("orders/updated", day(1, 1), func(o *shopifyfake.Order, now time.Time) { o.Touch(now) })
	t.ends(stopsFor(gate.Historic), is(notBegun)).and("win_back", is(mailed)).takes("win_back", "after_help", "else")
}

// askedTooOften are two whom the newsletter tool has written to. Two asks are
// due at one minute and there is room for one: the check-in goes, the tips give
// way. Lena's fit in later, Milo's would come too late to be of use.
func (s *stand) askedTooOften() {
	const sale = "Scarves of the season"
	lena := s.shopify(29, buyer{"Lena", "Fischer", "lena@example.com", "GB", "en"}, day(7, 12), nil)
	lena.created(day(7, 12)).shipped(day(8, 12)).arrived(day(10, 12))
	lena.on(day(12, 12), func(p *play) error { return p.touch(s, "lena@example.com", "marketing", sale) })
	lena.ends(is(mailed), is(mailed)).and("delivery_check_in", is(mailed)).and("care_tips", is(mailed))

	milo := s.shopify(30, buyer{"Milo", "Evans", "milo@example.com", "GB", "en"}, day(7, 13), nil)
	milo.created(day(7, 13)).shipped(day(8, 12)).arrived(day(10, 12))
	milo.on(day(14, 12), func(p *play) error { return p.touch(s, "milo@example.com", "marketing", sale) })
	milo.ends(is(mailed), is(mailed)).and("delivery_check_in", is(mailed)).and("care_tips", stopsFor(gate.TooLate))
}

// leftAlone are orders that nobody is asked about, nor thanked for.
func (s *stand) leftAlone() {
	t := s.shopify(31, buyer{"Olaf", "Berg", "k3v9q2w7x1@marketplace.amazon.com", "GB", "en"}, day(3, 10), func(o *shopifyfake.Order) { o.Amazon() })
	t.created(day(3, 10)).shipped(day(4, 10)).arrived(day(6, 10)).ends(stopsFor(gate.Marketplace), stopsFor(gate.Marketplace))
	t = s.shopify(32, buyer{"Paula", "Reyes", "paula@example.com", "ES", "en"}, day(3, 11), func(o *shopifyfake.Order) { o.B2B(77) })
	t.created(day(3, 11)).ends(stopsFor(gate.BusinessOrder), is(notBegun))
	t = s.shopify(33, buyer{"Theo", "Vidal", "theo@example.com", "FR", "en"}, day(3, 12), func(o *shopifyfake.Order) { o.Gift("For Anna") })
	t.created(day(3, 12)).shipped(day(4, 12)).arrived(day(6, 12)).ends(is(mailed), stopsFor(gate.GiftOrder))
}
