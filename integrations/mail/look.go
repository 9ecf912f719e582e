package mail

import (
	"context"
	"net"
)

// Resolver asks DNS; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
}

// Domain is what is looked up about a domain that mails are sent from.
type Domain struct {
	Name string // of the From address
	// Include is the domain whose SPF record names our servers; "" = SPF of the
	// domain need not name us, since the return path is ours.
	Include string
	// ReturnPath is the domain of the return path; "" = Name.
	ReturnPath string
	// Keys are the signing keys that have to be published.
	Keys []PublicKey
}

// PublicKey is a signing key as DNS has to show it.
type PublicKey struct {
	Selector string
	Record   string // of Record
}

// Condition is what a look made of one record.
type Condition string

// The conditions. Only Unclear may change by itself: DNS gave no answer.
const (
	Good    Condition = "good"
	Missing Condition = "missing"  // there is no such record
	Differs Condition = "differs"  // there is one, with another value: another key, or SPF without us
	Broken  Condition = "broken"   // it cannot be read, or there are several
	TooMany Condition = "too_many" // SPF asks for more than 10 look-ups: receivers take it as an error
	Unclear Condition = "unclear"
)

// Failure is why DNS gave no answer.
type Failure string

// The failures.
const (
	TimedOut Failure = "timeout"
	ServFail Failure = "servfail" // the domain's own servers are out of order
)

// Finding is one record: where it belongs, what it should say and what it says.
type Finding struct {
	Name      string    `json:"name"`              // whole, without the last dot
	Type      string    `json:"type"`              // TXT, MX
	Publish   string    `json:"publish,omitempty"` // the value to publish; "" = nothing is asked for
	Stands    []string  `json:"stands,omitempty"`  // what stands there now
	Condition Condition `json:"condition"`
	Failure   Failure   `json:"failure,omitempty"`  // of Unclear
	Selector  string    `json:"selector,omitempty"` // of a key
}

// Findings are what a look at a domain found. They are kept as JSON.
type Findings struct {
	Keys  []Finding `json:"keys"`
	SPF   Finding   `json:"spf"`
	DMARC Finding   `json:"dmarc"`
	MX    Finding   `json:"mx"` // where answers to the domain's addresses go
	// Lookups is how many look-ups the SPF record costs; 10 are allowed (RFC 7208, 4.6.4).
	Lookups int `json:"lookups"`
	// Policy is what DMARC asks for where a mail does not align: none, quarantine, reject; "" = no record.
	Policy string `json:"policy,omitempty"`
	// Aligned says that the return path counts as the domain's own for SPF.
	// DKIM always aligns, since we sign as the domain itself.
	Aligned bool `json:"aligned"`
}

// Look asks DNS about a domain. It always returns; what could not be asked is Unclear.
func Look(ctx context.Context, r Resolver, d Domain) Findings {
	return look(ctx, r, d)
}
