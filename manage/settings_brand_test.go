package manage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store/storetest"
)

// Only rials are told in tomans; a shop that has sold nothing yet may choose them.
func TestTomansNeedRials(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		for currency, good := range map[string]bool{"IRR": true, "": true, "SAR": false} {
			shop := storetest.Shop(t, d.Store, func(s *commerce.Shop) { s.Currency = currency })
			err := manage.SaveSettings(t.Context(), d.Store, shop, commerce.Settings{Toman: true})
			if good {
				require.NoError(t, err, currency)
				continue
			}
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
			require.ErrorContains(t, err, "toman: the shop's prices are in SAR, and only Iranian rials")
			require.NoError(t, manage.SaveSettings(t.Context(), d.Store, shop, commerce.Settings{}))
		}
	})
}

// Of bright colours brands are made: only what cannot be seen at all is refused.
func TestAccentsMayBeBright(t *testing.T) {
	for _, accent := range []string{"#ffd400", "#000000", "#FF0000", "#00ffff", "#e0e0e0", ""} {
		require.NoError(t, manage.CheckSettings(commerce.Settings{Brand: commerce.Brand{Accent: accent}}), accent)
	}
	for _, accent := range []string{"#ffffff", "#FFFFF0", "#fafafa"} {
		require.ErrorContains(t, manage.CheckSettings(commerce.Settings{Brand: commerce.Brand{Accent: accent}}), "so near white", accent)
	}
}
