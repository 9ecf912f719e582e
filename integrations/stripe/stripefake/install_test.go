package stripefake_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/webhook"

	"flywheel/integrations/stripe/stripefake"
)

const callback = "https://fly.example/install/stripe/callback"

// page asks the install page; body "" is the visit, else the form sent.
func (w *world) page(link, body string) (status int, location, text string) {
	w.t.Helper()
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.base+link, strings.NewReader(body))
	require.NoError(w.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := browser.Do(r)
	require.NoError(w.t, err)
	defer res.Body.Close()
	html, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return res.StatusCode, res.Header.Get("Location"), string(html)
}

func TestInstallPage(t *testing.T) {
	w := start(t)
	w.SetApp("absec_1", callback)
	w.AddAccount("acct_shop", stripefake.AccountInfo{Name: "Nour <& Co>"})
	link := "/install/link?redirect_uri=" + url.QueryEscape(callback) + "&state=st1"
	status, _, html := w.page(link, "")
	require.Equal(t, 200, status)
	require.Contains(t, html, `value="acct_shop"`)
	require.Contains(t, html, "Nour &lt;&amp; Co&gt;")
	require.Contains(t, html, "In live mode")
	require.NotContains(t, html, "acct_platform")
	require.Equal(t, 403, w.get("account", "", in("acct_shop")).status)

	status, location, _ := w.page(link, "account=acct_shop&act=install")
	require.Equal(t, 302, status)
	back, err := url.Parse(location)
	require.NoError(t, err)
	q := back.Query()
	require.Equal(t, "fly.example/install/stripe/callback", back.Host+back.Path)
	require.Equal(t, []string{"acct_shop", "st1", "usr_fake", ""}, []string{q.Get("account_id"), q.Get("state"), q.Get("user_id"), q.Get("livemode")})
	signed := `{"state":"st1","user_id":"usr_fake","account_id":"acct_shop"}`
	require.NoError(t, webhook.ValidatePayloadWithTolerance([]byte(signed), q.Get("install_signature"), "absec_1", time.Minute))
	require.Equal(t, 200, w.get("account", "", in("acct_shop")).status)
	require.Equal(t, 403, w.get("account", "", in("acct_shop"), by("sk_test_1")).status)

	_, location, html = w.page(link+"&test=1", "account=acct_shop&act=install")
	require.Contains(t, location, "livemode=false")
	require.Empty(t, html)
	require.Equal(t, 200, w.get("account", "", in("acct_shop"), by("sk_test_1")).status)
	_, _, html = w.page(link+"&test=1", "")
	require.Contains(t, html, "In test mode")

	status, location, _ = w.page(link, "act=cancel")
	require.Equal(t, 302, status)
	require.Equal(t, callback+"?error=access_denied&state=st1", location)
}

func TestInstallPageRefuses(t *testing.T) {
	w := start(t)
	w.SetApp("absec_1", callback)
	for name, c := range map[string][2]string{
		"another's address": {"/install/link?redirect_uri=https://evil.example/", ""},
		"no address":        {"/install/link", ""},
		"another page":      {"/install/other?redirect_uri=" + callback, ""},
		"unknown account":   {"/install/link?redirect_uri=" + callback, "account=acct_404&act=install"},
		"the platform":      {"/install/link?redirect_uri=" + callback, "account=&act=install"},
	} {
		status, location, _ := w.page(c[0], c[1])
		require.Equal(t, 400, status, name)
		require.Empty(t, location, name)
	}
	w.SetApp("absec_1")
	require.Equal(t, "https://a.example/?b=c&", w.InstallURL("acct_1", true, "https://a.example/?b=c", "s")[:len("https://a.example/?b=c&")])
	status, _, _ := w.page("/install/link?redirect_uri=https://any.example/", "")
	require.Equal(t, 200, status)
}
