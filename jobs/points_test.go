package jobs

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/store/storetest"
)

// fivePerPound is a program that waits two weeks and adds a hundred points for the first order.
func fivePerPound() loyalty.Program {
	return loyalty.Program{
		Rules: []loyalty.Rule{
			{ID: "spend", Kind: loyalty.ForSpend, Points: 5, Per: 100},
			{ID: "first", Kind: loyalty.ForOrder, Points: 100, Nth: 1},
		},
		Policy: loyalty.Policy{ReturnDays: 14, Months: 12},
	}
}

// withProgram gives the present shop a program that is live since long.
func (w *world) withProgram(p loyalty.Program) {
	w.t.Helper()
	saved, err := w.Store.SaveProgram(w.t.Context(), w.shop, p, 0, "owner")
	require.NoError(w.t, err)
	require.NoError(w.t, w.Store.SetProgramState(w.t.Context(), w.shop, store.ProgramLive, saved.Rev))
	db := storetest.DB(w.t, w.db)
	for _, text := range []string{`UPDATE loyalty SET live_at = 1 WHERE shop_id = $1`, `UPDATE loyalty_programs SET active_from = 1 WHERE shop_id = $1`} {
		_, err := db.ExecContext(w.t.Context(), text, string(w.shop))
		require.NoError(w.t, err)
	}
}

// ada's points in the present shop.
func (w *world) adasPoints() store.LoyaltyMember {
	w.t.Helper()
	var who commerce.PersonID
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		found, err := tx.PersonsByIdentity(w.shop, []commerce.Identity{{Kind: "email", Value: ada}})
		who = found[commerce.Identity{Kind: "email", Value: ada}]
		return err
	})
	m, err := w.Store.LoyaltyMember(w.t.Context(), w.shop, who)
	require.NoError(w.t, err)
	return m
}

// Whatever the order in which deliveries come, however often and in whatever
// batches, a customer ends with the same points.
func TestPointsAreTheSameInAnyOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		week := orderWeek(w)
		var first store.LoyaltyMember
		for seed := range uint64(12) {
			random := rand.New(rand.NewPCG(seed, 2))
			w.shop = storetest.Shop(t, w.Store, func(s *commerce.Shop) { s.Country = "GB" })
			w.conn = storetest.Connection(t, w.Store, w.shop)
			w.withProgram(fivePerPound())
			w.mergeInParts(random, shuffled(random, week))
			got := w.adasPoints()
			if seed == 0 {
				first = got
				require.Positive(t, got.Pending)
			}
			require.Equal(t, []int64{first.Pending, first.Points, first.Earned}, []int64{got.Pending, got.Points, got.Earned}, "seed %d", seed)
			rebuilt := false
			storetest.Do(t, w.Store, func(tx *store.Tx) (err error) {
				rebuilt, err = tx.RebuildMember(w.shop, got.Person, fivePerPound().Policy)
				return err
			})
			require.False(t, rebuilt, "seed %d: what is kept is what the rows say", seed)
		}
	})
}

func TestPointsAreReleasedAndEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(fivePerPound())
		o := w.order(1)
		w.merge(w.decode("orders/paid", o.Body()))
		waits := w.adasPoints().Pending
		require.Positive(t, waits)
		w.goesBy(100 * day)
		require.Equal(t, []int64{0, waits}, []int64{w.adasPoints().Pending, w.adasPoints().Points}, "the return window is over")
		w.goesBy(400 * day)
		require.Zero(t, w.adasPoints().Points, "they have ended")
	})
}

// releasePoints looks at what is due in all shops.
func (w *Worker) releasePoints(ctx context.Context) (more bool, err error) {
	behind := commerce.ShopID("")
	for {
		next, again, err := w.lookAtPoints(ctx, behind)
		if err != nil || next == "" {
			return again, err
		}
		behind = next
	}
}

// goesBy lets time go by and looks at what is due.
func (w *world) goesBy(d time.Duration) {
	w.t.Helper()
	storetest.ClockOf(w.Store).Advance(d)
	for more := true; more; {
		var err error
		more, err = w.releasePoints(w.t.Context())
		require.NoError(w.t, err)
	}
}
