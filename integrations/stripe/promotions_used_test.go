package stripe

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/stripe/stripefake"
)

// A session tells by which promotion it came, not by which code.
func TestASessionTellsItsPromotions(t *testing.T) {
	p := stripefake.Purchase{Currency: "sar", Amount: 12500}
	used := []any{map[string]any{"coupon": "summer", "promotion_code": nil}, map[string]any{"coupon": nil, "promotion_code": "promo_1"}}
	d := decode(t, "checkout.session.completed", noon, p.Session().With("discounts", used)).Order.Detail
	require.Equal(t, []string{"promo_1"}, d.Promotions)
	require.Empty(t, d.DiscountCodes)
	require.Empty(t, decode(t, "checkout.session.completed", noon, p.Session()).Order.Detail.Promotions)
}
