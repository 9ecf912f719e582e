package shopifyfake

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"flywheel/integrations/shopify/gql/partner"
)

// What the Partner API goes by until SetPartner says otherwise.
const (
	PartnerVersion = "2026-07"
	PartnerOrg     = "7654321"
	PartnerToken   = "prtapi_flywheel"
)

var partnerSchema = sync.OnceValue(func() *ast.Schema {
	return gqlparser.MustLoadSchema(&ast.Source{Name: "partner", Input: partner.Schema})
})

type partnerAPI struct {
	org, token    string
	subscriptions map[string]*Subscription // by domain
}

// Subscription is what a shop pays for the app, by Shopify App Pricing.
type Subscription struct {
	Handle             string // of the plan
	Interval           string // EVERY_30_DAYS (also if "") or ANNUAL
	TrialEnds          time.Time
	CycleFrom, CycleTo time.Time // zero: no cycle runs yet
	Ends               bool      // it was cancelled and ends with the cycle
	Pending            string    // handle of the plan it changes to; "" = none
}

// SetPartner changes the organization's number and the token of its Partner API.
func (f *Fake) SetPartner(org, token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.partner.org, f.partner.token = org, token
}

// SetSubscription says what a shop pays for from now on; nil: nothing (never
// approved, declined, frozen or cancelled).
func (f *Fake) SetSubscription(domain string, sub *Subscription) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.partner.subscriptions == nil {
		f.partner.subscriptions = map[string]*Subscription{}
	}
	delete(f.partner.subscriptions, strings.ToLower(domain))
	if sub != nil {
		own := *sub
		f.partner.subscriptions[strings.ToLower(domain)] = &own
	}
}

// servePartner is POST /{org}/api/2026-07/graphql.json of partners.shopify.com.
func (f *Fake) servePartner(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	org, token := or(f.partner.org, PartnerOrg), or(f.partner.token, PartnerToken)
	f.mu.Unlock()
	if r.PathValue("org") != org || r.Header.Get("X-Shopify-Access-Token") != token {
		refuse(w, http.StatusUnauthorized, "[API] Invalid API key or access token")
		return
	}
	q := readQuestion(w, r)
	if q == nil {
		return
	}
	if found := q.check(partnerSchema()); len(found) > 0 {
		answer(w, nil, nil, found)
		return
	}
	f.mu.Lock()
	failure := f.accept(r, q)
	f.mu.Unlock()
	if failure != "" {
		failGraph(w, r, failure)
		return
	}
	f.mu.Lock()
	x := &execution{planner: planner{schema: partnerSchema(), vars: q.Variables}}
	data, ok := x.root(nil, x.schema.Query, object{"activeSubscription": resolver(f.subscription)}, q.op.SelectionSet)
	for _, b := range x.broken {
		f.broken = append(f.broken, q.op.Name+": "+b)
	}
	f.mu.Unlock()
	switch {
	case len(x.broken) > 0:
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
	case !ok:
		answer(w, []byte("null"), nil, x.problems)
	default:
		answer(w, data, nil, x.problems)
	}
}

// failGraph fails an answer of the Partner API, which has no fields to deny.
func failGraph(w http.ResponseWriter, r *http.Request, failure Failure) {
	switch failure {
	case AccessDenied, FieldDenied:
		answer(w, []byte("null"), nil, []problem{refusal{"ACCESS_DENIED", "Access denied"}.problem(nil)})
	case Throttled:
		fail(w, r, TooMany)
	default:
		fail(w, r, failure)
	}
}

func (f *Fake) subscription(args map[string]any) (any, error) {
	gid, _ := args["shopId"].(string)
	app, _ := args["appId"].(string)
	if !strings.Contains(app, "/App/") || !strings.Contains(gid, "/Shop/") {
		return nil, refusal{"RESOURCE_NOT_FOUND", "Invalid id: " + app + ", " + gid}
	}
	tail := gid[strings.LastIndex(gid, "/")+1:]
	for domain, sub := range f.partner.subscriptions {
		if asText(f.shop(domain).info.ID) == tail {
			return sub.object(), nil
		}
	}
	return nil, nil
}

func (s *Subscription) object() object {
	o := object{
		"billingPeriod": or(s.Interval, "EVERY_30_DAYS"), "cancelAtEndOfCycle": s.Ends, "trialEndsAt": utc(s.TrialEnds),
		"items": []object{{"handle": s.Handle}}, "currentBillingCycle": nil, "pendingUpdate": nil,
	}
	if !s.CycleTo.IsZero() {
		o["currentBillingCycle"] = object{"startTime": utc(s.CycleFrom), "endTime": utc(s.CycleTo)}
	}
	if s.Pending != "" {
		o["pendingUpdate"] = object{"items": []object{{"handle": s.Pending}}}
	}
	return o
}
