package reports

import (
	"net/textproto"
	"strings"

	"flywheel/integrations/mail/events"
)

// complaints reads an abuse report (RFC 5965, 3). Its recipient is often blacked
// out, so it names the mail by our reference. Types that are no complaint of a
// person are left out: virus, other, not-spam (RFC 6430), auth-failure (RFC 6591).
func complaints(blocks []textproto.MIMEHeader, base events.Event) []events.Event {
	if len(blocks) == 0 {
		return nil
	}
	h := blocks[0]
	switch strings.ToLower(strings.TrimSpace(h.Get("Feedback-Type"))) {
	case "abuse", "fraud", "opt-out", "opt-out-list", "miscategorized":
	default:
		return nil
	}
	ev := base
	ev.Source, ev.Kind = events.ARF, events.Complaint
	ev.Refs = append(ev.Refs, strings.Trim(h.Get("Original-Mail-From"), "<> "), h.Get("Original-Envelope-Id"))
	ev.Address = events.Address(h.Get("Original-Rcpt-To"))
	ev.Note = events.Note(h.Get("Feedback-Type") + " " + h.Get("User-Agent"))
	if at, err := textDate(firstField(h, "Arrival-Date", "Received-Date")); err == nil && ev.At.IsZero() {
		ev.At = at
	}
	return []events.Event{ev}
}
