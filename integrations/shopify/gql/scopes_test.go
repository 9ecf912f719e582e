package gql_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// topicScopes are the topics that bring us something, and the scope each needs
// (npm shopify-webhook-schemas 0.3.8, metadatas/2026-07, access_scopes; "" = none).
var topicScopes = map[string]string{
	"orders/create": "read_orders", "orders/paid": "read_orders", "orders/updated": "read_orders", "orders/edited": "read_orders",
	"orders/cancelled": "read_orders", "orders/fulfilled": "read_orders", "orders/partially_fulfilled": "read_orders",
	"orders/delete": "read_orders", "refunds/create": "read_orders", "returns/process": "read_returns",
	"disputes/create": "read_shopify_payments_disputes", "disputes/update": "read_shopify_payments_disputes",
	"customers/create": "read_customers", "customers/update": "read_customers", "customers/delete": "read_customers",
	"customers_email_marketing_consent/update": "read_customers", "customers_marketing_consent/update": "read_customers",
	"customers_whats_app_marketing_consent/update": "read_customers", "customers/merge": "read_customer_merge",
	"fulfillments/create": "read_fulfillments", "fulfillments/update": "read_fulfillments", "fulfillment_events/create": "read_fulfillments",
	"products/create": "read_products", "products/update": "read_products", "products/delete": "read_products",
	"locales/create": "read_locales", "locales/update": "read_locales", "locales/destroy": "read_locales",
	"shop/update": "", "app/uninstalled": "", "app/scopes_update": "", "app_subscriptions/update": "", "bulk_operations/finish": "",
}

// appFile is shopify.app.toml, as far as it is about scopes.
type appFile struct {
	Access struct {
		Scopes   string   `toml:"scopes"`
		Optional []string `toml:"optional_scopes"`
	} `toml:"access_scopes"`
	Proxy    map[string]any `toml:"app_proxy"`
	Webhooks struct {
		Subscriptions []struct {
			Topics []string `toml:"topics"`
		} `toml:"subscriptions"`
	} `toml:"webhooks"`
}

func readApp(t *testing.T) (a appFile) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shopify.app.toml"))
	require.NoError(t, err)
	// Topics of optional scopes stand there as comments, since a deploy may be refused for them.
	text := string(data)
	_, block, found := strings.Cut(text, "# -- optional topics begin\n")
	require.True(t, found)
	block, _, _ = strings.Cut(block, "# -- optional topics end\n")
	text += "\n" + strings.ReplaceAll(strings.TrimPrefix(block, "# "), "\n# ", "\n")
	require.NoError(t, toml.Unmarshal([]byte(text), &a))
	return a
}

// scopes are those the app asks for, those it may do without included.
func (a appFile) scopes() (all []string) {
	for _, s := range strings.Split(a.Access.Scopes, ",") {
		all = append(all, strings.TrimSpace(s))
	}
	return append(all, a.Access.Optional...)
}

// need is something that works only with one of some scopes.
type need struct {
	what  string
	anyOf []string
}

// needs are all that the app's documents, topics and proxy need.
func (a appFile) needs(t *testing.T) []need {
	t.Helper()
	list := documentNeeds(t, documents(t, "."))
	for _, s := range a.Webhooks.Subscriptions {
		for _, topic := range s.Topics {
			scope, known := topicScopes[topic]
			assert.True(t, known, "which scope does %s need?", topic)
			if scope != "" {
				list = append(list, need{topic, []string{scope}})
			}
		}
	}
	if a.Proxy != nil {
		list = append(list, need{"the app proxy", []string{"write_app_proxy"}})
	}
	// No field names this one: without it the same fields show the orders of 60 days (QueryRoot.orders).
	return append(list, need{"orders older than 60 days", []string{"read_all_orders"}})
}

// documentNeeds are the scopes of all fields and types that a document touches.
func documentNeeds(t *testing.T, text string) []need {
	t.Helper()
	s, err := admin()
	require.NoError(t, err)
	schema, err := published()
	require.NoError(t, err)
	doc, problems := gqlparser.LoadQueryWithRules(schema, text, nil)
	require.Empty(t, problems)
	found := map[string][]string{}
	touch := func(key string) {
		if scopes := s.Scopes[key]; len(scopes) > 0 {
			found[key] = scopes
		}
	}
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, f := range fields(set) {
			touch(f.ObjectDefinition.Name)
			touch(f.ObjectDefinition.Name + "." + f.Name)
			touch(f.Definition.Type.Name())
			walk(f.SelectionSet)
		}
	}
	for _, op := range doc.Operations {
		walk(op.SelectionSet)
	}
	var list []need
	for _, key := range slices.Sorted(maps.Keys(found)) {
		list = append(list, need{key, found[key]})
	}
	return list
}

// missing are the needs that scopes do not meet. To write is to read, too.
func missing(needs []need, scopes []string) (lacking []string) {
	granted := map[string]bool{}
	for _, s := range scopes {
		granted[s] = true
		if what, writes := strings.CutPrefix(s, "write_"); writes {
			granted["read_"+what] = true
		}
	}
	for _, n := range needs {
		if !slices.ContainsFunc(n.anyOf, func(s string) bool { return granted[s] }) {
			lacking = append(lacking, n.what+" needs one of "+strings.Join(n.anyOf, ", "))
		}
	}
	return lacking
}

// unused are the scopes without which nothing would be missing: asking for one
// is a finding of the app review (SCOPE_OVER_REQUEST).
func unused(needs []need, scopes []string) (idle []string) {
	for _, s := range scopes {
		what, reads := strings.CutPrefix(s, "read_")
		if reads && slices.Contains(scopes, "write_"+what) {
			continue // it is granted anyhow
		}
		others := slices.DeleteFunc(slices.Clone(scopes), func(o string) bool { return o == s })
		if what, writes := strings.CutPrefix(s, "write_"); writes {
			others = append(others, "read_"+what) // reading might do
		}
		if len(missing(needs, others)) == 0 {
			idle = append(idle, s)
		}
	}
	return idle
}

// The app asks for what its documents and topics need, and for nothing else.
func TestScopes(t *testing.T) {
	app := readApp(t)
	needs, scopes := app.needs(t), app.scopes()
	assert.Empty(t, missing(needs, scopes))
	assert.Empty(t, unused(needs, scopes))

	t.Run("what is missing is found", func(t *testing.T) {
		more := append(slices.Clone(needs), documentNeeds(t, `query { draftOrders(first: 1) { nodes { id } } }`)...)
		assert.NotEmpty(t, missing(more, scopes))
		assert.Contains(t, missing(needs, []string{"write_discounts"}), "Customer needs one of read_customers")
	})
	t.Run("what is unused is found", func(t *testing.T) {
		for _, s := range []string{"read_themes", "write_products", "write_orders", "read_draft_orders"} {
			assert.Contains(t, unused(needs, append(slices.Clone(scopes), s)), s)
		}
	})
}
