package reports

import (
	"net/textproto"
	"slices"
	"strings"

	"flywheel/integrations/mail/events"
)

// statuses reads the blocks of a delivery status notification: the first is about
// the mail, each other about a recipient (RFC 3464, 2.1). Some servers leave the
// first out.
func statuses(blocks []textproto.MIMEHeader, base events.Event) (out []events.Event) {
	base.Source = events.DSN
	for _, b := range blocks {
		if id := b.Get("Original-Envelope-Id"); id != "" {
			base.Refs = append(base.Refs, id)
		}
		if b.Get("Final-Recipient") == "" && b.Get("Action") == "" {
			continue
		}
		ev := base
		ev.Refs = slices.Clone(base.Refs)
		words := b.Get("Diagnostic-Code")
		if kind, rest, found := strings.Cut(words, ";"); found && !strings.Contains(kind, " ") { // "smtp; 550 ..."
			words = strings.TrimSpace(rest)
		}
		ev.Code, ev.Note = events.CodeIn(b.Get("Status"), words), events.Note(words)
		ev.Address = events.Address(firstField(b, "Original-Recipient", "Final-Recipient"))
		if at, err := textDate(b.Get("Last-Attempt-Date")); err == nil {
			ev.At = at
		}
		action, _, _ := strings.Cut(strings.ToLower(b.Get("Action")), " ") // a comment may follow
		switch action {
		case "failed":
			ev.Kind = events.Classify(ev.Code, words, events.Soft)
		case "delivered":
			ev.Kind, ev.Code, ev.Note = events.Delivered, "", ""
		default: // delayed is tried again; relayed and expanded say nothing certain
			continue
		}
		out = append(out, ev)
	}
	return out
}

func firstField(h textproto.MIMEHeader, names ...string) string {
	for _, n := range names {
		if v := h.Get(n); v != "" {
			return v
		}
	}
	return ""
}
