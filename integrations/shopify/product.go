package shopify

import (
	"cmp"
	"strings"

	"flywheel/commerce"
)

// productBody is the product resource of products/create and products/update.
// It holds neither the collections it is in nor the shop's domain.
type productBody struct {
	ID          number `json:"id"`
	GID         string `json:"admin_graphql_api_id"`
	Title       string `json:"title"`
	Handle      string `json:"handle"`
	Type        string `json:"product_type"`
	Vendor      string `json:"vendor"`
	Tags        string `json:"tags"`   // separated by commas
	Status      string `json:"status"` // active, draft, archived, unlisted
	CreatedAt   string `json:"created_at"`
	UpdatedAt   string `json:"updated_at"`
	PublishedAt string `json:"published_at"` // null = not in the online store
	Image       *struct {
		Src string `json:"src"`
	} `json:"image"`
}

// product reads an article. It came out once it is active and published; the
// store keeps the first telling of that, so each later update may say it again.
func product(r *reader, d commerce.Delivery, b *productBody) commerce.Change {
	p := commerce.Product{
		ID: r.id("id", "Product", b.GID, b.ID), Title: text(b.Title), Handle: text(b.Handle),
		Type: text(b.Type), Vendor: text(b.Vendor), Tags: texts(strings.Split(b.Tags, ",")),
		UpdatedAt: cmp.Or(r.instant("updated_at", b.UpdatedAt), toldAt(d)),
	}
	if b.Image != nil && strings.HasPrefix(b.Image.Src, "https://") {
		p.Image = text(b.Image.Src)
	}
	if published := r.instant("published_at", b.PublishedAt); b.Status == "active" {
		p.PublishedAt = published
	}
	ch := commerce.Change{Product: &p}
	if p.PublishedAt != 0 && p.PublishedAt <= toldAt(d) { // a date to come is a plan
		told := p
		ch.Happened = []commerce.Happening{{Kind: commerce.ProductPublished, Subject: p.ID, At: p.PublishedAt, Product: &told}}
	}
	return ch
}

// deletedProduct reads {"id": ...}: all that products/delete says.
func deletedProduct(r *reader, d commerce.Delivery, b *productBody) commerce.Change {
	return commerce.Change{Product: &commerce.Product{ID: r.id("id", "Product", b.GID, b.ID), DeletedAt: toldAt(d)}}
}
