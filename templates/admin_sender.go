package templates

import "time"

// SenderPage is the page "sender": who the shop writes as, and how to change that.
type SenderPage struct {
	Admin
	Kind        string // shared, domain, smtp, own: the string sender_now_KIND
	From, Reply string
	Stopped     bool  // the shared sender takes nothing of the shop
	Taken       int64 // today
	Limit       int64 // a day; 0 = none
	Domain      *SenderDomain
	// Events is where the account's provider tells what became of mails; "" = it does not.
	Events string
	// MayShare says that the shop writes by another sender than the shared one, and there is one.
	MayShare bool
	// Address, Name and ReplyTo fill the forms.
	Address, Name, ReplyTo string
	Provider               string
	Providers              []SenderProvider
	// Region, Host, Port and User are filled where that form was not taken.
	Region, Host, Port, User string
	Wrong                    Refusal
	Support                  string
}

// SenderDomain is a shop's own domain with what is published for it.
type SenderDomain struct {
	Name        string
	Ready       bool
	BrokenSince time.Time // zero = it is not
	LookedAt    time.Time // zero = never
	Records     []SenderRecord
}

// SenderRecord is one DNS record with what was seen of it.
type SenderRecord struct {
	Name, Type string
	Value      string // to publish; "" = nothing is asked for
	Kind       string // the string sender_kind_KIND
	Key        string // of a signing key: the string sender_key_KEY; "" elsewhere
	Seen       string // the string sender_seen_SEEN
	Stands     []string
}

// SenderProvider is one of those whose accounts can be used.
type SenderProvider struct{ Value, Label string }
