// Package shopifyfake plays Shopify: the Admin GraphQL endpoint for one order
// (fake.go), the sender of signed webhooks (send.go) and builders of their
// bodies (order.go and the rest). It checks what it is asked as strictly as the
// real one, reads no clock and draws no random numbers, so that a scenario is
// the same each time. Only the demo, apptest and tests use it.
package shopifyfake

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"
)

// APIVersion is the only version the fake knows.
const APIVersion = "2026-10"

// Failure is how one answer goes wrong.
type Failure string

// The failures, as Shopify makes them.
const (
	Throttled    Failure = "throttled"     // HTTP 200, errors[].extensions.code THROTTLED
	TooMany      Failure = "too many"      // HTTP 429 with Retry-After
	Unavailable  Failure = "unavailable"   // HTTP 503 with an HTML page
	AccessDenied Failure = "access denied" // HTTP 200, no order, ACCESS_DENIED
	FieldDenied  Failure = "field denied"  // HTTP 200, the order without its customer, ACCESS_DENIED
	Forbidden    Failure = "forbidden"     // HTTP 403
	Moved        Failure = "moved"         // HTTP 307 to another host
	Garbled      Failure = "garbled"       // HTTP 200 with an HTML page
	Huge         Failure = "huge"          // more than 8 MiB
	Slow         Failure = "slow"          // no answer until the asker gives up
)

// Fake is one Shopify with the app installed in some shops. Its methods may be
// called from several goroutines.
type Fake struct {
	secret string
	sender *http.Client

	mu         sync.Mutex
	first      string
	shops      map[string]*shop
	failures   []Failure
	asked      []Question
	deliveries int
}

type shop struct {
	token  string
	orders map[string]object // by gid
}

// Question is one accepted question to the API.
type Question struct{ Shop, Order, Document string }

// New returns a Shopify that signs webhooks with the app's secret.
func New(appSecret string) *Fake {
	return &Fake{
		secret: appSecret, shops: map[string]*shop{},
		sender: &http.Client{
			Timeout:       5 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// AddShop installs the app in a shop; token is what the API will accept for it.
// The same domain again changes the token, as a reinstall does.
func (f *Fake) AddShop(domain, token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.first == "" {
		f.first = domain
	}
	if s := f.shops[domain]; s != nil {
		s.token = token
		return
	}
	f.shops[domain] = &shop{token: token, orders: map[string]object{}}
}

// RemoveShop uninstalls the app: the token is dead at once.
func (f *Fake) RemoveShop(domain string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.shops, domain)
}

// PutOrder lets the API answer with o as it is now; later changes need another
// PutOrder. A shop nobody added is added without a token.
func (f *Fake) PutOrder(domain string, o *Order) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shops[domain] == nil {
		f.shops[domain] = &shop{orders: map[string]object{}}
	}
	f.shops[domain].orders[id("Order", o.ID).GID] = o.object()
}

// Fail makes the next answers fail, one each.
func (f *Fake) Fail(failures ...Failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failures = append(f.failures, failures...)
}

// Asked lists the questions that passed all checks, oldest first.
func (f *Fake) Asked() []Question {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Question(nil), f.asked...)
}

func (f *Fake) nextDelivery() (n int, shop string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deliveries++
	return f.deliveries, f.first
}

// Handler serves the Admin GraphQL endpoint. The shop is named by the Host
// header, as with the real one.
func (f *Fake) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /admin/api/"+APIVersion+"/graphql.json", f.serve)
	return mux
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Shopify-Api-Version", APIVersion)
	w.Header().Set("X-Request-Id", digest("request", r.Host)[:16])
	s := f.authorised(r)
	if s == nil {
		refuse(w, http.StatusUnauthorized, "[API] Invalid API key or access token (unrecognized login or wrong password)")
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "the request must be application/json")
		return
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		refuse(w, http.StatusBadRequest, "the request broke off")
		return
	}
	var q struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
	}
	if err := json.Unmarshal(raw, &q); err != nil {
		refuse(w, http.StatusBadRequest, "the request is not JSON")
		return
	}
	root, err := parseDocument(q.Query)
	if err != nil {
		answer(w, nil, problem(err.Error(), "undefined"))
		return
	}
	gid, err := askedOrder(root, q.Variables)
	if err != nil {
		answer(w, nil, problem(err.Error(), "argumentLiteralsIncompatible"))
		return
	}
	f.reply(w, r, s, root[0], gid, q.Query, q.Variables)
}

// reply answers a well-formed question for one order, or fails as told.
func (f *Fake) reply(w http.ResponseWriter, r *http.Request, s *shop, field selection, gid, document string, vars map[string]any) {
	f.mu.Lock()
	f.asked = append(f.asked, Question{r.Host, gid, document})
	var failure Failure
	if len(f.failures) > 0 {
		failure, f.failures = f.failures[0], f.failures[1:]
	}
	order := s.orders[gid]
	f.mu.Unlock()

	if failure != "" && failure != FieldDenied {
		fail(w, r, failure)
		return
	}
	if order == nil {
		answer(w, map[string]any{field.key(): nil})
		return
	}
	node, err := project("Order", order, field, vars)
	if err != nil {
		answer(w, nil, problem(err.Error(), "undefinedField"))
		return
	}
	if failure == FieldDenied {
		node["customer"] = nil
		answer(w, map[string]any{field.key(): node}, problem("Access denied for customer field.", "ACCESS_DENIED"))
		return
	}
	answer(w, map[string]any{field.key(): node})
}

func (f *Fake) authorised(r *http.Request) *shop {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.shops[strings.ToLower(r.Host)]
	if s == nil || s.token == "" || s.token != r.Header.Get("X-Shopify-Access-Token") {
		return nil
	}
	return s
}

func fail(w http.ResponseWriter, r *http.Request, failure Failure) {
	const page = "<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"
	switch failure {
	case Throttled:
		answer(w, nil, problem("Throttled", "THROTTLED"))
	case TooMany:
		w.Header().Set("Retry-After", "2.0")
		refuse(w, http.StatusTooManyRequests, "Exceeded 2 calls per second for api client.")
	case Unavailable:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, page)
	case AccessDenied:
		answer(w, map[string]any{"order": nil}, problem("Access denied for order field. Required access: `read_orders` access scope.", "ACCESS_DENIED"))
	case Forbidden:
		refuse(w, http.StatusForbidden, "This action requires merchant approval for read_orders scope.")
	case Moved:
		http.Redirect(w, r, "http://elsewhere.invalid"+r.URL.Path, http.StatusTemporaryRedirect)
	case Garbled:
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, page)
	case Huge:
		_, _ = io.WriteString(w, `{"data":{"order":null},"padding":"`+strings.Repeat("x", 9<<20)+`"}`)
	case Slow:
		<-r.Context().Done()
	}
}

type graphProblem struct {
	Message    string         `json:"message"`
	Path       []string       `json:"path,omitempty"`
	Extensions map[string]any `json:"extensions"`
}

func problem(message, code string) graphProblem {
	return graphProblem{Message: message, Path: []string{"order"}, Extensions: map[string]any{"code": code}}
}

func answer(w http.ResponseWriter, data map[string]any, problems ...graphProblem) {
	body := map[string]any{"extensions": map[string]any{"cost": map[string]any{
		"requestedQueryCost": 200, "actualQueryCost": 40,
		"throttleStatus": map[string]any{"maximumAvailable": 2000.0, "currentlyAvailable": 1960, "restoreRate": 100.0},
	}}}
	if data != nil {
		body["data"] = data
	}
	if len(problems) > 0 {
		body["errors"] = problems
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(write(body))
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"errors":%q}`, message)
}
