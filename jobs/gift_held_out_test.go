package jobs

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/loyalty"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
)

// Half of the customers are held out of a gift, to see what it brings: they get
// neither its points nor its reward, and everybody else gets both.
func TestWhoIsHeldOutGetsNoGift(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const customers = 20
		var all []shopifyfake.Customer
		for i := range int64(customers) {
			all = append(all, shopifyfake.Customer{ID: 6100 + i, Email: fmt.Sprintf("bo%d@example.com", i)})
		}
		fake := w.customersOf(all...)
		w.alone()
		w.exec(`UPDATE shops SET currency = 'GBP'`)
		program := gifts()
		program.Budget, program.Policy = -1, loyalty.Policy{ReturnDays: 14}
		w.withProgram(program)
		for i, c := range all {
			w.hear("orders/paid", w.order(int64(i+1)).For(c, "GB").Body())
			w.mayRefer(w.personBy(c.Email))
		}
		storetest.ClockOf(w.Store).Advance(time.Hour)
		w.save(w.mails("gift", campaign.Step{
			ID: "half", Kind: campaign.Split, Sample: 50, Goal: "orders", Within: days(7), Arms: []campaign.Arm{
				{Name: "given", Weight: 1, Steps: []campaign.Step{
					{ID: "points", Kind: campaign.GivePoints, Useful: days(9), Points: 40, Why: "Thank you"},
					{ID: "reward", Kind: campaign.GiveReward, Useful: days(9), Reward: "five"},
				}},
				{Name: "held", Weight: 1},
			},
		}, w.mail("then", 9)))
		storetest.ClockOf(w.Store).Advance(time.Hour)
		for i, c := range all {
			w.hear("orders/paid", w.order(int64(i+1+customers)).For(c, "GB").Body())
		}

		w.lookAfterRewards()

		who := func(branch string) string {
			return `(SELECT person_id FROM passes WHERE step_id = 'half' AND branch = '` + branch + `')`
		}
		given := w.count(`SELECT COUNT(*) FROM loyalty_members WHERE person_id IN ` + who("given"))
		held := w.count(`SELECT COUNT(*) FROM loyalty_members WHERE person_id IN ` + who("held"))
		require.Positive(t, given)
		require.Positive(t, held)
		require.Equal(t, customers, given+held)
		require.Equal(t, given, w.count(`SELECT COUNT(*) FROM rewards`))
		require.Equal(t, given, w.count(`SELECT COUNT(*) FROM ledger WHERE points = 40`))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM rewards WHERE person_id IN `+who("held")))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM loyalty_members WHERE points > 0 AND person_id IN `+who("held")))
		require.Len(t, fake.Discounts(w.conn.ExternalID), given)
		require.Equal(t, customers, w.sent(), "behind the split the walk goes on for all")
	})
}
