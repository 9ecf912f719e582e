package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/shopifyfake"
)

// The mail that tells an advocate of their reward waits until its code is made, and shows it.
func TestAPaidReferralIsToldWithItsCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(shopifyfake.Customer{ID: 6001, Email: ada})
		a := w.openFriends()
		w.save(w.playbook("referral_paid"))
		w.friendBuys(1, 1, a.Code)
		w.daysLater(90)
		w.paidOnce()
		before := w.sent()
		w.drained()
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = 'referral_paid' AND state <> 'ended'`))
		require.Equal(t, before, w.sent(), "there is no code yet")

		w.lookAfterRewards()
		w.drained()
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM passes WHERE step_id = 'made' AND branch = 'then'`))
		require.Equal(t, before+1, w.sent())
		codes := fake.Discounts(w.conn.ExternalID)
		require.Len(t, codes, 1)
		require.Contains(t, string(w.sink.Mails()[before].Raw), codes[0].Code)
	})
}

// A shop whose platform makes no code: after a day the advocate hears of it all the same.
func TestAPaidReferralIsToldWithoutACodeAfterADay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.openFriends()
		w.save(w.playbook("referral_paid"))
		w.friendBuys(1, 1, a.Code)
		w.daysLater(90)
		w.drained()
		before := w.sent()
		w.pass(1, day/2)
		require.Equal(t, before, w.sent())
		w.pass(1, day)
		w.pass(2, 10*time.Hour) // to an hour at which mails may go out
		require.Equal(t, before+1, w.sent())
	})
}
