package apptest

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/demo"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
)

// written is a log that a test reads.
type written struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// Logs tell what happened with ids, and never who somebody is or how to get in.
func TestLogsHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	var log written
	a := WithShop(t, func(o *demo.WorldOptions) {
		o.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	a.ConnectStripe()
	require.NoError(t, a.App.Store.SetShopState(a.Ctx, a.Shop.ID, commerce.ShopPaused)) // so that something is held
	a.Send("orders/paid", a.Order(9).For(shopifyfake.Customer{ID: 6009, Email: "bo@example.com"}, "GB").Body())
	a.Wait()
	require.NoError(t, a.App.Store.SetShopState(a.Ctx, a.Shop.ID, commerce.ShopActive))
	a.Wait()
	a.times(2, mailfake.Trouble{At: "rcpt", Code: 451})
	o := a.Order(1).For(shopifyfake.Customer{ID: 6001, Email: Ada, FirstName: "Ada", LastName: "Lovelace", Phone: "+4415550100"}, "GB")
	o.Fulfil(a.Clock.Now())
	a.Send("orders/paid", o.Body())
	a.Stripes("checkout.session.completed", a.Pays("1").Session())
	a.Send("orders/paid", bytes.Replace(o.Body(), []byte(`"created_at":"`), []byte(`"created_at":"ada@example.com `), 1))
	a.Send("refunds/create", a.Order(2).Refund(a.Clock.Now(), 100).Body())
	a.After(2 * time.Hour)
	a.Shopify.Fail(shopifyfake.Forbidden)
	a.Send("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, Ada, "subscribed", "", a.Clock.Now()))
	a.visit(a.WantMails(Ada, "Thank you", "Thank you")[0], "POST", oneClick)
	a.Send("orders/create", a.Order(3).Body(), shopifyfake.SignedWith(demo.ShopifySecret))
	status, err := a.FromShopify(a.Ctx, Domain, "orders/create", o.Body(), shopifyfake.SignedWith("wrong"))
	require.NoError(t, err)
	require.Equal(t, 401, status)
	a.Send("customers/redact", shopifyfake.RedactCustomer(Domain, 6001, Ada, 1))
	a.After(untilAsked)

	text := log.String()
	for _, what := range []string{`"msg":"webhook"`, `"msg":"mail attempted"`, `"msg":"step decided"`, `"msg":"delivery quarantined"`} {
		require.Contains(t, text, what)
	}
	for _, secret := range []string{"ada@", "lovelace", "5550100", "wrong", Token, demo.ShopifySecret, demo.StripeSecret, "sk_test", "/u/"} {
		for line := range strings.Lines(text) {
			require.NotContains(t, strings.ToLower(line), secret)
		}
	}
}
