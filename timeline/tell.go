// Package timeline puts a person's records into sentences: what happened, what
// was decided and why. The command line and the pages show them; it reads what
// the store gives and decides nothing.
package timeline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/templates"
)

// Line is one record in words.
type Line struct {
	At       commerce.Instant
	Kind     string // event, decision, effect, enrollment
	Sentence string
	Code     string // what stands small beside it, for support
	Effect   string // of a mail that went out; "" = none
}

// Teller puts the records of one shop's person into sentences.
type Teller struct {
	shop   commerce.Shop
	zone   *time.Location
	orders map[string]*commerce.Order
	titles map[string]string // of campaigns
}

// NewTeller knows the person's orders and the shop's campaigns by name.
func NewTeller(shop commerce.Shop, orders []*store.StoredOrder, campaigns []campaign.Campaign) *Teller {
	t := &Teller{shop: shop, zone: Zone(shop), orders: map[string]*commerce.Order{}, titles: map[string]string{}}
	for _, o := range orders {
		t.orders[string(o.ID)] = &o.Order
	}
	for _, c := range campaigns {
		t.titles[string(c.ID)] = cmp.Or(c.Title["en"], string(c.ID))
	}
	return t
}

// Zone is a shop's own, UTC where it is not known.
func Zone(s commerce.Shop) *time.Location {
	if zone, err := time.LoadLocation(s.Timezone); err == nil {
		return zone
	}
	return time.UTC
}

// Moment writes an instant as people read it, in a zone.
func Moment(at time.Time, zone *time.Location) string {
	return at.In(zone).Format("Mon 2 Jan 2006, 15:04")
}

// When is Moment in the shop's zone.
func (t *Teller) When(at commerce.Instant) string { return Moment(at.Time(), t.zone) }

// Title is what merchants see of a campaign.
func (t *Teller) Title(id string) string { return cmp.Or(t.titles[id], id) }

// Money writes an amount.
func (t *Teller) Money(m commerce.Money) string {
	return templates.Money("en", t.shop.Country, m.Amount, m.Currency, commerce.Exponent(m.Currency))
}

// OrderName is what people call an order: its name, else the id of its payment
// or another that the platform knows it by.
func OrderName(o *commerce.Order) string {
	name := cmp.Or(o.Detail.Name, o.Keys[0].ID)
	for _, k := range o.Keys {
		if o.Detail.Name == "" && k.Kind == "payment_intent" {
			name = k.ID
		}
	}
	return name
}

// Lines tells what happened, oldest first, causes before what followed.
func (t *Teller) Lines(records []store.Entry) []Line {
	records = once(records)
	slices.SortStableFunc(records, func(a, b store.Entry) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(rank(a), rank(b)))
	})
	out := make([]Line, len(records))
	for i, e := range records {
		out[i] = t.line(e)
		out[i].At, out[i].Kind = e.At, e.Kind
	}
	return out
}

// Code is what stands small beside a sentence, for support.
func Code(reason, detail string) string {
	return strings.Trim(reason+" · "+detail, " ·")
}

// once leaves out what was decided on entering where the step said the same.
func once(timeline []store.Entry) (out []store.Entry) {
	type said struct{ playbook, order, reason string }
	atStep := map[said]bool{}
	for _, e := range timeline {
		if e.Kind == "decision" && e.Step != "" {
			atStep[said{e.Campaign, e.Order, e.Reason}] = true
		}
	}
	for _, e := range timeline {
		if e.Kind != "decision" || e.Step != "" || !atStep[said{e.Campaign, e.Order, e.Reason}] {
			out = append(out, e)
		}
	}
	return out
}

// rank orders what happened at one instant: causes first, then what followed.
func rank(e store.Entry) int {
	if e.Kind == "event" {
		return slices.Index(eventOrder, commerce.EventKind(e.What))
	}
	return len(eventOrder) + slices.Index([]string{"enrollment", "decision", "effect"}, e.Kind)
}

// eventOrder is how events usually follow each other.
var eventOrder = []commerce.EventKind{
	commerce.OrderPlaced, commerce.OrderPaid, commerce.OrderFulfilled, commerce.OrderArrived, commerce.OrderCancelled,
	commerce.OrderDeleted, commerce.RefundMade, commerce.RefundGaveBack, commerce.DisputeOpened, commerce.DisputeClosed,
}

func (t *Teller) line(e store.Entry) Line {
	playbook := t.Title(e.Campaign)
	about := ""
	if o := t.orders[e.Order]; o != nil {
		about = " for order " + templates.Isolate("en", OrderName(o))
	}
	switch e.Kind {
	case "event":
		return t.event(e)
	case "decision":
		l := Line{Sentence: playbook + about + ". " + answerWords[gate.Answer(e.What)] + ": " + Because(gate.Reason(e.Reason)), Code: Code(e.Reason, e.Detail)}
		if e.Until != 0 {
			l.Sentence += "; until " + t.When(e.Until)
		}
		return l
	case "effect":
		l := Line{Sentence: effectWords[store.EffectState(e.What)] + ": " + playbook + about, Code: Code(e.What, e.Detail)}
		if e.What == string(store.Sent) {
			l.Effect = e.Effect
		}
		return l
	}
	l := Line{Sentence: "Entered " + playbook + about}
	switch {
	case e.What == "ended":
		l.Sentence += ". It has ended since: " + Because(gate.Reason(e.Reason))
		l.Code = e.Reason
	case e.Until != 0:
		l.Sentence += ". Its next moment is " + t.When(e.Until)
	}
	return l
}

func (t *Teller) event(e store.Entry) Line {
	l := Line{Code: e.What}
	o := t.orders[e.Order]
	if o == nil {
		l.Sentence = "An order " + happened[commerce.EventKind(e.What)]
		return l
	}
	l.Sentence = "Order " + templates.Isolate("en", OrderName(o)) + " " + happened[commerce.EventKind(e.What)]
	_, part, _ := strings.Cut(e.Detail, "/")
	switch commerce.EventKind(e.What) {
	case commerce.RefundMade:
		if m := o.Refunds[part].Amount; m.Amount != 0 {
			l.Sentence += ": " + t.Money(m)
		}
	case commerce.DisputeClosed:
		l.Sentence += map[commerce.Status]string{commerce.DisputeWon: ", for the shop", commerce.DisputeLost: ", for the customer"}[o.Disputes[part].Status]
	}
	switch e.Reason {
	case "historic":
		l.Sentence += " (before the shop was connected)"
	case "assumed":
		l.Sentence += " (assumed, nobody said so)"
	}
	return l
}
