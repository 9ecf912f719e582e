package api

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"flywheel/commerce"
)

// Product is one article of the catalogue as PUT /api/v1/products takes it.
type Product struct {
	ID          string   `json:"id" maxLength:"200" doc:"The id by which orders name it: the platform's own where there is one."`
	Title       string   `json:"title" maxLength:"500"`
	URL         string   `json:"url,omitempty" format:"uri" doc:"Its page, https."`
	Handle      string   `json:"handle,omitempty" maxLength:"500" doc:"Its name in addresses."`
	Image       string   `json:"image,omitempty" format:"uri" doc:"Its picture, https."`
	Type        string   `json:"type,omitempty" maxLength:"500"`
	Vendor      string   `json:"vendor,omitempty" maxLength:"500"`
	Tags        []string `json:"tags,omitempty" nullable:"false" maxItems:"250"`
	Collections []string `json:"collections,omitempty" nullable:"false" maxItems:"250" doc:"Ids of the collections it is in."`
	PublishedAt string   `json:"published_at,omitempty" format:"date-time" doc:"Since when it can be had (RFC 3339); without it, it cannot. Once it can, and that is at most 30 days ago, product_published happens, once."`
	UpdatedAt   string   `json:"updated_at,omitempty" format:"date-time" doc:"When these fields were true (RFC 3339): of two tellings the newer stands. Without it, now."`
}

// ProductList is the products of one request.
type ProductList struct {
	Products []Product `json:"products" nullable:"false" minItems:"1" maxItems:"250"`
}

const (
	maxProducts = 250
	maxTags     = 250
	// news is how long a publication is one: a catalogue told for the first time is not all new.
	news = 30 * 24 * time.Hour
)

// ReadProducts reads the body of PUT /api/v1/products. What comes back says
// everything itself: UpdatedAt is filled in. Errors are a Refusal.
func ReadProducts(body []byte, now commerce.Instant) ([]Product, error) {
	var w wrongs
	read := items[Product](&w, body, "products", maxProducts, false)
	out := make([]Product, len(read))
	seen := map[string]bool{}
	for i, it := range read {
		p := it.value
		updated := w.instant(join(it.at, "updated_at"), p.UpdatedAt)
		if updated > now.Add(skew) {
			w.add(join(it.at, "updated_at"), "lies in the future")
		}
		p.UpdatedAt = moment(cmp.Or(updated, now))
		p.check(&w, it.at)
		if seen[p.ID] {
			w.add(join(it.at, "id"), "stands there twice")
		}
		seen[p.ID] = true
		out[i] = p
	}
	if err := w.err(); err != nil {
		return nil, err
	}
	return out, nil
}

func (p *Product) check(w *wrongs, at string) {
	for _, f := range []struct{ name, value string }{{"id", p.ID}, {"title", p.Title}} {
		if f.value == "" {
			w.add(join(at, f.name), "is missing")
		}
	}
	w.id(join(at, "id"), p.ID)
	for _, f := range []struct{ name, value string }{{"title", p.Title}, {"handle", p.Handle}, {"type", p.Type}, {"vendor", p.Vendor}} {
		w.text(join(at, f.name), f.value)
	}
	w.link(join(at, "url"), p.URL)
	w.link(join(at, "image"), p.Image)
	w.words(join(at, "tags"), p.Tags)
	w.words(join(at, "collections"), p.Collections)
	w.instant(join(at, "published_at"), p.PublishedAt)
	w.instant(join(at, "updated_at"), p.UpdatedAt)
}

func (w *wrongs) words(where string, list []string) {
	if len(list) > maxTags {
		w.add(where, "must hold at most %d, and holds %d", maxTags, len(list))
		return
	}
	for i, s := range list {
		at := fmt.Sprintf("%s[%d]", where, i)
		if s == "" {
			w.add(at, "is empty")
		}
		w.text(at, s)
	}
}

// topicProducts is a product's topic in the inbox.
const topicProducts = "products/put"

// Delivery is the product as the inbox keeps it. A repeat is the same telling:
// the same fields as of the same moment.
func (p Product) Delivery(shop commerce.ShopID, now commerce.Instant) (commerce.Delivery, error) {
	body, err := json.Marshal(p)
	sum := sha256.Sum256(body)
	var w wrongs
	return commerce.Delivery{
		ShopID: shop, ConnectionID: connection(shop), Platform: commerce.API, Topic: topicProducts, ExternalID: hex.EncodeToString(sum[:]),
		TriggeredAt: w.instant("updated_at", p.UpdatedAt), ReceivedAt: now, Body: body,
	}, err
}

// change says what a product tells; it came out if it can be had since lately.
func (p Product) change(w *wrongs, received commerce.Instant) commerce.Change {
	told := commerce.Product{
		ID: p.ID, Title: p.Title, Handle: p.Handle, URL: p.URL, Image: p.Image, Type: p.Type, Vendor: p.Vendor,
		Tags: p.Tags, Collections: p.Collections,
		PublishedAt: w.instant("published_at", p.PublishedAt), UpdatedAt: w.instant("updated_at", p.UpdatedAt),
	}
	ch := commerce.Change{Product: &told}
	if at := told.PublishedAt; at != 0 && at <= received && at >= received.Add(-news) { // a date to come is a plan
		copied := told
		ch.Happened = []commerce.Happening{{Kind: commerce.ProductPublished, Subject: p.ID, At: at, Product: &copied}}
	}
	return ch
}
