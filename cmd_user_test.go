package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/account"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// An operator lets the first owner in, sees them, and lets them in no more.
func TestUserCommands(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		of := ofShop{Shop: string(shop)}
		var out bytes.Buffer
		invite := userInviteCommand{ofShop: of, Email: "ada@shop.example", Role: "owner"}
		require.NoError(t, invite.invite(t.Context(), s, "https://flywheel.example", &out))
		link, _, _ := strings.Cut(out.String(), "\n")
		require.True(t, strings.HasPrefix(link, "https://flywheel.example/join/"))
		list := func() string {
			var b bytes.Buffer
			require.NoError(t, userListCommand{of}.list(t.Context(), s, &b))
			return b.String()
		}
		require.Contains(t, list(), "invited\tada@shop.example\towner")

		var ada, bob store.User
		storetest.Do(t, s, func(tx *store.Tx) (err error) {
			if ada, err = tx.MakeUser("ada@shop.example"); err == nil {
				bob, err = tx.MakeUser("bob@shop.example")
			}
			return err
		})
		desk := account.New(account.Options{Store: s})
		_, err := desk.Accept(t.Context(), account.User{ID: ada.ID, Email: ada.Email}, link[strings.LastIndex(link, "/")+1:], "", "")
		require.NoError(t, err)
		require.Equal(t, "member\tada@shop.example\towner\tlast seen never\n", list())

		revoke := userRevokeCommand{ofShop: of, Email: "Ada@shop.example"}
		require.True(t, fault.Is(revoke.revoke(t.Context(), s), fault.Conflict), "the last owner")
		home, err := s.HomeAccount(t.Context(), shop)
		require.NoError(t, err)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SetMember(home, bob.ID, commerce.RoleOwner) })
		require.NoError(t, revoke.revoke(t.Context(), s))
		require.NotContains(t, list(), "ada@")
		require.True(t, fault.Is(userRevokeCommand{ofShop: of, Email: "eve@example.com"}.revoke(t.Context(), s), fault.NotFound))
		lines, err := s.AuditLines(t.Context(), shop, store.AuditFilter{}, 10)
		require.NoError(t, err)
		require.Equal(t, []string{"/user/revoke", "/user/invite"}, []string{lines[0].Act, lines[1].Act})
	})
}
