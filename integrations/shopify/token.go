package shopify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
)

// What Shopify may have against handing out tokens. Each is under a fault.Denied.
var (
	// ErrIDToken: the ID token is not (or no longer) good; the page has to send a fresh one.
	ErrIDToken = errors.New("invalid_subject_token")
	// ErrReopen: the refresh token or code is used up; somebody has to open the app in the shop.
	ErrReopen = errors.New("invalid_grant")
	// ErrUninstalled: the app is not in the shop any more, or its secret is wrong.
	ErrUninstalled = errors.New("invalid_client")
)

const (
	// maxGrant bounds what is read of an answer with tokens.
	maxGrant = 64 << 10
	// refreshLife is how long a refresh token lives where Shopify does not say (platform text: 90 days).
	refreshLife = 90 * 24 * time.Hour
	// maxLife bounds what is believed of a token's life.
	maxLife = 10 * 365 * 24 * time.Hour
)

// Exchange turns an ID token into the shop's offline token, an expiring one
// (shopify.dev, "Exchange a session token for an access token").
// Beside the errors above it returns fault.Invalid for what is no shop,
// fault.NotFound, fault.Permanent, such as for a token that would never expire,
// and fault.Temporary.
//
// This and the two below are requests of our own: go-shopify has no exchange
// and no refresh, and its GetAccessToken drops the expiry and the refresh token
// and posts the app's secret to any host that mentions myshopify.com.
func (c *Client) Exchange(ctx context.Context, shop, idToken string) (commerce.Grant, error) {
	return c.grant(ctx, shop, true, map[string]string{
		"grant_type":           "urn:ietf:params:oauth:grant-type:token-exchange",
		"subject_token":        idToken,
		"subject_token_type":   "urn:ietf:params:oauth:token-type:id_token",
		"requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
		"expiring":             "1", // without it Shopify hands out a token that never expires, which a public app may not use
	})
}

// Refresh returns the next pair of tokens. It may be repeated with the same
// refresh token until the new pair is first used (changelog of 2026-08-28), so
// a lost answer costs nothing. Errors are as with Exchange.
func (c *Client) Refresh(ctx context.Context, shop, refreshToken string) (commerce.Grant, error) {
	return c.grant(ctx, shop, true, map[string]string{"grant_type": "refresh_token", "refresh_token": refreshToken})
}

// Redeem turns the code of a stand-alone or custom app's install into tokens
// (shopify.dev, "Authorization code grant"). It asks for an expiring token too,
// but takes one that does not expire, with no Refresh: the duty to expire is
// for public apps only, so a custom app may be given such a one. A code works
// once; one that does not is ErrReopen. Errors are otherwise as with Exchange.
func (c *Client) Redeem(ctx context.Context, shop, code string) (commerce.Grant, error) {
	return c.grant(ctx, shop, false, map[string]string{"grant_type": grantCode, "code": code, "expiring": "1"})
}

const grantCode = "authorization_code" // RFC 6749, 4.1.3

// grant posts one request for tokens. repeatable: a second one does no harm.
func (c *Client) grant(ctx context.Context, shop string, repeatable bool, ask map[string]string) (commerce.Grant, error) {
	if !ValidShop(shop) {
		return commerce.Grant{}, fault.New(fault.Invalid, "%q is not the name of a shop", short(shop))
	}
	if c.Key == "" || len(c.Secrets) == 0 || c.Secrets[0] == "" {
		return commerce.Grant{}, fault.New(fault.Permanent, "the app's client id or secret is not set")
	}
	ask["client_id"], ask["client_secret"] = c.Key, c.Secrets[0]
	body, err := json.Marshal(ask)
	if err != nil {
		return commerce.Grant{}, err
	}
	redeeming := ask["grant_type"] == grantCode
	var g commerce.Grant
	err = c.patiently(ctx, repeatable, func(ctx context.Context) verdict {
		asked := c.Now() // the life of the tokens began after this moment
		answer, v := c.postGrant(ctx, shop, body, redeeming)
		if v.err == nil {
			g, v.err = answer.grant(asked, redeeming)
		}
		return v
	})
	return g, err
}

// postGrant sends one request. No error of it holds what was sent or answered.
func (c *Client) postGrant(ctx context.Context, shop string, body []byte, redeeming bool) (grantAnswer, verdict) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	w, err := c.wire()
	if err != nil {
		return grantAnswer{}, verdict{err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+strings.ToLower(shop)+"/admin/oauth/access_token", bytes.NewReader(body))
	if err != nil {
		return grantAnswer{}, verdict{err: fault.New(fault.Permanent, "the address of the shop is not a URL")}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	resp, raw, err := w.ask(req, maxGrant)
	if err != nil {
		return grantAnswer{}, verdict{err: err, refused: unsent(err)}
	}
	var answer grantAnswer
	unread := json.Unmarshal(raw, &answer)
	v := verdict{refused: resp.StatusCode == http.StatusTooManyRequests, wait: retryAfter(resp.Header)}
	switch {
	case resp.StatusCode != http.StatusOK:
		v.err = grantFault(resp.StatusCode, answer.Error, redeeming)
	case unread != nil: // its text is not in the error: it may hold a token
		v.err = fault.New(fault.Temporary, "shopify's answer with the tokens is not JSON")
	}
	return answer, v
}

// grantFault says what is behind a refusal. Shopify calls a code that was used
// before an invalid_request; anywhere else that is our own mistake, and no
// reason to trouble a merchant.
func grantFault(status int, code string, redeeming bool) error {
	if redeeming && code == "invalid_request" {
		code = "invalid_grant"
	}
	switch code {
	case "invalid_subject_token":
		return fault.Wrap(fault.Denied, ErrIDToken, "shopify does not accept the ID token any more")
	case "invalid_grant":
		return fault.Wrap(fault.Denied, ErrReopen, "the app has to be opened in the shop again")
	case "invalid_client":
		return fault.Wrap(fault.Denied, ErrUninstalled, "the app is not installed in the shop, or its secret is wrong")
	}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.New(fault.Denied, "shopify gives the app no token for this shop (HTTP %d)", status)
	}
	return statusFault(status)
}

// grantAnswer is what Shopify answers with; lives are in seconds.
type grantAnswer struct {
	Token       string `json:"access_token"`
	Scope       string `json:"scope"` // separated by commas
	Life        int64  `json:"expires_in"`
	Refresh     string `json:"refresh_token"`
	RefreshLife int64  `json:"refresh_token_expires_in"`
	Error       string `json:"error"`
}

// grant checks the answer. lasting: one that does not expire is taken too.
func (a grantAnswer) grant(asked time.Time, lasting bool) (commerce.Grant, error) {
	const most = int64(maxLife / time.Second)
	g := commerce.Grant{Access: a.Token, Refresh: a.Refresh, Scopes: strings.FieldsFunc(a.Scope, func(c rune) bool { return c == ',' || c == ' ' })}
	switch {
	case !bearer(a.Token):
		return commerce.Grant{}, fault.New(fault.Permanent, "shopify's answer has no access token")
	case a.Refresh == "" && a.Life == 0 && lasting:
		return g, nil
	case !bearer(a.Refresh) || a.Life <= 0:
		return commerce.Grant{}, fault.New(fault.Permanent, "shopify gave a token that never expires, which a public app may not use")
	case a.Life > most || a.RefreshLife > most || a.RefreshLife < 0:
		return commerce.Grant{}, fault.New(fault.Permanent, "shopify gave a token with a life that cannot be")
	}
	g.ExpiresAt = commerce.At(asked.Add(time.Duration(a.Life) * time.Second))
	life := refreshLife
	if a.RefreshLife > 0 {
		life = time.Duration(a.RefreshLife) * time.Second
	}
	g.RefreshExpiresAt = commerce.At(asked.Add(life))
	return g, nil
}

// bearer reports whether a token can go into a header. Shopify does not say how long one may be.
func bearer(s string) bool {
	if s == "" || len(s) > 4096 {
		return false
	}
	for i := range len(s) {
		if s[i] <= 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
