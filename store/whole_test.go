package store_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestWhole(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		furnish(t, s, "mine")
		require.NoError(t, s.Whole(t.Context()))
	})
}

// A file that is broken in its middle is told, with what to do.
func TestWholeFindsWhatIsBroken(t *testing.T) {
	url := storetest.Prepared(t, "sqlite")
	path := strings.TrimPrefix(url, "sqlite:")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	copy(data[len(data)/2:], strings.Repeat("broken", 4096))
	require.NoError(t, os.WriteFile(path, data, 0o600))
	keys, err := store.ParseKeyring(storetest.SecretKey)
	require.NoError(t, err)
	s, err := store.Open(t.Context(), url, store.Options{Keys: keys})
	require.NoError(t, err)
	defer s.Close()
	err = s.Whole(t.Context())
	require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	require.ErrorContains(t, err, "-wal")
}
