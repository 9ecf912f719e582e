package store_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestShop(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		want := commerce.Shop{
			Name: "بيت القهوة", Email: "salam@bayt.example", Locale: "ar", Timezone: "Asia/Riyadh", Country: "SA", Currency: "SAR",
			State:    commerce.ShopActive,
			Settings: commerce.Settings{PayOnDelivery: []string{"Cash on Delivery (COD)"}, AssumedDeliveryDays: 3},
		}
		id, err := s.AddShop(t.Context(), want)
		require.NoError(t, err)
		want.ID, want.Installed = id, map[commerce.Platform]commerce.Instant{}
		got, err := s.Shop(t.Context(), id)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))

		stripe := storetest.Connection(t, s, id, func(c *commerce.Connection) {
			c.Platform, c.ExternalID, c.InstalledAt = commerce.Stripe, "acct_1", 5000
		})
		got, err = s.Shop(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, commerce.Stripe, got.Leading, "the only platform leads")
		shopify := storetest.Connection(t, s, id)
		want.Leading, want.Platforms = commerce.Shopify, []commerce.Platform{commerce.Shopify, commerce.Stripe}
		want.Installed = map[commerce.Platform]commerce.Instant{commerce.Stripe: 5000, commerce.Shopify: shopify.InstalledAt}
		storetest.Do(t, s, func(tx *store.Tx) error { got, err = tx.Shop(id); return err })
		require.Empty(t, cmp.Diff(want, got), "Shopify leads where there are both")

		test := func(c *commerce.Connection) {
			c.Platform, c.ExternalID, c.Live, c.InstalledAt = commerce.Stripe, "acct_1", false, 3000
		}
		storetest.Connection(t, s, id, test)
		got, err = s.Shop(t.Context(), id)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got), "what is tried at a platform changes nothing of what is sold there")

		storetest.Do(t, s, func(tx *store.Tx) error { _, err := tx.CloseConnection(id, stripe.ID, s.Now()); return err })
		got, err = s.Shop(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, []commerce.Platform{commerce.Shopify}, got.Platforms, "a closed connection is none")

		_, err = s.Shop(t.Context(), "nobody")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

// Nothing is sold in the test mode: Shopify's orders wait for no twin there. What is told of it has its past all the same.
func TestShopWithATestModeAlone(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := storetest.Shop(t, s)
		shopify := storetest.Connection(t, s, id)
		storetest.Connection(t, s, id, func(c *commerce.Connection) {
			c.Platform, c.ExternalID, c.Live, c.InstalledAt = commerce.Stripe, "acct_1", false, 3000
		})
		got, err := s.Shop(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, []commerce.Platform{commerce.Shopify}, got.Platforms)
		require.False(t, got.TwoPlatforms())
		require.Equal(t, map[commerce.Platform]commerce.Instant{commerce.Stripe: 3000, commerce.Shopify: shopify.InstalledAt}, got.Installed)
	})
}

func TestAddShopMakesAnAccountThatOwnsIt(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := storetest.Shop(t, s, func(s *commerce.Shop) { s.Name = "Teapots" })
		require.Equal(t, "Teapots", word(t, s, `SELECT a.name FROM accounts a JOIN account_shops o ON o.account_id = a.id WHERE o.shop_id = $1 AND o.role = 'owner'`, id))
	})
}

func TestListShopsPagesById(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ids := []commerce.ShopID{storetest.Shop(t, s), storetest.Shop(t, s), storetest.Shop(t, s)}
		var got []commerce.ShopID
		for after := commerce.ShopID(""); ; after = got[len(got)-1] {
			page, err := s.ListShops(t.Context(), after, 2)
			require.NoError(t, err)
			for _, shop := range page {
				got = append(got, shop.ID)
			}
			if len(page) < 2 {
				break
			}
		}
		require.Equal(t, ids, got)
	})
}

func TestUpdateShopKeepsWhatIsNotTold(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := storetest.Shop(t, s, func(s *commerce.Shop) { s.Name, s.Currency = "Old", "" })
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.UpdateShop(id, commerce.ShopUpdate{Name: "New", Currency: "EUR", Site: "https://teapots.example"})
		})
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.UpdateShop(id, commerce.ShopUpdate{Country: "AT", Currency: "CHF", Locale: "de"})
		})
		got, err := s.Shop(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, []string{"New", "AT", "Europe/Berlin", "EUR", "en", "https://teapots.example"}, []string{got.Name, got.Country, got.Timezone, got.Currency, got.Locale, got.Site}, "the reporting currency and the customers' language never change")
		storetest.Do(t, s, func(tx *store.Tx) error {
			return errors.Join(tx.Exec(`UPDATE shops SET locale = ''`), tx.UpdateShop(id, commerce.ShopUpdate{Locale: "de"}))
		})
		got, err = s.Shop(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "de", got.Locale, "but are filled in")
	})
}

func TestSetShopState(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := storetest.Shop(t, s)
		require.NoError(t, s.SetShopState(t.Context(), id, commerce.ShopPaused))
		got, err := s.Shop(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, commerce.ShopPaused, got.State)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SetShopState(id, commerce.ShopActive) })
		got, err = s.Shop(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, commerce.ShopActive, got.State)
		require.True(t, fault.Is(s.SetShopState(t.Context(), "nobody", commerce.ShopPaused), fault.NotFound))
	})
}

// What a pause held is due again when it ends, be it of one shop, of all, or of a campaign.
func TestTheEndOfAPauseMakesWhatItHeldDue(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		order := storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID)
		later := s.Now() + 100_000_000
		e := storetest.Enroll(t, s, shop, order, func(e *campaign.Enrollment) { e.DueAt = later })
		definition := definition("thanks")
		_, err := s.SaveCampaign(t.Context(), shop, "thank-you", definition, campaign.Live)
		require.NoError(t, err)
		for name, set := range map[string]func(on bool) error{
			"shop": func(on bool) error {
				return s.SetShopState(t.Context(), shop, map[bool]commerce.ShopState{true: commerce.ShopPaused, false: commerce.ShopActive}[on])
			},
			"all": func(on bool) error {
				err := s.SetPauseAll(t.Context(), on)
				require.NoError(t, err)
				outside, err := s.PausedAll(t.Context())
				require.NoError(t, err)
				require.Equal(t, on, outside)
				storetest.Do(t, s, func(tx *store.Tx) error {
					inside, err := tx.PausedAll()
					require.Equal(t, on, inside)
					return err
				})
				return err
			},
			"campaign": func(on bool) error {
				return s.SetCampaignState(t.Context(), shop, "thank-you", map[bool]campaign.State{true: campaign.Paused, false: campaign.Live}[on], "")
			},
		} {
			execute(t, s, `UPDATE enrollments SET due_at = $1`, int64(later))
			require.NoError(t, set(true), name)
			require.NoError(t, set(true), "%s, twice", name)
			touchAll(t, s)
			require.Equal(t, int64(later), dueAt(t, s, e.ID), "%s: a pause makes nothing due", name)
			require.NoError(t, set(false), name)
			touchAll(t, s)
			require.Equal(t, int64(s.Now()), dueAt(t, s, e.ID), name)
		}
	})
}

func dueAt(t *testing.T, s *store.Store, id campaign.EnrollmentID) int64 {
	return number(t, s, `SELECT due_at FROM enrollments WHERE id = $1`, id)
}
