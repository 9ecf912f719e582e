package demo

import (
	"time"

	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
)

// arabicScript is the month of the Arabic shop, where most parcels are paid at
// the door and Saudi buyers are asked nothing before they agreed to be.
func (s *stand) arabicScript() {
	cod := func(o *shopifyfake.Order) { o.Unpaid(courier) }

	// Placed is sold: thanked at once, paid at the door, asked since she agreed at the checkout.
	t := s.shopify(1, buyer{"ليلى", "الحربي", "layla@example.sa", "SA", "ar"}, day(0, 4), func(o *shopifyfake.Order) {
		o.Unpaid(courier).AcceptsMarketing = true
	})
	t.created(day(0, 4)).shipped(day(1, 4)).arrived(day(3, 4)).paid(day(3, 5)).ends(is(mailed), is(mailed))

	// He never agreed: held, until the message would be of no use any more.
	t = s.shopify(2, buyer{"عمر", "القحطاني", "omar@example.sa", "SA", "ar"}, day(1, 4), cod)
	t.created(day(1, 4)).shipped(day(2, 4)).arrived(day(4, 4)).paid(day(4, 4)).ends(is(mailed), holds(gate.NoConsent))
	t = s.shopify(3, buyer{"فيصل", "العتيبي", "faisal@example.sa", "SA", "ar"}, day(0, 1), cod)
	t.created(day(0, 1)).shipped(day(0, 6)).arrived(day(1, 0)).paid(day(1, 0)).ends(is(mailed), stopsFor(gate.TooLate))

	// She agrees a week after the question was due, and gets it then.
	t = s.shopify(4, buyer{"هدى", "الزهراني", "huda@example.sa", "SA", "ar"}, day(1, 8), cod)
	t.created(day(1, 8)).shipped(day(2, 8)).arrived(day(4, 0)).paid(day(4, 0))
	t.body("customers_email_marketing_consent/update", day(24, 0), func(o *shopifyfake.Order, now time.Time) []byte {
		return shopifyfake.CustomerConsent(o.ID+6_000_000_000_000, o.Customer.Email, "subscribed", "single_opt_in", now)
	}).ends(is(mailed), is(mailed))

	// Nobody takes the parcel; the shop calls an order off; one goes back to the shelf whole.
	t = s.shopify(5, buyer{"سارة", "الشمري", "sara@example.sa", "SA", "ar"}, day(2, 4), cod)
	t.created(day(2, 4)).shipped(day(3, 4)).body("fulfillment_events/create", day(6, 4), func(o *shopifyfake.Order, now time.Time) []byte {
		return o.Fulfilments[0].Fail(now)
	}).ends(is(mailed), stopsFor(gate.ParcelRefused))
	t = s.shopify(6, buyer{"بدر", "المطيري", "badr@example.sa", "SA", "ar"}, day(2, 6), cod)
	t.created(day(2, 6)).cancelled(day(2, 9)).ends(is(mailed), is(notBegun)).and("cancel_care", is(mailed))
	t = s.shopify(7, buyer{"ريم", "السبيعي", "reem@example.sa", "SA", "ar"}, day(3, 6), cod)
	t.created(day(3, 6)).shipped(day(4, 6)).refunded(day(8, 0), func(*shopifyfake.Order) int64 { return 0 },
		shopifyfake.RefundLine{Line: 0, Quantity: 2}, shopifyfake.RefundLine{Line: 1, Quantity: 1}).ends(is(mailed), stopsFor(gate.ParcelRefused)).and("refund_care", is(mailed))

	// Neighbours: the Emirates, Kuwait with three decimals, Egypt.
	t = s.shopify(8, buyer{"خالد", "المنصوري", "khalid@example.ae", "AE", "ar"}, day(3, 0), func(o *shopifyfake.Order) { o.In("AED", "SAR", 102, 100) })
	t.created(day(3, 0)).paid(day(3, 0)).shipped(day(4, 0)).arrived(day(6, 0)).ends(is(mailed), is(mailed))
	t = s.shopify(9, buyer{"نورة", "الصباح", "noura@example.kw", "KW", "ar"}, day(4, 1), func(o *shopifyfake.Order) {
		o.In("KWD", "SAR", 122, 10).With(shopifyfake.Line{Title: "عسل سدر", Variant: "نصف كيلوغرام", Quantity: 1, Price: 18_750})
		o.Shipping = 2_500
	})
	t.created(day(4, 1)).paid(day(4, 1)).shipped(day(5, 1)).arrived(day(8, 1)).ends(is(mailed), is(mailed))
	t = s.shopify(10, buyer{"محمود", "حسن", "mahmoud@example.eg", "EG", "ar-EG"}, day(5, 1), func(o *shopifyfake.Order) { o.In("EGP", "SAR", 77, 1000) })
	t.created(day(5, 1)).shipped(day(6, 1)).arrived(day(10, 1)).ends(is(mailed), is(mailed))

	// Two who read another language, each in their own.
	t = s.shopify(11, buyer{"James", "Carter", "james@example.ae", "AE", "en"}, day(6, 1), func(o *shopifyfake.Order) { o.In("AED", "SAR", 102, 100) })
	t.created(day(6, 1)).shipped(day(7, 1)).arrived(day(9, 1)).ends(is(mailed), is(mailed))
	t = s.shopify(12, buyer{"پریسا", "احمدی", "parisa@example.ae", "AE", "fa"}, day(6, 3), func(o *shopifyfake.Order) { o.In("AED", "SAR", 102, 100) })
	t.created(day(6, 3)).shipped(day(7, 3)).arrived(day(9, 3)).ends(is(mailed), is(mailed))

	// A big order in Kuwait: thanked by mail, and by a call.
	t = s.shopify(15, buyer{"عبدالله", "العجمي", "abdullah@example.kw", "KW", "ar"}, day(11, 7), func(o *shopifyfake.Order) {
		o.In("KWD", "SAR", 122, 10).With(shopifyfake.Line{Title: "طقم قهوة نحاسي", Variant: "لاثني عشر ضيفًا", Quantity: 1, Price: 96_500})
		o.Customer.Phone, o.ShipTo.Phone = "+96522250199", "+96522250199"
	})
	t.created(day(11, 7)).shipped(day(12, 7)).arrived(day(14, 9)).ends(is(mailed), is(mailed))
	t.and("big_order_call", is(mailed)).takes("big_order_call", "first_order", "then")

	// She asks to be forgotten between the two mails.
	t = s.shopify(13, buyer{"أمل", "الدوسري", "amal@example.ae", "AE", "ar"}, day(7, 1), nil)
	t.created(day(7, 1)).shipped(day(8, 1)).arrived(day(10, 1))
	t.body("customers/redact", day(15, 1), func(o *shopifyfake.Order, _ time.Time) []byte {
		return shopifyfake.RedactCustomer(s.Domain, o.ID+6_000_000_000_000, o.Customer.Email, o.ID)
	}).ends(is(mailed), stopsFor(gate.Erased))

	// The newest order waits for its courier.
	t = s.shopify(14, buyer{"ليلى", "الحربي", "layla@example.sa", "SA", "ar"}, day(29, 20), func(o *shopifyfake.Order) {
		o.Unpaid(courier).Customer.ID = s.orders + 1 + 6_000_000_000_000
	})
	t.created(day(29, 20)).ends(is(mailed), is(notBegun))

	s.acts = append(s.acts, act{day(9, 1), func(p *play) error {
		return p.shopify(s, "orders/create", s.tales[0].order.Body(), refused, shopifyfake.Header("X-Shopify-Hmac-Sha256", ""))
	}})
}
