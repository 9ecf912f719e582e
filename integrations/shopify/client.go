package shopify

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	goshopify "github.com/bold-commerce/go-shopify/v4"

	"flywheel/fault"
)

// apiVersion is pinned; each version lives for at least a year
// (shopify.dev/docs/api/usage/versioning). It has the form YYYY-MM, since
// go-shopify takes anything else for no version at all.
const apiVersion = "2026-10"

// Client asks the Admin API. It is safe for several goroutines: go-shopify's own
// client is a data race when shared, so every call makes one.
type Client struct {
	Options
	app   goshopify.App
	drift drift
}

// New returns a client of the app.
func New(o Options) *Client {
	if o.HTTP == nil {
		o.HTTP = http.DefaultClient
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Pause = cmp.Or(o.Pause, 200*time.Millisecond)
	return &Client{Options: o, app: goshopify.App{ApiKey: o.Key}}
}

// wire returns the way to Shopify for one request.
func (c *Client) wire() (wire, error) {
	w := wire{next: c.HTTP.Transport}
	if w.next == nil {
		w.next = http.DefaultTransport
	}
	if c.URL == "" {
		return w, nil
	}
	base, err := url.Parse(c.URL)
	if err != nil || base.Host == "" {
		return w, fault.New(fault.Permanent, "the address of the Shopify API is not a URL")
	}
	w.base = base
	return w, nil
}
