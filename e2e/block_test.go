package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// The theme's block shows who is logged in at the storefront what they have, in
// their language, and nothing that a shop or a customer wrote runs there.
func TestBlockAtTheStorefront(t *testing.T) {
	t.Parallel()
	inBoth(t, map[string]string{"en": "postgres", "ar": "sqlite"}, func(o *outside) {
		o.connected()
		o.club()
		customer := "8000000000001" // who buys, see buy
		runNode(o.t, "block.mjs", append(o.env(), "STORE="+o.storefront(customer))...)
	})
}

// club has a program live whose names try to be more than words.
func (o *outside) club() {
	o.t.Helper()
	c, err := o.App.Store.ConnectionByAccount(o.t.Context(), commerce.Shopify, o.shop.Domain, true)
	require.NoError(o.t, err)
	p, err := o.App.Store.SaveProgram(o.t.Context(), c.ShopID, loyalty.Program{
		Name:     map[string]string{o.lang: "<img src=x onerror=alert(1)>"},
		Rules:    []loyalty.Rule{{ID: "spend", Kind: loyalty.ForSpend, Points: 5, Per: 100}},
		Join:     loyalty.BySignUp,
		Tiers:    loyalty.Tiers{By: loyalty.BySpend, Months: 12, Levels: []loyalty.Tier{{ID: "gold", From: 1 << 40, Multiplier: 100}}},
		Rewards:  []loyalty.Reward{{ID: "ten", Kind: loyalty.PercentOff, Percent: 1000, Worth: 900, Cost: 10, Days: 30}},
		Budget:   -1,
		Referral: loyalty.Referral{On: true, Advocate: "ten"},
	}, 0, "test")
	require.NoError(o.t, err)
	require.NoError(o.t, o.App.Store.SetProgramState(o.t.Context(), c.ShopID, store.ProgramLive, p.Rev))
}

// storefront is the address of a shop's page with the block on it, which sees its
// visitor logged in as a customer and passes what is below /apps/flywheel on to the
// app as Shopify does: signed, and without cookies.
func (o *outside) storefront(customer string) string {
	o.t.Helper()
	block, err := os.ReadFile("../extensions/flywheel-block/blocks/loyalty.liquid")
	require.NoError(o.t, err)
	html := regexp.MustCompile(`(?s)<div\s.*</div>`).FindString(string(block))
	for _, fill := range []struct{ from, to string }{
		{`{{ address }}`, "/apps/flywheel/loyalty"},
		{`{{ request.locale.iso_code }}`, o.lang},
		{`{{ block.settings.offers }}`, "true"},
		{`\{\{ 'loyalty.link' \| t \}\}`, "My points"},
		{`\{%[^}]*%\}.*\{%[^}]*%\}`, ""},
		{`\{\{[^}]*\}\}`, ""},
	} {
		html = regexp.MustCompile(fill.from).ReplaceAllString(html, fill.to)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!DOCTYPE html><html lang="en"><title>Shop</title><main>` + html + `</main><script src="/loyalty.js" defer></script></html>`))
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /loyalty.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, "../extensions/flywheel-block/assets/loyalty.js")
	})
	app, err := url.Parse(o.URL)
	require.NoError(o.t, err)
	mux.Handle("/apps/flywheel/loyalty", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(app)
		r.Out.URL.Path = "/proxy/shopify/loyalty"
		r.Out.URL.RawQuery = o.Shopify.ProxyQuery(o.shop.Domain, "/apps/flywheel", customer, o.Clock.Now(), r.In.URL.Query()).Encode()
		r.Out.Header.Del("Cookie")
	}})
	mux.HandleFunc("POST /cart/update.js", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusOK) })
	server := httptest.NewServer(mux)
	o.t.Cleanup(server.Close)
	return server.URL
}
