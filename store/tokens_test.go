package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestRolesIncludeThoseBefore(t *testing.T) {
	all := []store.Role{store.Viewer, store.Builder, store.Publisher, store.Owner}
	for i, has := range all {
		for j, need := range all {
			require.Equal(t, i >= j, has.May(need), "%s for %s", has, need)
		}
		require.False(t, has.May("root"))
		require.False(t, store.Role("root").May(has))
	}
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		added := s.Now()
		id, err := s.AddToken(t.Context(), shop, "till", store.Builder, []byte("hash"))
		require.NoError(t, err)
		_, err = s.AddToken(t.Context(), shop, "till", "root", []byte("other"))
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		_, err = s.AddToken(t.Context(), "none", "till", store.Viewer, []byte("other"))
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)

		used := storetest.ClockOf(s).Advance(time.Hour)
		owner := word(t, s, `SELECT account_id FROM account_shops`)
		want := store.Token{ID: id, Account: owner, Shop: shop, Name: "till", Role: store.Builder, AddedAt: added, LastUsed: used}
		use := func() store.Token {
			got, err := s.TokenByHash(t.Context(), []byte("hash"))
			require.NoError(t, err)
			return got
		}
		require.Equal(t, want, use())
		storetest.ClockOf(s).Advance(time.Minute - time.Millisecond)
		require.Equal(t, used, use().LastUsed, "it is noted once a minute")
		want.LastUsed = storetest.ClockOf(s).Advance(time.Millisecond)
		require.Equal(t, want, use())
		_, err = s.TokenByHash(t.Context(), []byte("guessed"))
		require.True(t, fault.Is(err, fault.Denied), "%v", err)

		require.NoError(t, s.RevokeToken(t.Context(), shop, id))
		want.Revoked = s.Now()
		storetest.ClockOf(s).Advance(time.Hour)
		require.NoError(t, s.RevokeToken(t.Context(), shop, id), "twice is once")
		_, err = s.TokenByHash(t.Context(), []byte("hash"))
		require.True(t, fault.Is(err, fault.Denied), "%v", err)
		list, err := s.ListTokens(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, []store.Token{want}, list)
		require.True(t, fault.Is(s.RevokeToken(t.Context(), shop, "none"), fault.NotFound))
	})
}
