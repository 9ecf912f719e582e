package shopifyfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"flywheel/integrations/shopify/gql"
)

// adminSchema is the part of the published schema that our documents use.
var adminSchema = sync.OnceValue(func() *ast.Schema {
	return gqlparser.MustLoadSchema(&ast.Source{Name: "admin", Input: gql.Schema})
})

const deadToken = "[API] Invalid API key or access token (unrecognized login or wrong password)"

// serveAdmin is POST /admin/api/2026-10/graphql.json.
func (f *Fake) serveAdmin(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	w.Header().Set("X-Shopify-Api-Version", f.version)
	w.Header().Set("X-Request-Id", digest("request", r.Host)[:16])
	s := f.authorised(r)
	f.mu.Unlock()
	if s == nil {
		refuse(w, http.StatusUnauthorized, deadToken)
		return
	}
	q := readQuestion(w, r)
	if q == nil {
		return
	}
	if found := q.check(adminSchema()); len(found) > 0 {
		answer(w, nil, nil, found)
		return
	}
	f.mu.Lock()
	failure, cost := f.accept(r, q), map[string]any(nil)
	f.mu.Unlock()
	switch failure {
	case "", AccessDenied, FieldDenied, Lost, Throttled:
	default:
		fail(w, r, failure)
		return
	}
	f.mu.Lock()
	data, found, status := f.carryOut(s, q, failure, &cost)
	f.mu.Unlock()
	switch {
	case failure == Lost:
		fail(w, r, Lost)
	case status != http.StatusOK:
		refuse(w, status, "Internal Server Error")
	default:
		answer(w, data, cost, found)
	}
}

// accept notes a question and says how the answer to it goes wrong.
func (f *Fake) accept(r *http.Request, q *question) Failure {
	gid, _ := q.Variables["id"].(string)
	f.asked = append(f.asked, Question{Shop: strings.ToLower(r.Host), Order: gid, Document: q.Query, Operation: q.op.Name, Variables: q.Variables})
	return f.failing(q.op.Name, true)
}

// carryOut answers a question that passed the checks, within the shop's rate.
func (f *Fake) carryOut(s *shop, q *question, failure Failure, cost *map[string]any) (data []byte, found []problem, status int) {
	x := &execution{planner: planner{schema: adminSchema(), vars: q.Variables}, access: s.access}
	def := x.schema.Query
	if q.op.Operation == ast.Mutation {
		def = x.schema.Mutation
	}
	requested := x.cost(def, q.op.SelectionSet)
	s.bucket.fill(f.now())
	tell := func(actual any) {
		*cost = map[string]any{"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": s.bucket.status()}
	}
	tell(nil)
	switch {
	case requested > maxCost:
		return nil, []problem{{
			Message:    fmt.Sprintf("Query cost is %d, which exceeds the single query max cost limit (%d).", requested, maxCost),
			Extensions: map[string]any{"code": "MAX_COST_EXCEEDED", "cost": requested, "maxCost": maxCost},
		}}, http.StatusOK
	case failure == Throttled, float64(requested) > s.bucket.left:
		return nil, []problem{{
			Message:    "Throttled",
			Extensions: map[string]any{"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"},
		}}, http.StatusOK
	}
	x.access = s.judge(failure)
	buf, ok := x.root(nil, def, f.roots(s, def), q.op.SelectionSet)
	if len(x.broken) > 0 {
		for _, b := range x.broken {
			f.broken = append(f.broken, q.op.Name+": "+b)
		}
		return nil, nil, http.StatusInternalServerError
	}
	actual := x.nodes
	if def == x.schema.Mutation {
		actual = requested
	}
	s.bucket.left -= float64(actual)
	tell(actual)
	if !ok {
		buf = []byte("null")
	}
	return buf, x.problems, http.StatusOK
}

// judge is what a shop lets be seen, and less where a failure says so.
func (s *shop) judge(failure Failure) func(owner, field string) *denial {
	return func(owner, field string) *denial {
		const scope = "`read_orders` access scope."
		switch {
		case failure == AccessDenied && (owner == "QueryRoot" || owner == "Mutation"):
			return &denial{"Access denied for " + field + " field. Required access: " + scope, scope}
		case failure == FieldDenied && owner == "Order" && field == "customer":
			return &denial{message: "Access denied for customer field."}
		}
		return s.access(owner, field)
	}
}

// answer writes what a GraphQL API answers; data is JSON or nil.
func answer(w http.ResponseWriter, data []byte, cost map[string]any, found []problem) {
	body := struct {
		Data       json.RawMessage `json:"data,omitempty"`
		Errors     []problem       `json:"errors,omitempty"`
		Extensions map[string]any  `json:"extensions,omitempty"`
	}{data, found, nil}
	if cost != nil {
		body.Extensions = map[string]any{"cost": cost}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(write(body))
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"errors":%q}`, message)
}
