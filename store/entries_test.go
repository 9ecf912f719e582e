package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/store/storetest"
)

// An earlier cause takes the place of another, as long as the walk has not begun.
func TestRecauseEnrollments(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		order := storetest.Order(t, s, shop, "p")
		enroll := func(key, step string) campaign.Enrollment {
			return storetest.Enroll(t, s, shop, order, func(e *campaign.Enrollment) {
				e.EntryKey, e.Cause, e.Position, e.DueAt = key, "order_paid|late", campaign.Position{StepID: step}, s.Now()+5000
			})
		}
		waiting, begun, over := enroll("k1", ""), enroll("k2", "thanks"), enroll("k3", "")
		execute(t, s, `UPDATE enrollments SET state = 'ended' WHERE id = $1`, string(over.ID))
		storetest.Do(t, s, func(tx *store.Tx) error {
			names := []store.EntryName{{Campaign: "thank-you", Key: "k1"}, {Campaign: "thank-you", Key: "k1"}, {Campaign: "thank-you", Key: "k2"}, {Campaign: "thank-you", Key: "k3"}, {Campaign: "other", Key: "k1"}}
			known, err := tx.EnrollmentsByKey(shop, names)
			require.NoError(t, err)
			require.Len(t, known, 3)
			require.Equal(t, "order_paid|late", known[names[0]].Cause)
			require.True(t, known[names[3]].Ended)
			var earlier []campaign.Enrollment
			for _, e := range []campaign.Enrollment{waiting, begun, over} {
				e.Cause, e.Order, e.Person, e.Anchor, e.Position.Anchor, e.Version, e.DueAt = "order_paid|early", "o2", "p2", 7, 7, 2, s.Now()
				earlier = append(earlier, e)
			}
			return tx.RecauseEnrollments(shop, earlier)
		})
		got, err := s.Enrollment(t.Context(), shop, waiting.ID)
		require.NoError(t, err)
		require.Equal(t, []any{"order_paid|early", commerce.OrderID("o2"), commerce.PersonID("p2"), commerce.Instant(7), 2, s.Now(), int64(2)},
			[]any{got.Cause, got.Order, got.Person, got.Anchor, got.Version, got.DueAt, got.Rev})
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM enrollments WHERE rev > 1`))
	})
}

func TestCustomerIDsOfAllWhoAreOne(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, guest, bob := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{
				{Kind: commerce.ByShopify, Value: "7"}: ada.ID, {Kind: commerce.ByStripe, Value: "cus_1"}: guest.ID, {Kind: commerce.ByShopify, Value: "8"}: bob.ID,
			}); err != nil {
				return err
			}
			if err := tx.MergePersons(shop, guest.ID, ada.ID, ""); err != nil {
				return err
			}
			got, err := tx.CustomerIDs(shop, []commerce.PersonID{ada.ID, guest.ID, "nobody"})
			require.ElementsMatch(t, []string{"7", "cus_1"}, got[ada.ID])
			require.ElementsMatch(t, []string{"7", "cus_1"}, got[guest.ID])
			require.Empty(t, got["nobody"])
			none, err2 := tx.CustomerIDs(shop, nil)
			require.Empty(t, none)
			require.NoError(t, err2)
			return err
		})
	})
}
