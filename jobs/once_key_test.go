package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/store/storetest"
)

// A key is seen first by one of all who ask, and again once its time is over.
func TestAKeyIsSeenOnce(t *testing.T) {
	w := newWorld(t, storetest.Engines[0])
	first, err := w.Queue.Once(t.Context(), "proxy:1", time.Minute)
	require.NoError(t, err)
	require.True(t, first)
	for key, want := range map[string]bool{"proxy:1": false, "proxy:2": true} {
		first, err := w.Queue.Once(t.Context(), key, time.Minute)
		require.NoError(t, err)
		require.Equal(t, want, first, key)
	}
	w.Queue.embedded.current.Load().FastForward(time.Minute)
	first, err = w.Queue.Once(t.Context(), "proxy:1", time.Minute)
	require.NoError(t, err)
	require.True(t, first)
}
