package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/store"
	"flywheel/store/storetest"
)

func TestSetup(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, other := storetest.Shop(t, s), storetest.Shop(t, s)
		for _, c := range []struct {
			step  string
			state store.SetupState
		}{{"mail", store.SetupSkipped}, {"mail", store.SetupDone}, {"mail", store.SetupSkipped}, {"who", store.SetupSkipped}} {
			require.NoError(t, s.SaveSetup(t.Context(), shop, c.step, c.state))
		}
		got, err := s.Setup(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, map[string]store.SetupState{"mail": store.SetupDone, "who": store.SetupSkipped}, got, "what is done stays done")
		got, err = s.Setup(t.Context(), other)
		require.NoError(t, err)
		require.Empty(t, got)
	})
}
