package apptest

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
)

func TestWhatAMailCarries(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	shipped(a, 1)
	a.After(untilAsked)
	for _, m := range a.WantMails(Ada, "Thank you", "What do you think") {
		id := m.Get("X-Flywheel-ID")
		require.NotEmpty(t, id)
		require.Contains(t, m.Get("Message-ID"), id)
		require.Contains(t, m.Get("Reply-To"), "hello@nour.example")
		require.Regexp(t, `^<`+regexp.QuoteMeta(a.URL)+`/u/[\w-]{20,}>$`, m.Get("List-Unsubscribe"))
		require.Equal(t, "List-Unsubscribe=One-Click", m.Get("List-Unsubscribe-Post"))
		require.Contains(t, m.HTML, `lang="en"`)
		require.Contains(t, m.HTML, `dir="ltr"`)
		require.Contains(t, m.Text, "Nour & Co")
		require.NotContains(t, m.Text, "<")
	}
}

func TestArabicMail(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	o := a.Order(1)
	o.Locale = "ar"
	a.Send("orders/paid", o.Body())
	a.Wait()
	m := a.WantMails(Ada, "شكرًا لك")[0]
	require.Contains(t, m.HTML, `lang="ar"`)
	require.Contains(t, m.HTML, `dir="rtl"`)
}

// visit follows a mail's unsubscribe link.
func (a *App) visit(m mailfake.Content, method string, form url.Values) string {
	a.t.Helper()
	link := strings.Trim(m.Get("List-Unsubscribe"), "<>")
	req, err := http.NewRequestWithContext(a.Ctx, method, link, strings.NewReader(form.Encode()))
	require.NoError(a.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(a.t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	require.NoError(a.t, err)
	require.Equal(a.t, 200, resp.StatusCode)
	return string(page)
}

var oneClick = url.Values{"List-Unsubscribe": {"One-Click"}}

// suppressed counts what is stopped for anybody.
func suppressed(a *App, scope string) int {
	return a.Count(`SELECT COUNT(*) FROM suppressions WHERE scope = $1`, scope)
}

// Looking at the page changes nothing; scanners do it too.
func TestOpeningTheLinkChangesNothing(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	shipped(a, 1)
	thanks := a.WantMails(Ada, "Thank you")[0]
	require.Contains(t, a.visit(thanks, http.MethodGet, nil), "Nour &amp; Co")
	a.After(untilAsked)
	a.WantMails(Ada, "Thank you", "What do you think")
}

// One click in an order mail stops everything but order mails.
func TestOneClickInATransactionalMail(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		shipped(a, 1)
		thanks := a.WantMails(Ada, "Thank you")[0]
		a.visit(thanks, http.MethodPost, oneClick)
		require.Equal(t, 1, suppressed(a, "non_transactional"))
		a.After(untilAsked)
		a.WantMails(Ada, "Thank you")
		require.Contains(t, a.Reasons(Ada, "review_request"), "suppressed")
		a.Send("orders/paid", a.Order(2).Body())
		a.Wait()
		a.WantMails(Ada, "Thank you", "Thank you")
	})
}

// One click in a review request stops review requests and nothing else.
func TestOneClickInAServiceMail(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	shipped(a, 1)
	a.After(untilAsked)
	ask := a.WantMails(Ada, "Thank you", "What do you think")[1]
	a.visit(ask, http.MethodPost, oneClick)
	require.Equal(t, 1, suppressed(a, "topic:reviews"))
	require.Zero(t, suppressed(a, "non_transactional"))
	shipped(a, 2)
	a.After(untilAsked)
	a.WantMails(Ada, "Thank you", "What do you think", "Thank you")
}

// Texts speak the customer's currency, sums the shop's: 0, 2 and 3 decimals.
func TestCurrencies(t *testing.T) {
	for name, c := range map[string]struct {
		paid, shop string
		num, den   int64 // shop units for one of the customer's
		price      int64
		text       string
		reported   commerce.Money
		rate       string
	}{
		"two decimals":            {"EUR", "EUR", 1, 1, 41495, "414.95", commerce.Money{Amount: 41495, Currency: "EUR"}, "1"},
		"none":                    {"JPY", "JPY", 1, 1, 41495, "41,495", commerce.Money{Amount: 41495, Currency: "JPY"}, "1"},
		"three":                   {"KWD", "KWD", 1, 1, 41495, "41.495", commerce.Money{Amount: 41495, Currency: "KWD"}, "1"},
		"yen paid, euro counted":  {"JPY", "EUR", 1, 160, 16000, "16,000", commerce.Money{Amount: 10000, Currency: "EUR"}, "0.00625"},
		"dinar paid, yen counted": {"KWD", "JPY", 500, 1, 10500, "10.500", commerce.Money{Amount: 5250, Currency: "JPY"}, "500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := Start(t, Noon)
			a.Shop = a.Add(commerce.Shop{Name: "Nour & Co", Email: "hello@nour.example", Locale: "en", Country: "GB"},
				commerce.Connection{Platform: commerce.Shopify, ExternalID: Domain, Live: true, Token: Token})
			o := a.Order(1).With(shopifyfake.Line{Title: "Scarf", Quantity: 1, Price: c.price}).In(c.paid, c.shop, c.num, c.den)
			o.Shipping = 0
			a.Send("orders/paid", o.Body())
			a.Wait()
			require.Contains(t, a.WantMails(Ada, "Thank you")[0].Text, c.text)
			got := a.Purchase(Ada)
			require.Equal(t, commerce.Money{Amount: c.price, Currency: c.paid}, got.Detail.Total)
			require.Equal(t, c.reported, got.Reporting.Amount)
			require.Equal(t, c.rate, got.Reporting.Rate)
			shop, err := a.App.Store.Shop(a.Ctx, a.Shop.ID)
			require.NoError(t, err)
			require.Equal(t, c.shop, shop.Currency, "the first order tells the reporting currency")
		})
	}
}

// A rate nobody told is unknown, never 1.
func TestReportingMoneyWithoutARate(t *testing.T) {
	t.Parallel()
	a := WithShop(t) // reports in EUR
	a.Send("orders/paid", a.Order(1).In("JPY", "USD", 1, 150).Body())
	a.Wait()
	a.WantMails(Ada, "Thank you")
	require.Equal(t, commerce.Reporting{}, a.Purchase(Ada).Reporting)
}
