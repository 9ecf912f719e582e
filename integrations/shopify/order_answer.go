package shopify

import (
	"cmp"
	"strings"

	"flywheel/integrations/shopify/gql"
)

// The functions of this file put GraphQL's answers into a webhook's shape, so
// that both are read by the same rules. GraphQL writes in capitals what REST
// writes in small letters. Whatever the app may not see is nil or empty.

// orderAnswer is the head of an order with as much of the rest as was asked for.
func orderAnswer(n *gql.OrderHead, lines []*gql.LineFacts, refunds []refundBody, parcels []*gql.FulfilmentFacts) *orderBody {
	b := &orderBody{
		GID: n.Id, Name: n.Name, Test: n.Test, Confirmed: &n.Confirmed,
		CreatedAt: n.CreatedAt, UpdatedAt: n.UpdatedAt, ProcessedAt: n.ProcessedAt, CancelledAt: n.CancelledAt,
		FinancialStatus: strings.ToLower(n.DisplayFinancialStatus), FulfilmentStatus: strings.ToLower(n.DisplayFulfillmentStatus),
		Gateways: n.PaymentGatewayNames, SourceName: n.SourceName, CheckoutToken: n.CheckoutToken,
		Locale: n.CustomerLocale, Tags: strings.Join(n.Tags, ","), DiscountCodes: n.DiscountCodes, Email: n.Email, Phone: n.Phone,
		Currency: n.CurrencyCode, PresentmentCurrency: n.PresentmentCurrencyCode,
		TotalSet: moneyAnswer(n.TotalPriceSet), CurrentTotalSet: moneyAnswer(n.CurrentTotalPriceSet),
		CurrentSubtotalSet: moneyAnswer(n.CurrentSubtotalPriceSet),
		TaxSet:             moneyAnswer(n.TotalTaxSet), TaxIncluded: n.TaxesIncluded, ShippingSet: moneyAnswer(n.TotalShippingPriceSet),
		B2B:        n.PurchasingEntity.Typename == "PurchasingCompany",
		Attributes: attributeAnswers(n.CustomAttributes),
		Customer:   customerAnswer(n.Customer), Shipping: addressAnswer(n.ShippingAddress), Billing: addressAnswer(n.BillingAddress),
		Refunds: refunds,
	}
	if s := n.ShippingLine; s != nil {
		b.Shipped = &shippingBody{Title: s.Title, Category: s.DeliveryCategory}
	}
	for _, l := range lines {
		b.Lines = append(b.Lines, lineAnswer(l))
	}
	for _, f := range parcels {
		b.Fulfilments = append(b.Fulfilments, fulfilmentAnswer(f))
	}
	return b
}

func moneyAnswer(m *gql.MoneyFacts) *moneySet {
	if m == nil {
		return nil
	}
	return &moneySet{Shop: amountAnswer(m.ShopMoney), Presentment: amountAnswer(m.PresentmentMoney)}
}

func amountAnswer(m *gql.Money) *amount {
	if m == nil {
		return nil
	}
	return &amount{Amount: number(m.Amount), Currency: m.CurrencyCode}
}

func customerAnswer(c *gql.CustomerFacts) *customerBody {
	if c == nil {
		return nil
	}
	b := &customerBody{GID: c.Id, FirstName: c.FirstName, LastName: c.LastName, VerifiedEmail: c.VerifiedEmail}
	if c.DefaultEmailAddress != nil {
		b.Email = c.DefaultEmailAddress.EmailAddress
	}
	if c.DefaultPhoneNumber != nil {
		b.Phone = c.DefaultPhoneNumber.PhoneNumber
	}
	return b
}

func attributeAnswers(facts []*gql.AttributeFacts) (out []attribute) {
	for _, f := range facts {
		out = append(out, attribute{Name: f.Key, Value: f.Value})
	}
	return out
}

func addressAnswer(a *gql.AddressFacts) *addressBody {
	if a == nil {
		return nil
	}
	return &addressBody{FirstName: a.FirstName, LastName: a.LastName, Phone: a.Phone, Country: a.CountryCodeV2, Region: a.ProvinceCode}
}

func lineAnswer(l *gql.LineFacts) lineBody {
	current := int64(l.CurrentQuantity)
	b := lineBody{
		GID: l.Id, Title: l.Title, Variant: l.VariantTitle, SKU: l.Sku, GiftCard: l.IsGiftCard,
		Quantity: int64(l.Quantity), CurrentQuantity: &current, RequiresShipping: &l.RequiresShipping,
		PriceSet: moneyAnswer(l.OriginalUnitPriceSet), Vendor: l.Vendor, Properties: attributeAnswers(l.CustomAttributes),
	}
	if l.Product != nil {
		b.ProductID = number(gidNumber("Product", l.Product.Id))
	}
	return b
}

func refundAnswer(n *gql.RefundFacts) refundBody {
	b := refundBody{GID: n.Id, CreatedAt: n.CreatedAt, ProcessedAt: n.ProcessedAt}
	if n.RefundLineItems != nil {
		for _, l := range n.RefundLineItems.Nodes {
			if l.LineItem != nil {
				b.Lines = append(b.Lines, refundLineBody{LineID: number(gidNumber("LineItem", l.LineItem.Id)), Quantity: int64(l.Quantity)})
			}
		}
	}
	if n.Transactions != nil {
		for _, t := range n.Transactions.Nodes {
			b.Transactions = append(b.Transactions, transactionAnswer(t.Kind, t.Status, t.AmountSet))
		}
	}
	return b
}

func transactionAnswer(kind, status string, sum *gql.MoneyFacts) transactionBody {
	t := transactionBody{Kind: strings.ToLower(kind), Status: strings.ToLower(status)}
	if p := moneyAnswer(sum).presentment(); p != nil {
		t.Amount, t.Currency = p.Amount, p.Currency
	}
	return t
}

func fulfilmentAnswer(n *gql.FulfilmentFacts) fulfilmentBody {
	shipment := strings.ToLower(n.DisplayStatus)
	if n.DeliveredAt != "" {
		shipment = "delivered"
	}
	return fulfilmentBody{
		GID: n.Id, Status: strings.ToLower(n.Status), ShipmentStatus: shipment,
		CreatedAt: n.CreatedAt, UpdatedAt: cmp.Or(n.UpdatedAt, n.CreatedAt), deliveredAt: n.DeliveredAt,
	}
}
