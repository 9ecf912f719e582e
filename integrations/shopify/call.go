package shopify

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/Khan/genqlient/graphql"
	goshopify "github.com/bold-commerce/go-shopify/v4"

	"flywheel/fault"
)

// callTimeout bounds one request. A job that waits longer does better to come again.
const callTimeout = 20 * time.Second

// asker asks one shop in the typed operations of package gql.
type asker struct {
	client *Client
	access Access
}

// graph returns what gql's operations ask shop a with. Errors are
// fault.Invalid (no shop's name), fault.Denied (with ErrToken: the token is
// gone), fault.NotFound, fault.Temporary and fault.Permanent; none holds the
// token. Fields that the app may not see are empty, which is no error.
func (c *Client) graph(a Access) graphql.Client { return asker{c, a} }

// MakeRequest implements graphql.Client.
func (q asker) MakeRequest(ctx context.Context, req *graphql.Request, resp *graphql.Response) error {
	if err := q.access.check(); err != nil {
		return err
	}
	o := operation{name: req.OpName, mutation: strings.HasPrefix(strings.TrimSpace(req.Query), "mutation")}
	return q.client.patiently(ctx, !o.mutation, func(ctx context.Context) verdict {
		return q.client.metered(ctx, q.access, o, func() (*guard, error) { return q.once(ctx, req, resp.Data) })
	})
}

// operation is what limits and the log need to know of a question.
type operation struct {
	name     string // as in gql, such as Order
	mutation bool
}

// metered asks once, on the account of the shop's bucket.
func (c *Client) metered(ctx context.Context, a Access, o operation, ask func() (*guard, error)) verdict {
	paid, err := c.Bucket.take(ctx, c.bucketKey(a.Shop), o, c.Log)
	if err != nil {
		return verdict{err: err, late: true}
	}
	g, err := ask()
	c.Bucket.settle(ctx, c.bucketKey(a.Shop), o, paid, g.cost, c.Log)
	c.compare(a.Shop, g.version)
	if g.partial {
		c.Log.DebugContext(ctx, "shopify withheld fields that the app may not see", "operation", o.name, "shop", a.Shop)
	}
	return verdict{err: err, refused: g.refused, late: g.shut, wait: g.wait}
}

// once sends one document through go-shopify. What it is at fault with is done
// around it: the shop's name was checked (it would send the token to any host
// that mentions myshopify.com), it never retries (its waits ignore the context),
// and guard judges answers before it sees them (it reads without limit and
// drops the codes of errors).
func (q asker) once(ctx context.Context, req *graphql.Request, into any) (*guard, error) {
	g := &guard{}
	var err error
	if g.wire, err = q.client.wire(); err != nil {
		return g, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	api, err := goshopify.NewClient(q.client.app, q.access.Shop, q.access.Token, goshopify.WithVersion(apiVersion), goshopify.WithHTTPClient(&http.Client{
		Transport: g, Timeout: q.client.HTTP.Timeout,
		// A redirect would carry the token, in a header Go does not know as secret, to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}))
	if err != nil {
		return g, fault.Wrap(fault.Permanent, err, "shopify %s", q.access.Shop)
	}
	return g, judged(g, api.GraphQL.Query(ctx, req.Query, req.Variables, into))
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
