package shopify

import (
	"cmp"
	"slices"
	"strings"

	"flywheel/commerce"
)

// order reads a webhook with a whole order. buyer_accepts_marketing false is no
// refusal: it is also what a customer sends who said yes long ago.
func order(d commerce.Delivery) (commerce.Change, error) {
	var r reader
	b, err := readOrder(&r, d.Body)
	if err != nil {
		return commerce.Change{}, err
	}
	o := b.facts(&r)
	o.Detail.Hash = hash(d.Body)
	if d.Topic == "orders/paid" {
		o.Payment.Told = d.TriggeredAt
	}
	ch := commerce.Change{Order: &o}
	if b.AcceptsMarketing && o.Person != nil {
		ch.Consents = []commerce.ConsentChange{{
			Email: o.Person.Email, CustomerID: o.Person.CustomerID,
			Channel: commerce.ByMail, Class: "marketing", State: commerce.Subscribed,
			Source: "shopify order", At: cmp.Or(r.instant("processed_at", b.ProcessedAt), o.PlacedAt),
		}}
	}
	return ch, r.err
}

// facts is what a snapshot of an order says, however it reached us.
func (b *orderBody) facts(r *reader) commerce.OrderChange {
	updated := r.instant("updated_at", b.UpdatedAt)
	o := commerce.OrderChange{
		Keys:     orderKey(r.id("id", "Order", b.GID, b.ID)),
		Detail:   b.detail(r, updated),
		Person:   b.person(updated),
		PlacedAt: r.instant("created_at", b.CreatedAt),
		Cancel:   commerce.Cancel{Told: r.instant("cancelled_at", b.CancelledAt)},
		Payment:  b.payment(r, updated),
		Origin:   b.origin(),
	}
	o.TwinHints = texts([]string{o.Keys[0].ID, b.CheckoutToken})
	slices.Sort(o.TwinHints)
	if o.Cancel.Told != 0 {
		o.Cancel.Seen = updated
	} else {
		o.Cancel.Denied = updated
	}
	if b.FulfilmentStatus == "fulfilled" {
		o.FulfilledSeen = updated
	}
	for i := range b.Refunds {
		row := b.Refunds[i].row(r, o.Detail.Total.Currency)
		o.Refunds, o.Returns = append(o.Refunds, row), append(o.Returns, b.Refunds[i].proves(r, row)...)
	}
	for i := range b.Fulfilments {
		o.Fulfilments = append(o.Fulfilments, b.Fulfilments[i].row(r))
	}
	return o
}

func (b *orderBody) detail(r *reader, updated commerce.Instant) *commerce.Detail {
	// The plain amounts are in the shop's currency, even for a customer who paid in another.
	plain := cmp.Or(b.Currency, b.PresentmentCurrency)
	d := &commerce.Detail{
		Platform: commerce.Shopify, UpdatedAt: updated,
		Name: text(b.Name), Test: b.Test, Unconfirmed: b.Confirmed != nil && !*b.Confirmed,
		FinancialStatus: text(b.FinancialStatus), Gateways: texts(b.Gateways), SourceName: text(b.SourceName),
		Language: text(b.Locale), Country: cmp.Or(b.Shipping.country(), b.Billing.country()),
		Tags: texts(strings.Split(b.Tags, ",")), DiscountCodes: texts(b.DiscountCodes), NoShipping: noShipping(b.Lines),
		Total:           r.set("total_price_set", b.TotalSet.presentment(), b.Total, plain),
		ShopTotal:       r.set("total_price_set", b.TotalSet.shop(), b.Total, plain),
		CurrentTotal:    r.set("current_total_price_set", b.CurrentTotalSet.shop(), b.CurrentTotal, plain),
		SubtotalCurrent: r.set("current_subtotal_price_set", b.CurrentSubtotalSet.shop(), b.CurrentSubtotal, plain),
		Parts: commerce.Parts{
			Tax:         told(r.set("total_tax_set", b.TaxSet.shop(), b.Tax, plain)),
			Shipping:    told(r.set("total_shipping_price_set", b.ShippingSet.shop(), "", plain)),
			TaxIncluded: b.TaxIncluded,
		},
	}
	if to := b.Shipping; to.country() != "" {
		d.Region = to.region()
	} else if d.Country != "" {
		d.Region = b.Billing.region()
	}
	b.sold(d)
	for i := range b.Lines {
		d.Lines = append(d.Lines, b.Lines[i].line(r, plain))
	}
	d.Renewal = renewal(d.SourceName, d.Tags)
	return d
}

// told leaves out a part of nothing, as where free shipping is told and where none is.
func told(m commerce.Money) commerce.Money {
	if m.Amount == 0 {
		return commerce.Money{}
	}
	return m
}

// payment reads the evidence of payment from financial_status. voided says
// neither: an authorisation was given back, and paid orders never get there.
func (b *orderBody) payment(r *reader, updated commerce.Instant) commerce.Payment {
	switch b.FinancialStatus {
	case "paid", "partially_refunded", "refunded":
		return commerce.Payment{PaidSeen: updated, Processed: r.instant("processed_at", b.ProcessedAt)}
	case "pending", "authorized", "partially_paid", "expired":
		return commerce.Payment{UnpaidSeen: updated}
	}
	return commerce.Payment{}
}

// renewal reports whether a subscription's billing attempt made the order; the
// first order of a subscription comes from web like any other. Shopify's word
// was subscription_contract until October 2025, when it became
// subscription_contract_checkout_one without notice (community.shopify.dev
// 23868: source_name is free text, hence the prefix). The tag is that of
// Recharge's own checkout (support.getrecharge.com 13482639209367).
func renewal(source string, tags []string) bool {
	if strings.HasPrefix(source, "subscription_contract") {
		return true
	}
	for _, t := range tags {
		if t == "Subscription Recurring Order" {
			return true
		}
	}
	return false
}

// texts cleans each word and leaves out empty ones; nil if none is left.
func texts(words []string) []string {
	var out []string
	for _, w := range words {
		if w = text(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// deletedOrder reads {"id": ...}: all that orders/delete says.
func deletedOrder(r *reader, d commerce.Delivery, b *struct {
	ID  number `json:"id"`
	GID string `json:"admin_graphql_api_id"`
},
) commerce.Change {
	return commerce.Change{Order: &commerce.OrderChange{
		Keys: orderKey(r.id("id", "Order", b.GID, b.ID)), DeletedAt: toldAt(d),
	}}
}
