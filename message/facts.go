// Package message turns a campaign's text and the facts of one person into one
// mail: subject, HTML, text and headers. It is pure: no I/O, no clock, the same
// input gives the same mail. Package jobs renders with it what is sent, package
// server what is previewed; how a mail looks is templates' matter, how it
// travels that of integrations/mail.
package message

import (
	"cmp"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/templates"
)

// Facts are all a message reads.
type Facts struct {
	Shop   commerce.Shop
	Person commerce.Person
	Order  *commerce.Order // nil where the message hangs on no order
	// Together are further orders that the message asks about along with Order.
	Together []*commerce.Order
	Product  *commerce.Product // what is new; nil where the message is about none

	// Loyalty is what the person has in the shop's loyalty program; nil where none is live.
	Loyalty *Loyalty
	// AccountURL opens what the person has there, without saying who they are; "" = there is no such page.
	AccountURL string

	// Now is when the mail is made, for {{ today }}; the zero time leaves that empty.
	Now time.Time

	Class gate.Class
	Topic string // what one unsubscribe stops, for Feedback-ID

	// EffectID is the idempotency key: X-Flywheel-ID and, before the @, Message-ID.
	// Letters, digits, "-", "_" and "." only. "" in previews: no headers of its own.
	EffectID string
	// IDHost stands behind the @ of Message-ID; "" takes the host of the shop's address.
	IDHost string
	// UnsubscribeURL opens the preferences page and takes the one-click POST.
	// "" leaves the link and its headers out.
	UnsubscribeURL string
	// ConfirmURL opens the page that confirms a yes to marketing (double opt-in); "" elsewhere.
	ConfirmURL string

	// From is who the mail is from; its zero value is the shop itself.
	From From
	// LinkHosts are the only hosts that links may lead to, each with what lies below it; nil = any. What
	// may not be linked stays as text, and a button gives way to what stands in its place.
	LinkHosts []string
	// Track turns an address into the one that counts a click on it; nil = links stay as they are.
	Track func(address string) string
	// Pixel is the address of a picture that counts an opening; "" = none.
	Pixel string
}

// From is who a mail is from and where answers go. An empty Address is the shop's
// own, an empty ReplyTo too.
type From struct{ Address, Name, ReplyTo string }

// Language returns the tag of the language the person reads: the one they chose,
// else the order's, else the person's, else the shop's, else "en". Where the shop
// says in which languages it writes, it is the first of these that is among them,
// else the first that the shop names.
func Language(f Facts) string {
	order := ""
	if f.Order != nil {
		order = f.Order.Detail.Language
	}
	written := f.Shop.Settings.Languages
	if len(written) == 0 {
		return cmp.Or(f.Person.Choice, order, f.Person.Language, f.Shop.Locale, "en")
	}
	for _, tag := range []string{f.Person.Choice, order, f.Person.Language, f.Shop.Locale} {
		if lang := among(written, tag); lang != "" {
			return lang
		}
	}
	return written[0]
}

// among finds a tag among languages: itself, also as a region of one, or another
// region of its language; "" = it is not there.
func among(languages []string, tag string) (other string) {
	plain, base := templates.Tag(tag), templates.Base(tag)
	for _, lang := range languages {
		switch {
		case base == "" || templates.Base(lang) != base:
		case templates.Tag(lang) == plain, templates.Tag(lang) == base:
			return tag
		default:
			other = cmp.Or(other, lang)
		}
	}
	return other
}

// Message is a mail, ready to be sent.
type Message struct {
	To       string
	ToName   string
	Also     []string
	From     string
	FromName string
	ReplyTo  string
	Subject  string
	HTML     string
	Text     string
	Headers  [][2]string // further headers in order, each with name and value
}

// Header returns the first value of a further header, "" if there is none.
func (m Message) Header(name string) string {
	for _, h := range m.Headers {
		if h[0] == name {
			return h[1]
		}
	}
	return ""
}
