package stripefake_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/webhook"

	"flywheel/integrations/stripe/stripefake"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type request struct{ method, path, key, user, account, version string }

func TestServerRefusesWhatStripeRefuses(t *testing.T) {
	fake := stripefake.New("sk_1")
	fake.Put("acct_1", stripefake.Purchase{}.Charge(0))
	base, stop, err := fake.Listen()
	require.NoError(t, err)
	defer stop()

	ok := request{path: "/v1/charges/ch_1", key: "sk_1", account: "acct_1", version: stripefake.APIVersion}
	with := func(change func(*request)) request { r := ok; change(&r); return r }
	for name, c := range map[string]struct {
		request
		status int
		code   string
	}{
		"fine":               {ok, 200, ""},
		"basic auth":         {with(func(r *request) { r.key, r.user = "", "sk_1" }), 200, ""},
		"no key":             {with(func(r *request) { r.key = "" }), 401, ""},
		"wrong key":          {with(func(r *request) { r.key = "sk_2" }), 401, ""},
		"wrong basic":        {with(func(r *request) { r.key, r.user = "", "sk_2" }), 401, ""},
		"strange account":    {with(func(r *request) { r.account = "acct_2" }), 403, "account_invalid"},
		"newer version":      {with(func(r *request) { r.version = "2025-03-31.basil" }), 400, ""},
		"no version":         {with(func(r *request) { r.version = "" }), 400, ""},
		"a write":            {with(func(r *request) { r.method = http.MethodPost }), 404, ""},
		"other account":      {with(func(r *request) { r.account = "" }), 404, "resource_missing"},
		"unknown":            {with(func(r *request) { r.path = "/v1/charges/ch_2" }), 404, "resource_missing"},
		"other kind":         {with(func(r *request) { r.path = "/v1/payment_intents/ch_1" }), 404, "resource_missing"},
		"no such path":       {with(func(r *request) { r.path = "/v1/payouts" }), 404, ""},
		"cannot be expanded": {with(func(r *request) { r.path += "?expand[]=customer.email" }), 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, nil)
			require.NoError(t, err)
			set := func(name, value string) {
				if value != "" {
					req.Header.Set(name, value)
				}
			}
			if c.key != "" {
				set("Authorization", "Bearer "+c.key)
			}
			if c.user != "" {
				req.SetBasicAuth(c.user, "")
			}
			set("Stripe-Account", c.account)
			set("Stripe-Version", c.version)
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			defer res.Body.Close()
			var answer struct {
				ID    string
				Error struct{ Type, Code, Message string }
			}
			require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
			require.Equal(t, c.status, res.StatusCode)
			require.Equal(t, c.code, answer.Error.Code)
			require.Equal(t, c.status == 200, answer.ID == "ch_1" && answer.Error.Message == "")
		})
	}
}

func TestSender(t *testing.T) {
	var got []byte
	var header string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ = io.ReadAll(r.Body)
		header = r.Header.Get("Stripe-Signature")
		w.WriteHeader(http.StatusAccepted)
	}))
	defer srv.Close()
	body := stripefake.Event{Type: "invoice.paid", Created: noon, Account: "acct_1", Object: stripefake.Purchase{}.Invoice("manual")}.Body()
	status, err := stripefake.Sender{URL: srv.URL, Secret: "whsec_1"}.Send(t.Context(), body, noon)
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, status)
	require.Equal(t, body, got)
	require.NoError(t, webhook.ValidatePayloadIgnoringTolerance(got, header, "whsec_1"))
	require.Contains(t, header, "t=1772366400,")
	require.Equal(t, body, stripefake.Event{Type: "invoice.paid", Created: noon, Account: "acct_1", Object: stripefake.Purchase{}.Invoice("manual")}.Body(), "the same every time")
}
