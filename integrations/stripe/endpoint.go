package stripe

import (
	"context"
	"net/http"
	"slices"

	stripego "github.com/stripe/stripe-go/v76"

	"flywheel/fault"
)

// Endpoint is a webhook endpoint: where Stripe sends an account's events.
type Endpoint struct {
	ID      string // we_...
	URL     string
	Version string // of the API, in which its events are told; "" = the account's own, which changes
	Status  string // enabled or disabled
	Secret  string // whsec_..., told by CreateEndpoint alone
	Connect bool   // gets the events of connected accounts, not of the key's own
	Live    bool
	Events  []string
}

// EndpointWish is what a new endpoint is to be.
type EndpointWish struct {
	URL         string
	Connect     bool
	Description string // for the merchant's own list
}

// endpoint is a Webhook Endpoint. It says nowhere whether it is one of Connect
// but by the app it belongs to; those we made carry a mark of ours.
type endpoint struct {
	ID          string            `json:"id"`
	URL         string            `json:"url"`
	Version     string            `json:"api_version"`
	Status      string            `json:"status"`
	Secret      string            `json:"secret"`
	Application string            `json:"application"`
	Live        bool              `json:"livemode"`
	Events      []string          `json:"enabled_events"`
	Metadata    map[string]string `json:"metadata"`
}

// connectMark is the metadata field by which a Connect endpoint of ours is known.
const connectMark = "flywheel_connect"

// EndpointEvents are the event types an endpoint of ours asks for. Of Connect
// it also hears of the app itself. Payments of invoices are left out: at our
// version every invoice names its payment, and Stripe has the type only since.
func EndpointEvents(connect bool) []string {
	out := slices.DeleteFunc(usedTypes(), func(t string) bool { return t == "invoice_payment.paid" })
	if connect {
		out = append(out, "account.application.authorized", "account.application.deauthorized")
	}
	return out
}

// Lacks lists the event types that e should have and does not.
func (e Endpoint) Lacks() (out []string) {
	for _, t := range EndpointEvents(e.Connect) {
		if !slices.Contains(e.Events, t) && !slices.Contains(e.Events, "*") {
			out = append(out, t)
		}
	}
	return out
}

// Endpoints lists all endpoints of the account, its other users' included.
// Errors as Charge.
func (c *Client) Endpoints(ctx context.Context, a Access) ([]Endpoint, error) {
	const pages = 10 // an account may have 16 endpoints
	var out []Endpoint
	for cursor, n := "", 0; n < pages; n++ {
		raw, err := c.call(ctx, a, "/v1/webhook_endpoints", fields("limit", "100", "starting_after", cursor))
		if err != nil {
			return nil, err
		}
		page, err := read[list[endpoint]](raw)
		if err != nil {
			return nil, fault.Wrap(fault.Permanent, err, "Stripe's list of endpoints cannot be read")
		}
		for _, e := range page.Data {
			out, cursor = append(out, e.told()), e.ID
		}
		if !page.HasMore || len(page.Data) == 0 {
			break
		}
	}
	return out, nil
}

// CreateEndpoint makes an endpoint of APIVersion that gets EndpointEvents. Its
// secret is told now and never again. Errors as Charge.
func (c *Client) CreateEndpoint(ctx context.Context, a Access, w EndpointWish) (Endpoint, error) {
	pairs := []string{"url", w.URL, "api_version", APIVersion, "description", w.Description}
	for _, t := range EndpointEvents(w.Connect) {
		pairs = append(pairs, "enabled_events[]", t)
	}
	if w.Connect {
		pairs = append(pairs, "connect", "true", "metadata["+connectMark+"]", "true")
	}
	raw, err := c.send(ctx, a, http.MethodPost, "/v1/webhook_endpoints", fields(pairs...), "")
	if err != nil {
		return Endpoint{}, err
	}
	e, err := read[endpoint](raw)
	if err == nil && (e.ID == "" || e.Secret == "") {
		err = fault.New(fault.Permanent, "Stripe made the endpoint without telling its secret")
	}
	return answer(e.told(), err, "endpoint", e.ID)
}

// DeleteEndpoint ends an endpoint; what Stripe has not delivered to it yet is
// left to the catch-up. Errors as Charge.
func (c *Client) DeleteEndpoint(ctx context.Context, a Access, id string) error {
	if id == "" || !plain(id) {
		return fault.New(fault.Invalid, "%q is not the id of an endpoint", clean(id))
	}
	_, err := c.send(ctx, a, http.MethodDelete, stripego.FormatURLPath("/v1/webhook_endpoints/%s", id), nil, "")
	return err
}

func (e endpoint) told() Endpoint {
	return Endpoint{
		ID: e.ID, URL: e.URL, Version: e.Version, Status: e.Status, Secret: e.Secret,
		Connect: e.Application != "" || e.Metadata[connectMark] != "", Live: e.Live, Events: e.Events,
	}
}
