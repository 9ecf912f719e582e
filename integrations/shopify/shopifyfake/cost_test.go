package shopifyfake

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/gql"
)

func TestCost(t *testing.T) {
	tests := map[string]struct {
		query             string
		requested, actual int
	}{
		"an object":           {`{ shop { id name } }`, 1, 1},
		"an object in it":     {`{ shop { primaryDomain { url } } }`, 2, 2},
		"a page":              {`{ orders(first: 10) { nodes { id } pageInfo { hasNextPage } } }`, 11, 3},
		"by edges":            {`{ orders(first: 10) { edges { node { id } } } }`, 11, 3},
		"pages of pages":      {`{ orders(first: 10) { nodes { lineItems(first: 5) { nodes { id } } } } }`, 71, 8},
		"sized lists of them": {`{ orders(first: 10) { nodes { id refunds(first: 3) { id } } } }`, 41, 3},
		"a mutation":          {`mutation { tagsAdd(id: "gid://shopify/Customer/9", tags: []) { userErrors { message } } }`, 10, 10},
		"nodes":               {`{ nodes(ids: ["gid://shopify/Customer/9", "gid://shopify/Customer/8"]) { ... on Customer { defaultEmailAddress { emailAddress } } } }`, 3, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.PutOrder(wool, NewOrder(1, noon))
			w.PutOrder(wool, NewOrder(2, noon).With(Line{Title: "Bead", Quantity: 1}))
			r := w.ask(tt.query, nil)
			require.NotNil(t, r.Extensions.Cost.Actual)
			assert.Equal(t, tt.requested, r.Extensions.Cost.Requested)
			assert.Equal(t, tt.actual, *r.Extensions.Cost.Actual)
			assert.EqualValues(t, 2000-tt.actual, r.Extensions.Cost.Throttle.Left)
		})
	}
}

func TestASingleQueryIsBounded(t *testing.T) {
	w := newWorld(t)
	r := w.ask(`{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { id } } } } }`, nil)
	assert.Equal(t, []string{"MAX_COST_EXCEEDED"}, r.codes())
	assert.Empty(t, string(r.Data))
	assert.Empty(t, w.ask(`{ orders(first: 111) { nodes { lineItems(first: 7) { nodes { id } } } } }`, nil).Errors, "1000 may be")
	assert.NotEmpty(t, w.ask(`{ orders(first: 112) { nodes { lineItems(first: 7) { nodes { id } } } } }`, nil).Errors)
	for name, document := range map[string]string{"Order": gql.Order_Operation, "Shop": gql.Shop_Operation, "ChangedOrders": gql.ChangedOrders_Operation} {
		r = w.ask(document, vars{"id": "gid://shopify/Order/1", "query": "updated_at:>='2026-11-01T00:00:00Z'"})
		assert.Empty(t, r.Errors, "%s costs %d", name, r.Extensions.Cost.Requested)
	}
}

func TestThrottled(t *testing.T) {
	w := newWorld(t)
	w.SetRate(wool, 20, 5)
	const ten = `mutation { tagsAdd(id: "gid://shopify/Customer/9", tags: []) { userErrors { message } } }`
	for range 2 {
		assert.Empty(t, w.ask(ten, nil).Errors)
	}
	r := w.ask(ten, nil)
	assert.Equal(t, []string{"THROTTLED"}, r.codes())
	assert.Equal(t, 10, r.Extensions.Cost.Requested)
	assert.Nil(t, r.Extensions.Cost.Actual)
	assert.Equal(t, []float64{20, 0, 5}, []float64{r.Extensions.Cost.Throttle.Max, r.Extensions.Cost.Throttle.Left, r.Extensions.Cost.Throttle.Restore})
	w.clock = w.clock.Add(1900 * time.Millisecond)
	assert.Equal(t, []string{"THROTTLED"}, w.ask(ten, nil).codes())
	w.clock = w.clock.Add(100 * time.Millisecond)
	assert.Empty(t, w.ask(ten, nil).Errors, "two seconds brought ten points")
	w.clock = w.clock.Add(time.Hour)
	assert.EqualValues(t, 10, w.ask(ten, nil).Extensions.Cost.Throttle.Left, "no more than the bucket holds comes back")
}
