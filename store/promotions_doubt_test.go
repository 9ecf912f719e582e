package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// doubtful takes what is in doubt and returns its rules, in the order of the rows.
func doubtful(t *testing.T, s *store.Store, shop commerce.ShopID) (rules []string) {
	t.Helper()
	rows, err := s.TakeDoubtfulPromotions(t.Context(), 100)
	require.NoError(t, err)
	for _, row := range rows {
		require.Equal(t, shop, row.Shop)
		require.Len(t, row.Key, 16, "by which it is found at the platform")
		rules = append(rules, row.Rule)
	}
	return rules
}

func TestCodesInDoubt(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, conn := stripeShop(t, s)
		clock, ctx := storetest.ClockOf(s), t.Context()
		code := func(rule string) store.Promotion {
			return beginCode(t, s, shop, thanks(conn, func(p *store.Promotion) { p.Rule = rule }))
		}
		code("making")
		_, err := s.PromotionMade(ctx, shop, code("made"), "fw_1", "promo_1")
		require.NoError(t, err)
		_, err = s.TakeBackPromotion(ctx, shop, code("back"), "taken back")
		require.NoError(t, err)
		_, err = s.PromotionEnded(ctx, shop, code("ended"), "taken back")
		require.NoError(t, err)

		clock.Advance(time.Hour - time.Millisecond)
		require.Empty(t, doubtful(t, s, shop), "whoever is at it is left alone")
		clock.Advance(time.Millisecond)
		require.ElementsMatch(t, []string{"making", "back"}, doubtful(t, s, shop))
		require.Empty(t, doubtful(t, s, shop), "once an hour")
		clock.Advance(time.Hour)
		require.Len(t, doubtful(t, s, shop), 2)
		clock.Advance(23 * time.Hour)
		require.Len(t, doubtful(t, s, shop), 2)
		clock.Advance(23 * time.Hour)
		require.Empty(t, doubtful(t, s, shop), "once a day, when it is a day old")
		clock.Advance(time.Hour)
		require.Len(t, doubtful(t, s, shop), 2)

		clock.Advance(24 * time.Hour)
		one, err := s.TakeDoubtfulPromotions(ctx, 1)
		require.NoError(t, err)
		require.Len(t, one, 1)
		require.Len(t, doubtful(t, s, shop), 1, "the other one")
	})
}

// Who cannot be asked is not asked; who can be again is.
func TestCodesInDoubtOfAnAccountThatCannotBeAsked(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, conn := stripeShop(t, s)
		beginCode(t, s, shop, thanks(conn))
		storetest.ClockOf(s).Advance(48 * time.Hour)
		require.True(t, closeConnection(t, s, shop, conn.ID, s.Now()))
		require.Empty(t, doubtful(t, s, shop), "closed")

		other := storetest.Shop(t, s)
		storetest.ClockOf(s).Advance(time.Hour)
		conn.InstalledAt = s.Now()
		id, err := s.Connect(t.Context(), other, conn)
		require.NoError(t, err)
		require.Equal(t, conn.ID, id)
		require.Empty(t, doubtful(t, s, shop), "another shop's")

		require.True(t, closeConnection(t, s, other, conn.ID, s.Now()))
		storetest.ClockOf(s).Advance(time.Hour)
		conn.InstalledAt = s.Now()
		_, err = s.Connect(t.Context(), shop, conn)
		require.NoError(t, err)
		execute(t, s, `UPDATE connections SET token_state = 'revoked'`)
		require.Empty(t, doubtful(t, s, shop), "revoked")
		execute(t, s, `UPDATE connections SET token_state = ''`)
		require.Equal(t, []string{"loyalty"}, doubtful(t, s, shop))
	})
}

func TestACodeThatThePlatformNeverHadIsSettled(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, conn := stripeShop(t, s)
		read := beginCode(t, s, shop, thanks(conn))
		storetest.ClockOf(s).Advance(time.Second)
		now := beginCode(t, s, shop, thanks(conn))
		require.NoError(t, s.SettlePromotion(t.Context(), shop, read, "nothing"))
		row, err := s.PromotionsFor(t.Context(), shop, read.Cause, read.Rule)
		require.NoError(t, err)
		require.Equal(t, []store.Promotion{now}, row, "somebody makes it now")

		require.NoError(t, s.SettlePromotion(t.Context(), shop, now, "nothing"))
		row, err = s.PromotionsFor(t.Context(), shop, read.Cause, read.Rule)
		require.NoError(t, err)
		now.LookAt, now.Note = 0, "nothing"
		require.Equal(t, []store.Promotion{now}, row)
		require.NotZero(t, beginCode(t, s, shop, thanks(conn)).LookAt, "asked for again, it is in doubt again")

		back, err := s.TakeBackPromotion(t.Context(), shop, now, "taken back")
		require.NoError(t, err)
		require.NoError(t, s.SettlePromotion(t.Context(), shop, back, "nothing"))
		row, err = s.PromotionsFor(t.Context(), shop, read.Cause, read.Rule)
		require.NoError(t, err)
		require.Zero(t, row[0].LookAt)
		require.Equal(t, "taken back", row[0].Note)
	})
}

func TestTheTimeOfACodeBeginsAnewOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, conn := stripeShop(t, s)
		read := beginCode(t, s, shop, thanks(conn))
		storetest.ClockOf(s).Advance(48 * time.Hour)
		first, err := s.RenewPromotion(t.Context(), shop, read)
		require.NoError(t, err)
		require.Equal(t, s.Now(), first.AskedAt)
		storetest.ClockOf(s).Advance(time.Second)
		second, err := s.RenewPromotion(t.Context(), shop, read)
		require.NoError(t, err)
		require.Equal(t, first, second, "two at once agree")

		made, err := s.PromotionMade(t.Context(), shop, first, "fw_1", "promo_1")
		require.NoError(t, err)
		got, err := s.RenewPromotion(t.Context(), shop, first)
		require.NoError(t, err)
		require.Equal(t, made, got, "what is made has its time")
	})
}

// The look of every hour reads what is in doubt, not all that was ever given.
func TestCodesInDoubtAreFoundByAnIndex(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, conn := stripeShop(t, s)
		execute(t, s, `INSERT INTO promotions (shop_id, connection_id, cause, rule, code, state, terms, asked_at, look_at)
			WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 8000)
			SELECT $1, $2, 'order:' || i, 'r', 'C' || i, 'made', '{}', 1, CASE WHEN i % 1000 = 0 THEN 1 ELSE 0 END FROM r`, shop, conn.ID)
		if !s.Embedded() {
			execute(t, s, `ANALYZE promotions`)
		}
		plans := store.Plans(s, func() { require.Len(t, doubtful(t, s, shop), 8) })
		require.NotEmpty(t, plans)
		require.Contains(t, plans[0].Text, "promotions_look")
		for _, p := range plans {
			require.NotRegexp(t, `(SCAN|Seq Scan on) promotions`, p.Text, p.Statement)
		}
	})
}
