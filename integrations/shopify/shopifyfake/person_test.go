package shopifyfake

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"flywheel/integrations/shopify/gql"
)

func TestConsents(t *testing.T) {
	w := newWorld(t)
	w.PutCustomer(wool,
		Customer{
			ID: 1, Email: "ada@example.com", Phone: "+4315550100", Mail: Consent{"subscribed", "confirmed_opt_in", noon},
			SMS: Consent{"unsubscribed", "single_opt_in", noon.Add(time.Hour)}, WhatsApp: Consent{State: "pending"},
		},
		Customer{ID: 2, Email: "bo@example.com"},
		Customer{ID: 3},
	)
	r := w.ask(gql.Consents_Operation, vars{"ids": []string{"gid://shopify/Customer/1", "gid://shopify/Customer/2", "gid://shopify/Customer/3", "gid://shopify/Customer/4"}})
	assert.Empty(t, r.Errors)
	assert.JSONEq(t, `{"nodes": [
		{
			"__typename": "Customer", "id": "gid://shopify/Customer/1",
			"defaultEmailAddress": {"emailAddress": "ada@example.com", "marketingState": "SUBSCRIBED", "marketingOptInLevel": "CONFIRMED_OPT_IN", "marketingUpdatedAt": "2026-11-02T12:00:00Z"},
			"defaultPhoneNumber": {
				"phoneNumber": "+4315550100",
				"smsMarketingConsent": {"state": "UNSUBSCRIBED", "optInLevel": "SINGLE_OPT_IN", "updatedAt": "2026-11-02T13:00:00Z"},
				"whatsAppMarketingConsent": {"state": "PENDING", "optInLevel": null, "updatedAt": null}
			}
		},
		{
			"__typename": "Customer", "id": "gid://shopify/Customer/2", "defaultPhoneNumber": null,
			"defaultEmailAddress": {"emailAddress": "bo@example.com", "marketingState": "NOT_SUBSCRIBED", "marketingOptInLevel": null, "marketingUpdatedAt": null}
		},
		{"__typename": "Customer", "id": "gid://shopify/Customer/3", "defaultEmailAddress": null, "defaultPhoneNumber": null},
		null
	]}`, string(r.Data))

	many := make([]string, 251)
	for i := range many {
		many[i] = "gid://shopify/Customer/1"
	}
	assert.Equal(t, []string{"MAX_INPUT_SIZE_EXCEEDED"}, w.ask(gql.Consents_Operation, vars{"ids": many}).codes())
	assert.Empty(t, w.ask(gql.Consents_Operation, vars{"ids": many[:250]}).Errors)
}

type userErrors struct {
	UserErrors []struct {
		Code, Message string
		Field         []string
	}
}

func TestUnsubscribe(t *testing.T) {
	w := newWorld(t)
	w.PutCustomer(wool, Customer{ID: 1, Email: "ada@example.com", Mail: Consent{State: "subscribed"}}, Customer{ID: 2})
	unsubscribe := func(gid string) (out struct {
		Update userErrors `json:"customerEmailMarketingConsentUpdate"`
	},
	) {
		w.answers(gql.Unsubscribe_Operation, vars{"id": gid, "at": "2026-11-03T09:00:00Z"}, &out)
		return out
	}
	assert.Empty(t, unsubscribe("gid://shopify/Customer/1").Update.UserErrors)
	assert.Equal(t, Consent{State: "unsubscribed", At: time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)}, w.Consent(wool, 1))
	assert.Equal(t, "Customer must have an email address to update marketing consent", unsubscribe("gid://shopify/Customer/2").Update.UserErrors[0].Message)
	assert.Equal(t, "Customer not found", unsubscribe("gid://shopify/Customer/3").Update.UserErrors[0].Message)
	w.DropCustomer(wool, 1)
	assert.Equal(t, "INVALID", unsubscribe("gid://shopify/Customer/1").Update.UserErrors[0].Code)

	redacted := strings.Replace(gql.Unsubscribe_Operation, "UNSUBSCRIBED", "REDACTED", 1)
	w.PutCustomer(wool, Customer{ID: 1, Email: "ada@example.com"})
	assert.Contains(t, string(w.ask(redacted, vars{"id": "gid://shopify/Customer/1", "at": "2026-11-03T09:00:00Z"}).Data), "INCLUSION")
	assert.Empty(t, w.Consent(wool, 1))
}

// An order brings its customer along: who they are is new, what they said stays.
func TestOrdersBringCustomers(t *testing.T) {
	w := newWorld(t)
	w.PutCustomer(wool, Customer{ID: 7, Email: "old@example.com", Tags: []string{"vip"}, Mail: Consent{State: "subscribed"}})
	w.PutOrder(wool, NewOrder(1, noon).For(Customer{ID: 7, Email: "new@example.com"}, "AT"))
	got, ok := w.Person(wool, 7)
	assert.True(t, ok)
	assert.Equal(t, Customer{ID: 7, Email: "new@example.com", Tags: []string{"vip"}, Mail: Consent{State: "subscribed"}}, got)
	w.PutOrder(wool, NewOrder(2, noon).Guest("guest@example.com"))
	_, ok = w.Person(wool, 6_000_000_000_002)
	assert.False(t, ok)
	r := w.ask(`{ order(id: "gid://shopify/Order/1") { customer { defaultEmailAddress { emailAddress marketingState } } } }`, nil)
	assert.Contains(t, string(r.Data), `{"emailAddress":"new@example.com","marketingState":"SUBSCRIBED"}`)
}

func TestTags(t *testing.T) {
	w := newWorld(t)
	w.PutCustomer(wool, Customer{ID: 1, Tags: []string{"old"}})
	tag := func(document, gid string, tags ...string) string {
		return string(w.ask(document, vars{"id": gid, "tags": tags}).Data)
	}
	const ada = "gid://shopify/Customer/1"
	assert.JSONEq(t, `{"tagsAdd":{"userErrors":[]}}`, tag(gql.AddTags_Operation, ada, "vip", " a, b ", "VIP", "OLD"))
	assert.Equal(t, []string{"a", "b", "old", "vip"}, w.Tags(wool, 1), "one tag has one spelling")
	assert.JSONEq(t, `{"tagsRemove":{"userErrors":[]}}`, tag(gql.RemoveTags_Operation, ada, "A", "never"))
	assert.Equal(t, []string{"b", "old", "vip"}, w.Tags(wool, 1))
	assert.Contains(t, tag(gql.AddTags_Operation, "gid://shopify/Customer/9", "a"), "Customer does not exist")
	assert.Contains(t, tag(gql.AddTags_Operation, ada, "ok", strings.Repeat("x", 41)), "maximum length")
	assert.Equal(t, []string{"b", "old", "vip"}, w.Tags(wool, 1), "all or none")
	assert.Equal(t, []string{"RESOURCE_NOT_FOUND"}, w.ask(gql.AddTags_Operation, vars{"id": "gid://shopify/Shop/1", "tags": []string{"a"}}).codes())
}
