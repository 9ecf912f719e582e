package jobs

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

// Whatever goes wrong at the platform is waited for, with a word about it, and
// the backfill comes to its end once it is over.
func TestBackfillSurvivesThePlatform(t *testing.T) {
	type after struct {
		state store.BackfillState
		note  string
		tries int64
	}
	for name, c := range map[string]struct {
		turns int // before it happens
		harm  func(w *world, fake *shopifyfake.Fake)
		want  after
		mend  func(w *world, fake *shopifyfake.Fake)
	}{
		"another export is under way": {
			0, func(w *world, fake *shopifyfake.Fake) {
				fake.SlowBulk(3)
				w.startExport()
			},
			after{store.BackfillAsked, "another export of this shop is under way", 0},
			func(w *world, fake *shopifyfake.Fake) { fake.SlowBulk(0); w.endExport() },
		},
		"a worker was lost between the start of the export and keeping its id": {
			0, func(w *world, _ *shopifyfake.Fake) { w.startExport() },
			after{store.BackfillAsked, "another export of this shop is under way", 0},
			func(w *world, _ *shopifyfake.Fake) { w.endExport() },
		},
		"the export takes its time": {
			1, func(_ *world, fake *shopifyfake.Fake) { fake.SlowBulk(1) },
			after{store.BackfillRunning, "", 0},
			nil,
		},
		"the export fails": {
			1, func(_ *world, fake *shopifyfake.Fake) { fake.FailBulk("TIMEOUT") },
			after{store.BackfillAsked, "the export failed at the platform", 1},
			func(_ *world, fake *shopifyfake.Fake) { fake.FailBulk("") },
		},
		"the export may not read orders": {
			1, func(_ *world, fake *shopifyfake.Fake) { fake.FailBulk("ACCESS_DENIED") },
			after{store.BackfillAsked, "the shop does not let the app read its orders", 1},
			func(_ *world, fake *shopifyfake.Fake) { fake.FailBulk("") },
		},
		"the export was forgotten": {
			1, func(w *world, _ *shopifyfake.Fake) {
				w.exec(`UPDATE backfills SET operation = 'gid://shopify/BulkOperation/1'`)
			},
			after{store.BackfillAsked, "the export is not there any more", 1},
			func(w *world, _ *shopifyfake.Fake) { w.endExport() },
		},
		"the file is past its seven days": {
			2, func(w *world, fake *shopifyfake.Fake) { fake.ExpireBulk(w.conn.ExternalID) },
			after{store.BackfillAsked, "the export is not there any more", 1},
			nil,
		},
		"the file cannot be had now": {
			2, func(_ *world, fake *shopifyfake.Fake) { fake.FailOn("bulk", shopifyfake.Unavailable) },
			after{store.BackfillReading, "the platform could not be reached", 1},
			nil,
		},
		"the platform denies the export": {
			0, func(_ *world, fake *shopifyfake.Fake) { fake.FailOn("StartBulk", shopifyfake.Forbidden) },
			after{store.BackfillAsked, "the shop does not let the app read its orders", 1},
			nil,
		},
		"the platform denies to tell about it": {
			1, func(_ *world, fake *shopifyfake.Fake) { fake.FailOn("Bulk", shopifyfake.Frozen) },
			after{store.BackfillRunning, "the shop does not let the app read its orders", 1},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "sqlite")
			fake := w.platform()
			w.ask(fake, 120)
			for range c.turns {
				if c.turns == 2 {
					fake.BreakBulk(100_000) // so that it stands in the middle of the file
				}
				w.turn(w.Worker)
			}
			w.exec(`UPDATE backfills SET tries = 0`)
			c.harm(w, fake)
			b := w.turn(w.Worker)
			require.Equal(t, c.want, after{b.State, b.Note, b.Tries})
			require.Greater(t, b.NextAt, commerce.At(time.Now()), "it does not press")
			if b.State == store.BackfillAsked {
				require.Equal(t, []any{"", "", int64(0), int64(0)}, []any{b.Operation, b.URL, b.Position, b.Orders}, "another file may differ")
			}
			if c.mend != nil {
				c.mend(w, fake)
			}
			b = w.readAll(w.Worker, 5)
			require.Equal(t, store.BackfillDone, b.State)
			require.Equal(t, int64(120), b.Orders)
			require.Equal(t, 120, w.count(`SELECT COUNT(*) FROM orders`))
		})
	}
}

// startExport has the shop's exports begin one that no row of ours knows.
func (w *world) startExport() {
	w.t.Helper()
	_, err := w.Shopify.StartBulk(w.t.Context(), shopify.Access{Shop: w.conn.ExternalID, Token: w.conn.Token})
	require.NoError(w.t, err)
}

// endExport asks about whatever export is under way until it is over.
func (w *world) endExport() {
	w.t.Helper()
	for n := range int64(20) { // the fake numbers exports
		id := fmt.Sprintf("gid://shopify/BulkOperation/%d", 5_000_000_000_000+n)
		_, err := w.Shopify.Bulk(w.t.Context(), shopify.Access{Shop: w.conn.ExternalID, Token: w.conn.Token}, id)
		require.True(w.t, err == nil || fault.Is(err, fault.NotFound), "%v", err)
	}
}

// A token that the platform refuses stops everything until somebody opens the app.
func TestBackfillWaitsForTheNextOpening(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.platform()
		w.ask(fake, 50)
		fake.FailOn("StartBulk", shopifyfake.Unauthorized)
		w.turn(w.Worker)
		w.exec(`UPDATE backfills SET next_at = 1`)
		due, err := w.Store.DueBackfills(t.Context(), 9)
		require.NoError(t, err)
		require.Empty(t, due)

		w.exec(`UPDATE connections SET token_state = ''`) // opened
		due, err = w.Store.DueBackfills(t.Context(), 9)
		require.NoError(t, err)
		require.Len(t, due, 1)
		require.Equal(t, int64(50), w.readAll(w.Worker, 3).Orders)
	})
}

// What is in vain for half a day has failed, and says so; asking again begins anew.
func TestBackfillGivesUp(t *testing.T) {
	w := newWorld(t, "sqlite")
	fake := w.platform()
	w.ask(fake, 50)
	fake.FailBulk("INTERNAL_SERVER_ERROR")
	tries := 0
	for ; tries < 40 && w.turn(w.Worker).State.Open(); tries++ {
	}
	b := w.backfilled()
	require.Equal(t, store.BackfillFailed, b.State)
	require.Equal(t, []any{int64(backfillTries), "the export failed at the platform", commerce.Instant(0)}, []any{b.Tries, b.Note, b.NextAt})
	fake.FailBulk("")
	require.NoError(t, w.Store.RetryBackfill(t.Context(), w.shop, w.conn))
	require.Equal(t, int64(50), w.readAll(w.Worker, 3).Orders)
}

// An order of the file that cannot be read, or not be merged, is counted and
// noted; the others come.
func TestBackfillRefusesWhatCannotBeRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var lines []string
		for i := range 9 {
			lines = append(lines, fmt.Sprintf(`{"id":"gid://shopify/Order/%d","name":"#%d","confirmed":true,"createdAt":"2025-01-0%dT00:00:00Z","updatedAt":"2025-01-05T00:00:00Z"}`, 5_000_000_001+i, i, i+1))
		}
		lines[2] = strings.Replace(lines[2], "2025-01-03", "the third day", 1)
		lines[5] = "{" // it could be part of the one before
		file := strings.Join(lines, "\n") + "\n"
		w.file(file, int64(len(file)))

		b := w.readAll(w.Worker, 1)
		require.Equal(t, []any{store.BackfillDone, int64(len(file))}, []any{b.State, b.Position})
		require.Equal(t, []int64{6, 2}, []int64{b.Orders, b.Refused})
		require.Equal(t, 6, w.count(`SELECT COUNT(*) FROM orders`))
		found, err := w.Store.FindingsAfter(t.Context(), w.shop, "", 10)
		require.NoError(t, err)
		require.Len(t, found, 2)
		require.Equal(t, []string{"order_not_read", "5000000003"}, []string{found[0].Kind, found[0].Subject})
	})
}

// file has a backfill stand before a file that should be so long.
func (w *world) file(file string, size int64) {
	w.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		http.ServeContent(rw, r, "", time.Time{}, strings.NewReader(file))
	}))
	w.t.Cleanup(server.Close)
	w.reach(w.Worker, server.URL)
	require.NoError(w.t, w.Store.AskBackfill(w.t.Context(), w.shop, w.conn))
	b, ok, err := w.Store.LeaseBackfill(w.t.Context(), w.shop, w.conn.ID, "test")
	require.NoError(w.t, err)
	require.True(w.t, ok)
	b.State, b.URL, b.Size = store.BackfillReading, server.URL+"/file", size
	require.NoError(w.t, w.Store.SaveBackfill(w.t.Context(), w.shop, "test", b))
	require.NoError(w.t, w.Store.ReleaseBackfill(w.t.Context(), w.shop, w.conn.ID, "test"))
}

// A file that ends between two orders, before it should, is not all there is.
func TestBackfillOfAFileThatEndsTooEarly(t *testing.T) {
	w := newWorld(t, "sqlite")
	line := `{"id":"gid://shopify/Order/5000000001","name":"#1","confirmed":true,"createdAt":"2025-01-01T00:00:00Z","updatedAt":"2025-01-05T00:00:00Z"}` + "\n"
	w.file(line, int64(len(line))+150)
	b := w.turn(w.Worker)
	require.Equal(t, []any{store.BackfillReading, int64(len(line)), int64(1), int64(1), "the export ended too early"}, []any{b.State, b.Position, b.Orders, b.Tries, b.Note})
	w.exec(`UPDATE backfills SET size = position + 1`)
	require.Equal(t, store.BackfillDone, w.readAll(w.Worker, 1).State, "but for the end of its last line")
}

// A batch that the database refuses is halved until the order at fault stands alone.
func TestBackfillSetsAsideWhatCannotBeMerged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.platform()
		require.NoError(t, w.Store.AskBackfill(t.Context(), w.shop, w.conn))
		_, ok, err := w.Store.LeaseBackfill(t.Context(), w.shop, w.conn.ID, "test")
		require.NoError(t, err)
		require.True(t, ok)
		var batch []pastOrder
		for i := range 7 {
			o := w.decode("orders/updated", w.past(i).Body())[0].change.Order
			batch = append(batch, pastOrder{name: o.Keys[0].ID, change: *o, operation: fmt.Sprintf("behind %d", i), position: int64(10 * (i + 1))})
		}
		w.poison(batch[2].change.Detail.Name)
		batch[4].err = errors.New("unreadable")
		p := &past{Worker: w.Worker, Backfill: w.backfilled(), conn: w.conn, owner: "test", end: time.Now().Add(time.Minute)}
		require.NoError(t, p.mergeAll(t.Context(), batch))
		b := w.backfilled()
		require.Equal(t, []int64{70, 5, 2}, []int64{b.Position, b.Orders, b.Refused})
		require.Equal(t, "behind 6", b.Operation, "all of which moves with what is merged")
		require.Equal(t, b, p.Backfill)
		require.Equal(t, 5, w.count(`SELECT COUNT(*) FROM orders`))
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM findings WHERE kind = 'order_not_read'`))
	})
}

// poison has the database refuse an order of that name.
func (w *world) poison(name string) {
	w.t.Helper()
	if w.Store.Embedded() {
		w.exec(`CREATE TRIGGER refused BEFORE INSERT ON orders WHEN NEW.name = '` + name + `' BEGIN SELECT RAISE(ABORT, 'refused'); END`)
		return
	}
	w.exec(`ALTER TABLE orders ADD CHECK (name <> '` + name + `')`)
}
