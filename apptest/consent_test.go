package apptest

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

// inGermany is an order of Ada's that was shipped to Germany, where a review request needs a yes.
func inGermany(a *App, id int64) *shopifyfake.Order {
	o := a.Order(id).For(shopifyfake.Customer{ID: 6001, Email: Ada, FirstName: "Ada", LastName: "Lovelace"}, "DE")
	o.Fulfil(a.Clock.Now())
	a.Send("orders/paid", o.Body())
	return o
}

// Where the law wants a yes, the request waits for one, from whatever source.
func TestYesReleasesTheReviewRequest(t *testing.T) {
	for name, say := range map[string]func(a *App){
		"imported": func(a *App) {
			require.NoError(a.t, a.App.Store.Transact(a.Ctx, func(tx *store.Tx) error {
				return tx.KeepConsents(a.Shop.ID, []commerce.ConsentChange{{
					Email: Ada, Channel: commerce.ByMail, Class: "service", State: commerce.Subscribed, Source: "newsletter 2024", At: commerce.At(a.Clock.Now()),
				}})
			}))
		},
		"told by Shopify": func(a *App) {
			a.Send("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, Ada, "subscribed", "single_opt_in", a.Clock.Now()))
		},
		"told by Shopify without the address": func(a *App) {
			a.Send("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, "", "subscribed", "single_opt_in", a.Clock.Now()))
		},
		"told by Shopify of a customer we do not know by the id": func(a *App) {
			a.Send("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(9999, Ada, "subscribed", "", a.Clock.Now()))
		},
		"given with another order": func(a *App) {
			o := a.Order(2).Unpaid("bank_transfer")
			o.AcceptsMarketing = true
			a.Send("orders/create", o.Body())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Each(t, func(t *testing.T, a *App) {
				inGermany(a, 1)
				a.After(untilAsked + 3*24*time.Hour)
				a.WantMails(Ada, "Thank you")
				require.Contains(t, a.Reasons(Ada, "review_request"), "no_consent")
				say(a)
				a.Wait()
				a.WantMails(Ada, "Thank you", "What do you think")
			})
		})
	}
}

// A shop whose webhooks say nothing about consent: it is read at Shopify when the
// request is due. A no to all marketing, chosen on the page, is told there; what
// Shopify tells of that in turn starts nothing.
func TestConsentAtShopify(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		ada := shopifyfake.Customer{ID: 6001, Email: Ada, Mail: shopifyfake.Consent{State: "subscribed", At: a.Clock.Now().Add(-Day)}}
		bo := shopifyfake.Customer{ID: 6002, Email: "bo@example.com", Mail: shopifyfake.Consent{State: "unsubscribed", At: a.Clock.Now().Add(-Day)}}
		a.Shopify.PutCustomer(Domain, ada, bo)
		inGermany(a, 1)
		o := a.Order(2).For(bo, "DE")
		o.Fulfil(a.Clock.Now())
		a.Send("orders/paid", o.Body())
		a.After(untilAsked + Day)
		mails := a.WantMails(Ada, "Thank you", "What do you think")
		a.WantMails("bo@example.com", "Thank you")
		require.Contains(t, a.Reasons("bo@example.com", "review_request"), "no_consent")

		chosen := a.Clock.Now()
		a.visit(mails[1], http.MethodPost, url.Values{"do": {"stop_all"}})
		require.Eventually(t, func() bool { return a.Shopify.Consent(Domain, 6001).State == "unsubscribed" }, 20*time.Second, 20*time.Millisecond)
		told := a.Shopify.Consent(Domain, 6001).At
		require.Equal(t, chosen.Truncate(time.Second).UTC(), told.UTC())
		a.Send("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, Ada, "unsubscribed", "", told))
		inGermany(a, 3)
		a.After(untilAsked + Day)
		a.WantMails(Ada, "Thank you", "What do you think", "Thank you")
		require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM writebacks`))
	})
}

func TestYesThatComesTooLate(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	inGermany(a, 1)
	a.After(untilAsked + twoWeeks + time.Hour)
	a.Send("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, Ada, "subscribed", "", a.Clock.Now()))
	a.After(untilAsked)
	a.WantMails(Ada, "Thank you")
	require.Contains(t, a.Reasons(Ada, "review_request"), "expired")
}

// What was said last counts, not what is heard last.
func TestUnsubscribedAfterTheYes(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	inGermany(a, 1)
	said := a.Clock.Now()
	a.After(time.Hour)
	a.Send("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, Ada, "unsubscribed", "", said.Add(time.Minute)))
	a.Send("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, Ada, "subscribed", "", said))
	a.After(2 * twoWeeks)
	a.WantMails(Ada, "Thank you")
}

// The yes of two customers that Shopify joins is the kept one's.
func TestMergedCustomers(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		old := a.Order(1).For(shopifyfake.Customer{ID: 6002, Email: "old@example.com", FirstName: "Ada"}, "DE")
		old.Fulfil(a.Clock.Now())
		a.Send("orders/paid", old.Body())
		a.Wait()
		inGermany(a, 2)
		a.After(24 * time.Hour)
		a.Send("customers/merge", shopifyfake.CustomersMerged(6001, 6002, "in_progress"))
		a.Wait()
		require.Len(t, a.Persons("old@example.com"), 1)
		a.Send("customers/merge", shopifyfake.CustomersMerged(6001, 6002, "completed"))
		a.Wait()
		require.Empty(t, a.Persons("old@example.com"))
		orders, err := a.App.Store.OrdersOf(a.Ctx, a.Shop.ID, a.Person(Ada).ID)
		require.NoError(t, err)
		require.Len(t, orders, 2, "readers follow the merge")

		a.After(untilAsked)
		a.WantMails(Ada, "Thank you")
		a.Send("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, Ada, "subscribed", "", a.Clock.Now()))
		a.Wait()
		a.WantMails(Ada, "Thank you", "What do you think") // two orders of one person within a week are one question
		a.WantMails("old@example.com", "Thank you")
	})
}
