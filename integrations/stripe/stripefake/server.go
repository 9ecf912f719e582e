// Package stripefake plays Stripe for the demo and for tests: an API that keeps
// objects per account and refuses what Stripe would refuse, bodies of events
// with defaults, and a sender that signs them. It knows nothing of the package
// it is used with, and no clock: ids and times are given.
package stripefake

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// APIVersion is the only version the fake speaks; stripe-go v76 sends it.
const APIVersion = "2023-10-16"

// Server answers GET /v1/charges/:id, /v1/payment_intents/:id and /v1/refunds
// for one secret key. The zero value is not of use; see New.
type Server struct {
	key string

	mu       sync.Mutex
	accounts map[string]*account // "" is the key's own
	failures []failure
	calls    []Call
}

type account struct {
	objects map[string]Object // by id
	refunds []string          // ids, the newest first
}

type failure struct {
	status int
	until  <-chan struct{} // nil: at once
}

// Call is one request as the fake saw it.
type Call struct{ Path, Account string }

// New makes a fake that takes secretKey.
func New(secretKey string) *Server {
	return &Server{key: secretKey, accounts: map[string]*account{"": {objects: map[string]Object{}}}}
}

// Listen serves on a free loopback port until stop is called.
func (s *Server) Listen() (baseURL string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("stripefake: %w", err)
	}
	srv := &http.Server{Handler: s}
	go func() { _ = srv.Serve(l) }() // ends with Close
	return "http://" + l.Addr().String(), func() { _ = srv.Close() }, nil
}

// Put keeps objects (charges, payment intents, refunds, invoices) in an account,
// over earlier ones of the same id. The first Put connects the account.
func (s *Server) Put(accountID string, objects ...Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[accountID]
	if a == nil {
		a = &account{objects: map[string]Object{}}
		s.accounts[accountID] = a
	}
	for _, o := range objects {
		id := o.text("id")
		if _, seen := a.objects[id]; !seen && o.text("object") == "refund" {
			a.refunds = append([]string{id}, a.refunds...)
		}
		a.objects[id] = o
	}
}

// Disconnect takes the key's access to an account away.
func (s *Server) Disconnect(accountID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.accounts, accountID)
}

// Fail lets the next n requests be answered with status: 500, 429, any.
func (s *Server) Fail(n, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		s.failures = append(s.failures, failure{status: status})
	}
}

// Stall holds the next request back until release is called or its caller has
// gone; then it is answered as usual.
func (s *Server) Stall() (release func()) {
	until := make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, failure{until: until})
	return sync.OnceFunc(func() { close(until) })
}

// Calls returns what was asked so far, refused requests included.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls = append(s.calls, Call{Path: r.URL.Path, Account: r.Header.Get("Stripe-Account")})
	var f failure
	if len(s.failures) > 0 {
		f, s.failures = s.failures[0], s.failures[1:]
	}
	s.mu.Unlock()
	if f.until != nil {
		select {
		case <-f.until:
		case <-r.Context().Done():
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", "req_fake"+strconv.Itoa(len(s.Calls())))
	if f.status != 0 {
		refuse(w, f.status, "", "the fake was told to fail")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.admit(w, r); ok {
		a.answer(w, r)
	}
}

// admit checks key, version, account and method as Stripe does.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) (*account, bool) {
	key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if user, _, basic := r.BasicAuth(); basic {
		key = user
	}
	a, connected := s.accounts[r.Header.Get("Stripe-Account")]
	switch version := r.Header.Get("Stripe-Version"); {
	case key == "":
		refuse(w, 401, "", "You did not provide an API key.")
	case key != s.key:
		refuse(w, 401, "", "Invalid API Key provided: "+key) // Stripe masks a part only
	case version != APIVersion:
		refuse(w, 400, "", "The fake speaks "+APIVersion+", not "+strconv.Quote(version)+".")
	case !connected:
		refuse(w, 403, "account_invalid", "The provided key '"+key+"' does not have access to account '"+
			r.Header.Get("Stripe-Account")+"' (or that account does not exist). Application access may have been revoked.")
	case r.Method != http.MethodGet:
		refuse(w, 405, "", "The fake only reads.")
	default:
		return a, true
	}
	return nil, false
}

// refuse answers with Stripe's error shape.
func refuse(w http.ResponseWriter, status int, code, message string) {
	kind := "invalid_request_error"
	if status >= 500 {
		kind = "api_error"
	}
	e := Object{"type": kind, "message": message}
	if code != "" {
		e["code"] = code
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(Object{"error": e}) // a caller that has gone is no matter
}
