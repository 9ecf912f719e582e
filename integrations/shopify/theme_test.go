package shopify

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// The link is the documented one: the app's client id and the block's file name.
func TestThemeEditorAddsTheBlock(t *testing.T) {
	link, err := url.Parse(ThemeEditor("Nour.myshopify.com", "a61950a2"))
	require.NoError(t, err)
	require.Equal(t, "https://Nour.myshopify.com/admin/themes/current/editor", link.Scheme+"://"+link.Host+link.Path)
	require.Equal(t, url.Values{"template": {"product"}, "addAppBlockId": {"a61950a2/flywheel"}, "target": {"newAppsSection"}}, link.Query())
}

func TestPlanPageIsShopifys(t *testing.T) {
	require.Equal(t, "https://admin.shopify.com/store/nour/charges/flywheel/pricing_plans", PlanPage("Nour.myshopify.com", "flywheel"))
}

// No link leads to a host that a name only pretends to be.
func TestLinksLeadToShopsOnly(t *testing.T) {
	for _, shop := range []string{"", "attacker.example", "attacker.example/myshopify.com", "nour.myshopify.com.attacker.example", "nour.myshopify.com@attacker.example"} {
		require.Empty(t, ThemeEditor(shop, "key"), shop)
		require.Empty(t, PlanPage(shop, "flywheel"), shop)
	}
	require.Empty(t, ThemeEditor("nour.myshopify.com", ""))
	require.Empty(t, PlanPage("nour.myshopify.com", ""))
}
