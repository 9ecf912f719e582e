package store_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

const aDay = 24 * time.Hour

// Every kind of row goes when its time is over, not a day earlier.
func TestRetainDeletesWhatIsPastItsTime(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		d := storetest.AddDelivery(t, s, w.connection)
		undone := storetest.AddDelivery(t, s, w.connection)
		require.NoError(t, s.AddPending(t.Context(), "another", true, storetest.Delivery(s, w.connection)))
		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.FinishInbox(w.shop, []store.InboxResult{{ID: d.ID}}); err != nil {
				return err
			}
			if err := tx.SaveDecisions(w.shop, []store.Decided{{Campaign: "c", EntryKey: "k"}}); err != nil {
				return err
			}
			if err := tx.SaveEvents(w.shop, []commerce.Event{{Kind: commerce.OrderPaid, Subject: "o", OccurredAt: s.Now()}}); err != nil {
				return err
			}
			if err := tx.AddPasses(w.shop, []store.Pass{{Enrollment: w.enrollment.ID, StepID: "split", At: s.Now()}}); err != nil {
				return err
			}
			if err := tx.AddTask(w.shop, store.Task{ID: w.effect.ID, DueAt: s.Now()}); err != nil {
				return err
			}
			if _, err := tx.AddFanout(w.shop, store.Fanout{Kind: store.FanGoLive, Subject: "open"}); err != nil {
				return err
			}
			if _, err := tx.AddFanout(w.shop, store.Fanout{Kind: store.FanGoLive, Subject: "done"}); err != nil {
				return err
			}
			if err := tx.Exec(`UPDATE fanouts SET state = 'done', done_at = $1 WHERE subject = 'done'`, int64(s.Now())); err != nil {
				return err
			}
			if err := errors.Join(
				tx.MarkConsentsRead(w.shop, commerce.Shopify, map[string]commerce.Instant{"11": s.Now()}),
				tx.AskUnsubscribe(w.shop, commerce.Shopify, "told", s.Now()), tx.DropUnsubscribes(w.shop, commerce.Shopify, "told"),
				tx.AskUnsubscribe(w.shop, commerce.Shopify, "waits", s.Now()),
			); err != nil {
				return err
			}
			if err := tx.AddFinding(w.shop, "order_missed", "o", ""); err != nil {
				return err
			}
			if err := tx.Exec(`INSERT INTO soft_runs (shop_id, address_hash, run, last_at) VALUES ('s', 'h', 1, $1)`, int64(s.Now())); err != nil {
				return err
			}
			return tx.AddLinks(w.shop, []store.Link{{Hash: []byte("h"), Effect: w.effect.ID, Expires: s.Now().Add(400 * aDay)}})
		})
		_, err := s.AddTouch(t.Context(), w.shop, store.Touch{Email: "ada@example.com", At: s.Now(), Source: "other"})
		require.NoError(t, err)
		begin(t, s, w.shop, w.effect)
		open := claimedWorld(t, s)
		begin(t, s, w.shop, w.effect)
		finish(t, s, w.shop, w.effect, store.Sent, 0)
		execute(t, s, `UPDATE enrollments SET state = 'ended' WHERE id = $1`, string(w.enrollment.ID))
		_ = undone

		together := []string{"effects", "enrollments", "tasks", "touches", "passes", "soft_runs", "fanouts", "writebacks", "findings"} // those go with the events or decisions
		start := storetest.ClockOf(s).Now()
		for _, c := range []struct {
			days  int // kept this long
			table string
			left  int64
		}{
			{2, "consent_reads", 0},
			{7, "pending_deliveries", 0},
			{30, "inbox", 1},        // what is not done is kept
			{30, "inbox_bodies", 0}, // and the rest of that day
			{395, "decisions", 0},
			{395, "touches", 0},
			{395, "writebacks", 1}, // what is still to be told is kept
			{395, "passes", 0},
			{395, "soft_runs", 0},
			{395, "findings", 0},
			{395, "fanouts", 1}, // what is not done is kept
			{400, "link_tokens", 0},
			{760, "events", 0},
			{760, "tasks", 0},
			{760, "effects", 1}, // what may still be sent is kept
			{760, "enrollments", 1},
		} {
			count := func() int64 { return number(t, s, `SELECT COUNT(*) FROM `+c.table) }
			at := func(d time.Duration) {
				storetest.ClockOf(s).Advance(start.Add(d).Sub(storetest.ClockOf(s).Now()))
				_, err := s.Retain(t.Context())
				require.NoError(t, err)
			}
			if !slices.Contains(together, c.table) {
				at(time.Duration(c.days) * aDay)
				require.Greater(t, count(), c.left, "%s on day %d", c.table, c.days)
			}
			at(time.Duration(c.days)*aDay + time.Millisecond + map[bool]time.Duration{true: aDay}[c.table == "inbox_bodies"])
			require.Equal(t, c.left, count(), "%s after day %d", c.table, c.days)
		}
		require.Equal(t, string(open.effect.ID), word(t, s, `SELECT id FROM effects`))
		require.Equal(t, string(undone.ID), word(t, s, `SELECT id FROM inbox`))
		require.EqualValues(t, 2, number(t, s, `SELECT COUNT(*) FROM orders`), "orders are for ever")
	})
}

// Many rows go in steps, and a webhook that comes between them is answered between them.
func TestRetainGoesInSteps(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := storetest.Connection(t, s, storetest.Shop(t, s))
		n := 21_234 // more than are looked up at once
		if s.Embedded() {
			n = 1_234
		}
		old := int64(s.Now().Add(-31 * aDay))
		execute(t, s, fill(n)+`INSERT INTO inbox (shop_id, id, connection_id, platform, topic, external_id, triggered_at, received_at, order_ref, customer_ref, email_hash, state)
			SELECT 's', 'd' || i, 'c', 'shopify', 't', 'x' || i, 0, CAST($1 AS BIGINT), '', '', '', CASE WHEN i % 100 = 0 THEN 0 ELSE 1 END FROM n`, old)
		done := make(chan error, 1)
		go func() {
			gone, err := s.Retain(t.Context())
			if err == nil && gone != int64(n-n/100) {
				err = fmt.Errorf("%d rows went", gone)
			}
			done <- err
		}()
		between := 0
		for running := true; running; {
			select {
			case err := <-done:
				require.NoError(t, err)
				running = false
			default:
				storetest.AddDelivery(t, s, c)
				between++
			}
		}
		require.EqualValues(t, n/100+between, number(t, s, `SELECT COUNT(*) FROM inbox`))
		require.Greater(t, between, 1, "the door was shut")
	})
}

func TestRetainGivesPagesBackToTheDisk(t *testing.T) {
	address := storetest.URL(t, "sqlite")
	s := storetest.OpenURL(t, address)
	execute(t, s, fill(6_000)+`INSERT INTO decisions (shop_id, campaign_id, entry_key, step_id, reason, person_id, answer, detail, until_at, times, first_at, last_at)
		SELECT 's', 'c', 'k' || i, '', '', 'p', 'skip', 'some detail of some length to fill pages', 0, 1, 0, 0 FROM n`)
	pages := number(t, s, `PRAGMA page_count`)
	_, err := s.Retain(t.Context())
	require.NoError(t, err)
	require.Less(t, number(t, s, `PRAGMA page_count`), pages*2/3)
	require.NoError(t, s.Close())
	info, err := os.Stat(strings.TrimPrefix(address, "sqlite:"))
	require.NoError(t, err)
	require.Less(t, info.Size(), pages*4096*2/3)
}

func partitions(t *testing.T, s *store.Store) []string {
	return table(t, s, `SELECT c.relname AS p FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
		WHERE p.relname = 'inbox_bodies' ORDER BY c.relname`)
}

func TestBodiesArePartitionedByDay(t *testing.T) {
	s := storetest.Open(t, "postgres")
	today := int64(s.Now()) / aDay.Milliseconds()
	names := func(from, to int64) (out []string) {
		for d := from; d < to; d++ {
			out = append(out, fmt.Sprintf("p=\"inbox_bodies_d%d\"", d))
		}
		return append(out, `p="inbox_bodies_rest"`)
	}
	require.Equal(t, names(today, today+7), partitions(t, s))
	require.EqualValues(t, 8, number(t, s, `SELECT COUNT(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
		WHERE c.relname LIKE 'inbox_bodies_%' AND c.relkind = 'r' AND a.attname = 'body' AND a.attstorage = 'e'`), "bodies are compressed already")
	c := storetest.Connection(t, s, storetest.Shop(t, s))
	storetest.AddDelivery(t, s, c)
	require.EqualValues(t, 1, number(t, s, fmt.Sprintf(`SELECT COUNT(*) FROM inbox_bodies_d%d`, today)))

	storetest.ClockOf(s).Advance(2 * aDay)
	for range 2 {
		require.NoError(t, s.PreparePartitions(t.Context()))
	}
	require.Equal(t, names(today, today+9), partitions(t, s))

	storetest.ClockOf(s).Advance(31 * aDay) // day 33: day 0 to 2 are past 30 days
	_, err := s.Retain(t.Context())
	require.NoError(t, err)
	require.Equal(t, append(names(today+3, today+9)[:6], names(today+33, today+40)...), partitions(t, s))
}

// After a long stop the first deliveries of a day lie in the rest: that day stays there, all else goes on.
func TestADayWithRowsInTheRestStaysThere(t *testing.T) {
	s := storetest.Open(t, "postgres")
	c := storetest.Connection(t, s, storetest.Shop(t, s))
	storetest.ClockOf(s).Advance(20 * aDay)
	d := storetest.AddDelivery(t, s, c)
	_, err := s.Retain(t.Context())
	require.NoError(t, err)
	today := int64(s.Now()) / aDay.Milliseconds()
	require.NotContains(t, partitions(t, s), fmt.Sprintf("p=\"inbox_bodies_d%d\"", today))
	require.Contains(t, partitions(t, s), fmt.Sprintf("p=\"inbox_bodies_d%d\"", today+1))
	got, err := s.NextInbox(t.Context(), c.ShopID, 1)
	require.NoError(t, err)
	require.Equal(t, d.Body, got[0].Body)
	storetest.ClockOf(s).Advance(31 * aDay)
	_, err = s.Retain(t.Context())
	require.NoError(t, err)
	require.Zero(t, number(t, s, `SELECT COUNT(*) FROM inbox_bodies`))
}

// A backup that reads the bodies for long must not shut the doors: the partition is dropped another time.
func TestRetainDoesNotWaitForALongReader(t *testing.T) {
	s := storetest.Open(t, "postgres")
	c := storetest.Connection(t, s, storetest.Shop(t, s))
	storetest.AddDelivery(t, s, c)
	storetest.ClockOf(s).Advance(31 * aDay)
	tx, err := store.DB(s).BeginTx(t.Context(), nil)
	require.NoError(t, err)
	var n int
	require.NoError(t, tx.QueryRow(`SELECT COUNT(*) FROM inbox_bodies`).Scan(&n))
	_, err = s.Retain(t.Context())
	require.NoError(t, err)
	require.Positive(t, number(t, s, `SELECT COUNT(*) FROM inbox_bodies`))
	require.NoError(t, tx.Rollback())
	_, err = s.Retain(t.Context())
	require.NoError(t, err)
	require.Zero(t, number(t, s, `SELECT COUNT(*) FROM inbox_bodies`))
}
