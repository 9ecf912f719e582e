package store_test

import (
	"context"
	"errors"
	"fmt"
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

const insertSwitch = `INSERT INTO switches (name, value, changed_at) VALUES ($1, 'on', 0)`

func switches(t *testing.T, s *store.Store) int64 {
	return number(t, s, `SELECT COUNT(*) FROM switches`)
}

func TestTransactCommitsOrLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		require.NoError(t, s.Transact(t.Context(), func(tx *store.Tx) error { return tx.Exec(insertSwitch, "kept") }))
		broken := errors.New("broken")
		err := s.Transact(t.Context(), func(tx *store.Tx) error {
			return errors.Join(tx.Exec(insertSwitch, "lost"), broken)
		})
		require.ErrorIs(t, err, broken)
		require.Error(t, s.Transact(t.Context(), func(tx *store.Tx) error { return tx.Exec(insertSwitch, "kept") }), "the key is taken")
		require.EqualValues(t, 1, switches(t, s))
	})
}

func TestTransactOfAPanicLeavesNothingAndLocksNobodyOut(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		require.PanicsWithValue(t, "bug", func() {
			_ = s.Transact(t.Context(), func(tx *store.Tx) error {
				_ = tx.Exec(insertSwitch, "lost")
				panic("bug")
			})
		})
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.Exec(insertSwitch, "lost") })
		require.EqualValues(t, 1, switches(t, s))
	})
}

func TestTransactNotBegunInTimeDoesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, s.Transact(ctx, func(tx *store.Tx) error { return tx.Exec(insertSwitch, "late") }), context.Canceled)
		require.Zero(t, switches(t, s))
	})
}

// Two that add to one order at once: none of the additions is lost.
func TestTransactionsOnOneOrderWaitForEachOther(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		o := storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				assert.NoError(t, s.Transact(t.Context(), func(tx *store.Tx) error {
					locked, err := tx.LockOrders(shop, []commerce.OrderID{o.ID})
					if err != nil {
						return err
					}
					mine := locked[o.ID]
					mine.Keys = append(mine.Keys, commerce.SourceKey{Platform: commerce.Stripe, Kind: "charge", ID: fmt.Sprint(i)})
					return tx.SaveOrders(shop, []*store.StoredOrder{mine})
				}))
			})
		}
		all.Wait()
		o, err := s.Order(t.Context(), shop, o.ID)
		require.NoError(t, err)
		require.Len(t, o.Keys, 9)
		require.EqualValues(t, 9, o.Rev)
	})
}

// On PostgreSQL the two block each other and one is repeated; on SQLite they never meet.
func TestTransactRepeatsAfterADeadlock(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		storetest.Do(t, s, func(tx *store.Tx) error { return errors.Join(tx.Exec(insertSwitch, "a"), tx.Exec(insertSwitch, "b")) })
		var both sync.WaitGroup
		var met sync.WaitGroup // both hold their first row
		met.Add(2)
		var tries atomic.Int64
		add := func(first, second string) {
			begun := sync.Once{}
			assert.NoError(t, s.Transact(t.Context(), func(tx *store.Tx) error {
				tries.Add(1)
				const text = `UPDATE switches SET changed_at = changed_at + 1 WHERE name = $1`
				if err := tx.Exec(text, first); err != nil {
					return err
				}
				begun.Do(met.Done)
				if !s.Embedded() {
					met.Wait()
				}
				return tx.Exec(text, second)
			}))
		}
		both.Go(func() { add("a", "b") })
		both.Go(func() { add("b", "a") })
		both.Wait()
		require.EqualValues(t, 4, number(t, s, `SELECT SUM(changed_at) FROM switches`))
		if s.Embedded() {
			require.EqualValues(t, 2, tries.Load())
		} else {
			require.Greater(t, tries.Load(), int64(2))
		}
	})
}

func TestTransactGivesUpAfterFiveConflicts(t *testing.T) {
	s := storetest.Open(t, "postgres")
	tries := 0
	err := s.Transact(t.Context(), func(tx *store.Tx) error {
		tries++
		return tx.Exec(`DO $$ BEGIN RAISE EXCEPTION 'always' USING ERRCODE = '40001'; END $$`)
	})
	require.Error(t, err)
	require.Equal(t, 5, tries)
	require.True(t, store.Unavailable(err), "it may work later: %v", err)
}

// hold keeps the SQLite writer busy until release is called, so that what is started meanwhile lands in one group.
func hold(t *testing.T, s *store.Store) (release func()) {
	t.Helper()
	begun, done := make(chan struct{}), make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		_ = s.Transact(context.Background(), func(*store.Tx) error {
			close(begun)
			<-done
			return nil
		})
	})
	<-begun
	release = sync.OnceFunc(func() { close(done); ended.Wait() })
	t.Cleanup(release)
	return release
}

// What goes wrong for one transaction takes nothing else of its group with it.
func TestAFailingTransactionOfAGroupStandsAlone(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	release := hold(t, s)
	var group sync.WaitGroup
	start := func(name string, urgent bool, end func(cancel context.CancelFunc, tx *store.Tx) error, want string) {
		waiting := make(chan struct{})
		group.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			run := s.Transact
			if urgent {
				run = func(ctx context.Context, fn func(*store.Tx) error) error { return store.Urgent(ctx, s, fn) }
			}
			defer func() {
				if r := recover(); r != nil {
					assert.Equal(t, want, r)
				}
			}()
			close(waiting)
			err := run(ctx, func(tx *store.Tx) error {
				if err := tx.Exec(insertSwitch, name); err != nil {
					return err
				}
				return end(cancel, tx)
			})
			if want == "" {
				assert.NoError(t, err, name)
			} else {
				assert.ErrorContains(t, err, want, name)
			}
		})
		<-waiting
	}
	fine := func(context.CancelFunc, *store.Tx) error { return nil }
	start("first", false, fine, "")
	start("error", false, func(context.CancelFunc, *store.Tx) error { return errors.New("mine") }, "mine")
	start("statement", false, func(_ context.CancelFunc, tx *store.Tx) error { return tx.Exec(insertSwitch, "statement") }, "constraint")
	start("panic", true, func(context.CancelFunc, *store.Tx) error { panic("ouch") }, "ouch")
	start("cancelled while running", true, func(cancel context.CancelFunc, tx *store.Tx) error {
		cancel()
		return tx.Exec(`UPDATE switches SET changed_at = 7`)
	}, "")
	start("last", true, fine, "")
	release()
	group.Wait()
	require.EqualValues(t, 3, switches(t, s))
	require.Equal(t, []string{`name="cancelled while running"`, `name="first"`, `name="last"`}, table(t, s, `SELECT name FROM switches ORDER BY name`))
}

// A disk that is full answers as Unavailable, loses nothing that was promised, and works again once there is room.
func TestAFullDiskIsUnavailableUntilThereIsRoom(t *testing.T) {
	s := storetest.Open(t, "sqlite", func(o *store.Options) { o.MaxPages = 400 })
	c := storetest.Connection(t, s, storetest.Shop(t, s))
	noise := make([]byte, 20_000) // sealed, so it is not compressed away on the disk
	for i := range noise {
		noise[i] = byte(i * i >> 3)
	}
	var kept int64
	var err error
	for err == nil && kept < 1000 {
		var fresh bool
		d := storetest.Delivery(s, c)
		d.Body = append(noise, d.ExternalID...)
		if fresh, err = s.AddInbox(t.Context(), c.ShopID, d); err == nil {
			require.True(t, fresh)
			kept++
		}
	}
	require.True(t, fault.Is(err, fault.Temporary), "%v", err)
	err = s.Transact(t.Context(), func(tx *store.Tx) error { return tx.Exec(insertSwitch, fmt.Sprintf("%0100000d", 1)) })
	require.True(t, store.Unavailable(err), "%v", err)

	// Several at once: those that fit are kept, each is answered.
	var group sync.WaitGroup
	var added atomic.Int64
	release := hold(t, s)
	for i := range 20 {
		group.Go(func() {
			err := s.Transact(t.Context(), func(tx *store.Tx) error { return tx.Exec(insertSwitch, fmt.Sprintf("%0*d", 1+i%2*100000, i)) })
			if err == nil {
				added.Add(1)
			} else {
				assert.True(t, store.Unavailable(err), "%v", err)
			}
		})
	}
	release()
	group.Wait()
	require.Equal(t, added.Load(), switches(t, s))
	require.Equal(t, kept, number(t, s, `SELECT COUNT(*) FROM inbox_bodies`))

	storetest.ClockOf(s).Advance(40 * 24 * time.Hour)
	_, err = s.Retain(t.Context())
	require.NoError(t, err, "old bodies make room")
	execute(t, s, insertSwitch, "room")
	fresh, err := s.AddInbox(t.Context(), c.ShopID, storetest.Delivery(s, c))
	require.NoError(t, err)
	require.True(t, fresh)
}

func TestAClosedStoreIsTemporary(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := storetest.Connection(t, s, storetest.Shop(t, s))
		d := storetest.Delivery(s, c)
		var busy sync.WaitGroup
		for i := range 32 { // what is under way is answered, with or without success
			busy.Go(func() {
				d := d
				d.ExternalID = fmt.Sprint(i)
				if _, err := s.AddInbox(t.Context(), c.ShopID, d); err != nil {
					assert.True(t, fault.Is(err, fault.Temporary), "%v", err)
				}
				_ = s.Transact(t.Context(), func(tx *store.Tx) error { return tx.Exec(insertSwitch, fmt.Sprint(i)) })
			})
		}
		require.NoError(t, s.Close())
		busy.Wait()
		require.NoError(t, s.Close(), "a second time")
		_, err := s.AddInbox(t.Context(), c.ShopID, d)
		require.True(t, fault.Is(err, fault.Temporary), "%v", err)
		require.Error(t, s.Transact(t.Context(), func(*store.Tx) error { return nil }))
		require.True(t, fault.Is(s.Ping(t.Context()), fault.Temporary))
	})
}

// The commit of a deferred transaction is real; only its flush is left to the next that waits.
func TestDeferFlushHoldsForItsTransactionOnly(t *testing.T) {
	s := storetest.Open(t, "postgres", func(o *store.Options) { o.Readers = 1 })
	shop := storetest.Shop(t, s)
	storetest.Do(t, s, func(tx *store.Tx) error {
		if err := tx.DeferFlush(); err != nil {
			return err
		}
		return tx.AddFinding(shop, "kind", "subject", "")
	})
	require.Equal(t, int64(1), number(t, s, `SELECT COUNT(*) FROM findings`))
	require.NotEqual(t, "off", word(t, s, `SHOW synchronous_commit`))
	lite := storetest.Open(t, "sqlite")
	storetest.Do(t, lite, func(tx *store.Tx) error { return tx.DeferFlush() })
}
