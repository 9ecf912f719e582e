package apptest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

const otherDomain = "other.myshopify.com"

// Two shops with the same customer, the same customer id and the same order id
// know nothing of each other.
func TestTwoShopsNeverMeet(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		other := a.Add(commerce.Shop{Name: "Other", Email: "hello@other.example", Locale: "en", Country: "GB", Currency: "EUR"},
			commerce.Connection{Platform: commerce.Shopify, ExternalID: otherDomain, Live: true})
		theirs := shopifyfake.From(otherDomain)

		mine, yours := a.Order(1), a.Order(1).With(shopifyfake.Line{Title: "Teapot", Quantity: 1, Price: 3000})
		for _, o := range []*shopifyfake.Order{mine, yours} {
			o.Fulfil(a.Clock.Now())
		}
		a.Send("orders/paid", mine.Body(), shopifyfake.WebhookID("same"))
		a.Send("orders/paid", yours.Body(), shopifyfake.WebhookID("same"), theirs)
		a.Wait()
		mails := a.WantMails(Ada, "Thank you", "Thank you")
		for _, m := range mails {
			require.NotEqual(t, contains(m.Text, "Nour & Co"), contains(m.Text, "Other"))
			require.NotEqual(t, contains(m.Text, "scarf"), contains(m.Text, "Teapot"))
			require.Equal(t, contains(m.Text, "Other"), contains(m.Text, "Teapot"))
			if contains(m.Text, "Other") {
				a.visit(m, "POST", oneClick) // stops the other shop's mails only
			}
		}
		// A refund, a wish to be forgotten and a pause in one shop are nothing to the other.
		a.Send("refunds/create", yours.Refund(a.Clock.Now(), yours.Total()).Body(), theirs)
		a.Send("customers/redact", shopifyfake.RedactCustomer(otherDomain, 6001, Ada, 1), theirs)
		a.Wait()
		require.NoError(t, a.App.Store.SetShopState(a.Ctx, other.ID, commerce.ShopPaused))
		a.After(untilAsked)
		last := a.WantMails(Ada, "Thank you", "Thank you", "What do you think")[2]
		require.Contains(t, last.Text, "Nour & Co")
		require.Zero(t, a.Purchase(Ada).Refunded())
		require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM persons WHERE shop_id = $1 AND erased = 1`, string(other.ID)))
	})
}

func contains(text, part string) bool { return strings.Contains(text, part) }
