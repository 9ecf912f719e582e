package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sebdah/goldie/v2"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/api"
	"flywheel/store"
	"flywheel/store/storetest"
)

// token makes a builder's token of shop.
func (w *world) token(shop commerce.ShopID) string { return w.tokenOf(shop, store.Builder) }

func (w *world) tokenOf(shop commerce.ShopID, role store.Role) string {
	w.t.Helper()
	token, hash := api.NewToken()
	_, err := w.store.AddToken(w.t.Context(), shop, "test", role, hash)
	require.NoError(w.t, err)
	return token
}

// call is a request with a token and a JSON body; header has pairs of name and value.
func (w *world) call(method, path, token, body string, header ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return w.do(r)
}

// problem is an answer of RFC 9457.
type problem struct {
	Title  string
	Status int
	Detail string
	Errors []struct{ Message, Location string }
}

// wantProblem holds that an answer refuses with a status and a sentence.
func wantProblem(t *testing.T, rec *httptest.ResponseRecorder, status int, says string) problem {
	t.Helper()
	text := read(t, rec)
	require.Equal(t, status, rec.Code, text)
	require.Equal(t, "application/problem+json", rec.Header().Get("Content-Type"))
	var p problem
	require.NoError(t, json.Unmarshal([]byte(text), &p), text)
	require.Equal(t, status, p.Status)
	require.Equal(t, http.StatusText(status), p.Title)
	require.Contains(t, p.Detail, says)
	require.NotContains(t, text, "$schema")
	return p
}

const event = `{"name":"loyalty.joined","id":"e1","email":"Ada@Example.com","properties":{"level":"gold","points":12,"vip":true}}`

func TestTokenIsTheLogin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		good := w.token(w.shopify.ShopID)
		revoked := w.token(w.shopify.ShopID)
		tokens, err := s.ListTokens(t.Context(), w.shopify.ShopID)
		require.NoError(t, err)
		require.NoError(t, s.RevokeToken(t.Context(), w.shopify.ShopID, tokens[0].ID))
		made, _ := api.NewToken()
		for name, tt := range map[string]struct {
			header string
			says   string
		}{
			"none":                 {"", "is missing"},
			"another scheme":       {"Basic " + good, "is missing"},
			"another's form":       {"Bearer sk_live_1", "begin with fw_"},
			"too short":            {"Bearer " + good[:34], "begin with fw_"},
			"in capitals":          {"Bearer " + strings.ToUpper(good), "begin with fw_"},
			"well formed, unknown": {"Bearer " + made, "not valid"},
			"revoked":              {"Bearer " + revoked, "not valid"},
		} {
			rec := w.call(http.MethodPost, "/api/v1/events", "", event, "Authorization", tt.header)
			wantProblem(t, rec, http.StatusUnauthorized, tt.says)
			require.Equal(t, `Bearer realm="flywheel"`, rec.Header().Get("WWW-Authenticate"), name)
		}
		require.Empty(t, w.inbox(w.shopify.ShopID))

		viewer := w.tokenOf(w.shopify.ShopID, store.Viewer)
		for _, path := range []string{"/api/v1/events", "/api/v1/touches"} {
			wantProblem(t, w.call(http.MethodPost, path, viewer, event), http.StatusForbidden, "needs builder")
		}
		wantProblem(t, w.call(http.MethodPut, "/api/v1/products", viewer, `{}`), http.StatusForbidden, "needs builder")
		require.Empty(t, w.inbox(w.shopify.ShopID))

		require.Equal(t, http.StatusAccepted, w.call(http.MethodPost, "/api/v1/events", good, event).Code)
		require.Equal(t, http.StatusAccepted, w.call(http.MethodPost, "/api/v1/events", w.tokenOf(w.shopify.ShopID, store.Owner), event).Code)
		tokens, err = s.ListTokens(t.Context(), w.shopify.ShopID)
		require.NoError(t, err)
		require.NotZero(t, tokens[0].LastUsed)
		for _, secret := range []string{good, revoked, viewer, "ada@example.com", "Ada@Example.com"} {
			require.NotContains(t, w.log.String(), secret)
		}
	})
}

// The token names the shop; nothing a caller says leads to another one.
func TestTokenReachesItsOwnShopOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		mine, theirs := w.shopify.ShopID, w.stripe.ShopID
		token := w.token(mine)
		require.Equal(t, http.StatusAccepted, w.call(http.MethodPost, "/api/v1/events", w.token(theirs), event).Code)

		wantProblem(t, w.call(http.MethodPost, "/api/v1/events?shop="+string(theirs), token, event), 400, "the token names the shop")
		wantProblem(t, w.call(http.MethodPost, "/api/v1/"+string(theirs)+"/events", token, event), 404, "nothing at this address")
		for _, field := range []string{"shop", "shop_id", "ShopID"} {
			body := fmt.Sprintf(`{"name":"x","id":"e2","email":"ada@example.com",%q:%q}`, field, theirs)
			wantProblem(t, w.call(http.MethodPost, "/api/v1/events", token, body), 400, field+" is no field")
		}
		rec := w.call(http.MethodPost, "/api/v1/events", token, event, "X-Shop-Id", string(theirs))
		require.Equal(t, http.StatusAccepted, rec.Code)
		require.JSONEq(t, `{"events":[{"name":"loyalty.joined","id":"e1","known":false}]}`, read(t, rec), "the same id in another shop is another event")
		require.Len(t, w.inbox(mine), 1)
		require.Len(t, w.inbox(theirs), 1)

		tell := `{"email":"ada@example.com","source":"klaviyo","external_id":"m1"}`
		require.JSONEq(t, `{"fresh":1,"known":0}`, read(t, w.call(http.MethodPost, "/api/v1/touches", token, tell)))
		require.Equal(t, 1, w.uses(mine, "ada@example.com"))
		require.Equal(t, 0, w.uses(theirs, "ada@example.com"))
	})
}

func TestShopThatLeftIsNotToldAnything(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		token := w.token(w.shopify.ShopID)
		require.NoError(t, s.SetShopState(t.Context(), w.shopify.ShopID, commerce.ShopPaused))
		require.Equal(t, http.StatusAccepted, w.call(http.MethodPost, "/api/v1/events", token, event).Code, "a pause forgets nothing")
		require.NoError(t, s.SetShopState(t.Context(), w.shopify.ShopID, commerce.ShopClosed))
		wantProblem(t, w.call(http.MethodPost, "/api/v1/events", token, event), http.StatusForbidden, "no platform any more")
	})
}

func TestAPIBodies(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	token := w.token(w.shopify.ShopID)
	post := func(body string, header ...string) *httptest.ResponseRecorder {
		return w.call(http.MethodPost, "/api/v1/events", token, body, header...)
	}
	wantProblem(t, post(strings.Repeat(" ", 256<<10+1)), http.StatusRequestEntityTooLarge, "256 KB")
	wantProblem(t, post(strings.Repeat(" ", 1<<20)), http.StatusRequestEntityTooLarge, "256 KB")
	chunked := httptest.NewRequest(http.MethodPost, "/api/v1/events", strings.NewReader(strings.Repeat(" ", 1<<20)))
	chunked.ContentLength = -1
	chunked.Header.Set("Authorization", "Bearer "+token)
	chunked.Header.Set("Content-Type", "application/json")
	wantProblem(t, w.do(chunked), http.StatusRequestEntityTooLarge, "256 KB")
	for _, kind := range []string{"application/x-www-form-urlencoded", "text/plain", "", "application/json; charset", "a/b/c"} {
		wantProblem(t, post(event, "Content-Type", kind), http.StatusUnsupportedMediaType, "must be application/json")
	}
	wantProblem(t, post(event, "Content-Encoding", "gzip"), http.StatusUnsupportedMediaType, "not compressed")
	wantProblem(t, post(""), 400, "the body is empty")
	wantProblem(t, post(`{"name":`), 400, "not JSON")
	require.Equal(t, http.StatusAccepted, post(event, "Accept", "text/html").Code, "who wants anything else gets JSON")
}

func TestUnknownAddressesOfTheAPI(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	token := w.token(w.shopify.ShopID)
	wantProblem(t, w.call(http.MethodGet, "/api/v1/persons", token, ""), 404, "openapi.json lists")
	wantProblem(t, w.call(http.MethodGet, "/api/v2/events", token, ""), 404, "openapi.json lists")
	for path, takes := range map[string]string{"events": "POST", "touches": "POST", "products": "PUT"} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if method == takes {
				continue
			}
			rec := w.call(method, "/api/v1/"+path, token, "")
			require.Equal(t, takes, rec.Header().Get("Allow"), "%s %s", method, path)
			wantProblem(t, rec, 405, "this address takes "+takes)
		}
	}
	wantProblem(t, w.call(http.MethodGet, "/api/v1/events", "", ""), 401, "begin with fw_")
	require.Equal(t, 401, w.do(httptest.NewRequest(http.MethodGet, "/api/v1/docs", nil)).Code, "there is no page of documents")
}

func TestTokenThatAsksTooOftenWaits(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	token, other := w.token(w.shopify.ShopID), w.token(w.shopify.ShopID)
	for range 100 {
		wantProblem(t, w.call(http.MethodPost, "/api/v1/events", token, `{}`), 400, "")
	}
	refused := w.call(http.MethodPost, "/api/v1/events", token, `{}`)
	require.Equal(t, "1", refused.Header().Get("Retry-After"))
	wantProblem(t, refused, http.StatusTooManyRequests, "too often")
	wantProblem(t, w.call(http.MethodPost, "/api/v1/events", other, `{}`), 400, "") // each token has its own measure
	w.clock.Advance(time.Second)
	wantProblem(t, w.call(http.MethodPost, "/api/v1/events", token, `{}`), 400, "")
}

func TestAPIWithoutDatabaseIs503(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	token := w.token(w.shopify.ShopID)
	require.NoError(t, w.store.Close())
	rec := w.call(http.MethodPost, "/api/v1/events", token, event)
	require.Equal(t, "5", rec.Header().Get("Retry-After"))
	wantProblem(t, rec, http.StatusServiceUnavailable, "just now")
}

// The document is part of the contract: a change of it is seen here first (-update writes it).
func TestOpenAPIDocument(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	rec := w.do(httptest.NewRequest(http.MethodGet, "/api/v1/openapi.json", nil))
	require.Equal(t, 200, rec.Code, "it needs no token")
	require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
	text := read(t, rec)
	goldie.New(t, goldie.WithFixtureDir("testdata"), goldie.WithNameSuffix("")).Assert(t, "openapi.json", []byte(text))
	require.NotContains(t, text, "$schema")
	require.NotContains(t, text, "octet-stream")

	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ Responses map[string]any }
	}
	require.NoError(t, json.Unmarshal([]byte(text), &doc))
	require.Equal(t, "3.1.0", doc.OpenAPI)
	for path, operations := range doc.Paths {
		for method, op := range operations {
			for _, code := range []string{"400", "401", "403", "413", "415", "429", "503"} {
				require.Contains(t, op.Responses, code, "%s %s", method, path)
			}
		}
	}
}
