package shopify

import (
	"slices"
	"strings"
	"unicode"

	"flywheel/commerce"
)

// draftSource is the source_name of what staff made from a draft.
const draftSource = "shopify_draft_order"

// marketplaceWords are names that no other source has, in source_name as apps
// write it: amazon, sell-on-amazon, amazon-us, TiktokShop, ebay_de ...
var marketplaceWords = []string{
	"aliexpress", "amazon", "cdiscount", "digikala", "ebay", "etsy", "facebook", "instagram", "kaufland", "lazada",
	"mercadolibre", "mirakl", "rakuten", "sellbrite", "shein", "shopee", "temu", "tiktok", "trendyol", "walmart", "zalando",
}

// marketplaceNames are marketplaces whose names are also words, or the numbers
// of their channels' apps, which is what source_name holds for those. Shop
// (3890849) and Recharge (294517) are the shop's own checkout.
var marketplaceNames = map[string]string{
	"bol": "bol", "faire": "faire", "google": "google", "meta": "facebook", "noon": "noon", "otto": "otto", "target": "target", "wish": "wish",
	"205641": "sellbrite", "1456995": "walmart", "1775805": "ebay", "1780363": "google", "2329312": "facebook", "3041525761": "ankorstore",
}

// marketplace returns where an order was sold if that was not the shop's own
// checkout. The buyer is then the marketplace's customer, who must not be asked
// for anything; what is not known is taken for the shop's own.
func marketplace(source string) string {
	source = strings.ToLower(source)
	for _, name := range marketplaceWords {
		if strings.Contains(source, name) {
			return name
		}
	}
	for _, word := range strings.FieldsFunc(source, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if name := marketplaceNames[word]; name != "" {
			return name
		}
	}
	return ""
}

// attribute is a note attribute of an order or a property of a line: what the
// theme or an app asked the buyer.
type attribute struct {
	Name  string
	Value any // mostly text, but nobody checks
}

// says reports whether an attribute was answered with something else than no.
func (a attribute) says() bool {
	value, isText := a.Value.(string)
	if !isText {
		return a.Value != nil && a.Value != false && a.Value != float64(0)
	}
	value = strings.ToLower(strings.TrimSpace(value))
	return !slices.Contains([]string{"", "0", "false", "n", "no", "none", "null", "off", "nein", "non", "لا", "خیر", "نه"}, value)
}

// giftWords are what attributes of gifts are called; notGifts are things called
// so that the buyer gets: a gift card bought, a present of the shop.
var (
	giftWords = []string{"gift", "geschenk", "cadeau", "regalo", "هدية", "هدیه"}
	notGifts  = []string{"card", "free", "gwp", "purchase", "product", "promo", "tier", "choice"}
)

// gift reports whether one of the attributes says that somebody else gets the goods.
func gift(attributes []attribute) bool {
	return slices.ContainsFunc(attributes, func(a attribute) bool {
		name := strings.ToLower(a.Name)
		in := func(word string) bool { return strings.Contains(name, word) }
		return slices.ContainsFunc(giftWords, in) && !slices.ContainsFunc(notGifts, in) && a.says()
	})
}

// isGift reports whether the order, or every line of it, is one.
func (b *orderBody) isGift() bool {
	return gift(b.Attributes) || len(b.Lines) > 0 &&
		!slices.ContainsFunc(b.Lines, func(l lineBody) bool { return !gift(l.Properties) })
}

// pickup reports whether the customer fetches the goods. Webhooks do not say so
// (github.com/nozzlegear/ShopifySharp issue 638): the shipping line has the
// store's name, and there is no shipping address, though there is one to bill.
// Where the app may not see addresses at all, both are missing. Zapiet's app
// for pickup in stores writes Checkout-Method (docs.zapiet.com, note attributes).
func (b *orderBody) pickup() bool {
	if slices.ContainsFunc(b.Attributes, func(a attribute) bool { return a.Name == "Checkout-Method" && a.Value == "pickup" }) {
		return true
	}
	if b.Shipped == nil {
		return false
	}
	category := strings.ToLower(b.Shipped.Category)
	return strings.HasPrefix(category, "pick") || b.Shipping == nil && b.Billing != nil && !noShipping(b.Lines)
}

// sold fills in how and through whom an order was sold.
func (b *orderBody) sold(d *commerce.Detail) {
	d.Marketplace = marketplace(d.SourceName)
	d.B2B = b.B2B
	d.Draft = d.SourceName == draftSource
	d.Invoiced = d.Draft && b.CheckoutToken != "" // a draft that staff mark as paid sees no checkout
	d.Gift = b.isGift()
	d.Pickup = b.pickup()
	if b.Shipped != nil {
		d.ShippingMethod = text(b.Shipped.Title)
	}
}
