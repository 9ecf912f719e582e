// Package stripe is Stripe's door and line: it checks and reads webhook
// deliveries, turns their bodies into what happened (package commerce) and asks
// Stripe again where a webhook told too little. Stripe's JSON ends here: bodies
// are read by slim structs of our own, which take the shapes of API 2023-10-16
// and of the versions after it. What is done about a change, and where it is
// kept, is the matter of others.
package stripe

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"flywheel/fault"
)

// Tolerance is how far a signature's time may lie from ours, in either direction.
const Tolerance = 300 * time.Second

// Verify checks the Stripe-Signature of body against each of secrets; one that
// fits is enough, so that a secret can be rotated. The signature's time is held
// against now by us, since stripe-go knows only the wall clock and lets the
// future pass. Errors are fault.Denied.
func Verify(header http.Header, body []byte, secrets []string, now time.Time) error {
	if len(secrets) == 0 {
		return fault.New(fault.Denied, "no webhook secret is set for Stripe, so no delivery can be trusted")
	}
	for _, s := range secrets {
		if strings.TrimSpace(s) == "" { // stripe-go would verify what anybody signs with ""
			return fault.New(fault.Denied, "a webhook secret for Stripe is empty, so no delivery can be trusted")
		}
	}
	signature := header.Get("Stripe-Signature")
	if signature == "" {
		return fault.New(fault.Denied, "the delivery has no Stripe-Signature header")
	}
	signed, err := signedAt(signature)
	if err != nil {
		return err
	}
	if age := now.Sub(signed); age > Tolerance {
		return fault.New(fault.Denied, "the signature is older than %s", Tolerance)
	} else if age < -Tolerance {
		return fault.New(fault.Denied, "the signature is more than %s ahead of our clock", Tolerance)
	}
	for _, s := range secrets {
		if err = webhook.ValidatePayloadIgnoringTolerance(body, signature, s); err == nil {
			return nil
		}
	}
	if errors.Is(err, webhook.ErrInvalidHeader) {
		return fault.New(fault.Denied, "the Stripe-Signature header cannot be read")
	}
	return fault.New(fault.Denied, "the signature fits none of the webhook secrets")
}

// signedAt returns the one t= of the header. Two would let a sender show us a
// fresh time and stripe-go, which takes the last, the time that was signed.
func signedAt(signature string) (time.Time, error) {
	var at time.Time
	for _, part := range strings.Split(signature, ",") {
		value, isTime := strings.CutPrefix(part, "t=")
		if !isTime {
			continue
		}
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds <= 0 || seconds > maxSeconds || !at.IsZero() {
			return at, fault.New(fault.Denied, "the Stripe-Signature header cannot be read")
		}
		at = time.Unix(seconds, 0)
	}
	if at.IsZero() {
		return at, fault.New(fault.Denied, "the Stripe-Signature header tells no time")
	}
	return at, nil
}
