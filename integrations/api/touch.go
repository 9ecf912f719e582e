package api

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"flywheel/commerce"
)

// Touch is a message that another tool sent to a customer.
type Touch struct {
	Email      string `json:"email" format:"email" example:"ada@example.com" doc:"To whom; only a keyed hash of it is kept."`
	At         string `json:"at,omitempty" format:"date-time" doc:"When it went out (RFC 3339), at most 90 days ago; without it, now."`
	Channel    string `json:"channel,omitempty" enum:"email,phone" default:"email"`
	Class      string `json:"class,omitempty" enum:"service,marketing,transactional" default:"marketing" doc:"transactional ones stand in the timeline and do not count in caps."`
	Source     string `json:"source" pattern:"^[a-z0-9_.-]{1,64}$" example:"klaviyo" doc:"The tool."`
	Campaign   string `json:"campaign,omitempty" maxLength:"500" doc:"As the tool calls it."`
	ExternalID string `json:"external_id,omitempty" maxLength:"200" doc:"The tool's id of the message, unique for the source: a repeat counts once. Without it a message is known by all it says, so at should be told."`

	// SentAt is At as it is kept.
	SentAt commerce.Instant `json:"-"`
}

// TouchList is several messages in one request.
type TouchList struct {
	Touches []Touch `json:"touches" nullable:"false" minItems:"1" maxItems:"500"`
}

const (
	maxTouches  = 500
	keepTouches = 90 * 24 * time.Hour // no cap looks further back
)

// ReadTouches reads the body of POST /api/v1/touches: one message, or up to 500
// as {"touches": [...]}. Defaults are filled in. Errors are a Refusal.
func ReadTouches(body []byte, now commerce.Instant) ([]Touch, error) {
	var w wrongs
	read := items[Touch](&w, body, "touches", maxTouches, true)
	out := make([]Touch, len(read))
	for i, it := range read {
		t := it.value
		t.check(&w, it.at, now)
		out[i] = t
	}
	if err := w.err(); err != nil {
		return nil, err
	}
	return out, nil
}

func (t *Touch) check(w *wrongs, at string, now commerce.Instant) {
	if t.Email == "" {
		w.add(join(at, "email"), "is missing: say to whom it went")
	}
	t.Email = w.email(join(at, "email"), t.Email)
	t.SentAt = w.past(join(at, "at"), t.At, now, keepTouches, "90 days")
	t.Channel = w.oneOf(join(at, "channel"), t.Channel, string(commerce.ByMail), string(commerce.ByCall))
	t.Class = w.oneOf(join(at, "class"), t.Class, "marketing", "service", "transactional")
	w.name(join(at, "source"), t.Source)
	w.text(join(at, "campaign"), t.Campaign)
	w.id(join(at, "external_id"), t.ExternalID)
}

// oneOf returns s, or the first of the words where nothing is told.
func (w *wrongs) oneOf(where, s string, words ...string) string {
	if s == "" {
		return words[0]
	}
	for _, word := range words {
		if s == word {
			return s
		}
	}
	w.add(where, "must be %s or %s", strings.Join(words[:len(words)-1], ", "), words[len(words)-1])
	return s
}

// Key is by what a repeat of the message is known: the tool's id, else all it
// says. hash is the shop's keyed hash of the address, so that nobody can find
// the address by trying.
func (t Touch) Key(hash string) string {
	if t.ExternalID != "" {
		return t.ExternalID
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%s\n%s\n%s", hash, t.SentAt, t.Channel, t.Class, t.Campaign))
	return "derived " + hex.EncodeToString(sum[:16])
}
