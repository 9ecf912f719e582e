package manage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store/storetest"
)

func TestActsOnOnePerson(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		id := d.live(playbook(t, "win_back"))
		stopped := d.walk(id, 1, "help")
		require.NoError(t, d.Stop(t.Context(), d.shop, stopped.ID))
		e, err := d.Store.Enrollment(t.Context(), d.shop, stopped.ID)
		require.NoError(t, err)
		require.True(t, e.Ended)
		require.Equal(t, string(gate.StoppedByHand), e.Reason)

		hurried := d.walk(id, 1, "help")
		require.NoError(t, d.SendNow(t.Context(), d.shop, hurried.ID))
		e, err = d.Store.Enrollment(t.Context(), d.shop, hurried.ID)
		require.NoError(t, err)
		require.NotZero(t, e.GoNow)

		skipping := d.walk(id, 1, "")
		step, err := d.SkipNext(t.Context(), d.shop, skipping.ID)
		require.NoError(t, err)
		require.Equal(t, "help", step)
		e, err = d.Store.Enrollment(t.Context(), d.shop, skipping.ID)
		require.NoError(t, err)
		require.Equal(t, "help", e.SkipStep)
	})
}

// A wait is passed over on the way to what is skipped, a branch is not.
func TestActsAreRefusedWithASentence(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		id := d.live(playbook(t, "review_request"))
		waiting := d.walk(id, 1, "")
		step, err := d.SkipNext(t.Context(), d.shop, waiting.ID)
		require.NoError(t, err)
		require.Equal(t, "ask", step)

		id = d.live(playbook(t, "win_back"))
		branching := d.walk(id, 1, "after:help")
		_, err = d.SkipNext(t.Context(), d.shop, branching.ID)
		require.ErrorContains(t, err, "decides the way")
		require.ErrorContains(t, d.SendNow(t.Context(), d.shop, branching.ID), "waits for order_paid")

		over := d.walk(id, 1, "after:farewell")
		require.ErrorContains(t, d.SendNow(t.Context(), d.shop, over.ID), "nothing more to send")

		require.NoError(t, d.Stop(t.Context(), d.shop, over.ID))
		require.ErrorContains(t, d.Stop(t.Context(), d.shop, over.ID), "has ended already")
		require.ErrorContains(t, d.SendNow(t.Context(), d.shop, over.ID), "has ended already (stopped_by_hand)")
		require.True(t, fault.Is(d.SendNow(t.Context(), d.shop, "nobody"), fault.NotFound))

		require.NoError(t, d.Pause(t.Context(), d.shop, id))
		require.ErrorContains(t, d.SendNow(t.Context(), d.shop, branching.ID), "win_back is paused")
	})
}

// A walk is found by the address of its person, or by an order.
func TestWalksAreFoundByPerson(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		id := d.live(playbook(t, "review_request"))
		ada := storetest.Person(t, d.Store, d.shop)
		enroll := func() (campaign.EnrollmentID, string) {
			o := storetest.Order(t, d.Store, d.shop, ada.ID)
			e := storetest.Enroll(t, d.Store, d.shop, o, func(e *campaign.Enrollment) { e.Campaign, e.Position = id, campaign.Position{} })
			return e.ID, o.Keys[0].ID
		}
		first, order := enroll()
		got, err := d.WalkOf(t.Context(), d.shop, id, ada.Email, "")
		require.NoError(t, err)
		require.Equal(t, first, got)

		second, _ := enroll()
		_, err = d.WalkOf(t.Context(), d.shop, id, ada.Email, "")
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		require.ErrorContains(t, err, string(second))
		got, err = d.WalkOf(t.Context(), d.shop, id, "", order)
		require.NoError(t, err)
		require.Equal(t, first, got)
		require.NoError(t, d.Stop(t.Context(), d.shop, first))
		got, err = d.WalkOf(t.Context(), d.shop, id, ada.Email, "")
		require.NoError(t, err)
		require.Equal(t, second, got, "the one that goes on")

		_, err = d.WalkOf(t.Context(), d.shop, "thank_you", ada.Email, "")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		_, err = d.WalkOf(t.Context(), d.shop, id, "nobody@example.com", "")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}
