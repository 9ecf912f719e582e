package apptest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

// A person asks to be forgotten: nothing tells who they are any more, and nothing is sent.
func TestCustomerIsForgotten(t *testing.T) {
	for name, ask := range map[string]func(a *App) []byte{
		"by id":      func(a *App) []byte { return shopifyfake.RedactCustomer(Domain, 6001, "") },
		"by address": func(a *App) []byte { return shopifyfake.RedactCustomer(Domain, 0, Ada) },
		"by order":   func(a *App) []byte { return shopifyfake.RedactCustomer(Domain, 0, "", 1) },
		"by id, after a merge": func(a *App) []byte {
			a.Send("orders/paid", a.Order(7).For(shopifyfake.Customer{ID: 6000, Email: "older@example.com"}, "GB").Body())
			a.Send("customers/merge", shopifyfake.CustomersMerged(6001, 6000, "completed"))
			a.Wait()
			return shopifyfake.RedactCustomer(Domain, 6001, Ada, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Each(t, func(t *testing.T, a *App) {
				shipped(a, 1)
				body := ask(a)
				a.Mail.Clear()
				a.Send("customers/redact", body)
				a.After(2 * twoWeeks)
				require.Empty(t, a.Mail.Mails())
				require.Zero(t, a.Count(`SELECT COUNT(*) FROM persons WHERE email <> '' OR first_name <> '' OR phone <> ''`))
				require.Zero(t, a.Count(`SELECT COUNT(*) FROM identities WHERE kind = 'email'`))
				require.Zero(t, a.Count(`SELECT COUNT(*) FROM inbox_bodies b JOIN inbox i ON i.shop_id = b.shop_id AND i.id = b.inbox_id WHERE i.order_ref = '1'`))
				require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM privacy_requests WHERE kind = 'customers/redact' AND done_at > 0`))
				require.Zero(t, a.Count(`SELECT COUNT(*) FROM inbox WHERE state <> 1`))
			})
		})
	}
}

// A late webhook of somebody who was forgotten makes nobody write to them.
func TestNothingAfterTheForgetting(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	shipped(a, 1)
	a.Send("customers/redact", shopifyfake.RedactCustomer(Domain, 6001, Ada, 1))
	a.Wait()
	a.Send("orders/paid", a.Order(2).Body())
	a.After(2 * twoWeeks)
	a.WantMails(Ada, "Thank you")
}

// Somebody we never met is forgotten all the same: nothing of what comes later tells who they are.
func TestForgettingAStranger(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	a.Send("customers/redact", shopifyfake.RedactCustomer(Domain, 6001, Ada, 1))
	a.Wait()
	a.Send("orders/paid", a.Order(1).Body())
	a.After(time.Hour)
	a.WantMails(Ada)
	require.Empty(t, a.Persons(Ada))
	require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM orders`))
	require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM decisions WHERE campaign_id = 'thank_you' AND reason = 'person_erased'`))
}

func TestDataRequestIsAnswered(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	shipped(a, 1)
	a.Send("customers/data_request", shopifyfake.DataRequest(Domain, 9, 6001, Ada, 1))
	a.Wait()
	require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM privacy_requests WHERE kind = 'customers/data_request' AND subject = '6001' AND request_id = '9' AND due_at = $1`,
		a.Clock.Now().Add(30*24*time.Hour).UnixMilli()))
	require.Eventually(t, func() bool { return a.Count(`SELECT COUNT(*) FROM exports`) == 1 }, 10*time.Second, 10*time.Millisecond)
	a.After(untilAsked)
	a.WantMails(Ada, "Thank you", "What do you think")
}

func goodbye(a *App, at time.Time) {
	a.Send("app/uninstalled", shopifyfake.ShopBody(Domain, "Nour & Co", "GB", "EUR", "Europe/London", "en"), shopifyfake.TriggeredAt(at))
}

// The shop leaves: nothing goes out any more, and 48 hours later nothing of it is left.
func TestShopLeavesAndIsForgotten(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		shipped(a, 1)
		a.Send("orders/create", a.Order(2).Unpaid("bank_transfer").Body())
		a.After(time.Hour)
		goodbye(a, a.Clock.Now())
		a.Send("orders/paid", a.Order(2).Body())
		a.After(48 * time.Hour)
		a.WantMails(Ada, "Thank you")
		require.Contains(t, a.Reasons(Ada, "thank_you"), "shop_closed")
		a.Send("shop/redact", shopifyfake.RedactShop(Domain))
		require.Eventually(t, func() bool { return a.Count(`SELECT COUNT(*) FROM shops`) == 0 }, 10*time.Second, 10*time.Millisecond)
		a.Wait()
		for _, table := range []string{"persons", "orders", "identities", "enrollments", "effects", "inbox", "inbox_bodies", "connections", "link_tokens"} {
			require.Zero(t, a.Count(`SELECT COUNT(*) FROM `+table), table)
		}
		a.After(untilAsked)
		require.Len(t, a.Mail.Mails(), 1)
	})
}

// again installs the app once more, as it was.
func again(a *App) {
	_, err := a.App.Store.Connect(a.Ctx, a.Shop.ID, commerce.Connection{
		Platform: commerce.Shopify, ExternalID: Domain, Live: true, Token: Token, InstalledAt: commerce.At(a.Clock.Now()),
	})
	require.NoError(a.t, err)
}

// Uninstall and reinstall, told in any order: the returning shop goes on, and a
// late wish to forget it does nothing.
func TestShopComesBack(t *testing.T) {
	for name, late := range map[string]bool{"in order": false, "the goodbye comes late": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Each(t, func(t *testing.T, a *App) {
				shipped(a, 1)
				a.After(time.Hour)
				left := a.Clock.Now()
				if !late {
					goodbye(a, left)
					a.Wait()
				}
				a.After(time.Hour)
				again(a)
				a.After(time.Hour)
				if late {
					goodbye(a, left)
				}
				a.Send("shop/redact", shopifyfake.RedactShop(Domain))
				a.Wait()
				a.Send("orders/paid", a.Order(2).Body())
				a.Wait()
				a.WantMails(Ada, "Thank you", "Thank you")
				require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM shops WHERE state = 'active'`))
			})
		})
	}
}
