package stripefake

import (
	"cmp"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"
)

// SetApp lets Stripe know the app: the signing secret (absec_…) and the
// addresses that it may send people back to, any where there are none.
func (s *Server) SetApp(secret string, redirects ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secret, s.redirects = secret, redirects
}

// InstallURL is the address to which the install page sends back who installed
// the app in an account, with the signature that
// https://docs.stripe.com/stripe-apps/install-links describes, made in real
// time: browsers know no other. It connects nothing.
func (s *Server) InstallURL(account string, live bool, redirectURI, state string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	const user = "usr_fake"
	signed := `{"state":"` + state + `","user_id":"` + user + `","account_id":"` + account + `"}`
	header := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(signed), Secret: s.secret, Timestamp: time.Now()}).Header
	back := url.Values{"user_id": {user}, "account_id": {account}, "state": {state}, "install_signature": {header}}
	if !live {
		back.Set("livemode", "false")
	}
	return withQuery(redirectURI, back)
}

func withQuery(address string, more url.Values) string {
	if strings.Contains(address, "?") {
		return address + "&" + more.Encode()
	}
	return address + "?" + more.Encode()
}

var installPage = template.Must(template.New("install").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Install Flywheel</title></head>
<body><main><h1>Install Flywheel</h1><p>{{if .Test}}In test mode.{{else}}In live mode.{{end}} Choose the account:</p>
<form method="post">{{range .Accounts}}
<p><label><input type="radio" name="account" value="{{.ID}}" required{{if .First}} checked{{end}}> {{.Name}} ({{.ID}})</label></p>{{else}}
<p>There is no account.</p>{{end}}
<p><button name="act" value="install">Install</button> <button name="act" value="cancel" formnovalidate>Cancel</button></p>
</form></main></body></html>
`))

// installChoice is one account of the install page.
type installChoice struct {
	ID, Name string
	First    bool
}

// InstallPage plays the page of an install link, /install/link with redirect_uri
// and state, in test mode with test=1. Its owner chooses among the accounts that
// Stripe knows (AddAccount); Install connects one and goes back with InstallURL,
// Cancel goes back with error=access_denied. ServeHTTP serves it too.
func (s *Server) InstallPage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, test := q.Get("redirect_uri"), q.Get("test") == "1"
	if to, err := url.Parse(back); r.URL.Path != "/install/link" || err != nil || to.Host == "" || !s.mayReturn(back) {
		http.Error(w, "The install link is not valid: its redirect_uri must be one of the app's.", http.StatusBadRequest)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = installPage.Execute(w, struct { // a browser that has gone is no matter
			Test     bool
			Accounts []installChoice
		}{test, s.choices()})
		return
	}
	account := r.PostFormValue("account")
	switch {
	case r.PostFormValue("act") == "cancel":
		http.Redirect(w, r, withQuery(back, url.Values{"error": {"access_denied"}, "state": {q.Get("state")}}), http.StatusFound)
	case !slices.ContainsFunc(s.choices(), func(c installChoice) bool { return c.ID == account }):
		http.Error(w, "There is no such account.", http.StatusBadRequest)
	default:
		s.Connect(account, !test, AccountInfo{})
		http.Redirect(w, r, s.InstallURL(account, !test, back, q.Get("state")), http.StatusFound)
	}
}

func (s *Server) mayReturn(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.redirects) == 0 || slices.Contains(s.redirects, address)
}

// choices are all accounts but the platform's own.
func (s *Server) choices() (out []installChoice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for account, info := range s.infos {
		if account != "" {
			out = append(out, installChoice{ID: account, Name: cmp.Or(info.Name, info.Display, account)})
		}
	}
	slices.SortFunc(out, func(x, y installChoice) int { return cmp.Compare(x.ID, y.ID) })
	if len(out) > 0 {
		out[0].First = true
	}
	return out
}
