package apptest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

// The stop switch: nothing goes out; afterwards what is still useful does, the rest expires.
func TestPauseAndResume(t *testing.T) {
	for name, set := range map[string]func(a *App, on bool) error{
		"one shop": func(a *App, on bool) error {
			return a.App.Store.SetShopState(a.Ctx, a.Shop.ID, map[bool]commerce.ShopState{true: commerce.ShopPaused, false: commerce.ShopActive}[on])
		},
		"every shop": func(a *App, on bool) error { return a.App.Store.SetPauseAll(a.Ctx, on) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Each(t, func(t *testing.T, a *App) {
				require.NoError(t, set(a, true))
				a.Send("orders/paid", a.Order(1).Body())
				a.After(70 * time.Hour)
				a.Send("orders/paid", a.Order(2).For(shopifyfake.Customer{ID: 6002, Email: "bo@example.com"}, "GB").Body())
				a.After(3 * time.Hour)
				require.Empty(t, a.Mail.Mails())
				require.Contains(t, a.Reasons("bo@example.com", "thank_you"), "shop_paused")
				require.NoError(t, set(a, false))
				a.Wait()
				a.WantMails("bo@example.com", "Thank you")
				a.WantMails(Ada)
				require.Equal(t, []string{"shop_paused", "expired"}, a.Reasons(Ada, "thank_you"))
			})
		})
	}
}

// A pause of one shop is no other shop's.
func TestPauseOfOneShop(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	other := a.Add(commerce.Shop{Name: "Other", Email: "hello@other.example", Locale: "en", Country: "GB", Currency: "EUR"},
		commerce.Connection{Platform: commerce.Shopify, ExternalID: "other.myshopify.com", Live: true})
	require.NoError(t, a.App.Store.SetShopState(a.Ctx, other.ID, commerce.ShopPaused))
	a.Send("orders/paid", a.Order(1).Body())
	a.Send("orders/paid", a.Order(1).Body(), shopifyfake.From("other.myshopify.com"))
	a.Wait()
	require.Contains(t, a.WantMails(Ada, "Thank you")[0].Text, "Nour & Co")
}
