package slack

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"
)

// State is how an attempt ended.
type State string

// The states.
const (
	Sent    State = "sent"
	Retry   State = "retry"   // certainly not posted; may be later
	Failed  State = "failed"  // not posted, and this text never will be
	Gone    State = "gone"    // not posted, and nothing ever will be by this address
	Unknown State = "unknown" // it was handed over and nobody answered
)

// maxWait bounds what a server may ask for.
const maxWait = 24 * time.Hour

// Outcome is how an attempt ended.
type Outcome struct {
	State State
	Code  int // HTTP status; 0 = there was no answer
	// Detail says why, in words of ours and one of Slack's: nothing of the address. "" when it was sent.
	Detail string
	// RetryAfter is how long the server asks to be left alone, at most a day; 0 = it does not say.
	RetryAfter time.Duration
}

// known are the words with which Slack refuses (docs.slack.dev, "Sending messages using incoming webhooks",
// handling errors). No other word of an answer is repeated.
var known = []string{
	"invalid_payload", "user_not_found", "channel_not_found", "channel_is_archived", "action_prohibited", "posting_to_general_channel_denied",
	"too_many_attachments", "no_service", "no_service_id", "no_team", "team_disabled", "invalid_token", "no_text", "rollup_error",
}

// answered judges an answer.
func answered(resp *http.Response, body string, now time.Time) Outcome {
	code, why := resp.StatusCode, ""
	for _, word := range known {
		if body == word {
			why = ": " + word
		}
	}
	o := Outcome{Code: code}
	switch {
	case code/100 == 2 && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") && body != "ok":
		o.State, o.Detail = Gone, "the address leads to a web page, not to a webhook"
	case code/100 == 2:
		o.State = Sent
	case code/100 == 3:
		o.State, o.Detail = Gone, fmt.Sprintf("the address leads on to another (HTTP %d); enter that one instead", code)
	case code == http.StatusNotFound, code == http.StatusGone:
		o.State, o.Detail = Gone, fmt.Sprintf("there is no channel behind the address any more (HTTP %d%s)", code, why)
	case code == http.StatusTooManyRequests, code >= 500, code == http.StatusRequestTimeout:
		o.State, o.Detail, o.RetryAfter = Retry, fmt.Sprintf("the server did not take it now (HTTP %d%s)", code, why), retryAfter(resp.Header, now)
	default:
		o.State, o.Detail = Failed, fmt.Sprintf("the server refuses it (HTTP %d%s)", code, why)
	}
	return o
}

// retryAfter reads the header in seconds, as Slack sends it, or as a date (RFC 9110, 10.2.3).
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
	return min(max(until.Sub(now), 0), maxWait)
}

// broken judges an attempt without an answer, in sentences of ours: errors of net
// and http quote the address.
func broken(attempt context.Context, err error, wrote bool) Outcome {
	var (
		name    *net.DNSError
		cert    *tls.CertificateVerificationError
		timeout net.Error
	)
	o := Outcome{State: Retry, Detail: "the connection broke off"}
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork), errors.Is(err, ssrf.ErrProhibitedPort):
		return Outcome{State: Gone, Detail: notPublic}
	case errors.As(err, &name):
		o.Detail = "the server's name cannot be looked up"
	case attempt.Err() != nil, errors.As(err, &timeout) && timeout.Timeout():
		o.Detail = "the server did not answer in time"
	case errors.As(err, &cert):
		o.Detail = "the server's certificate is not valid"
	}
	if wrote {
		o.State = Unknown
	}
	return o
}
