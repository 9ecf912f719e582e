package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestAuditIsPagedAndFiltered(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		for i := range 25 {
			a := store.Audit{Who: []string{"Ada", "Bob"}[i%2], Act: []string{"/pause", "/resume", "/campaigns/:campaign/live"}[i%3], Via: commerce.ViaWeb, Detail: map[string]string{"n": fmt.Sprint(i)}}
			if i%2 == 1 {
				a.Account = "agency"
			}
			id, err := s.BeginAudit(t.Context(), shop, a)
			require.NoError(t, err)
			if i != 24 {
				require.NoError(t, s.EndAudit(t.Context(), shop, id, true))
			}
		}
		read := func(f store.AuditFilter) (all []store.Audit) {
			for {
				lines, err := s.AuditLines(t.Context(), shop, f, 4)
				require.NoError(t, err)
				all = append(all, lines...)
				if len(lines) < 4 {
					return all
				}
				f.Before = lines[3].ID
			}
		}
		all := read(store.AuditFilter{})
		require.Len(t, all, 25)
		require.Equal(t, "24", all[0].Detail["n"], "the latest first")
		require.False(t, all[0].Done)
		require.True(t, all[1].Done)
		require.Len(t, read(store.AuditFilter{Who: "Bob"}), 12)
		require.Len(t, read(store.AuditFilter{Account: "agency"}), 12)
		require.Len(t, read(store.AuditFilter{Who: "Ada", Act: "/pause"}), 5)
		people, err := s.AuditPeople(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, []string{"Ada", "Bob"}, people)
		acts, err := s.AuditActs(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, []string{"/campaigns/:campaign/live", "/pause", "/resume"}, acts)
		id, err := s.BeginAudit(t.Context(), shop, store.Audit{Act: "/x"})
		require.NoError(t, err)
		require.NoError(t, s.EndAudit(t.Context(), shop, id, false))
		require.Len(t, read(store.AuditFilter{}), 25, "what changed nothing leaves no line")
	})
}

// What is wrong in a shop is seen in the fleet, and in no other shop.
func TestFleet(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		u := somebody(t, s, "ada@example.com")
		account := agency(t, s, u)
		well, sick := storetest.Shop(t, s), storetest.Shop(t, s)
		openTo(t, s, well, account, commerce.RoleBuilder, 0)
		openTo(t, s, sick, account, commerce.RolePublisher, 0)
		for _, shop := range []commerce.ShopID{well, sick} {
			storetest.AddDelivery(t, s, storetest.Connection(t, s, shop))
		}
		less, more := agency(t, s, somebody(t, s, "bob@example.com"), u), agency(t, s, u) // other ways there, by which they may less, and more
		openTo(t, s, sick, less, commerce.RoleOwner, 0)
		openTo(t, s, well, more, commerce.RoleOwner, 0)
		hidden := claimedWorld(t, s)
		w := claimedWorld(t, s)
		openTo(t, s, w.shop, account, commerce.RoleViewer, 0)
		bad := string(sick)
		execute(t, s, `UPDATE connections SET token_state = 'revoked' WHERE shop_id = $1`, bad)
		execute(t, s, `UPDATE shops SET state = 'paused' WHERE id = $1`, bad)
		execute(t, s, `UPDATE inbox SET state = 2 WHERE shop_id = $1`, bad)
		execute(t, s, `INSERT INTO campaigns (shop_id, id, state, live_at, version, paused_reason) VALUES ($1, 'c', 'paused', 0, 1, 'fuse')`, bad)
		execute(t, s, `INSERT INTO senders (shop_id, kind, state, looked, stopped_reason, changed_at, rev) VALUES ($1, 'domain', 'ready', '{"broken_since": 5}', 'complaints', 0, 1)`, bad)
		execute(t, s, `INSERT INTO entitlements (shop_id, plan, state, next_at, holds_from) VALUES ($1, 'start', 'frozen', 0, 7)`, bad)

		all, err := s.Fleet(t.Context(), u.ID)
		require.NoError(t, err)
		by := map[commerce.ShopID]*store.FleetShop{}
		for _, f := range all {
			by[f.Shop] = f
		}
		require.Len(t, by, 3)
		require.NotContains(t, by, hidden.shop)
		f := by[sick]
		require.Equal(t, commerce.RolePublisher, f.Role)
		require.Equal(t, account, f.Account)
		require.Equal(t, []any{int64(1), int64(1), int64(1), int64(1), true, true}, []any{f.Open, f.Revoked, f.Fuses, f.Quarantined, f.Stopped, f.Broken})
		require.Equal(t, commerce.PlanFrozen, f.Entitlement.State)
		require.NotZero(t, f.LastDelivery)
		f = by[well]
		require.Equal(t, []any{int64(1), int64(0), int64(0), int64(0), int64(0), false, false}, []any{f.Open, f.Revoked, f.Fuses, f.Quarantined, f.Unknown, f.Stopped, f.Broken})
		require.Equal(t, commerce.RoleOwner, f.Role)
		require.Equal(t, more, f.Account)
		n, _, err := s.FleetSize(t.Context(), u.ID)
		require.NoError(t, err)
		require.Equal(t, 2, n, "several")
		none, err := s.Fleet(t.Context(), "nobody")
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

// The lists of who did what, and of what is wrong, go by their indexes however many rows there are.
func TestPeopleListsGoByIndex(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		execute(t, s, fill(20_000)+`INSERT INTO audit (shop_id, id, at, user_id, account_id, who, via, act, done)
			SELECT 'shop' || i % 5, 'a' || i, i, 'u', CASE WHEN i % 2 = 0 THEN 'agency' ELSE '' END, 'who' || i % 7, 'web', '/act' || i % 9, 1 FROM n`)
		if !s.Embedded() {
			execute(t, s, `ANALYZE audit`)
		}
		for name, query := range map[string]string{
			"all":     `SELECT id FROM audit WHERE shop_id = 'shop1' AND id < 'a9' ORDER BY id DESC LIMIT 50`,
			"who":     `SELECT id FROM audit WHERE shop_id = 'shop1' AND who = 'who3' AND id < 'a9' ORDER BY id DESC LIMIT 50`,
			"act":     `SELECT id FROM audit WHERE shop_id = 'shop1' AND act = '/act3' AND id < 'a9' ORDER BY id DESC LIMIT 50`,
			"account": `SELECT id FROM audit WHERE shop_id = 'shop1' AND account_id <> '' AND account_id = 'agency' AND id < 'a9' ORDER BY id DESC LIMIT 50`,
		} {
			plan := planOf(t, s, query)
			require.NotRegexp(t, `(?i)Seq Scan|SCAN audit$|USE TEMP B-TREE|Sort`, plan, "%s: %s", name, plan)
		}
	})
}

func planOf(t *testing.T, s *store.Store, query string) (plan string) {
	t.Helper()
	explain := "EXPLAIN QUERY PLAN "
	if !s.Embedded() {
		explain = "EXPLAIN "
	}
	for _, line := range table(t, s, explain+query) {
		plan += line + "\n"
	}
	return plan
}

func TestRetainForgetsWhoIsGone(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		old := commerce.At(time.Now()).Add(-400 * aDay)
		gone, stays := somebody(t, s, "gone@example.com"), somebody(t, s, "stays@example.com")
		agency(t, s, stays)
		fresh := somebody(t, s, "fresh@example.com")
		for _, u := range []store.User{gone, stays} {
			require.NoError(t, s.AddPasskey(t.Context(), store.Passkey{ID: string(u.ID), User: u.ID, Credential: "{}"}))
			execute(t, s, `UPDATE users SET made_at = $1 WHERE id = $2`, int64(min(old, s.Now().Add(-400*aDay))), string(u.ID))
		}
		execute(t, s, `UPDATE users SET seen_at = $1 WHERE id = $2`, int64(s.Now()), string(fresh.ID))
		for hash, at := range map[string]commerce.Instant{"past": commerce.At(time.Now()).Add(-time.Hour), "good": commerce.At(time.Now()).Add(time.Hour)} {
			require.NoError(t, s.AddSession(t.Context(), store.Session{Hash: hash, Data: []byte("{}"), ExpiresAt: at}))
			require.NoError(t, s.AddSignIn(t.Context(), store.SignIn{Hash: hash, ExpiresAt: at}))
		}
		shop := storetest.Shop(t, s)
		_, err := s.BeginAudit(t.Context(), shop, store.Audit{Act: "/pause"})
		require.NoError(t, err)
		_, err = s.Retain(t.Context())
		require.NoError(t, err)
		for _, table := range []string{"sessions", "sign_ins"} {
			require.Equal(t, "good", word(t, s, `SELECT hash FROM `+table), table)
		}
		require.EqualValues(t, 2, number(t, s, `SELECT COUNT(*) FROM users`))
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM passkeys`))
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM audit`))
		storetest.ClockOf(s).Advance(761 * aDay)
		_, err = s.Retain(t.Context())
		require.NoError(t, err)
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM audit`))
	})
}
