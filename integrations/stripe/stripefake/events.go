package stripefake

import (
	"slices"
	"strings"
	"time"
)

// told is an event that was told.
type told struct {
	id, topic string
	at        time.Time
	body      []byte
	delivered bool
}

// keptFor is how long Stripe lists an event.
const keptFor = 30 * 24 * time.Hour

// Emit lets an event happen in an account: its object is kept as the event has
// it, GET /v1/events lists it, undelivered yet, and its body is returned. It is
// created now where it does not say. An event told again is the same event. It
// neither connects an account nor disconnects it.
func (s *Server) Emit(account string, e Event) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emit(account, e).body
}

// emit is Emit with the lock held.
func (s *Server) emit(account string, e Event) *told {
	e.Account = account
	if e.Created.IsZero() {
		e.Created = s.now()
	}
	s.know(account)
	s.seen(e.Created)
	b := s.book(account, !e.Test)
	body := e.Body()
	o := decoded(body)
	if known := b.event[o.text("id")]; known != nil {
		return known
	}
	kept := &told{id: o.text("id"), topic: e.Type, at: e.Created, body: body}
	b.events, b.event[kept.id] = append(b.events, kept), kept
	object := o.inner("data").inner("object")
	if e.Type == "customer.deleted" {
		object["deleted"] = true
	}
	b.put(object, e.Created.Unix())
	return kept
}

// Delivered says whether every endpoint has taken an event of an account. An
// event that nothing is said of is pending.
func (s *Server) Delivered(account, eventID string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, live := range []bool{true, false} {
		if e := s.book(account, live).event[eventID]; e != nil {
			e.delivered = ok
		}
	}
}

// kept are the events that Stripe still lists, the newest first.
func (q *request) kept() []*told {
	var out []*told
	for _, e := range slices.Backward(q.events) {
		if q.now().Sub(e.at) <= keptFor {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(x, y *told) int { return y.at.Truncate(time.Second).Compare(x.at.Truncate(time.Second)) })
	return out
}

// listed is an event as it is read: with its account it was told to whom it
// concerned, who reads it knows.
func (e *told) listed() Object {
	o := decoded(e.body)
	delete(o, "account")
	if e.delivered {
		o["pending_webhooks"] = 0
	}
	return o
}

// listEvents answers GET /v1/events.
func (q *request) listEvents() (Object, *problem) {
	p := q.params
	switch {
	case len(p["types"]) > 20:
		return nil, invalid("types", "You may specify at most 20 event types.")
	case p.has("types") && p.has("type"):
		return nil, invalid("", "You may only specify one of these parameters: type, types.")
	}
	var rows []Object
	for _, e := range q.kept() {
		if p.has("types") && !slices.Contains(p["types"], e.topic) || p.has("type") && !group(p.text("type"), e.topic) ||
			p.has("delivery_success") && e.delivered != (p.text("delivery_success") == "true") || !p.during("created", e.at.Unix()) {
			continue
		}
		rows = append(rows, e.listed())
	}
	return q.page(rows)
}

// group reports whether a type is meant by a name, which may end in *.
func group(name, topic string) bool {
	head, wild := strings.CutSuffix(name, "*")
	return name == topic || wild && strings.HasPrefix(topic, head)
}

// readEvent answers GET /v1/events/:id.
func (q *request) readEvent() (Object, *problem) {
	for _, e := range q.kept() {
		if e.id == q.id {
			return e.listed(), nil
		}
	}
	return nil, missing("event", q.id, "id")
}
