package shopifyfake

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// codeLife is how long an authorization code can be redeemed.
const codeLife = 10 * time.Minute

type code struct {
	domain string
	until  time.Time
}

// Authorize is the merchant opening the page of an authorization code grant and
// consenting: address is where the app sent the browser. It returns the signed
// redirect to the app, or what the page would have said instead. The app is
// installed by it.
func (f *Fake) Authorize(domain, address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	q := u.Query()
	scopes := strings.Split(q.Get("scope"), ",")
	switch {
	case !strings.EqualFold(u.Host, domain) && (f.base == "" || !strings.HasPrefix(address, f.base+"/")):
		return nil, fmt.Errorf("%s is not the shop %s", u.Host, domain)
	case u.Path != "/admin/oauth/authorize":
		return nil, fmt.Errorf("%s is no page of the admin", u.Path)
	case q.Get("client_id") != f.app.Key:
		return nil, said("Oauth error application_cannot_be_found: the client_id is unknown")
	case !slices.Contains(f.app.Redirects, q.Get("redirect_uri")):
		return nil, said("Oauth error invalid_request: The redirect_uri is not whitelisted")
	case q.Get("scope") == "" || slices.ContainsFunc(scopes, func(s string) bool { return !knownScope(s) }):
		return nil, said(fmt.Sprintf("Oauth error invalid_scope: %q", q.Get("scope")))
	case q.Get("state") == "":
		return nil, fmt.Errorf("the app sent no state")
	case q.Get("grant_options[]") != "":
		return nil, fmt.Errorf("the app asked for an online token")
	}
	f.installing(domain)
	s := f.shop(domain)
	s.scopes = scopes
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		return nil, err
	}
	back.RawQuery = f.callback(s, q.Get("state")).Encode()
	return back, nil
}

// callback is the signed query of the redirect.
func (f *Fake) callback(s *shop, state string) url.Values {
	now := f.now()
	c := digest("code", s.domain, asText(f.mint()))[:32]
	if f.codes == nil {
		f.codes = map[string]code{}
	}
	f.codes[c] = code{s.domain, now.Add(codeLife)}
	q := url.Values{
		"code": {c}, "shop": {s.domain}, "state": {state}, "timestamp": {asText(now.Unix())},
		"host": {base64.RawStdEncoding.EncodeToString([]byte("admin.shopify.com/store/" + strings.TrimSuffix(s.domain, ".myshopify.com")))},
	}
	q.Set("hmac", SignQuery(f.app.Secret, q))
	return q
}

// SignQuery is the hmac of a query of the admin: hex HMAC-SHA256 of its sorted
// pairs joined by "&", without hmac itself.
func SignQuery(secret string, q url.Values) string {
	var pairs []string
	for k, v := range q {
		if k != "hmac" {
			pairs = append(pairs, k+"="+strings.Join(v, ","))
		}
	}
	slices.Sort(pairs)
	return hex.EncodeToString(sum256(secret, strings.Join(pairs, "&")))
}

func knownScope(s string) bool {
	return slices.Contains(AppScopes, s) || slices.Contains([]string{
		"read_all_orders", "read_discounts", "read_customer_merge", "read_shopify_payments_disputes",
	}, s)
}

// redeem gives tokens for an authorization code, once. f.mu is held.
func (f *Fake) redeem(s *shop, q tokenRequest) (*grant, oauthError) {
	c, ok := f.codes[q.Code]
	if !ok || c.domain != s.domain || !s.installed || f.now().After(c.until) {
		return nil, "invalid_request"
	}
	delete(f.codes, q.Code)
	return f.issue(s, q.Expiring == "1"), ""
}
