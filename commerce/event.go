package commerce

import (
	"maps"
	"slices"
)

// EventKind names a change of state that campaigns may start from.
type EventKind string

// Event kinds, in the order in which they usually happen.
const (
	OrderPlaced    EventKind = "order_placed"
	OrderPaid      EventKind = "order_paid"
	OrderFulfilled EventKind = "order_fulfilled"
	OrderArrived   EventKind = "order_arrived" // delivered, or assumed to be
	OrderCancelled EventKind = "order_cancelled"
	OrderDeleted   EventKind = "order_deleted"
	RefundMade     EventKind = "refund_made"
	RefundGaveBack EventKind = "refund_failed"
	DisputeOpened  EventKind = "dispute_opened"
	DisputeClosed  EventKind = "dispute_closed"
)

// Event is one change of state, unique by (shop, kind, subject, ordinal). It is
// derived from facts, never from a webhook's topic, so that every source that
// shows one payment makes one event.
type Event struct {
	ID         EventID
	Kind       EventKind
	Subject    string // order id, or order id "/" refund or dispute id
	Ordinal    int
	OrderID    OrderID
	PersonID   PersonID
	OccurredAt Instant // the source's time
	Historic   bool    // before the connection was installed: enrolls nobody
	Assumed    bool    // our estimate, no source said so
}

// Events derives the order's events, oldest first.
func (o *Order) Events(s Shop) []Event {
	var out []Event
	add := func(kind EventKind, part string, at Instant) {
		if at == 0 {
			return
		}
		subject := string(o.ID)
		if part != "" {
			subject += "/" + part
		}
		out = append(out, Event{
			Kind: kind, Subject: subject, OrderID: o.ID, PersonID: o.PersonID,
			OccurredAt: at, Historic: o.Historic(at, s),
		})
	}
	add(OrderPlaced, "", o.PlacedAt)
	add(OrderPaid, "", o.Payment.At())
	add(OrderFulfilled, "", o.FulfilledAt())
	if at, assumed := o.Arrived(s.Settings); at != 0 {
		add(OrderArrived, "", at)
		out[len(out)-1].Assumed = assumed
	}
	add(OrderCancelled, "", o.Cancel.At())
	add(OrderDeleted, "", o.DeletedAt)
	for _, id := range slices.Sorted(maps.Keys(o.Refunds)) {
		switch r := o.Refunds[id]; r.Status {
		case RefundSucceeded:
			add(RefundMade, id, r.At)
		case RefundFailed:
			add(RefundGaveBack, id, r.At)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(o.Disputes)) {
		d := o.Disputes[id]
		add(DisputeOpened, id, d.OpenedAt)
		if d.Status != DisputeOpen {
			add(DisputeClosed, id, d.ClosedAt)
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int { return int(a.OccurredAt - b.OccurredAt) })
	return out
}

// Historic reports whether at lies before the order's platform was connected,
// both cut to whole seconds.
func (o *Order) Historic(at Instant, s Shop) bool {
	return at.Seconds() < o.installed(s).Seconds()
}

func (o *Order) installed(s Shop) Instant {
	platform := o.Detail.Platform
	if platform == "" && len(o.Keys) > 0 {
		platform = o.Keys[0].Platform
	}
	return s.Installed[platform]
}
