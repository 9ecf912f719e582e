package shopify

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

// how is the part of a description that says how an order was sold.
type how struct {
	Source, Method, Marketplace             string
	Pickup, POS, B2B, Draft, Invoiced, Gift bool
}

func TestDecodeHowItWasSold(t *testing.T) {
	order := func() *shopifyfake.Order { return shopifyfake.NewOrder(1, noon) }
	property := func(name, value string, lines ...int) *shopifyfake.Order {
		o := order()
		for _, i := range lines {
			o.Lines[i].Properties = []shopifyfake.Attribute{{Name: name, Value: value}}
		}
		return o
	}
	withheld := order()
	withheld.ToCounter, withheld.Withheld = true, true
	zapiet := order()
	zapiet.Attributes = []shopifyfake.Attribute{{Name: "Checkout-Method", Value: "pickup"}}
	for name, c := range map[string]struct {
		order *shopifyfake.Order
		want  how
	}{
		"in the online store":     {order(), how{Source: "web", Method: "Standard"}},
		"by express":              {order().By("DHL Express"), how{Source: "web", Method: "DHL Express"}},
		"to be fetched":           {order().ToPickUp("Shop Vienna"), how{Source: "web", Method: "Shop Vienna", Pickup: true}},
		"to be fetched by an app": {zapiet, how{Source: "web", Method: "Standard", Pickup: true}},
		"addresses withheld":      {withheld, how{Source: "web", Method: "Standard"}},
		"over the counter":        {order().Counter(), how{Source: "pos", POS: true}},
		"to a company":            {order().B2B(77), how{Source: "web", Method: "Standard", B2B: true}},
		"by staff":                {order().Draft(false), how{Source: "shopify_draft_order", Method: "Standard", Draft: true}},
		"by an invoice":           {order().Draft(true), how{Source: "shopify_draft_order", Method: "Standard", Draft: true, Invoiced: true}},
		"on Amazon":               {order().Amazon(), how{Source: "amazon", Method: "Standard", Marketplace: "amazon"}},
		"on Facebook":             {order().Sold("2329312"), how{Source: "2329312", Method: "Standard", Marketplace: "facebook"}},
		"as a gift":               {order().Gift("For you"), how{Source: "web", Method: "Standard", Gift: true}},
		"every line a gift":       {property("_gift_note", "For you", 0, 1), how{Source: "web", Method: "Standard", Gift: true}},
		"one line a gift":         {property("_gift_note", "For you", 0), how{Source: "web", Method: "Standard"}},
	} {
		got, err := Decode(delivery("orders/create", string(c.order.Body())))
		require.NoError(t, err)
		d := got.Order.Detail
		assert.Equal(t, c.want, how{d.SourceName, d.ShippingMethod, d.Marketplace, d.Pickup, d.POS(), d.B2B, d.Draft, d.Invoiced, d.Gift}, name)
	}
}

func TestMarketplace(t *testing.T) {
	for source, want := range map[string]string{
		"amazon": "amazon", "Amazon-US": "amazon", "sell-on-amazon": "amazon", "amazon_mcf": "amazon", "ebay": "ebay", "eBay DE": "ebay",
		"1775805": "ebay", "tiktok": "tiktok", "TiktokShop": "tiktok", "2329312": "facebook", "instagram": "instagram", "facebook": "facebook",
		"google": "google", "1780363": "google", "1456995": "walmart", "etsy": "etsy", "noon": "noon", "noon-sa": "noon", "trendyol": "trendyol",

		"": "", "web": "", "pos": "", "iphone": "", "android": "", "shopify_draft_order": "", "580111": "", "checkout_next": "",
		"3890849": "", "294517": "", "subscription_contract_checkout_one": "", "afternoon-app": "", "retargeting": "", "12329312": "",
	} {
		assert.Equal(t, want, marketplace(source), source)
	}
}

func TestGift(t *testing.T) {
	for name, c := range map[string]struct {
		told attribute
		want bool
	}{
		"yes":                {attribute{"Is this a gift?", "Yes"}, true},
		"a message":          {attribute{"gift-message", "For Ada"}, true},
		"a flag":             {attribute{"is_gift", true}, true},
		"a number":           {attribute{"gift", float64(1)}, true},
		"wrapped":            {attribute{"Gift wrap", "red"}, true},
		"in Arabic":          {attribute{"هدية", "نعم"}, true},
		"in Persian":         {attribute{"هدیه است", "بله"}, true},
		"no":                 {attribute{"Gift", " No "}, false},
		"no in Arabic":       {attribute{"هدية", "لا"}, false},
		"no answer":          {attribute{"gift_message", " "}, false},
		"null":               {attribute{"gift", nil}, false},
		"false":              {attribute{"gift", false}, false},
		"nought":             {attribute{"gift", float64(0)}, false},
		"the shop's present": {attribute{"_free_gift", "true"}, false},
		"a gift card":        {attribute{"Gift card recipient", "ada@example.com"}, false},
		"something else":     {attribute{"Engraving", "gift"}, false},
	} {
		assert.Equal(t, c.want, gift([]attribute{c.told}), name)
	}
}

// Apps write what they like into attributes; no order is lost over it.
func TestAttributesOfAnyShape(t *testing.T) {
	for _, told := range []string{`null`, `[]`, `{}`, `"gift"`, `7`, `[7,null,"gift",[1]]`, `[{"name":7,"value":{}}]`, `[{"value":"x"}]`, `{"gift":"yes"}`} {
		got, err := Decode(delivery("orders/create", `{"id":1,"note_attributes":`+told+`,"line_items":[{"id":2,"properties":`+told+`}]}`))
		require.NoError(t, err, told)
		assert.False(t, got.Order.Detail.Gift, told)
	}
	got, err := Decode(delivery("orders/create", `{"id":1,"note_attributes":[{"name":7},{"name":"Gift","value":"yes"}]}`))
	require.NoError(t, err)
	assert.True(t, got.Order.Detail.Gift)
}

func TestDecodeWhereTo(t *testing.T) {
	for name, c := range map[string]struct{ body, country, region string }{
		"shipped":                  {`"shipping_address":{"country_code":"US","province_code":"ky"},"billing_address":{"country_code":"CA","province_code":"ON"}`, "US", "KY"},
		"billed":                   {`"billing_address":{"country_code":"CA","province_code":"ON"}`, "CA", "ON"},
		"no province there":        {`"shipping_address":{"country_code":"DE"},"billing_address":{"country_code":"CA","province_code":"ON"}`, "DE", ""},
		"a province of no country": {`"billing_address":{"province_code":"ON"}`, "", ""},
	} {
		got, err := Decode(delivery("orders/create", `{"id":1,`+c.body+`}`))
		require.NoError(t, err)
		assert.Equal(t, []string{c.country, c.region}, []string{got.Order.Detail.Country, got.Order.Detail.Region}, name)
	}
}

func TestDecodeParts(t *testing.T) {
	o := shopifyfake.NewOrder(1, noon).In("USD", "EUR", 1, 2)
	o.Lines[1].Digital, o.Lines[0].Vendor = true, "Loom & Co"
	first := o.FulfilPart(noon, shopifyfake.RefundLine{Line: 0, Quantity: 1})
	got, err := Decode(delivery("orders/create", string(o.Body())))
	require.NoError(t, err)
	d := got.Order.Detail
	assert.Equal(t, sum(3900, "EUR"), d.SubtotalCurrent, "without the shipping")
	assert.Equal(t, []string{"Loom & Co", "Flywheel Goods"}, []string{d.Lines[0].Vendor, d.Lines[1].Vendor})
	assert.Equal(t, []bool{false, true}, []bool{d.Lines[0].Digital, d.Lines[1].Digital})
	assert.Equal(t, []commerce.RefundLine{{Line: "101", Quantity: 1}}, got.Order.Fulfilments[0].Lines)
	assert.Zero(t, got.Order.FulfilledSeen, "a part of it")

	whole := merged([]commerce.OrderChange{*got.Order})
	told, err := Decode(delivery("fulfillment_events/create", string(first.Deliver(noon))))
	require.NoError(t, err)
	whole.Merge(*told.Order, commerce.Shopify)
	arrived, assumed := whole.Arrived(commerce.Shop{})
	assert.Equal(t, commerce.At(noon), arrived, "the rest is never sent")
	assert.False(t, assumed)
}
