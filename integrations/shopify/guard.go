package shopify

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"flywheel/fault"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 8 << 20

// guard is the transport of one call: it leads it to the fake where there is
// one, reads the answer with a limit, and says what went wrong.
type guard struct {
	base *url.URL          // nil: the shop's own host
	next http.RoundTripper // nil: http.DefaultTransport

	answered bool // a whole answer came
	partial  bool // it lacks only fields the app may not see
}

// RoundTrip implements http.RoundTripper. Its errors are faults.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if g.base != nil {
		req = req.Clone(req.Context())
		req.Host = req.URL.Host // the fake sees which shop was meant
		req.URL.Scheme, req.URL.Host = g.base.Scheme, g.base.Host
		req.URL.Path = strings.TrimSuffix(g.base.Path, "/") + req.URL.Path
	}
	next := g.next
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(req)
	if err != nil {
		return nil, fault.Wrap(fault.Temporary, err, "shopify could not be reached")
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, fault.Wrap(fault.Temporary, err, "shopify's answer broke off")
	}
	if len(body) > maxAnswer {
		return nil, fault.New(fault.Permanent, "shopify's answer is larger than %d bytes", maxAnswer)
	}
	g.answered = true
	if err := statusFault(resp.StatusCode); err != nil {
		return nil, err
	}
	if err := g.judge(body); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// statusFault says what an HTTP status means (shopify.dev/docs/api/usage/response-codes).
func statusFault(status int) error {
	switch {
	case status == http.StatusOK:
		return nil
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fault.New(fault.Denied, "shopify no longer accepts the shop's access token (HTTP %d)", status)
	case status == http.StatusPaymentRequired:
		return fault.New(fault.Denied, "the shop is frozen (HTTP %d)", status)
	case status == http.StatusNotFound:
		return fault.New(fault.NotFound, "shopify knows no such shop (HTTP %d)", status)
	case status == http.StatusTooManyRequests, status == 430, // 430 is Shopify's own: refused as suspicious, for now
		status == http.StatusRequestTimeout, status == http.StatusLocked, status >= 500:
		return fault.New(fault.Temporary, "shopify cannot answer now (HTTP %d)", status)
	}
	return fault.New(fault.Permanent, "shopify refused the question (HTTP %d)", status)
}

// graphAnswer is the outside of a GraphQL answer. Errors come with HTTP 200.
type graphAnswer struct {
	Data   map[string]json.RawMessage `json:"data"`
	Errors json.RawMessage            `json:"errors"`
}

type graphError struct {
	Message    string `json:"message"`
	Extensions struct {
		Code string `json:"code"`
	} `json:"extensions"`
}

// judge finds the gravest error in an answer. A field the app may not see is
// null beside an ACCESS_DENIED; the rest of the object is still worth having.
func (g *guard) judge(body []byte) error {
	var a graphAnswer
	if err := json.Unmarshal(body, &a); err != nil {
		return fault.New(fault.Temporary, "shopify's answer is not JSON") // an error page on its way
	}
	if len(a.Errors) == 0 || string(a.Errors) == "null" {
		return nil
	}
	var list []graphError
	if err := json.Unmarshal(a.Errors, &list); err != nil {
		return fault.New(fault.Permanent, "shopify refused the question: %s", short(string(a.Errors)))
	}
	denied := false
	for _, e := range list {
		switch e.Extensions.Code {
		case "THROTTLED", "INTERNAL_SERVER_ERROR", "TIMEOUT":
			return fault.New(fault.Temporary, "shopify cannot answer now (%s)", e.Extensions.Code)
		case "ACCESS_DENIED":
			denied = true
		default:
			return fault.New(fault.Permanent, "shopify refused the question: %s", short(e.Message))
		}
	}
	g.partial = denied && a.hasData()
	if denied && !g.partial {
		return fault.New(fault.Denied, "the app may not read this (ACCESS_DENIED)")
	}
	return nil
}

func (a graphAnswer) hasData() bool {
	for _, v := range a.Data {
		if string(v) != "null" {
			return true
		}
	}
	return false
}
