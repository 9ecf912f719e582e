package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
)

// hears posts an event, signed with the endpoint's secret, to the shared path.
func (v *visit) hears(e stripefake.Event) int { return v.hearsAt("/webhooks/stripe", "whsec_1", e) }

// hearsAt posts an event to a path, signed with a secret; without a type it is of a payment.
func (v *visit) hearsAt(path, secret string, e stripefake.Event) int {
	v.t.Helper()
	if e.Type == "" {
		e.Type, e.Object = "charge.succeeded", stripefake.Purchase{N: "1", Test: e.Test}.Charge(0)
	}
	e.Created = storetest.Noon
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(e.Body()))
	r.Header = stripefake.Sign(e.Body(), secret, storetest.ClockOf(v.store).Now())
	rec := httptest.NewRecorder()
	v.handler.ServeHTTP(rec, r)
	return rec.Code
}

func withEndpoint(o *server.Options) { o.StripeSecrets = []string{"whsec_1"} }

// A live endpoint of Connect gets test events too. Without a test key nobody can
// have a use for them; with one they wait for their account.
func TestTestEventsOnALiveEndpoint(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		v := visitStripe(t, s, withEndpoint, func(o *server.Options) { o.Accounts.Keys = stripe.Keys{Live: "sk_live_1"} })
		live := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) {
			c.Platform, c.ExternalID, c.Secrets = commerce.Stripe, account, nil
		})
		test := live
		test.Live = false
		waiting := func() int {
			n, err := s.TakePending(t.Context(), test)
			require.NoError(t, err)
			return n
		}
		require.Equal(t, http.StatusOK, v.hears(stripefake.Event{ID: "evt_1", Account: account, Test: true}))
		require.Contains(t, v.log.String(), `"result":"test_ignored"`)
		require.Zero(t, waiting())
		require.Equal(t, http.StatusOK, v.hears(stripefake.Event{ID: "evt_2", Account: account}))
		rows, err := s.NextInbox(t.Context(), live.ShopID, 10)
		require.NoError(t, err)
		require.Len(t, rows, 1, "the live one alone")
		require.Equal(t, http.StatusOK, v.hears(stripefake.Event{ID: "evt_3", Account: "acct_later"}), "a live one waits for its account")
		n, err := s.TakePending(t.Context(), commerce.Connection{Platform: commerce.Stripe, ExternalID: "acct_later", Live: true, ShopID: live.ShopID, ID: live.ID})
		require.NoError(t, err)
		require.Equal(t, 1, n)

		both := visitStripe(t, s, withEndpoint)
		require.Equal(t, http.StatusOK, both.hears(stripefake.Event{ID: "evt_4", Account: account, Test: true}))
		require.NotContains(t, both.log.String(), "test_ignored")
		require.Equal(t, 1, waiting())
	})
}

// What nobody has looked at yet is taken, counted and warned of, once a minute.
func TestEventsOfAnUnknownVersion(t *testing.T) {
	s, figures := storetest.Open(t, "sqlite"), prometheus.NewRegistry()
	v := visitStripe(t, s, withEndpoint, func(o *server.Options) { o.Metrics = figures })
	storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) {
		c.Platform, c.ExternalID, c.Secrets = commerce.Stripe, account, nil
	})
	for id, version := range map[string]string{"evt_1": "2023-10-16", "evt_2": "2031-01-01.future", "evt_3": "2031-01-01.future"} {
		require.Equal(t, http.StatusOK, v.hears(stripefake.Event{ID: id, Account: account, Version: version}))
	}
	families, err := figures.Gather()
	require.NoError(t, err)
	seen := map[string]float64{}
	for _, f := range families {
		seen[f.GetName()] = f.GetMetric()[0].GetCounter().GetValue()
	}
	require.InDelta(t, 2, seen["flywheel_stripe_version_drift_total"], 0)
	require.Equal(t, 1, strings.Count(v.log.String(), "API version that is not known yet"))
}

// An account with a key and an endpoint of its own also installs the app: both
// endpoints deliver, each signed with its own secret.
func TestTheAppBesideAnOwnEndpoint(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		v := visitStripe(t, s, withEndpoint)
		c := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) {
			c.Platform, c.ExternalID, c.Secrets, c.Token = commerce.Stripe, account, []string{"whsec_own"}, "rk_live_own"
		})
		rec := v.returns(v.back(true, v.begins(inMode(true))))
		require.Equal(t, http.StatusOK, rec.Code, rec.Body)
		const shared = "/webhooks/stripe"
		own := shared + "/" + string(c.ID)
		e := stripefake.Event{ID: "evt_1", Account: account}
		require.Equal(t, http.StatusOK, v.hearsAt(shared, "whsec_1", e), "the app's")
		require.Equal(t, http.StatusOK, v.hearsAt(shared, "whsec_own", e))
		require.Equal(t, http.StatusOK, v.hearsAt(own, "whsec_own", e))
		require.Equal(t, http.StatusUnauthorized, v.hearsAt(own, "whsec_1", e), "the app's secret is not theirs")
		require.Equal(t, http.StatusUnauthorized, v.hearsAt(shared, "whsec_own", stripefake.Event{ID: "evt_2", Account: "acct_other"}), "nor theirs another's")
		rows, err := s.NextInbox(t.Context(), c.ShopID, 10)
		require.NoError(t, err)
		require.Len(t, rows, 1, "one event, however often it is told")
	})
}

func TestAnOwnPathTakesItsAccountOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		v := visitStripe(t, s, withEndpoint)
		c := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) {
			c.Platform, c.ExternalID, c.Secrets = commerce.Stripe, account, []string{"whsec_own"}
		})
		own := "/webhooks/stripe/" + string(c.ID)
		require.Equal(t, http.StatusUnauthorized, v.hearsAt(own, "whsec_own", stripefake.Event{ID: "evt_1", Account: "acct_other"}))
		require.Contains(t, v.log.String(), "belongs to another account")
		require.Equal(t, http.StatusOK, v.hearsAt(own, "whsec_own", stripefake.Event{ID: "evt_2"}), "an account's own endpoint names none")
		rows, err := s.NextInbox(t.Context(), c.ShopID, 10)
		require.NoError(t, err)
		require.Len(t, rows, 1)
	})
}

// Who has left tells on, as long as the app is in the account. Nothing of it is kept.
func TestNothingIsKeptOfWhoHasLeft(t *testing.T) {
	for name, live := range map[string]bool{"live": true, "test": false} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				v := visitStripe(t, s, withEndpoint)
				require.Equal(t, http.StatusOK, v.returns(v.back(live, v.begins(inMode(live)))).Code)
				c, err := v.connection(live)
				require.NoError(t, err)
				storetest.Do(t, s, func(tx *store.Tx) error { _, err := tx.EndConnection(c.ShopID, c.ID); return err })
				require.Equal(t, http.StatusOK, v.hears(stripefake.Event{ID: "evt_1", Account: account, Test: !live}))
				require.Contains(t, v.log.String(), `"result":"closed"`)
				rows, err := s.NextInbox(t.Context(), c.ShopID, 10)
				require.NoError(t, err)
				require.Empty(t, rows)
				goodbye := stripefake.Event{
					ID: "evt_2", Account: account, Test: !live, Type: "account.application.deauthorized",
					Object: stripefake.Object{"id": "ca_1", "object": "application"},
				}
				require.Equal(t, http.StatusOK, v.hears(goodbye))
				rows, err = s.NextInbox(t.Context(), c.ShopID, 10)
				require.NoError(t, err)
				require.Len(t, rows, 1, "whether the app is there is heard of")
			})
		})
	}
}

// Over the bound an account that nobody has connected is told no more than that
// all is well: Stripe would try for three days, and end the endpoint of all. Its
// events are listed once it is connected. Shopify has no such list, and tries again.
func TestTooMuchWaitsForAnAccount(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	v := visitStripe(t, s, withEndpoint)
	for i := range 1000 {
		for p, name := range map[commerce.Platform]string{commerce.Stripe: "acct_later", commerce.Shopify: "later.myshopify.com"} {
			d := commerce.Delivery{Platform: p, Topic: "x", ExternalID: fmt.Sprint(i), ReceivedAt: s.Now()}
			require.NoError(t, s.AddPending(t.Context(), name, true, d))
		}
	}
	require.Equal(t, http.StatusOK, v.hears(stripefake.Event{ID: "evt_1", Account: "acct_later"}))
	require.Contains(t, v.log.String(), `"result":"pending_full"`)
	require.Equal(t, http.StatusOK, v.hears(stripefake.Event{ID: "evt_2", Account: "acct_other"}))
	w := serve(t, s)
	require.Equal(t, http.StatusServiceUnavailable, w.do(w.order(shopifyfake.From("later.myshopify.com"))).Code)
}
