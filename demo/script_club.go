package demo

import (
	"flywheel/integrations/shopify/shopifyfake"
)

// The net from which an advocate ordered, and from which somebody else orders as well.
const sameNet = "198.51.100.7"

// clubScript is what the English shop's members do with their points, and whom they send.
func (s *stand) clubScript() {
	ada := s.tales[0]
	ada.order.BrowserIP = sameNet

	// Whom she sent and who kept what they bought: she is thanked when it cannot go back any more.
	t := s.shopify(47, buyer{"Esme", "Clarke", "esme@example.com", "GB", "en"}, day(4, 9), s.candle)
	t.sentBy(ada, day(4, 9)).created(day(4, 9)).shipped(day(5, 9)).arrived(day(6, 12)).ends(is(mailed), is(mailed)).and("delivery_check_in", is(mailed))

	// Her points can be spent two weeks after the parcel came, and she spends some.
	ada.on(day(21, 11), func(p *play) error { return p.redeems(s, ada, "off", 4) })
	s.sent["reward_ready"]++

	// A friend whose parcel may still go back; and one who orders from where she did, on whom a person decides.
	t = s.shopify(48, buyer{"Ravi", "Menon", "ravi@example.com", "GB", "en"}, day(19, 9), s.candle)
	t.sentBy(ada, day(19, 9)).created(day(19, 9)).shipped(day(20, 9)).arrived(day(21, 12)).ends(is(mailed), is(waiting)).and("delivery_check_in", is(mailed))
	t = s.shopify(49, buyer{"Will", "Frost", "will@example.com", "GB", "en"}, day(19, 15), func(o *shopifyfake.Order) {
		s.candle(o)
		o.BrowserIP = sameNet
	})
	t.sentBy(ada, day(19, 15)).created(day(19, 15)).shipped(day(20, 9)).arrived(day(21, 12)).ends(is(mailed), is(waiting)).and("delivery_check_in", is(mailed))
	s.sent["delivery_check_in"] += 3
	s.rehearsed["how_to"] += 2
}

// candle makes an order one for candles alone.
func (s *stand) candle(o *shopifyfake.Order) { o.With(s.goods[1]) }

// arabicClubScript is the same of the Arabic shop.
func (s *stand) arabicClubScript() {
	layla := s.tales[0]
	layla.order.BrowserIP = sameNet
	layla.on(day(21, 11), func(p *play) error { return p.redeems(s, layla, "tenth", 1) })
	s.sent["reward_ready"]++

	t := s.shopify(18, buyer{"ندى", "المهيري", "nada@example.ae", "AE", "ar"}, day(19, 9), nil)
	t.sentBy(layla, day(19, 9)).created(day(19, 9)).shipped(day(20, 9)).arrived(day(21, 12)).ends(is(mailed), is(waiting)).and("how_to", is(mailed)).and("delivery_check_in", is(mailed))
	t = s.shopify(19, buyer{"فهد", "الكتبي", "fahad@example.ae", "AE", "ar"}, day(19, 12), func(o *shopifyfake.Order) { o.BrowserIP = sameNet })
	t.sentBy(layla, day(19, 12)).created(day(19, 12)).shipped(day(20, 9)).arrived(day(21, 12)).ends(is(mailed), is(waiting)).and("how_to", is(mailed)).and("delivery_check_in", is(mailed))
	s.sent["how_to"] += 2
	s.sent["delivery_check_in"] += 2
}
