package stripefake_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/stripe/stripefake"
)

// world is a fake with a platform key of each mode and the account acct_1,
// connected in live mode, at a time that the test moves.
type world struct {
	*stripefake.Server
	t    testing.TB
	base string
	now  time.Time
}

func start(t testing.TB) *world {
	w := &world{Server: stripefake.New("sk_live_1", "sk_test_1"), t: t, now: noon}
	w.Clock = func() time.Time { return w.now }
	w.Connect("acct_1", true, stripefake.AccountInfo{})
	srv := httptest.NewServer(w.Server)
	t.Cleanup(srv.Close)
	w.base = srv.URL
	return w
}

// answer is what a request got.
type answer struct {
	status   int
	replayed bool
	o        stripefake.Object
}

// id is of the object answered with.
func (a answer) id() string { s, _ := a.o["id"].(string); return s }

func (a answer) ids() (out []string) {
	rows, _ := a.o["data"].([]any)
	for _, row := range rows {
		out = append(out, row.(map[string]any)["id"].(string))
	}
	return out
}

func (a answer) refused() (code, message string) {
	e, _ := a.o["error"].(map[string]any)
	code, _ = e["code"].(string)
	message, _ = e["message"].(string)
	return code, message
}

// with changes a request before it is sent.
type with func(*http.Request)

func once(key string) with { return func(r *http.Request) { r.Header.Set("Idempotency-Key", key) } }
func by(key string) with {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+key) }
}

func in(account string) with {
	return func(r *http.Request) {
		r.Header.Del("Stripe-Account")
		if account != "" {
			r.Header.Set("Stripe-Account", account)
		}
	}
}

// send asks in acct_1's name: of a GET or DELETE, form is the query.
func (w *world) send(method, path, form string, how ...with) (answer, error) {
	address, body := w.base+"/v1/"+path, form
	if method != http.MethodPost && form != "" {
		address, body = address+"?"+form, ""
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(body))
	require.NoError(w.t, err)
	by("sk_live_1")(r)
	in("acct_1")(r)
	r.Header.Set("Stripe-Version", stripefake.APIVersion)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, change := range how {
		change(r)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, replayed: res.Header.Get("Idempotent-Replayed") == "true"}
	require.NoError(w.t, json.NewDecoder(res.Body).Decode(&a.o))
	return a, nil
}

func (w *world) must(method, path, form string, how ...with) answer {
	w.t.Helper()
	a, err := w.send(method, path, form, how...)
	require.NoError(w.t, err)
	return a
}

func (w *world) get(path, query string, how ...with) answer {
	w.t.Helper()
	return w.must(http.MethodGet, path, query, how...)
}

func (w *world) post(path, form string, how ...with) answer {
	w.t.Helper()
	return w.must(http.MethodPost, path, form, how...)
}

// made posts and demands success.
func (w *world) made(path, form string, how ...with) answer {
	w.t.Helper()
	a := w.post(path, form, how...)
	require.Equal(w.t, 200, a.status, "%v", a.o)
	return a
}
