package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Who belongs to an account is asked by account and by user, and nobody is told of another's.
func TestMemberships(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ada, bo, eve := somebody(t, s, "ada@example.com"), somebody(t, s, "bo@example.com"), somebody(t, s, "eve@example.com")
		id := agency(t, s, ada, bo)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.RenameAccount(id, "Studio") })

		one, err := s.AccountByID(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "Studio", one.Name)
		_, err = s.AccountByID(t.Context(), "none")
		require.True(t, fault.Is(err, fault.NotFound))

		mine, err := s.Memberships(t.Context(), bo.ID)
		require.NoError(t, err)
		require.Len(t, mine, 1)
		require.Equal(t, commerce.RoleViewer, mine[0].Role)
		here, err := s.Membership(t.Context(), id, ada.ID)
		require.NoError(t, err)
		require.Equal(t, commerce.RoleOwner, here.Role)
		_, err = s.Membership(t.Context(), id, eve.ID)
		require.True(t, fault.Is(err, fault.NotFound), "as if there were none")

		storetest.Do(t, s, func(tx *store.Tx) error {
			role, err := tx.RoleIn(id, bo.ID)
			require.Equal(t, commerce.RoleViewer, role)
			return err
		})
	})
}

func TestWhomAShopIsOpenTo(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		id := agency(t, s, somebody(t, s, "ada@example.com"))
		openTo(t, s, shop, id, commerce.RoleBuilder, s.Now()+1000)
		all, err := s.ShopAccounts(t.Context(), shop)
		require.NoError(t, err)
		require.Len(t, all, 2)
		require.Equal(t, store.MerchantAccount, all[0].Kind, "the shop's own comes first")
		require.Equal(t, id, all[1].Account)
		require.Equal(t, commerce.RoleBuilder, all[1].Role)
		require.Equal(t, s.Now()+1000, all[1].Until)
	})
}

func TestInvitationsIntoAnAccount(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := agency(t, s, somebody(t, s, "ada@example.com"))
		other := agency(t, s, somebody(t, s, "bo@example.com"))
		var made string
		storetest.Do(t, s, func(tx *store.Tx) (err error) {
			made, err = tx.AddInvitation("", store.Invitation{Hash: "h", Account: id, Email: "cy@example.com", Role: commerce.RoleViewer, By: "ada", MadeAt: s.Now(), ExpiresAt: 1 << 60})
			return err
		})
		open, err := s.AccountInvitations(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, open, 1)
		require.Error(t, attempt(t, s, func(tx *store.Tx) error { return tx.RevokeAccountInvitation(other, made) }), "another account's")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.RevokeAccountInvitation(id, made) })
		_, err = s.InvitationByHash(t.Context(), "h")
		require.Error(t, err, "it is good no more")
	})
}

func TestWhatIsChangedInAnAccount(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := agency(t, s, somebody(t, s, "ada@example.com"))
		for _, act := range []string{"first", "second", "third"} {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.AuditAccount(id, store.AccountAudit{Who: "ada", Act: act}) })
		}
		page, err := s.AccountAuditLines(t.Context(), id, "", 2)
		require.NoError(t, err)
		require.Equal(t, []string{"third", "second"}, []string{page[0].Act, page[1].Act})
		page, err = s.AccountAuditLines(t.Context(), id, page[1].ID, 2)
		require.NoError(t, err)
		require.Len(t, page, 1)
		require.Equal(t, "first", page[0].Act)
	})
}

func TestALinkToSignInIsFoundByItsHash(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		require.NoError(t, s.AddSignIn(t.Context(), store.SignIn{Hash: "h", Email: "ada@example.com", Browser: "b", MadeAt: 1, ExpiresAt: 1 << 60}))
		got, err := s.SignIn(t.Context(), "h")
		require.NoError(t, err)
		require.Equal(t, "ada@example.com", got.Email)
		_, err = s.SignIn(t.Context(), "other")
		require.True(t, fault.Is(err, fault.NotFound))
	})
}
