package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Whatever stops a mail counts until the provider's first byte: what is claimed
// is withdrawn, and decided anew.
func TestStopsBetweenClaimAndSend(t *testing.T) {
	for name, c := range map[string]struct {
		stop   func(w *world, o *shopifyfake.Order)
		reason string // of the end; "" = it waits
	}{
		"refund": {func(w *world, o *shopifyfake.Order) {
			w.tell("refunds/create", o.Refund(w.now(), o.Total()).Body())
		}, "refunded"},
		"erasure": {func(w *world, _ *shopifyfake.Order) {
			w.tell("customers/redact", shopifyfake.RedactCustomer("x.myshopify.com", 6001, ada))
		}, "person_erased"},
		"suppression": {func(w *world, _ *shopifyfake.Order) {
			storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
				hash, err := tx.AddressHash(w.shop, ada)
				if err != nil {
					return err
				}
				return tx.Suppress(w.shop, hash, gate.ScopeAll, "complained")
			})
		}, "suppressed"},
		"uninstall": {func(w *world, _ *shopifyfake.Order) {
			w.tell("app/uninstalled", shopifyfake.ShopBody("x.myshopify.com", "", "", "", "", ""))
		}, "shop_closed"},
		"pause": {func(w *world, _ *shopifyfake.Order) {
			require.NoError(w.t, w.Store.SetShopState(w.t.Context(), w.shop, commerce.ShopPaused))
		}, ""},
		"stop switch": {func(w *world, _ *shopifyfake.Order) { require.NoError(w.t, w.Store.SetPauseAll(w.t.Context(), true)) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				o := w.order(1)
				runs := w.claim(w.tell("orders/paid", o.Body()))
				require.Len(t, runs, 1)
				c.stop(w, o)
				w.reachOut(t.Context(), w.shop, runs)
				w.settle()
				require.Empty(t, w.sink.Mails())
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE state = 'withdrawn'`))
				if c.reason != "" {
					require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM enrollments WHERE state = 'ended' AND reason = $1`, c.reason))
				} else {
					require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM enrollments WHERE state = 'active' AND due_at > $1`, w.now().UnixMilli()))
				}
			})
		})
	}
}

// A partial refund between claim and send changes the text: it is decided anew
// under the same id and sent as it is now.
func TestChangedBetweenClaimAndSend(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		o := w.order(1)
		runs := w.claim(w.tell("orders/paid", o.Body()))
		w.tell("refunds/create", o.Refund(w.now(), 4900, shopifyfake.RefundLine{Line: 0, Quantity: 1}).Body())
		w.reachOut(t.Context(), w.shop, runs)
		require.Empty(t, w.sink.Mails())
		w.settle()
		require.Len(t, w.sink.Mails(), 1)
		m, err := w.sink.Mails()[0].Read()
		require.NoError(t, err)
		require.NotContains(t, m.Text, "Merino scarf")
		require.Equal(t, string(runs[0].effect.ID), m.Get("X-Flywheel-ID"))
	})
}

// A worker that was stopped past its lease finds its work taken over.
func TestWorkerThatComesBackLate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		late := w.claim(w.tell("orders/paid", w.order(1).Body()))
		_, err := storetest.DB(t, w.db).ExecContext(t.Context(), `UPDATE enrollments SET lease_until = 1 WHERE queue = 2`)
		require.NoError(t, err)
		got, err := w.Store.RecoverLeases(t.Context(), "")
		require.NoError(t, err)
		require.Equal(t, store.Recovered{Rows: 1}, got)
		other := w.worker(w.Store)
		es := w.due()
		other.runStep(t.Context(), w.shop, other.work(w.shop, es))
		require.Len(t, w.sink.Mails(), 1)
		w.reachOut(t.Context(), w.shop, late)
		w.settle()
		require.Len(t, w.sink.Mails(), 1)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE state = 'sent'`))
	})
}

// One row in two tasks, in one process or two: the second leaves the first alone.
func TestOneRowInTwoTasks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tell("orders/create", w.order(1).Unpaid("bank_transfer").Body())
		es := w.tell("orders/paid", w.order(1).Body())
		require.Len(t, w.work(w.shop, es), 1)
		require.Empty(t, w.work(w.shop, es), "in this process it is in hand")
		runs := w.claim(es)
		other := w.worker(w.Store)
		other.runStep(t.Context(), w.shop, other.work(w.shop, es))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM enrollments WHERE queue = 2 AND lease_owner = $1`, w.id), "it is not the other's to give back")
		w.reachOut(t.Context(), w.shop, runs)
		w.rest(w.shop, es)
		w.settle()
		require.Len(t, w.sink.Mails(), 1)
	})
}

// Two rows turn out to be one purchase while a mail for one of them is claimed:
// whichever walk goes on, one mail goes out.
func TestJoinedBetweenClaimAndSend(t *testing.T) {
	for name, older := range map[string]bool{"the claimed walk ends": true, "the claimed walk goes on": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				runs := w.claim(w.tell("orders/paid", w.order(1).Body()))
				es := w.tell("orders/paid", w.order(2).Body())
				w.giveBack(w.shop, es)
				if older {
					_, err := storetest.DB(t, w.db).ExecContext(t.Context(), `UPDATE enrollments SET id = '00' || substr(id, 3) WHERE id = $1`, string(es[0].ID))
					require.NoError(t, err)
				}
				storetest.Do(t, w.Store, func(tx *store.Tx) error { return tx.JoinEnrollments(w.shop, runs[0].Order, es[0].Order) })
				w.reachOut(t.Context(), w.shop, runs)
				w.settle()
				require.Len(t, w.sink.Mails(), 1)
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE state = 'sent' AND order_id = $1`, string(es[0].Order)))
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM enrollments WHERE state = 'ended' AND reason = 'same_purchase'`))
			})
		})
	}
}

// The same at the worst moment: the send has begun and is not committed. The
// join waits for it and lets the walk go on that has sent. (SQLite has one writer.)
func TestJoinWhileASendBegins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "postgres")
	es := w.tell("orders/paid", w.order(2).Body()) // the older walk, which would stay
	w.giveBack(w.shop, es)
	runs := w.claim(w.tell("orders/paid", w.order(1).Body()))
	begin, err := storetest.DB(t, w.db).BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer begin.Rollback()
	_, err = begin.ExecContext(t.Context(), `UPDATE effects SET state = 'sending' WHERE id = $1`, string(runs[0].effect.ID))
	require.NoError(t, err)
	joined := make(chan error, 1)
	go func() {
		joined <- w.Store.Transact(t.Context(), func(tx *store.Tx) error { return tx.JoinEnrollments(w.shop, runs[0].Order, es[0].Order) })
	}()
	require.Eventually(t, func() bool {
		return len(joined) == 1 || w.count(`SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 1
	}, patience, time.Millisecond)
	require.NoError(t, begin.Commit())
	require.NoError(t, <-joined)
	require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM enrollments WHERE id = $1 AND state = 'ended' AND reason = 'same_purchase'`, string(es[0].ID)))
}

// A text that cannot be rendered fails alone and is not tried again.
func TestMessageThatCannotBeRendered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good, bad := w.order(1), w.order(2)
		runs := w.claim(w.tell("orders/paid", good.Body(), bad.Body()))
		require.Len(t, runs, 2)
		broken := *runs[1].version
		broken.messages = nil
		runs[1].version = &broken
		w.reachOut(t.Context(), w.shop, runs)
		w.settle()
		require.Len(t, w.sink.Mails(), 1)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE state = 'failed'`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM enrollments WHERE state = 'ended' AND reason = 'message_broken'`))
	})
}

func TestBackoffIsATableOneCanReadAloud(t *testing.T) {
	var total time.Duration
	for tries, want := range append(backoff, 12*time.Hour, 12*time.Hour) {
		got := wait("an effect", int64(tries))
		require.GreaterOrEqual(t, got, want)
		require.LessOrEqual(t, got, want+want/10)
		require.Equal(t, got, wait("an effect", int64(tries)), "the same on every machine")
		total += got
	}
	require.Greater(t, total, 24*time.Hour)
}
