package apptest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

// info is what Shopify knows of the usual shop.
var info = shopifyfake.ShopInfo{
	ID: 77, Name: "Nour & Co", Email: "owner@nour.example", ContactEmail: "hello@nour.example", Zone: "Europe/London", Currency: "EUR", Country: "GB",
	Locales: []string{"en"},
}

// installed is a world whose shop arrived as most do: from the App Store.
func installed(t *testing.T, options ...Option) *App {
	t.Helper()
	a := Start(t, Noon, options...)
	shop, err := a.Install(a.Ctx, Domain, info)
	require.NoError(t, err)
	a.Shop = shop
	return a
}

func (a *App) press(path string) {
	a.t.Helper()
	require.NoError(a.t, a.Press(a.Ctx, Domain, path))
}

func (a *App) uninstalls() {
	a.t.Helper()
	require.NoError(a.t, a.Uninstall(a.Ctx, Domain))
	a.Wait()
}

func (a *App) connection() commerce.Connection {
	a.t.Helper()
	c, err := a.App.Store.ConnectionByAccount(a.Ctx, commerce.Shopify, Domain, true)
	require.NoError(a.t, err)
	return c
}

// pastRead waits until a shop's past is read.
func (a *App) pastRead() store.Backfill {
	a.t.Helper()
	var b store.Backfill
	require.Eventually(a.t, func() bool {
		var err error
		b, err = a.App.Store.Backfill(a.Ctx, a.Shop.ID, a.connection().ID)
		a.App.Worker.Poke()
		return err == nil && !b.State.Open()
	}, 30*time.Second, 20*time.Millisecond)
	return b
}

// A shop's whole life with the app: it installs, opens, goes live, sells,
// leaves, comes back, leaves for good and is forgotten.
func TestLifeOfAnInstalledShop(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			a := Start(t, Noon, On(t, engine))
			a.Shopify.Install(Domain, info)
			past := shopifyfake.NewOrder(1, Noon.Add(-48*time.Hour)).For(shopifyfake.Customer{ID: 6001, Email: Ada, FirstName: "Ada"}, "GB")
			a.Shopify.PutOrder(Domain, past)
			a.Send("orders/updated", past.Body()) // before anybody has opened the app
			shop, err := a.Install(a.Ctx, Domain, info)
			require.NoError(t, err)
			a.Shop = shop
			a.Wait()
			require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM orders`), "what came before the first opening was kept")
			b := a.pastRead()
			require.Equal(t, store.BackfillDone, b.State, b.Note)
			require.EqualValues(t, 1, b.Orders)
			require.Equal(t, 2, a.Count(`SELECT COUNT(*) FROM campaigns WHERE state = 'draft'`))

			a.Send("orders/paid", a.Order(2).Body())
			a.After(time.Hour)
			a.WantMails(Ada) // drafts reach nobody
			a.press("/admin/campaigns/thank_you/live")
			a.press("/admin/campaigns/review_request/live")
			a.After(time.Minute)
			bought := a.Order(3)
			a.Send("orders/paid", bought.Body())
			a.Send("orders/fulfilled", bought.Fulfil(a.Clock.Now()).Body())
			a.After(time.Hour)
			a.WantMails(Ada, "Thank you")

			first := a.connection()
			told := a.Clock.Now()
			a.uninstalls()
			require.Equal(t, commerce.ShopClosed, a.shop().State)
			a.After(untilAsked)
			a.WantMails(Ada, "Thank you") // who has left asks nobody
			again, err := a.Install(a.Ctx, Domain, info)
			require.NoError(t, err)
			require.Equal(t, shop.ID, again.ID, "with its history")
			require.Equal(t, commerce.ShopActive, again.State)
			require.Greater(t, a.connection().Epoch, first.Epoch)
			a.Send("app/uninstalled", a.Shopify.Uninstalled(Domain), shopifyfake.TriggeredAt(told))
			a.Send("shop/redact", shopifyfake.RedactShop(Domain))
			a.Wait()
			require.Equal(t, commerce.ShopActive, a.shop().State, "neither a late uninstall nor a late redaction undoes the return")
			a.After(time.Minute)
			a.Send("orders/paid", a.Order(4).Body())
			a.After(time.Hour)
			a.WantMails(Ada, "Thank you", "Thank you")

			a.uninstalls()
			a.Send("shop/redact", shopifyfake.RedactShop(Domain))
			// It goes in steps, behind the deliveries.
			require.Eventually(t, func() bool { return a.Count(`SELECT COUNT(*) FROM shops`) == 0 }, 20*time.Second, 10*time.Millisecond)
			for _, table := range []string{"persons", "orders", "inbox_bodies", "effects", "connections"} {
				require.Zero(t, a.Count(`SELECT COUNT(*) FROM `+table), table)
			}
			require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM erasures WHERE kind = 'shop'`), "and that can be proved")
		})
	}
}

func (a *App) shop() commerce.Shop {
	a.t.Helper()
	s, err := a.App.Store.Shop(a.Ctx, a.Shop.ID)
	require.NoError(a.t, err)
	return s
}

// Review probes the three mandatory topics with a bad signature and with none.
func TestComplianceTopicsRefuseABadSignature(t *testing.T) {
	t.Parallel()
	a := installed(t)
	for topic, body := range map[string][]byte{
		"customers/data_request": shopifyfake.DataRequest(Domain, 9, 6001, Ada),
		"customers/redact":       shopifyfake.RedactCustomer(Domain, 6001, Ada),
		"shop/redact":            shopifyfake.RedactShop(Domain),
	} {
		for name, option := range map[string]shopifyfake.SendOption{
			"signed by somebody else": shopifyfake.SignedWith("not the secret"),
			"unsigned":                shopifyfake.Header("X-Shopify-Hmac-Sha256", ""),
			"signed with nothing":     shopifyfake.SignedWith(""),
		} {
			status, err := a.FromShopify(a.Ctx, Domain, topic, body, option)
			require.NoError(t, err)
			require.Equal(t, http.StatusUnauthorized, status, "%s %s", topic, name)
		}
	}
	require.Zero(t, a.Count(`SELECT COUNT(*) FROM privacy_requests`))
}

// A token that Shopify no longer accepts stops calls, not the shop; the next
// opening gets another.
func TestARevokedTokenIsReplacedAtTheNextOpening(t *testing.T) {
	t.Parallel()
	a := installed(t)
	a.pastRead()
	a.Shopify.RevokeTokens(Domain)
	access, err := a.App.Install.Token(a.Ctx, a.connection())
	require.NoError(t, err, "nobody has told us yet")
	_, err = a.App.Install.Shopify.Shop(a.Ctx, access)
	require.True(t, fault.Is(err, fault.Denied), "%v", err)
	require.NoError(t, a.App.Install.Refused(a.Ctx, a.connection(), err))
	require.Equal(t, commerce.TokenRevoked, a.connection().TokenState)
	require.Equal(t, commerce.ShopActive, a.shop().State)
	page, err := a.OpenApp(a.Ctx, Domain)
	require.NoError(t, err)
	require.Equal(t, commerce.TokenGood, a.connection().TokenState)
	require.True(t, strings.Contains(page, "thank_you"))
}
