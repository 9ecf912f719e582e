package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
)

// peopleReaches are the reaches of who may see a shop, and of what they did.
var peopleReaches = map[string]reach{
	"Store.Access": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		role, by, err := s.Access(t.Context(), a, commerce.UserID("user of "+b.owner))
		require.Empty(t, role)
		return by, err
	},
	"Store.ShopAccounts": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return s.ShopAccounts(t.Context(), a)
	},
	"Store.HomeAccount": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		mine, err := s.HomeAccount(t.Context(), a)
		theirs, _ := s.HomeAccount(t.Context(), b.shop)
		if mine == theirs {
			err = errReached
		}
		return mine, err
	},
	"Tx.HomeAccount": in(func(tx *store.Tx, a commerce.ShopID, _ furnished) (any, error) { return tx.HomeAccount(a) }),
	"Tx.GrantShop": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.GrantShop(a, commerce.AccountID("agency of "+b.owner), commerce.RoleOwner, 0)
	}),
	"Tx.RevokeShop": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.RevokeShop(a, commerce.AccountID("agency of "+b.owner))
	}),
	"Tx.AddInvitation": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.AddInvitation(a, store.Invitation{Hash: store.NewID(), Role: commerce.RoleViewer, Shop: b.shop})
	}),
	"Store.ShopInvitations": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.ShopInvitations(t.Context(), a)
		require.Empty(t, got)
		return got, err
	},
	"Tx.RevokeShopInvitation": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.RevokeShopInvitation(a, "offer of "+b.owner)
	}),
	"Store.BeginAudit": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return s.BeginAudit(t.Context(), a, store.Audit{Act: "/pause", Who: "clerk"})
	},
	"Store.EndAudit": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.EndAudit(t.Context(), a, "line of "+b.owner, false)
	},
	"Store.AuditLines": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.AuditLines(t.Context(), a, store.AuditFilter{}, 10)
		require.Empty(t, got)
		return got, err
	},
	"Store.AuditPeople": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return s.AuditPeople(t.Context(), a)
	},
	"Store.AuditActs": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return s.AuditActs(t.Context(), a)
	},
}

func furnishPeople(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	shop, agency, user := string(w.shop), "agency of "+w.owner, "user of "+w.owner
	execute(t, s, `INSERT INTO users (id, email, made_at) VALUES ($1, $2, 1) ON CONFLICT (id) DO NOTHING`, user, w.owner+"@agency.example")
	execute(t, s, `INSERT INTO accounts (id, name, kind, created_at) VALUES ($1, $1, 'agency', 1) ON CONFLICT (id) DO NOTHING`, agency)
	execute(t, s, `INSERT INTO members (account_id, user_id, role, since) VALUES ($1, $2, 'owner', 1) ON CONFLICT (account_id, user_id) DO NOTHING`, agency, user)
	execute(t, s, `INSERT INTO account_shops (account_id, shop_id, role, from_at) VALUES ($1, $2, 'builder', 1)`, agency, shop)
	execute(t, s, `INSERT INTO audit (shop_id, id, at, user_id, account_id, who, via, act) VALUES ($1, $2, 1, $3, $4, $3, 'web', $5)`, shop, "line of "+w.owner, user, agency, "/act of "+w.owner)
	execute(t, s, `INSERT INTO invitations (id, hash, shop_id, email, role, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, 'viewer', $5, 1, $6)`,
		"offer of "+w.owner, "offered by "+w.owner+shop, shop, "guest of "+w.owner, user, int64(s.Now())+1_000_000)
}
