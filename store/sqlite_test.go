package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/store"
	"flywheel/store/storetest"
)

// A command beside a process that writes without a pause gets its turn soon:
// `flywheel pause --all` may be what ends the pressure.
func TestAnotherProcessGetsItsTurn(t *testing.T) {
	address := storetest.URL(t, "sqlite")
	busy := storetest.OpenURL(t, address)
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	defer writing.Wait()
	defer stop()
	for range 8 {
		writing.Go(func() {
			for ctx.Err() == nil {
				_ = busy.Transact(context.Background(), func(tx *store.Tx) error {
					return tx.AddFinding("shop", "kind", "subject", "detail")
				})
			}
		})
	}
	for range 5 {
		began := time.Now()
		command := storetest.OpenURL(t, address)
		require.NoError(t, command.SetPauseAll(t.Context(), true))
		require.NoError(t, command.Close())
		require.Less(t, time.Since(began), time.Minute)
	}
}
