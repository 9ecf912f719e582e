// Package timeline puts a person's records into sentences: what happened, what
// was decided and why. The command line shows them in English, the pages in their
// reader's language; it reads what the store gives and decides nothing.
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
	Kind     string // event, points, decision, effect, enrollment, pass, task, touch, act, consent, stop
	Sentence string
	Code     string // what stands small beside it, for support
	Effect   string // of a mail that went out; "" = none
	Of       store.Entry
}

// Teller puts the records of one shop's person into sentences.
type Teller struct {
	lang   string
	cli    bool // what to do is said by commands
	shop   commerce.Shop
	zone   *time.Location
	orders map[string]*commerce.Order
	titles map[string]string // of campaigns
	steps  map[place]campaign.StepKind
	known  map[string]campaign.Campaign
}

// NewTeller knows the person's orders and the shop's campaigns by name. It speaks
// English, to whoever reads the command line.
func NewTeller(shop commerce.Shop, orders []*store.StoredOrder, campaigns []campaign.Campaign) *Teller {
	return newTeller("en", true, shop, orders, campaigns)
}

// NewTellerIn speaks the best language for lang, to whoever reads the pages.
func NewTellerIn(lang string, shop commerce.Shop, orders []*store.StoredOrder, campaigns []campaign.Campaign) *Teller {
	return newTeller(templates.Language(lang), false, shop, orders, campaigns)
}

func newTeller(lang string, cli bool, shop commerce.Shop, orders []*store.StoredOrder, campaigns []campaign.Campaign) *Teller {
	t := &Teller{
		lang: lang, cli: cli, shop: shop, zone: Zone(shop), orders: map[string]*commerce.Order{}, titles: map[string]string{},
		steps: map[place]campaign.StepKind{}, known: map[string]campaign.Campaign{},
	}
	for _, o := range orders {
		t.orders[string(o.ID)] = &o.Order
	}
	for _, c := range campaigns {
		t.titles[string(c.ID)] = t.titleOf(c)
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

// titleOf is a campaign's title in the reader's language, else in English, else
// in the shop's, else in any; one without has its id.
func (t *Teller) titleOf(c campaign.Campaign) string {
	title := cmp.Or(c.Title[t.lang], c.Title["en"], c.Title[t.shop.Locale], c.Title[templates.Base(t.shop.Locale)])
	for _, lang := range slices.Sorted(maps.Keys(c.Title)) {
		title = cmp.Or(title, c.Title[lang])
	}
	if title == "" {
		return string(c.ID)
	}
	return templates.Isolate(t.lang, title)
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

// When is a moment in the shop's zone, as the reader writes it.
func (t *Teller) When(at commerce.Instant) string {
	if t.lang == "en" {
		return Moment(at.Time(), t.zone)
	}
	style := templates.Style{Lang: t.lang, Country: t.shop.Country, Zone: t.zone}
	return templates.Isolated(style.Date(at.Time(), "%A %-d %B %Y") + templates.Say(t.lang, "timeline_comma", nil) + style.Date(at.Time(), "time"))
}

// Day is a day in the shop's zone, as the reader writes it.
func (t *Teller) Day(at commerce.Instant) string {
	return templates.Style{Lang: t.lang, Country: t.shop.Country, Zone: t.zone}.Date(at.Time(), "full")
}

// say fills one of the package's sentences.
func (t *Teller) say(key string, pairs ...string) string {
	data := make(map[string]string, len(pairs)/2)
	for i := 1; i < len(pairs); i += 2 {
		data[pairs[i-1]] = pairs[i]
	}
	return templates.Say(t.lang, "timeline_"+key, data)
}

// reason says why, in words.
func (t *Teller) reason(r string) string { return templates.Because(t.lang, r) }

// Title is what merchants see of a campaign.
func (t *Teller) Title(id string) string { return cmp.Or(t.titles[id], id) }

// Money writes an amount.
func (t *Teller) Money(m commerce.Money) string {
	return templates.IsolateLTR(t.lang, templates.Money(t.lang, t.shop.Country, m.Amount, m.Currency, commerce.Exponent(m.Currency)))
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
		out[i].At, out[i].Kind, out[i].Of = e.At, e.Kind, e
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
	return len(eventOrder) + slices.Index([]string{"points", "consent", "stop", "touch", "enrollment", "pass", "decision", "effect", "act", "task"}, e.Kind)
}

// eventOrder is how events usually follow each other.
var eventOrder = []commerce.EventKind{
	commerce.CustomerCreated, commerce.ConsentAsked, commerce.OrderPlaced, commerce.SubscriptionPaymentFailed, commerce.OrderPaid,
	commerce.SubscriptionTrialEnding, commerce.SubscriptionChanged, commerce.SubscriptionRenewed,
	commerce.OrderEdited, commerce.OrderFulfilled, commerce.DeliveryDelayed, commerce.DeliveryFailed, commerce.OrderArrived,
	commerce.OrderCancelled, commerce.OrderDeleted, commerce.ReturnProcessed, commerce.RefundMade, commerce.RefundGaveBack,
	commerce.DisputeOpened, commerce.DisputeWonEvent, commerce.DisputeLostEvent, commerce.SubscriptionCancelled,
	commerce.ProductPublished,
	commerce.MemberJoined, commerce.PointsEarned, commerce.PointsReleased, commerce.PointsExpiring, commerce.TierReached, commerce.TierEnding, commerce.TierLost,
	commerce.RewardReady, commerce.RewardExpiring, commerce.BirthdayCame, commerce.FriendBought, commerce.ReferralPaid,
	commerce.CustomEvent,
}

func (t *Teller) line(e store.Entry) Line {
	subject := t.subject(e.Campaign, e.Order)
	switch e.Kind {
	case "event":
		if commerce.EventKind(e.What).Ours() {
			return t.marked(t.ours(e), e.Reason)
		}
		return t.event(e)
	case "points":
		return t.points(e)
	case "decision":
		return t.decision(e, subject)
	case "effect":
		l := Line{Sentence: t.say("effect", "Outward", t.outward(e), "Subject", subject), Code: Code(e.What, e.Detail)}
		if e.What == string(store.Sent) {
			l.Effect = e.Effect
		}
		return t.marked(l, e.Reason)
	case "pass":
		return t.marked(Line{Sentence: t.say("pass", "Subject", subject, "Branch", t.branch(e)), Code: Code(e.Step, e.What)}, e.Reason)
	case "task":
		return Line{Sentence: t.say("task_"+e.What, "Title", templates.Isolate(t.lang, e.Detail)), Code: Code(e.What, e.Reason)}
	case "act":
		return t.act(e, subject)
	case "touch":
		return Line{Sentence: t.say("touch", "Tool", templates.Isolate(t.lang, e.Detail)), Code: e.What}
	case "consent":
		return Line{Sentence: t.say("consent_"+e.What, "Class", t.named("class_", e.Reason), "Source", templates.Isolate(t.lang, e.Detail)), Code: Code(e.What, e.Reason)}
	case "stop":
		return t.stop(e)
	}
	return t.entered(e, subject)
}

func (t *Teller) decision(e store.Entry, subject string) Line {
	key, pairs := "decision", []string{"Subject", subject, "Answer", t.say("answer_" + e.What), "Why", t.reason(e.Reason)}
	if e.Until != 0 {
		key, pairs = "decision_until", append(pairs, "When", t.When(e.Until))
	}
	return Line{Sentence: t.say(key, pairs...), Code: Code(e.Reason, e.Detail)}
}

// act says what was done with a mail, first and last; what is counted is what
// programs ask for, so that nobody may have looked.
func (t *Teller) act(e store.Entry, subject string) Line {
	l := Line{Sentence: t.say("act_"+e.What, "Subject", subject), Code: e.What}
	if e.Times > 1 {
		l.Sentence = templates.Count(t.lang, t.shop.Country, "timeline_act_times", e.Times, map[string]string{"Sentence": l.Sentence, "When": t.When(e.Until)})
	}
	return l
}

// stop says what goes to an address no more, and why.
func (t *Teller) stop(e store.Entry) Line {
	pairs := []string{"Reason", t.named("stopped_", e.Reason)}
	key := "stop_" + e.What
	if topic, ok := gate.Scope(e.What).Topic(); ok {
		key, pairs = "stop_topic", append(pairs, "Topic", templates.Topic(t.lang, topic))
	}
	if e.Until != 0 {
		pairs = append(pairs, "When", t.When(e.Until))
	}
	return Line{Sentence: t.say(key, pairs...), Code: Code(e.What, e.Reason)}
}

// named is a word of a list, or what stands there where it is in none.
func (t *Teller) named(list, word string) string {
	if key := "timeline_" + list + strings.ReplaceAll(word, " ", "_"); templates.Known(key) {
		return templates.Say(t.lang, key, nil)
	}
	return templates.Isolate(t.lang, word)
}

// subject names a campaign and the order that a line is about, where it is about one.
func (t *Teller) subject(id, order string) string {
	if o := t.orders[order]; o != nil {
		return t.say("subject", "Title", t.Title(id), "Name", t.orderName(o))
	}
	return t.Title(id)
}

func (t *Teller) orderName(o *commerce.Order) string {
	return templates.IsolateLTR(t.lang, OrderName(o))
}

func (t *Teller) entered(e store.Entry, subject string) Line {
	switch {
	case e.What == "ended":
		return Line{Sentence: t.say("entered_ended", "Subject", subject, "Why", t.reason(e.Reason)), Code: e.Reason}
	case e.Until >= never:
		return Line{Sentence: t.say("entered_waits", "Subject", subject)}
	case e.Until != 0:
		return Line{Sentence: t.say("entered_next", "Subject", subject, "When", t.When(e.Until))}
	}
	return Line{Sentence: t.say("entered", "Subject", subject)}
}

// never is past any moment that a walk waits for: it waits for an event instead.
var never = commerce.At(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))

func (t *Teller) event(e store.Entry) Line {
	l := Line{Code: e.What}
	key, order := "event_"+e.What, t.say("some_order")
	o := t.orders[e.Order]
	if name, custom := commerce.EventKind(e.What).Custom(); custom {
		l.Sentence = t.say("event_custom", "Name", templates.Isolate(t.lang, name))
		return t.marked(l, e.Reason)
	}
	if o != nil {
		order = t.say("order", "Name", t.orderName(o))
		_, part, _ := strings.Cut(e.Detail, "/")
		if m := o.Refunds[part].Amount; commerce.EventKind(e.What) == commerce.RefundMade && m.Amount != 0 {
			l.Sentence = t.say(key+"_of", "Order", order, "Amount", t.Money(m))
			return t.marked(l, e.Reason)
		}
	} else if templates.Known("timeline_" + key + "_alone") {
		key += "_alone"
	}
	l.Sentence = t.say(key, "Order", order)
	return t.marked(l, e.Reason)
}

// marked adds what must be known to read the line right.
func (t *Teller) marked(l Line, reason string) Line {
	switch reason {
	case "historic", "assumed", "rehearsal":
		l.Sentence = t.say("mark_"+reason, "Sentence", l.Sentence)
	}
	return l
}
