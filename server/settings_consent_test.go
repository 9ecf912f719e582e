package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// lawful is the consent table that goes out with the program.
func lawful(t *testing.T) gate.Policy {
	t.Helper()
	policy, err := gate.ParsePolicy(templates.ConsentPolicy())
	require.NoError(t, err)
	return policy
}

// What a choice does is seen before it is made: how many of the last customers
// would still be written to; and the rules that hold then are told with it.
func TestConsentIsChosenStricter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := settled(t, s)
		shop := f.shop().ID
		says := func(email string, double bool) {
			p := storetest.Person(t, s, shop, func(p *commerce.Person) { p.Email, p.Country = email, "US" })
			storetest.Order(t, s, shop, p.ID, func(o *store.StoredOrder) { o.Detail.Name, o.Detail.Country = "#"+email, "US" })
			storetest.Do(t, s, func(tx *store.Tx) error {
				return tx.AddConsents(shop, []commerce.ConsentChange{{Email: email, Channel: commerce.ByMail, Class: "marketing", State: commerce.Subscribed, At: s.Now(), Source: "checkout", Double: double}})
			})
		}
		says("yes@example.com", false)
		says("double@example.com", true)
		nobody := storetest.Person(t, s, shop, func(p *commerce.Person) { p.Email, p.Country = "silent@example.com", "" })
		storetest.Order(t, s, shop, nobody.ID, func(o *store.StoredOrder) { o.Detail.Name, o.Detail.Country = "#3", "" })

		page := f.chosen("consent")
		require.Contains(t, page, "Of the 3 customers of your last orders")
		require.Contains(t, page, "Of one of them nobody knows")
		for choice, count := range map[string]string{"a yes everywhere": "2", "a confirmed yes everywhere": "1"} {
			row := page[strings.Index(page, "News and offers: "+choice):]
			require.Contains(t, row[:strings.Index(row, "</tr>")], ">"+count+"<", choice)
		}
		require.Contains(t, f.takes("consent", "consent.marketing", "confirmed", "consent.service", "yes", "consent.known_only", "on"), templates.Say("en", "said_settings_saved", nil))
		require.Equal(t, commerce.Consent{Marketing: commerce.WishConfirmed, Service: commerce.WishYes, KnownOnly: true}, f.shop().Settings.Consent)
		require.Contains(t, f.opens("/admin/settings", "locale", "en").Body.String(), "confirmed by mail")

		for field, typed := range map[string]string{"consent.marketing": "never", "consent.service": "confirmed"} {
			got := f.saves("consent", f.form("consent"), field, typed)
			require.Equal(t, http.StatusUnprocessableEntity, got.Code, field)
		}
		require.Contains(t, f.takes("consent", "consent.marketing", "", "consent.service", "", "consent.known_only", ""), templates.Say("en", "said_settings_saved", nil))
		require.Zero(t, f.shop().Settings.Consent, "back to the law")
	})
}
