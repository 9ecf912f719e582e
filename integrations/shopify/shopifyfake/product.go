package shopifyfake

import (
	"strings"
	"time"
)

// Product is an article of the catalogue. NewProduct makes a draft of one.
type Product struct {
	ID          int64
	Title       string
	Handle      string
	Type        string
	Vendor      string
	Tags        []string
	Status      string // active, draft, archived
	Image       string // address; "" = none
	CreatedAt   time.Time
	UpdatedAt   time.Time
	PublishedAt time.Time // zero: not in the online store
}

// NewProduct returns product id, written at at and not to be had yet.
func NewProduct(id int64, at time.Time) *Product {
	return &Product{
		ID: id, Title: "Wool socks", Handle: "wool-socks", Type: "Socks", Vendor: "Flywheel Goods", Tags: []string{"wool", "winter"},
		Status: "draft", Image: "https://cdn.shopify.com/s/files/1/0000/0001/products/socks.jpg", CreatedAt: at, UpdatedAt: at,
	}
}

// Publish puts it into the online store at at.
func (p *Product) Publish(at time.Time) *Product {
	p.Status, p.PublishedAt, p.UpdatedAt = "active", at, at
	return p
}

// Body is the body of products/create and products/update.
func (p *Product) Body() []byte {
	type image struct {
		ID  int64  `json:"id"`
		Src string `json:"src"`
	}
	body := struct {
		gid
		BodyHTML       string   `json:"body_html"`
		CreatedAt      *string  `json:"created_at"`
		Handle         string   `json:"handle"`
		Type           string   `json:"product_type"`
		PublishedAt    *string  `json:"published_at"`
		TemplateSuffix *string  `json:"template_suffix"`
		Title          string   `json:"title"`
		UpdatedAt      *string  `json:"updated_at"`
		Vendor         string   `json:"vendor"`
		Status         string   `json:"status"`
		Scope          string   `json:"published_scope"`
		Tags           string   `json:"tags"`
		Variants       []gid    `json:"variants"`
		Options        []string `json:"options"`
		Images         []image  `json:"images"`
		Image          *image   `json:"image"`
	}{
		gid: id("Product", p.ID), BodyHTML: "<p>" + p.Title + "</p>", CreatedAt: stamp(p.CreatedAt), Handle: p.Handle, Type: p.Type,
		PublishedAt: stamp(p.PublishedAt), Title: p.Title, UpdatedAt: stamp(p.UpdatedAt), Vendor: p.Vendor, Status: p.Status,
		Scope: "web", Tags: strings.Join(p.Tags, ", "), Variants: []gid{id("ProductVariant", p.ID+1)}, Options: []string{}, Images: []image{},
	}
	if p.Image != "" {
		body.Image = &image{p.ID + 2, p.Image}
		body.Images = append(body.Images, *body.Image)
	}
	return write(body)
}

// Deleted is the body of products/delete.
func (p *Product) Deleted() []byte {
	return write(struct {
		ID int64 `json:"id"`
	}{p.ID})
}
