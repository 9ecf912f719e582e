package shopify

import (
	"cmp"
	"strings"
)

// apiVersion is pinned; each version lives for at least a year
// (shopify.dev/docs/api/usage/versioning).
const apiVersion = "2026-10"

// orderQuery asks for what a webhook's order body says. Its page sizes keep the
// cost of one query, as we count it, well below the limit of 1,000 points. Only
// line items are paged: rows cut off in refunds come again with their webhooks,
// and currentQuantity has them already.
const orderQuery = `query Order($id: ID!, $after: String) {
  order(id: $id) {
    id name test confirmed createdAt updatedAt processedAt cancelledAt
    displayFinancialStatus displayFulfillmentStatus paymentGatewayNames sourceName checkoutToken
    purchasingEntity { __typename } customAttributes { key value } shippingLine { title deliveryCategory }
    customerLocale tags discountCodes email phone currencyCode presentmentCurrencyCode
    totalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }
    currentTotalPriceSet { shopMoney { amount currencyCode } }
    currentSubtotalPriceSet { shopMoney { amount currencyCode } }
    customer {
      id firstName lastName verifiedEmail
      defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber }
    }
    shippingAddress { firstName lastName phone countryCodeV2 provinceCode }
    billingAddress { firstName lastName phone countryCodeV2 provinceCode }
    lineItems(first: 50, after: $after) {
      nodes {
        id title variantTitle sku quantity currentQuantity requiresShipping isGiftCard
        vendor customAttributes { key value } product { id }
        originalUnitPriceSet { presentmentMoney { amount currencyCode } }
      }
      pageInfo { hasNextPage endCursor }
    }
    refunds(first: 10) {
      id createdAt processedAt
      refundLineItems(first: 15) { nodes { quantity lineItem { id } } }
      transactions(first: 5) { nodes { kind status amountSet { presentmentMoney { amount currencyCode } } } }
    }
    fulfillments(first: 20) { id status displayStatus createdAt updatedAt deliveredAt }
  }
}`

// orderNode is the answer to orderQuery.
type orderNode struct {
	ID                  string          `json:"id"`
	Name                string          `json:"name"`
	Test                bool            `json:"test"`
	Confirmed           bool            `json:"confirmed"`
	CreatedAt           string          `json:"createdAt"`
	UpdatedAt           string          `json:"updatedAt"`
	ProcessedAt         string          `json:"processedAt"`
	CancelledAt         string          `json:"cancelledAt"`
	FinancialStatus     string          `json:"displayFinancialStatus"`
	FulfilmentStatus    string          `json:"displayFulfillmentStatus"`
	Gateways            []string        `json:"paymentGatewayNames"`
	SourceName          string          `json:"sourceName"`
	CheckoutToken       string          `json:"checkoutToken"`
	Locale              string          `json:"customerLocale"`
	Tags                []string        `json:"tags"`
	DiscountCodes       []string        `json:"discountCodes"`
	Email               string          `json:"email"`
	Phone               string          `json:"phone"`
	Currency            string          `json:"currencyCode"`
	PresentmentCurrency string          `json:"presentmentCurrencyCode"`
	Total               *moneyBag       `json:"totalPriceSet"`
	CurrentTotal        *moneyBag       `json:"currentTotalPriceSet"`
	CurrentSubtotal     *moneyBag       `json:"currentSubtotalPriceSet"`
	Attributes          []attributeNode `json:"customAttributes"`
	Entity              struct {
		Kind string `json:"__typename"` // Customer, PurchasingCompany
	} `json:"purchasingEntity"`
	Shipped *struct {
		Title    string `json:"title"`
		Category string `json:"deliveryCategory"`
	} `json:"shippingLine"`
	Customer *customerNode `json:"customer"`
	Shipping *addressNode  `json:"shippingAddress"`
	Billing  *addressNode  `json:"billingAddress"`
	Lines    struct {
		Nodes []lineNode `json:"nodes"`
		Page  struct {
			More bool   `json:"hasNextPage"`
			End  string `json:"endCursor"`
		} `json:"pageInfo"`
	} `json:"lineItems"`
	Refunds     []refundNode     `json:"refunds"`
	Fulfilments []fulfilmentNode `json:"fulfillments"`
}

type moneyBag struct {
	Shop        *money `json:"shopMoney"`
	Presentment *money `json:"presentmentMoney"`
}

type money struct {
	Amount   number `json:"amount"`
	Currency string `json:"currencyCode"`
}

type customerNode struct {
	ID            string `json:"id"`
	FirstName     string `json:"firstName"`
	LastName      string `json:"lastName"`
	VerifiedEmail bool   `json:"verifiedEmail"`
	Email         struct {
		Address string `json:"emailAddress"`
	} `json:"defaultEmailAddress"`
	Phone struct {
		Number string `json:"phoneNumber"`
	} `json:"defaultPhoneNumber"`
}

type attributeNode struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type addressNode struct {
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Phone     string `json:"phone"`
	Country   string `json:"countryCodeV2"`
	Region    string `json:"provinceCode"`
}

type lineNode struct {
	ID               string `json:"id"`
	Title            string `json:"title"`
	Variant          string `json:"variantTitle"`
	SKU              string `json:"sku"`
	Quantity         int64  `json:"quantity"`
	CurrentQuantity  int64  `json:"currentQuantity"`
	RequiresShipping bool   `json:"requiresShipping"`
	GiftCard         bool   `json:"isGiftCard"`
	Product          struct {
		ID string `json:"id"`
	} `json:"product"`
	Price      *moneyBag       `json:"originalUnitPriceSet"`
	Vendor     string          `json:"vendor"`
	Attributes []attributeNode `json:"customAttributes"`
}

type refundNode struct {
	ID          string `json:"id"`
	CreatedAt   string `json:"createdAt"`
	ProcessedAt string `json:"processedAt"`
	Lines       struct {
		Nodes []struct {
			Quantity int64 `json:"quantity"`
			Line     struct {
				ID string `json:"id"`
			} `json:"lineItem"`
		} `json:"nodes"`
	} `json:"refundLineItems"`
	Transactions struct {
		Nodes []struct {
			Kind   string    `json:"kind"`
			Status string    `json:"status"`
			Amount *moneyBag `json:"amountSet"`
		} `json:"nodes"`
	} `json:"transactions"`
}

type fulfilmentNode struct {
	ID            string `json:"id"`
	Status        string `json:"status"`
	DisplayStatus string `json:"displayStatus"`
	CreatedAt     string `json:"createdAt"`
	UpdatedAt     string `json:"updatedAt"`
	DeliveredAt   string `json:"deliveredAt"`
}

// body puts the answer into a webhook's shape, so that both are read by the
// same rules. GraphQL writes in capitals what REST writes in small letters.
func (n *orderNode) body() *orderBody {
	b := &orderBody{
		GID: n.ID, Name: n.Name, Test: n.Test, Confirmed: &n.Confirmed,
		CreatedAt: n.CreatedAt, UpdatedAt: n.UpdatedAt, ProcessedAt: n.ProcessedAt, CancelledAt: n.CancelledAt,
		FinancialStatus: strings.ToLower(n.FinancialStatus), FulfilmentStatus: strings.ToLower(n.FulfilmentStatus),
		Gateways: n.Gateways, SourceName: n.SourceName, CheckoutToken: n.CheckoutToken,
		Locale: n.Locale, Tags: strings.Join(n.Tags, ","), DiscountCodes: n.DiscountCodes, Email: n.Email, Phone: n.Phone,
		Currency: n.Currency, PresentmentCurrency: n.PresentmentCurrency,
		TotalSet: n.Total.set(), CurrentTotalSet: n.CurrentTotal.set(), CurrentSubtotalSet: n.CurrentSubtotal.set(),
		B2B: n.Entity.Kind == "PurchasingCompany", Attributes: attributes(n.Attributes),
		Customer: n.Customer.body(), Shipping: n.Shipping.body(), Billing: n.Billing.body(),
	}
	if n.Shipped != nil {
		b.Shipped = &shippingBody{Title: n.Shipped.Title, Category: n.Shipped.Category}
	}
	for i := range n.Lines.Nodes {
		b.Lines = append(b.Lines, n.Lines.Nodes[i].body())
	}
	for i := range n.Refunds {
		b.Refunds = append(b.Refunds, n.Refunds[i].body())
	}
	for i := range n.Fulfilments {
		b.Fulfilments = append(b.Fulfilments, n.Fulfilments[i].body())
	}
	return b
}

func (m *moneyBag) set() *moneySet {
	if m == nil {
		return nil
	}
	return &moneySet{Shop: (*amount)(m.Shop), Presentment: (*amount)(m.Presentment)}
}

func (c *customerNode) body() *customerBody {
	if c == nil {
		return nil
	}
	return &customerBody{
		GID: c.ID, FirstName: c.FirstName, LastName: c.LastName, VerifiedEmail: c.VerifiedEmail,
		Email: c.Email.Address, Phone: c.Phone.Number,
	}
}

func attributes(nodes []attributeNode) (out []attribute) {
	for _, n := range nodes {
		out = append(out, attribute{Name: n.Key, Value: n.Value})
	}
	return out
}

func (a *addressNode) body() *addressBody { return (*addressBody)(a) }

func (l *lineNode) body() lineBody {
	return lineBody{
		GID: l.ID, ProductID: number(gidNumber("Product", l.Product.ID)),
		Title: l.Title, Variant: l.Variant, SKU: l.SKU, GiftCard: l.GiftCard,
		Quantity: l.Quantity, CurrentQuantity: &l.CurrentQuantity, RequiresShipping: &l.RequiresShipping,
		PriceSet: l.Price.set(), Vendor: l.Vendor, Properties: attributes(l.Attributes),
	}
}

func (n *refundNode) body() refundBody {
	b := refundBody{GID: n.ID, CreatedAt: n.CreatedAt, ProcessedAt: n.ProcessedAt}
	for _, l := range n.Lines.Nodes {
		b.Lines = append(b.Lines, refundLineBody{LineID: number(gidNumber("LineItem", l.Line.ID)), Quantity: l.Quantity})
	}
	for _, t := range n.Transactions.Nodes {
		body := transactionBody{Kind: strings.ToLower(t.Kind), Status: strings.ToLower(t.Status)}
		if p := t.Amount.set().presentment(); p != nil {
			body.Amount, body.Currency = p.Amount, p.Currency
		}
		b.Transactions = append(b.Transactions, body)
	}
	return b
}

func (n *fulfilmentNode) body() fulfilmentBody {
	shipment := strings.ToLower(n.DisplayStatus)
	if n.DeliveredAt != "" {
		shipment = "delivered"
	}
	return fulfilmentBody{
		GID: n.ID, Status: strings.ToLower(n.Status), ShipmentStatus: shipment,
		CreatedAt: n.CreatedAt, UpdatedAt: cmp.Or(n.UpdatedAt, n.CreatedAt), deliveredAt: n.DeliveredAt,
	}
}
