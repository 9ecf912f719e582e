package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// atShop is Ada's browser at the shop's storefront, where Shopify knows her as 6001.
type atShop struct{ *member }

func (m *member) atShop() *atShop {
	m.t.Helper()
	storetest.Do(m.t, m.store, func(tx *store.Tx) error {
		return tx.AddIdentities(m.shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByShopify, Value: "6001"}: m.person})
	})
	return &atShop{m}
}

// comes asks for the program through the app proxy, as who is logged in.
func (a *atShop) comes(method, customer, accept string, change ...func(url.Values)) *httptest.ResponseRecorder {
	a.t.Helper()
	q := fake.ProxyQuery(domain, "/apps/flywheel", customer, a.clock.Now(), url.Values{"once": {store.NewID()}})
	for _, c := range change {
		c(q)
	}
	r := httptest.NewRequest(method, "/proxy/shopify/loyalty?"+q.Encode(), nil)
	r.Header.Set("Accept", accept)
	return a.do(r)
}

type shopAnswer struct {
	Ready           bool
	Title, Join     string
	Lines, Earns    []string
	Rewards, Offers []struct{ Text, Note, Code string }
	Link, More, Dir string
	Way             *struct {
		Reached, Goal int64
		Text          string
	}
	Friends *struct{ Title, Hint, Link string }
	History *struct {
		Title string
		Lines []struct{ Text, Note string }
	}
}

func (a *atShop) told(method, customer string, change ...func(url.Values)) (out shopAnswer) {
	a.t.Helper()
	got := a.comes(method, customer, "application/json", change...)
	require.Equal(a.t, http.StatusOK, got.Code, got.Body)
	require.Regexp(a.t, `^application/json`, got.Header().Get("Content-Type"), "Shopify would run application/liquid as a template")
	require.Equal(a.t, "no-store", got.Header().Get("Cache-Control"))
	require.Empty(a.t, got.Header().Values("Set-Cookie"), "Shopify strips them")
	require.NoError(a.t, json.Unmarshal(got.Body.Bytes(), &out))
	return out
}

// Whom Shopify has logged in sees what they have; anybody else, what members get.
func TestTheStorefrontTellsWhoIsLoggedIn(t *testing.T) {
	a := openClub(t, "sqlite").joins(350).atShop()
	_, err := a.member.desk().Redeem(t.Context(), a.whole, a.person, "five", 1, "r")
	require.NoError(t, err)
	execute(t, a.db, `UPDATE rewards SET state = 'made', code = 'SPRING'`)
	hers := a.told(http.MethodGet, "6001")
	require.True(t, hers.Ready)
	require.Contains(t, hers.Lines, "You have 250 points to spend.")
	require.Len(t, hers.Rewards, 1)
	require.Equal(t, "SPRING", hers.Rewards[0].Code)
	require.Len(t, hers.Offers, 3)
	require.Equal(t, "https://flywheel.example"+a.in(), hers.Link)
	require.Empty(t, hers.Join)
	require.Nil(t, hers.Friends, "she has not asked for a link yet")
	require.Len(t, hers.History.Lines, 3)
	require.Contains(t, hers.History.Lines[0].Text, "Spent: ")
	require.Contains(t, hers.History.Lines[0].Note, "100")

	anybody := a.told(http.MethodGet, "")
	require.Equal(t, []string{"Sign in to your account at the shop to see your points."}, anybody.Lines)
	require.Empty(t, anybody.Rewards)
	require.Len(t, anybody.Offers, 3)
	require.NotEmpty(t, anybody.Earns)
	stranger := a.told(http.MethodGet, "7007")
	require.Equal(t, []string{"You become a member with your first order."}, stranger.Lines)
	require.Empty(t, stranger.Join)
	require.Equal(t, "rtl", a.told(http.MethodGet, "", func(q url.Values) { q.Set("locale", "ar"); q.Set("signature", shopifyfake.SignProxy("new", q)) }).Dir)

	page := a.comes(http.MethodGet, "6001", "text/html")
	require.Regexp(t, `^text/html`, page.Header().Get("Content-Type"))
	text := unquoted(read(t, page))
	require.Contains(t, text, "You have 250 points to spend")
	require.Contains(t, text, "SPRING")
	require.NotContains(t, text, "<script")
	require.NotContains(t, text, "Ada")
}

// Who is logged in joins by a button; nobody else can, and no address says who they are.
func TestTheStorefrontLetsThemJoin(t *testing.T) {
	a := openClub(t, "sqlite").atShop()
	require.Equal(t, "Join", a.told(http.MethodGet, "6001").Join)
	require.Contains(t, a.told(http.MethodPost, "").Lines, "This can not be had, or not again. Nothing was changed.")
	require.Contains(t, a.told(http.MethodPost, "7007").Lines, "This can not be had, or not again. Nothing was changed.")
	require.Zero(t, a.points())
	forged := a.comes(http.MethodPost, "", "application/json", func(q url.Values) { q.Set("logged_in_customer_id", "6001") })
	require.Equal(t, http.StatusUnauthorized, forged.Code)
	r := httptest.NewRequest(http.MethodPost, "/proxy/shopify/loyalty?"+fake.ProxyQuery(domain, "/apps/flywheel", "6001", a.clock.Now(), nil).Encode(), nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusForbidden, a.do(r).Code)
	require.Zero(t, a.points())
	require.Contains(t, a.told(http.MethodPost, "6001").Lines, "Welcome. You are a member now.")
	require.EqualValues(t, 50, a.points())
	require.NoError(t, a.member.desk().Block(t.Context(), a.whole, a.person, "a reason", "owner"))
	blocked := a.told(http.MethodPost, "6001")
	require.Contains(t, blocked.Lines, "Your membership was closed by the shop. If you think that is a mistake, write to it.")
	require.Empty(t, blocked.Rewards)
}

// What somebody has is answered once for a signed address; what is everybody's, to all who ask in one second.
func TestTheStorefrontsAddressesAreUsedOnce(t *testing.T) {
	a := openClub(t, "sqlite").joins(100).atShop()
	ask := func(customer string) int {
		return a.do(httptest.NewRequest(http.MethodGet, "/proxy/shopify/loyalty?"+fake.ProxyQuery(domain, "/apps/flywheel", customer, a.clock.Now(), nil).Encode(), nil)).Code
	}
	require.Equal(t, []int{http.StatusOK, http.StatusOK}, []int{ask(""), ask("")})
	require.Equal(t, []int{http.StatusOK, http.StatusUnauthorized}, []int{ask("6001"), ask("6001")})
	require.NoError(t, a.store.SetProgramState(t.Context(), a.shop, store.ProgramPaused, 2))
	require.True(t, a.told(http.MethodGet, "6001").Ready, "what was given lives on")
	stranger := a.told(http.MethodGet, "", func(q url.Values) {
		q.Set("shop", "stranger.myshopify.com")
		q.Set("signature", shopifyfake.SignProxy("new", q))
	})
	require.Equal(t, shopAnswer{}, stranger, "nobody learns whether a shop is one of ours")
	execute(t, a.db, `UPDATE loyalty SET live_at = 0`)
	require.Equal(t, shopAnswer{}, a.told(http.MethodGet, "6001"))
}
