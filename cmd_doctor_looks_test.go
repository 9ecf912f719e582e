package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// A look that has failed for long is named with its shop and what stands in the way.
func TestDoctorNamesLooksThatFail(t *testing.T) {
	keys, err := store.ParseKeyring(storetest.SecretKey)
	require.NoError(t, err)
	none := &session{ctx: t.Context(), config: app.Config{DatabaseURL: "sqlite:" + filepath.Join(t.TempDir(), "none.db"), Keys: keys}}
	saw, err := checkLooks(none)
	require.NoError(t, err)
	require.Equal(t, "none yet", saw)

	url := storetest.Prepared(t, "sqlite")
	st := storetest.OpenURL(t, url)
	shop := storetest.Shop(t, st)
	c := storetest.Connection(t, st, shop, func(c *commerce.Connection) { c.Platform, c.InstalledAt = commerce.Stripe, 1 })
	require.NoError(t, st.AddReconciliations(t.Context()))
	s := &session{ctx: t.Context(), config: app.Config{DatabaseURL: url, Keys: keys}}
	_, err = checkLooks(s)
	require.NoError(t, err)
	_, err = storetest.DB(t, url).ExecContext(t.Context(), `UPDATE reconciliations SET note = 'Stripe is down'`)
	require.NoError(t, err)
	_, err = checkLooks(s)
	for _, part := range []string{string(shop), string(c.ID), "never came to its end", "Stripe is down"} {
		require.ErrorContains(t, err, part)
	}
}
