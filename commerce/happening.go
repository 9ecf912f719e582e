package commerce

import "maps"

// depthProp is where an event of ours keeps its depth.
const depthProp = "depth"

// Depth is how many happenings of ours led to the event; 0 = the first, or none of ours.
func (e Event) Depth() int {
	if !e.Kind.Ours() {
		return 0
	}
	switch n := e.Props[depthProp].(type) {
	case int:
		return n
	case float64:
		return int(n)
	}
	return 0
}

// Happening is a change of state that hangs on no order: a customer account
// was made, a subscription ended, a product came out, or another system told
// of something by API.
type Happening struct {
	Kind    EventKind
	Subject string         // what it happened to, unique within its kind: it happens once
	At      Instant        // the source's time
	Name    string         // a custom event's own name, else ""
	Props   map[string]any // what a custom event says: JSON of at most 4 KB
	Product *Product       // what a product event is about
	Depth   int            // of what happened here: how many happenings of ours led to it
}

// Event is the happening as it is kept; person is "" where it is nobody's.
func (h Happening) Event(s Shop, platform Platform, person PersonID) Event {
	kind := h.Kind
	if kind == CustomEvent {
		kind = CustomKind(h.Name)
	}
	props := h.Props
	if h.Depth > 0 {
		props = maps.Clone(props)
		if props == nil {
			props = map[string]any{}
		}
		props[depthProp] = h.Depth
	}
	told := platform
	if told == API {
		told = ""
	}
	return Event{
		Platform: told, Kind: kind, Subject: h.Subject, PersonID: person, OccurredAt: h.At,
		Historic: h.At.Seconds() < s.since(platform).Seconds(), Name: h.Name, Props: props,
	}
}

// since is from when on what a platform tells is no history; the API, which
// nobody installs, goes by the shop's first platform.
func (s Shop) since(platform Platform) Instant {
	if platform != API {
		return s.Installed[platform]
	}
	var first Instant
	for _, at := range s.Installed {
		first = Earliest(first, at)
	}
	return first
}
