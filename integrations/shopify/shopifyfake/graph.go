package shopifyfake

import (
	"strings"
	"time"
)

// object is the order as the GraphQL API shows it: capitals where the webhooks
// have small letters, gids only, moments in UTC.
func (o *Order) object() object {
	node := object{
		"id": id("Order", o.ID).GID, "name": o.Name, "test": o.Test, "confirmed": !o.Unconfirmed,
		"createdAt": utc(o.PlacedAt), "updatedAt": utc(o.UpdatedAt), "processedAt": utc(o.ProcessedAt), "cancelledAt": utc(o.CancelledAt),
		"displayFinancialStatus": strings.ToUpper(o.FinancialStatus), "displayFulfillmentStatus": "UNFULFILLED",
		"paymentGatewayNames": orEmpty(o.Gateways), "sourceName": o.SourceName, "checkoutToken": null(o.checkout()),
		"customerLocale": o.Locale, "tags": orEmpty(o.Tags), "discountCodes": orEmpty(o.DiscountCodes),
		"email": null(o.email()), "phone": nil, "currencyCode": o.ShopCurrency, "presentmentCurrencyCode": o.Currency,
		"totalPriceSet": o.bag(o.Total()), "currentTotalPriceSet": o.bag(o.current()),
		"currentSubtotalPriceSet": o.bag(o.goods()), "totalTaxSet": o.bag(o.Tax), "totalShippingPriceSet": o.bag(o.Shipping),
		"taxesIncluded": o.Tax > 0 && !o.TaxAdded, "customAttributes": attributes(o.Attributes),
		"purchasingEntity": o.customerObject(), "shippingLine": object(nil),
		"requiresShipping": !o.ShipLess, "billingAddress": object(nil), "shippingAddress": object(nil),
		"customer": o.customerObject(),
	}
	if o.FulfilmentStatus != "" {
		node["displayFulfillmentStatus"] = fulfilmentStatuses[o.FulfilmentStatus]
	}
	if !o.Withheld {
		node["billingAddress"] = o.addressObject()
	}
	if !o.ShipLess && !o.ToCounter {
		node["shippingAddress"] = o.addressObject()
	}
	if !o.ShipLess && o.Method != "" {
		node["shippingLine"] = object{"title": o.Method, "code": o.Method, "source": "shopify", "deliveryCategory": nil}
	}
	if o.CompanyID != 0 {
		node["purchasingEntity"] = object{"__typename": "PurchasingCompany", "company": object{"id": id("Company", o.CompanyID).GID}}
	}
	lines, refunds, parcels := []object{}, []object{}, []object{}
	for _, l := range o.Lines {
		lines = append(lines, o.lineObject(l))
	}
	for _, r := range o.Refunds {
		refunds = append(refunds, r.object())
	}
	for _, f := range o.Fulfilments {
		parcels = append(parcels, f.object())
	}
	node["lineItems"], node["refunds"], node["fulfillments"] = rows(lines), refunds, parcels
	return node
}

func (o *Order) bag(minor int64) object {
	return object{
		"shopMoney":        object{"amount": o.shop(minor), "currencyCode": o.ShopCurrency},
		"presentmentMoney": object{"amount": o.paid(minor), "currencyCode": o.Currency},
	}
}

func (o *Order) lineObject(l Line) object {
	return object{
		"id": id("LineItem", l.ID).GID, "title": l.Title, "variantTitle": null(l.Variant), "sku": null(l.SKU),
		"quantity": l.Quantity, "currentQuantity": l.Current, "requiresShipping": o.sends(l),
		"isGiftCard": l.GiftCard, "product": object{"id": id("Product", l.Product).GID},
		"originalUnitPriceSet": o.bag(l.Price), "vendor": null(l.Vendor), "customAttributes": attributes(l.Properties),
	}
}

func attributes(rows []Attribute) []object {
	out := []object{}
	for _, a := range rows {
		out = append(out, object{"key": a.Name, "value": a.Value})
	}
	return out
}

func (o *Order) customerObject() object {
	if o.Customer == nil {
		return nil
	}
	c := *o.Customer
	c.ID = o.customerID()
	return c.object()
}

func (o *Order) addressObject() object {
	a := o.ShipTo
	return object{
		"firstName": null(a.FirstName), "lastName": null(a.LastName), "phone": null(a.Phone),
		"countryCodeV2": null(a.CountryCode), "city": null(a.City), "provinceCode": null(a.Region),
	}
}

func (r *Refund) object() object {
	lines, transactions := []object{}, []object{}
	for _, l := range r.Lines {
		lines = append(lines, object{
			"quantity": l.Quantity, "lineItem": object{"id": id("LineItem", r.order.Lines[l.Line].ID).GID},
		})
	}
	if r.Amount != 0 {
		transactions = append(transactions, object{
			"id": id("OrderTransaction", r.transaction()).GID, "kind": "REFUND", "status": strings.ToUpper(r.Status), "amountSet": r.order.bag(r.Amount),
		})
	}
	return object{
		"id": id("Refund", r.ID).GID, "createdAt": utc(r.At), "processedAt": utc(r.At),
		"refundLineItems": rows(lines), "transactions": rows(transactions),
		"totalRefundedSet": r.order.bag(r.returned()),
	}
}

func (f *Fulfilment) object() object {
	display := "FULFILLED"
	if f.ShipmentStatus != "" {
		display = strings.ToUpper(f.ShipmentStatus)
	}
	return object{
		"id": id("Fulfillment", f.ID).GID, "status": strings.ToUpper(f.Status), "displayStatus": display,
		"createdAt": utc(f.At), "updatedAt": utc(f.UpdatedAt), "deliveredAt": utc(f.DeliveredAt),
	}
}

// fulfilmentStatuses are REST's words in GraphQL.
var fulfilmentStatuses = map[string]string{"fulfilled": "FULFILLED", "partial": "PARTIALLY_FULFILLED", "restocked": "RESTOCKED"}

// returned is what went back with a refund, as far as it did.
func (r *Refund) returned() int64 {
	if r.Status != "success" {
		return 0
	}
	return r.Amount
}

func utc(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

func orEmpty(words []string) []string { return append([]string{}, words...) }
