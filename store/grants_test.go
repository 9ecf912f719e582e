package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

const teapots = "teapots.myshopify.com"

// grant is the n-th pair of tokens; each lives an hour longer than the one before.
func grant(n int) commerce.Grant {
	now := commerce.At(time.Now().Truncate(time.Minute))
	return commerce.Grant{
		Access: fmt.Sprintf("shpat_%d", n), ExpiresAt: now.Add(time.Duration(n) * time.Hour),
		Refresh: fmt.Sprintf("shprt_%d", n), RefreshExpiresAt: now.Add(90 * 24 * time.Hour), Scopes: []string{"read_orders", "write_customers"},
	}
}

// installation is one of teapots, now, with the first pair of tokens.
func installation(s *store.Store, change ...func(*store.Installation)) store.Installation {
	in := store.Installation{
		Shop:       commerce.Shop{Name: "Teapots", Email: "hello@teapots.example", Locale: "ar", Timezone: "Asia/Riyadh", Country: "SA", Currency: "SAR"},
		Connection: commerce.Connection{Platform: commerce.Shopify, ExternalID: teapots, Live: true, PlatformID: "548380009", InstalledAt: s.Now()},
		Grant:      grant(1), SeenAt: s.Now(),
	}
	for _, c := range change {
		c(&in)
	}
	return in
}

// installed installs and gives the connection.
func installed(t *testing.T, s *store.Store, change ...func(*store.Installation)) commerce.Connection {
	t.Helper()
	out, err := s.Install(t.Context(), installation(s, change...))
	require.NoError(t, err)
	return connection(t, s, out.Connection)
}

func connection(t *testing.T, s *store.Store, id commerce.ConnectionID) commerce.Connection {
	t.Helper()
	c, err := s.ConnectionByID(t.Context(), id)
	require.NoError(t, err)
	return c
}

// lease takes the lease for a minute and gives the refresh token, "" if it is not to be had.
func lease(t *testing.T, s *store.Store, c commerce.Connection, owner string) string {
	t.Helper()
	token, err := s.LeaseRefresh(t.Context(), c, owner, time.Minute)
	require.NoError(t, err)
	return token
}

func TestGrantIsKeptSealedAndWhole(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := installed(t, s)
		require.Equal(t, "shprt_1", lease(t, s, c, "one"))
		kept, err := s.SaveGrant(t.Context(), c, "one", grant(2))
		require.NoError(t, err)
		require.True(t, kept)

		want := c
		want.Token, want.TokenExpiresAt = "shpat_2", grant(2).ExpiresAt
		require.Empty(t, cmp.Diff(want, connection(t, s, c.ID)))
		require.Equal(t, "shprt_2", lease(t, s, want, "two"), "the lease ended with the save")
		for _, row := range table(t, s, `SELECT * FROM connections`) {
			require.NotContains(t, row, "shpat_")
			require.NotContains(t, row, "shprt_")
		}
		require.InDelta(t, time.Now().UnixMilli(), number(t, s, `SELECT refreshed_at FROM connections`), 60_000, "real time, not the business clock's")
	})
}

func TestGrantWithoutScopesKeepsThem(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := installed(t, s)
		g := grant(2)
		for _, told := range [][]string{nil, {"read_orders"}} {
			lease(t, s, c, "one")
			g.Scopes = told
			_, err := s.SaveGrant(t.Context(), c, "one", g)
			require.NoError(t, err)
			c = connection(t, s, c.ID)
			if told == nil {
				require.Equal(t, []string{"read_orders", "write_customers"}, c.Scopes)
			} else {
				require.Equal(t, told, c.Scopes)
			}
		}
	})
}

func TestOneRefreshesAtATime(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := installed(t, s)
		var mu sync.Mutex
		var got []string
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				owner := fmt.Sprint(i)
				if token, err := s.LeaseRefresh(t.Context(), c, owner, time.Minute); err != nil || token != "" {
					mu.Lock()
					defer mu.Unlock()
					got = append(got, owner)
				}
			})
		}
		all.Wait()
		require.Len(t, got, 1)
		require.NotEmpty(t, lease(t, s, c, got[0]), "it is its own again")
		require.NoError(t, s.ReleaseRefresh(t.Context(), c, "another"))
		require.Empty(t, lease(t, s, c, "another"), "only the owner gives it back")
		require.NoError(t, s.ReleaseRefresh(t.Context(), c, got[0]))
		require.NotEmpty(t, lease(t, s, c, "another"))
		execute(t, s, `UPDATE connections SET refresh_until = 1`)
		require.NotEmpty(t, lease(t, s, c, "third"), "whoever died loses it in time")
		kept, err := s.SaveGrant(t.Context(), c, "another", grant(2))
		require.NoError(t, err)
		require.False(t, kept, "its lease has another owner")
		kept, err = s.SaveGrant(t.Context(), c, "third", grant(2))
		require.NoError(t, err)
		require.True(t, kept)
		require.Empty(t, lease(t, s, c, "late"), "who saw the tokens of before must look again")
	})
}

// What happened to the connection meanwhile wins over tokens that a refresh brings.
func TestGrantOfAnotherTimeIsNotKept(t *testing.T) {
	for name, meanwhile := range map[string]func(t *testing.T, s *store.Store, c commerce.Connection){
		"uninstalled": func(t *testing.T, s *store.Store, c commerce.Connection) {
			require.True(t, closeConnection(t, s, c.ShopID, c.ID, s.Now()))
		},
		"uninstalled and installed again": func(t *testing.T, s *store.Store, c commerce.Connection) {
			require.True(t, closeConnection(t, s, c.ShopID, c.ID, s.Now()))
			installed(t, s, func(in *store.Installation) { in.Grant = grant(5) })
		},
		"opened": func(t *testing.T, s *store.Store, c commerce.Connection) {
			installed(t, s, func(in *store.Installation) { in.Grant = grant(5) })
		},
		"revoked": func(t *testing.T, s *store.Store, c commerce.Connection) {
			revoked, err := s.RevokeGrant(t.Context(), c)
			require.NoError(t, err)
			require.True(t, revoked)
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *store.Store) {
				c := installed(t, s)
				require.NotEmpty(t, lease(t, s, c, "one"))
				meanwhile(t, s, c)
				want := connection(t, s, c.ID)
				kept, err := s.SaveGrant(t.Context(), c, "one", grant(2))
				require.NoError(t, err)
				require.False(t, kept)
				require.Empty(t, cmp.Diff(want, connection(t, s, c.ID)))
				require.Empty(t, lease(t, s, c, "two"), "nor are the old ones refreshed from then on")
				if want.Open() && want.TokenState == commerce.TokenGood {
					require.Equal(t, "shprt_5", lease(t, s, want, "two"), "the new ones are, and need not wait for the lease of before")
				}
			})
		})
	}
}

func TestRevokeGrant(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := installed(t, s)
		lease(t, s, c, "one")
		_, err := s.SaveGrant(t.Context(), c, "one", grant(2))
		require.NoError(t, err)
		revoked, err := s.RevokeGrant(t.Context(), c)
		require.NoError(t, err)
		require.False(t, revoked, "there are newer tokens")

		c = connection(t, s, c.ID)
		for _, want := range []bool{true, false} {
			revoked, err = s.RevokeGrant(t.Context(), c)
			require.NoError(t, err)
			require.Equal(t, want, revoked, "once is enough")
		}
		c = connection(t, s, c.ID)
		require.Equal(t, commerce.TokenRevoked, c.TokenState)
		require.True(t, c.Open(), "the shop is not closed by it")
		require.Empty(t, lease(t, s, c, "one"))
		require.EqualValues(t, 0, number(t, s, `SELECT LENGTH(refresh_token) FROM connections`))
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM findings WHERE kind = 'token_revoked' AND subject = $1`, c.ID))

		installed(t, s, func(in *store.Installation) { in.Grant = grant(3) })
		require.Equal(t, commerce.TokenGood, connection(t, s, c.ID).TokenState, "who opens the app mends it")
	})
}

// What a merchant is told to do is what can be done at the platform in question.
func TestRevokeGrantSpeaksOfThePlatform(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		for p, want := range map[commerce.Platform]string{commerce.Shopify: "Shopify admin", commerce.Stripe: "Stripe no longer"} {
			c := storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.Platform = p })
			revoked, err := s.RevokeGrant(t.Context(), c)
			require.NoError(t, err)
			require.True(t, revoked)
			require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM findings WHERE subject = $1 AND detail LIKE $2`, c.ID, "%"+want+"%"))
		}
	})
}

func TestConnectionsToRefresh(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const hour, week = time.Hour, 7 * 24 * time.Hour
		now := commerce.At(time.Now())
		named := func(name string, got, tried time.Duration) commerce.Connection { // both that long ago
			c := installed(t, s, func(in *store.Installation) { in.Connection.ExternalID = name + ".myshopify.com" })
			execute(t, s, `UPDATE connections SET refreshed_at = $2 WHERE id = $1`, string(c.ID), int64(now.Add(-got)))
			require.NoError(t, s.NoteRefreshTry(t.Context(), c.ID, now.Add(-tried)))
			return c
		}
		named("young", week-hour, week-hour)
		old, older := named("old", week+hour, week+hour), named("older", 2*week, 2*week)
		failed, lately := named("failed", week+2*hour, hour), named("failed-lately", week+2*hour, hour/2)
		failing, daily := named("failing", 3*week, 24*hour), named("failing-daily", 3*week, 20*hour)
		closed, revoked := named("closed", 2*week, 2*week), named("revoked", 2*week, 2*week)
		lasting := storetest.Connection(t, s, storetest.Shop(t, s))
		execute(t, s, `UPDATE connections SET refreshed_at = 0 WHERE id = $1`, string(lasting.ID))
		closeConnection(t, s, closed.ShopID, closed.ID, s.Now())
		_, err := s.RevokeGrant(t.Context(), revoked)
		require.NoError(t, err)
		list := func(now commerce.Instant, limit int) []commerce.ConnectionID {
			ids, err := s.ConnectionsToRefresh(t.Context(), now, week, limit)
			require.NoError(t, err)
			return ids
		}
		require.Equal(t, []commerce.ConnectionID{older.ID, old.ID, failing.ID, failed.ID}, list(now, 10), "the longest untried first, and only those that can be")
		require.Equal(t, []commerce.ConnectionID{older.ID}, list(now, 1))
		require.Contains(t, list(now.Add(hour/2), 10), lately.ID, "on the first day every hour")
		require.NotContains(t, list(now.Add(hour/2), 10), daily.ID)
		require.Contains(t, list(now.Add(4*hour), 10), daily.ID, "and then every day")
	})
}

// A token that an operator sets takes the place of a pair, whole.
func TestConnectForgetsAPair(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := installed(t, s)
		lasting := c
		lasting.Token, lasting.Scopes, lasting.PlatformID = "shpat_lasting", nil, ""
		_, err := s.Connect(t.Context(), c.ShopID, lasting)
		require.NoError(t, err)
		got := connection(t, s, c.ID)
		require.Equal(t, "shpat_lasting", got.Token)
		require.Zero(t, got.TokenExpiresAt)
		require.Equal(t, "548380009", got.PlatformID, "it is still the same account")
		require.Empty(t, lease(t, s, got, "one"))
		ids, err := s.ConnectionsToRefresh(t.Context(), commerce.At(time.Now().Add(time.Hour)), 0, 10)
		require.NoError(t, err)
		require.Empty(t, ids)
	})
}
