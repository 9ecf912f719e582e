package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

var (
	shownSecret = regexp.MustCompile(`id="secret" readonly dir="ltr" value="([^"]+)"`)
	tokenPath   = regexp.MustCompile(`/admin/settings/integrations/tokens/([^/"]+)/revoke`)
)

// Secrets are shown once, by whoever makes them, and never again.
func TestConnectionsShowSecretsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := settled(t, s)
		const path = "/admin/settings/integrations"
		wrong := f.posts(path+"/hooks?locale=en", url.Values{"name": {"erp"}, "url": {"http://127.0.0.1/x"}})
		require.Equal(t, http.StatusUnprocessableEntity, wrong.Code)
		require.Contains(t, wrong.Body.String(), `value="http://127.0.0.1/x" aria-invalid="true"`)

		var secrets []string
		shown := func(address string, form url.Values) {
			t.Helper()
			got := f.posts(path+address, form)
			require.Equal(t, http.StatusOK, got.Code, got.Body.String())
			secrets = append(secrets, shownSecret.FindStringSubmatch(got.Body.String())[1])
			require.Equal(t, "no-store", got.Header().Get("Cache-Control"))
		}
		shown("/hooks", url.Values{"name": {"erp"}, "url": {"https://erp.shop.example/in"}})
		require.Equal(t, http.StatusUnprocessableEntity, f.posts(path+"/hooks", url.Values{"name": {"erp"}, "url": {"https://erp.example/2"}}).Code, "the name is taken")
		shown("/hooks/erp/rotate", nil)
		shown("/tokens", url.Values{"name": {"<i>sync"}, "role": {"builder"}})
		require.NotEqual(t, secrets[0], secrets[1])
		require.Equal(t, http.StatusUnprocessableEntity, f.posts(path+"/tokens", url.Values{"name": {" "}, "role": {"builder"}}).Code)
		require.Equal(t, http.StatusUnprocessableEntity, f.posts(path+"/tokens", url.Values{"name": {"x"}, "role": {"king"}}).Code)
		page := f.chosen("integrations")
		for _, secret := range secrets {
			require.NotContains(t, page, secret)
		}
		require.Contains(t, page, "&lt;i&gt;sync")
		require.Contains(t, page, "never used")
		id := tokenPath.FindStringSubmatch(page)[1]
		require.Contains(t, f.acts(path+"/tokens/"+id+"/revoke?locale=en"), "Ended")
		require.NotContains(t, f.acts(path+"/hooks/erp/drop?locale=en"), "erp.shop.example")
		require.Equal(t, http.StatusNotFound, f.posts(path+"/tokens/nothing/revoke", nil).Code)
	})
}

// The address of a webhook may hold a secret: who may not change it sees the host alone.
func TestWebhooksAddressesAreTheOwners(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		shop := h.shop("owner@example.com")
		_, err := manage.Desk{Store: h.store}.AddHook(t.Context(), shop, "erp", "https://erp.shop.example/in/s3cret")
		require.NoError(t, err)
		h.belongs(h.known("publisher@example.com"), shop, commerce.RolePublisher)
		for email, sees := range map[string]bool{"owner@example.com": true, "publisher@example.com": false} {
			page := read(t, h.browser().enter(email).get("/shops/"+string(shop)+"/settings/integrations"))
			require.Contains(t, page, "erp.shop.example")
			require.Equal(t, sees, strings.Contains(page, "s3cret"), email)
		}
	})
}

// The team's channel is set, tried and removed; its address is never shown.
func TestSlackInSettings(t *testing.T) {
	f := settled(t, storetest.Open(t, "sqlite"))
	const path = "/admin/settings/integrations/slack"
	wrong := f.posts(path+"?locale=en", url.Values{"address": {"http://hooks.slack.com/services/secret"}})
	require.Equal(t, http.StatusUnprocessableEntity, wrong.Code)
	require.NotContains(t, wrong.Body.String(), `value="http://hooks.slack.com`, "it is a secret")
	page := f.acts(path+"?locale=en", "address", "https://hooks.slack.com/services/T1/B1/secret")
	require.NotContains(t, page, "B1/secret")
	require.Contains(t, page, "Replace the address")
	require.Contains(t, f.acts(path+"/test?locale=en"), "A test is on its way")
	require.NotContains(t, f.acts(path+"/drop?locale=en"), "Replace the address")
	require.Equal(t, http.StatusNotFound, f.posts(path+"/drop", nil).Code)
}

// One customer's data is gathered or erased by their address.
func TestDataOfOneCustomer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := settled(t, s)
		const path = "/admin/settings/data/person"
		for _, email := range []string{"nobody@example.com", "not an address", "", `"><script>alert(1)</script>@x.com`} {
			got := f.posts(path+"?locale=en", url.Values{"email": {email}, "do": {"export"}})
			require.Equal(t, http.StatusUnprocessableEntity, got.Code, email)
			require.NotContains(t, got.Body.String(), "<script>alert")
		}
		ada := storetest.Person(t, s, f.shop().ID)
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddIdentities(f.shop().ID, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByEmail, Value: ada.Email}: ada.ID})
		})
		page := f.acts(path+"?locale=en", "email", strings.ToUpper(ada.Email), "do", "export")
		require.Contains(t, page, "/admin/exports/")
		require.Contains(t, f.opens("/admin", "locale", "en").Body.String(), "Hand it over", "the home says that it waits")
		erase := f.posts(path, url.Values{"email": {ada.Email}, "do": {"erase"}})
		require.Equal(t, http.StatusSeeOther, erase.Code)
		require.Contains(t, erase.Header().Get("Location"), "/admin/customers/"+string(ada.ID)+"/erase")
	})
}

// A colour that is being tried shows how it reads, before anything is saved.
func TestColoursAreToldAtOnce(t *testing.T) {
	f := settled(t, storetest.Open(t, "sqlite"))
	for colour, says := range map[string]string{"#1a7f5a": "good", "#ffd400": "weak", "#fffff0": "unseen", "nonsense": "good", `"/><script>`: "good"} {
		page := f.opens("/admin/settings/brand", "locale", "en", "brand.accent", colour).Body.String()
		require.Contains(t, page, templates.Say("en", "settings_look_"+says, nil), colour)
		require.Equal(t, says != "good" || colour == "#1a7f5a", strings.Contains(page, `fill="`+colour+`"`), colour)
		require.Empty(t, formOf(t, page, "/admin/settings/brand", "was").Get("brand.accent"), "only the picture tries it")
	}
}
