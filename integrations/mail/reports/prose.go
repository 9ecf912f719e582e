package reports

import (
	"io"
	"strings"

	"github.com/emersion/go-message"

	"flywheel/integrations/mail/events"
)

// prose reads the bounces of servers that write no machine-readable part but mark
// the mail: Exim's and Courier's X-Failed-Recipients, qmail's opening (cr.yp.to/proto/qsbmf.txt).
// Their words are judged as a server's answer; what they do not say is soft.
func prose(e *message.Entity, base events.Event) ([]events.Event, error) {
	if auto := strings.ToLower(e.Header.Get("Auto-Submitted")); strings.HasPrefix(auto, "auto-replied") && e.Header.Get("X-Failed-Recipients") == "" {
		return nil, ErrNoReport // somebody is on holiday
	}
	raw, _ := io.ReadAll(io.LimitReader(e.Body, maxText))
	text := string(raw)
	failed := e.Header.Get("X-Failed-Recipients")
	qmail := strings.HasPrefix(strings.TrimSpace(text), "Hi. This is the")
	if failed == "" && !qmail {
		return nil, ErrNoReport
	}
	said, quoted := text, ""
	for _, mark := range []string{"This is a copy of the message", "--- Below this line is a copy"} {
		if i := strings.Index(said, mark); i >= 0 {
			said, quoted = said[:i], said[i:]
			break
		}
	}
	ev := base
	ev.Source = events.DSN
	ev.Refs = append(ev.Refs, quotedRefs(quoted)...)
	if !strings.Contains(failed, ",") {
		ev.Address = events.Address(failed)
	}
	ev.Code, ev.Note = events.CodeIn("", said), events.Note(lastLines(said))
	ev.Kind = events.Classify(ev.Code, said, events.Soft)
	return []events.Event{ev}, nil
}

// quotedRefs finds our reference in the headers of a mail that is quoted as text.
func quotedRefs(text string) (out []string) {
	for _, b := range blocks(strings.NewReader(text)) {
		for _, name := range []string{"X-Flywheel-Ref", "Return-Path"} {
			if v := b.Get(name); v != "" && len(out) < 4 {
				out = append(out, v)
			}
		}
	}
	return out
}

// lastLines is where such mails say what went wrong, behind their greeting.
func lastLines(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	return strings.Join(lines[max(0, len(lines)-3):], " ")
}
