package shopifyfake

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The bodies, against the samples of the documentation.
func TestConsentBodies(t *testing.T) {
	w := newWorld(t)
	w.PutCustomer(wool, Customer{ID: 1, Email: "ada@example.com", Phone: "+4315550100"})
	tests := map[string]struct{ topic, body string }{
		"mail":     {"customers_email_marketing_consent/update", `{"customer_id":1,"email_address":"ada@example.com","email_marketing_consent":{"state":"subscribed","opt_in_level":"single_opt_in","consent_updated_at":"2026-11-02T12:00:00+00:00"}}`},
		"sms":      {"customers_marketing_consent/update", `{"id":1,"phone":"+4315550100","sms_marketing_consent":{"state":"subscribed","opt_in_level":"single_opt_in","consent_updated_at":"2026-11-02T12:00:00+00:00","consent_collected_from":"other"}}`},
		"whatsapp": {"customers_whats_app_marketing_consent/update", `{"customer_id":1,"phone_number":"+4315550100","whats_app_marketing_consent":{"state":"subscribed","opt_in_level":"single_opt_in","updated_at":"2026-11-02T12:00:00+00:00","collected_from":"other"}}`},
	}
	for channel, tt := range tests {
		topic, body := w.Agree(wool, 1, channel, Consent{"subscribed", "single_opt_in", noon})
		assert.Equal(t, tt.topic, topic)
		assert.JSONEq(t, tt.body, string(body))
	}
	got, _ := w.Person(wool, 1)
	assert.Equal(t, []string{"subscribed", "subscribed", "subscribed"}, []string{got.Mail.State, got.SMS.State, got.WhatsApp.State})
}

func TestBodiesOfTheInstallation(t *testing.T) {
	w := newWorld(t)
	w.Install(wool, ShopInfo{ID: 9, Plan: "frozen", Currency: "SAR", Country: "SA", Zone: "Asia/Riyadh", Locales: []string{"ar"}})
	w.Scopes(wool, "read_orders", "read_all_orders")
	assert.JSONEq(t, `{"id":1,"shop_id":"gid://shopify/Shop/9","previous":["read_orders"],"current":["read_orders","read_all_orders"],"updated_at":"2026-11-02T12:00:00.000Z"}`,
		string(w.ScopesUpdated(wool, noon, "read_orders")))
	assert.JSONEq(t, `{"id":9,"name":"Wool","email":"owner@wool.example","country_code":"SA","currency":"SAR","iana_timezone":"Asia/Riyadh","primary_locale":"ar","plan_name":"frozen","myshopify_domain":"wool.myshopify.com"}`,
		string(w.Uninstalled(wool)))
}
