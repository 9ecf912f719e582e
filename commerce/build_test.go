package commerce

import (
	"cmp"
	"time"
)

// noon is when the orders of these tests are placed.
var noon = At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))

// after is a moment some days after noon.
func after(days int) Instant { return noon.Add(time.Duration(days) * 24 * time.Hour) }

// second is a moment some seconds after noon.
func second(n int) Instant { return noon.Add(time.Duration(n) * time.Second) }

var (
	shopifyKey = SourceKey{Shopify, "order", "1001"}
	stripeKey  = SourceKey{Stripe, "payment_intent", "pi_1"}
)

func euros(cents int64) Money { return Money{cents, "EUR"} }

// snapshot is a paid Shopify order of two cups and a pot for 70 euros.
func snapshot(change ...func(*Detail)) OrderChange {
	d := &Detail{
		Platform: Shopify, UpdatedAt: noon, Hash: 1, Name: "#1001", FinancialStatus: "paid", Gateways: []string{"shopify_payments"},
		Total: euros(7000), ShopTotal: euros(7000), CurrentTotal: euros(7000), Country: "DE",
		Lines: []Line{
			{ID: "cup", Title: "Cup", Quantity: 2, Current: 2, Price: euros(1500)},
			{ID: "pot", Title: "Pot", Quantity: 1, Current: 1, Price: euros(4000)},
		},
	}
	for _, f := range change {
		f(d)
	}
	c := OrderChange{Keys: []SourceKey{shopifyKey}, Detail: d, PlacedAt: noon, Payment: Payment{Told: noon}}
	if d.FinancialStatus == "pending" {
		c.Payment = Payment{UnpaidSeen: d.UpdatedAt}
	}
	return c
}

// left says how many of cup and pot the snapshot counts as kept.
func left(cups, pots int64) func(*Detail) {
	return func(d *Detail) { d.Lines[0].Current, d.Lines[1].Current = cups, pots }
}

func asOf(at Instant) func(*Detail) { return func(d *Detail) { d.UpdatedAt, d.Hash = at, uint64(at) } }

func status(word string) func(*Detail) { return func(d *Detail) { d.FinancialStatus = word } }

// onDelivery makes the order one that is paid to the courier.
func onDelivery(d *Detail) {
	d.FinancialStatus, d.Gateways = "pending", []string{"Cash on Delivery (COD)"}
}

var cash = Settings{PayOnDelivery: []string{"Cash on Delivery (COD)"}}

func refund(id string, cents int64, st Status, at Instant, lines ...RefundLine) OrderChange {
	return OrderChange{Keys: []SourceKey{shopifyKey}, Refunds: []Refund{{ID: id, Status: st, Amount: euros(cents), At: at, Lines: lines}}}
}

func cups(n int64) RefundLine { return RefundLine{"cup", n} }
func pots(n int64) RefundLine { return RefundLine{"pot", n} }

func edit(at Instant, lines ...RefundLine) OrderChange {
	return OrderChange{Keys: []SourceKey{shopifyKey}, Edits: []Edit{{ID: "edit", At: at, Removed: lines}}}
}

func parcel(f Fulfilment) OrderChange {
	f.ID = cmp.Or(f.ID, "parcel")
	f.Status = cmp.Or(f.Status, FulfilmentShipped)
	return OrderChange{Keys: []SourceKey{shopifyKey}, Fulfilments: []Fulfilment{f}}
}

func returned(id string, at Instant, lines ...RefundLine) OrderChange {
	return OrderChange{Keys: []SourceKey{shopifyKey}, Returns: []Return{{id, at, lines}}}
}

func dispute(id string, st Status, opened, closed Instant) OrderChange {
	return OrderChange{Keys: []SourceKey{shopifyKey}, Disputes: []Dispute{{ID: id, Status: st, OpenedAt: opened, ClosedAt: closed}}}
}

func charge(cents, refunded int64, at Instant) OrderChange {
	return OrderChange{Keys: []SourceKey{stripeKey}, Charges: []Charge{{"ch_1", euros(cents), refunded, at}}}
}

func stripeRefund(id string, cents int64, st Status, at Instant) OrderChange {
	c := refund(id, cents, st, at)
	c.Keys = []SourceKey{stripeKey}
	return c
}

// merged is what an order knows after these changes, Shopify leading.
func merged(changes ...OrderChange) *Order { return mergedUnder(Shopify, changes...) }

func mergedUnder(leading Platform, changes ...OrderChange) *Order {
	o := &Order{ID: "order"}
	for _, c := range changes {
		o.Merge(c, leading)
	}
	return o
}
