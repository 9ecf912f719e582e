package campaign

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

var noon = commerce.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))

func after(days int) commerce.Instant { return noon.Add(time.Duration(days) * day) }

var key = []commerce.SourceKey{{Platform: commerce.Shopify, Kind: "order", ID: "1"}}

const courier = "Cash on Delivery (COD)"

// shop has been connected for ten days when an order is placed at noon.
var shop = commerce.Shop{
	Settings:  commerce.Settings{PayOnDelivery: []string{courier}},
	Installed: map[commerce.Platform]commerce.Instant{commerce.Shopify: after(-10), commerce.Stripe: after(-10)},
}

// described is a snapshot of an order of two cups for 30 euros.
func described(change ...func(*commerce.Detail)) commerce.OrderChange {
	total := commerce.Money{Amount: 3000, Currency: "EUR"}
	d := &commerce.Detail{
		Platform: commerce.Shopify, UpdatedAt: noon, FinancialStatus: "paid", Total: total, ShopTotal: total, CurrentTotal: total,
		Country: "DE", Lines: []commerce.Line{{ID: "cup", Product: "p1", Title: "Cup", Quantity: 2, Current: 2}},
	}
	for _, f := range change {
		f(d)
	}
	return commerce.OrderChange{Keys: key, Detail: d, PlacedAt: noon}
}

func onDelivery(d *commerce.Detail) {
	d.FinancialStatus, d.Gateways = "pending", []string{courier}
}

func paid(at commerce.Instant) commerce.OrderChange {
	return commerce.OrderChange{Payment: commerce.Payment{Told: at}}
}

func shipped(at commerce.Instant) commerce.OrderChange {
	c := parcel(commerce.Fulfilment{Status: commerce.FulfilmentShipped, ShippedAt: at})
	c.FulfilledSeen = at
	return c
}

func delivered(at commerce.Instant) commerce.OrderChange {
	return parcel(commerce.Fulfilment{Status: commerce.FulfilmentShipped, DeliveredAt: at})
}

func parcel(f commerce.Fulfilment) commerce.OrderChange {
	f.ID = "parcel"
	return commerce.OrderChange{Fulfilments: []commerce.Fulfilment{f}}
}

func refunded(cents int64, status commerce.Status) commerce.OrderChange {
	return commerce.OrderChange{Refunds: []commerce.Refund{{
		ID: "r", Status: status, Amount: commerce.Money{Amount: cents, Currency: "EUR"}, At: after(1),
	}}}
}

func disputed(status commerce.Status) commerce.OrderChange {
	return commerce.OrderChange{Disputes: []commerce.Dispute{{ID: "d", Status: status, OpenedAt: after(1)}}}
}

func order(changes ...commerce.OrderChange) *commerce.Order {
	o := &commerce.Order{ID: "one"}
	for _, c := range changes {
		c.Keys = key
		o.Merge(c, commerce.Shopify)
	}
	return o
}

// live is a campaign that went live with the connection and has one mail.
func live(trigger TriggerKind, change ...func(*Campaign)) Campaign {
	c := Campaign{
		ID: "thanks", State: Live, LiveAt: after(-10), Version: 1,
		Definition: Definition{
			Name: "thanks", Class: gate.Transactional, Topic: "orders", Trigger: Trigger{Kind: trigger},
			Steps: []Step{mail("ask", 3)},
		},
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

// facts are what is known of an order and its person, whose only one it is.
func facts(o *commerce.Order, change ...func(*Facts)) Facts {
	f := Facts{Shop: shop, Person: commerce.Person{ID: "ada", Country: "DE"}, Order: o}
	if o != nil {
		f.History = historyOf(o)
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func historyOf(orders ...*commerce.Order) (h commerce.History) {
	for _, o := range orders {
		h = append(h, commerce.PurchaseOf(o, shop))
	}
	commerce.SortHistory(h)
	return h
}

// told asks a campaign for every event of the facts' order that it reads, as a
// change of the order does: the last entry, else the first refusal.
func told(c Campaign, f Facts, judge func() gate.Decision) (v Verdict) {
	for _, e := range f.Order.Events(f.Shop) {
		if len(NewIndex([]Campaign{c}).For(e.Kind, e.Name)) == 0 {
			continue
		}
		if next := Enroll(c, e, f, judge); next.Entry != nil || v.Entry == nil && v.Refusal.Reason == "" {
			v = next
		}
	}
	return v
}

// flow is a definition made ready; it must be sound.
func flow(t require.TestingT, d Definition) *Flow {
	f, err := NewFlow(d)
	require.NoError(t, err)
	return f
}

// walkAt walks from a position at a moment; the enrollment is that of the order.
func walkAt(p Position, f Facts, now commerce.Instant) Walk {
	e := Enrollment{ID: "e", Campaign: "walk", Person: f.Person.ID, Position: p}
	if f.Order != nil {
		e.Order, e.Cause = f.Order.ID, "order_paid|"+string(f.Order.ID)
	}
	return Walk{Enrollment: e, Facts: f, Now: now}
}

// next walks a definition from a position of an order's enrollment, at noon.
func next(t require.TestingT, d Definition, p Position, o *commerce.Order) Next {
	w := walkAt(p, facts(o), noon)
	w.Enrollment.Anchor = p.Anchor
	return flow(t, d).Next(w)
}

func mail(id string, usefulDays int) Step {
	return Step{
		ID: id, Kind: SendEmail, Useful: Duration(time.Duration(usefulDays) * day),
		Email: map[string]Email{"en": {Subject: "Hello", Body: []string{"There."}}},
	}
}

func wait(id string, days int) Step {
	return Step{ID: id, Kind: Wait, For: Duration(time.Duration(days) * day)}
}

// playbook is one that goes out with the program.
func playbook(t testing.TB, name string) Definition {
	t.Helper()
	data, err := os.ReadFile("../../templates/playbooks/" + name + ".yaml")
	require.NoError(t, err)
	d, err := Parse(data)
	require.NoError(t, err)
	return d
}
