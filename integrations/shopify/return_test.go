package shopify

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

func TestDecodeReturn(t *testing.T) {
	candle := shopifyfake.RefundLine{Line: 1, Quantity: 2}
	lines := []commerce.RefundLine{{Line: "102", Quantity: 2}}
	back := shopifyfake.NewOrder(1, noon).Return(noon, candle)
	for name, c := range map[string]struct {
		body string
		want []commerce.Return
	}{
		"whole":             {string(back.Body()), []commerce.Return{{ID: "131", At: triggered, Lines: lines}}},
		"as closed is told": {`{"id":5,"admin_graphql_api_id":"gid://shopify/Return/6","order_id":1,"status":"closed"}`, []commerce.Return{{ID: "6", At: triggered}}},
		"without its lines": {`{"id":5,"order":{"id":1},"return_line_items":[{"quantity":1,"fulfillment_line_item":null}]}`, []commerce.Return{{ID: "5", At: triggered}}},
		"of no order":       {`{"id":5}`, nil},
		"of no name":        {`{"order":{"id":1}}`, nil},
		"the documented":    {string(shopifyfake.ReturnWithoutBody()), nil},
	} {
		got, err := Decode(delivery("returns/process", c.body))
		require.NoError(t, err, name)
		if c.want == nil {
			assert.NotEmpty(t, got.Ignored, name)
			continue
		}
		assert.Equal(t, commerce.Change{Order: &commerce.OrderChange{Keys: key("1"), Returns: c.want}}, got, name)
	}
	d, _, err := Read(header("returns/process"), back.Body())
	require.NoError(t, err)
	assert.Equal(t, "1", d.OrderRef)
}

// A refund that is made for a return proves it, wherever the refund is told;
// with the return's own webhook it is one event still.
func TestRefundProvesItsReturn(t *testing.T) {
	o := shopifyfake.NewOrder(1, noon)
	back := o.Return(noon, shopifyfake.RefundLine{Line: 1, Quantity: 1})
	money := back.Refund(noon, 1450)
	want := []commerce.Return{{ID: "131", At: commerce.At(noon), Lines: []commerce.RefundLine{{Line: "102", Quantity: 1}}}}
	var told []commerce.OrderChange
	for topic, body := range map[string][]byte{"refunds/create": money.Body(), "orders/updated": o.Body(), "returns/process": back.Body()} {
		got, err := Decode(delivery(topic, string(body)))
		require.NoError(t, err)
		if topic != "returns/process" {
			assert.Equal(t, want, got.Order.Returns, topic)
		}
		told = append(told, *got.Order)
	}
	events := 0
	whole := merged(told)
	for _, e := range whole.Events(commerce.Shop{}) {
		if e.Kind == commerce.ReturnProcessed {
			events++
			assert.Equal(t, "order/131", e.Subject)
		}
	}
	assert.Equal(t, 1, events)

	got, err := Decode(delivery("refunds/create", string(o.Refund(noon, 100).Body())))
	require.NoError(t, err)
	assert.Empty(t, got.Order.Returns, "a goodwill")
}
