package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// What happens here is in the inbox with the change that made it, once.
func TestWhatHappensHereIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, other := storetest.Shop(t, s), storetest.Shop(t, s)
		person := storetest.Person(t, s, shop).ID
		told := store.OwnEvent{Person: person, Happening: commerce.Happening{
			Kind: commerce.PointsEarned, Subject: "order/1", At: s.Now(), Props: map[string]any{"points": 350.0}, Depth: 2,
		}}
		tell := func(shop commerce.ShopID, e store.OwnEvent) {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.Tell(shop, e) })
		}
		undone := errors.New("the change was not made")
		require.ErrorIs(t, s.Transact(t.Context(), func(tx *store.Tx) error { return errors.Join(tx.Tell(shop, told), undone) }), undone)
		waiting := func() []commerce.Delivery {
			got, err := s.NextInbox(t.Context(), shop, 10)
			require.NoError(t, err)
			return got
		}
		require.Empty(t, waiting())

		tell(shop, told)
		tell(shop, told)
		require.Len(t, waiting(), 1, "told twice, there once")
		d := waiting()[0]
		require.Equal(t, store.TopicOwn, d.Topic)
		require.Equal(t, commerce.API, d.Platform)
		read, err := store.ReadOwnEvent(d.Body)
		require.NoError(t, err)
		require.Equal(t, told, read)
		require.NotContains(t, word(t, s, `SELECT CAST(connection_id AS TEXT) FROM inbox WHERE shop_id = $1`, shop), string(person))

		again := told
		again.Subject = "order/2"
		tell(shop, again)
		require.Len(t, waiting(), 2)
		again.Kind = commerce.PointsReleased
		tell(shop, again)
		require.Len(t, waiting(), 3, "kind and subject make it one")
		deep := told
		deep.Subject, deep.Depth = "deep", 6
		tell(shop, deep)
		require.Len(t, waiting(), 3, "what came of itself too often is told nobody")
		tell(other, told)
		require.Len(t, waiting(), 3)
	})
}

func TestOwnEventsThatAreNone(t *testing.T) {
	for _, body := range []string{``, `[]`, `{"person":"p"}`, `{"person":"p","Kind":"tier_reached","Subject":"s"}`, `{"Kind":"tier_reached","Subject":"s","At":1}`} {
		_, err := store.ReadOwnEvent([]byte(body))
		require.True(t, fault.Is(err, fault.Permanent), body)
	}
}
