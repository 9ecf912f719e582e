package shopifyfake

import (
	"strconv"
	"time"

	"flywheel/commerce"
)

// Order is an order as Shopify keeps it. NewOrder fills in a usual one; set
// fields or call methods to make it the one a test or the demo is about. Every
// method that changes the order moves UpdatedAt to the moment it is told, as
// Shopify does, and Body then is the webhook's body of that moment.
type Order struct {
	ID          int64
	Name        string // "#1001"
	PlacedAt    time.Time
	ProcessedAt time.Time
	UpdatedAt   time.Time
	CancelledAt time.Time // zero: not cancelled

	Currency     string // what the customer pays in; all amounts of the builder are its minor units
	ShopCurrency string
	// RateNum / RateDen shop units are one customer's unit.
	RateNum, RateDen int64

	FinancialStatus  string
	FulfilmentStatus string // "" = not fulfilled
	Gateways         []string
	SourceName       string
	CompanyID        int64       // set: sold to a company
	Attributes       []Attribute // note_attributes
	LandingSite      string      // "" = /
	BrowserIP        string      // "" = null
	NoCheckout       bool        // no checkout was gone through: no checkout_token
	Locale           string
	Tags             []string
	DiscountCodes    []string
	Test             bool
	Unconfirmed      bool
	AcceptsMarketing bool

	Lines        []Line
	Shipping     int64 // minor units
	Tax          int64 // minor units; it is in the prices, or with TaxAdded on top of them
	TaxAdded     bool
	Method       string // title of the shipping line; "" = none
	ShipLess     bool   // nothing needs shipping: no shipping address either
	ToCounter    bool   // goods that need shipping go over a counter: no shipping address
	Withheld     bool   // no billing address
	Customer     *Customer
	Email        string // of the order; the customer's if there is one
	ShipTo       Address
	Refunds      []*Refund
	Returns      []*Return
	Fulfilments  []*Fulfilment
	OnlineDomain string // NAME.myshopify.com, for order_status_url
}

// Line is one line item. ID and Product are derived from the order's id if 0.
type Line struct {
	ID, Product int64
	Title       string
	Variant     string
	SKU         string
	Quantity    int64
	Current     int64 // after edits and refunds; NewOrder and With set it to Quantity
	Price       int64 // of one, minor units
	GiftCard    bool
	Digital     bool   // needs no shipping
	Vendor      string // With sets Flywheel Goods
	Properties  []Attribute
}

// Address is where the parcel goes.
type Address struct {
	FirstName, LastName, City, Region, CountryCode, Country, Phone string
	Street                                                         string // "" = 1 High Street
}

// Attribute is what a theme or app asked the buyer, of the order or of a line.
type Attribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// NewOrder returns order id, placed and paid at at: two lines in euro for Ada in Vienna.
func NewOrder(id int64, at time.Time) *Order {
	o := &Order{
		ID: id, Name: "#" + strconv.FormatInt(1000+id%100000, 10),
		PlacedAt: at, ProcessedAt: at, UpdatedAt: at,
		Currency: "EUR", ShopCurrency: "EUR", RateNum: 1, RateDen: 1,
		FinancialStatus: "paid", Gateways: []string{"shopify_payments"}, SourceName: "web", Locale: "en",
		Shipping: 490, Method: "Standard",
		Customer:     &Customer{Email: "ada@example.com", FirstName: "Ada", LastName: "Lovelace"},
		ShipTo:       Address{FirstName: "Ada", LastName: "Lovelace", City: "Vienna", CountryCode: "AT", Country: "Austria", Phone: "+4315550100"},
		OnlineDomain: "flywheel-demo.myshopify.com",
	}
	return o.With(
		Line{Title: "Merino scarf", Variant: "Moss green", SKU: "SCARF-MOSS", Quantity: 1, Price: 4900},
		Line{Title: "Beeswax candle", Variant: "Large", SKU: "CANDLE-L", Quantity: 2, Price: 1450},
	)
}

// With replaces the lines.
func (o *Order) With(lines ...Line) *Order {
	o.Lines = nil
	for i, l := range lines {
		if l.ID == 0 {
			l.ID = o.ID*100 + int64(i) + 1
		}
		if l.Product == 0 {
			l.Product = l.ID + 7_000_000_000_000
		}
		if l.Vendor == "" {
			l.Vendor = "Flywheel Goods"
		}
		l.Current = l.Quantity
		o.Lines = append(o.Lines, l)
	}
	return o
}

// In sets what the customer pays in, what the shop counts in, and how many shop
// units one customer's unit is, as num / den.
func (o *Order) In(currency, shop string, num, den int64) *Order {
	o.Currency, o.ShopCurrency, o.RateNum, o.RateDen = currency, shop, num, den
	return o
}

// For sets whom the order was sold to and where the parcel goes.
func (o *Order) For(c Customer, country string) *Order {
	o.Customer = &c
	o.ShipTo = Address{FirstName: c.FirstName, LastName: c.LastName, City: "Old Town", CountryCode: country, Country: country, Phone: c.Phone}
	return o
}

// Guest makes it an order without a customer record.
func (o *Order) Guest(email string) *Order {
	o.Customer, o.Email = nil, email
	return o
}

// Unpaid makes the order wait for its money, as with cash on delivery.
func (o *Order) Unpaid(gateway string) *Order {
	o.FinancialStatus, o.Gateways = "pending", []string{gateway}
	return o
}

// Pay says that the money came at at.
func (o *Order) Pay(at time.Time) *Order {
	o.FinancialStatus = "paid"
	return o.Touch(at)
}

// Cancel cancels the order at at; an unpaid one is voided.
func (o *Order) Cancel(at time.Time) *Order {
	if o.FinancialStatus == "pending" || o.FinancialStatus == "authorized" {
		o.FinancialStatus = "voided"
	}
	o.CancelledAt = at
	return o.Touch(at)
}

// Touch moves UpdatedAt.
func (o *Order) Touch(at time.Time) *Order {
	o.UpdatedAt = at
	return o
}

// Total is what the customer pays, in minor units.
func (o *Order) Total() int64 {
	sum := o.Shipping + o.taxOn(1, 1)
	for _, l := range o.Lines {
		sum += l.Price * l.Quantity
	}
	return sum
}

// taxOn is what is added to the prices for a share of the goods.
func (o *Order) taxOn(share, all int64) int64 {
	if !o.TaxAdded || all == 0 {
		return 0
	}
	return o.Tax * share / all
}

// current is the total after edits and refunds.
func (o *Order) current() int64 {
	bought := o.Total() - o.Shipping - o.taxOn(1, 1)
	return o.Shipping + o.goods() + o.taxOn(o.goods(), bought)
}

// goods is what the lines come to after edits and refunds.
func (o *Order) goods() (sum int64) {
	for _, l := range o.Lines {
		sum += l.Price * max(0, l.Current)
	}
	return sum
}

func (o *Order) customerID() int64 {
	if o.Customer == nil {
		return 0
	}
	if o.Customer.ID != 0 {
		return o.Customer.ID
	}
	return o.ID + 6_000_000_000_000
}

func (o *Order) email() string {
	if o.Email == "" && o.Customer != nil {
		return o.Customer.Email
	}
	return o.Email
}

// paid and shop write an amount of minor units as Shopify does, in the
// customer's and in the shop's currency.
func (o *Order) paid(minor int64) string {
	return commerce.Money{Amount: minor, Currency: o.Currency}.Decimal()
}

func (o *Order) shop(minor int64) string {
	exp := commerce.Exponent(o.ShopCurrency) - commerce.Exponent(o.Currency)
	num, den := minor*o.RateNum, o.RateDen
	for ; exp > 0; exp-- {
		num *= 10
	}
	for ; exp < 0; exp++ {
		den *= 10
	}
	return commerce.Money{Amount: (num + den/2) / den, Currency: o.ShopCurrency}.Decimal()
}
