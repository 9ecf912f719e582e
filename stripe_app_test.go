package main

import (
	"bytes"
	"encoding/json"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/stripe"
	"flywheel/server"
	"flywheel/store/storetest"
)

// stripeManifest is stripe-app.json, with the keys of the manifest's schema
// (stripe/stripe-apps, schema/stripe-app.schema.json) that we have a use for.
type stripeManifest struct {
	Schema    string   `json:"$schema"`
	ID        string   `json:"id"`
	Version   string   `json:"version"`
	Name      string   `json:"name"`
	Icon      string   `json:"icon"`
	Kind      string   `json:"distribution_type"`
	Access    string   `json:"stripe_api_access_type"`
	Sandbox   bool     `json:"sandbox_install_compatible"`
	Redirects []string `json:"allowed_redirect_uris"`
	After     struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	} `json:"post_install_action"`
	Permissions []struct {
		Permission string `json:"permission"`
		Purpose    string `json:"purpose"`
	} `json:"permissions"`
	UI struct {
		Views []any `json:"views"`
	} `json:"ui_extension"`
}

func readManifest(t *testing.T) (m stripeManifest) {
	t.Helper()
	data, err := os.ReadFile("stripe-app.json")
	require.NoError(t, err)
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields() // the schema allows no others
	require.NoError(t, d.Decode(&m))
	return m
}

func TestStripeAppIsWellFormed(t *testing.T) {
	m := readManifest(t)
	require.Regexp(t, `^[a-zA-Z0-9_\-.]+$`, m.ID)
	require.Regexp(t, `^\d+\.\d+\.\d+$`, m.Version)
	require.Equal(t, "Flywheel", m.Name)
	require.Equal(t, []string{"public", "platform"}, []string{m.Kind, m.Access}, "our own key acts, and nothing of the merchant's is kept")
	require.True(t, m.Sandbox)
	require.Empty(t, m.UI.Views)

	require.Regexp(t, regexp.MustCompile(`^\./[a-zA-Z0-9_/\-]+\.png$`), m.Icon)
	icon, err := os.Open(m.Icon)
	require.NoError(t, err)
	defer icon.Close()
	image, err := png.DecodeConfig(icon)
	require.NoError(t, err)
	require.Equal(t, []int{300, 300}, []int{image.Width, image.Height})
}

// Both addresses lead to routes of ours, on the host that Shopify's file names.
func TestStripeAppLeadsToUs(t *testing.T) {
	m := readManifest(t)
	home, err := url.Parse(parseApp(t, appText(t)).ApplicationURL)
	require.NoError(t, err)
	require.Equal(t, "external", m.After.Type)
	require.Len(t, m.Redirects, 1)
	h, err := server.New(server.Options{Store: storetest.Open(t, "sqlite"), BaseURL: "https://" + home.Host})
	require.NoError(t, err)
	for _, address := range []string{m.Redirects[0], m.After.URL} {
		u, err := url.Parse(address)
		require.NoError(t, err)
		require.Equal(t, []string{"https", home.Host}, []string{u.Scheme, u.Host})
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, u.Path, nil))
		require.Contains(t, rec.Body.String(), "no Stripe app is set up here", u.Path)
	}
}

// eventPermission is what Stripe asks for an event
// (https://docs.stripe.com/stripe-apps/reference/permissions, event permissions).
func eventPermission(topic string) string {
	for prefix, permission := range map[string]string{
		"checkout.session.": "checkout_session_read", "payment_intent.": "payment_intent_read", "refund.": "charge_read",
		"invoice.": "invoice_read", "account.application.": "event_read",
	} {
		if strings.HasPrefix(topic, prefix) {
			return permission
		}
	}
	switch {
	case strings.HasPrefix(topic, "charge.dispute."):
		return "dispute_read"
	case strings.HasPrefix(topic, "charge."):
		return "charge_read"
	case strings.HasPrefix(topic, "customer.subscription."):
		return "subscription_read"
	case strings.HasPrefix(topic, "customer."):
		return "customer_read"
	}
	return ""
}

// callPermissions are what our calls in a merchant's name need, by what is read or
// made: the same page, object permissions. Endpoints are made in our own name. The
// client's tests ask a Stripe that grants no more, and show that each is needed.
var callPermissions = []string{
	"connected_account_read",             // the account
	"event_read",                         // the catch-up
	"charge_read", "payment_intent_read", // orders read again, with their refunds; past ones
	"customer_read", "invoice_read", // expanded in those
	"dispute_read",                         // of a charge that is read again
	"coupon_write", "promotion_code_write", // rewards
}

// Merchants are asked for what is needed, each with its reason, and for nothing else.
func TestStripeAppAsksForWhatItNeeds(t *testing.T) {
	need := slices.Clone(callPermissions)
	for _, topic := range stripe.EndpointEvents(true) {
		permission := eventPermission(topic)
		require.NotEmpty(t, permission, "%s: look its permission up", topic)
		need = append(need, permission)
	}
	slices.Sort(need)
	var asked []string
	for _, p := range readManifest(t).Permissions {
		asked = append(asked, p.Permission)
		require.Greater(t, len(p.Purpose), 40, p.Permission)
	}
	slices.Sort(asked)
	require.Equal(t, slices.Compact(need), asked)
}
