// Package events reads what mail providers tell of mails after they have taken
// them: bounces, complaints, deliveries. It checks that a provider said so and
// turns the answer of each of the five into Events; what follows from one is the
// matter of package feedback. Each provider's signature and shapes are those of
// its own documentation, named where they are read.
package events

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"flywheel/commerce"
)

// Kind is what became of a mail.
type Kind string

// The kinds. What a provider only defers, and tries again by itself, is none.
const (
	Delivered Kind = "delivered" // the recipient's server took it
	Soft      Kind = "soft"      // not this time: full, away, too large
	Block     Kind = "block"     // refused for what it says or who sends it
	Hard      Kind = "hard"      // there is nobody at this address
	Complaint Kind = "complaint" // the recipient calls it spam
)

// Sources of events; the first five are providers.
const (
	SES      = "ses"
	Postmark = "postmark"
	SendGrid = "sendgrid"
	Mailgun  = "mailgun"
	Resend   = "resend"
	DSN      = "dsn" // RFC 3464
	ARF      = "arf" // RFC 5965
)

// Event is what was told of one mail and one recipient.
type Event struct {
	// Key is the teller's own id of the event, the same on every repeat; "" = it
	// has none, and of one mail each kind counts once.
	Key    string
	Kind   Kind
	Source string
	// Refs are texts that may be our reference, as they came back; unchecked.
	Refs []string
	// Address is the recipient, normalised; "" = not told.
	Address string
	Code    string // RFC 3463, such as 5.1.1; "" = not told
	Note    string // the server's words without addresses
	At      time.Time
}

// The bounds of what one event may carry.
const (
	maxNote = 200
	maxKey  = 120
	maxRefs = 6
	maxRef  = 320 // an address has at most that many letters
)

var (
	addresses = regexp.MustCompile(`[^\s<>"'(),;:]*@[^\s<>"'(),;]+`)
	codes     = regexp.MustCompile(`(?:^|[^\d.])([245])\.(\d{1,3})\.(\d{1,3})(?:$|[^\d.])`)
)

// Note is a server's answer as it may be kept: without addresses and control
// characters, on one line of at most 200 characters.
func Note(text string) string {
	text = addresses.ReplaceAllString(head(text, 4*maxNote), "…")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }), " ")
	if utf8.RuneCountInString(text) > maxNote {
		text = string([]rune(text)[:maxNote-1]) + "…"
	}
	return text
}

// CodeIn finds the first RFC 3463 code in a server's answer that says more than
// its class; "" = there is none. fallback is what a field of its own named.
func CodeIn(fallback, text string) string {
	fallback = plainCode(fallback)
	if fallback != "" && !strings.HasSuffix(fallback, ".0.0") {
		return fallback
	}
	for _, m := range codes.FindAllStringSubmatch(head(text, 2000), 8) {
		if code := m[1] + "." + m[2] + "." + m[3]; !strings.HasSuffix(code, ".0.0") {
			return code
		}
	}
	return fallback
}

// plainCode is the code in a field that holds one, perhaps with a comment behind it.
func plainCode(field string) string {
	m := codes.FindStringSubmatch(head(field, 40))
	if m == nil {
		return ""
	}
	return m[1] + "." + m[2] + "." + m[3]
}

// head is the beginning of a text as valid UTF-8.
func head(text string, n int) string {
	if len(text) > n {
		text = text[:n]
	}
	return strings.ToValidUTF8(text, "")
}

// key makes an event's key of the teller's id and of whom it is about.
func key(source, id, address string) string {
	if id == "" {
		return ""
	}
	if address != "" {
		sum := sha256.Sum256([]byte(address))
		id += ":" + hex.EncodeToString(sum[:6])
	}
	if len(id) > maxKey || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		sum := sha256.Sum256([]byte(id))
		id = hex.EncodeToString(sum[:])
	}
	return source + ":" + id
}

// refs keeps texts that can be a reference of ours.
func refs(texts ...string) (out []string) {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" && len(t) <= maxRef && len(out) < maxRefs {
			out = append(out, t)
		}
	}
	return out
}

// refName reports whether a header, tag or variable of this name holds our
// reference. Providers change case and marks of names.
func refName(name string) bool {
	switch strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name)) {
	case "flywheelref", "xflywheelref", "flywheel", "xflywheel":
		return true
	}
	return false
}

// address normalises a recipient as providers write it: plain, in angle
// brackets, with a name or with a type in front (RFC 3464: "rfc822; a@b").
func address(text string) string {
	text = head(text, 1000)
	if i, j := strings.LastIndexByte(text, '<'), strings.LastIndexByte(text, '>'); i >= 0 && i < j {
		text = text[i+1 : j]
	}
	if kind, rest, found := strings.Cut(text, ";"); found && !strings.Contains(kind, "@") {
		text = rest
	}
	return commerce.NormalEmail(text)
}

// Address is how a report's field names a recipient, normalised; "" = it names none.
func Address(field string) string { return address(field) }
