package apptest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/demo"
)

// The whole way with the real parts: the mail goes out over SMTP, limits are
// counted at Redis, and the link leads into the shop.
func TestTheOwnerSignsIn(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		require.NoError(t, a.SeatOwner(a.Ctx, demo.OwnerEmail))
		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		browser := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
		ask := func(path string, form url.Values) (int, string, string) {
			t.Helper()
			method := http.MethodGet
			if form != nil {
				method = http.MethodPost
			}
			r, err := http.NewRequestWithContext(a.Ctx, method, a.URL+path, strings.NewReader(form.Encode()))
			require.NoError(t, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			answer, err := browser.Do(r)
			require.NoError(t, err)
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			return answer.StatusCode, answer.Request.URL.Path, string(body)
		}
		_, at, _ := ask("/shops", nil)
		require.Equal(t, "/login", at)
		_, at, page := ask("/login", url.Values{"email": {demo.OwnerEmail}})
		require.Equal(t, "/login/sent", at)
		require.Contains(t, page, demo.OwnerEmail)
		link := ""
		require.Eventually(t, func() bool {
			mails := a.Mails(demo.OwnerEmail)
			if len(mails) == 1 {
				link = regexp.MustCompile(`/login/[\w-]{22}`).FindString(mails[0].Text)
			}
			return link != ""
		}, 20*time.Second, 20*time.Millisecond)
		code, at, _ := ask(link, url.Values{})
		require.Equal(t, http.StatusOK, code)
		require.Equal(t, "/shops/"+string(a.Shop.ID), at, "there is one shop: it opens at once")
		for range 4 {
			ask("/logout", url.Values{})
			ask("/login", url.Values{"email": {demo.OwnerEmail}})
		}
		ask("/logout", url.Values{})
		code, _, _ = ask("/login", url.Values{"email": {demo.OwnerEmail}})
		require.Equal(t, http.StatusTooManyRequests, code)
	})
}
