package shopify

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"flywheel/fault"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 8 << 20

// guard is the transport of one request to the API. It judges the answer before
// go-shopify sees it, and keeps what go-shopify drops: the codes of errors, what
// the question cost and how long to wait.
type guard struct {
	wire wire

	answered bool          // a whole answer came
	partial  bool          // it lacks only fields the app may not see
	refused  bool          // Shopify turned the question away before doing anything
	shut     bool          // no use asking again within minutes
	wait     time.Duration // how long Shopify asks us to wait; 0 = not told
	cost     *cost         // nil = not told
	version  string        // which version answered; "" = not told
}

// RoundTrip implements http.RoundTripper. Its errors are faults.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, body, err := g.wire.ask(req, maxAnswer)
	if err != nil {
		g.refused = unsent(err)
		return nil, err
	}
	g.answered = true
	g.version = resp.Header.Get("X-Shopify-Api-Version")
	g.wait = retryAfter(resp.Header)
	g.refused = resp.StatusCode == http.StatusTooManyRequests
	g.shut = resp.StatusCode == http.StatusLocked || resp.StatusCode == statusSuspicious
	if err := statusFault(resp.StatusCode); err != nil {
		if resp.StatusCode == http.StatusForbidden && bytes.Contains(body, []byte("on-expiring access tokens")) {
			return nil, fault.Wrap(fault.Denied, ErrToken, "shopify no longer accepts access tokens that do not expire")
		}
		return nil, err
	}
	if err := g.judge(body); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// statusSuspicious is Shopify's own: refused for now as a security risk.
const statusSuspicious = 430

// statusFault says what an HTTP status means (shopify.dev/docs/api/usage/response-codes).
func statusFault(status int) error {
	switch {
	case status == http.StatusOK:
		return nil
	case status == http.StatusUnauthorized:
		return fault.Wrap(fault.Denied, ErrToken, "shopify no longer accepts the shop's access token (HTTP %d)", status)
	case status == http.StatusForbidden:
		return fault.New(fault.Denied, "shopify does not let the app do this in the shop (HTTP %d)", status)
	case status == http.StatusPaymentRequired:
		return fault.New(fault.Denied, "the shop is frozen (HTTP %d)", status)
	case status == http.StatusNotFound:
		return fault.New(fault.NotFound, "shopify knows no such shop (HTTP %d)", status)
	case status == http.StatusTooManyRequests, status == statusSuspicious, status == http.StatusLocked:
		return fault.Wrap(fault.Temporary, ErrTurnedAway, "shopify cannot answer now (HTTP %d)", status)
	case status == http.StatusRequestTimeout, status >= 500:
		return fault.New(fault.Temporary, "shopify cannot answer now (HTTP %d)", status)
	}
	return fault.New(fault.Permanent, "shopify refused the question (HTTP %d)", status)
}

// graphAnswer is the outside of a GraphQL answer. Errors come with HTTP 200.
type graphAnswer struct {
	Data       map[string]json.RawMessage `json:"data"`
	Errors     json.RawMessage            `json:"errors"`
	Extensions json.RawMessage            `json:"extensions"`
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
	g.cost = readCost(a.Extensions)
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
		case "THROTTLED":
			g.refused = true
			g.wait = max(g.wait, g.cost.wait())
			return fault.New(fault.Temporary, "shopify cannot answer now (THROTTLED)")
		case "INTERNAL_SERVER_ERROR", "TIMEOUT":
			return fault.New(fault.Temporary, "shopify cannot answer now (%s)", e.Extensions.Code)
		case "SHOP_INACTIVE":
			return fault.New(fault.Denied, "the shop is frozen or closed (SHOP_INACTIVE)")
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

// cost is what a question cost and what is left of the shop's bucket, in points
// (shopify.dev/docs/api/usage/limits). Limits differ by the shop's plan and
// change, so only these figures are believed.
type cost struct {
	Requested float64 `json:"requestedQueryCost"`
	Actual    float64 `json:"actualQueryCost"` // 0 for a question that was turned away
	Throttle  struct {
		Max       float64 `json:"maximumAvailable"`
		Available float64 `json:"currentlyAvailable"`
		Rate      float64 `json:"restoreRate"` // points a second
	} `json:"throttleStatus"`
}

// readCost returns nil for an answer that does not say, or says nonsense.
func readCost(extensions json.RawMessage) *cost {
	var e struct {
		Cost *cost `json:"cost"`
	}
	if len(extensions) == 0 || json.Unmarshal(extensions, &e) != nil || e.Cost == nil {
		return nil
	}
	if c := e.Cost; c.Requested < 0 || c.Actual < 0 || c.Throttle.Max <= 0 || c.Throttle.Rate <= 0 {
		return nil
	}
	return e.Cost
}

// wait is how long it takes until the bucket holds what was asked for.
func (c *cost) wait() time.Duration {
	if c == nil {
		return 0
	}
	return seconds((c.Requested - c.Throttle.Available) / c.Throttle.Rate)
}
