package codes_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"flywheel/codes"
	"flywheel/commerce"
	"flywheel/install"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	liveKey = "sk_live_platform"
	testKey = "sk_test_platform"
	day     = 24 * time.Hour
)

// world is a desk between a real database and a Stripe in which a shop's account has two customers.
type world struct {
	t       *testing.T
	store   *store.Store
	clock   *storetest.Clock
	fake    *stripefake.Server
	url     string
	shop    commerce.ShopID
	account string              // of the shop
	conn    commerce.Connection // of it, live
	*codes.Desk
}

func newWorld(t *testing.T, s *store.Store) *world {
	t.Helper()
	w := &world{t: t, store: s, clock: storetest.ClockOf(s), fake: stripefake.New(liveKey, testKey)}
	w.fake.Clock = w.clock.Now
	manifest, err := os.ReadFile("../stripe-app.json")
	require.NoError(t, err)
	granted, err := stripefake.Permissions(manifest)
	require.NoError(t, err)
	w.fake.Permit(liveKey, granted...)
	w.fake.Permit(testKey, granted...)
	server := httptest.NewServer(w.fake)
	t.Cleanup(server.Close)
	w.url, w.shop = server.URL, storetest.Shop(t, s)
	w.account = "acct_" + string(w.shop)
	w.conn = w.connect(w.shop, w.account, true)
	w.Desk = w.desk(straight)
	return w
}

// straight is the way to Stripe. It keeps no connection, over which Go would send once more what failed.
var straight http.RoundTripper = &http.Transport{DisableKeepAlives: true}

// connect ties an account that has two customers.
func (w *world) connect(shop commerce.ShopID, account string, live bool) commerce.Connection {
	w.t.Helper()
	w.fake.Connect(account, live, stripefake.AccountInfo{})
	for _, id := range []string{"cus_1", "cus_2"} {
		w.fake.Put(account, stripefake.Object{"id": id, "object": "customer", "livemode": live})
	}
	return storetest.Connection(w.t, w.store, shop, func(c *commerce.Connection) {
		c.Platform, c.ExternalID, c.Live, c.Token = commerce.Stripe, account, live, ""
	})
}

// desk is a desk of another process, with a way to Stripe of its own.
func (w *world) desk(way http.RoundTripper) *codes.Desk {
	return &codes.Desk{Store: w.store, Accounts: &install.StripeDesk{
		Store: w.store, Stripe: stripe.New(stripe.Options{URL: w.url, HTTP: &http.Client{Transport: way}}),
		Keys: stripe.Keys{Live: liveKey, Test: testKey}, Log: slog.New(slog.DiscardHandler),
	}}
}

// tenPercent is for cus_1's order, for 30 days.
func tenPercent(change ...func(*codes.Reward)) codes.Reward {
	r := codes.Reward{
		Cause: "order:1001", Rule: "loyalty", Title: "10% thank you", Customer: "cus_1",
		Terms: codes.Terms{Kind: stripe.PercentOff, Percent: 10_00, Days: 30},
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

func (w *world) give(change ...func(*codes.Reward)) codes.Given {
	w.t.Helper()
	got, err := w.Give(w.t.Context(), w.shop, tenPercent(change...))
	require.NoError(w.t, err)
	return got
}

// row is the one row of tenPercent.
func (w *world) row() store.Promotion {
	w.t.Helper()
	rows, err := w.store.PromotionsFor(w.t.Context(), w.shop, "order:1001", "loyalty")
	require.NoError(w.t, err)
	require.Len(w.t, rows, 1)
	return rows[0]
}

// code is what Stripe has of the row, which is all that it has.
func (w *world) code() (active bool) {
	w.t.Helper()
	a, err := w.Accounts.Access(w.conn)
	require.NoError(w.t, err)
	ref, err := w.Accounts.Stripe.FindPromotion(w.t.Context(), a, w.row().Key)
	require.NoError(w.t, err)
	return !ref.Ended
}

// writes counts what was asked of Stripe to be made on a path.
func (w *world) writes(path string) (n int) {
	for _, c := range w.fake.Calls() {
		if c.Method == http.MethodPost && c.Path == path {
			n++
		}
	}
	return n
}

// dying is the way to Stripe of a process that dies at its nth request, before
// it is sent or before its answer has come.
type dying struct {
	mu   sync.Mutex
	left int
	sent bool
}

func (d *dying) RoundTrip(r *http.Request) (*http.Response, error) {
	d.mu.Lock()
	d.left--
	dead, last := d.left <= 0, d.left == 0
	d.mu.Unlock()
	if !dead {
		return straight.RoundTrip(r)
	}
	if last && d.sent {
		if answer, err := straight.RoundTrip(r); err == nil {
			_ = answer.Body.Close()
		}
	}
	return nil, errors.New("the process is gone")
}

// meanwhile lets something happen before the nth request is sent.
type meanwhile struct {
	mu   sync.Mutex
	left int
	do   func()
	then http.RoundTripper
}

func (m *meanwhile) RoundTrip(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	m.left--
	now := m.left == 0
	m.mu.Unlock()
	if now {
		m.do()
	}
	return m.then.RoundTrip(r)
}
