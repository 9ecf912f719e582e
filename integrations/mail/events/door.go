package events

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"flywheel/fault"
)

// MaxBody is how large a delivery may be, in bytes; providers stay below 768 KiB.
const MaxBody = 1 << 20

// maxEvents bounds the events of one delivery that concern us.
const maxEvents = 4000

// replayed is how far a signature's instant may lie from now where a provider
// repeats a delivery with its first one. Repeats change nothing, so it is long.
const replayed = 72 * time.Hour

// Door checks deliveries of providers. It is safe for concurrent use.
type Door struct {
	// Now is business time; nil = the real one.
	Now func() time.Time
	// Get reads a public page of Amazon's; nil = over HTTPS, from public addresses only.
	Get func(ctx context.Context, address string) ([]byte, error)

	mu    sync.Mutex
	certs map[string]certificate // Amazon's, by address
}

// Providers lists whom the door knows.
func Providers() []string { return []string{SES, Postmark, SendGrid, Mailgun, Resend} }

// Known reports whether a provider's events can be read.
func Known(provider string) bool { return slices.Contains(Providers(), provider) }

// CheckSecret says what is wrong with the secret of a provider's events, which is:
// ses: the ARN of the SNS topic; postmark: user:password of the endpoint's basic
// auth; sendgrid: the public key of its signed webhook, in base64; mailgun: the
// webhook signing key; resend: whsec_... Several stand by comma, except Postmark's.
// Errors are fault.Invalid and never show it.
func CheckSecret(provider, secret string) error {
	if !Known(provider) {
		return fault.New(fault.Invalid, "%q is none of %s", provider, strings.Join(Providers(), ", "))
	}
	all := secrets(provider, secret)
	if len(all) == 0 {
		return fault.New(fault.Invalid, "the secret of %s's events is empty, with which anybody could tell of bounces", provider)
	}
	for _, one := range all {
		var wrong bool
		switch provider {
		case SES:
			wrong = !topicARN.MatchString(one)
		case Postmark:
			user, password, found := strings.Cut(one, ":")
			wrong = !found || user == "" || password == ""
		case SendGrid:
			_, err := sendgridKey(one)
			wrong = err != nil
		case Resend:
			_, err := svixKey(one)
			wrong = err != nil
		}
		if wrong {
			return fault.New(fault.Invalid, "the secret of %s's events must be %s", provider, looks[provider])
		}
	}
	return nil
}

var looks = map[string]string{
	SES:      "the ARN of the SNS topic, as arn:aws:sns:eu-central-1:123456789012:mails",
	Postmark: "user:password, as they stand in the webhook's address",
	SendGrid: "the verification key of the signed event webhook",
	Mailgun:  "the HTTP webhook signing key",
	Resend:   "the signing secret, whsec_...",
}

// secrets takes several apart; empty ones are none.
func secrets(provider, text string) (out []string) {
	parts := []string{text}
	if provider != Postmark { // whose password may hold a comma
		parts = strings.Split(text, ",")
	}
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// Read checks a delivery and returns its events; what is none of ours to know is
// left out. Errors are fault.Denied where the provider did not say so,
// fault.Invalid where it cannot be read and fault.Temporary where it could not
// be checked now.
func (d *Door) Read(ctx context.Context, provider, secret string, header http.Header, body []byte) ([]Event, error) {
	all := secrets(provider, secret)
	if !Known(provider) || len(all) == 0 {
		return nil, fault.New(fault.NotFound, "nothing of %s is expected here", provider)
	}
	if len(body) > MaxBody {
		return nil, fault.New(fault.TooLarge, "the body is larger than 1 MiB")
	}
	var out []Event
	var err error
	switch provider {
	case SES:
		out, err = d.readSES(ctx, all, body)
	case Postmark:
		out, err = readPostmark(all, header, body)
	case SendGrid:
		out, err = d.readSendGrid(all, header, body)
	case Mailgun:
		out, err = d.readMailgun(all, body)
	case Resend:
		out, err = d.readResend(all, header, body)
	}
	if len(out) > maxEvents {
		return nil, fault.New(fault.TooLarge, "more than %d events at once", maxEvents)
	}
	return out, err
}

func (d *Door) now() time.Time {
	if d.Now != nil {
		return d.Now()
	}
	return time.Now()
}

// near reports whether an instant lies within tolerance of now.
func (d *Door) near(at time.Time, tolerance time.Duration) bool {
	return at.Sub(d.now()).Abs() <= tolerance
}

func denied() error {
	return fault.New(fault.Denied, "the signature is missing or does not fit")
}

func unreadable(provider string) error {
	return fault.New(fault.Invalid, "this is not JSON as %s sends it", provider)
}

// same compares secrets in constant time, whatever their lengths.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// sound reports whether body is JSON; its nesting is bounded by encoding/json.
func sound(body []byte) bool { return json.Valid(body) }
