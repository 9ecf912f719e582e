package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	people "flywheel/account"
	"flywheel/commerce"
)

// Asking, opening the link, pressing its button: the way of every day.
func TestSigningInByLink(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		shop := h.shop("ada@example.com")
		b := h.browser()
		rec := b.get("/shops/" + string(shop) + "?a=b")
		require.Equal(t, http.StatusSeeOther, rec.Code)
		require.Equal(t, "/login?back="+url.QueryEscape("/shops/"+string(shop)+"?a=b"), rec.Header().Get("Location"))
		require.Contains(t, read(t, b.get(rec.Header().Get("Location"))), `name="back" value="/shops/`)
		b.post("/login", "email", " Ada@Example.com ", "back", "/shops/"+string(shop))
		before := b.cookies[cookie]
		require.NotEmpty(t, before)
		link := linkOf(h.mail("ada@example.com"))
		for range 3 { // programs that look links over open them too
			rec = b.get(link)
			require.Equal(t, http.StatusOK, rec.Code)
			require.Contains(t, read(t, rec), `<form method="post" action="`+link+`">`)
		}
		rec = b.post(link)
		require.Equal(t, "/shops/"+string(shop), rec.Header().Get("Location"))
		require.NotEqual(t, before, b.cookies[cookie], "the session got another token: what somebody had planted before is worth nothing")
		require.Equal(t, http.StatusOK, b.get("/shops/"+string(shop)).Code)

		old := h.browser()
		old.cookies[cookie] = before
		require.Equal(t, http.StatusSeeOther, old.get("/me").Code)
		require.Equal(t, http.StatusGone, b.post(link).Code, "a link is good once")
		require.Equal(t, http.StatusGone, b.get(link).Code)

		set := rec.Result().Cookies()[0]
		require.True(t, set.HttpOnly && set.Secure && set.SameSite == http.SameSiteLaxMode && set.Path == "/" && set.Domain == "", "%v", set)
	})
}

func TestSigningInByCode(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.known("ada@example.com")
		b := h.browser()
		require.Equal(t, "/login", b.get("/login/sent").Header().Get("Location"), "nothing was asked for")
		b.post("/login", "email", "ada@example.com", "back", "/me")
		code := codeOf(h.mail("ada@example.com"))
		rec := b.post("/login/code", "code", "0000 0000")
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
		require.Contains(t, read(t, rec), "This is not the code")
		persian := strings.NewReplacer("0", "۰", "1", "۱", "2", "۲", "3", "۳", "4", "۴", "5", "۵", "6", "۶", "7", "۷", "8", "۸", "9", "۹").Replace(code[:4] + " " + code[4:])
		require.Equal(t, "/me", b.post("/login/code", "code", persian).Header().Get("Location"))
		require.Equal(t, http.StatusOK, b.get("/me").Code)
	})
}

// Guessing is bounded, and the right code counts no more behind too many wrong ones.
func TestGuessingCodes(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.known("ada@example.com")
		b := h.browser()
		b.post("/login", "email", "ada@example.com")
		code := codeOf(h.mail("ada@example.com"))
		for range 5 {
			require.Equal(t, http.StatusUnprocessableEntity, b.post("/login/code", "code", "12").Code)
		}
		rec := b.post("/login/code", "code", code)
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
		require.Contains(t, read(t, rec), "No code can be typed")
		require.Equal(t, http.StatusSeeOther, b.get("/me").Code)

		other := h.browser() // which never asked has nothing to guess at
		require.Equal(t, http.StatusSeeOther, other.post("/login/code", "code", code).Code)
		require.Equal(t, http.StatusSeeOther, other.get("/me").Code)
	})
}

// A link opened in another browser lets nobody in, and is not used up by it.
func TestLinkInAnotherBrowser(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.known("ada@example.com")
		b, thief := h.browser(), h.browser()
		b.post("/login", "email", "ada@example.com")
		link := linkOf(h.mail("ada@example.com"))
		rec := thief.get(link)
		require.Contains(t, read(t, rec), "another browser")
		require.Equal(t, http.StatusGone, thief.post(link).Code)
		thief.post("/login", "email", "eve@example.com") // has a session of its own
		require.Equal(t, http.StatusGone, thief.post(link).Code)
		require.Equal(t, http.StatusSeeOther, thief.get("/me").Code)
		require.Equal(t, http.StatusSeeOther, b.post(link).Code)
		require.Equal(t, http.StatusOK, b.get("/me").Code)
	})
}

func TestLinksAndSessionsEnd(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.known("ada@example.com")
		b := h.browser()
		b.post("/login", "email", "ada@example.com")
		link := linkOf(h.mail("ada@example.com"))
		h.now = h.now.Add(15 * time.Minute)
		require.Equal(t, http.StatusGone, b.get(link).Code, "a quarter of an hour is over")
		require.Equal(t, http.StatusGone, b.post(link).Code)

		b.enter("ada@example.com")
		h.now = h.now.Add(12*time.Hour - time.Second)
		require.Equal(t, http.StatusOK, b.get("/me").Code)
		h.now = h.now.Add(12*time.Hour - time.Second)
		require.Equal(t, http.StatusOK, b.get("/me").Code, "it was used meanwhile")
		h.now = h.now.Add(12 * time.Hour)
		require.Equal(t, http.StatusSeeOther, b.get("/me").Code, "twelve hours unused")

		b.enter("ada@example.com")
		for day := 0; day < 30*2; day++ {
			h.now = h.now.Add(12*time.Hour - time.Second)
			require.Equal(t, http.StatusOK, b.get("/me").Code)
		}
		h.now = h.now.Add(time.Minute + 30*2*time.Second)
		require.Equal(t, http.StatusSeeOther, b.get("/me").Code, "thirty days, however often it was used")
	})
}

// The answer is the same whether an address is known or not, and only one mail goes out.
func TestNobodyLearnsWhoIsKnown(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.known("ada@example.com")
		a, b := h.browser(), h.browser()
		one, two := a.post("/login", "email", "ada@example.com"), b.post("/login", "email", "eve@example.com")
		require.Equal(t, one.Code, two.Code)
		require.Equal(t, one.Header().Get("Location"), two.Header().Get("Location"))
		pageA, pageB := read(t, a.get("/login/sent")), read(t, b.get("/login/sent"))
		require.Equal(t, pageA, strings.ReplaceAll(pageB, "eve@", "ada@"))
		require.Equal(t, 1, h.count())
		require.Equal(t, http.StatusUnprocessableEntity, a.post("/login", "email", "nobody").Code)
		require.Equal(t, pageA, read(t, a.get("/login/sent")))
	})
}

func TestAskingIsBounded(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.known("ada@example.com")
		for range 5 {
			require.Equal(t, http.StatusSeeOther, h.browser().post("/login", "email", "ada@example.com").Code)
		}
		rec := h.browser().post("/login", "email", "ada@example.com")
		require.Equal(t, http.StatusTooManyRequests, rec.Code)
		require.Contains(t, read(t, rec), "too often")
		require.Equal(t, 5, h.count())
		last := 0
		for i := range 20 { // of others from the same address of the network
			last = h.browser().post("/login", "email", strings.Repeat("x", i+1)+"@example.com").Code
		}
		require.Equal(t, http.StatusTooManyRequests, last)
		require.Equal(t, http.StatusSeeOther, h.browser().do(http.MethodPost, "/login", url.Values{"email": {"other@example.com"}}, func(r *http.Request) { r.RemoteAddr = "203.0.113.9:1" }).Code)
	})
}

func TestSignOut(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		a, b := h.browser().enter("ada@example.com"), h.browser().enter("ada@example.com")
		other := h.browser().enter("bob@example.com")
		b.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
		page := read(t, a.get("/me"))
		hashes := regexp.MustCompile(`name="session" value="([^"]+)"`).FindAllStringSubmatch(page, -1)
		require.Len(t, hashes, 2)
		require.Contains(t, page, "Firefox · Linux")
		require.NotContains(t, page, a.cookies[cookie], "the page tells no token")
		for _, x := range hashes { // not another's, whatever is sent
			other.post("/me/sessions/drop", "session", x[1])
		}
		require.Equal(t, http.StatusOK, a.get("/me").Code)
		require.Equal(t, http.StatusOK, b.get("/me").Code)

		held := a.cookies[cookie]
		require.Equal(t, http.StatusSeeOther, a.post("/logout").Code)
		require.Empty(t, a.cookies[cookie])
		a.cookies[cookie] = held
		require.Equal(t, http.StatusSeeOther, a.get("/me").Code, "a cookie that somebody kept is worth nothing")

		c := h.browser().enter("ada@example.com")
		require.Equal(t, "/login", c.post("/me/sessions/everywhere").Header().Get("Location"))
		require.Equal(t, http.StatusSeeOther, b.get("/me").Code)
		require.Equal(t, http.StatusSeeOther, c.get("/me").Code)
		require.Equal(t, http.StatusOK, other.get("/me").Code)
	})
}

// Whose rights change gets another token, with the same end; the old one is gone.
func TestRightsRotateTheSession(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		shop := h.shop("ada@example.com")
		b := h.browser().enter("bob@example.com")
		before, end := b.cookies[cookie], h.endOf("bob@example.com")
		require.Equal(t, http.StatusOK, b.get("/me").Code)
		require.Equal(t, before, b.cookies[cookie])
		h.belongs(h.known("bob@example.com"), shop, commerce.RoleViewer)
		h.now = h.now.Add(time.Hour)
		require.Equal(t, http.StatusOK, b.get("/me").Code)
		after := b.cookies[cookie]
		require.NotEqual(t, before, after)
		require.Equal(t, end, h.endOf("bob@example.com"), "rotation gives no longer life")
		require.Equal(t, http.StatusOK, b.get("/me").Code)
		require.Equal(t, after, b.cookies[cookie])
		old := h.browser()
		old.cookies[cookie] = before
		require.Equal(t, http.StatusSeeOther, old.get("/me").Code)
	})
}

// endOf is when the one session of somebody ends at the latest.
func (h *house) endOf(email string) commerce.Instant {
	h.t.Helper()
	all, err := h.store.Sessions(h.t.Context(), h.known(email), commerce.At(h.now), people.Idle)
	require.NoError(h.t, err)
	require.Len(h.t, all, 1)
	return all[0].ExpiresAt
}

// Another site can have nothing done here, signed in or not.
func TestOtherSitesAreRefused(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		shop := h.shop("ada@example.com")
		b := h.browser().enter("ada@example.com")
		for _, path := range []string{"/login", "/logout", "/me", "/me/sessions/everywhere", "/join", "/shops/pause", "/shops/" + string(shop) + "/pause"} {
			for _, from := range []func(*http.Request){
				func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
				func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
				func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") },
			} {
				require.Equal(t, http.StatusForbidden, b.do(http.MethodPost, path, url.Values{"email": {"a@example.com"}}, from).Code, path)
			}
		}
		require.Equal(t, http.StatusOK, b.get("/me").Code)
		state, err := h.store.Shop(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, commerce.ShopActive, state.State)
	})
}

// Whatever back= says, it leads nowhere but here.
func TestBackLeadsNowhereElse(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for _, back := range []string{
			"https://evil.example", "//evil.example", "/\\evil.example", "/login/..//evil.example", "javascript:alert(1)", "/shops\r\nSet-Cookie: a=b", "/shopsevil", "", "/logout", "\t//evil.example", "/%5cevil.example",
		} {
			require.Equal(t, "/shops", people.Back(back), back)
			b := h.browser()
			h.known("ada@example.com")
			rec := b.do(http.MethodPost, "/login", url.Values{"email": {"ada@example.com"}, "back": {back}}, func(r *http.Request) { r.RemoteAddr = "198.51.100.7:1" })
			if rec.Code == http.StatusTooManyRequests {
				continue
			}
			require.Equal(t, "/shops", b.post(linkOf(h.mail("ada@example.com"))).Header().Get("Location"), back)
		}
		require.Equal(t, "/shops/x?said=y", people.Back("/shops/x?said=y"))
		require.Equal(t, "/join/7K2PM-94QXA", people.Back("/join/7K2PM-94QXA"))
	})
}

// The doors of platforms and pages for anybody never touch the session.
func TestTheSessionStaysBehindItsDoors(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		b := h.browser()
		b.cookies[cookie] = "anything"
		for _, path := range []string{"/healthz", "/privacy", "/admin", "/u/x", "/confirm/x", "/install/shopify"} {
			rec := b.get(path)
			require.Empty(t, rec.Result().Cookies(), path)
			require.NotContains(t, rec.Header().Values("Vary"), "Cookie", path)
		}
		rec := b.do(http.MethodPost, "/webhooks/shopify", url.Values{}, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
		require.NotEqual(t, http.StatusForbidden, rec.Code, "its signature is its login")
		require.Empty(t, rec.Result().Cookies())
	})
}
