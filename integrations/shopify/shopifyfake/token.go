package shopifyfake

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// How long tokens live (shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens).
const (
	AccessLife  = time.Hour
	RefreshLife = 90 * 24 * time.Hour
	// RetryLife is how long a used refresh token can be used again while its
	// replacement lies unused (changelog of 2026-08-28).
	RetryLife = 30 * 24 * time.Hour
)

// The names of OAuth's grants and tokens.
const (
	grantExchange = "urn:ietf:params:oauth:grant-type:token-exchange"
	grantRefresh  = "refresh_token"
	typeIDToken   = "urn:ietf:params:oauth:token-type:id_token"
	typeOffline   = "urn:shopify:params:oauth:token-type:offline-access-token"
)

type tokenRequest struct {
	ClientID     string      `json:"client_id"`
	ClientSecret string      `json:"client_secret"`
	GrantType    string      `json:"grant_type"`
	Subject      string      `json:"subject_token"`
	SubjectType  string      `json:"subject_token_type"`
	Requested    string      `json:"requested_token_type"`
	Refresh      string      `json:"refresh_token"`
	Code         string      `json:"code"`
	Expiring     json.Number `json:"expiring"`
}

// oauthError is the error member of RFC 6749, section 5.2.
type oauthError string

// serveToken is POST /admin/oauth/access_token: token exchange, refresh and the
// authorization code grant.
func (f *Fake) serveToken(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil {
		return
	}
	f.mu.Lock()
	failure := f.failing("token", false)
	f.mu.Unlock()
	if failure != "" && failure != Lost {
		fail(w, r, failure)
		return
	}
	var q tokenRequest
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" || json.Unmarshal(raw, &q) != nil {
		denyToken(w, "invalid_request")
		return
	}
	f.mu.Lock()
	g, scopes, refused := f.grant(strings.ToLower(r.Host), q)
	now := f.now()
	f.mu.Unlock()
	switch {
	case failure == Lost:
		fail(w, r, Lost)
	case refused != "":
		denyToken(w, refused)
	default:
		body := map[string]any{"access_token": g.access, "scope": strings.Join(scopes, ",")}
		if g.refresh != "" {
			body["expires_in"], body["refresh_token"] = int64(g.until.Sub(now).Seconds()), g.refresh
			body["refresh_token_expires_in"] = int64(g.refreshTil.Sub(now).Seconds())
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(write(body))
	}
}

func denyToken(w http.ResponseWriter, code oauthError) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write(write(map[string]any{"error": string(code), "error_description": "The request was refused: " + string(code)}))
}

// grant carries a token request out. f.mu is held.
func (f *Fake) grant(domain string, q tokenRequest) (*grant, []string, oauthError) {
	s := f.shops[domain]
	if s == nil || !s.installed && q.Code == "" || !f.app.is(q.ClientID, q.ClientSecret) {
		return nil, nil, "invalid_client"
	}
	var g *grant
	var refused oauthError
	switch {
	case q.GrantType == grantExchange:
		g, refused = f.exchange(s, q)
	case q.GrantType == grantRefresh:
		g, refused = f.renew(s, q.Refresh)
	case q.GrantType == "" && q.Code != "", q.GrantType == "authorization_code":
		g, refused = f.redeem(s, q)
	default:
		refused = "unsupported_grant_type"
	}
	return g, s.scopes, refused
}

func (a App) is(key, secret string) bool {
	same := func(x, y string) bool { return y != "" && subtle.ConstantTimeCompare([]byte(x), []byte(y)) == 1 }
	return same(key, a.Key) && (same(secret, a.Secret) || same(secret, a.OldSecret))
}

func (f *Fake) exchange(s *shop, q tokenRequest) (*grant, oauthError) {
	if q.SubjectType != typeIDToken || q.Requested != typeOffline {
		return nil, "invalid_request"
	}
	if !f.believes(q.Subject, s.domain) {
		return nil, "invalid_subject_token"
	}
	f.exchanges++
	return f.issue(s, q.Expiring == "1"), ""
}

// renew gives a new pair for a refresh token. Its predecessor keeps until the
// new pair is first used, so that an answer that got lost can be asked for
// again; of several replacements only the last one counts.
func (f *Fake) renew(s *shop, refresh string) (*grant, oauthError) {
	old := s.grantOf(func(g *grant) bool { return g.refresh != "" && g.refresh == refresh })
	now := f.now()
	if old == nil || !now.Before(old.refreshTil) {
		return nil, "invalid_grant"
	}
	if old.next != nil {
		if now.Sub(old.replaced) > RetryLife {
			return nil, "invalid_grant"
		}
		s.drop(old.next)
	}
	s.use(old)
	f.refreshes++
	old.replaced, old.next = now, f.issue(s, true)
	return old.next, ""
}
