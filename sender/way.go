package sender

import (
	"cmp"
	"strings"

	"flywheel/commerce"
	"flywheel/integrations/mail"
	"flywheel/message"
	"flywheel/templates"
)

// Kind is by what a shop's mails go out now.
type Kind string

// The kinds of ways.
const (
	Own    Kind = "own"    // as itself over SMTP_URL: there is no shared domain
	Shared Kind = "shared" // by the domain that shops share
	Domain Kind = "domain" // by its own domain, signed by us
	SMTP   Kind = "smtp"   // by its own account
)

const (
	// sharedBox is the left part of the shared sender's address.
	sharedBox = "shops"
	// sharedCounter is what the shared sender is called where mails are counted.
	sharedCounter = "shared"
	// maxName bounds a From name, in characters.
	maxName = 80
)

// Way is by what a shop's mails go out. Copies may be kept for some seconds.
type Way struct {
	Kind Kind
	// From is who the mails are from; its zero value is the shop itself.
	From message.From
	// Via says that the From name names the shop and us.
	Via    bool
	Mail   *mail.Sender
	Signer *mail.Signer // nil = nobody signs, or the provider
	// DailyLimit is how many mails it may take on on Day, 0 = any number; Counted is what it is called there.
	DailyLimit int64
	Day        commerce.Instant
	Counted    string
	// LinkHosts are the only hosts that links may lead to; nil = any.
	LinkHosts []string
	// OnlyBuyers says that only people with an order in the shop are written to.
	OnlyBuyers bool
	// Stopped says that nothing goes to customers: too many complained.
	Stopped bool
	// Account tells shops' own accounts at mail servers apart, and says nothing else of them; "" = SMTP_URL.
	Account string
	// Lines is how many connections an own account gets; 0 = as many as SMTP_URL has.
	Lines int
	// Rate is how many mails a second its server takes, over all processes; 0 = no bound. Take keeps to it.
	Rate int

	rates    *Rates
	provider mail.Provider
	stream   string
	refs     *mail.Refs
	returns  string // the domain of return paths; "" = they are the From address
}

// Writer is who a mail in a language is from: Way.From with its name. What is
// empty is the shop's own.
func (w Way) Writer(shop commerce.Shop, lang string) message.From {
	from := w.From
	if w.Via {
		from.Name = templates.Clean(templates.Say(lang, "sender_via", map[string]string{"Shop": templates.Clean(shop.Name, maxName-20)}), maxName)
	}
	return from
}

// SameFor reports whether what was decided about a mail to a customer while it
// was to go by w holds by v too: whom one writes to may depend on the way.
func (w Way) SameFor(v Way) bool {
	return w.Kind == v.Kind && w.From.Address == v.From.Address && w.OnlyBuyers == v.OnlyBuyers && w.Stopped == v.Stopped
}

// Host is the domain of the mails' From address, "" for the shop's own.
func (w Way) Host() string {
	_, host, _ := strings.Cut(w.From.Address, "@")
	return host
}

// ReturnPath is the address to which servers report about the mail of an
// effect; "" = they report to the From address.
func (w Way) ReturnPath(shop commerce.ShopID, effect string) string {
	return w.refs.ReturnPath(mail.Ref{Shop: string(shop), Effect: effect}, w.returns)
}

// Stamp makes a mail one of this way: From, signer, return path and the
// reference by which what becomes of it is told. lang is the reader's.
func (w Way) Stamp(m mail.Message, shop commerce.Shop, lang, effect string) mail.Message {
	from := w.Writer(shop, lang)
	if from.Address != "" {
		m.From = from.Address
	}
	m.FromName, m.ReplyTo = cmp.Or(from.Name, m.FromName), cmp.Or(from.ReplyTo, m.ReplyTo)
	m.Signer, m.ReturnPath = w.Signer, w.ReturnPath(shop.ID, effect)
	if w.provider != "" || w.returns != "" {
		told := mail.ProviderHeaders(cmp.Or(w.provider, mail.Other), w.refs.Encode(mail.Ref{Shop: string(shop.ID), Effect: effect}))
		m.Headers = append(m.Headers[:len(m.Headers):len(m.Headers)], told...)
	}
	m.Headers = append(m.Headers[:len(m.Headers):len(m.Headers)], mail.StreamHeaders(w.provider, w.stream)...)
	return m
}
