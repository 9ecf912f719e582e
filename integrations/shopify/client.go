package shopify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	goshopify "github.com/bold-commerce/go-shopify/v4"

	"flywheel/commerce"
	"flywheel/fault"
)

const (
	// callTimeout bounds one request. A job that waits longer does better to come again.
	callTimeout = 20 * time.Second
	// maxPages bounds the pages of one order's lines: 500 is more than Shopify lets a checkout have.
	maxPages = 10
)

// Client asks the Admin API. It is safe for several goroutines: go-shopify's own
// client is a data race when shared, so every call makes one.
type Client struct {
	Options
	app goshopify.App
}

// New returns a client of the app.
func New(o Options) *Client {
	if o.HTTP == nil {
		o.HTTP = http.DefaultClient
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	secret := ""
	if len(o.Secrets) > 0 {
		secret = o.Secrets[0]
	}
	return &Client{Options: o, app: goshopify.App{ApiKey: o.Key, ApiSecret: secret}}
}

// Order reads one order as it stands now. It says what the webhook would,
// except the moment of payment that only orders/paid names. Errors are
// fault.NotFound, fault.Denied (token or access is gone), fault.Temporary and
// fault.Permanent; none holds the token.
func (c *Client) Order(ctx context.Context, a Access, orderID string) (commerce.OrderChange, error) {
	if !isID(orderID) {
		return commerce.OrderChange{}, fault.New(fault.Invalid, "%q is not the id of an order", short(orderID))
	}
	var node *orderNode
	after := (*string)(nil)
	for range maxPages {
		page, err := c.orderPage(ctx, a, orderID, after)
		if err != nil {
			return commerce.OrderChange{}, err
		}
		if node == nil {
			node = page
		} else {
			node.Lines.Nodes = append(node.Lines.Nodes, page.Lines.Nodes...)
		}
		if !page.Lines.Page.More {
			break
		}
		after = &page.Lines.Page.End
	}
	return node.change()
}

func (c *Client) orderPage(ctx context.Context, a Access, id string, after *string) (*orderNode, error) {
	var data struct {
		Order *orderNode `json:"order"`
	}
	vars := map[string]any{"id": "gid://shopify/Order/" + id, "after": after}
	if err := c.query(ctx, a, orderQuery, vars, &data); err != nil {
		return nil, fmt.Errorf("order %s of %s: %w", id, a.Shop, err)
	}
	if data.Order == nil {
		return nil, fault.New(fault.NotFound, "order %s is not in this shop, or older than the app may see", id)
	}
	return data.Order, nil
}

func (n *orderNode) change() (commerce.OrderChange, error) {
	raw, err := json.Marshal(n)
	if err != nil {
		return commerce.OrderChange{}, err
	}
	var r reader
	o := n.body().facts(&r)
	o.Detail.Hash = hash(raw)
	if r.err != nil {
		return commerce.OrderChange{}, fault.Wrap(fault.Permanent, cause(r.err), "order: %s", fault.Sentence(r.err))
	}
	return o, nil
}

// query runs one document through go-shopify. What it is at fault with is done
// around it: the shop's name is checked first (it would send the token to any
// host that mentions myshopify.com), it never retries (its waits ignore the
// context), and guard judges answers before it sees them (it reads without
// limit and drops the codes of errors).
func (c *Client) query(ctx context.Context, a Access, document string, vars, into any) error {
	if err := a.check(); err != nil {
		return err
	}
	g := &guard{next: c.HTTP.Transport}
	if c.URL != "" {
		base, err := url.Parse(c.URL)
		if err != nil || base.Host == "" {
			return fault.New(fault.Permanent, "the address of the Shopify API is not a URL")
		}
		g.base = base
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	api, err := goshopify.NewClient(c.app, a.Shop, a.Token, goshopify.WithVersion(apiVersion), goshopify.WithHTTPClient(&http.Client{
		Transport: g, Timeout: c.HTTP.Timeout,
		// A redirect would carry the token, in a header Go does not know as secret, to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}))
	if err != nil {
		return fault.Wrap(fault.Permanent, err, "shopify %s", a.Shop)
	}
	return judged(g, api.GraphQL.Query(ctx, document, vars, into))
}

// judged prefers guard's verdict to go-shopify's error, which knows less.
func judged(g *guard, err error) error {
	var known *fault.Error
	var graph goshopify.ResponseError
	switch {
	case err == nil, errors.As(err, &graph) && g.partial:
		return nil // the fields that were withheld are empty, the rest is good
	case errors.As(err, &known):
		return known
	case g.answered:
		return fault.Wrap(fault.Permanent, err, "shopify answered something else than was asked for")
	}
	return fault.Wrap(fault.Temporary, err, "shopify could not be reached")
}
