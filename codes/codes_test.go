package codes_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/codes"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestACodeIsGivenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		first := w.give()
		require.Len(t, first.Code, 12)
		require.Equal(t, codes.Given{Code: first.Code, EndsAt: w.clock.Now().Add(30 * day)}, first)
		row := w.row()
		require.Equal(t, store.PromotionMade, row.State)
		promotion, found := w.fake.Object(w.account, row.Promotion)
		require.True(t, found)
		require.Equal(t, first.Code, promotion["code"])

		again := first
		again.Existing = true
		for _, later := range []time.Duration{time.Minute, 25 * time.Hour, 40 * day} {
			w.clock.Advance(later)
			require.Equal(t, again, w.give(func(r *codes.Reward) { r.Title = "another name" }))
		}
		require.Equal(t, 1, w.writes("/v1/promotion_codes"))
		require.Equal(t, row, w.row())

		other := w.give(func(r *codes.Reward) { r.Rule = "sorry" })
		require.NotEqual(t, first.Code, other.Code)
		require.False(t, other.Existing)
		for name, change := range map[string]func(*codes.Reward){
			"other terms":      func(r *codes.Reward) { r.Percent = 20_00 },
			"another customer": func(r *codes.Reward) { r.Customer = "cus_2" },
			"other days":       func(r *codes.Reward) { r.Days = 31 },
		} {
			_, err := w.Give(t.Context(), w.shop, tenPercent(change))
			require.True(t, fault.Is(err, fault.Conflict), "%s: %v", name, err)
		}
	})
}

func TestManyGiveOneCode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		var all sync.WaitGroup
		given := make([]codes.Given, 6)
		for i := range given {
			all.Go(func() { given[i], _ = w.desk(straight).Give(t.Context(), w.shop, tenPercent()) })
		}
		all.Wait()
		for _, g := range given {
			require.Equal(t, given[0].Code, g.Code)
			require.False(t, g.Ended)
		}
		require.True(t, w.code())
		require.Equal(t, store.PromotionMade, w.row().State)
	})
}

// Whenever the one who gives it dies, the next one gives the same, a minute or a day later.
func TestACodeSurvivesACrash(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for n, whole := 1, false; !whole; n++ {
			for _, sent := range []bool{false, true} {
				for _, later := range []time.Duration{time.Minute, 25 * time.Hour} {
					w := newWorld(t, s)
					_, err := w.desk(&dying{left: n, sent: sent}).Give(t.Context(), w.shop, tenPercent())
					if whole = err == nil; !whole {
						require.True(t, fault.Is(err, fault.Temporary), "%v", err)
						require.NotEmpty(t, w.row().Note)
					}
					w.clock.Advance(later)
					got := w.give()
					row := w.row()
					require.Equal(t, row.Code, got.Code)
					require.Equal(t, store.PromotionMade, row.State)
					require.Empty(t, row.Note)
					require.True(t, w.code())
					require.Equal(t, row.AskedAt.Time().Add(30*day), got.EndsAt, "from when it was promised")
				}
			}
		}
	})
}

// Stripe answers 500 for a day where it did so once.
func TestA500IsOvercome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.fake.Fail(1, 500)
		_, err := w.Give(t.Context(), w.shop, tenPercent())
		require.True(t, fault.Is(err, fault.Temporary), "%v", err)
		require.Equal(t, "Stripe is busy", w.row().Note)
		require.False(t, w.give().Ended)
		require.True(t, w.code())
	})
}

func TestAnEndedCodeIsNotRevived(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		first := w.give()
		w.clock.Advance(time.Minute)
		for range 2 {
			require.NoError(t, w.End(t.Context(), w.shop, "order:1001", "loyalty"))
			require.False(t, w.code())
			require.Equal(t, store.PromotionEnded, w.row().State)
		}
		w.clock.Advance(25 * time.Hour)
		require.Equal(t, codes.Given{Code: first.Code, EndsAt: first.EndsAt, Existing: true, Ended: true}, w.give())
		require.False(t, w.code())
		require.Equal(t, 1, w.writes("/v1/promotion_codes"))
		err := w.End(t.Context(), w.shop, "order:1002", "loyalty")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

// Who ends a code while it is being made, before any request, wins.
func TestACodeIsEndedWhileItIsMade(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for n := 1; n <= 3; n++ { // coupon, code, look
			w := newWorld(t, s)
			way := &meanwhile{left: n, then: straight, do: func() {
				w.clock.Advance(time.Second)
				require.NoError(t, w.End(t.Context(), w.shop, "order:1001", "loyalty"))
			}}
			got, err := w.desk(way).Give(t.Context(), w.shop, tenPercent())
			require.NoError(t, err)
			require.True(t, got.Ended, "before request %d", n)
			require.False(t, w.code(), "before request %d", n)
			require.Equal(t, store.PromotionEnded, w.row().State)
		}
	})
}

// The maker dies after Stripe has made what somebody ended meanwhile, before or
// after it has noted it: nothing stays good.
func TestACodeThatWasEndedWhileItsMakerDied(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for n, sent := range map[int]bool{2: true, 4: false} { // coupon, code, look, end
			w := newWorld(t, s)
			way := &meanwhile{left: 2, then: &dying{left: n, sent: sent}, do: func() { require.NoError(t, w.End(t.Context(), w.shop, "order:1001", "loyalty")) }}
			_, err := w.desk(way).Give(t.Context(), w.shop, tenPercent())
			require.Error(t, err)
			require.True(t, w.code(), "as it is left at request %d", n)
			require.True(t, w.give().Ended)
			require.False(t, w.code(), "after request %d", n)
		}
	})
}

func TestACodeThatIsOverWhenFoundIsEnded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		_, err := w.desk(&dying{left: 2, sent: true}).Give(t.Context(), w.shop, tenPercent())
		require.Error(t, err)
		w.clock.Advance(31 * day)
		require.True(t, w.give().Ended)
		require.Equal(t, store.PromotionEnded, w.row().State)
		require.NotEmpty(t, w.row().Note)
	})
}

func TestWhatStripeRefusesMayBeAskedForOtherwise(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		_, err := w.Give(t.Context(), w.shop, tenPercent(func(r *codes.Reward) { r.Customer = "cus_404" }))
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		require.Contains(t, fault.Sentence(err), "customer")
		require.False(t, w.give().Existing, "it was nobody's")
		for name, change := range map[string]func(*codes.Reward){
			"nothing off":     func(r *codes.Reward) { r.Percent = 0 },
			"a fils too much": func(r *codes.Reward) { r.Kind, r.Amount = stripe.AmountOff, commerce.Money{Amount: 5, Currency: "KWD"} },
			"days before":     func(r *codes.Reward) { r.Days = -1 },
			"no title":        func(r *codes.Reward) { r.Title = "" },
			"no cause":        func(r *codes.Reward) { r.Cause = "" },
		} {
			_, err := w.Give(t.Context(), w.shop, tenPercent(change))
			require.True(t, fault.Is(err, fault.Invalid), "%s, before anything else: %v", name, err)
		}
		rows, err := s.PromotionsAfter(t.Context(), w.shop, store.Promotion{}, 10)
		require.NoError(t, err)
		require.Len(t, rows, 1, "what is refused leaves no row")
	})
}

// A test account and a live one, or two shops, know nothing of each other.
func TestCodesOfAccountsAndShopsAreApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		_, err := w.Give(t.Context(), w.shop, tenPercent(func(r *codes.Reward) { r.Test = true }))
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		w.connect(w.shop, w.account, false)
		live, test := w.give(), w.give(func(r *codes.Reward) { r.Test = true })
		require.NotEqual(t, live.Code, test.Code)

		second := w.connect(w.shop, w.account+"_2", true)
		_, err = w.Give(t.Context(), w.shop, tenPercent(func(r *codes.Reward) { r.Rule = "sorry" }))
		require.True(t, fault.Is(err, fault.Invalid), "which one? %v", err)
		require.False(t, w.give(func(r *codes.Reward) { r.Connection = second.ID }).Existing)

		other := storetest.Shop(t, s)
		_, err = w.Give(t.Context(), other, tenPercent(func(r *codes.Reward) { r.Connection = w.conn.ID }))
		require.True(t, fault.Is(err, fault.NotFound), "another shop's account: %v", err)
		require.True(t, fault.Is(w.End(t.Context(), other, "order:1001", "loyalty"), fault.NotFound))
		require.NoError(t, w.End(t.Context(), w.shop, "order:1001", "loyalty"), "wherever it was given")
		rows, err := s.PromotionsFor(t.Context(), w.shop, "order:1001", "loyalty")
		require.NoError(t, err)
		require.Len(t, rows, 3)
		for _, row := range rows {
			require.Equal(t, store.PromotionEnded, row.State)
		}
	})
}

func TestAnAccountThatHasLeftIsNoted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.give()
		w.fake.Disconnect(w.account)
		_, err := w.Give(t.Context(), w.shop, tenPercent(func(r *codes.Reward) { r.Rule = "sorry" }))
		require.ErrorIs(t, err, stripe.ErrNoAccess)
		c, err := s.ConnectionByID(t.Context(), w.conn.ID)
		require.NoError(t, err)
		require.Equal(t, commerce.TokenRevoked, c.TokenState)
		asked := len(w.fake.Calls())
		_, err = w.Give(t.Context(), w.shop, tenPercent(func(r *codes.Reward) { r.Rule = "sorry" }))
		require.True(t, fault.Is(err, fault.Denied), "%v", err)
		require.True(t, fault.Is(w.End(t.Context(), w.shop, "order:1001", "loyalty"), fault.Denied))
		require.Len(t, w.fake.Calls(), asked, "nobody is asked")
	})
}

func TestTermsInWords(t *testing.T) {
	for want, terms := range map[string]codes.Terms{
		"12.5%, 30 days":                    {Kind: stripe.PercentOff, Percent: 12_50, Days: 30},
		"0.250 KWD from 5.000 KWD":          {Kind: stripe.AmountOff, Amount: commerce.Money{Amount: 250, Currency: "KWD"}, Minimum: commerce.Money{Amount: 5000, Currency: "KWD"}},
		"500 JPY on prod_1, prod_2, 1 days": {Kind: stripe.AmountOff, Amount: commerce.Money{Amount: 500, Currency: "JPY"}, Products: []string{"prod_1", "prod_2"}, Days: 1},
	} {
		require.Equal(t, want, terms.String())
	}
	_, err := codes.ReadTerms("{")
	require.True(t, fault.Is(err, fault.Permanent), "%v", err)
}

// The same terms in another order are the same.
func TestTermsAreComparedByWhatTheyMean(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.fake.Put(w.account, stripefake.Object{"id": "prod_1", "object": "product"}, stripefake.Object{"id": "prod_2", "object": "product"})
		w.give(func(r *codes.Reward) { r.Products = []string{"prod_2", "prod_1"} })
		require.True(t, w.give(func(r *codes.Reward) {
			r.Products, r.Amount = []string{"prod_1", "prod_2", "prod_1"}, commerce.Money{Amount: 1}
		}).Existing)
		terms, err := codes.ReadTerms(w.row().Terms)
		require.NoError(t, err)
		require.Equal(t, "10% on prod_1, prod_2, 30 days", terms.String())
	})
}
