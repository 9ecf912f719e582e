package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestInstallMakesAShopWithDrafts(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		in := installation(s, func(in *store.Installation) {
			in.Drafts = []campaign.Definition{definition("thank_you"), definition("review_request")}
		})
		out, err := s.Install(t.Context(), in)
		require.NoError(t, err)
		require.True(t, out.Made)
		require.True(t, out.Opened)

		want := in.Connection
		want.ID, want.ShopID, want.Epoch = out.Connection, out.Shop, 1
		want.Token, want.TokenExpiresAt, want.Scopes = "shpat_1", grant(1).ExpiresAt, grant(1).Scopes
		require.Empty(t, cmp.Diff(want, connection(t, s, out.Connection)))
		shop, err := s.Shop(t.Context(), out.Shop)
		require.NoError(t, err)
		require.Equal(t, "Teapots", shop.Name)
		require.Equal(t, commerce.ShopActive, shop.State)
		require.Equal(t, commerce.Shopify, shop.Leading)
		campaigns, err := s.ListCampaigns(t.Context(), out.Shop)
		require.NoError(t, err)
		require.Len(t, campaigns, 2)
		for _, c := range campaigns {
			require.Equal(t, campaign.Draft, c.State, "nothing is live before somebody says so")
			require.Zero(t, c.LiveAt)
		}
	})
}

// All or nothing: a shop without its campaigns would never get them.
func TestInstallThatFailsLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		_, err := s.Install(t.Context(), installation(s, func(in *store.Installation) {
			in.Drafts = []campaign.Definition{definition("thank_you"), {Name: "broken"}}
		}))
		require.Error(t, err)
		for _, name := range []string{"shops", "accounts", "campaigns", "connections", "shop_work"} {
			require.Zero(t, number(t, s, `SELECT COUNT(*) FROM `+name), name)
		}
	})
}

func TestTwoInstallsAtOnceMakeOneShop(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		var all sync.WaitGroup
		results := make([]error, 6)
		for i := range results {
			all.Go(func() { _, results[i] = s.Install(t.Context(), installation(s)) })
		}
		all.Wait()
		for _, err := range results {
			require.True(t, err == nil || fault.Is(err, fault.Conflict), "%v", err)
		}
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM shops`))
		c, err := s.ConnectionByAccount(t.Context(), commerce.Shopify, teapots, true)
		require.NoError(t, err)
		require.Equal(t, "shpat_1", c.Token, "sealed for the row it stands in")
	})
}

func TestInstallAgain(t *testing.T) {
	for _, state := range []commerce.ShopState{commerce.ShopActive, commerce.ShopPaused} {
		t.Run(string(state), func(t *testing.T) {
			each(t, func(t *testing.T, s *store.Store) {
				c := installed(t, s)
				_, err := s.SaveCampaign(t.Context(), c.ShopID, "thank_you", definition("thank_you"), campaign.Live)
				require.NoError(t, err)
				require.NoError(t, s.SetShopState(t.Context(), c.ShopID, state))
				require.True(t, closeConnection(t, s, c.ShopID, c.ID, s.Now()))
				later := storetest.ClockOf(s).Advance(time.Hour)

				out, err := s.Install(t.Context(), installation(s, func(in *store.Installation) {
					in.Grant, in.Drafts = grant(2), []campaign.Definition{definition("thank_you")}
				}))
				require.NoError(t, err)
				require.Equal(t, store.Installed{Connection: c.ID, Shop: c.ShopID, Opened: true}, out, "the same shop, opened again")
				got := connection(t, s, c.ID)
				require.True(t, got.Open())
				require.EqualValues(t, 3, got.Epoch)
				require.Equal(t, later, got.InstalledAt)
				require.Equal(t, "shpat_2", got.Token)
				require.Equal(t, state, stateOf(t, s, c.ShopID), "a pause outlives it")
				campaigns, err := s.ListCampaigns(t.Context(), c.ShopID)
				require.NoError(t, err)
				require.Len(t, campaigns, 1)
				require.Equal(t, campaign.Live, campaigns[0].State, "as it was left")
				require.Equal(t, 1, campaigns[0].Version)
			})
		})
	}
}

// An open connection gets other tokens and nothing else: what is on its way to customers goes on.
func TestInstallOfAnOpenConnectionKeepsItsEpoch(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.ExternalID, c.Token = teapots, "" })
		out, err := s.Install(t.Context(), installation(s))
		require.NoError(t, err)
		require.Equal(t, store.Installed{Connection: c.ID, Shop: shop}, out)
		want := c
		want.Token, want.TokenExpiresAt, want.Scopes, want.PlatformID = "shpat_1", grant(1).ExpiresAt, grant(1).Scopes, "548380009"
		require.Empty(t, cmp.Diff(want, connection(t, s, c.ID)))
		require.False(t, closeConnection(t, s, shop, c.ID, s.Now()-1), "it was surely installed then")
		require.True(t, closeConnection(t, s, shop, c.ID, s.Now()))
	})
}

// An ID token proves that the app is installed, so an uninstall of before it is a former install's.
func TestConfirmInstall(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		c := installed(t, s)
		first := s.Now()
		confirm := func(at commerce.Instant) {
			t.Helper()
			require.NoError(t, s.ConfirmInstall(t.Context(), c, at))
		}
		granted := func() int64 { return number(t, s, `SELECT granted_at FROM connections`) }
		confirm(first.Add(time.Second))
		require.EqualValues(t, first, granted(), "not for each of the pages of one opening")
		confirm(first.Add(3 * time.Second))
		require.EqualValues(t, first.Add(3*time.Second), granted(), "a reinstall takes seconds")
		confirm(first.Add(time.Hour))
		confirm(first)
		require.EqualValues(t, first.Add(time.Hour), granted(), "it never goes back")
		require.False(t, closeConnection(t, s, c.ShopID, c.ID, first.Add(time.Minute)))
		require.True(t, closeConnection(t, s, c.ShopID, c.ID, first.Add(2*time.Hour)))
		confirm(first.Add(9 * time.Hour))
		require.EqualValues(t, first.Add(time.Hour), granted(), "an old token opens nothing again")
	})
}

// An uninstall that is told of late closes nothing where the app was opened after
// it. But tokens that were got before it died with that install, and so did the plan.
func TestOutliveUninstall(t *testing.T) {
	const minute = time.Minute
	for name, tt := range map[string]struct {
		got     func(t *testing.T, s *store.Store, c commerce.Connection) // what came after the install, and before the opening ten minutes after it
		at      time.Duration                                             // of the uninstall, after the install
		revoked bool
		asked   bool
	}{
		"the tokens are of before":           {at: 5 * minute, revoked: true, asked: true},
		"of a former install":                {at: -5 * minute, asked: true},
		"it was refreshed after that":        {got: refreshedAfter(6 * minute), at: 5 * minute, asked: true},
		"it was refreshed before that":       {got: refreshedAfter(4 * minute), at: 5 * minute, revoked: true, asked: true},
		"other tokens were got after that":   {got: openedAfter(6 * minute), at: 5 * minute, asked: true},
		"of after the opening: a real one":   {at: 11 * minute},
		"nobody knows when the tokens came":  {got: gotNobodyKnowsWhen, at: 5 * minute, asked: true},
		"it is closed already":               {got: closedAfterwards, at: 5 * minute},
		"another platform knows no openings": {got: ofStripe, at: 5 * minute},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *store.Store) {
				c := installed(t, s)
				first := s.Now()
				if tt.got != nil {
					tt.got(t, s, c)
				}
				require.NoError(t, s.ConfirmInstall(t.Context(), connection(t, s, c.ID), first.Add(10*minute)))
				var revoked bool
				storetest.Do(t, s, func(tx *store.Tx) (err error) {
					revoked, err = tx.OutliveUninstall(c.ShopID, c.ID, first.Add(tt.at))
					return err
				})
				require.Equal(t, tt.revoked, revoked)
				require.Equal(t, tt.revoked, connection(t, s, c.ID).TokenState == commerce.TokenRevoked)
				asked := number(t, s, `SELECT COUNT(*) FROM entitlements WHERE shop_id = $1 AND next_at = $2`, c.ShopID, s.Now())
				require.Equal(t, tt.asked, asked == 1)
			})
		})
	}
}

func refreshedAfter(d time.Duration) func(t *testing.T, s *store.Store, c commerce.Connection) {
	return func(t *testing.T, s *store.Store, c commerce.Connection) {
		storetest.ClockOf(s).Advance(d)
		lease(t, s, c, "one")
		kept, err := s.SaveGrant(t.Context(), c, "one", grant(2))
		require.NoError(t, err)
		require.True(t, kept)
	}
}

func openedAfter(d time.Duration) func(t *testing.T, s *store.Store, c commerce.Connection) {
	return func(t *testing.T, s *store.Store, _ commerce.Connection) {
		storetest.ClockOf(s).Advance(d)
		installed(t, s, func(in *store.Installation) { in.Grant = grant(2) })
	}
}

func gotNobodyKnowsWhen(t *testing.T, s *store.Store, _ commerce.Connection) {
	execute(t, s, `UPDATE connections SET token_at = 0`) // as an older binary leaves it
}

func closedAfterwards(t *testing.T, s *store.Store, c commerce.Connection) {
	opened := s.Now().Add(10 * time.Minute)
	require.NoError(t, s.ConfirmInstall(t.Context(), c, opened))
	require.True(t, closeConnection(t, s, c.ShopID, c.ID, opened.Add(time.Minute)))
}

func ofStripe(t *testing.T, s *store.Store, _ commerce.Connection) {
	execute(t, s, `UPDATE connections SET platform = 'stripe'`)
}

func TestInstallOfAShopThatIsBeingErasedWaits(t *testing.T) {
	for _, open := range []bool{true, false} {
		each(t, func(t *testing.T, s *store.Store) {
			c := installed(t, s)
			if !open {
				closeConnection(t, s, c.ShopID, c.ID, s.Now())
			}
			execute(t, s, `UPDATE shops SET data_key = $1`, []byte{})
			_, err := s.Install(t.Context(), installation(s))
			require.True(t, fault.Is(err, fault.Temporary), "%v", err)
			execute(t, s, `DELETE FROM connections`)
			_, err = s.Install(t.Context(), installation(s, func(in *store.Installation) { in.Shop.Name = "" }))
			require.True(t, fault.Is(err, fault.Temporary), "what the shop is must be asked first: %v", err)
			require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM shops`))
			out, err := s.Install(t.Context(), installation(s))
			require.NoError(t, err)
			require.NotEqual(t, c.ShopID, out.Shop, "afterwards it is another shop")
		})
	}
}
