package shopify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

func TestDecodeProduct(t *testing.T) {
	made, out := noon.Add(time.Hour), noon.Add(2*time.Hour)
	socks := func(change ...func(*commerce.Product)) *commerce.Product {
		p := &commerce.Product{
			ID: "9007199254740993", Title: "Wool socks", Handle: "wool-socks", Type: "Socks", Vendor: "Flywheel Goods", Tags: []string{"wool", "winter"},
			Image: "https://cdn.shopify.com/s/files/1/0000/0001/products/socks.jpg", UpdatedAt: commerce.At(made),
		}
		for _, f := range change {
			f(p)
		}
		return p
	}
	p := shopifyfake.NewProduct(9007199254740993, made)
	got, err := Decode(delivery("products/create", string(p.Body())))
	require.NoError(t, err)
	assert.Equal(t, commerce.Change{Product: socks()}, got, "a draft is not to be had")

	p.Publish(out)
	published := socks(func(p *commerce.Product) { p.PublishedAt, p.UpdatedAt = commerce.At(out), commerce.At(out) })
	want := commerce.Change{Product: published, Happened: []commerce.Happening{{
		Kind: commerce.ProductPublished, Subject: "9007199254740993", At: commerce.At(out), Product: published,
	}}}
	for _, topic := range []string{"products/create", "products/update"} {
		got, err = Decode(delivery(topic, string(p.Body())))
		require.NoError(t, err)
		assert.Equal(t, want, got, topic)
	}
	got, err = Decode(delivery("products/delete", string(p.Deleted())))
	require.NoError(t, err)
	assert.Equal(t, commerce.Change{Product: &commerce.Product{ID: "9007199254740993", DeletedAt: triggered}}, got)
	d, _, err := Read(header("products/update"), p.Body())
	require.NoError(t, err)
	assert.Equal(t, "", d.OrderRef+d.CustomerRef+d.Email, "a product is nobody's")
}

func TestProductComesOutWhenItIsToBeHad(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		out  bool
	}{
		"active and published": {`"status":"active","published_at":"2026-11-05T08:00:00Z"`, true},
		"just now":             {`"status":"active","published_at":"2026-11-06T08:00:00Z"`, true},
		"to come out":          {`"status":"active","published_at":"2026-12-01T08:00:00Z"`, false},
		"not in the store":     {`"status":"active","published_at":null`, false},
		"archived":             {`"status":"archived","published_at":"2026-11-05T08:00:00Z"`, false},
		"a draft again":        {`"status":"draft","published_at":"2026-11-05T08:00:00Z"`, false},
		"no status told":       {`"published_at":"2026-11-05T08:00:00Z"`, false},
	} {
		got, err := Decode(delivery("products/update", `{"id":1,`+c.body+`,"image":{"src":"javascript:alert(1)"}}`))
		require.NoError(t, err, name)
		assert.Equal(t, c.out, len(got.Happened) == 1, name)
		assert.Empty(t, got.Product.Image, name)
		assert.Equal(t, triggered, got.Product.UpdatedAt, name)
	}
}
