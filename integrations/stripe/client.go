package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/form"

	"flywheel/commerce"
	"flywheel/fault"
)

// Client speaks with Stripe in the name of whom each call's Access names. It is
// safe for use by several goroutines.
type Client struct {
	backend  stripego.Backend
	pageTime time.Duration // how long a page of the past may go on
}

// ErrNoAccess is Stripe's word that the key may not act in the account's name:
// the app was removed there, or never installed in this mode.
var ErrNoAccess = errors.New("no access to the account")

// Options say where a Client asks. The zero value is Stripe itself.
type Options struct {
	URL  string       // of a fake or of stripe-mock; "" = Stripe
	HTTP *http.Client // nil = one with a timeout of 30 seconds
}

// New makes a client.
//
// stripe-go's own retries are off: it sleeps between them without heeding the
// context. A job that gets fault.Temporary comes again by its backoff table.
func New(o Options) *Client {
	hc := o.HTTP
	if hc == nil {
		hc = &http.Client{Timeout: 30 * time.Second}
	}
	config := &stripego.BackendConfig{
		HTTPClient:        hc,
		MaxNetworkRetries: stripego.Int64(0),
		EnableTelemetry:   stripego.Bool(false),
		LeveledLogger:     &stripego.LeveledLogger{Level: stripego.LevelNull}, // it logs bodies
	}
	if o.URL != "" {
		config.URL = stripego.String(o.URL)
	}
	return &Client{backend: stripego.GetBackendWithConfig(stripego.APIBackend, config), pageTime: pageTime}
}

// Charge reads a charge again as of asOf: keys, sums, all refunds and disputes,
// the person with the address their customer has, and the description of its
// invoice or, where the charge is all there is, of itself. Errors are
// fault.NotFound, Denied, Invalid, Temporary or Permanent.
func (c *Client) Charge(ctx context.Context, a Access, chargeID string, asOf commerce.Instant) (commerce.OrderChange, error) {
	raw, err := c.get(ctx, a, "charge", chargeID, fields(
		"expand[]", "customer", "expand[]", "invoice", "expand[]", "refunds"))
	if err != nil {
		return commerce.OrderChange{}, err
	}
	o, err := c.fetchedCharge(ctx, a, raw, asOf)
	return answer(orderOf(o), err, "charge", chargeID)
}

// PaymentIntent reads a payment with its charge, refunds, disputes, customer and
// invoice, for an order of which only a refund or dispute told. Its payment is evidence seen
// (commerce.Payment.Processed), not a moment that Stripe told. Errors as Charge.
func (c *Client) PaymentIntent(ctx context.Context, a Access, id string, asOf commerce.Instant) (commerce.OrderChange, error) {
	raw, err := c.get(ctx, a, "payment_intent", id, fields(
		"expand[]", "customer", "expand[]", "invoice", "expand[]", "latest_charge.refunds"))
	if err != nil {
		return commerce.OrderChange{}, err
	}
	o, err := c.fetchedIntent(ctx, a, raw, asOf)
	return answer(orderOf(o), err, "payment_intent", id)
}

// answer turns what could not be read of an answer into fault.Permanent.
func answer[T any](told T, err error, kind, id string) (T, error) {
	var nothing T
	switch {
	case err == nil:
		return told, nil
	case fault.KindOf(err) != "":
		return nothing, fmt.Errorf("%s %s: %w", kind, id, err)
	}
	return nothing, fault.Wrap(fault.Permanent, err, "Stripe's answer about %s cannot be read", id)
}

func orderOf(o *commerce.OrderChange) commerce.OrderChange {
	if o == nil {
		return commerce.OrderChange{}
	}
	return *o
}

func (c *Client) get(ctx context.Context, a Access, kind, id string, query *form.Values) ([]byte, error) {
	if id == "" || !plain(id) { // "" would be the list of all
		return nil, fault.New(fault.Invalid, "%q is not the id of a %s", clean(id), kind)
	}
	raw, err := c.call(ctx, a, stripego.FormatURLPath("/v1/"+kind+"s/%s", id), query)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind, id, err)
	}
	return raw, nil
}

// fields makes a query of names and values in turn, leaving out empty ones.
func fields(pairs ...string) *form.Values {
	var v form.Values
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Add(pairs[i], pairs[i+1])
		}
	}
	return &v
}

// maxKey bounds an idempotency key, https://docs.stripe.com/api/idempotent_requests.
const maxKey = 255

// body is an answer whose JSON is left to our own structs.
type body struct{ stripego.APIResource }

func (c *Client) call(ctx context.Context, a Access, path string, query *form.Values) ([]byte, error) {
	return c.send(ctx, a, http.MethodGet, path, query, "")
}

// send is one request. once is its idempotency key: what is sent again under
// the same key within a day is done once. Without one, whoever tries again does
// it twice; stripe-go's own is made anew for every call.
func (c *Client) send(ctx context.Context, a Access, method, path string, query *form.Values, once string) ([]byte, error) {
	if len(once) > maxKey { // stripe-go's own words for it would be tried again
		return nil, fault.New(fault.Invalid, "an idempotency key has at most %d characters", maxKey)
	}
	params := &stripego.Params{Context: ctx}
	if a.Account != "" {
		params.SetStripeAccount(a.Account)
	}
	if once != "" {
		params.SetIdempotencyKey(once)
	}
	var b body
	if err := c.backend.CallRaw(method, path, a.Key, query, params, &b); err != nil {
		return nil, outcome(ctx, err)
	}
	return b.LastResponse.RawJSON, nil
}

// outcome sorts an error of stripe-go. Its own texts are left out: they hold
// parts of keys and bodies.
func outcome(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fault.Wrap(fault.Temporary, ctx.Err(), "Stripe did not answer in time")
	}
	var told *stripego.Error
	if !errors.As(err, &told) {
		var broken *url.Error
		if errors.As(err, &broken) {
			return fault.Wrap(fault.Temporary, broken.Err, "Stripe cannot be reached")
		}
		return fault.New(fault.Temporary, "Stripe's answer was not its JSON")
	}
	cause := fmt.Errorf("status %d, code %q, request %q", told.HTTPStatusCode, told.Code, told.RequestID)
	switch status := told.HTTPStatusCode; {
	case told.Code == stripego.ErrorCodeAccountInvalid:
		return fault.Wrap(fault.Denied, errors.Join(ErrNoAccess, cause), "the account no longer gives Flywheel access")
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fault.Wrap(fault.Denied, cause, "Stripe refuses the key, or the account no longer gives access")
	case status == http.StatusNotFound:
		return fault.Wrap(fault.NotFound, cause, "Stripe knows nothing by that id in this account")
	case status == http.StatusTooManyRequests, status == http.StatusConflict, status >= 500:
		return fault.Wrap(fault.Temporary, cause, "Stripe is busy")
	}
	return fault.Wrap(fault.Permanent, cause, "Stripe refuses the request")
}
