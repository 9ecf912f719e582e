package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
)

// Whoever gave an own key takes it back: the connection is closed and the key forgotten; another shop's stays.
func TestDisconnectingAnOwnAccount(t *testing.T) {
	b := atStripe(t)
	_, err := b.add("--account", "acct_own", "--name", "Nour", "--email", "hello@nour.example", "--token", "rk_live_own")
	require.NoError(t, err)
	c, err := b.store().ConnectionByAccount(t.Context(), commerce.Stripe, "acct_own", true)
	require.NoError(t, err)

	err = shopDisconnectCommand{Shop: "other", Connection: string(c.ID)}.Run(b.session)
	require.True(t, fault.Is(err, fault.NotFound), err)

	said := printed(t, func() {
		require.NoError(t, shopDisconnectCommand{Shop: string(c.ShopID), Connection: string(c.ID)}.Run(b.session))
	})
	require.Equal(t, "disconnected "+string(c.ID)+"\n", said)
	c, err = b.store().ConnectionByID(t.Context(), c.ID)
	require.NoError(t, err)
	require.False(t, c.Open())
	require.Empty(t, c.Token)
}
