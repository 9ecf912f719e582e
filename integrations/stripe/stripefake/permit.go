package stripefake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Permit lets a key do only what permissions name: a key of an account, and one of
// the platform in the accounts of others, as those have granted its app. A
// permission to write is one to read. It is stricter than Stripe, where some
// permissions bring others along
// (https://docs.stripe.com/stripe-apps/reference/permissions, object permissions).
// A key that was never restricted may do everything.
func (s *Server) Permit(key string, permissions ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.keys[key]
	who.may = append([]string{}, permissions...)
	s.keys[key] = who
}

// Permissions are those that an app's manifest, stripe-app.json, asks for.
func Permissions(manifest []byte) (out []string, err error) {
	var m struct {
		Permissions []struct {
			Permission string `json:"permission"`
		} `json:"permissions"`
	}
	if err := json.Unmarshal(manifest, &m); err != nil {
		return nil, fmt.Errorf("stripefake: the manifest: %w", err)
	}
	for _, p := range m.Permissions {
		out = append(out, p.Permission)
	}
	return out, nil
}

// resources are the kinds whose permission bears another name.
var resources = map[string]string{"account": "connected_account", "refund": "charge", "webhook_endpoint": "webhook"}

// needs are the permissions of a request: for what it is about, and for each
// object that it has expanded.
func (q *request) needs() []string {
	access := "_write"
	if q.rule.method == http.MethodGet {
		access = "_read"
	}
	out := []string{resource(q.rule.kind) + access}
	for _, path := range q.params["expand"] {
		for _, field := range strings.Split(path, ".") {
			if kind := kinds[field]; kind != "" {
				out = append(out, resource(kind)+"_read")
			}
		}
	}
	return out
}

func resource(kind string) string {
	if name := resources[kind]; name != "" {
		return name
	}
	return kind
}

// permit refuses what the key may not do in the account. The answer has no code:
// https://github.com/stripe/stripe-node/issues/2246.
func (q *request) permit(r *http.Request) *problem {
	key := keyOf(r)
	who := q.keys[key]
	if who.may == nil || who.account == "" && q.account == "" {
		return nil
	}
	for _, need := range q.needs() {
		write := strings.TrimSuffix(need, "_read") + "_write"
		if !slices.Contains(who.may, need) && !slices.Contains(who.may, write) {
			return refusal(403, "", "The provided key '"+key+"' does not have the required permissions for this endpoint on account '"+
				q.account+"'. Having the 'rak_"+need+"' permission would allow this request to continue.")
		}
	}
	return nil
}
