// Package stripefake plays Stripe for the demo and for tests: an API that keeps
// objects per account and mode and refuses what Stripe would refuse, events that
// it tells and lists, what merchants and customers do there, the page on which an
// app is installed, and a sender that signs bodies. It knows nothing of the
// package it is used with. Its time is the Clock's or, without one, the newest it
// was given.
package stripefake

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// APIVersion is the only version the fake speaks; stripe-go v76 sends it.
const APIVersion = "2023-10-16"

// Server is the API, see New. The fields may be set before it is first asked.
type Server struct {
	Clock func() time.Time // nil: the newest time of what was put or told

	mu        sync.Mutex
	keys      map[string]owner
	books     map[place]*book
	infos     map[string]AccountInfo // of all accounts that Stripe knows
	newest    time.Time              // what was put or told
	made      int                    // counts ids that the fake gives
	failures  []failure
	calls     []Call
	secret    string // of the app, see SetApp
	redirects []string
}

// owner is whose key it is, and of which mode.
type owner struct {
	account string // "" is the platform
	live    bool
	may     []string // see Permit; nil = everything
}

type failure struct {
	status int             // 0: no answer at all
	after  bool            // of the effect
	until  <-chan struct{} // stalls; nil: at once
}

// Call is one request as the fake saw it. Of a request that only reads the
// first three fields are all.
type Call struct {
	Path, Account string
	Method        string // "": GET
	Form          string // decoded: url=https://…&connect=true
	Once          string // the idempotency key
}

// New makes a fake that takes keys, all of the platform: sk_test_… and rk_test_…
// see test data, every other key live data.
func New(keys ...string) *Server {
	s := &Server{
		keys: map[string]owner{}, books: map[place]*book{}, infos: map[string]AccountInfo{},
		newest: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
	for _, k := range keys {
		s.AddKey(k, "")
	}
	return s
}

// AddKey lets the fake take one more key, which belongs to an account itself:
// it acts there without naming it, and nowhere else.
func (s *Server) AddKey(key, account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	live := !strings.HasPrefix(key, "sk_test_") && !strings.HasPrefix(key, "rk_test_")
	s.keys[key] = owner{account: account, live: live}
	s.know(account)
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

// Fail lets the next n requests be answered with status, 500, 429 or any,
// before they have an effect.
func (s *Server) Fail(n, status int) { s.fail(n, failure{status: status}) }

// FailAfter lets the next n requests have their effect and be answered with
// status all the same, or not at all where it is 0. Sent again with the same
// idempotency key, a request gets the 500 again; any other status was never
// Stripe's own answer, so that the true one comes.
func (s *Server) FailAfter(n, status int) { s.fail(n, failure{status: status, after: true}) }

func (s *Server) fail(n int, f failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		s.failures = append(s.failures, f)
	}
}

// Stall holds the next request back until release is called or its caller has
// gone; then it is answered as usual.
func (s *Server) Stall() (release func()) {
	until := make(chan struct{})
	s.fail(1, failure{until: until})
	return sync.OnceFunc(func() { close(until) })
}

// Calls returns what was asked so far, refused requests included.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// ServeHTTP implements http.Handler: the API, and under /install/ what
// InstallPage serves.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/install/") {
		s.InstallPage(w, r)
		return
	}
	form, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the caller has gone
	}
	f, number := s.note(r, string(form))
	if f.until != nil {
		select {
		case <-f.until:
		case <-r.Context().Done():
			return
		}
	}
	a := s.answer(r, string(form), f)
	if a.status == 0 {
		panic(http.ErrAbortHandler) // hangs up
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Request-Id", "req_fake"+strconv.Itoa(number))
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		h.Set("Idempotency-Key", key)
	}
	if a.replayed {
		h.Set("Idempotent-Replayed", "true")
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a caller that has gone is no matter
}

// note writes a request down and says what is to go wrong with it.
func (s *Server) note(r *http.Request, form string) (f failure, number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := Call{Path: r.URL.Path, Account: r.Header.Get("Stripe-Account")}
	if r.Method != http.MethodGet {
		c.Method, c.Form, c.Once = r.Method, readable(form), r.Header.Get("Idempotency-Key")
	}
	s.calls = append(s.calls, c)
	if len(s.failures) > 0 {
		f, s.failures = s.failures[0], s.failures[1:]
	}
	return f, len(s.calls)
}

// now is called with the lock held.
func (s *Server) now() time.Time {
	if s.Clock != nil {
		return s.Clock()
	}
	return s.newest
}

// nextID is called with the lock held.
func (s *Server) nextID(prefix string) string {
	s.made++
	return prefix + "fake" + strconv.Itoa(s.made)
}
