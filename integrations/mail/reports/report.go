// Package reports reads the mails by which mail servers tell what became of
// others: delivery status notifications (RFC 3464) and abuse reports (RFC 5965).
// Anybody can send one, so what is read of it names a mail only by our own
// signed reference, which the caller checks.
package reports

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/textproto"
	"strings"
	"time"

	"github.com/emersion/go-message"

	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/events"
)

// MaxSize is how large a report may be, in bytes. It may quote one of our mails
// whole, and those stay below 100 KB.
const MaxSize = 1 << 20

// The bounds of what is looked at.
const (
	maxParts      = 8
	maxRecipients = 20
	maxHead       = 64 << 10 // of one part that holds fields
	maxText       = 64 << 10 // of a report in prose
)

// ErrNoReport says that a mail is no report: somebody's answer, an absence note, spam.
var ErrNoReport = fault.New(fault.Invalid, "this mail is no report about another")

// Read reads a report that came to an address, "" where that is not known.
// ErrNoReport says that it is none; a report that tells nothing of weight, such as
// of a delay, has no events.
func Read(raw []byte, to string) ([]events.Event, error) {
	if len(raw) > MaxSize {
		return nil, fault.New(fault.TooLarge, "the report is larger than 1 MiB")
	}
	e, err := message.ReadWithOptions(bytes.NewReader(raw), &message.ReadOptions{MaxHeaderBytes: maxHead})
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil, fault.Wrap(fault.Invalid, err, "this is no mail that can be read")
	}
	kind, params, _ := mime.ParseMediaType(e.Header.Get("Content-Type"))
	at, _ := textDate(e.Header.Get("Date"))
	base := events.Event{At: at, Refs: refsOf(&e.Header, to)}
	if kind == "multipart/report" {
		parts, err := split(e)
		if err != nil {
			return nil, err
		}
		base.Refs = append(base.Refs, parts.refs...)
		switch reportType(params["report-type"]) {
		case "delivery-status":
			return statuses(parts.fields, base), nil
		case "feedback-report":
			return complaints(parts.fields, base), nil
		}
		return nil, ErrNoReport
	}
	return prose(e, base)
}

func reportType(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// parts are what a multipart/report holds beside its words.
type parts struct {
	fields []textproto.MIMEHeader // blocks of the machine-readable part
	refs   []string               // from the mail that is quoted
}

// split reads the direct parts of a report; nesting is never followed.
func split(e *message.Entity) (out parts, err error) {
	r := e.MultipartReader()
	if r == nil {
		return out, ErrNoReport
	}
	for range maxParts {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
			if len(out.fields) > 0 {
				break // cut off within what is quoted, as large ones are
			}
			return out, fault.Wrap(fault.Invalid, err, "the report is not whole")
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		switch kind {
		case "message/delivery-status", "message/global-delivery-status", "message/feedback-report":
			out.fields = blocks(p.Body)
		case "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers":
			for _, h := range blocks(p.Body)[:1] {
				out.refs = append(out.refs, h.Get(mail.RefHeader), h.Get("Return-Path"))
			}
		}
	}
	return out, nil
}

// blocks reads groups of fields, which empty lines part. There is always one.
func blocks(r io.Reader) (out []textproto.MIMEHeader) {
	raw, _ := io.ReadAll(io.LimitReader(r, maxHead)) // what came counts
	text := strings.ReplaceAll(string(raw), "\r\n", "\n")
	for text = strings.TrimLeft(text, "\n"); text != "" && len(out) <= maxRecipients; text = strings.TrimLeft(text, "\n") {
		var block string
		block, text, _ = strings.Cut(text, "\n\n")
		out = append(out, fields(block))
	}
	if len(out) == 0 {
		out = append(out, textproto.MIMEHeader{})
	}
	return out
}

// fields reads one group. A line that is none is passed over: servers write what they like.
func fields(block string) textproto.MIMEHeader {
	h := textproto.MIMEHeader{}
	last := ""
	for line := range strings.Lines(block) {
		line = strings.TrimRight(line, "\n")
		if line != "" && (line[0] == ' ' || line[0] == '\t') && last != "" {
			all := h[last]
			all[len(all)-1] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, found := strings.Cut(line, ":")
		if !found || name == "" || strings.ContainsAny(name, " \t") {
			last = ""
			continue
		}
		last = textproto.CanonicalMIMEHeaderKey(name)
		h[last] = append(h[last], strings.TrimSpace(value))
	}
	return h
}

// refsOf are where the reference may stand in the report itself: whom it was sent to.
func refsOf(h *message.Header, to string) []string {
	out := []string{to}
	for _, name := range []string{"Delivered-To", "X-Original-To", "X-Envelope-To", "To"} {
		for _, one := range strings.Split(h.Get(name), ",") {
			if i := strings.LastIndexByte(one, '<'); i >= 0 {
				one = one[i+1:]
			}
			if one = strings.Trim(one, "<> \t"); len(out) < 8 && one != "" && len(one) < 320 {
				out = append(out, one)
			}
		}
	}
	return out
}

func textDate(field string) (time.Time, error) {
	for _, layout := range []string{time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", time.RFC3339} {
		if at, err := time.Parse(layout, strings.TrimSpace(stripComment(field))); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errors.New("no date")
}

// stripComment takes off what servers write behind a date: "... +0000 (UTC)".
func stripComment(s string) string {
	s, _, _ = strings.Cut(s, "(")
	return s
}
