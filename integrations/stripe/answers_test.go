package stripe

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/stripe/stripefake"
)

// asked is one request as Stripe got it.
type asked struct {
	method, path string
	form         url.Values
	key          string // of idempotency
}

// answering serves what reply says of each request, in Stripe's words, and
// notes what was asked. Each request must name the key, our version and acct_1.
func answering(t *testing.T, reply func(asked) (status int, body any)) (*Client, *[]asked) {
	t.Helper()
	var all []asked
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+secretKey || r.Header.Get("Stripe-Version") != APIVersion || r.Header.Get("Stripe-Account") != "acct_1" {
			t.Errorf("%s %s is in nobody's name: %v", r.Method, r.URL, r.Header)
		}
		_ = r.ParseForm()
		a := asked{r.Method, r.URL.Path, r.Form, r.Header.Get("Idempotency-Key")}
		all = append(all, a)
		status, body := reply(a)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}))
	t.Cleanup(srv.Close)
	return New(Options{URL: srv.URL, HTTP: srv.Client()}), &all
}

// rows is Stripe's list object.
func rows(more bool, data ...any) stripefake.Object {
	return stripefake.Object{"object": "list", "data": data, "has_more": more, "url": "/v1/any"}
}

// noAccess is Stripe's answer in the name of an account that removed the app.
func noAccess() (int, any) {
	return http.StatusForbidden, stripefake.Object{"error": stripefake.Object{
		"type": "invalid_request_error", "code": "account_invalid", "message": "The provided key does not have access to account 'acct_1'",
	}}
}

func jsonOf(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}
