package shopifyfake

import (
	"net/http"
	"strings"
	"time"
)

// grant is one pair of tokens of a shop.
type grant struct {
	access, refresh   string    // refresh is "" for a token that never expires
	until, refreshTil time.Time // zero: for ever
	replaced          time.Time // when it was refreshed; zero: not yet
	next              *grant
	used              bool
}

// use marks a pair as used, which ends the one before it.
func (s *shop) use(g *grant) {
	if g.used {
		return
	}
	g.used = true
	if old := s.grantOf(func(o *grant) bool { return o.next == g }); old != nil {
		s.drop(old)
	}
}

func (s *shop) grantOf(is func(*grant) bool) *grant {
	for _, g := range s.grants {
		if is(g) {
			return g
		}
	}
	return nil
}

func (s *shop) drop(g *grant) {
	for i := range s.grants {
		if s.grants[i] == g {
			s.grants = append(s.grants[:i:i], s.grants[i+1:]...)
			return
		}
	}
}

// issue makes a pair; without expiring it is one token that never dies, as Shopify silently gives.
func (f *Fake) issue(s *shop, expiring bool) *grant {
	n := asText(f.mint())
	g := &grant{access: "shpat_" + digest("access", s.domain, n)[:32]}
	if expiring {
		g.refresh = "shprt_" + digest("refresh", s.domain, n)[:32]
		g.until, g.refreshTil = f.now().Add(AccessLife), f.now().Add(RefreshLife)
	}
	s.grants = append(s.grants, g)
	return g
}

// authorised finds the shop a question may be put to. f.mu is held.
func (f *Fake) authorised(r *http.Request) *shop {
	s, token := f.shops[strings.ToLower(r.Host)], r.Header.Get("X-Shopify-Access-Token")
	if s == nil || token == "" {
		return nil
	}
	if s.static == token {
		return s
	}
	g := s.grantOf(func(g *grant) bool { return g.access == token })
	if g == nil || (!g.until.IsZero() && !f.now().Before(g.until)) {
		return nil
	}
	s.use(g)
	return s
}

// Exchanges counts the token exchanges that were granted.
func (f *Fake) Exchanges() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.exchanges
}

// Refreshes counts the refreshes that were granted.
func (f *Fake) Refreshes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.refreshes
}

// ExpireTokens makes the access tokens of a shop expire now; they can be refreshed.
func (f *Fake) ExpireTokens(domain string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, g := range f.shop(domain).grants {
		if !g.until.IsZero() {
			g.until = f.now()
		}
	}
}

// RevokeTokens kills all tokens of a shop, as when Shopify revokes them: the
// merchant has to open the app again. The app stays installed.
func (f *Fake) RevokeTokens(domain string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.shop(domain)
	s.grants, s.static = nil, ""
}
