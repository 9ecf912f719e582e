package jobs

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
)

// breaks puts something before the platform that fails at one order while on is true.
func (w *world) breaks(fake *shopifyfake.Fake, order string, on *atomic.Bool) {
	w.t.Helper()
	api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if on.Load() && strings.Contains(string(body), "Order/"+order) {
			_, _ = io.WriteString(rw, `{"errors":[{"message":"Internal error. Looks like something went wrong on our end.","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`)
			return
		}
		fake.Handler().ServeHTTP(rw, r)
	}))
	w.t.Cleanup(api.Close)
	w.reach(w.Worker, api.URL)
	w.Shopify = shopify.New(shopify.Options{Key: "key", Secrets: []string{"secret"}, URL: api.URL, Pause: time.Millisecond})
	w.Install.Shopify = w.Shopify
}

// One order at which the platform always fails is set aside after some tries,
// and tried by itself later; the others are found meanwhile.
func TestLookSetsAsideAnOrderThatAlwaysFails(t *testing.T) {
	for name, known := range map[string]bool{"nothing is known of it": false, "its creation is known": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				fake := w.platform()
				broken := &atomic.Bool{}
				broken.Store(true)
				w.breaks(fake, "5000000001", broken)
				o := w.order(5_000_000_001)
				if known {
					w.hear("orders/create", o.Unpaid("bank").Body())
				}
				w.keep(fake, o.Pay(w.now()), w.orderOf(2, 5_000_000_002).Touch(w.now().Add(time.Second)))
				storetest.ClockOf(w.Store).Advance(time.Hour)
				whole := func(id string) int {
					return w.count(`SELECT COUNT(*) FROM order_keys k JOIN orders o ON o.shop_id = k.shop_id AND o.id = k.order_id
						WHERE k.external_id = '` + id + `' AND o.stub = 0 AND o.paid_at > 0`)
				}
				for tries := range asideTries - 1 {
					r := w.look()
					require.Equal(t, []any{int64(tries + 1), "5000000001", w.conn.InstalledAt}, []any{r.Tries, r.Stuck, r.Watermark})
					require.Zero(t, whole("5000000002"))
					require.Empty(t, w.found())
				}
				r := w.look()
				require.Equal(t, []any{int64(0), "", "", w.Store.Now(), w.Store.Now().Add(-lookBehind)}, []any{r.Tries, r.Stuck, r.Note, r.LookedAt, r.Watermark})
				require.Equal(t, 1, whole("5000000002"))
				require.ElementsMatch(t, []string{orderMissed, "order_not_read"}, w.found())
				require.Equal(t, "5000000001", w.text(`SELECT subject FROM findings WHERE kind = 'order_not_read'`))

				r = w.look() // it is still in what looks overlap, and holds up nothing
				require.Equal(t, []any{int64(0), w.Store.Now()}, []any{r.Tries, r.LookedAt})
				require.Len(t, w.found(), 2)

				broken.Store(false)
				require.Zero(t, whole("5000000001"))
				storetest.ClockOf(w.Store).Advance(stubPatience)
				due, err := w.Store.DueFetches(t.Context(), 10)
				require.NoError(t, err)
				require.Len(t, due, 1)
				require.NoError(t, w.fetch(t.Context(), w.shop, due[0].Order))
				w.sending.Wait()
				w.settle()
				require.Equal(t, 1, whole("5000000001"))
				require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM orders`))
			})
		})
	}
}

// Failures at one order count for it alone: another that fails has tries of its own.
func TestLookCountsTriesByOrder(t *testing.T) {
	l := &look{}
	l.Tries = 5 // of the list
	for _, c := range []struct {
		order string
		tired bool
	}{{"1", false}, {"1", false}, {"2", false}, {"1", false}, {"1", false}, {"1", true}} {
		require.Equal(t, c.tired, l.tired(c.order))
		l.Tries++
	}
}

// Deliveries that wait in the inbox, as after an outage of the workers, were not
// missed: they are heard before a look says anything.
func TestLookHearsWhatWaitsFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.platform()
		o := w.order(5_000_000_001)
		storetest.AddDelivery(t, w.Store, w.conn, func(d *commerce.Delivery) { d.Topic, d.Body = "orders/paid", o.Body() })
		w.keep(fake, o, w.orderOf(2, 5_000_000_002))
		storetest.ClockOf(w.Store).Advance(time.Hour)
		r := w.look()
		require.Equal(t, []string{orderMissed}, w.found(), "of the other alone")
		require.Contains(t, w.text(`SELECT detail FROM findings`), "5000000002")
		require.Equal(t, []int64{2, 1}, []int64{r.Looked, r.Found})
		require.Zero(t, w.count(`SELECT COUNT(*) FROM inbox WHERE state = 0`))
		require.Equal(t, 2, w.sent())
	})
}

// The platform tells the time of a change by whole seconds: a payment in the
// second of the creation shows in the list's status alone.
func TestLookFindsAPaymentInTheSecondOfTheCreation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.platform()
		o := w.order(5_000_000_001).Unpaid("bank")
		w.hear("orders/create", o.Body())
		w.keep(fake, o.Pay(w.now()))
		storetest.ClockOf(w.Store).Advance(time.Hour)
		r := w.look()
		require.Equal(t, []string{changeMissed}, w.found())
		require.Equal(t, int64(1), r.Found)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'order_paid'`))
		require.Equal(t, 1, w.sent())
	})
}

// Each refund of one order that no webhook brought is told of, and once; all
// that was found of an order names it, so that its buyer's erasure finds it.
func TestEveryMissedRefundIsFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.platform()
		o := w.order(5_000_000_001)
		w.hear("orders/paid", o.Body())
		for n := range int64(3) {
			storetest.ClockOf(w.Store).Advance(time.Hour)
			o.Refund(w.now(), 100*(n+1))
			w.keep(fake, o)
			storetest.ClockOf(w.Store).Advance(time.Hour)
			for range 2 {
				require.Equal(t, n+1, w.look().Found)
			}
			require.Len(t, w.found(), int(n)+1)
		}
		require.Equal(t, 3, w.count(`SELECT COUNT(*) FROM findings WHERE kind = 'refund_missed' AND subject = (SELECT id FROM orders)`))
	})
}

// An order that is gone by the time it is read is nobody's loss.
func TestLookAtAnOrderThatIsGone(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.platform()
	l := &look{Worker: w.Worker, conn: w.conn}
	var err error
	l.access, err = w.Install.Token(t.Context(), w.conn)
	require.NoError(t, err)
	b := &answers{look: l}
	require.NoError(t, b.add(t.Context(), shopify.ChangedOrder{ID: "5000000001", UpdatedAt: 1}, nil))
	require.Equal(t, []int{0, 0}, []int{len(b.told), len(b.bad)})
}
