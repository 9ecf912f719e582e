package store_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestTheSameWebhookFiveTimesAtOnceIsFreshOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := storetest.Connection(t, s, storetest.Shop(t, s))
		for round := range 20 {
			d := storetest.Delivery(s, c)
			var fresh atomic.Int64
			var all sync.WaitGroup
			for range 5 {
				all.Go(func() {
					first, err := s.AddInbox(t.Context(), c.ShopID, d)
					assert.NoError(t, err)
					if first {
						fresh.Add(1)
					}
				})
			}
			all.Wait()
			require.EqualValues(t, 1, fresh.Load())
			require.EqualValues(t, round+1, number(t, s, `SELECT COUNT(*) FROM inbox`))
			require.EqualValues(t, round+1, number(t, s, `SELECT COUNT(*) FROM inbox_bodies`))
		}
	})
}

func TestOneWebhookIsOnePerConnectionTopicAndId(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		one, two := storetest.Connection(t, s, storetest.Shop(t, s)), storetest.Connection(t, s, storetest.Shop(t, s))
		d := storetest.Delivery(s, one)
		add := func(want bool, change func(*commerce.Delivery)) {
			t.Helper()
			d := d
			change(&d)
			fresh, err := s.AddInbox(t.Context(), d.ShopID, d)
			require.NoError(t, err)
			require.Equal(t, want, fresh)
		}
		add(true, func(*commerce.Delivery) {})
		add(false, func(d *commerce.Delivery) { d.Body, d.ReceivedAt = []byte("another"), d.ReceivedAt.Add(48*time.Hour) })
		add(true, func(d *commerce.Delivery) { d.Topic = "orders/updated" })
		add(true, func(d *commerce.Delivery) { d.ExternalID = "another" })
		add(true, func(d *commerce.Delivery) { d.ShopID, d.ConnectionID = two.ShopID, two.ID })
		got, err := s.NextInbox(t.Context(), one.ShopID, 10)
		require.NoError(t, err)
		require.Equal(t, d.Body, got[0].Body, "the first one stays")
	})
}

// blocked keeps the database from saving deliveries until the returned function is called.
func blocked(t *testing.T, s *store.Store) (release func()) {
	t.Helper()
	if s.Embedded() {
		return hold(t, s)
	}
	tx, err := store.DB(s).BeginTx(context.Background(), nil)
	require.NoError(t, err)
	_, err = tx.Exec(`LOCK TABLE inbox IN EXCLUSIVE MODE`)
	require.NoError(t, err)
	release = sync.OnceFunc(func() { _ = tx.Rollback() })
	t.Cleanup(release)
	return release
}

// A row the database refuses is kept aside, without what it may have refused; its neighbours are saved.
func TestABadRowIsQuarantinedAlone(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := storetest.Connection(t, s, storetest.Shop(t, s))
		execute(t, s, map[bool]string{ // PostgreSQL refuses NUL and broken UTF-8 by itself, SQLite takes everything
			true: `CREATE TRIGGER picky BEFORE INSERT ON inbox WHEN instr(NEW.order_ref, char(0)) > 0 OR NEW.order_ref = CAST(x'ff' AS TEXT)
				BEGIN SELECT RAISE(ABORT, 'refused'); END`,
			false: `SELECT 1`,
		}[s.Embedded()])
		release := blocked(t, s)
		const n = 40
		var all sync.WaitGroup
		for i := range n {
			d := storetest.Delivery(s, c, func(d *commerce.Delivery) {
				switch i {
				case 7, 8, 31:
					d.OrderRef = "12\x0034"
				case 12:
					d.OrderRef = "\xff"
				}
				d.ExternalID = fmt.Sprintf("row-%02d", i)
			})
			all.Go(func() {
				fresh, err := s.AddInbox(t.Context(), c.ShopID, d)
				assert.NoError(t, err, d.ExternalID)
				assert.True(t, fresh, d.ExternalID)
			})
		}
		release()
		all.Wait()
		require.Equal(t, []string{`external_id="row-07"`, `external_id="row-08"`, `external_id="row-12"`, `external_id="row-31"`},
			table(t, s, `SELECT external_id FROM inbox WHERE state = 2 ORDER BY external_id`))
		require.EqualValues(t, n-4, number(t, s, `SELECT COUNT(*) FROM inbox WHERE state = 0`))
		require.EqualValues(t, n, number(t, s, `SELECT COUNT(*) FROM inbox_bodies`), "what was refused can be replayed")
		require.True(t, strings.HasPrefix(word(t, s, `SELECT note FROM inbox WHERE external_id = 'row-07'`), "could not be saved whole"))
	})
}

func TestAFullQueueIsTemporary(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := storetest.Open(t, engine, func(o *store.Options) { o.InboxQueue = 8 })
			c := storetest.Connection(t, s, storetest.Shop(t, s))
			storetest.AddDelivery(t, s, c) // the shop's key is at hand from now on
			release := blocked(t, s)
			var all sync.WaitGroup
			var full, kept atomic.Int64
			for i := 0; full.Load() == 0; i++ {
				require.Less(t, i, 1000, "the queue is never full")
				d := storetest.Delivery(s, c)
				ready := make(chan struct{})
				all.Go(func() {
					close(ready)
					fresh, err := s.AddInbox(t.Context(), c.ShopID, d)
					if err == nil && fresh {
						kept.Add(1)
						return
					}
					assert.True(t, fault.Is(err, fault.Temporary), "%v", err)
					full.Add(1)
				})
				<-ready
			}
			release()
			all.Wait()
			require.EqualValues(t, 1+kept.Load(), number(t, s, `SELECT COUNT(*) FROM inbox`), "what was promised is there")
			storetest.AddDelivery(t, s, c)
		})
	}
}

// The bodies that wait are bounded too: not even eight of the largest the door takes.
func TestTooManyBytesAreTemporary(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := storetest.Connection(t, s, storetest.Shop(t, s))
		storetest.AddDelivery(t, s, c)
		release := blocked(t, s)
		noise := make([]byte, 8<<20)
		_, _ = rand.Read(noise) // nothing to compress
		var all sync.WaitGroup
		var full atomic.Int64
		for range 9 {
			d := storetest.Delivery(s, c, func(d *commerce.Delivery) { d.Body = noise })
			all.Go(func() {
				if _, err := s.AddInbox(t.Context(), c.ShopID, d); err != nil {
					assert.True(t, fault.Is(err, fault.Temporary), "%v", err)
					if full.Add(1) == 1 {
						release()
					}
				}
			})
		}
		all.Wait()
		require.Positive(t, full.Load())
		fresh, err := s.AddInbox(t.Context(), c.ShopID, storetest.Delivery(s, c, func(d *commerce.Delivery) { d.Body = noise }))
		require.NoError(t, err, "there is room again")
		require.True(t, fresh)
	})
}

func TestADeliveryThatIsNotSavedInTimeIsTemporary(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := storetest.Connection(t, s, storetest.Shop(t, s))
		storetest.AddDelivery(t, s, c)
		blocked(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := s.AddInbox(ctx, c.ShopID, storetest.Delivery(s, c))
		require.True(t, fault.Is(err, fault.Temporary), "%v", err)
	})
}

func TestADatabaseThatCannotWriteIsTemporary(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := storetest.Connection(t, s, storetest.Shop(t, s))
		execute(t, s, `ALTER TABLE inbox RENAME TO gone`)
		_, err := s.AddInbox(t.Context(), c.ShopID, storetest.Delivery(s, c))
		require.True(t, fault.Is(err, fault.Temporary), "%v", err)
		execute(t, s, `ALTER TABLE gone RENAME TO inbox`)
		storetest.AddDelivery(t, s, c)
	})
}
