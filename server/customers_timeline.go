package server

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
	"flywheel/timeline"
)

// timelineShown is about how many entries one page of a timeline has.
const timelineShown = 60

// groups are what a timeline may be narrowed to, each with its kinds of entries.
var groups = map[string][]string{
	"orders": {"event"}, "messages": {"effect", "act", "touch", "task"}, "decisions": {"decision", "enrollment", "pass"}, "consent": {"consent", "stop"},
}

// forever is after everything that has happened.
const forever = commerce.Instant(1) << 60

// fillTimeline tells a page of what happened, the last first, day by day.
func (s *Server) fillTimeline(ctx context.Context, c echo.Context, p customer, page *templates.CustomerPage) error {
	page.Show = c.QueryParam("show")
	before := forever
	if at, err := strconv.ParseInt(c.QueryParam("before"), 10, 64); err == nil && at > 0 {
		before, page.First = commerce.Instant(at), p.link(page.Admin, "show", page.Show)
	}
	page.Groups = []templates.Choice{{Name: templates.Say(p.lang, "customers_show_all", nil), Value: p.link(page.Admin), On: groups[page.Show] == nil}}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		page.Groups = append(page.Groups, templates.Choice{Name: templates.Say(p.lang, "customers_show_"+name, nil), Value: p.link(page.Admin, "show", name), On: name == page.Show})
	}
	records, next, err := s.Store.TimelineBefore(ctx, p.Shop.ID, p.ID, groups[page.Show], before, timelineShown)
	if err != nil {
		return err
	}
	if to := c.QueryParam("to"); to != "" && before == forever && next != 0 && !holds(records, to) {
		at, found, err := s.whenHappened(ctx, p, to)
		if err != nil {
			return err
		}
		if found { // it lies further back: the page begins with it
			page.First = p.link(page.Admin)
			if records, next, err = s.Store.TimelineBefore(ctx, p.Shop.ID, p.ID, nil, at+1, timelineShown); err != nil {
				return err
			}
		}
	}
	if next != 0 {
		page.Next = p.link(page.Admin, "show", page.Show, "before", itoa(int64(next)))
	}
	teller, err := s.tellerOf(ctx, p, records)
	if err != nil {
		return err
	}
	cards, err := s.cardsOf(ctx, p, teller, records)
	if err != nil {
		return err
	}
	lines := teller.Lines(records)
	slices.Reverse(lines)
	for _, l := range lines {
		if day := teller.Day(l.At); len(page.Days) == 0 || page.Days[len(page.Days)-1].Day != day {
			page.Days = append(page.Days, templates.CustomerDay{Day: day})
		}
		last := &page.Days[len(page.Days)-1]
		last.Lines = append(last.Lines, lineOf(l, cards))
	}
	return nil
}

// holds reports whether a page of a timeline has an order or a message, which is
// named as its place is.
func holds(records []store.Entry, to string) bool {
	kind, id, _ := strings.Cut(to, "-")
	return slices.ContainsFunc(records, func(e store.Entry) bool {
		return kind == "message" && e.Kind == "effect" && e.Effect == id || kind == "order" && e.Kind == "event" && e.Order == id
	})
}

// whenHappened is when the last of an order or a message did; false = it is not this customer's.
func (s *Server) whenHappened(ctx context.Context, p customer, to string) (at commerce.Instant, found bool, err error) {
	kind, id, _ := strings.Cut(to, "-")
	if kind == "order" {
		return s.Store.LastOfOrder(ctx, p.Shop.ID, p.ID, commerce.OrderID(id))
	}
	o, err := s.Store.Outward(ctx, p.Shop.ID, store.EffectID(id))
	if fault.Is(err, fault.NotFound) {
		return 0, false, nil
	}
	return o.At, err == nil, err
}

// place is an entry that an order's card stands at.
type place struct {
	order, what string
}

// cardsOf draws each order that a page tells of once, at the entry that began it.
func (s *Server) cardsOf(ctx context.Context, p customer, teller *timeline.Teller, records []store.Entry) (map[place]*templates.CustomerOrder, error) {
	begins := []commerce.EventKind{commerce.OrderPlaced, commerce.OrderPaid, commerce.SubscriptionRenewed, commerce.OrderFulfilled, commerce.OrderArrived, commerce.RefundMade}
	at := map[commerce.OrderID]int{}
	for _, e := range records {
		if rank := slices.Index(begins, commerce.EventKind(e.What)); e.Kind == "event" && e.Order != "" && rank >= 0 {
			if old, seen := at[commerce.OrderID(e.Order)]; !seen || rank < old {
				at[commerce.OrderID(e.Order)] = rank
			}
		}
	}
	orders, err := s.Store.Orders(ctx, p.Shop.ID, slices.Collect(maps.Keys(at)))
	out := map[place]*templates.CustomerOrder{}
	for id, rank := range at {
		if o := orders[id]; o != nil {
			out[place{string(id), string(begins[rank])}] = cardOf(&o.Order, teller, p)
		}
	}
	return out, err
}

// cardOf is an order with its lines, what went back struck through.
func cardOf(o *commerce.Order, teller *timeline.Teller, p customer) *templates.CustomerOrder {
	card := &templates.CustomerOrder{ID: string(o.ID), Name: timeline.OrderName(o)}
	if o.Detail.Total.Currency != "" {
		card.Total = teller.Money(o.Detail.Total)
	}
	kept := map[string]int64{}
	for _, l := range o.Kept() {
		kept[l.ID] = l.Current
	}
	whole := o.FullyRefunded()
	for _, l := range o.Detail.Lines {
		item := templates.CustomerItem{Title: templates.Clean(strings.TrimSuffix(l.Title+" · "+l.Variant, " · "), 160), Kept: kept[l.ID], Back: max(0, l.Quantity-kept[l.ID])}
		if whole {
			item.Kept, item.Back = 0, l.Quantity
		}
		if l.Price.Currency != "" {
			item.Price = teller.Money(l.Price)
		}
		card.Lines = append(card.Lines, item)
	}
	return card
}

// lineOf is an entry with its picture: decisions are grey, sends coloured.
func lineOf(l timeline.Line, cards map[place]*templates.CustomerOrder) templates.CustomerLine {
	out := templates.CustomerLine{At: moment(l.At), Kind: l.Kind, Sentence: l.Sentence, Code: l.Code, Icon: icons[l.Kind]}
	e := l.Of
	switch l.Kind {
	case "event":
		out.Icon = cmp.Or(eventIcons[commerce.EventKind(e.What)], out.Icon)
		key := place{e.Order, e.What}
		if out.Order = cards[key]; out.Order != nil {
			delete(cards, key)
		}
	case "effect":
		out.Tone, out.Effect = effectTones[store.EffectState(e.What)], e.Effect
		out.Parked = store.EffectState(e.What) == store.Unknown
	case "decision":
		if out.Tone = "off"; gate.Answer(e.What) == gate.Skip {
			out.Icon = "close"
		}
	case "enrollment", "pass":
		out.Tone = "off"
	case "consent":
		if out.Tone = "good"; commerce.ConsentState(e.What) == commerce.Unsubscribed {
			out.Tone, out.Icon = "bad", "close"
		}
	case "stop":
		out.Tone = "bad"
	}
	return out
}

// icons are the pictures of kinds of entries, eventIcons those of some events.
var icons = map[string]string{
	"event": "shop", "decision": "clock", "effect": "mail", "enrollment": "campaign", "pass": "campaign", "task": "people", "act": "eye", "touch": "message",
	"consent": "check", "stop": "pause",
}

var eventIcons = map[commerce.EventKind]string{
	commerce.OrderArrived: "gift", commerce.RefundMade: "undo", commerce.ReturnProcessed: "undo", commerce.OrderCancelled: "close", commerce.OrderDeleted: "trash",
	commerce.DisputeOpened: "warn", commerce.DisputeLostEvent: "warn", commerce.DeliveryFailed: "warn", commerce.DeliveryDelayed: "clock", commerce.CustomerCreated: "customer", commerce.ConsentAsked: "check",
}
