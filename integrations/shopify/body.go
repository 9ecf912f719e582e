package shopify

import (
	"encoding/json"

	"github.com/tidwall/gjson"
)

// orderBody is the order resource of all orders/* webhooks but edited and
// delete, as far as we keep it. The client fills it from GraphQL.
type orderBody struct {
	ID                  number
	GID                 string
	Name                string
	Test                bool
	Confirmed           *bool
	CreatedAt           string
	UpdatedAt           string
	ProcessedAt         string
	CancelledAt         string
	FinancialStatus     string
	FulfilmentStatus    string
	Gateways            []string
	SourceName          string
	CheckoutToken       string
	Locale              string
	Tags                string // separated by commas
	DiscountCodes       []string
	Currency            string // the shop's
	PresentmentCurrency string
	Total               number
	TotalSet            *moneySet
	CurrentTotal        number
	CurrentTotalSet     *moneySet
	CurrentSubtotal     number
	CurrentSubtotalSet  *moneySet
	Tax                 number
	TaxSet              *moneySet
	TaxIncluded         bool
	ShippingSet         *moneySet
	Email               string
	ContactEmail        string
	Phone               string
	AcceptsMarketing    bool
	Customer            *customerBody
	Shipping            *addressBody
	Billing             *addressBody
	Lines               []lineBody
	Refunds             []refundBody
	Fulfilments         []fulfilmentBody
	Shipped             *shippingBody // the first shipping line that was not taken off
	B2B                 bool          // company is told
	Attributes          []attribute   // note_attributes
	LandingSite         string        // the path by which the buyer came, with its query
	BrowserIP           string
}

// lineBody is one of an order's line_items.
type lineBody struct {
	ID               number
	GID              string
	ProductID        number
	Title            string
	Variant          string
	SKU              string
	Quantity         int64
	CurrentQuantity  *int64
	RequiresShipping *bool
	GiftCard         bool
	Price            number
	PriceSet         *moneySet
	Vendor           string
	Properties       []attribute
}

// shippingBody is one of an order's shipping_lines.
type shippingBody struct {
	Title    string
	Category string // gone from webhooks by 2026-07, null before
	Removed  bool
}

// readOrder walks an order's body with gjson. Orders are most of what comes,
// and most of their members are of no use here: encoding/json, which looks at
// each of them twice, takes twice as long (BenchmarkDecodeOrder). json.Valid
// comes first, since gjson takes what it can of anything, and its own check
// recurses: eight million brackets would end the process.
func readOrder(r *reader, body []byte) (orderBody, error) {
	if !json.Valid(body) {
		return orderBody{}, unreadable(json.Unmarshal(body, new(any)))
	}
	var b orderBody
	r.members("(body)", gjson.ParseBytes(body), func(key string, v gjson.Result) { b.take(r, key, v) })
	return b, r.err
}

func (b *orderBody) take(r *reader, key string, v gjson.Result) {
	switch key {
	case "id":
		b.ID = r.number(key, v)
	case "admin_graphql_api_id":
		b.GID = r.string(key, v)
	case "name":
		b.Name = r.string(key, v)
	case "test":
		b.Test = r.bool(key, v)
	case "confirmed":
		confirmed := r.bool(key, v)
		b.Confirmed = &confirmed
	case "created_at":
		b.CreatedAt = r.string(key, v)
	case "updated_at":
		b.UpdatedAt = r.string(key, v)
	case "processed_at":
		b.ProcessedAt = r.string(key, v)
	case "cancelled_at":
		b.CancelledAt = r.string(key, v)
	case "financial_status":
		b.FinancialStatus = r.string(key, v)
	case "fulfillment_status":
		b.FulfilmentStatus = r.string(key, v)
	case "source_name":
		b.SourceName = r.string(key, v)
	case "checkout_token":
		b.CheckoutToken = r.string(key, v)
	case "customer_locale":
		b.Locale = r.string(key, v)
	case "tags":
		b.Tags = r.string(key, v)
	case "email":
		b.Email = r.string(key, v)
	case "contact_email":
		b.ContactEmail = r.string(key, v)
	case "phone":
		b.Phone = r.string(key, v)
	case "landing_site":
		b.LandingSite = r.string(key, v)
	case "browser_ip":
		b.BrowserIP = r.string(key, v)
	case "buyer_accepts_marketing":
		b.AcceptsMarketing = r.bool(key, v)
	case "currency":
		b.Currency = r.string(key, v)
	case "presentment_currency":
		b.PresentmentCurrency = r.string(key, v)
	case "total_price":
		b.Total = r.number(key, v)
	case "total_price_set":
		b.TotalSet = r.moneySet(key, v)
	case "current_total_price":
		b.CurrentTotal = r.number(key, v)
	case "current_total_price_set":
		b.CurrentTotalSet = r.moneySet(key, v)
	case "total_tax":
		b.Tax = r.number(key, v)
	case "total_tax_set":
		b.TaxSet = r.moneySet(key, v)
	case "taxes_included":
		b.TaxIncluded = r.bool(key, v)
	case "total_shipping_price_set":
		b.ShippingSet = r.moneySet(key, v)
	case "current_subtotal_price":
		b.CurrentSubtotal = r.number(key, v)
	case "current_subtotal_price_set":
		b.CurrentSubtotalSet = r.moneySet(key, v)
	default:
		b.takePart(r, key, v)
	}
}

// takePart takes what is not a single value. The parts that most orders lack
// go through encoding/json and the types of their own webhooks.
func (b *orderBody) takePart(r *reader, key string, v gjson.Result) {
	switch key {
	case "payment_gateway_names":
		r.each(key, v, func(v gjson.Result) { b.Gateways = append(b.Gateways, r.string(key, v)) })
	case "discount_codes":
		r.each(key, v, func(v gjson.Result) {
			r.members(key, v, func(part string, v gjson.Result) {
				if part == "code" {
					b.DiscountCodes = append(b.DiscountCodes, r.string(key+".code", v))
				}
			})
		})
	case "customer":
		r.unmarshal(key, v, &b.Customer)
	case "shipping_address":
		r.unmarshal(key, v, &b.Shipping)
	case "billing_address":
		r.unmarshal(key, v, &b.Billing)
	case "line_items":
		r.each(key, v, func(v gjson.Result) {
			var l lineBody
			r.members(key, v, func(part string, v gjson.Result) { l.take(r, part, v) })
			b.Lines = append(b.Lines, l)
		})
	case "refunds":
		r.unmarshal(key, v, &b.Refunds)
	case "fulfillments":
		r.unmarshal(key, v, &b.Fulfilments)
	case "company": // {id, location_id}
		b.B2B = v.IsObject()
	case "note_attributes":
		b.Attributes = attributesOf(v)
	case "shipping_lines":
		r.each(key, v, func(v gjson.Result) {
			var l shippingBody
			r.members(key, v, func(part string, v gjson.Result) { l.take(r, part, v) })
			if b.Shipped == nil && !l.Removed {
				b.Shipped = &l
			}
		})
	}
}

func (l *shippingBody) take(r *reader, key string, v gjson.Result) {
	field := "shipping_lines." + key
	switch key {
	case "title":
		l.Title = r.string(field, v)
	case "delivery_category":
		l.Category = r.string(field, v)
	case "is_removed":
		l.Removed = r.bool(field, v)
	}
}

func (l *lineBody) take(r *reader, key string, v gjson.Result) {
	field := "line_items." + key
	switch key {
	case "id":
		l.ID = r.number(field, v)
	case "admin_graphql_api_id":
		l.GID = r.string(field, v)
	case "product_id":
		l.ProductID = r.number(field, v)
	case "title":
		l.Title = r.string(field, v)
	case "variant_title":
		l.Variant = r.string(field, v)
	case "sku":
		l.SKU = r.string(field, v)
	case "quantity":
		l.Quantity = r.int(field, v)
	case "current_quantity":
		current := r.int(field, v)
		l.CurrentQuantity = &current
	case "requires_shipping":
		ships := r.bool(field, v)
		l.RequiresShipping = &ships
	case "gift_card":
		l.GiftCard = r.bool(field, v)
	case "vendor":
		l.Vendor = r.string(field, v)
	case "properties":
		l.Properties = attributesOf(v)
	case "price":
		l.Price = r.number(field, v)
	case "price_set":
		l.PriceSet = r.moneySet(field, v)
	}
}
