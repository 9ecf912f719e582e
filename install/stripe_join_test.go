package install_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/install"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/store/storetest"
)

const account = "acct_nour"

// street is a desk between a real database and a Stripe that has the app in one
// account, in both modes.
type street struct {
	*world
	stripe *stripefake.Server
	desk   *install.StripeDesk
	base   string // where Stripe is
}

func newStreet(t *testing.T, s *store.Store) *street {
	t.Helper()
	w := &street{world: newWorld(t, s), stripe: stripefake.New("sk_live_1", "sk_test_1")}
	facts := stripefake.AccountInfo{
		Name: "Nour", Email: "owner@nour.example", Support: "Hello@Nour.example", Timezone: "Asia/Riyadh", Country: "SA", Currency: "sar",
		URL: "https://nour.example", Address: stripefake.Address{Line1: "1 King Road", City: "Riyadh", Country: "SA"},
	}
	w.stripe.Connect(account, true, facts)
	w.stripe.Connect(account, false, facts)
	base, stop, err := w.stripe.Listen()
	require.NoError(t, err)
	t.Cleanup(stop)
	w.desk, w.base = w.newStripeDesk(base), base
	return w
}

func (w *street) newStripeDesk(base string) *install.StripeDesk {
	transport := &http.Transport{DisableKeepAlives: true}
	return &install.StripeDesk{
		Store: w.store, Stripe: stripe.New(stripe.Options{URL: base, HTTP: &http.Client{Transport: transport}}),
		Keys: stripe.Keys{Live: "sk_live_1", Test: "sk_test_1"}, Log: slog.New(slog.NewJSONHandler(&lockedBuffer{w: w.world}, nil)),
		Arrived: w.world.desk.Arrived, Backfill: w.world.desk.Backfill,
	}
}

func (w *street) join(change ...func(*install.Joining)) install.Opened {
	w.t.Helper()
	o, err := w.tryJoin(change...)
	require.NoError(w.t, err)
	return o
}

func (w *street) tryJoin(change ...func(*install.Joining)) (install.Opened, error) {
	j := install.Joining{Account: account, Live: true}
	for _, c := range change {
		c(&j)
	}
	return w.desk.Join(w.t.Context(), j)
}

func inTest(j *install.Joining) { j.Live = false }

func into(shop commerce.ShopID) func(*install.Joining) {
	return func(j *install.Joining) { j.Shop = shop }
}

// now is the account's connection as it stands.
func (w *street) now(c commerce.Connection) commerce.Connection {
	w.t.Helper()
	c, err := w.store.ConnectionByID(w.t.Context(), c.ID)
	require.NoError(w.t, err)
	return c
}

// removed is what the webhook of a removed app does.
func (w *street) removed(c commerce.Connection, at commerce.Instant) bool {
	w.stripe.DisconnectMode(c.ExternalID, c.Live)
	return w.uninstalled(c, at)
}

func TestFirstJoinMakesTheShop(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		o := w.join()
		require.True(t, o.Fresh)
		want := commerce.Shop{
			ID: o.Shop.ID, Name: "Nour", Email: "hello@nour.example", Locale: "en", Timezone: "Asia/Riyadh", Country: "SA", Currency: "SAR", Site: "https://nour.example",
			State: commerce.ShopActive, Leading: commerce.Stripe, Platforms: []commerce.Platform{commerce.Stripe},
			Installed: map[commerce.Platform]commerce.Instant{commerce.Stripe: s.Now()},
		}
		want.Settings.StoreURL, want.Settings.PostalAddress = "https://nour.example", "1 King Road, Riyadh, SA"
		require.Empty(t, cmp.Diff(want, o.Shop))
		require.Equal(t, map[campaign.CampaignID]campaign.State{"thank_you": campaign.Draft, "review_request": campaign.Draft}, w.campaigns(o.Shop.ID))
		require.Equal(t, commerce.Connection{
			ID: o.Connection.ID, ShopID: o.Shop.ID, Platform: commerce.Stripe, ExternalID: account, PlatformID: account, Live: true, Epoch: 1, InstalledAt: s.Now(),
		}, o.Connection, "nothing secret of the merchant's is kept")
		require.Equal(t, []commerce.Connection{o.Connection}, w.backfill)

		again := w.join()
		require.False(t, again.Fresh)
		require.Empty(t, cmp.Diff(o.Connection, again.Connection), "who is connected well is only greeted")
		require.Len(t, w.shops(), 1)
	})
}

// Both modes of one account are two connections, told apart by the key that proves each.
func TestModesAreToldApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		live := w.join()
		test := w.join(inTest, into(live.Shop.ID))
		require.NotEqual(t, live.Connection.ID, test.Connection.ID)
		require.False(t, test.Connection.Live)
		require.Equal(t, live.Shop.ID, test.Shop.ID)
		a, err := w.desk.Access(test.Connection)
		require.NoError(t, err)
		require.Equal(t, stripe.Access{Key: "sk_test_1", Account: account}, a)
	})
}

// Nobody becomes connected on their word alone: the key of the mode must open the account.
func TestJoinIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		w.stripe.DisconnectMode(account, false)
		for name, change := range map[string]func(*install.Joining){
			"the app is not there in this mode": inTest,
			"never heard of":                    func(j *install.Joining) { j.Account = "acct_other" },
			"no account":                        func(j *install.Joining) { j.Account = "cus_1" },
			"the platform's own":                func(j *install.Joining) { j.Account = "" },
		} {
			_, err := w.tryJoin(change)
			require.True(t, fault.Is(err, fault.Denied), "%s: %v", name, err)
		}
		w.desk.Keys.Live = ""
		_, err := w.tryJoin()
		require.True(t, fault.Is(err, fault.Denied), "%v", err)
		require.Contains(t, fault.Sentence(err), "STRIPE_SECRET_KEY")
		require.Empty(t, w.shops(), "nothing is half made")
	})
}

// An answer about another account than was asked about connects nothing.
func TestJoinHoldsTheAnswerAgainstTheQuestion(t *testing.T) {
	w := newStreet(t, storetest.Open(t, "sqlite"))
	api := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		_, _ = out.Write([]byte(`{"id": "acct_platform", "object": "account"}`))
	}))
	t.Cleanup(api.Close)
	w.desk = w.newStripeDesk(api.URL)
	_, err := w.tryJoin()
	require.True(t, fault.Is(err, fault.Denied), "%v", err)
	require.Empty(t, w.shops())
}

func TestJoinAfterFailures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		w.stripe.Fail(1, http.StatusInternalServerError)
		_, err := w.tryJoin()
		require.True(t, fault.Is(err, fault.Temporary), "%v", err)
		require.Empty(t, w.shops())

		w.broken = errBroken
		o := w.join()
		require.True(t, o.Fresh, "a backfill that cannot be asked for keeps nobody out")
		w.broken = nil
		require.Equal(t, o.Connection, w.join().Connection)
		require.Equal(t, []commerce.Connection{o.Connection}, w.backfill)
	})
}

func TestJoiningAShopOfShopify(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		shop := w.open().Shop
		o := w.join(into(shop.ID))
		require.Equal(t, shop.ID, o.Shop.ID)
		require.Equal(t, commerce.Shopify, o.Shop.Leading)
		require.ElementsMatch(t, []commerce.Platform{commerce.Shopify, commerce.Stripe}, o.Shop.Platforms)
		require.Equal(t, shop.Email, o.Shop.Email, "the shop is what it was")
		require.Len(t, w.shops(), 1)
		require.Equal(t, shop.ID, w.join().Shop.ID, "an account finds its shop without being told")
	})
}

func TestShopifyJoinsAShopOfStripe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		o := w.join()
		storetest.Connection(t, s, o.Shop.ID, func(c *commerce.Connection) { c.ExternalID = domain })
		shop, err := s.Shop(t.Context(), o.Shop.ID)
		require.NoError(t, err)
		require.Equal(t, commerce.Shopify, shop.Leading)
	})
}

func TestAnAccountBelongsToOneShop(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		first, other := w.join(), storetest.Shop(t, s)
		_, err := w.tryJoin(into(other))
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		require.Contains(t, fault.Sentence(err), "disconnect it there first")
		require.Equal(t, first.Connection, w.now(first.Connection))

		require.NoError(t, w.desk.Leave(t.Context(), first.Shop.ID, first.Connection.ID))
		o := w.join(into(other))
		require.Equal(t, other, o.Shop.ID)
		require.Equal(t, first.Connection.ID, o.Connection.ID)
		open, err := s.OpenShopRequests(t.Context())
		require.NoError(t, err)
		require.Len(t, open, 1, "nobody can open the former shop any more: it is to be erased")
		require.Equal(t, first.Shop.ID, open[0].Shop)
	})
}

func TestReconnect(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		first := w.join()
		person := storetest.Person(t, s, first.Shop.ID)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SetCampaignState(first.Shop.ID, "thank_you", campaign.Live, "") })
		require.True(t, w.removed(first.Connection, w.clock.Advance(time.Hour)))
		require.False(t, w.now(first.Connection).Open())
		_, err := w.tryJoin()
		require.True(t, fault.Is(err, fault.Denied), "removed is removed: %v", err)

		w.stripe.Connect(account, true, stripefake.AccountInfo{})
		w.clock.Advance(time.Hour)
		o := w.join()
		require.True(t, o.Fresh)
		require.Equal(t, first.Shop.ID, o.Shop.ID, "with its history")
		require.Equal(t, first.Connection.ID, o.Connection.ID)
		require.Greater(t, o.Connection.Epoch, first.Connection.Epoch)
		require.Equal(t, s.Now(), o.Connection.InstalledAt)
		require.Equal(t, commerce.ShopActive, o.Shop.State)
		require.Equal(t, campaign.Live, w.campaigns(o.Shop.ID)["thank_you"])
		require.Equal(t, o.Connection, w.backfill[len(w.backfill)-1])
		p, err := s.Person(t.Context(), o.Shop.ID, person.ID)
		require.NoError(t, err)
		require.Equal(t, person.Email, p.Email)
	})
}

// Stripe gave no access, and no webhook said why: who installs again has it.
func TestReconnectAfterAccessWasLost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		first := w.join()
		w.stripe.Disconnect(account)
		a, err := w.desk.Access(first.Connection)
		require.NoError(t, err)
		_, err = w.desk.Stripe.Account(t.Context(), a)
		require.ErrorIs(t, err, stripe.ErrNoAccess)
		require.NoError(t, w.desk.Refused(t.Context(), first.Connection, err))
		require.Equal(t, commerce.TokenRevoked, w.now(first.Connection).TokenState)

		w.stripe.Connect(account, true, stripefake.AccountInfo{})
		w.clock.Advance(time.Hour)
		o := w.join()
		require.False(t, o.Fresh, "it was connected all the time")
		require.Empty(t, o.Connection.TokenState)
		require.Greater(t, o.Connection.Epoch, first.Connection.Epoch)
		require.Equal(t, first.Connection.InstalledAt, o.Connection.InstalledAt, "what came in between is no history")
		_, err = w.desk.Access(o.Connection)
		require.NoError(t, err)
	})
}

func TestManyTabsJoinOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		var all sync.WaitGroup
		opened := make([]install.Opened, 6)
		for i := range opened {
			all.Go(func() {
				var err error
				if opened[i], err = w.tryJoin(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		fresh := 0
		for _, o := range opened {
			require.Equal(t, opened[0].Connection, o.Connection)
			if o.Fresh {
				fresh++
			}
		}
		require.Equal(t, 1, fresh)
		require.Len(t, w.shops(), 1)
	})
}

func TestEventsBeforeTheJoinAreTakenUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		for _, live := range []bool{true, false} {
			d := storetest.Delivery(s, commerce.Connection{Platform: commerce.Stripe})
			require.NoError(t, s.AddPending(t.Context(), account, live, d))
		}
		o := w.join()
		rows, err := s.NextInbox(t.Context(), o.Shop.ID, 10)
		require.NoError(t, err)
		require.Len(t, rows, 1, "of its own mode")
		require.Equal(t, []commerce.ShopID{o.Shop.ID}, w.arrived)
	})
}

func TestLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		shop := w.open().Shop.ID
		own := storetest.Connection(t, s, shop, func(c *commerce.Connection) {
			c.Platform, c.ExternalID, c.Token, c.Secrets = commerce.Stripe, "acct_own", "rk_live_own", []string{"whsec_own"}
		})
		err := w.desk.Leave(t.Context(), storetest.Shop(t, s), own.ID)
		require.True(t, fault.Is(err, fault.NotFound), "another shop's: %v", err)
		err = w.desk.Leave(t.Context(), shop, w.connection().ID)
		require.True(t, fault.Is(err, fault.NotFound), "Shopify's: %v", err)
		require.True(t, w.now(own).Open())

		require.NoError(t, w.desk.Leave(t.Context(), shop, own.ID))
		c := w.now(own)
		require.False(t, c.Open())
		require.Empty(t, c.Token, "its key is forgotten at once")
		require.Empty(t, c.Secrets)
		require.Greater(t, c.Epoch, own.Epoch)
		_, err = w.desk.Access(c)
		require.True(t, fault.Is(err, fault.Denied), "%v", err)
		require.NoError(t, w.desk.Leave(t.Context(), shop, own.ID), "once more changes nothing")
		require.Equal(t, c, w.now(own))
		left, err := s.Shop(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, commerce.ShopActive, left.State, "Shopify goes on")
	})
}

// Another process's clock said later when it was connected; who disconnects means now.
func TestLeaveWithClocksApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		c := w.join().Connection
		ahead := s.Now().Add(3 * time.Second)
		require.NoError(t, s.ConfirmInstall(t.Context(), c, ahead))
		require.NoError(t, w.desk.Leave(t.Context(), c.ShopID, c.ID))
		require.Equal(t, ahead, w.now(c).ClosedAt)
	})
}

// Whoever opens the install once more proves that the app is there: a goodbye of
// before that is told of late closes nothing.
func TestJoiningAgainIsAProof(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newStreet(t, s)
		c := w.join().Connection
		before := w.clock.Advance(time.Hour)
		w.clock.Advance(time.Hour)
		require.False(t, w.join().Fresh)
		require.False(t, w.uninstalled(c, before))
		require.True(t, w.now(c).Open())
	})
}

// Whoever gives up waiting is told so, and changes nothing.
func TestJoinHeedsItsContext(t *testing.T) {
	w := newStreet(t, storetest.Open(t, "sqlite"))
	alone, err := w.store.Lead(t.Context(), "install "+account+" live", "another", time.Minute)
	require.NoError(t, err)
	require.True(t, alone)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = w.desk.Join(ctx, install.Joining{Account: account, Live: true})
	require.True(t, errors.Is(err, context.DeadlineExceeded), "%v", err)
	require.Empty(t, w.shops())
}
