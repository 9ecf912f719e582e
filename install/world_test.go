package install_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/install"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	domain = "nour.myshopify.com"
	key    = "key"
	secret = "hush"
)

// world is a desk between a real database and a Shopify that has the app in one shop.
type world struct {
	t     *testing.T
	store *store.Store
	clock *storetest.Clock
	fake  *shopifyfake.Fake
	url   string
	desk  *install.Desk
	log   *bytes.Buffer

	mu       sync.Mutex
	later    time.Duration // how far real time has gone on
	arrived  []commerce.ShopID
	backfill []commerce.Connection
	broken   error          // what asking for a backfill fails with
	down     bool           // Shopify cannot be reached
	locked   map[string]int // by host: the status with which Shopify turns each call away
}

func newWorld(t *testing.T, s *store.Store) *world {
	t.Helper()
	w := &world{t: t, store: s, clock: storetest.ClockOf(s), fake: shopifyfake.New(secret), log: &bytes.Buffer{}}
	w.fake.Now = w.now
	w.fake.Install(domain, shopifyfake.ShopInfo{
		Name: "Nour", ContactEmail: "Hello@Nour.example", Zone: "Asia/Riyadh", Country: "SA", Currency: "SAR", Locales: []string{"ar", "en"},
		Address: shopifyfake.ShopAddress{Address1: "1 King Road", City: "Riyadh", Zip: "11564", Country: "Saudi Arabia"},
	})
	server := httptest.NewServer(w.fake.Handler())
	t.Cleanup(server.Close)
	w.url = server.URL
	w.desk = w.newDesk(s)
	return w
}

// newDesk is a desk of another process, or of one that was started anew.
func (w *world) newDesk(s *store.Store, client ...func(*shopify.Options)) *install.Desk {
	o := shopify.Options{Key: key, Secrets: []string{secret}, URL: w.url, Pause: time.Millisecond, Now: w.now, HTTP: &http.Client{Transport: line{w}}}
	for _, c := range client {
		c(&o)
	}
	return &install.Desk{
		Store: s, Shopify: shopify.New(o), Log: slog.New(slog.NewJSONHandler(&lockedBuffer{w: w}, nil)), Now: w.now,
		Arrived: func(shop commerce.ShopID) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.arrived = append(w.arrived, shop)
		},
		Backfill: func(_ context.Context, c commerce.Connection) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.broken == nil {
				w.backfill = append(w.backfill, c)
			}
			return w.broken
		},
	}
}

// line is the way to Shopify.
type line struct{ w *world }

func (l line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.w.mu.Lock()
	down, status := l.w.down, l.w.locked[r.Host]
	l.w.mu.Unlock()
	if down {
		return nil, errors.New("no route to host")
	}
	if status != 0 {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	return http.DefaultTransport.RoundTrip(r)
}

// outage says whether Shopify can be reached.
func (w *world) outage(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = on
}

// lock has Shopify turn away each call to a shop with a status; 0 = no longer.
func (w *world) lock(domain string, status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.locked == nil {
		w.locked = map[string]int{}
	}
	w.locked[domain] = status
}

type lockedBuffer struct{ w *world }

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	return b.w.log.Write(p)
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.later)
}

// wait lets real time pass, for the platform and for us.
func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.later += d
}

// session is the one of a document load now.
func (w *world) session() shopify.Session {
	w.t.Helper()
	at := w.now()
	s, err := shopify.ReadIDToken(w.fake.IDToken(domain, 7, at), key, []string{secret}, at)
	require.NoError(w.t, err)
	s.ExpiresAt = w.clock.Now().Add(time.Minute) // here the platform's clock is ours
	return s
}

func (w *world) open() install.Opened {
	w.t.Helper()
	o, err := w.desk.Open(w.t.Context(), w.session())
	require.NoError(w.t, err)
	return o
}

// token asks for a token and proves that Shopify takes it.
func (w *world) token(c commerce.Connection) string {
	w.t.Helper()
	a, err := w.desk.Token(w.t.Context(), c)
	require.NoError(w.t, err)
	_, err = w.desk.Shopify.Shop(w.t.Context(), a)
	require.NoError(w.t, err)
	return a.Token
}

func (w *world) connection() commerce.Connection {
	w.t.Helper()
	c, err := w.store.ConnectionByAccount(w.t.Context(), commerce.Shopify, domain, true)
	require.NoError(w.t, err)
	return c
}

// uninstalled is what the webhook of an uninstall at an instant does.
func (w *world) uninstalled(c commerce.Connection, at commerce.Instant) (closed bool) {
	w.t.Helper()
	storetest.Do(w.t, w.store, func(tx *store.Tx) (err error) {
		closed, err = tx.CloseConnection(c.ShopID, c.ID, at)
		return err
	})
	return closed
}

func (w *world) shops() []commerce.Shop {
	w.t.Helper()
	shops, err := w.store.ListShops(w.t.Context(), "", 100)
	require.NoError(w.t, err)
	return shops
}

// campaigns gives the states of a shop's campaigns.
func (w *world) campaigns(shop commerce.ShopID) map[campaign.CampaignID]campaign.State {
	w.t.Helper()
	list, err := w.store.ListCampaigns(w.t.Context(), shop)
	require.NoError(w.t, err)
	out := map[campaign.CampaignID]campaign.State{}
	for _, c := range list {
		out[c.ID] = c.State
	}
	return out
}

var errBroken = errors.New("broken")
