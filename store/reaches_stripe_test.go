package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// stripeReaches are the reaches of what is made and counted at Stripe.
var stripeReaches = map[string]reach{
	"Store.ConsentHeld": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		theirs, err := s.ConsentHeld(t.Context(), b.shop, 0)
		require.NoError(t, err)
		require.EqualValues(t, 1, theirs.Messages)
		held, err := s.ConsentHeld(t.Context(), a, 0)
		require.Zero(t, held)
		return held, err
	},
	"Store.BeginPromotion": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.BeginPromotion(t.Context(), a, promotionOf(b))
		require.True(t, fault.Is(err, fault.NotFound), "the connection is another shop's: %v", err)
		return got, err
	},
	"Store.PromotionMade": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.PromotionMade(t.Context(), a, promotionOf(b), "intruder", "intruder")
	},
	"Store.PromotionEnded": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.PromotionEnded(t.Context(), a, promotionOf(b), "intruder")
	},
	"Store.TakeBackPromotion": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.TakeBackPromotion(t.Context(), a, promotionOf(b), "intruder")
	},
	"Store.RenewPromotion": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.RenewPromotion(t.Context(), a, readPromotion(t, s, b))
	},
	"Store.SettlePromotion": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.SettlePromotion(t.Context(), a, readPromotion(t, s, b), "intruder")
	},
	"Store.PromotionFailed": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.PromotionFailed(t.Context(), a, promotionOf(b), "intruder")
	},
	"Store.DropPromotion": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.DropPromotion(t.Context(), a, promotionOf(b))
	},
	"Store.PromotionsFor": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.PromotionsFor(t.Context(), a, promotionOf(b).Cause, promotionOf(b).Rule)
		require.Empty(t, got)
		return got, err
	},
	"Store.PromotionsAfter": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.PromotionsAfter(t.Context(), a, store.Promotion{}, 100)
		require.Empty(t, got)
		return got, err
	},
}

func furnishStripe(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	_, err := s.BeginPromotion(t.Context(), w.shop, promotionOf(*w))
	require.NoError(t, err)
	storetest.Do(t, s, func(tx *store.Tx) error {
		return tx.SaveDecisions(w.shop, []store.Decided{{
			Campaign: w.enrollment.Campaign, EntryKey: w.enrollment.EntryKey, StepID: "held", Person: w.person.ID,
			Decision: gate.Decision{Answer: gate.Hold, Reason: gate.NoConsent, Detail: "held of " + w.owner},
		}})
	})
}

// promotionOf is what w's second connection gives for its order.
func promotionOf(w furnished) store.Promotion {
	return store.Promotion{
		Connection: w.second.ID, Cause: "order of " + w.owner, Rule: "rule of " + w.owner, Customer: "request of " + w.owner,
		Terms: `{"percent":1000}`,
	}
}

// readPromotion is the row of it.
func readPromotion(t *testing.T, s *store.Store, w furnished) store.Promotion {
	t.Helper()
	rows, err := s.PromotionsFor(t.Context(), w.shop, promotionOf(w).Cause, promotionOf(w).Rule)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	return rows[0]
}
