package demo

import (
	"time"

	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
)

// script is the month of the English shop at Shopify.
func (s *stand) script() {
	first := shopifyfake.RefundLine{Line: 0, Quantity: 1}

	// One order told by three topics is one purchase: thanked once, asked once.
	t := s.shopify(1, buyer{"Ada", "Byrne", "ada@example.com", "GB", "en"}, day(0, 2), nil)
	t.created(day(0, 2)).paid(day(0, 2)).tell("orders/updated", day(0, 2), nil)
	t.shipped(day(1, 3)).arrived(day(3, 1)).ends(is(mailed), is(mailed))

	// The same delivery five times; later one line comes back, and the review speaks of the other.
	t = s.shopify(2, buyer{"Ben", "Okafor", "ben@example.com", "GB", "en-GB"}, day(0, 5), nil)
	t.tell("orders/create", day(0, 5), nil, shopifyfake.WebhookID("five-times"))
	for range 4 {
		t.again("orders/create", day(0, 5)+time.Second, shopifyfake.WebhookID("five-times"))
	}
	t.shipped(day(1, 5)).arrived(day(2, 20)).refunded(day(6, 0), func(*shopifyfake.Order) int64 { return 4900 }, first)
	t.ends(is(mailed), is(mailed)).and("refund_care_partial", is(mailed))

	// All of it comes back: thanked before, not asked after, but told that we are there.
	t = s.shopify(3, buyer{"Chloe", "Martin", "chloe@example.com", "FR", "en"}, day(0, 9), nil)
	t.created(day(0, 9)).shipped(day(1, 2)).arrived(day(3, 6))
	t.refunded(day(5, 4), everything, first, shopifyfake.RefundLine{Line: 1, Quantity: 2}).ends(is(mailed), stopsFor(gate.Refunded)).and("refund_care", is(mailed))

	// A bank transfer that never comes, and one that does.
	t = s.shopify(4, buyer{"Dan", "Hughes", "dan@example.com", "GB", "en"}, day(1, 0), func(o *shopifyfake.Order) { o.Unpaid("Bank Deposit") })
	t.created(day(1, 0)).ends(holds(gate.Unpaid), is(notBegun))
	t = s.shopify(5, buyer{"Erin", "Walsh", "erin@example.com", "IE", "en"}, day(1, 1), func(o *shopifyfake.Order) { o.Unpaid("Bank Deposit") })
	t.created(day(1, 1)).paid(day(3, 2)).shipped(day(4, 0)).arrived(day(6, 0)).ends(is(mailed), is(mailed))

	// No purchase at all: the shop tries its checkout, a payment is still looked at, an order is voided.
	t = s.shopify(6, buyer{"Harbour", "Staff", "staff@harbourandpine.example", "GB", "en"}, day(1, 3), func(o *shopifyfake.Order) { o.Test = true })
	t.created(day(1, 3)).ends(stopsFor(gate.TestOrder), is(notBegun))
	t = s.shopify(7, buyer{"Finn", "Larsen", "finn@example.com", "DK", "en"}, day(1, 6), func(o *shopifyfake.Order) { o.Unconfirmed = true })
	t.created(day(1, 6)).ends(holds(gate.Unconfirmed), is(notBegun))
	t = s.shopify(8, buyer{"Gil", "Mendes", "gil@example.com", "PT", "en"}, day(2, 0), func(o *shopifyfake.Order) { o.Unpaid("Bank Deposit") })
	t.created(day(2, 0)).cancelled(day(2, 3)).ends(stopsFor(gate.Cancelled), is(notBegun))

	// A guest has no account, and somebody left a phone number only.
	t = s.shopify(9, buyer{"Hana", "Novak", "hana@example.com", "CZ", "en"}, day(2, 4), func(o *shopifyfake.Order) { o.Guest("hana@example.com") })
	t.created(day(2, 4)).shipped(day(3, 4)).arrived(day(5, 4)).ends(is(mailed), is(mailed))
	t = s.shopify(10, buyer{"Ivo", "Petrov", "", "BG", "en"}, day(2, 6), nil)
	t.created(day(2, 6)).ends(stopsFor(gate.TooLate), is(notBegun))

	// Yen has no decimals; the shop counts in pounds.
	t = s.shopify(11, buyer{"Yuki", "Tanaka", "yuki@example.jp", "JP", "en"}, day(3, 0), func(o *shopifyfake.Order) {
		o.In("JPY", "GBP", 52, 10_000).With(shopifyfake.Line{Title: "Merino scarf", Variant: "Ink blue", Quantity: 1, Price: 9800})
		o.Shipping = 1500
	})
	t.created(day(3, 0)).paid(day(3, 0)).shipped(day(4, 0)).arrived(day(8, 0)).ends(is(mailed), is(mailed))

	// The refund overtakes its order. Once nothing is left, once a line is.
	t = s.shopify(12, buyer{"Jack", "Reid", "jack@example.com", "GB", "en"}, day(4, 0), nil)
	t.givenBack(day(4, 1), everything).created(day(4, 1)+10*time.Minute).ends(stopsFor(gate.Refunded), is(notBegun)).and("refund_care", is(mailed))
	t = s.shopify(13, buyer{"Kate", "Sims", "kate@example.com", "GB", "en"}, day(4, 0), nil)
	t.givenBack(day(4, 1), func(*shopifyfake.Order) int64 { return 4900 }, first).created(day(4, 1) + 10*time.Minute)
	t.shipped(day(5, 0)).arrived(day(7, 0)).ends(is(mailed), is(mailed)).and("refund_care_partial", is(mailed))

	// A line is taken off before the parcel leaves.
	t = s.shopify(14, buyer{"Liam", "Ward", "liam@example.com", "GB", "en"}, day(4, 5), nil)
	t.created(day(4, 5)).body("orders/edited", day(4, 8), func(o *shopifyfake.Order, now time.Time) []byte { return o.Removed(now, 1, 2) })
	t.tell("orders/updated", day(4, 8), nil).shipped(day(5, 5)).arrived(day(7, 5)).ends(is(mailed), is(mailed))

	// Bought before the shop came to us: known, left alone.
	t = s.shopify(15, buyer{"Maya", "Cohen", "maya@example.com", "GB", "en"}, -day(9, 0), nil)
	t.tell("orders/updated", day(5, 0), func(o *shopifyfake.Order, now time.Time) { o.Touch(now) })
	t.ends(stopsFor(gate.Historic), is(notBegun))

	// One click in the mail program stops all but what concerns an order.
	noel := buyer{"Noel", "Brandt", "noel@example.com", "GB", "en"}
	t = s.shopify(16, noel, day(5, 2), nil)
	t.created(day(5, 2)).on(day(5, 4), func(p *play) error { return p.oneClick(s, noel) })
	s.stops[noel.email] = "non_transactional unsubscribed"
	t.shipped(day(6, 0)).arrived(day(8, 0)).ends(is(mailed), stopsFor(gate.Suppressed))

	// Her mail server is busy twice; his knows nobody of that name.
	t = s.shopify(17, buyer{"Grace", "Hall", busyAddress, "GB", "en"}, day(6, 0), nil)
	t.created(day(6, 0)).shipped(day(7, 0)).arrived(day(9, 0)).ends(is(mailed), is(mailed))
	t = s.shopify(18, buyer{"Otto", "Nilsen", goneAddress, "NO", "en"}, day(6, 2), nil)
	t.created(day(6, 2)).ends(stopsFor(gate.DeliveryRefused), is(notBegun))

	// A parcel on its way, one just arrived, and one in a country that wants a yes first.
	t = s.shopify(19, buyer{"Pia", "Rossi", "pia@example.com", "IT", "en"}, day(22, 0), nil)
	t.created(day(22, 0)).shipped(day(23, 0)).arrived(day(24, 12)).ends(is(mailed), is(waiting))
	t = s.shopify(20, buyer{"Ada", "Byrne", "ada@example.com", "GB", "en"}, day(28, 0), func(o *shopifyfake.Order) {
		o.Customer.ID = s.orders + 1 + 6_000_000_000_000 // the same account as her first
	})
	t.created(day(28, 0)).ends(is(mailed), is(notBegun))
	t = s.shopify(21, buyer{"Rosa", "Klein", "rosa@example.com", "DE", "en"}, day(8, 0), nil)
	t.created(day(8, 0)).shipped(day(9, 0)).arrived(day(10, 0)).ends(is(mailed), holds(gate.NoConsent))

	// Somebody knocks who cannot sign, and a shop that we do not know yet.
	s.acts = append(s.acts,
		act{day(7, 1), func(p *play) error {
			return p.shopify(s, "orders/create", s.tales[0].order.Body(), refused, shopifyfake.SignedWith("a guess"))
		}},
		act{day(7, 2), func(p *play) error {
			unknown := &stand{Domain: "stranger.myshopify.com"}
			return p.shopify(unknown, "orders/create", s.tales[0].order.Body(), stranger)
		}},
	)
}
