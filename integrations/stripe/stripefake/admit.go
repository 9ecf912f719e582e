package stripefake

import (
	"net/http"
	"strconv"
	"strings"
)

// request is one admitted request.
type request struct {
	*Server
	*book
	id     string // of the path
	params params
	rule   *route
}

// answer serves a request, once by its idempotency key.
func (s *Server) answer(r *http.Request, form string, f failure) answered {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, p := s.admit(r)
	failing := f.status != 0 && !f.after
	switch {
	case p != nil && !failing:
		return p.answer()
	case p == nil && r.Method == http.MethodPost && r.Header.Get("Idempotency-Key") != "":
		return s.answerOnce(b, r, form, f)
	case failing:
		return refusal(f.status, "", "the fake was told to fail").answer()
	}
	out, _ := s.serve(b, r, form)
	return f.instead(out)
}

// instead is what a request gets whose effect was made.
func (f failure) instead(out answered) answered {
	switch {
	case !f.after:
		return out
	case f.status == 0:
		return answered{}
	}
	return refusal(f.status, "", "the fake was told to fail after the effect").answer()
}

// serve finds the route and lets it answer. early = nothing was begun.
func (s *Server) serve(b *book, r *http.Request, form string) (out answered, early bool) {
	rule, id := routeOf(r.Method, r.URL.Path)
	if rule == nil {
		return refusal(404, "", "Unrecognized request URL ("+r.Method+": "+r.URL.Path+").").answer(), true
	}
	if r.Method == http.MethodPost {
		if kind := r.Header.Get("Content-Type"); form != "" && !strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
			return refusal(400, "", "Invalid request (check that your POST content type is application/x-www-form-urlencoded).").answer(), true
		}
		if r.URL.RawQuery != "" {
			form += "&" + r.URL.RawQuery
		}
	} else {
		form = r.URL.RawQuery
	}
	given, p := readParams(form, rule.rules)
	var o Object
	if p == nil {
		q := &request{Server: s, book: b, id: id, params: given, rule: rule}
		if p = q.permit(r); p == nil {
			o, p = rule.do(q)
		}
		if p == nil {
			p = q.expandAll(o)
		}
	}
	if p != nil {
		return p.answer(), p.early
	}
	return reply(200, o), false
}

// admit checks key, version and account as Stripe does.
func (s *Server) admit(r *http.Request) (*book, *problem) {
	key := keyOf(r)
	who, known := s.keys[key]
	account := r.Header.Get("Stripe-Account")
	if account == "" || account == platform && who.account == "" {
		account = who.account
	}
	switch version := r.Header.Get("Stripe-Version"); {
	case key == "":
		return nil, refusal(401, "", "You did not provide an API key.")
	case !known:
		return nil, refusal(401, "", "Invalid API Key provided: "+key) // Stripe masks a part only
	case version != APIVersion:
		return nil, refusal(400, "", "The fake speaks "+APIVersion+", not "+strconv.Quote(version)+".")
	case len(r.Header.Get("Idempotency-Key")) > 255:
		return nil, refusal(400, "", "Idempotency keys may be at most 255 characters.")
	}
	b := s.books[place{account, who.live}]
	if account == who.account {
		return s.book(account, who.live), nil
	}
	if who.account != "" || b == nil || !b.connected {
		return nil, refusal(403, "account_invalid", "The provided key '"+key+"' does not have access to account '"+
			account+"' (or that account does not exist). Application access may have been revoked.")
	}
	return b, nil
}

// keyOf is the key that a request bears.
func keyOf(r *http.Request) string {
	if user, _, basic := r.BasicAuth(); basic {
		return user
	}
	key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return key
}
