// Package slack posts sentences to a shop's team through an incoming webhook of
// Slack or of whatever takes the same (Mattermost, Rocket.Chat, Zulip, Discord's
// /slack address), and says how the attempt ended. It calls public addresses over
// https only, which is asked of each connection when it is made. What is told,
// when and how often is the matter of package jobs.
package slack

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"flywheel/fault"
)

// attemptTime is how long an attempt may take, the look-up of the name included.
const attemptTime = 10 * time.Second

// maxText is how many characters a message may have: Slack advises 4,000
// (docs.slack.dev, "Formatting message text"). More is cut.
const maxText = 4000

// maxAnswer is as much of an answer as is read; Slack says "ok".
const maxAnswer = 4 << 10

// Options are what a Poster is made with.
type Options struct {
	// Timeout is how long one attempt may take, in real time; 0 = 10 s.
	Timeout time.Duration
	// AllowPrivate lets messages go to private addresses, to any port and over
	// plain http: for tests, and for those who host for themselves only. The
	// metadata services of clouds stay closed.
	AllowPrivate bool
	// RootCAs are whom to believe a server's certificate; nil = the system's.
	RootCAs *x509.CertPool
}

// Poster posts to incoming webhooks. It is safe for concurrent use.
type Poster struct {
	timeout   time.Duration
	guard     guard
	transport *http.Transport
}

// New makes a poster. It connects only when there is something to say.
func New(o Options) *Poster {
	p := &Poster{timeout: cmp.Or(o.Timeout, attemptTime), guard: newGuard(o.AllowPrivate)}
	dialer := net.Dialer{Timeout: p.timeout, ControlContext: p.guard.control}
	p.transport = &http.Transport{
		Proxy:                  nil, // a proxy from the environment would make the guard look at the proxy's address
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    p.timeout,
		MaxIdleConns:           8,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return p
}

// Close ends the connections that rest.
func (p *Poster) Close() { p.transport.CloseIdleConnections() }

// Post makes one attempt to post a text, whatever stands in it: nothing of it is
// a link, a name or a call for attention. The address is a secret and is in no outcome.
func (p *Poster) Post(ctx context.Context, address, text string) Outcome {
	if ctx.Err() != nil {
		return Outcome{State: Retry, Detail: "there was no time left to try"}
	}
	if err := p.guard.checkURL(address); err != nil {
		return Outcome{State: Gone, Detail: fault.Sentence(err)}
	}
	body, err := json.Marshal(map[string]string{"text": Plain(text)})
	if err != nil {
		return Outcome{State: Failed, Detail: "the text cannot be written as JSON"}
	}
	attempt, stop := context.WithTimeout(ctx, p.timeout)
	defer stop()
	var wrote atomic.Bool // from then on nobody knows without an answer
	attempt = httptrace.WithClientTrace(attempt, &httptrace.ClientTrace{WroteRequest: func(i httptrace.WroteRequestInfo) {
		wrote.Store(true)
	}})
	req, err := http.NewRequestWithContext(attempt, http.MethodPost, address, io.NopCloser(bytes.NewReader(body)))
	if err != nil {
		return Outcome{State: Gone, Detail: fault.Sentence(errURL)}
	}
	req.ContentLength = int64(len(body)) // without GetBody nothing is sent a second time by itself
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Flywheel")
	resp, err := p.transport.RoundTrip(req) // the transport itself follows no redirects
	if err != nil {
		return broken(attempt, err, wrote.Load())
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return answered(resp, strings.TrimSpace(string(answer)), time.Now())
}

// escape takes the meaning from the three characters that have one in Slack
// (docs.slack.dev, "Formatting message text", escaping text).
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// attention matches the words with which some of the servers call everybody.
var attention = regexp.MustCompile(`(?i)@(all|here|channel|everyone)\b`)

// Plain is a text as it is posted: cut, with nothing in it that is more than text.
func Plain(text string) string {
	runes := []rune(strings.ToValidUTF8(text, "\uFFFD"))
	if len(runes) > maxText {
		runes = append(runes[:maxText-1], '…')
	}
	text = attention.ReplaceAllString(string(runes), "@\u2060$1") // a word joiner: nobody sees it
	return escape.Replace(text)
}
