package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/stripe"
	"flywheel/store"
)

// What was taken back while its maker died ends at Stripe, though nobody asks for it again.
func TestMaintenanceSettlesCodes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		require.NoError(t, w.maintain(t.Context()), "without Stripe there is nothing to settle")
		w.stripe()
		row, err := w.Store.BeginPromotion(t.Context(), w.shop, store.Promotion{Connection: w.conn.ID, Cause: "order:1001", Rule: "loyalty"})
		require.NoError(t, err)
		row, err = w.Store.TakeBackPromotion(t.Context(), w.shop, row, "refunded")
		require.NoError(t, err)
		a, err := w.Accounts.Access(w.conn)
		require.NoError(t, err)
		_, err = w.Accounts.Stripe.CreatePromotion(t.Context(), a, stripe.Promotion{
			Code: row.Code, Key: row.Key, Title: "Thank you", Kind: stripe.PercentOff, Percent: 10_00,
		})
		require.NoError(t, err)
		w.after(time.Hour)
		require.NoError(t, w.maintain(t.Context()))
		ref, err := w.Accounts.Stripe.FindPromotion(t.Context(), a, row.Key)
		require.NoError(t, err)
		require.True(t, ref.Ended)
		rows, err := w.Store.PromotionsFor(t.Context(), w.shop, row.Cause, row.Rule)
		require.NoError(t, err)
		require.Equal(t, "refunded", rows[0].Note)
		require.Zero(t, rows[0].LookAt)
	})
}
