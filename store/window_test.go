package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/store/storetest"
)

// dueRows gives a shop n active enrollments, the i-th due i ms before now.
func dueRows(t *testing.T, s *store.Store, shop commerce.ShopID, n int) {
	t.Helper()
	execute(t, s, fill(n)+`INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_anchor, state, due_at, created_at)
		SELECT '`+string(shop)+`', '`+string(shop)+`-' || i, 'c', 'k' || i, 1, 'p' || i, 'o' || i, 0, 0, 'active', CAST($1 AS BIGINT) - i, 0 FROM n`, int64(s.Now()))
}

func chunkOf(t *testing.T, s *store.Store, shop commerce.ShopID) store.Chunk {
	t.Helper()
	chunks, err := s.QueueDue(t.Context(), []commerce.ShopID{shop})
	require.NoError(t, err)
	require.Len(t, chunks, 1)
	return chunks[0]
}

func TestQueueDueTakesTheLongestDueFirst(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		dueRows(t, s, shop, 20)
		execute(t, s, `UPDATE enrollments SET state = 'ended' WHERE id = $1`, string(shop)+"-20")
		execute(t, s, `UPDATE enrollments SET due_at = $2 WHERE id = $1`, string(shop)+"-1", int64(s.Now())+1)
		chunk := chunkOf(t, s, shop)
		require.Equal(t, shop, chunk.Shop)
		require.Len(t, chunk.Runs, 16)
		got := map[campaign.EnrollmentID]bool{}
		for _, r := range chunk.Runs {
			require.EqualValues(t, 1, r.Dispatch)
			got[r.ID] = true
		}
		for i := 19; i > 3; i-- {
			require.Contains(t, got, campaign.EnrollmentID(fmt.Sprintf("%s-%d", shop, i)))
		}
		size, err := s.WindowSize(t.Context())
		require.NoError(t, err)
		require.Equal(t, 16, size)
		require.Len(t, chunkOf(t, s, shop).Runs, 2)
		chunks, err := s.QueueDue(t.Context(), []commerce.ShopID{shop})
		require.NoError(t, err)
		require.Empty(t, chunks, "nothing is due any more")
	})
}

// One shop with many due rows beside 200 with one: nobody waits longer than the walk around all shops.
func TestDueShopsIsFair(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const small = 200
		execute(t, s, fill(small)+`INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_anchor, state, due_at, created_at)
			SELECT 'shop-' || (1000 + i), 'e', 'c', 'k', 1, 'p', 'o', 0, 0, 'active', CAST($1 AS BIGINT) - i, 0 FROM n`, int64(s.Now()))
		dueRows(t, s, "shop-1100a", 500)
		execute(t, s, `UPDATE enrollments SET due_at = $1 WHERE shop_id = 'shop-1150'`, int64(s.Now())+1) // not yet
		seen := map[commerce.ShopID]int{}
		var cursor commerce.ShopID
		rounds := 0
		for ; rounds < 10; rounds++ {
			shops, err := s.DueShops(t.Context(), cursor)
			require.NoError(t, err)
			require.LessOrEqual(t, len(shops), 64)
			if len(shops) == 0 {
				break
			}
			require.Less(t, cursor, shops[0])
			cursor = shops[len(shops)-1]
			chunks, err := s.QueueDue(t.Context(), shops)
			require.NoError(t, err)
			for _, c := range chunks {
				seen[c.Shop] += len(c.Runs)
			}
		}
		require.Equal(t, 4, rounds, "201 shops in fours of 64")
		require.Len(t, seen, small)
		require.Equal(t, 16, seen["shop-1100a"])
		require.NotContains(t, seen, commerce.ShopID("shop-1150"))
	})
}

// Two that fill the window at once never queue a row twice.
func TestQueueDueOfTwoAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		dueRows(t, s, shop, 160)
		var mu sync.Mutex
		seen := map[campaign.EnrollmentID]bool{}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 5 {
					chunks, err := s.QueueDue(t.Context(), []commerce.ShopID{shop})
					if !assert.NoError(t, err) {
						return
					}
					mu.Lock()
					for _, c := range chunks {
						for _, r := range c.Runs {
							assert.False(t, seen[r.ID], "%s twice", r.ID)
							seen[r.ID] = true
						}
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		require.EqualValues(t, len(seen), number(t, s, `SELECT COUNT(*) FROM enrollments WHERE queue = 1`))
	})
}

func TestUnqueueGivesBackAndStaleTasksFinds(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		dueRows(t, s, shop, 40)
		old, young, fresh := chunkOf(t, s, shop), chunkOf(t, s, shop), chunkOf(t, s, shop)
		ago := func(d time.Duration) int64 { return time.Now().Add(-d).UnixMilli() }
		execute(t, s, `UPDATE enrollments SET queued_at = $2 WHERE task_id = $1`, old.TaskID, ago(11*time.Minute))
		execute(t, s, `UPDATE enrollments SET queued_at = $2 WHERE task_id = $1`, young.TaskID, ago(3*time.Second))
		storetest.ClockOf(s).Advance(time.Hour) // the queue's waiting is in real time
		look, overdue, err := s.StaleTasks(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, []string{young.TaskID}, look)
		require.Equal(t, []string{old.TaskID}, overdue)
		look, overdue, err = s.StaleTasks(t.Context(), 1)
		require.NoError(t, err)
		require.Empty(t, look)
		require.Equal(t, []string{old.TaskID}, overdue, "the oldest first")

		require.NoError(t, s.Unqueue(t.Context(), old.TaskID))
		size, err := s.WindowSize(t.Context())
		require.NoError(t, err)
		require.Equal(t, len(young.Runs)+len(fresh.Runs), size)
		again := chunkOf(t, s, shop)
		require.EqualValues(t, 2, again.Runs[0].Dispatch, "the lost task's number is void")

		es, err := s.EnrollmentsForRun(t.Context(), shop, young.Runs)
		require.NoError(t, err)
		storetest.Do(t, s, func(tx *store.Tx) error { _, err := tx.TakeEnrollments(shop, "one", es); return err })
		require.NoError(t, s.Unqueue(t.Context(), young.TaskID))
		require.EqualValues(t, len(young.Runs), number(t, s, `SELECT COUNT(*) FROM enrollments WHERE queue = 2`), "what runs is not given back")
	})
}

func TestRecoverLeases(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s) // leased by "one"
		require.Equal(t, map[store.EffectID]bool{w.effect.ID: true}, begin(t, s, w.shop, w.effect))
		got, err := s.RecoverLeases(t.Context(), "")
		require.NoError(t, err)
		require.Zero(t, got, "the lease is running")

		storetest.ClockOf(s).Advance(time.Hour)
		require.NoError(t, s.RenewLeases(t.Context(), "two", []store.ShopRow{{Shop: w.shop, ID: w.enrollment.ID}}))
		execute(t, s, `UPDATE enrollments SET lease_until = $1 WHERE queue = 2`, time.Now().UnixMilli()-1)
		got, err = s.RecoverLeases(t.Context(), "")
		require.NoError(t, err)
		require.Equal(t, store.Recovered{Rows: 1, Unknown: 1}, got)
		require.Equal(t, "unknown", stateOfEffect(t, s, w.effect.ID))
		require.Equal(t, []string{fmt.Sprintf(`queue="0" lease_owner="" lease_until="0" dispatch="2" rev="2" due_at="%d"`, s.Now())},
			table(t, s, `SELECT queue, lease_owner, lease_until, dispatch, rev, due_at FROM enrollments`))
		got, err = s.RecoverLeases(t.Context(), "")
		require.NoError(t, err)
		require.Zero(t, got)
	})
}

// A webhook, a call and a tag may be done twice without harm, so nobody has to ask what became of them.
func TestRecoverLeasesOfWhatMayBeDoneAgain(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for _, kind := range []campaign.StepKind{campaign.Webhook, campaign.CallTask, campaign.TagCustomer} {
			w := claimedWorld(t, s)
			execute(t, s, `UPDATE effects SET kind = $1 WHERE id = $2`, string(kind), string(w.effect.ID))
			require.Equal(t, map[store.EffectID]bool{w.effect.ID: true}, begin(t, s, w.shop, w.effect))
			execute(t, s, `UPDATE enrollments SET lease_until = 1 WHERE queue = 2`)
			got, err := s.RecoverLeases(t.Context(), "")
			require.NoError(t, err)
			require.Equal(t, store.Recovered{Rows: 1}, got)
			require.Equal(t, "retry", stateOfEffect(t, s, w.effect.ID))
		}
	})
}

// The embedded mode has proof that everybody else is gone: it takes back what their leases still hold, and not its own.
func TestRecoverLeasesOfEverybodyElse(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		const n = 450
		dueRows(t, s, shop, n)
		execute(t, s, `UPDATE enrollments SET queue = 2, lease_owner = CASE WHEN id LIKE '%7' THEN 'me' ELSE 'gone' END, lease_until = $1`, time.Now().Add(time.Minute).UnixMilli())
		_, leased, err := s.LeaseInbox(t.Context(), shop, "gone")
		require.NoError(t, err)
		require.True(t, leased)
		_, err = s.Lead(t.Context(), "sweep", "gone", time.Minute)
		require.NoError(t, err)
		got, err := s.RecoverLeases(t.Context(), "me")
		require.NoError(t, err)
		require.Equal(t, store.Recovered{Rows: n - n/10}, got)
		require.EqualValues(t, n/10, number(t, s, `SELECT COUNT(*) FROM enrollments WHERE queue = 2 AND lease_owner = 'me'`))
		require.EqualValues(t, n-n/10, number(t, s, `SELECT COUNT(*) FROM enrollments WHERE queue = 0`))
		_, leased, err = s.LeaseInbox(t.Context(), shop, "me")
		require.NoError(t, err)
		leads, err := s.Lead(t.Context(), "sweep", "me", time.Minute)
		require.NoError(t, err)
		require.True(t, leased && leads, "nobody waits for a lease of the dead")
	})
}

func TestRenewLeases(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		execute(t, s, `UPDATE enrollments SET lease_until = 1`)
		require.NoError(t, s.RenewLeases(t.Context(), "two", []store.ShopRow{{Shop: w.shop, ID: w.enrollment.ID}}))
		require.EqualValues(t, 1, number(t, s, `SELECT lease_until FROM enrollments`), "only the owner")
		require.NoError(t, s.RenewLeases(t.Context(), "one", []store.ShopRow{{Shop: w.shop, ID: w.enrollment.ID}, {Shop: w.shop, ID: "none"}}))
		require.Greater(t, number(t, s, `SELECT lease_until FROM enrollments`), time.Now().Add(store.LeaseRenewal).UnixMilli(), "it outlasts the next renewal")
	})
}

func TestLead(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		lead := func(name, owner string, d time.Duration) bool {
			ok, err := s.Lead(t.Context(), name, owner, d)
			require.NoError(t, err)
			return ok
		}
		require.True(t, lead("sweep", "one", time.Minute))
		require.True(t, lead("sweep", "one", time.Minute), "keeps it")
		require.False(t, lead("sweep", "two", time.Minute))
		require.True(t, lead("maintain", "two", time.Minute), "another matter")
		require.NoError(t, s.Yield(t.Context(), "sweep", "two"))
		require.False(t, lead("sweep", "two", time.Minute), "one cannot yield for another")
		require.NoError(t, s.Yield(t.Context(), "sweep", "one"))
		require.True(t, lead("sweep", "two", -time.Second))
		require.True(t, lead("sweep", "one", time.Minute), "it was over")
	})
}

func TestLeadOfManyAtOnceIsOne(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		var all sync.WaitGroup
		leaders := make(chan string, 8)
		for i := range 8 {
			all.Go(func() {
				owner := fmt.Sprint(i)
				if ok, err := s.Lead(t.Context(), "sweep", owner, time.Minute); assert.NoError(t, err) && ok {
					leaders <- owner
				}
			})
		}
		all.Wait()
		require.Len(t, leaders, 1)
	})
}
