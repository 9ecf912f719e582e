package install_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/install"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestFirstOpenMakesTheShop(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		o := w.open()
		require.True(t, o.Fresh)
		want := commerce.Shop{
			ID: o.Shop.ID, Name: "Nour", Email: "hello@nour.example", Locale: "ar", Timezone: "Asia/Riyadh", Country: "SA", Currency: "SAR",
			State: commerce.ShopActive, Leading: commerce.Shopify, Platforms: []commerce.Platform{commerce.Shopify},
			Installed: map[commerce.Platform]commerce.Instant{commerce.Shopify: s.Now()},
		}
		want.Settings.PayOnDelivery = []string{"Cash on Delivery (COD)"}
		want.Settings.PostalAddress = o.Shop.Settings.PostalAddress
		want.Settings.StoreURL = o.Shop.Settings.StoreURL
		want.Site = want.Settings.StoreURL
		require.Empty(t, cmp.Diff(want, o.Shop))
		require.Contains(t, o.Shop.Settings.PostalAddress, "1 King Road")
		require.Equal(t, map[campaign.CampaignID]campaign.State{"thank_you": campaign.Draft, "review_request": campaign.Draft}, w.campaigns(o.Shop.ID))
		require.NotEmpty(t, o.Connection.PlatformID)
		require.Equal(t, shopifyfake.AppScopes, o.Connection.Scopes)
		require.InDelta(t, time.Now().Add(time.Hour).UnixMilli(), int64(o.Connection.TokenExpiresAt), 60_000)
		require.Equal(t, []commerce.Connection{o.Connection}, w.backfill)

		asked := len(w.fake.Asked())
		again := w.open()
		require.False(t, again.Fresh)
		require.Empty(t, cmp.Diff(o.Connection, again.Connection))
		require.Equal(t, 1, w.fake.Exchanges(), "good tokens cost no call")
		require.Len(t, w.fake.Asked(), asked)
		require.Len(t, w.shops(), 1)
		require.NotContains(t, w.log.String(), o.Connection.Token)
	})
}

func TestManyTabsMakeOneShop(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		other := w.newDesk(s)
		var all sync.WaitGroup
		opened := make([]install.Opened, 8)
		for i := range opened {
			session, desk := w.session(), w.desk
			if i%2 == 0 {
				desk = other
			}
			all.Go(func() {
				var err error
				opened[i], err = desk.Open(t.Context(), session)
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		fresh := 0
		for _, o := range opened {
			require.Equal(t, opened[0].Connection.ID, o.Connection.ID)
			if o.Fresh {
				fresh++
			}
		}
		require.Equal(t, 1, fresh)
		require.Len(t, w.shops(), 1)
		require.Equal(t, 1, w.fake.Exchanges())
		require.Equal(t, opened[0].Connection.Token, w.token(opened[0].Connection))
	})
}

// Whatever fails on the way in, the next opening completes it.
func TestOpenAfterFailures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		try := func(kind fault.Kind) {
			t.Helper()
			_, err := w.desk.Open(t.Context(), w.session())
			require.True(t, fault.Is(err, kind), "%v", err)
			require.Empty(t, w.shops(), "nothing is half made")
		}
		w.outage(true)
		try(fault.Temporary)
		w.outage(false)
		w.fake.FailOn("Shop", shopifyfake.Forbidden)
		try(fault.Denied)

		w.broken = errBroken
		o := w.open()
		require.True(t, o.Fresh, "a backfill that cannot be asked for keeps nobody out")
		require.Empty(t, w.backfill)
		require.Contains(t, w.log.String(), "install not complete yet")
		w.broken = nil
		require.Equal(t, o.Connection, w.open().Connection)
		require.Equal(t, []commerce.Connection{o.Connection}, w.backfill)
	})
}

// The tokens came and the database fails: they are lost, and the next opening gets others.
func TestOpenWhenTheDatabaseFailsAfterTheExchange(t *testing.T) {
	url := storetest.Prepared(t, "sqlite")
	s := storetest.OpenURL(t, url)
	w := newWorld(t, s)
	full := storetest.OpenURL(t, url, func(o *store.Options) { o.MaxPages = 1 }) // it may be read, and not grow
	broken := w.newDesk(full)
	_, err := broken.Open(t.Context(), w.session())
	require.Error(t, err)
	require.Empty(t, w.shops())
	o := w.open()
	require.True(t, o.Fresh)
	w.token(o.Connection)
}

func TestDeliveriesBeforeTheFirstOpeningAreTakenUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		pend := func() {
			require.NoError(t, s.AddPending(t.Context(), domain, true, storetest.Delivery(s, commerce.Connection{Platform: commerce.Shopify})))
		}
		pend()
		o := w.open()
		waiting := func() int {
			rows, err := s.NextInbox(t.Context(), o.Shop.ID, 10)
			require.NoError(t, err)
			return len(rows)
		}
		require.Equal(t, 1, waiting())
		require.Equal(t, []commerce.ShopID{o.Shop.ID}, w.arrived)
		pend() // the door had looked before the shop was there, and was slower
		w.open()
		require.Equal(t, 2, waiting())
		w.open()
		require.Len(t, w.arrived, 2, "nobody is told of nothing")
	})
}

func TestReinstall(t *testing.T) {
	for _, state := range []commerce.ShopState{commerce.ShopActive, commerce.ShopPaused} {
		storetest.Each(t, func(t *testing.T, s *store.Store) {
			w := newWorld(t, s)
			first := w.open()
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.SetCampaignState(first.Shop.ID, "thank_you", campaign.Live, "") })
			require.NoError(t, s.SetShopState(t.Context(), first.Shop.ID, state))
			w.fake.Uninstall(domain)
			require.True(t, w.uninstalled(first.Connection, w.clock.Advance(time.Hour)))
			_, err := w.desk.Token(t.Context(), first.Connection)
			require.NoError(t, err, "whoever has read the connection before finds out by the call")
			_, err = w.desk.Token(t.Context(), w.connection())
			require.True(t, fault.Is(err, fault.Denied), "%v", err)

			w.fake.Install(domain, shopifyfake.ShopInfo{Name: "Nour & Sons", Zone: "Asia/Dubai", ContactEmail: "new@nour.example"})
			w.clock.Advance(time.Hour)
			o := w.open()
			require.True(t, o.Fresh)
			require.Equal(t, first.Shop.ID, o.Shop.ID, "with its history")
			require.Equal(t, first.Connection.ID, o.Connection.ID)
			require.Greater(t, o.Connection.Epoch, first.Connection.Epoch)
			require.Equal(t, s.Now(), o.Connection.InstalledAt)
			require.Equal(t, state, o.Shop.State)
			require.Equal(t, "Nour & Sons", o.Shop.Name, "what it changed meanwhile")
			require.Equal(t, "hello@nour.example", o.Shop.Email, "the sender is the merchant's choice")
			require.Equal(t, "ar", o.Shop.Locale)
			require.Equal(t, map[campaign.CampaignID]campaign.State{"thank_you": campaign.Live, "review_request": campaign.Draft}, w.campaigns(o.Shop.ID))
			require.Equal(t, o.Connection, w.backfill[len(w.backfill)-1])
			require.NotEqual(t, first.Connection.Token, w.token(o.Connection))
		})
	}
}

// Removed and installed again within minutes: the uninstall is told of late, or not at all yet.
func TestFastReinstall(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		first := w.open()
		removedAt := w.clock.Advance(time.Hour)
		w.fake.Uninstall(domain)
		w.fake.Install(domain, shopifyfake.ShopInfo{})
		w.clock.Advance(5 * time.Minute)

		o := w.open() // nobody has told us, the tokens look good
		require.False(t, o.Fresh)
		require.False(t, w.uninstalled(o.Connection, removedAt), "the app was opened after that, so it is installed")
		require.True(t, w.connection().Open())

		// The first call finds that the tokens died with the former install.
		a, err := w.desk.Token(t.Context(), o.Connection)
		require.NoError(t, err)
		_, err = w.desk.Shopify.Shop(t.Context(), a)
		require.ErrorIs(t, err, shopify.ErrToken)
		require.NoError(t, w.desk.Refused(t.Context(), o.Connection, err))
		require.Equal(t, commerce.TokenRevoked, w.connection().TokenState)
		require.True(t, w.connection().Open())

		o = w.open()
		require.Equal(t, first.Shop.ID, o.Shop.ID)
		require.Equal(t, 2, w.fake.Exchanges())
		w.token(o.Connection)
		require.True(t, w.uninstalled(o.Connection, w.clock.Advance(time.Hour)), "a real one counts")
	})
}

// Opened, removed 20 s later, installed and opened again 20 s after that; the goodbye comes late.
func TestReinstallWithinAMinute(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.open()
		removed := w.clock.Advance(20 * time.Second)
		w.fake.Uninstall(domain)
		w.fake.Install(domain, shopifyfake.ShopInfo{})
		w.clock.Advance(20 * time.Second)
		o := w.open()
		require.False(t, w.uninstalled(o.Connection, removed), "the app was opened after that, so it is installed")
	})
}

// An ID token may be a minute old when it is exchanged; that Shopify took it says
// that the app is installed now.
func TestAnExchangeProvesTheInstall(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		session := w.session() // loaded, and slow to arrive
		removed := w.clock.Advance(20 * time.Second)
		w.clock.Advance(10 * time.Second)
		o, err := w.desk.Open(t.Context(), session)
		require.NoError(t, err)
		require.False(t, w.uninstalled(o.Connection, removed), "a former install's")
		require.True(t, w.uninstalled(o.Connection, w.clock.Advance(time.Second)))
	})
}

// What the operator added, and is opened then, keeps its shop and its live campaigns.
func TestOpenOfAShopThatWasAddedByHand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.ExternalID, c.Token, c.Secrets = domain, "", nil })
		o := w.open()
		require.False(t, o.Fresh)
		require.Equal(t, shop, o.Shop.ID)
		require.Equal(t, c.ID, o.Connection.ID)
		require.Equal(t, c.Epoch, o.Connection.Epoch, "what is under way goes on")
		require.NotEmpty(t, o.Connection.PlatformID)
		require.Empty(t, w.campaigns(shop))
		w.token(o.Connection)
	})
}

func TestOpenWithAStaticTokenCostsNoCall(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.fake.AddShop(domain, "shpat_static")
		c := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) { c.ExternalID, c.Token = domain, "shpat_static" })
		require.Equal(t, c.ID, w.open().Connection.ID)
		require.Zero(t, w.fake.Exchanges())
		require.Equal(t, "shpat_static", w.token(c))
	})
}

func TestOpenIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		stale := w.session()
		w.wait(2 * time.Minute)
		_, err := w.desk.Open(t.Context(), stale)
		require.ErrorIs(t, err, shopify.ErrIDToken, "the browser is to bring a fresh one")

		session := w.session()
		w.fake.Uninstall(domain)
		_, err = w.desk.Open(t.Context(), session)
		require.ErrorIs(t, err, shopify.ErrUninstalled)
		require.True(t, fault.Is(err, fault.Denied))
		require.Contains(t, fault.Sentence(err), "not installed")

		session.Shop = "attacker.example/" + domain
		_, err = w.desk.Open(t.Context(), session)
		require.True(t, fault.Is(err, fault.Denied), "%v", err)
		require.Empty(t, w.shops())
	})
}

// A page of the app needs no token: where Shopify gives none just now, it is shown.
func TestOpenWhileShopifyIsDown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		o := w.open()
		w.wait(2 * time.Hour)
		w.outage(true)
		require.Equal(t, o.Connection, w.open().Connection)
		w.outage(false)
		again := w.open()
		require.NotEqual(t, o.Connection.Token, again.Connection.Token, "an ID token in hand gets new ones")
		require.Zero(t, w.fake.Refreshes())
		w.token(again.Connection)
	})
}

func TestRedeem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.fake.SetApp(shopifyfake.App{Redirects: []string{"https://flywheel.example/back"}})
		code := func() string {
			t.Helper()
			address, err := w.newDesk(s, func(o *shopify.Options) { o.Scopes = shopifyfake.AppScopes }).Shopify.AuthorizeURL(domain, "state", "https://flywheel.example/back")
			require.NoError(t, err)
			back, err := w.fake.Authorize(domain, address)
			require.NoError(t, err)
			return back.Query().Get("code")
		}
		used := code()
		o, err := w.desk.Redeem(t.Context(), domain, used)
		require.NoError(t, err)
		require.True(t, o.Fresh)
		w.token(o.Connection)

		_, err = w.desk.Redeem(t.Context(), domain, used)
		require.True(t, fault.Is(err, fault.Denied), "a code is good once: %v", err)
		again, err := w.desk.Redeem(t.Context(), domain, code())
		require.NoError(t, err)
		require.False(t, again.Fresh)
		require.NotEqual(t, o.Connection.Token, again.Connection.Token, "the newest tokens count")
		require.Len(t, w.shops(), 1)
	})
}
