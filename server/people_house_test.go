package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	people "flywheel/account"
	"flywheel/commerce"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
)

// house is a server where people sign in, with a mailbox and a clock.
type house struct {
	t       *testing.T
	store   *store.Store
	desk    *people.Desk
	handler http.Handler
	log     *bytes.Buffer

	mu    sync.Mutex
	mails []people.Letter
	now   time.Time // real time
}

func openHouse(t *testing.T, s *store.Store, change ...func(*people.Options)) *house {
	t.Helper()
	h := &house{t: t, store: s, log: &bytes.Buffer{}, now: time.Now().Truncate(time.Millisecond)}
	o := people.Options{Store: s, BaseURL: "https://flywheel.example", Log: slog.New(slog.NewJSONHandler(h.log, nil)), Now: func() time.Time { return h.now }}
	o.Limits = &people.Limiter{Now: storetest.ClockOf(s).Now} // however long a test takes
	o.Post = func(_ context.Context, m people.Letter) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.mails = append(h.mails, m)
		return nil
	}
	for _, c := range change {
		c(&o)
	}
	h.desk = people.New(o)
	e, err := server.New(server.Options{Store: s, Queue: &hints{}, Log: slog.New(slog.DiscardHandler), Now: storetest.ClockOf(s).Now, BaseURL: o.BaseURL, People: h.desk, ShopifySecrets: []string{"new"}})
	require.NoError(t, err)
	h.handler = e
	return h
}

// mail is the last one to an address; its parts are read from the text part.
func (h *house) mail(to string) people.Letter {
	h.t.Helper()
	h.desk.Close() // waits for what is being written
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.mails) - 1; i >= 0; i-- {
		if h.mails[i].To == to {
			return h.mails[i]
		}
	}
	h.t.Fatalf("there is no mail to %s", to)
	return people.Letter{}
}

func (h *house) count() int {
	h.desk.Close()
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.mails)
}

var (
	linkIn = regexp.MustCompile(`https://flywheel\.example(/(?:login|join)/[\w-]+)`)
	codeIn = regexp.MustCompile(`\b(\d{4}) (\d{4})\b`)
)

func linkOf(m people.Letter) string { return linkIn.FindStringSubmatch(m.Text)[1] }

func codeOf(m people.Letter) string {
	found := codeIn.FindStringSubmatch(m.Text)
	return found[1] + found[2]
}

// guest is a browser that keeps cookies.
type guest struct {
	*house
	cookies map[string]string
	agent   string
}

func (h *house) browser() *guest {
	return &guest{house: h, cookies: map[string]string{}, agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
}

const cookie = "__Host-flywheel"

func (b *guest) do(method, path string, form url.Values, change ...func(*http.Request)) *httptest.ResponseRecorder {
	b.t.Helper()
	body := strings.NewReader(form.Encode())
	r := httptest.NewRequest(method, "https://flywheel.example"+path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("User-Agent", b.agent)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for _, c := range change {
		c(r)
	}
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return rec
}

func (b *guest) get(path string) *httptest.ResponseRecorder {
	return b.do(http.MethodGet, path, nil)
}

func (b *guest) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 1; i < len(pairs); i += 2 {
		form.Add(pairs[i-1], pairs[i])
	}
	return b.do(http.MethodPost, path, form)
}

// known makes a user of an address.
func (h *house) known(email string) commerce.UserID {
	h.t.Helper()
	var u store.User
	storetest.Do(h.t, h.store, func(tx *store.Tx) (err error) { u, err = tx.MakeUser(email); return err })
	return u.ID
}

// enter signs a browser in by the link of a mail.
func (b *guest) enter(email string) *guest {
	b.t.Helper()
	b.known(email)
	require.Equal(b.t, "/login/sent", b.post("/login", "email", email).Header().Get("Location"))
	rec := b.post(linkOf(b.mail(email)))
	require.Equal(b.t, http.StatusSeeOther, rec.Code)
	return b
}

// belongs gives somebody a role in the shop's own people.
func (h *house) belongs(user commerce.UserID, shop commerce.ShopID, role commerce.Role) {
	h.t.Helper()
	home, err := h.store.HomeAccount(h.t.Context(), shop)
	require.NoError(h.t, err)
	storetest.Do(h.t, h.store, func(tx *store.Tx) error { return tx.SetMember(home, user, role) })
}

// shop is one with somebody who leads it.
func (h *house) shop(owner string) commerce.ShopID {
	h.t.Helper()
	shop := storetest.Shop(h.t, h.store)
	h.belongs(h.known(owner), shop, commerce.RoleOwner)
	return shop
}

func inHouse(t *testing.T, story func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { story(t, openHouse(t, s)) })
}
