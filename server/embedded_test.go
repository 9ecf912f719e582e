package server_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/install"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// framed is a server whose app is opened in the admin of a make-believe Shopify.
type framed struct {
	t       *testing.T
	store   *store.Store
	shopify *shopifyfake.Fake
	handler http.Handler
}

const arabicDomain = "layla.myshopify.com"

func frame(t *testing.T, s *store.Store) *framed {
	t.Helper()
	f := &framed{t: t, store: s, shopify: shopifyfake.New("new")}
	api := httptest.NewServer(f.shopify.Handler())
	t.Cleanup(api.Close)
	log := slog.New(slog.DiscardHandler)
	client := shopify.New(shopify.Options{Key: "key", Secrets: []string{"new"}, URL: api.URL})
	e, err := server.New(server.Options{
		Policy: lawful(t),
		Store:  s, Queue: &hints{}, Log: log, Now: storetest.ClockOf(s).Now, BaseURL: "https://flywheel.example",
		ShopifyKey: "key", ShopifySecrets: []string{"new"}, Support: "help@flywheel.example",
		Install: &install.Desk{Store: s, Shopify: client, Log: log},
	})
	require.NoError(t, err)
	f.handler = e
	f.shopify.Install(arabicDomain, shopifyfake.ShopInfo{
		ID: 77, Name: "Layla & Co", Email: "owner@layla.example", ContactEmail: "hello@layla.example", Zone: "Asia/Riyadh", Currency: "SAR", Country: "SA",
		Locales: []string{"ar", "en"},
	})
	return f
}

func (f *framed) token() string { return f.shopify.IDToken(arabicDomain, 1, time.Now()) }

// opens loads a document as the admin does.
func (f *framed) opens(path string, more ...string) *httptest.ResponseRecorder {
	f.t.Helper()
	q := url.Values{"shop": {arabicDomain}, "embedded": {"1"}, "id_token": {f.token()}}
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return f.do(httptest.NewRequest(http.MethodGet, path+"?"+q.Encode(), nil))
}

// calls sends a request of a page that is up.
func (f *framed) calls(method, path string) *httptest.ResponseRecorder {
	f.t.Helper()
	return f.sends(method, path, nil)
}

// sends does so with a form.
func (f *framed) sends(method, path string, form url.Values) *httptest.ResponseRecorder {
	f.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+f.token())
	return f.do(r)
}

// acts sends a form that is taken, and returns the page that it leads to.
func (f *framed) acts(path string, pairs ...string) string {
	f.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	done := f.sends(http.MethodPost, path, form)
	require.Equal(f.t, http.StatusSeeOther, done.Code, done.Body.String())
	got := f.calls(http.MethodGet, done.Header().Get("Location"))
	require.Equal(f.t, http.StatusOK, got.Code, got.Body.String())
	require.Contains(f.t, got.Body.String(), "alert-success", "the page says that it is done: %s", done.Header().Get("Location"))
	return got.Body.String()
}

func (f *framed) do(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	f.handler.ServeHTTP(rec, r)
	require.Empty(f.t, rec.Header().Values("Set-Cookie"), "the admin's frame keeps no cookies")
	require.Empty(f.t, rec.Header().Get("X-Frame-Options"), "it would break the frame")
	if strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
		require.Contains(f.t, rec.Header().Get("Content-Security-Policy"), "frame-ancestors", "on every HTML answer")
	}
	return rec
}

func (f *framed) shop() commerce.Shop {
	f.t.Helper()
	c, err := f.store.ConnectionByAccount(f.t.Context(), commerce.Shopify, arabicDomain, true)
	require.NoError(f.t, err)
	shop, err := f.store.Shop(f.t.Context(), c.ShopID)
	require.NoError(f.t, err)
	return shop
}

const ancestors = "frame-ancestors https://" + arabicDomain + " https://admin.shopify.com"

// The first opening installs: no form, no sign-up, no cookie, and the home with drafts.
func TestTheFirstOpeningIsTheHome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := frame(t, s)
		got := f.opens("/admin")
		require.Equal(t, http.StatusOK, got.Code, got.Body.String())
		require.True(t, strings.HasSuffix(got.Header().Get("Content-Security-Policy"), ancestors), got.Header().Get("Content-Security-Policy"))
		page := got.Body.String()
		require.Contains(t, page, `<html lang="ar" dir="rtl">`, "the shop's language")
		require.Contains(t, page, `<script src="https://cdn.shopify.com/shopifycloud/app-bridge.js"></script>`)
		require.Contains(t, page, `action="/admin/campaigns/thank_you/live?`)
		require.Contains(t, page, `action="/admin/campaigns/review_request/live?`)
		require.Contains(t, page, "Layla &amp; Co")
		require.NotContains(t, page, `type="text"`, "nothing is asked before")
		require.Contains(t, f.opens("/admin", "locale", "en").Body.String(), `<html lang="en" dir="ltr">`, "whoever works in English sees English")
		require.Equal(t, "hello@layla.example", f.shop().Email)
	})
}

// A document without a good ID token leads to the page that fetches one.
func TestADocumentWithoutIDTokenFetchesOne(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	stale := f.shopify.IDToken(arabicDomain, 1, time.Now().Add(-2*time.Minute))
	for name, token := range map[string]string{"missing": "", "stale": stale, "forged": stale + "x"} {
		got := f.opens("/admin", "id_token", token, "locale", "ar")
		require.Equal(t, http.StatusFound, got.Code, name)
		to, err := url.Parse(got.Header().Get("Location"))
		require.NoError(t, err)
		require.Equal(t, "/admin/token", to.Path)
		require.NotContains(t, to.RawQuery, "id_token", "a token is in no address that is kept")
		require.Equal(t, "https://flywheel.example/admin?embedded=1&locale=ar&shop="+arabicDomain, to.Query().Get("shopify-reload"))
		page := f.do(httptest.NewRequest(http.MethodGet, to.String(), nil))
		require.Equal(t, http.StatusOK, page.Code)
		require.Contains(t, page.Body.String(), "app-bridge.js")
		require.True(t, strings.HasSuffix(page.Header().Get("Content-Security-Policy"), ancestors))
	}
	for _, elsewhere := range []string{"https://attacker.example/admin", "https://flywheel.example.attacker.example/admin", "javascript:alert(1)", ""} {
		got := f.do(httptest.NewRequest(http.MethodGet, "/admin/token?shop="+arabicDomain+"&shopify-reload="+url.QueryEscape(elsewhere), nil))
		require.Equal(t, http.StatusBadRequest, got.Code, "%q would be an open redirect", elsewhere)
	}
}

// A call without a good ID token is told to come again with a fresh one.
func TestACallWithoutIDTokenIsTriedAgain(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	for _, header := range []string{"", "Bearer ", "Bearer x.y.z", "Bearer " + f.shopify.IDToken(arabicDomain, 1, time.Now().Add(-2*time.Minute))} {
		r := httptest.NewRequest(http.MethodPost, "/admin/pause?id_token="+f.token()+"&shop="+arabicDomain, nil)
		r.Header.Set("Authorization", header)
		got := f.do(r)
		require.Equal(t, http.StatusUnauthorized, got.Code)
		require.Equal(t, "1", got.Header().Get("X-Shopify-Retry-Invalid-Session-Request"))
		require.Contains(t, got.Body.String(), "error")
	}
}

// The shop is the token's; what else a request says about it counts nothing.
func TestTheShopIsTheTokens(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	other := storetest.Shop(t, f.store)
	storetest.Connection(t, f.store, other, func(c *commerce.Connection) { c.ExternalID = domain })
	got := f.opens("/admin", "shop", domain)
	require.Equal(t, http.StatusOK, got.Code)
	require.Contains(t, got.Body.String(), "Layla &amp; Co")
	require.True(t, strings.HasSuffix(got.Header().Get("Content-Security-Policy"), ancestors))
	require.Equal(t, http.StatusSeeOther, f.calls(http.MethodPost, "/admin/pause?shop="+domain).Code)
	shop, err := f.store.Shop(t.Context(), other)
	require.NoError(t, err)
	require.Equal(t, commerce.ShopActive, shop.State)
	require.Equal(t, commerce.ShopPaused, f.shop().State)
}

// Each button acts and leads to the page that says so and shows what has changed.
func TestButtonsOfTheHome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := frame(t, s)
		f.opens("/admin")
		state := func() campaign.State {
			all, err := s.ListCampaigns(t.Context(), f.shop().ID)
			require.NoError(t, err)
			for _, c := range all {
				if c.ID == "thank_you" {
					return c.State
				}
			}
			return ""
		}
		require.Equal(t, campaign.Draft, state(), "nobody gets anything before somebody pressed Go live")
		require.Contains(t, f.acts("/admin/campaigns/thank_you/live"), "/admin/campaigns/thank_you/pause")
		require.Equal(t, campaign.Live, state())
		require.Contains(t, f.acts("/admin/campaigns/thank_you/pause"), "/admin/campaigns/thank_you/resume")
		require.Equal(t, campaign.Paused, state())
		f.acts("/admin/campaigns/thank_you/resume")
		require.Equal(t, campaign.Live, state())
		require.Contains(t, f.acts("/admin/pause"), `action="/admin/resume?`)
		require.Equal(t, commerce.ShopPaused, f.shop().State)
		require.Contains(t, f.acts("/admin/resume"), `action="/admin/pause?`)
		require.Equal(t, commerce.ShopActive, f.shop().State)

		twice := f.calls(http.MethodPost, "/admin/campaigns/thank_you/live")
		require.Equal(t, http.StatusConflict, twice.Code)
		require.Contains(t, twice.Body.String(), templates.Say("ar", "refused_live_already", nil))
		require.Equal(t, http.StatusNotFound, f.calls(http.MethodPost, "/admin/campaigns/nothing/live").Code)
		now := f.calls(http.MethodGet, "/admin/now")
		require.Equal(t, http.StatusOK, now.Code)
		require.True(t, strings.HasPrefix(strings.TrimSpace(now.Body.String()), `<main id="main"`), "the part of a page that is up")
		require.Equal(t, http.StatusNotFound, f.calls(http.MethodGet, "/admin/exports/nothing").Code)
	})
}

// Every link within the app leads somewhere that may stand in the same frame.
func TestLinksOfTheAppStayInTheFrame(t *testing.T) {
	f := plan(t, storetest.Open(t, "sqlite"))
	page := f.opens("/admin/settings", "locale", "ar").Body.String() + f.opens("/admin/plan").Body.String()
	links := regexp.MustCompile(`href="(/admin/settings\?[^"]*|/admin/plan[^"]*)"`).FindAllStringSubmatch(page, -1)
	require.GreaterOrEqual(t, len(links), 2, "to the plan and back")
	for _, m := range links {
		got := f.do(httptest.NewRequest(http.MethodGet, strings.ReplaceAll(m[1], "&amp;", "&"), nil))
		require.Equal(t, http.StatusFound, got.Code, "a link carries no ID token: %s", m[1])
		require.True(t, strings.HasSuffix(got.Header().Get("Content-Security-Policy"), ancestors), m[1])
		token := f.do(httptest.NewRequest(http.MethodGet, got.Header().Get("Location"), nil))
		require.Equal(t, http.StatusOK, token.Code)
		require.True(t, strings.HasSuffix(token.Header().Get("Content-Security-Policy"), ancestors), "or the frame stays blank")
	}
}

// Who works in Arabic hears in Arabic what went wrong.
func TestErrorsSpeakTheReadersLanguage(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	f.opens("/admin")
	f.calls(http.MethodPost, "/admin/campaigns/thank_you/live")
	for locale, want := range map[string]string{"": "هي تعمل بالفعل", "?locale=fa": "همین حالا فعال است", "?locale=en": "live already"} {
		got := f.calls(http.MethodPost, "/admin/campaigns/thank_you/live"+locale)
		require.Equal(t, http.StatusConflict, got.Code)
		require.Contains(t, got.Body.String(), want)
		require.Contains(t, got.Body.String(), "thank_you", "which campaign")
	}
}

// A merchant who allows more than 60 days of orders has all of them read.
func TestAllOrdersAreReadOnceTheyAreAllowed(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	f.opens("/admin")
	conn, err := f.store.ConnectionByAccount(t.Context(), commerce.Shopify, arabicDomain, true)
	require.NoError(t, err)
	require.NoError(t, f.store.AskBackfill(t.Context(), conn.ShopID, conn))
	_, ok, err := f.store.LeaseBackfill(t.Context(), conn.ShopID, conn.ID, "worker")
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, f.store.SaveBackfill(t.Context(), conn.ShopID, "worker", store.Backfill{Connection: conn.ID, Epoch: conn.Epoch, State: store.BackfillDone}))
	require.Contains(t, f.calls(http.MethodGet, "/admin/now").Body.String(), `data-scope="read_all_orders"`)

	f.calls(http.MethodPost, "/admin/scopes")
	b, err := f.store.Backfill(t.Context(), conn.ShopID, conn.ID)
	require.NoError(t, err)
	require.Equal(t, store.BackfillDone, b.State, "nothing was granted")
	f.shopify.Allow(arabicDomain, "read_all_orders")
	page := f.acts("/admin/scopes")
	require.NotContains(t, page, "data-scope")
	b, err = f.store.Backfill(t.Context(), conn.ShopID, conn.ID)
	require.NoError(t, err)
	require.Equal(t, store.BackfillAsked, b.State)
}

// Errors are framed by the same shop as pages, and by nobody where none is known.
func TestErrorsOfTheAdminAreFramedToo(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	missing := f.do(httptest.NewRequest(http.MethodGet, "/admin/nothing?shop="+arabicDomain+"&locale=ar", nil))
	require.Equal(t, http.StatusNotFound, missing.Code)
	require.Contains(t, missing.Body.String(), `dir="rtl"`)
	require.True(t, strings.HasSuffix(missing.Header().Get("Content-Security-Policy"), ancestors))
	for _, shop := range []string{"", "attacker.example", "attacker.example/x.myshopify.com", "x.myshopify.com https://attacker.example"} {
		got := f.do(httptest.NewRequest(http.MethodGet, "/admin/nothing?shop="+url.QueryEscape(shop), nil))
		require.True(t, strings.HasSuffix(got.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'"), "%q", shop)
	}
	f.shopify.Uninstall(arabicDomain)
	gone := f.opens("/admin")
	require.NotEqual(t, http.StatusOK, gone.Code)
	require.True(t, strings.HasSuffix(gone.Header().Get("Content-Security-Policy"), ancestors))
	require.Contains(t, gone.Body.String(), `dir="`)
}

// What the listing links to stands by itself, in the visitor's language.
func TestLegalPages(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	for _, path := range []string{"/privacy", "/terms", "/support"} {
		for lang, dir := range map[string]string{"en": "ltr", "ar-SA": "rtl", "fa": "rtl", "de": "ltr"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("Accept-Language", lang+",en;q=0.5")
			got := f.do(r)
			require.Equal(t, http.StatusOK, got.Code, path)
			require.Contains(t, got.Body.String(), `dir="`+dir+`"`, "%s in %s", path, lang)
			require.Contains(t, got.Body.String(), "<h1>")
			require.Contains(t, got.Body.String(), "help@flywheel.example")
			require.Contains(t, got.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'")
			require.NotContains(t, got.Body.String(), "app-bridge", "it is no page of the admin")
			named := f.do(httptest.NewRequest(http.MethodGet, path+"?shop=attacker.myshopify.com", nil))
			require.True(t, strings.HasSuffix(named.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'"), "whoever the query names")
		}
	}
}
