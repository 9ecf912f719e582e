package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
)

// installReaches are the reaches of installing and tokens. They are given another
// shop's connection as one of their own.
var installReaches = map[string]reach{
	"Store.ConfirmInstall": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.ConfirmInstall(t.Context(), taken(t, s, a, b), s.Now()+1e9)
	},
	"Store.GrantedAt": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		at, err := s.GrantedAt(t.Context(), a, b.connection.ID)
		require.Zero(t, at)
		return at, err
	},
	"Tx.ClosedConnections": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		closed, err := tx.ClosedConnections(a, commerce.Stripe)
		if len(closed) > 0 {
			err = errReached
		}
		return closed, err
	}),
	"Store.RegainGrant": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		again, err := s.RegainGrant(t.Context(), taken(t, s, a, b))
		require.False(t, again)
		return nil, err
	},
	"Tx.CloseRefused": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		c := b.second
		c.ShopID = a
		closed, err := tx.CloseRefused(c, tx.Now())
		if closed {
			err = errReached
		}
		return closed, err
	}),
	"Tx.EndConnection": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		ended, err := tx.EndConnection(a, b.second.ID)
		if ended {
			err = errReached
		}
		return ended, err
	}),
	"Tx.HearOf": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.HearOf(a, []commerce.ConnectionID{b.second.ID, b.connection.ID})
	}),
	"Tx.OutliveUninstall": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		revoked, err := tx.OutliveUninstall(a, b.connection.ID, 1)
		if revoked {
			err = errors.New("another shop's tokens were taken away")
		}
		return nil, err
	}),
	"Store.LeaseRefresh": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		token, err := s.LeaseRefresh(t.Context(), taken(t, s, a, b), "intruder", time.Minute)
		require.Empty(t, token)
		return nil, err
	},
	"Store.ReleaseRefresh": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.ReleaseRefresh(t.Context(), taken(t, s, a, b), b.owner)
	},
	"Store.RevokeGrant": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		revoked, err := s.RevokeGrant(t.Context(), taken(t, s, a, b))
		require.False(t, revoked)
		return nil, err
	},
	"Store.SaveGrant": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		kept, err := s.SaveGrant(t.Context(), taken(t, s, a, b), b.owner, commerce.Grant{Access: "intruder"})
		require.False(t, kept)
		return nil, err
	},
}

// taken is b's connection as if it were a's.
func taken(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) commerce.Connection {
	t.Helper()
	c, err := s.ConnectionByAccount(t.Context(), commerce.Shopify, tokensOf(b.owner), true)
	require.NoError(t, err)
	c.ShopID = a
	return c
}

func tokensOf(owner string) string { return "tokens-of-" + owner + ".myshopify.com" }

// furnishInstall gives the shop a connection whose tokens somebody refreshes.
func furnishInstall(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	id, err := s.Connect(t.Context(), w.shop, commerce.Connection{Platform: commerce.Shopify, ExternalID: tokensOf(w.owner), Live: true})
	require.NoError(t, err)
	out, err := s.Install(t.Context(), installation(s, func(in *store.Installation) {
		in.Connection.ExternalID = tokensOf(w.owner)
		in.Grant.Access = "token of " + w.owner
	}))
	require.NoError(t, err)
	require.Equal(t, id, out.Connection)
	require.NotEmpty(t, lease(t, s, connection(t, s, id), w.owner))
}
