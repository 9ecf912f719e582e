package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/links"
	"flywheel/store"
	"flywheel/store/storetest"
)

// mailed is a mail that went out, with the link in its footer.
type mailed struct {
	*world
	shop   commerce.ShopID
	hash   string
	path   string
	effect store.EffectID
}

func mail(t *testing.T, s *store.Store, class gate.Class, topic string, change ...func(*commerce.Person)) *mailed {
	t.Helper()
	w := serve(t, s)
	shop := w.shopify.ShopID
	p := storetest.Person(t, s, shop, change...)
	o := storetest.Order(t, s, shop, p.ID, func(o *store.StoredOrder) { o.Detail.Country = p.Country })
	e := storetest.Enroll(t, s, shop, o)
	hash, err := s.AddressHash(t.Context(), shop, p.Email)
	require.NoError(t, err)
	token, tokenHash := links.NewToken()
	var effect store.EffectID
	storetest.Do(t, s, func(tx *store.Tx) error {
		f := storetest.Effect(e, w.shopify, hash, func(f *store.Effect) { f.Class, f.Topic = class, topic })
		claimed, err := tx.ClaimEffects(shop, []store.Effect{f})
		if err != nil {
			return err
		}
		effect = claimed[e.ID].ID
		return tx.AddLinks(shop, []store.Link{{
			Hash: tokenHash, Shop: shop, Purpose: string(links.Unsubscribe), Effect: effect, Person: p.ID, Expires: s.Now().Add(400 * 24 * time.Hour),
		}})
	})
	return &mailed{world: w, shop: shop, hash: hash, path: "/u/" + token, effect: effect}
}

func (m *mailed) get(method string) *httptest.ResponseRecorder {
	return m.do(httptest.NewRequest(method, m.path, nil))
}

func (m *mailed) post(form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, m.path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return m.do(r)
}

func (m *mailed) stops() []gate.Scope {
	m.t.Helper()
	found, err := m.store.Suppressions(m.t.Context(), m.shop, m.hash)
	require.NoError(m.t, err)
	var scopes []gate.Scope
	for _, s := range found {
		scopes = append(scopes, s.Scope)
	}
	return scopes
}

var oneClick = url.Values{"List-Unsubscribe": {"One-Click"}} // RFC 8058, 3.1

func TestOneClickStopsTheTopicOrAllButOrders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for class, want := range map[gate.Class]gate.Scope{
			gate.Service: gate.TopicScope("reviews"), gate.Marketing: gate.TopicScope("reviews"), gate.Transactional: gate.ScopeNonTransactional,
		} {
			s := storetest.Open(t, map[bool]string{true: "sqlite", false: "postgres"}[s.Embedded()])
			m := mail(t, s, class, "reviews")
			require.Equal(t, http.StatusOK, m.post(oneClick).Code)
			require.Equal(t, []gate.Scope{want}, m.stops(), class)
			require.Equal(t, http.StatusOK, m.post(oneClick).Code, "twice is once")
			require.Equal(t, []gate.Scope{want}, m.stops(), class)
		}
	})
}

// Scanners and previews follow links: looking changes nothing.
func TestLookingChangesNothing(t *testing.T) {
	m := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews")
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
		rec := m.get(method)
		require.Contains(t, []int{http.StatusOK, http.StatusMethodNotAllowed}, rec.Code)
	}
	require.Empty(t, m.stops())
	page := read(t, m.get(http.MethodGet))
	require.Contains(t, page, "Stop review requests")
	require.Contains(t, page, "a•••@example.com")
	require.NotContains(t, page, "ada", "the mail may have been forwarded")
	require.NotContains(t, page, "<script")
}

func TestStopAndUndo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := mail(t, s, gate.Service, "reviews")
		require.Contains(t, read(t, m.post(url.Values{"do": {"stop_topic"}})), "You will get no more review requests")
		require.Contains(t, read(t, m.post(url.Values{"do": {"stop_all"}})), "From now on")
		require.Len(t, m.stops(), 2)
		require.Contains(t, read(t, m.get(http.MethodGet)), "You only get mails about your own orders")
		require.Contains(t, read(t, m.post(url.Values{"do": {"undo"}})), "All as before")
		require.Empty(t, m.stops())
		require.Equal(t, http.StatusBadRequest, m.post(url.Values{"do": {"everything"}}).Code)
	})
}

// toTell lists what Shopify is still to be told of.
func (m *mailed) toTell() (people []commerce.PersonID) {
	m.t.Helper()
	for {
		w, found, err := m.store.NextWriteback(m.t.Context(), time.Hour)
		require.NoError(m.t, err)
		if !found {
			return people
		}
		require.Equal(m.t, m.store.Now(), w.SaidAt)
		people = append(people, w.Person)
	}
}

// A no to all that is no part of an order is Shopify's matter too, from whichever
// button or mail program; a topic is ours alone, and a yes is never told.
func TestWhatShopifyIsTold(t *testing.T) {
	stop, all, undo := url.Values{"do": {"stop_topic"}}, url.Values{"do": {"stop_all"}}, url.Values{"do": {"undo"}}
	for name, c := range map[string]struct {
		class gate.Class
		forms []url.Values
		tells bool
	}{
		"all":                             {gate.Service, []url.Values{all}, true},
		"all, in one click":               {gate.Transactional, []url.Values{oneClick}, true},
		"all, twice":                      {gate.Marketing, []url.Values{all, all}, true},
		"a topic":                         {gate.Service, []url.Values{stop}, false},
		"a topic, in one click":           {gate.Marketing, []url.Values{oneClick}, false},
		"all, and taken back":             {gate.Service, []url.Values{all, undo}, false},
		"all, taken back and all again":   {gate.Service, []url.Values{all, undo, all}, true},
		"something taken back that is on": {gate.Service, []url.Values{undo}, false},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				m := mail(t, s, c.class, "reviews")
				for _, form := range c.forms {
					require.Equal(t, http.StatusOK, m.post(form).Code)
				}
				require.Equal(t, c.tells, len(m.toTell()) == 1)
			})
		})
	}
}

// Whoever comes back after Shopify was told hears what that brings back, and what not.
func TestComingBackAfterShopifyWasTold(t *testing.T) {
	m := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews")
	require.Equal(t, http.StatusOK, m.post(url.Values{"do": {"stop_all"}}).Code)
	w, found, err := m.store.NextWriteback(t.Context(), time.Hour)
	require.NoError(t, err)
	require.True(t, found)
	storetest.Do(t, m.store, func(tx *store.Tx) error {
		_, err := tx.FinishWriteback(w.Shop, w, store.Told)
		return err
	})
	page := read(t, m.post(url.Values{"do": {"undo"}}))
	require.Contains(t, page, "sign up for them at the shop itself")
	require.NotContains(t, page, "All as before", "it would not be true")
	require.Empty(t, m.stops())
}

// A shop that is not at Shopify, or has left, has nobody there to tell.
func TestNothingToTellWithoutShopify(t *testing.T) {
	m := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews")
	storetest.Do(t, m.store, func(tx *store.Tx) error {
		_, err := tx.CloseConnection(m.shop, m.shopify.ID, tx.Now())
		return err
	})
	require.Equal(t, http.StatusOK, m.post(url.Values{"do": {"stop_all"}}).Code)
	require.Equal(t, []gate.Scope{gate.ScopeNonTransactional}, m.stops(), "the choice counts all the same")
	require.Empty(t, m.toTell())
}

func TestPageSpeaksTheReadersLanguage(t *testing.T) {
	for lang, want := range map[string][]string{
		"ar": {`<html lang="ar" dir="rtl">`, "طلبات"}, "fa": {`<html lang="fa" dir="rtl">`}, "en": {`<html lang="en" dir="ltr">`},
	} {
		m := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews", func(p *commerce.Person) { p.Language = lang })
		page := read(t, m.get(http.MethodGet))
		for _, text := range want {
			require.Contains(t, page, text)
		}
	}
}

func TestPagesAreGuarded(t *testing.T) {
	m := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews")
	for _, rec := range []*httptest.ResponseRecorder{m.get(http.MethodGet), m.post(oneClick), m.do(httptest.NewRequest(http.MethodGet, "/u/nothing", nil))} {
		h := rec.Header()
		require.Contains(t, h.Get("Content-Security-Policy"), "default-src 'none'")
		require.Contains(t, h.Get("Content-Security-Policy"), "frame-ancestors 'none'")
		require.NotContains(t, h.Get("Content-Security-Policy"), "unsafe-inline")
		require.Equal(t, "no-referrer", h.Get("Referrer-Policy"))
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		require.Equal(t, "no-store", h.Get("Cache-Control"))
	}
}

func TestBadLinksSayWhatToDo(t *testing.T) {
	m := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews")
	forged, _ := links.NewToken()
	for _, path := range []string{"/u/" + forged, "/u/short", m.path + "A", m.path[:len(m.path)-1]} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Language", "ar-EG,en;q=0.5")
		rec := m.do(r)
		require.Equal(t, http.StatusNotFound, rec.Code, path)
		require.Contains(t, read(t, rec), `<html lang="ar" dir="rtl">`)
	}
	m.clock.Advance(401 * 24 * time.Hour)
	require.Equal(t, http.StatusNotFound, m.get(http.MethodGet).Code, "expired")
	require.Equal(t, http.StatusNotFound, m.post(oneClick).Code)
	require.Empty(t, m.stops())
}
