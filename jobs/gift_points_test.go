package jobs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// givingPoints is a campaign that gives points for a paid order and then writes to its customer.
func (w *world) givingPoints() {
	w.t.Helper()
	w.alone()
	w.save(w.mails("gift", campaign.Step{ID: "give", Kind: campaign.GivePoints, Useful: days(9), Points: 40, Why: "Thank you"}, w.mail("then", 9)))
}

// pointsEffect is the state and the note of the only act of that kind.
func (w *world) pointsEffect() (store.EffectState, string) {
	w.t.Helper()
	where := ` FROM effects WHERE kind = 'give_points'`
	return store.EffectState(w.text(`SELECT state` + where)), w.text(`SELECT note` + where)
}

func TestACampaignGivesPoints(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.givingPoints()
		w.withProgram(loyalty.Program{Rules: []loyalty.Rule{{ID: "order", Kind: loyalty.ForOrder, Points: 5}}, Policy: loyalty.Policy{ReturnDays: 14, Months: 12}})
		w.hear("orders/paid", w.order(1).Body())
		state, _ := w.pointsEffect()
		require.Equal(t, store.Sent, state)
		require.Equal(t, 1, w.sent(), "the walk goes on")
		require.Equal(t, []int64{5, 40}, []int64{w.adasPoints().Pending, w.adasPoints().Points})
		require.Equal(t, "Thank you", w.text(`SELECT note FROM ledger WHERE points = 40`))
		require.Equal(t, 2, w.events(commerce.PointsEarned), "of the order and of the gift")
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'points_earned' AND props LIKE '%depth%1%'`), "which came of something")
	})
}

// A worker was lost behind the gift: done again, it gives nothing more.
func TestPointsAreGivenOnceForAnEffect(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.givingPoints()
		w.withProgram(fivePerPound())
		w.merge(w.decode("orders/paid", w.order(1).Body()))
		for range 3 {
			w.does(func(d club.Desk, shop commerce.Shop, ada commerce.PersonID) error {
				return d.GivePoints(t.Context(), shop, ada, 40, loyalty.Cause{Kind: loyalty.OfEvent, ID: "effect/e"}, "", 1)
			})
		}
		require.EqualValues(t, 40, w.adasPoints().Points)
		require.NotZero(t, w.adasPoints().EndsAt)
	})
}

// Who is no member is given nothing, and nobody is in a rehearsal.
func TestPointsThatAreNotGiven(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.givingPoints()
		p := fivePerPound()
		p.Join = loyalty.BySignUp
		w.withProgram(p)
		w.hear("orders/paid", w.order(1).Body())
		state, note := w.pointsEffect()
		require.Equal(t, store.Failed, state)
		require.Contains(t, note, "not a member")
		w.does(func(d club.Desk, shop commerce.Shop, ada commerce.PersonID) error {
			return d.Join(t.Context(), shop, ada, "account")
		})
		w.set("gift", campaign.Rehearsal)
		w.hear("orders/paid", w.order(2).Body())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE note LIKE 'rehearsal%' AND kind = 'give_points'`))
		require.Zero(t, w.adasPoints().Points)
	})
}
