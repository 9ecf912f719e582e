package server_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// customer is somebody of the framed shop with an order.
func (f *framed) customer(name, order string) commerce.Person {
	f.t.Helper()
	shop := f.shop().ID
	p := storetest.Person(f.t, f.store, shop, func(p *commerce.Person) { p.FirstName, p.LastName, p.Language = name, "", "" })
	storetest.Order(f.t, f.store, shop, p.ID, func(o *store.StoredOrder) {
		o.Detail.Name, o.Detail.Language = order, ""
		o.Detail.Total = commerce.Money{Amount: 18900, Currency: "SAR"}
		o.Detail.Lines = []commerce.Line{{ID: "1", Title: "قميص كتان", Quantity: 1, Current: 1, Price: o.Detail.Total}}
	})
	return p
}

var frameOf = regexp.MustCompile(`<iframe[^>]* src="([^"]*)"`)

// mail loads what stands in the page's frame, as a browser does.
func (f *framed) mail(page string) *httptest.ResponseRecorder {
	f.t.Helper()
	m := frameOf.FindStringSubmatch(page)
	require.NotNil(f.t, m, page)
	return f.do(httptest.NewRequest(http.MethodGet, html.UnescapeString(m[1]), nil))
}

// A merchant sees each message as it arrives with a customer of theirs, in a frame that may do nothing.
func TestAMessageIsSeen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := frame(t, s)
		require.Contains(t, f.opens("/admin").Body.String(), "/admin/messages/thank_you?", "the home leads there")
		made := f.opens("/admin/messages/thank_you").Body.String()
		require.Contains(t, made, "مُختلق", "there is no order yet")
		require.Contains(t, f.mail(made).Body.String(), "قميص كتان")

		f.customer("Sara <b>", "#1001")
		f.customer("Nora", "#1002")
		got := f.opens("/admin/messages/thank_you")
		require.Equal(t, http.StatusOK, got.Code, got.Body.String())
		page := got.Body.String()
		require.Contains(t, page, `<html lang="ar" dir="rtl">`)
		require.NotContains(t, page, "مُختلق")
		require.Contains(t, page, `<option value="#1001">`)
		require.Contains(t, page, "العربية", "languages by their own names")
		require.Contains(t, page, `sandbox="allow-popups allow-popups-to-escape-sandbox"`)
		require.NotRegexp(t, `check_|preview_[a-z]`, page, "every string has words")

		mail := f.mail(page)
		require.Equal(t, http.StatusOK, mail.Code)
		require.Contains(t, mail.Body.String(), "Nora", "the last order")
		csp := mail.Header().Get("Content-Security-Policy")
		require.Contains(t, csp, "default-src 'none'")
		require.Contains(t, csp, "sandbox allow-popups")
		require.NotContains(t, csp, "script-src")
		require.True(t, strings.HasSuffix(csp, "frame-ancestors 'self' https://"+arabicDomain+" https://admin.shopify.com"), csp)
		require.Equal(t, "no-referrer", mail.Header().Get("Referrer-Policy"))
	})
}

// What is chosen shows: whose, which language, light or dark, which width.
func TestWhatIsSeenIsChosen(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	f.opens("/admin")
	sara := f.customer("Sara", "#1001")
	f.customer("Nora", "#1002")
	steps := regexp.MustCompile(`hx-get="/admin/messages/thank_you/([^/"]+)/now\?`).FindStringSubmatch(f.opens("/admin/messages/thank_you").Body.String())
	require.Len(t, steps, 2)
	now := func(q url.Values) string {
		t.Helper()
		q.Set("step", steps[1])
		got := f.calls(http.MethodGet, "/admin/messages/thank_you/any/now?"+q.Encode())
		require.Equal(t, http.StatusOK, got.Code, got.Body.String())
		require.True(t, strings.HasPrefix(strings.TrimSpace(got.Body.String()), `<main id="main"`))
		return got.Body.String()
	}
	for _, who := range []string{"1001", "#1001", sara.Email} {
		require.Contains(t, f.mail(now(url.Values{"who": {who}})).Body.String(), "Sara", who)
	}
	page := now(url.Values{"who": {"#7 <script>"}})
	require.Contains(t, page, "#7 &lt;script&gt;", "it says that there is no such order")
	require.Contains(t, f.mail(page).Body.String(), "Nora")

	english := now(url.Values{"lang": {"en"}, "scheme": {"dark"}, "width": {"phone"}})
	require.Regexp(t, `<option value="en" selected>`, english)
	require.Regexp(t, `<iframe class="mail phone dark"`, english)
	mail := f.mail(english).Body.String()
	require.Contains(t, mail, `lang="en"`)
	require.Contains(t, mail, "color-scheme:dark !important")
	require.NotContains(t, mail, "prefers-color-scheme", "the browser's own choice does not count")
	require.Contains(t, mail, "(min-width:0)")
	require.Contains(t, f.mail(now(url.Values{})).Body.String(), "(max-width:0)")
	require.Equal(t, http.StatusNotFound, f.calls(http.MethodGet, "/admin/messages/none/any/now").Code)
}

// The frame's address is good for a while, for one message of one shop, as it stands.
func TestTheFramesAddressIsSigned(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	f.opens("/admin")
	f.customer("Sara", "#1001")
	m := frameOf.FindStringSubmatch(f.opens("/admin/messages/thank_you").Body.String())
	address := html.UnescapeString(m[1])
	require.Equal(t, http.StatusOK, f.do(httptest.NewRequest(http.MethodGet, address, nil)).Code)
	u, err := url.Parse(address)
	require.NoError(t, err)
	other := storetest.Shop(t, f.store)
	person := storetest.Person(t, f.store, other)
	for name, change := range map[string]func(url.Values){
		"another shop":     func(q url.Values) { q.Set("id", string(other)) },
		"another order":    func(q url.Values) { q.Set("order", string(storetest.Order(t, f.store, other, person.ID).ID)) },
		"somebody":         func(q url.Values) { q.Set("person", string(person.ID)) },
		"another campaign": func(q url.Values) { q.Set("campaign", "review_request") },
		"another admin":    func(q url.Values) { q.Set("shop", domain) },
		"no mark":          func(q url.Values) { q.Del("mark") },
		"an old mark":      func(q url.Values) { q.Set("mark", "1"+q.Get("mark")[strings.Index(q.Get("mark"), "."):]) },
	} {
		q := u.Query()
		change(q)
		got := f.do(httptest.NewRequest(http.MethodGet, u.Path+"?"+q.Encode(), nil))
		require.Equal(t, http.StatusUnauthorized, got.Code, name)
		require.NotContains(t, got.Body.String(), "Sara", name)
	}
}

// A trial is asked for with one press, and a second press within a minute asks for no second one.
func TestATrialIsAskedFor(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	f.opens("/admin")
	f.customer("Sara", "#1001")
	path := html.UnescapeString(regexp.MustCompile(`action="([^"]*/test[^"]*)"`).FindStringSubmatch(f.opens("/admin/messages/thank_you").Body.String())[1])
	first := f.acts(path, "who", "#1001", "scheme", "dark")
	require.Contains(t, first, "التجربة في طريقها إلى فريقك")
	require.Contains(t, first, "mail dark", "the page shows what was sent")
	require.Contains(t, f.acts(path, "who", "#1001"), "هذه التجربة في طريقها بالفعل")
	last, err := f.store.LastNotices(t.Context(), f.shop().ID, 10)
	require.NoError(t, err)
	require.Len(t, last, 1)
	require.Equal(t, store.NoticeTrial, last[0].Kind)
	require.Equal(t, http.StatusUnauthorized, f.do(httptest.NewRequest(http.MethodPost, path, nil)).Code)
	require.Equal(t, http.StatusNotFound, f.calls(http.MethodPost, "/admin/messages/thank_you/none/test").Code)
}
