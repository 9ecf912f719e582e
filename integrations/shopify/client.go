package shopify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	app     goshopify.App
	baseURL string
	http    *http.Client
}

// New returns a client of the app. baseURL replaces https://{shop}, for a fake;
// "" is the real host. A nil hc means http.DefaultClient.
func New(apiKey, apiSecret, baseURL string, hc *http.Client) *Client {
	if hc == nil {
		hc = http.DefaultClient
	}
	return &Client{app: goshopify.App{ApiKey: apiKey, ApiSecret: apiSecret}, baseURL: baseURL, http: hc}
}

// Order reads one order as it stands now. It says what the webhook would,
// except the moment of payment that only orders/paid names. Errors are
// fault.NotFound, fault.Denied (token or access is gone), fault.Temporary and
// fault.Permanent; none holds the token.
func (c *Client) Order(ctx context.Context, shopDomain, token, orderID string) (commerce.OrderChange, error) {
	if !isID(orderID) {
		return commerce.OrderChange{}, fault.New(fault.Invalid, "%q is not the id of an order", short(orderID))
	}
	var node *orderNode
	after := (*string)(nil)
	for range maxPages {
		page, err := c.orderPage(ctx, shopDomain, token, orderID, after)
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

func (c *Client) orderPage(ctx context.Context, shop, token, id string, after *string) (*orderNode, error) {
	var data struct {
		Order *orderNode `json:"order"`
	}
	vars := map[string]any{"id": "gid://shopify/Order/" + id, "after": after}
	if err := c.query(ctx, shop, token, orderQuery, vars, &data); err != nil {
		return nil, fmt.Errorf("order %s of %s: %w", id, shop, err)
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
func (c *Client) query(ctx context.Context, shop, token, document string, vars, into any) error {
	if !ValidShop(shop) {
		return fault.New(fault.Invalid, "%q is not the name of a shop", short(shop))
	}
	if token == "" {
		return fault.New(fault.Denied, "there is no access token for the shop")
	}
	g := &guard{next: c.http.Transport}
	if c.baseURL != "" {
		base, err := url.Parse(c.baseURL)
		if err != nil || base.Host == "" {
			return fault.New(fault.Permanent, "the address of the Shopify API is not a URL")
		}
		g.base = base
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	api, err := goshopify.NewClient(c.app, shop, token, goshopify.WithVersion(apiVersion), goshopify.WithHTTPClient(&http.Client{
		Transport: g, Timeout: c.http.Timeout,
		// A redirect would carry the token, in a header Go does not know as secret, to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}))
	if err != nil {
		return fault.Wrap(fault.Permanent, err, "shopify %s", shop)
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
