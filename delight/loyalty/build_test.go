package loyalty_test

import (
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

// noon is when the sales of these tests are made.
var noon = commerce.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))

func day(n int) commerce.Instant { return noon.Add(time.Duration(n) * 24 * time.Hour) }

var shop = commerce.Shop{ID: "s", Currency: "EUR", Leading: commerce.Shopify, Settings: commerce.Settings{PayOnDelivery: []string{"Cash on Delivery (COD)"}}}

func euros(cents int64) commerce.Money { return commerce.Money{Amount: cents, Currency: "EUR"} }

// perEuro gives points for each euro.
func perEuro(points int64) loyalty.Rule {
	return loyalty.Rule{ID: "spend", Kind: loyalty.ForSpend, Points: points, Per: 100}
}

// program waits 14 days and gives five points a euro.
func program(change ...func(*loyalty.Program)) loyalty.Program {
	p := loyalty.Program{Version: 1, Rules: []loyalty.Rule{perEuro(5)}, Policy: loyalty.Policy{ReturnDays: 14, Months: 12}}
	for _, f := range change {
		f(&p)
	}
	return p
}

func rules(all ...loyalty.Rule) func(*loyalty.Program) {
	return func(p *loyalty.Program) { p.Rules = all }
}

func floored(p *loyalty.Program) { p.Floor = true }

// told is a paid order of two cups and a pot for 70 euros that came on the first day.
func told(id string, change ...func(*commerce.OrderChange)) commerce.OrderChange {
	c := commerce.OrderChange{
		Keys: []commerce.SourceKey{{Platform: commerce.Shopify, Kind: "order", ID: id}}, PlacedAt: noon, Payment: commerce.Payment{Told: noon},
		Detail: &commerce.Detail{
			Platform: commerce.Shopify, UpdatedAt: noon, Hash: 1, Name: "#" + id, FinancialStatus: "paid", Gateways: []string{"shopify_payments"},
			Total: euros(7000), ShopTotal: euros(7000), SubtotalCurrent: euros(7000), Country: "DE",
			Lines: []commerce.Line{
				{ID: "cup", Title: "Cup", Quantity: 2, Current: 2, Price: euros(1500)},
				{ID: "pot", Title: "Pot", Quantity: 1, Current: 1, Price: euros(4000)},
			},
		},
		Fulfilments:   []commerce.Fulfilment{{ID: "f", Status: commerce.FulfilmentShipped, ShippedAt: noon, AsOf: noon, DeliveredAt: day(1)}},
		FulfilledSeen: noon,
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func detail(f func(*commerce.Detail)) func(*commerce.OrderChange) {
	return func(c *commerce.OrderChange) { f(c.Detail) }
}

// refund is a refund of an order, of some money and lines.
func refund(id string, cents int64, status commerce.Status, on int, lines ...commerce.RefundLine) commerce.OrderChange {
	return commerce.OrderChange{Keys: []commerce.SourceKey{{Platform: commerce.Shopify, Kind: "order", ID: "1"}}, Refunds: []commerce.Refund{
		{ID: id, Status: status, Amount: euros(cents), Lines: lines, At: day(on), Platform: commerce.Shopify},
	}}
}

func dispute(status commerce.Status, on int) commerce.OrderChange {
	d := commerce.Dispute{ID: "d", Status: status, OpenedAt: day(1)}
	if status != commerce.DisputeOpen {
		d.ClosedAt = day(on)
	}
	return commerce.OrderChange{Disputes: []commerce.Dispute{d}}
}

func cups(n int64) commerce.RefundLine { return commerce.RefundLine{Line: "cup", Quantity: n} }
func pots(n int64) commerce.RefundLine { return commerce.RefundLine{Line: "pot", Quantity: n} }

// book is one person's ledger, kept as the store keeps it: rows in the order in which they were posted.
type book struct {
	rows    []loyalty.Row
	orders  map[string]*commerce.Order
	program loyalty.Program
	guest   bool
	tier    int64
	room    map[string]int64
}

func newBook(p loyalty.Program) *book {
	return &book{program: p, orders: map[string]*commerce.Order{}}
}

func (b *book) post(rows []loyalty.Row) {
	for _, r := range rows {
		r.ID = fmt.Sprintf("%06d", len(b.rows))
		b.rows = append(b.rows, r)
	}
}

func (b *book) balance() loyalty.Balance { return loyalty.Replay(b.rows) }

func (b *book) ledger() *loyalty.Ledger {
	return &loyalty.Ledger{Points: b.balance().Points, Policy: b.program.Policy}
}

// hear merges what is told of an order and settles its points.
func (b *book) hear(id string, now commerce.Instant, changes ...commerce.OrderChange) {
	o := b.orders[id]
	if o == nil {
		o = &commerce.Order{ID: commerce.OrderID(id)}
		b.orders[id] = o
	}
	for _, c := range changes {
		o.Merge(c, commerce.Shopify)
		o.Freeze("EUR")
		b.settle(id, now)
	}
}

func (b *book) settle(id string, now commerce.Instant) {
	s := loyalty.SaleOf(b.orders[id], shop, b.program.Counts, b.program.Policy, 1)
	b.post(b.ledger().Settle(s, loyalty.Awards(b.rows), b.program, loyalty.Person{Member: !b.guest, Multiplier: b.tier, Room: b.room}, now))
}

// passes lets time go by: what opens is released, what ends expires.
func (b *book) passes(now commerce.Instant) {
	for id := range b.orders {
		b.settle(id, now)
	}
	b.post(b.balance().Expired(b.program.Policy, now))
}

func (b *book) spend(reward string, cost int64, now commerce.Instant) error {
	r, err := b.balance().Spend(reward, cost, now)
	if err == nil {
		b.post([]loyalty.Row{r})
	}
	return err
}

func (b *book) takeBack(reward string, cost int64, now commerce.Instant) {
	b.post([]loyalty.Row{{Kind: loyalty.Adjust, Cause: loyalty.Cause{Kind: loyalty.OfReward, ID: reward}, Points: cost, At: now}})
}
