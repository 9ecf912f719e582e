package store_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/store/storetest"
)

// touchAll does all that TouchShop has noted.
func touchAll(t *testing.T, s *store.Store) (steps int) {
	t.Helper()
	for more := true; more; steps++ {
		var err error
		more, err = s.TouchMore(t.Context())
		require.NoError(t, err)
		require.Less(t, steps, 100, "it does not end")
	}
	return steps - 1
}

func TestTouchMakesOnlyWhatIsNamedDue(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		later := func(e *campaign.Enrollment) { e.DueAt = s.Now() + 1000 }
		ada, bob := storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		one, two := storetest.Order(t, s, shop, ada.ID), storetest.Order(t, s, shop, bob.ID)
		first, second := storetest.Enroll(t, s, shop, one, later), storetest.Enroll(t, s, shop, two, later)
		rev := func(e campaign.Enrollment) int64 {
			return number(t, s, `SELECT rev FROM enrollments WHERE id = $1`, e.ID)
		}

		storetest.Do(t, s, func(tx *store.Tx) error { return tx.TouchEnrollments(shop, []commerce.OrderID{one.ID}) })
		require.Equal(t, int64(s.Now()), dueAt(t, s, first.ID))
		require.Equal(t, int64(s.Now()+1000), dueAt(t, s, second.ID))
		require.Equal(t, []int64{2, 1}, []int64{rev(first), rev(second)})

		storetest.Do(t, s, func(tx *store.Tx) error { return tx.TouchPersons(shop, []commerce.PersonID{bob.ID}) })
		require.Equal(t, int64(s.Now()), dueAt(t, s, second.ID))
		require.Equal(t, []int64{2, 2}, []int64{rev(first), rev(second)})

		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.TouchEnrollments(shop, nil); err != nil {
				return err
			}
			return tx.TouchPersons(shop, nil)
		})
		require.Equal(t, []int64{2, 2}, []int64{rev(first), rev(second)}, "nobody named, nothing touched")
	})
}

// A shop is touched in steps, each row once, whatever its due time.
func TestTouchShopGoesInSteps(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, other := storetest.Shop(t, s), storetest.Shop(t, s)
		now := s.Now()
		const n = 2*store.TouchStep + 100
		for i, shop := range []commerce.ShopID{shop, other} {
			execute(t, s, fill(n)+`INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_anchor, state, due_at, created_at)
				SELECT '`+string(shop)+`', 'e' || i, 'c', 'k' || i, 1, 'p', 'o', 0, 0, CASE WHEN i % 100 = 0 THEN 'ended' ELSE 'active' END, CAST($1 AS BIGINT) + i / 7, 0 FROM n`, int64(now)+int64(i)*10_000)
		}
		execute(t, s, `UPDATE enrollments SET queue = 2, lease_until = 1 WHERE shop_id = $1 AND id IN ('e1', 'e2')`, string(shop))
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.TouchShop(shop) })
		touched := `SELECT COUNT(*) FROM enrollments WHERE rev > 1`
		require.EqualValues(t, 2, number(t, s, touched), "what runs notices at once")

		more, err := s.TouchMore(t.Context())
		require.NoError(t, err)
		require.True(t, more)
		step := number(t, s, touched)
		require.InDelta(t, store.TouchStep, step, 10, "all of one due time go together")

		execute(t, s, `UPDATE enrollments SET due_at = $1 WHERE rev > 1 AND queue = 0`, int64(now)+n) // looked at and put back
		require.LessOrEqual(t, touchAll(t, s), 3)
		require.EqualValues(t, n-n/100, number(t, s, `SELECT COUNT(*) FROM enrollments WHERE rev = 2 AND state = 'active' AND shop_id = $1`, shop)+
			number(t, s, `SELECT COUNT(*) FROM enrollments WHERE rev = 1 AND due_at <= $1 AND state = 'active' AND shop_id = $2`, int64(now), shop), "each once, what was due before not at all")
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM enrollments WHERE shop_id = $1 AND rev > 1`, other))
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM enrollments WHERE rev > 1 AND state = 'ended'`))
		more, err = s.TouchMore(t.Context())
		require.NoError(t, err)
		require.False(t, more)
	})
}

// fill begins a statement that sees the numbers 1 to n as table n (i).
func fill(n int) string {
	return fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) `, n)
}
