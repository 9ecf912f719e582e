package jobs

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/install"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/store/storetest"
)

const (
	liveKey = "sk_live_platform"
	testKey = "sk_test_platform"
	ownKey  = "rk_live_own"
)

// account is the merchant's at Stripe.
const account = "acct_1"

// yesterday has an account connected a day ago.
func yesterday(c *commerce.Connection) {
	c.InstalledAt = commerce.At(storetest.Noon.Add(-24 * time.Hour))
}

// stripe takes the world's shop to Stripe, where it has nothing but an account
// that was connected a year ago, and gives the worker a Stripe that knows it.
func (w *world) stripe(change ...func(*commerce.Connection)) *stripefake.Server {
	w.t.Helper()
	w.exec(`DELETE FROM connections`)
	w.exec(`UPDATE shops SET leading_platform = '', currency = 'USD'`)
	w.conn = storetest.Connection(w.t, w.Store, w.shop, append([]func(*commerce.Connection){func(c *commerce.Connection) {
		c.Platform, c.ExternalID, c.Token = commerce.Stripe, account, ""
	}}, change...)...)
	fake := stripefake.New(liveKey, testKey)
	fake.AddKey(ownKey, account)
	manifest, err := os.ReadFile("../stripe-app.json")
	require.NoError(w.t, err)
	granted, err := stripefake.Permissions(manifest)
	require.NoError(w.t, err)
	for _, key := range []string{liveKey, testKey, ownKey} {
		fake.Permit(key, granted...)
	}
	fake.Clock = w.now
	fake.Connect(account, w.conn.Live, stripefake.AccountInfo{Created: w.conn.InstalledAt.Time().AddDate(-2, 0, 0)})
	url, stop, err := fake.Listen()
	require.NoError(w.t, err)
	w.t.Cleanup(stop)
	w.stripeAt = url
	w.Accounts = accountsAt(w.Store, url, stripe.Keys{Live: liveKey, Test: testKey})
	return fake
}

// accountsAt gives access to the Stripe at url.
func accountsAt(s *store.Store, url string, keys stripe.Keys) *install.StripeDesk {
	return &install.StripeDesk{Store: s, Stripe: stripe.New(stripe.Options{URL: url}), Keys: keys, Log: slog.New(slog.DiscardHandler)}
}

// sale is a purchase at Stripe of one of 40 customers. i tells it from others;
// the same i is the same purchase.
func (w *world) sale(i int, at time.Time) stripefake.Purchase {
	n := i % 40
	return stripefake.Purchase{
		N: fmt.Sprintf("s%d", i), At: at, Amount: int64(1000 + i), Email: fmt.Sprintf("bo%d@example.com", n), Customer: fmt.Sprintf("cus_%d", n),
		Country: "GB", Locale: "en", Test: !w.conn.Live,
	}
}

// sold is a purchase of the time before the account was connected.
func (w *world) sold(i int) stripefake.Purchase {
	return w.sale(i, w.conn.InstalledAt.Time().Add(-time.Duration(i+1)*time.Hour))
}

// askCharges lets the account have a past of n charges and has it read, from
// the beginning. Every tenth is a subscription's.
func (w *world) askCharges(fake *stripefake.Server, n int) {
	w.t.Helper()
	for i := range n {
		p := w.sold(i)
		if i%10 == 0 {
			p.SubscriptionID = fmt.Sprintf("sub_%d", i)
			fake.Put(account, p.Invoice("subscription_cycle"))
		}
		fake.Put(account, p.Charge(0))
	}
	require.NoError(w.t, w.Store.AskBackfill(w.t.Context(), w.shop, w.conn))
}

// brings delivers an event by webhook, as the door takes it, and does what is to be done at once.
func (w *world) brings(body []byte) (fresh bool) {
	w.t.Helper()
	d, _, live, err := stripe.Read(body)
	require.NoError(w.t, err)
	require.Equal(w.t, w.conn.Live, live)
	d.ShopID, d.ConnectionID, d.ReceivedAt = w.shop, w.conn.ID, w.Store.Now()
	fresh, err = w.Store.AddInbox(w.t.Context(), w.shop, d)
	require.NoError(w.t, err)
	w.drained()
	return fresh
}

// drained empties the inbox and does what follows at once.
func (w *world) drained() {
	w.t.Helper()
	left, err := w.drain(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	require.False(w.t, left)
	w.sending.Wait()
	w.settle()
}

// findings are a shop's findings, each as kind and subject.
func (w *world) findings() (out []string) {
	w.t.Helper()
	all, err := w.Store.FindingsAfter(w.t.Context(), w.shop, "", 100)
	require.NoError(w.t, err)
	for _, f := range all {
		out = append(out, f.Kind+" "+f.Subject)
	}
	return out
}

// modes are the ways in which an account may be asked.
var modes = map[string]func(*commerce.Connection){
	"live":       func(*commerce.Connection) {},
	"test":       func(c *commerce.Connection) { c.Live = false },
	"an own key": func(c *commerce.Connection) { c.Token = ownKey },
}

// eachMode tells a story of an account in every mode.
func eachMode(t *testing.T, story func(t *testing.T, w *world, fake *stripefake.Server)) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) { story(t, w, w.stripe(mode)) })
		})
	}
}

// askedAs is in whose name a question must have been asked; "" = the key's own.
func (w *world) askedAs() string {
	if w.conn.Token != "" {
		return ""
	}
	return cmp.Or(w.conn.ExternalID, account)
}
