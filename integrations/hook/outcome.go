package hook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// State is how an attempt to send ended.
type State string

// The states. There is no "unknown": what is unclear is Retry (see Send).
const (
	Sent   State = "sent"
	Retry  State = "retry"  // not accepted, or nobody knows; may be later
	Failed State = "failed" // not accepted, and never will be
	// NotTried is a webhook for which there was no time; nothing left the house.
	NotTried State = "not_tried"
)

// maxWait bounds what a receiver may ask for.
const maxWait = 24 * time.Hour

// Outcome is how an attempt ended.
type Outcome struct {
	State State
	Code  int // HTTP status; 0 = there was no answer
	// Detail says why, in words of ours: nothing of the answer, the address or
	// the secrets. "" when it was sent.
	Detail string
	// RetryAfter is how long the receiver asks to be left alone, at most a day;
	// 0 = it does not say.
	RetryAfter time.Duration
}

// answered judges an answer (Standard Webhooks 1.0.0, "Delivery success and failure").
func answered(resp *http.Response, now time.Time) Outcome {
	code := resp.StatusCode
	switch {
	case code/100 == 2:
		return Outcome{State: Sent, Code: code}
	case code/100 == 3:
		return Outcome{State: Failed, Code: code, Detail: fmt.Sprintf("the receiver redirects to another address (HTTP %d); enter that one instead", code)}
	case code == http.StatusGone:
		return Outcome{State: Failed, Code: code, Detail: "the receiver wants no more webhooks (HTTP 410)"}
	}
	return Outcome{State: Retry, Code: code, Detail: fmt.Sprintf("the receiver did not take it (HTTP %d)", code), RetryAfter: retryAfter(resp.Header, now)}
}

// retryAfter reads the header in seconds or as a date (RFC 9110, 10.2.3). A date
// is held against the receiver's own clock where it shows it.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	seconds, err := strconv.ParseUint(text, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(maxWait/time.Second))) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
		now = theirs
	}
	return min(max(until.Sub(now), 0), maxWait)
}

// broken judges an attempt without an answer. Our own sentences only: the
// errors of net and http quote the address and what came over the line.
func broken(ctx, attempt context.Context, err error) Outcome {
	var (
		name    *net.DNSError
		cert    *tls.CertificateVerificationError
		header  tls.RecordHeaderError
		op      *net.OpError
		timeout net.Error
	)
	o := Outcome{State: Retry, Detail: "the connection broke off"}
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork):
		o = Outcome{State: Failed, Detail: notPublic}
	case errors.Is(err, ssrf.ErrProhibitedPort):
		o = Outcome{State: Failed, Detail: wrongPort}
	case ctx.Err() != nil:
		o.Detail = "the attempt was cut short"
	case errors.As(err, &name):
		o.Detail = "the receiver's name cannot be looked up"
	case attempt.Err() != nil, errors.As(err, &timeout) && timeout.Timeout():
		o.Detail = "the receiver did not answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		o.Detail = "the receiver refuses connections"
	case errors.As(err, &cert):
		o.Detail = "the receiver's certificate is not valid"
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &header), errors.As(err, &op) && op.Op == "remote error": // crypto/tls calls an alert so
		o.Detail = "the receiver has no TLS 1.2 or later"
	}
	return o
}
