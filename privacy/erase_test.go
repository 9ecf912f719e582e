package privacy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/privacy"
	"flywheel/store"
	"flywheel/store/storetest"
)

// What is kept of somebody is gathered at once, and gone with them.
func TestHandAndErase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		id, err := privacy.Hand(t.Context(), s, shop, ada.ID)
		require.NoError(t, err)
		body, err := s.Export(t.Context(), shop, id)
		require.NoError(t, err)
		require.Contains(t, string(body), ada.Email)

		lease, taken, err := s.LeaseInbox(t.Context(), shop, "a worker")
		require.NoError(t, err)
		require.True(t, taken)
		whom := store.Whom{Persons: []commerce.PersonID{ada.ID}}
		_, err = privacy.Erase(t.Context(), s, shop, whom, time.Millisecond)
		require.True(t, fault.Is(err, fault.Temporary), "while deliveries are processed it waits, and not for ever")
		require.NoError(t, s.ReleaseInbox(t.Context(), lease))
		erased, err := privacy.Erase(t.Context(), s, shop, whom, time.Minute)
		require.NoError(t, err)
		require.Equal(t, []commerce.PersonID{ada.ID}, erased.Persons)
		_, err = s.Export(t.Context(), shop, id)
		require.True(t, fault.Is(err, fault.NotFound), "the export is gone too")
		requests, err := s.PrivacyRequests(t.Context(), shop, 10)
		require.NoError(t, err)
		require.Len(t, requests, 2)
	})
}
