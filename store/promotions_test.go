package store_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// stripeShop is a shop with an open Stripe account.
func stripeShop(t *testing.T, s *store.Store) (commerce.ShopID, commerce.Connection) {
	t.Helper()
	shop := storetest.Shop(t, s)
	return shop, storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.Platform = commerce.Stripe })
}

// thanks is a code for cus_1's order.
func thanks(c commerce.Connection, change ...func(*store.Promotion)) store.Promotion {
	p := store.Promotion{Connection: c.ID, Cause: "order:1001", Rule: "loyalty", Customer: "cus_1", Terms: `{"percent":1000}`}
	for _, f := range change {
		f(&p)
	}
	return p
}

func beginCode(t *testing.T, s *store.Store, shop commerce.ShopID, p store.Promotion) store.Promotion {
	t.Helper()
	got, err := s.BeginPromotion(t.Context(), shop, p)
	require.NoError(t, err)
	return got
}

func TestACodeIsBegunOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, conn := stripeShop(t, s)
		first := beginCode(t, s, shop, thanks(conn))
		require.Len(t, first.Code, 12)
		require.Len(t, first.Key, 16)
		require.Equal(t, store.PromotionMaking, first.State)
		require.Equal(t, s.Now(), first.AskedAt)
		storetest.ClockOf(s).Advance(25 * time.Hour)
		again := beginCode(t, s, shop, thanks(conn))
		require.Equal(t, s.Now().Add(time.Hour), again.LookAt, "whoever makes it now may die of it, too")
		again.LookAt = first.LookAt
		require.Equal(t, first, again, "the same row a day later")

		for name, change := range map[string]func(*store.Promotion){
			"another cause": func(p *store.Promotion) { p.Cause = "order:1002" },
			"another rule":  func(p *store.Promotion) { p.Rule = "sorry" },
		} {
			other := beginCode(t, s, shop, thanks(conn, change))
			require.NotEqual(t, first.Code, other.Code, name)
			require.NotEqual(t, first.Key, other.Key, name)
		}
		for name, change := range map[string]func(*store.Promotion){
			"other terms":      func(p *store.Promotion) { p.Terms = `{"percent":2000}` },
			"another customer": func(p *store.Promotion) { p.Customer = "cus_2" },
		} {
			_, err := s.BeginPromotion(t.Context(), shop, thanks(conn, change))
			require.True(t, fault.Is(err, fault.Conflict), "%s: %v", name, err)
		}
		for name, change := range map[string]func(*store.Promotion){
			"no cause":    func(p *store.Promotion) { p.Cause = " " },
			"no rule":     func(p *store.Promotion) { p.Rule = "" },
			"a long rule": func(p *store.Promotion) { p.Rule = strings.Repeat("r", 201) },
		} {
			_, err := s.BeginPromotion(t.Context(), shop, thanks(conn, change))
			require.True(t, fault.Is(err, fault.Invalid), "%s: %v", name, err)
		}
		require.EqualValues(t, 3, number(t, s, `SELECT COUNT(*) FROM promotions`))

		otherShop, otherConn := stripeShop(t, s)
		require.NotEqual(t, first.Code, beginCode(t, s, otherShop, thanks(otherConn)).Code)
		storetest.Do(t, s, func(tx *store.Tx) error {
			_, err := tx.CloseConnection(otherShop, otherConn.ID, tx.Now())
			return err
		})
		_, err := s.BeginPromotion(t.Context(), otherShop, thanks(otherConn))
		require.True(t, fault.Is(err, fault.NotFound), "an account that has left: %v", err)
	})
}

func TestManyBeginOneCode(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, conn := stripeShop(t, s)
		var all sync.WaitGroup
		codes := make([]string, 8)
		for i := range codes {
			all.Go(func() {
				got, err := s.BeginPromotion(t.Context(), shop, thanks(conn))
				if err == nil {
					codes[i] = got.Code
				}
			})
		}
		all.Wait()
		for _, code := range codes {
			require.Len(t, code, 12)
			require.Equal(t, codes[0], code)
		}
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM promotions`))
	})
}

func TestACodeIsMadeAndEnded(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, conn := stripeShop(t, s)
		ctx, asked := t.Context(), s.Now()
		p := beginCode(t, s, shop, thanks(conn))
		require.NoError(t, s.PromotionFailed(ctx, shop, p, "Stripe is busy"))
		require.Equal(t, "Stripe is busy", beginCode(t, s, shop, thanks(conn)).Note)

		storetest.ClockOf(s).Advance(time.Second)
		made, err := s.PromotionMade(ctx, shop, p, "fw_1", "promo_1")
		require.NoError(t, err)
		want := p
		want.State, want.Coupon, want.Promotion, want.MadeAt, want.LookAt = store.PromotionMade, "fw_1", "promo_1", asked.Add(time.Second), 0
		require.Equal(t, want, made)
		storetest.ClockOf(s).Advance(time.Second)
		made, err = s.PromotionMade(ctx, shop, p, "fw_1", "promo_1")
		require.NoError(t, err)
		require.Equal(t, want, made, "twice is once")
		require.NoError(t, s.PromotionFailed(ctx, shop, p, "late"))
		require.Equal(t, want, beginCode(t, s, shop, thanks(conn)), "what is made cannot fail")

		ended, err := s.PromotionEnded(ctx, shop, p, "refunded")
		require.NoError(t, err)
		want.State, want.Note, want.EndedAt = store.PromotionEnded, "refunded", asked.Add(2*time.Second)
		require.Equal(t, want, ended)
		storetest.ClockOf(s).Advance(time.Second)
		ended, err = s.PromotionEnded(ctx, shop, p, "again")
		require.NoError(t, err)
		require.Equal(t, want, ended)

		_, err = s.PromotionEnded(ctx, shop, thanks(conn, func(p *store.Promotion) { p.Rule = "none" }), "")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

// Who ends a code while it is being made is heard by whoever makes it.
func TestACodeThatIsEndedFirstStaysEnded(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, conn := stripeShop(t, s)
		p := beginCode(t, s, shop, thanks(conn))
		back, err := s.TakeBackPromotion(t.Context(), shop, p, "refunded")
		require.NoError(t, err)
		require.Equal(t, s.Now().Add(time.Hour), back.LookAt)
		made, err := s.PromotionMade(t.Context(), shop, p, "fw_1", "promo_1")
		require.NoError(t, err)
		require.Equal(t, store.PromotionEnded, made.State)
		require.Equal(t, "promo_1", made.Promotion, "so that it can be taken back there")
		require.Equal(t, s.Now(), made.LookAt, "by anybody, where its maker does not")
		ended, err := s.PromotionEnded(t.Context(), shop, p, "late")
		require.NoError(t, err)
		require.Zero(t, ended.LookAt)
		require.Equal(t, "refunded", ended.Note)
		back, err = s.TakeBackPromotion(t.Context(), shop, p, "again")
		require.NoError(t, err)
		require.Equal(t, ended, back, "what is settled stays settled")
	})
}

// What the platform refuses may be asked for in another way; what it has made may not.
func TestACodeThatWasRefusedIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, conn := stripeShop(t, s)
		for _, customer := range []string{"cus_404", "cus_1"} {
			p := beginCode(t, s, shop, thanks(conn, func(p *store.Promotion) { p.Customer = customer }))
			if customer == "cus_1" {
				_, err := s.PromotionMade(t.Context(), shop, p, "fw_1", "promo_1")
				require.NoError(t, err)
			}
			require.NoError(t, s.DropPromotion(t.Context(), shop, p))
		}
		require.Equal(t, store.PromotionMade, beginCode(t, s, shop, thanks(conn)).State)
	})
}

func TestCodesAreListedInPages(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, conn := stripeShop(t, s)
		second := storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.Platform, c.Live = commerce.Stripe, false })
		var want []store.Promotion
		for _, c := range []commerce.Connection{conn, second} { // ids come in the order of time
			for _, cause := range []string{"order:1", "order:2"} {
				for _, rule := range []string{"a", "b"} {
					want = append(want, beginCode(t, s, shop, thanks(c, func(p *store.Promotion) { p.Cause, p.Rule = cause, rule })))
				}
			}
		}
		var got []store.Promotion
		for last := (store.Promotion{}); ; last = got[len(got)-1] {
			page, err := s.PromotionsAfter(t.Context(), shop, last, 3)
			require.NoError(t, err)
			if got = append(got, page...); len(page) < 3 {
				break
			}
		}
		require.Equal(t, want, got)
		of, err := s.PromotionsFor(t.Context(), shop, "order:2", "a")
		require.NoError(t, err)
		require.Equal(t, []store.Promotion{want[2], want[6]}, of)
	})
}

func TestAnErasedCustomersCodeNamesNobody(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, conn := stripeShop(t, s)
		ada := storetest.Person(t, s, shop)
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByStripe, Value: "cus_1"}: ada.ID})
		})
		p := beginCode(t, s, shop, thanks(conn))
		require.NoError(t, s.PromotionFailed(t.Context(), shop, p, "about cus_1"))
		other := beginCode(t, s, shop, thanks(conn, func(p *store.Promotion) { p.Customer, p.Rule = "cus_2", "other" }))
		anybody := beginCode(t, s, shop, thanks(conn, func(p *store.Promotion) { p.Customer, p.Rule = "", "anybody" }))
		erase(t, s, shop, store.Whom{Persons: []commerce.PersonID{ada.ID}})

		of, err := s.PromotionsFor(t.Context(), shop, p.Cause, p.Rule)
		require.NoError(t, err)
		require.Empty(t, of[0].Customer)
		require.Empty(t, of[0].Note)
		require.Equal(t, p.Code, of[0].Code, "the row still holds that it was given")
		_, err = s.BeginPromotion(t.Context(), shop, thanks(conn))
		require.True(t, fault.Is(err, fault.Conflict), "nobody brings them back: %v", err)
		require.Equal(t, other, beginCode(t, s, shop, thanks(conn, func(p *store.Promotion) { p.Customer, p.Rule = "cus_2", "other" })))
		require.Equal(t, anybody, beginCode(t, s, shop, thanks(conn, func(p *store.Promotion) { p.Customer, p.Rule = "", "anybody" })))
	})
}
