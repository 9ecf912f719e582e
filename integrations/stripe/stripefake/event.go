package stripefake

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"
)

// Event is the envelope in which Stripe sends an object.
type Event struct {
	ID      string // by default made from type, object and time
	Type    string // charge.refunded
	Created time.Time
	Account string // "": the account that owns the endpoint
	Test    bool
	Object  Object
	Before  Object // what an update changed, as it was: data.previous_attributes
	Version string // APIVersion
}

// Body is the JSON of e.
func (e Event) Body() []byte {
	id := e.ID
	if id == "" {
		id = fmt.Sprintf("evt_%s_%s_%d", strings.ReplaceAll(e.Type, ".", "_"), e.Object.text("id"), e.Created.Unix())
	}
	o := Object{
		"id": id, "object": "event", "type": e.Type, "created": e.Created.Unix(), "livemode": !e.Test,
		"api_version": cmp.Or(e.Version, APIVersion), "data": Object{"object": e.Object},
		"pending_webhooks": 1, "request": Object{"id": nil, "idempotency_key": nil},
	}
	if e.Before != nil {
		o["data"] = Object{"object": e.Object, "previous_attributes": e.Before}
	}
	if e.Account != "" {
		o["account"] = e.Account
	}
	body, err := json.MarshalIndent(o, "", "  ") // Stripe indents too
	if err != nil {
		panic("stripefake: an object holds what JSON cannot: " + err.Error())
	}
	return body
}

// Sign returns the header with which Stripe would send body at at.
func Sign(body []byte, secret string, at time.Time) http.Header {
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: at})
	return http.Header{"Stripe-Signature": {signed.Header}, "Content-Type": {"application/json; charset=utf-8"}}
}

// Sender posts signed bodies to an endpoint.
type Sender struct {
	URL    string
	Secret string
	Client *http.Client // nil: http.DefaultClient
}

// Send posts body as if signed at at and returns the status of the answer.
func (s Sender) Send(ctx context.Context, body []byte, at time.Time) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("stripefake: %w", err)
	}
	req.Header = Sign(body, s.Secret, at)
	res, err := cmp.Or(s.Client, http.DefaultClient).Do(req)
	if err != nil {
		return 0, fmt.Errorf("stripefake: %w", err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body) // the answer's text is of no use to Stripe
	return res.StatusCode, nil
}
