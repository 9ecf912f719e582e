// Package timeline puts a person's records into sentences: what happened, what
// was decided and why. The command line and the pages show them; it reads what
// the store gives and decides nothing.
package timeline

import (
	"cmp"
	"maps"
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
	Kind     string // event, decision, effect, enrollment, pass, task, touch
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
	steps  map[place]campaign.StepKind
	known  map[string]campaign.Campaign
}

// NewTeller knows the person's orders and the shop's campaigns by name.
func NewTeller(shop commerce.Shop, orders []*store.StoredOrder, campaigns []campaign.Campaign) *Teller {
	t := &Teller{
		shop: shop, zone: Zone(shop), orders: map[string]*commerce.Order{}, titles: map[string]string{},
		steps: map[place]campaign.StepKind{}, known: map[string]campaign.Campaign{},
	}
	for _, o := range orders {
		t.orders[string(o.ID)] = &o.Order
	}
	for _, c := range campaigns {
		t.titles[string(c.ID)] = titleOf(c, shop)
		t.known[string(c.ID)] = c
		t.learn(string(c.ID), c.Steps)
	}
	alike := map[string]int{}
	for _, title := range t.titles {
		alike[title]++
	}
	for id, title := range t.titles {
		if alike[title] > 1 && title != id {
			t.titles[id] = title + " (" + id + ")"
		}
	}
	return t
}

// titleOf is a campaign's title in English, else in the shop's language, else
// in any; one without has its id.
func titleOf(c campaign.Campaign, shop commerce.Shop) string {
	title := cmp.Or(c.Title["en"], c.Title[shop.Locale], c.Title[templates.Base(shop.Locale)])
	for _, lang := range slices.Sorted(maps.Keys(c.Title)) {
		title = cmp.Or(title, c.Title[lang])
	}
	if title == "" {
		return string(c.ID)
	}
	return templates.Isolate("en", title)
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
	return strings.Trim(reason+" · "+Note(detail), " ·")
}

// Note is an answer of a mail server or a receiver as it may be read; 0 stands
// in it for no code at all.
func Note(detail string) string {
	return strings.TrimPrefix(strings.Join(strings.Fields(detail), " "), "0 ")
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
		kind := commerce.EventKind(e.What)
		if _, custom := kind.Custom(); custom {
			kind = commerce.CustomEvent
		}
		return slices.Index(eventOrder, kind)
	}
	return len(eventOrder) + slices.Index([]string{"touch", "enrollment", "pass", "decision", "effect", "task"}, e.Kind)
}

// eventOrder is how events usually follow each other.
var eventOrder = []commerce.EventKind{
	commerce.CustomerCreated, commerce.ConsentAsked, commerce.OrderPlaced, commerce.SubscriptionPaymentFailed, commerce.OrderPaid,
	commerce.SubscriptionTrialEnding, commerce.SubscriptionChanged, commerce.SubscriptionRenewed,
	commerce.OrderEdited, commerce.OrderFulfilled, commerce.DeliveryDelayed, commerce.DeliveryFailed, commerce.OrderArrived,
	commerce.OrderCancelled, commerce.OrderDeleted, commerce.ReturnProcessed, commerce.RefundMade, commerce.RefundGaveBack,
	commerce.DisputeOpened, commerce.DisputeWonEvent, commerce.DisputeLostEvent, commerce.SubscriptionCancelled,
	commerce.ProductPublished, commerce.CustomEvent,
}

func (t *Teller) line(e store.Entry) Line {
	subject := t.Title(e.Campaign) + t.about(e.Order)
	switch e.Kind {
	case "event":
		return t.event(e)
	case "decision":
		l := Line{Sentence: subject + ". " + answerWords[gate.Answer(e.What)] + ": " + Because(gate.Reason(e.Reason)), Code: Code(e.Reason, e.Detail)}
		if e.Until != 0 {
			l.Sentence += "; until " + t.When(e.Until)
		}
		return l
	case "effect":
		l := Line{Sentence: t.outward(e) + ": " + subject, Code: Code(e.What, e.Detail)}
		if e.What == string(store.Sent) {
			l.Effect = e.Effect
		}
		return l.marked(e.Reason)
	case "pass":
		return Line{Sentence: subject + ". " + t.branch(e), Code: Code(e.Step, e.What)}.marked(e.Reason)
	case "task":
		return Line{Sentence: taskWords[store.TaskState(e.What)] + ": " + templates.Isolate("en", e.Detail), Code: Code(e.What, e.Reason)}
	case "touch":
		return Line{Sentence: "Another tool sent a message: " + templates.Isolate("en", e.Detail), Code: e.What}
	}
	return t.entered(e, subject)
}

// about names the order a line is about; "" where it is about none.
func (t *Teller) about(order string) string {
	if o := t.orders[order]; o != nil {
		return " for order " + templates.Isolate("en", OrderName(o))
	}
	return ""
}

func (t *Teller) entered(e store.Entry, subject string) Line {
	l := Line{Sentence: "Entered " + subject}
	switch {
	case e.What == "ended":
		l.Sentence += ". It has ended since: " + Because(gate.Reason(e.Reason))
		l.Code = e.Reason
	case e.Until >= never:
		l.Sentence += ". It waits for something to happen"
	case e.Until != 0:
		l.Sentence += ". Its next moment is " + t.When(e.Until)
	}
	return l
}

// never is past any moment that a walk waits for: it waits for an event instead.
var never = commerce.At(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))

func (t *Teller) event(e store.Entry) Line {
	l := Line{Code: e.What}
	o := t.orders[e.Order]
	if sentence := ofNoOrder(commerce.EventKind(e.What)); sentence != "" {
		l.Sentence = sentence
		return l.marked(e.Reason)
	}
	if o == nil {
		l.Sentence = cmp.Or(withoutOrder[commerce.EventKind(e.What)], "An order "+happened[commerce.EventKind(e.What)])
		return l.marked(e.Reason)
	}
	l.Sentence = "Order " + templates.Isolate("en", OrderName(o)) + " " + happened[commerce.EventKind(e.What)]
	_, part, _ := strings.Cut(e.Detail, "/")
	if m := o.Refunds[part].Amount; commerce.EventKind(e.What) == commerce.RefundMade && m.Amount != 0 {
		l.Sentence += ": " + t.Money(m)
	}
	return l.marked(e.Reason)
}

// ofNoOrder says what happened where no order is meant; "" else.
func ofNoOrder(kind commerce.EventKind) string {
	if name, custom := kind.Custom(); custom {
		return happened[commerce.CustomEvent] + ": " + templates.Isolate("en", name)
	}
	switch kind {
	case commerce.CustomerCreated, commerce.ConsentAsked, commerce.SubscriptionTrialEnding, commerce.SubscriptionChanged, commerce.SubscriptionCancelled, commerce.ProductPublished:
		return happened[kind]
	}
	return ""
}

// marked adds what must be known to read the line right.
func (l Line) marked(reason string) Line {
	switch reason {
	case "historic":
		l.Sentence += " (before the shop was connected)"
	case "assumed":
		l.Sentence += " (assumed, nobody said so)"
	case "rehearsal":
		l.Sentence += " (a rehearsal, to the team only)"
	}
	return l
}
