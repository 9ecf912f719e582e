package commerce

import (
	"cmp"
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
)

// Product is one article of the shop's catalogue.
type Product struct {
	ID          string   `json:"id"` // the platform's
	Title       string   `json:"title,omitempty"`
	Handle      string   `json:"handle,omitempty"` // its name in addresses
	URL         string   `json:"url,omitempty"`
	Image       string   `json:"image,omitempty"`
	Type        string   `json:"type,omitempty"`
	Vendor      string   `json:"vendor,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	Collections []string `json:"collections,omitempty"`  // platform ids; empty where nobody told
	PublishedAt Instant  `json:"published_at,omitempty"` // 0 = not to be had
	UpdatedAt   Instant  `json:"updated_at,omitempty"`   // of the source the fields come from
	DeletedAt   Instant  `json:"deleted_at,omitempty"`
}

// Merge takes over what n says about the product, and ends alike in any order:
// the newest description stands, and gone is gone. It reports a change.
func (p *Product) Merge(n Product) bool {
	before, gone := *p, Earliest(p.DeletedAt, n.DeletedAt)
	if p.yieldsTo(n) {
		*p = n
	}
	p.DeletedAt = gone
	return !reflect.DeepEqual(before, *p)
}

// yieldsTo prefers the newer description; of one moment the same one everywhere.
func (p *Product) yieldsTo(n Product) bool {
	text := func(p Product) string {
		p.DeletedAt = 0
		b, _ := json.Marshal(p) // texts and numbers only
		return string(b)
	}
	return cmp.Or(cmp.Compare(n.UpdatedAt, p.UpdatedAt), cmp.Compare(text(n), text(*p))) > 0
}

// Link is where the product is to be seen: its own address, else by its handle
// in the shop's store; "" where neither is known.
func (p Product) Link(s Settings) string {
	if p.URL != "" || p.Handle == "" || s.StoreURL == "" {
		return p.URL
	}
	return strings.TrimSuffix(s.StoreURL, "/") + "/products/" + url.PathEscape(p.Handle)
}
