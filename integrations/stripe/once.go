package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	stripego "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/form"

	"flywheel/fault"
)

// onceKeys bounds how many idempotency keys are tried for one thing: each answer
// of 500 uses one up for a day.
const onceKeys = 20

// once has Stripe make one thing, however often it is called. Under an idempotency key Stripe
// gives its first answer again for a day, also where that was an error or where
// things have changed since. So an answer proves nothing but a fresh success:
// there looks whether the thing is in the account (nil), or not (fault.NotFound).
// Where it is not, and the answer was an old one or that of another request,
// the next key is tried. existed says that there has found it.
func (c *Client) once(ctx context.Context, a Access, path string, asked *form.Values, key string, there func() error) (existed bool, err error) {
	for n := 1; n <= onceKeys; n++ {
		var stale bool
		stale, err = c.post(ctx, a, path, asked, fmt.Sprintf("%s-%d", key, n))
		switch {
		case err == nil && !stale:
			return false, nil
		case fault.Is(err, fault.Denied):
			return false, err
		}
		if found := there(); !fault.Is(found, fault.NotFound) {
			return found == nil, found
		}
		if !stale {
			return false, err
		}
	}
	if err == nil { // and gone again
		err = fault.New(fault.Temporary, "Stripe made it, but it cannot be found")
	}
	return false, err
}

// post makes a request under an idempotency key. stale: the answer is not this
// request's but that of the first under the key, or the key was used for another
// request. What Stripe refuses is fault.Invalid, naming the parameter.
func (c *Client) post(ctx context.Context, a Access, path string, asked *form.Values, key string) (stale bool, err error) {
	params := &stripego.Params{Context: ctx}
	params.SetIdempotencyKey(key)
	if a.Account != "" {
		params.SetStripeAccount(a.Account)
	}
	var b body
	err = c.backend.CallRaw(http.MethodPost, path, a.Key, asked, params, &b)
	if err == nil {
		return replayed(b.LastResponse), nil
	}
	var told *stripego.Error
	if !errors.As(err, &told) {
		return false, outcome(ctx, err)
	}
	stale = replayed(told.LastResponse) || told.Type == stripego.ErrorTypeIdempotency && told.HTTPStatusCode == http.StatusBadRequest
	out := outcome(ctx, err)
	if fault.Is(out, fault.Permanent) || fault.Is(out, fault.NotFound) {
		what := "Stripe refuses it"
		if told.Param != "" {
			what += " for its " + clean(told.Param)
		}
		out = fault.Wrap(fault.Invalid, out, "%s", what)
	}
	return stale, out
}

func replayed(r *stripego.APIResponse) bool {
	return r != nil && r.Header.Get("Idempotent-Replayed") == "true"
}
