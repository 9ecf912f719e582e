// Package shopifyfake plays Shopify for the demo, apptest and tests: the Admin
// GraphQL API, whose questions and answers are held to the published schema
// (graphql.go), the token endpoint (token.go), bulk files (bulk.go), the Partner
// API (partner.go), the sender of signed webhooks (send.go) and builders of their
// bodies (order.go and the rest). It keeps what it is told, checks what it is
// asked as strictly as the real one, and draws no random numbers. It reads the
// real clock only where Shopify's own would decide: the life of tokens and the
// refilling of rate limits.
package shopifyfake

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// APIVersion is the only version of the Admin API the fake knows.
const APIVersion = "2026-10"

// Fake is one Shopify with the app installed in some shops. Its methods may be
// called from several goroutines.
type Fake struct {
	// Now is the real clock of tokens and rate limits; set it before the first question. Nil = time.Now.
	Now func() time.Time

	sender *http.Client

	mu         sync.Mutex
	app        App
	base       string // of this fake, for the addresses of bulk files
	version    string // that answers say they are of
	first      string
	shops      map[string]*shop
	failures   map[string][]Failure
	asked      []Question
	broken     []string
	deliveries int
	minted     int // tokens, codes and ids so far
	codes      map[string]code
	exchanges  int
	refreshes  int
	partner    partnerAPI
	files      map[string]*bulk
	plan       bulkPlan
}

// App is how the app stands in the Dev Dashboard.
type App struct {
	Key    string // client id
	Secret string
	// OldSecret is the one before a rotation: Shopify still signs nothing with it, but takes it at the token endpoint.
	OldSecret string
	Redirects []string // the allowed redirect URLs of the authorization code grant
	Scopes    []string // what an install grants
}

// Question is one accepted question to a GraphQL API. Order is the gid the
// document asks for, if it asks for one by the variable id.
type Question struct {
	Shop, Order, Document string
	Operation             string
	Variables             map[string]any
}

// New returns a Shopify that signs with the app's secret. The app's key is "key".
func New(appSecret string) *Fake {
	return &Fake{
		app: App{Key: "key", Secret: appSecret, Scopes: AppScopes}, version: APIVersion,
		shops: map[string]*shop{}, failures: map[string][]Failure{}, files: map[string]*bulk{},
		sender: &http.Client{
			Timeout:       time.Minute, // Shopify waits 5 s and comes again; a story is not told of how busy the machine was
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// SetApp changes the app's entry in the Dev Dashboard; empty members stay as they are.
func (f *Fake) SetApp(a App) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a.Key != "" {
		f.app.Key = a.Key
	}
	if a.Secret != "" {
		f.app.Secret, f.app.OldSecret = a.Secret, a.OldSecret
	}
	if a.Redirects != nil {
		f.app.Redirects = a.Redirects
	}
	if a.Scopes != nil {
		f.app.Scopes = a.Scopes
	}
}

// SetBase tells the fake where it is served (http://127.0.0.1:4000), since the
// Host header of a question names a shop: bulk files lie below it.
func (f *Fake) SetBase(url string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.base = strings.TrimSuffix(url, "/")
}

// Drift makes answers say that they are of another version, as when the pinned
// one has died; "" ends it.
func (f *Fake) Drift(version string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.version = version; version == "" {
		f.version = APIVersion
	}
}

// Asked lists the questions that passed all checks, oldest first.
func (f *Fake) Asked() []Question {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

// Broken lists where the fake itself could not answer by the schema. A test
// should demand that there is none.
func (f *Fake) Broken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.broken)
}

// Handler serves all of Shopify. The shop is named by the Host header, as with the real one.
func (f *Fake) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /admin/api/"+APIVersion+"/graphql.json", f.serveAdmin)
	mux.HandleFunc("POST /admin/oauth/access_token", f.serveToken)
	mux.HandleFunc("POST /{org}/api/"+PartnerVersion+"/graphql.json", f.servePartner)
	mux.HandleFunc("GET /bulk/{file}", f.serveBulk)
	return mux
}

func (f *Fake) now() time.Time {
	if f.Now != nil {
		return f.Now()
	}
	return time.Now()
}

// mint numbers what must be different each time. f.mu is held.
func (f *Fake) mint() int64 {
	f.minted++
	return int64(f.minted)
}

func (f *Fake) nextDelivery() (n int, shop string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deliveries++
	return f.deliveries, f.first
}

func (f *Fake) secret() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.app.Secret
}

func (f *Fake) drifted() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.version
}
