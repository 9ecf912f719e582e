package shopifyfake

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// The types of this file write the JSON of the webhooks, written down from the
// documentation's samples and apart from the types that read it, so that a slip
// there is not repeated here.

type gid struct {
	ID  int64  `json:"id"`
	GID string `json:"admin_graphql_api_id"`
}

func id(kind string, n int64) gid {
	return gid{n, "gid://shopify/" + kind + "/" + strconv.FormatInt(n, 10)}
}

type moneySet struct {
	Shop        moneyAmount `json:"shop_money"`
	Presentment moneyAmount `json:"presentment_money"`
}

type moneyAmount struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency_code"`
}

func (o *Order) set(minor int64) moneySet {
	return moneySet{moneyAmount{o.shop(minor), o.ShopCurrency}, moneyAmount{o.paid(minor), o.Currency}}
}

type orderJSON struct {
	gid
	AppID                 int64             `json:"app_id"`
	BrowserIP             *string           `json:"browser_ip"`
	BuyerAcceptsMarketing bool              `json:"buyer_accepts_marketing"`
	CancelReason          *string           `json:"cancel_reason"`
	CancelledAt           *string           `json:"cancelled_at"`
	CartToken             *string           `json:"cart_token"`
	CheckoutToken         *string           `json:"checkout_token"`
	ClientDetails         *string           `json:"client_details"`
	ClosedAt              *string           `json:"closed_at"`
	Company               *companyJSON      `json:"company"`
	ConfirmationNumber    string            `json:"confirmation_number"`
	Confirmed             bool              `json:"confirmed"`
	ContactEmail          *string           `json:"contact_email"`
	CreatedAt             string            `json:"created_at"`
	Currency              string            `json:"currency"`
	CurrentSubtotal       string            `json:"current_subtotal_price"`
	CurrentSubtotalSet    moneySet          `json:"current_subtotal_price_set"`
	CurrentDiscounts      string            `json:"current_total_discounts"`
	CurrentDiscountsSet   moneySet          `json:"current_total_discounts_set"`
	CurrentDuties         *moneySet         `json:"current_total_duties_set"`
	CurrentTotal          string            `json:"current_total_price"`
	CurrentTotalSet       moneySet          `json:"current_total_price_set"`
	CurrentTax            string            `json:"current_total_tax"`
	CurrentTaxSet         moneySet          `json:"current_total_tax_set"`
	CustomerLocale        string            `json:"customer_locale"`
	DeviceID              *string           `json:"device_id"`
	DiscountCodes         []discountJSON    `json:"discount_codes"`
	DutiesIncluded        bool              `json:"duties_included"`
	Email                 *string           `json:"email"`
	EstimatedTaxes        bool              `json:"estimated_taxes"`
	FinancialStatus       string            `json:"financial_status"`
	FulfillmentStatus     *string           `json:"fulfillment_status"`
	LandingSite           string            `json:"landing_site"`
	LocationID            *int64            `json:"location_id"`
	Name                  string            `json:"name"`
	Note                  *string           `json:"note"`
	NoteAttributes        []Attribute       `json:"note_attributes"`
	Number                int64             `json:"number"`
	OrderNumber           int64             `json:"order_number"`
	OrderStatusURL        string            `json:"order_status_url"`
	Gateways              []string          `json:"payment_gateway_names"`
	Phone                 *string           `json:"phone"`
	PresentmentCurrency   string            `json:"presentment_currency"`
	ProcessedAt           string            `json:"processed_at"`
	ReferringSite         *string           `json:"referring_site"`
	SourceName            string            `json:"source_name"`
	Subtotal              string            `json:"subtotal_price"`
	SubtotalSet           moneySet          `json:"subtotal_price_set"`
	Tags                  string            `json:"tags"`
	TaxExempt             bool              `json:"tax_exempt"`
	TaxLines              []string          `json:"tax_lines"`
	TaxesIncluded         bool              `json:"taxes_included"`
	Test                  bool              `json:"test"`
	Token                 string            `json:"token"`
	TotalDiscounts        string            `json:"total_discounts"`
	TotalDiscountsSet     moneySet          `json:"total_discounts_set"`
	TotalLines            string            `json:"total_line_items_price"`
	TotalLinesSet         moneySet          `json:"total_line_items_price_set"`
	TotalOutstanding      string            `json:"total_outstanding"`
	Total                 string            `json:"total_price"`
	TotalSet              moneySet          `json:"total_price_set"`
	TotalShippingSet      moneySet          `json:"total_shipping_price_set"`
	TotalTax              string            `json:"total_tax"`
	TotalTaxSet           moneySet          `json:"total_tax_set"`
	TotalTip              string            `json:"total_tip_received"`
	TotalWeight           int64             `json:"total_weight"`
	UpdatedAt             string            `json:"updated_at"`
	UserID                *int64            `json:"user_id"`
	BillingAddress        *addressJSON      `json:"billing_address"`
	Customer              *customerJSON     `json:"customer"`
	DiscountApplications  []string          `json:"discount_applications"`
	Fulfillments          []json.RawMessage `json:"fulfillments"`
	LineItems             []lineJSON        `json:"line_items"`
	PaymentTerms          *string           `json:"payment_terms"`
	Refunds               []json.RawMessage `json:"refunds"`
	ShippingAddress       *addressJSON      `json:"shipping_address"`
	ShippingLines         []shippingJSON    `json:"shipping_lines"`
	Returns               []string          `json:"returns"`
}

type companyJSON struct {
	ID         int64 `json:"id"`
	LocationID int64 `json:"location_id"`
}

type discountJSON struct {
	Code   string `json:"code"`
	Amount string `json:"amount"`
	Type   string `json:"type"`
}

type lineJSON struct {
	gid
	CurrentQuantity     int64       `json:"current_quantity"`
	FulfillableQuantity int64       `json:"fulfillable_quantity"`
	FulfillmentService  string      `json:"fulfillment_service"`
	FulfillmentStatus   *string     `json:"fulfillment_status"`
	GiftCard            bool        `json:"gift_card"`
	Grams               int64       `json:"grams"`
	Name                string      `json:"name"`
	Price               string      `json:"price"`
	PriceSet            moneySet    `json:"price_set"`
	ProductExists       bool        `json:"product_exists"`
	ProductID           int64       `json:"product_id"`
	Properties          []Attribute `json:"properties"`
	Quantity            int64       `json:"quantity"`
	RequiresShipping    bool        `json:"requires_shipping"`
	SKU                 string      `json:"sku"`
	Taxable             bool        `json:"taxable"`
	Title               string      `json:"title"`
	TotalDiscount       string      `json:"total_discount"`
	TotalDiscountSet    moneySet    `json:"total_discount_set"`
	VariantID           int64       `json:"variant_id"`
	VariantInventory    string      `json:"variant_inventory_management"`
	VariantTitle        *string     `json:"variant_title"`
	Vendor              string      `json:"vendor"`
	TaxLines            []string    `json:"tax_lines"`
	Duties              []string    `json:"duties"`
	DiscountAllocations []string    `json:"discount_allocations"`
}

type shippingJSON struct {
	ID                 int64    `json:"id"`
	Code               string   `json:"code"`
	DiscountedPrice    string   `json:"discounted_price"`
	DiscountedPriceSet moneySet `json:"discounted_price_set"`
	Price              string   `json:"price"`
	PriceSet           moneySet `json:"price_set"`
	Source             string   `json:"source"`
	Removed            bool     `json:"is_removed"`
	Title              string   `json:"title"`
}

type customerJSON struct {
	gid
	CreatedAt     string  `json:"created_at"`
	UpdatedAt     string  `json:"updated_at"`
	FirstName     string  `json:"first_name"`
	LastName      string  `json:"last_name"`
	State         string  `json:"state"`
	Note          *string `json:"note"`
	VerifiedEmail bool    `json:"verified_email"`
	TaxExempt     bool    `json:"tax_exempt"`
	Email         *string `json:"email"`
	Phone         *string `json:"phone"`
	Currency      string  `json:"currency"`
}

type addressJSON struct {
	FirstName   string  `json:"first_name"`
	Address1    string  `json:"address1"`
	Phone       *string `json:"phone"`
	City        string  `json:"city"`
	Zip         string  `json:"zip"`
	Province    *string `json:"province"`
	Country     string  `json:"country"`
	LastName    string  `json:"last_name"`
	Name        string  `json:"name"`
	CountryCode string  `json:"country_code"`
	RegionCode  *string `json:"province_code"`
}

// Body is the body of orders/create, paid, updated, cancelled and fulfilled:
// the order as it is now.
func (o *Order) Body() []byte {
	zero, total, current := o.set(0), o.set(o.Total()), o.set(o.current())
	items := o.set(o.Total() - o.Shipping - o.taxOn(1, 1))
	body := orderJSON{
		gid: id("Order", o.ID), AppID: 580111, BuyerAcceptsMarketing: o.AcceptsMarketing,
		CancelledAt: stamp(o.CancelledAt), CheckoutToken: null(o.checkout()), ConfirmationNumber: strings.ToUpper(o.token("n")[:9]),
		Confirmed: !o.Unconfirmed, ContactEmail: null(o.email()), CreatedAt: *stamp(o.PlacedAt), Currency: o.ShopCurrency,
		CurrentSubtotal: o.shop(o.goods()), CurrentSubtotalSet: o.set(o.goods()),
		CurrentDiscounts: zero.Shop.Amount, CurrentDiscountsSet: zero, CurrentTotal: current.Shop.Amount, CurrentTotalSet: current,
		CurrentTax: zero.Shop.Amount, CurrentTaxSet: zero, CustomerLocale: o.Locale, Email: null(o.email()),
		FinancialStatus: o.FinancialStatus, FulfillmentStatus: null(o.FulfilmentStatus), LandingSite: cmp.Or(o.LandingSite, "/"), BrowserIP: null(o.BrowserIP), Name: o.Name,
		Number: o.ID % 100000, OrderNumber: 1000 + o.ID%100000,
		OrderStatusURL: "https://" + o.OnlineDomain + "/" + strconv.FormatInt(o.ID, 10) + "/orders/" + o.token("o") + "/authenticate?key=" + o.token("k"),
		Gateways:       o.Gateways, PresentmentCurrency: o.Currency, ProcessedAt: *stamp(o.ProcessedAt), SourceName: o.SourceName,
		Subtotal: items.Shop.Amount, SubtotalSet: items, Tags: strings.Join(o.Tags, ", "), Test: o.Test, Token: o.token("o"),
		TotalDiscounts: zero.Shop.Amount, TotalDiscountsSet: zero, TotalLines: items.Shop.Amount, TotalLinesSet: items,
		TotalOutstanding: o.outstanding(), Total: total.Shop.Amount, TotalSet: total, TotalShippingSet: o.set(o.Shipping),
		TotalTax: o.shop(o.Tax), TotalTaxSet: o.set(o.Tax), TaxesIncluded: o.Tax > 0 && !o.TaxAdded, TotalTip: zero.Shop.Amount, UpdatedAt: *stamp(o.UpdatedAt),
		BillingAddress: o.billing(), Customer: o.customer(), DiscountCodes: []discountJSON{},
		ShippingLines: []shippingJSON{}, Refunds: []json.RawMessage{}, Fulfillments: []json.RawMessage{},
		NoteAttributes: append([]Attribute{}, o.Attributes...), TaxLines: []string{}, DiscountApplications: []string{}, Returns: []string{},
	}
	for _, code := range o.DiscountCodes {
		body.DiscountCodes = append(body.DiscountCodes, discountJSON{code, zero.Shop.Amount, "percentage"})
	}
	if !o.ShipLess && !o.ToCounter {
		body.ShippingAddress = o.address()
	}
	if !o.ShipLess && o.Method != "" {
		body.ShippingLines = append(body.ShippingLines, o.shippingLine())
	}
	if o.CompanyID != 0 {
		body.Company = &companyJSON{o.CompanyID, o.CompanyID + 1}
	}
	for _, l := range o.Lines {
		body.LineItems = append(body.LineItems, o.line(l))
	}
	for _, r := range o.Refunds {
		body.Refunds = append(body.Refunds, r.Body())
	}
	for _, f := range o.Fulfilments {
		body.Fulfillments = append(body.Fulfillments, f.Body())
	}
	return write(body)
}

func (o *Order) line(l Line) lineJSON {
	return lineJSON{
		gid: id("LineItem", l.ID), CurrentQuantity: l.Current, FulfillableQuantity: l.Current, FulfillmentService: "manual",
		FulfillmentStatus: null(o.FulfilmentStatus), GiftCard: l.GiftCard, Grams: 250,
		Name: strings.TrimSuffix(l.Title+" - "+l.Variant, " - "), Price: o.shop(l.Price), PriceSet: o.set(l.Price),
		ProductExists: true, ProductID: l.Product, Quantity: l.Quantity, RequiresShipping: o.sends(l),
		SKU: l.SKU, Taxable: true, Title: l.Title, TotalDiscount: o.shop(0), TotalDiscountSet: o.set(0),
		VariantID: l.Product + 1, VariantInventory: "shopify", VariantTitle: null(l.Variant), Vendor: l.Vendor,
		Properties: append([]Attribute{}, l.Properties...), TaxLines: []string{}, Duties: []string{}, DiscountAllocations: []string{},
	}
}

func (o *Order) shippingLine() shippingJSON {
	price := o.set(o.Shipping)
	return shippingJSON{
		ID: o.ID*100 + 90, Code: o.Method, DiscountedPrice: price.Shop.Amount, DiscountedPriceSet: price,
		Price: price.Shop.Amount, PriceSet: price, Source: "shopify", Title: o.Method,
	}
}

func (o *Order) customer() *customerJSON {
	c := o.Customer
	if c == nil {
		return nil
	}
	return &customerJSON{
		gid: id("Customer", o.customerID()), CreatedAt: *stamp(o.PlacedAt), UpdatedAt: *stamp(o.UpdatedAt),
		FirstName: c.FirstName, LastName: c.LastName, State: "disabled", VerifiedEmail: !c.Unverified,
		Email: null(c.Email), Phone: null(c.Phone), Currency: o.ShopCurrency,
	}
}

func (o *Order) address() *addressJSON {
	a := o.ShipTo
	return &addressJSON{
		FirstName: a.FirstName, Address1: cmp.Or(a.Street, "1 High Street"), Phone: null(a.Phone), City: a.City, Zip: "10001",
		RegionCode: null(a.Region), Country: a.Country, LastName: a.LastName, Name: a.FirstName + " " + a.LastName, CountryCode: a.CountryCode,
	}
}

// billing is where the bill goes: the same place.
func (o *Order) billing() *addressJSON {
	if o.Withheld {
		return nil
	}
	return o.address()
}

func (o *Order) checkout() string {
	if o.NoCheckout {
		return ""
	}
	return o.token("c")
}

// sends reports whether a line goes into a parcel.
func (o *Order) sends(l Line) bool { return !o.ShipLess && !l.GiftCard && !l.Digital }

func (o *Order) outstanding() string {
	if o.FinancialStatus == "pending" || o.FinancialStatus == "authorized" {
		return o.shop(o.Total())
	}
	return o.shop(0)
}

// token is 32 characters that look random and depend on the order only.
func (o *Order) token(salt string) string { return digest(salt, strconv.FormatInt(o.ID, 10))[:32] }

// stamp writes a moment as Shopify does: whole seconds and the shop's own offset.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.Format("2006-01-02T15:04:05-07:00")
	return &s
}

func null(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// write cannot fail: the types of this file hold nothing that has no JSON.
func write(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return b
}
