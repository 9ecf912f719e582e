package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

// The app was removed and installed again unseen, and opened; then the goodbye
// comes. It closes nothing, but the tokens of before are dead, and the plan too.
func TestALateGoodbyeTakesTheTokensOnly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		opened := w.Store.Now().Add(time.Hour)
		require.NoError(t, w.Store.ConfirmInstall(t.Context(), w.conn, opened))
		goodbye := func(at commerce.Instant) commerce.Connection {
			batch := w.decode("app/uninstalled", shopifyfake.ShopBody("x.myshopify.com", "", "", "", "", ""))
			batch[0].change.Uninstall.At = at
			w.merge(batch)
			c, err := w.Store.ConnectionByID(t.Context(), w.conn.ID)
			require.NoError(t, err)
			return c
		}
		c := goodbye(opened.Add(-30 * time.Minute))
		require.True(t, c.Open())
		require.Equal(t, w.conn.Epoch, c.Epoch, "what is under way goes on")
		require.Equal(t, commerce.TokenRevoked, c.TokenState, "the next opening gets others")
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM entitlements WHERE next_at <= $1`, int64(w.Store.Now())), "the plan ended with the install")

		require.False(t, goodbye(opened.Add(time.Minute)).Open(), "a real one counts")
	})
}
