package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/store/storetest"
)

// A split is read by what came after it within its time, whoever the person was merged into since.
func TestSplitFigures(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		at := s.Now()
		enter := func(arm string, p commerce.Person, change ...func(*store.Pass)) {
			pass := store.Pass{
				Enrollment: campaign.EnrollmentID(store.NewID()), StepID: "split", Campaign: "c", Version: 1, Branch: arm, Person: p.ID, At: at,
			}
			for _, c := range change {
				c(&pass)
			}
			storetest.Do(t, s, func(tx *store.Tx) error {
				if err := tx.AddPasses(shop, []store.Pass{pass}); err != nil {
					return err
				}
				pass.Branch = "another"
				return tx.AddPasses(shop, []store.Pass{pass}) // a branch is taken once
			})
		}
		buy := func(p commerce.Person, after time.Duration, counts bool) {
			storetest.Order(t, s, shop, p.ID, func(o *store.StoredOrder) {
				o.Purchase = &commerce.Purchase{At: at.Add(after), Counts: counts}
			})
		}
		person := func() commerce.Person { return storetest.Person(t, s, shop) }
		buyer, late, early, cancelled, none, guest, ada, rehearsing := person(), person(), person(), person(), person(), person(), person(), person()
		for _, p := range []commerce.Person{buyer, late, early} {
			enter("a", p)
		}
		for _, p := range []commerce.Person{cancelled, none, guest} {
			enter("b", p)
		}
		enter("b", rehearsing, func(p *store.Pass) { p.Rehearsal = true })
		enter("x", buyer, func(p *store.Pass) { p.StepID = "other" })
		enter("x", buyer, func(p *store.Pass) { p.Campaign = "other" })
		buy(buyer, time.Hour, true)
		buy(buyer, 2*time.Hour, true)
		buy(late, 25*time.Hour, true)
		buy(early, 0, true)
		buy(cancelled, time.Hour, false)
		merge(t, s, shop, guest, ada)
		buy(ada, time.Hour, true)
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.SaveEvents(shop, []commerce.Event{{Kind: commerce.CustomKind("answered"), Subject: "1", PersonID: none.ID, OccurredAt: at.Add(time.Hour)}})
		})
		for goal, converted := range map[string][2]int64{"": {1, 1}, store.GoalOrders: {1, 1}, "custom:answered": {0, 1}, "custom:other": {0, 0}} {
			got, err := s.SplitFigures(t.Context(), shop, "c", "split", goal, 24*time.Hour)
			require.NoError(t, err)
			require.Equal(t, []store.ArmFigures{{Arm: "a", Entered: 3, Converted: converted[0]}, {Arm: "b", Entered: 3, Converted: converted[1]}}, got, goal)
		}
	})
}
