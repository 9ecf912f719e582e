package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func custom(person commerce.Person, name, subject string, at commerce.Instant) commerce.Event {
	return commerce.Event{
		Kind: commerce.CustomKind(name), Subject: subject, PersonID: person.ID, OccurredAt: at, Name: name, Platform: commerce.Stripe,
		Props: map[string]any{"plan": "gold", "seats": 3.0},
	}
}

// What happens once is new once, also within one batch.
func TestAddEventsSaysWhatIsNew(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		one, two := custom(ada, "opened", "1", 10), custom(ada, "opened", "2", 20)
		add := func(events ...commerce.Event) (fresh []commerce.Event) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) {
				fresh, err = tx.AddEvents(shop, events)
				return err
			})
			return fresh
		}
		require.Equal(t, []commerce.Event{one}, add(one, one))
		later := one
		later.OccurredAt = 99
		require.Equal(t, []commerce.Event{two}, add(later, two))
		require.Empty(t, add())
		got, err := s.Event(t.Context(), shop, one.Kind, "1")
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(one, got), "the first word stands")
		_, err = s.Event(t.Context(), shop, one.Kind, "3")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		err = s.Transact(t.Context(), func(tx *store.Tx) error {
			_, err := tx.AddEvents(shop, []commerce.Event{{Kind: "x", Props: map[string]any{"f": func() {}}}})
			return err
		})
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	})
}

func TestEventsOf(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, guest, bob := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		late, early, old, other, bobs := custom(ada, "opened", "late", 30), custom(guest, "opened", "early", 20), custom(ada, "opened", "old", 5), custom(ada, "closed", "x", 25), custom(bob, "opened", "b", 20)
		paid := commerce.Event{Kind: commerce.OrderPaid, Subject: "o", OrderID: "o", PersonID: ada.ID, OccurredAt: 20, Historic: true, Assumed: true}
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.SaveEvents(shop, []commerce.Event{late, early, old, other, bobs, paid})
		})
		merge(t, s, shop, guest, ada)
		kinds := []commerce.EventKind{commerce.CustomKind("opened"), commerce.OrderPaid}
		persons := []commerce.PersonID{ada.ID, guest.ID, bob.ID}
		got, err := s.EventsOf(t.Context(), shop, persons, kinds, 10)
		require.NoError(t, err)
		hers := []commerce.Event{early, paid, late}
		require.Empty(t, cmp.Diff(map[commerce.PersonID][]commerce.Event{ada.ID: hers, guest.ID: hers, bob.ID: {bobs}}, got), "oldest first, of these kinds, from then on")
		storetest.Do(t, s, func(tx *store.Tx) error {
			inside, err := tx.EventsOf(shop, persons, kinds, 10)
			require.Equal(t, got, inside)
			none, err2 := tx.EventsOf(shop, persons, nil, 0)
			require.Empty(t, none)
			require.NoError(t, err2)
			return err
		})

		causes, err := s.Causes(t.Context(), shop, []string{"order_paid|o", "custom:opened|early", "order_paid|none", "", "no cause"})
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(map[string]commerce.Event{"order_paid|o": paid, "custom:opened|early": early}, causes))
	})
}
