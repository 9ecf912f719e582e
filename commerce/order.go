package commerce

import (
	"cmp"
	"maps"
	"slices"
)

// Order is one purchase: facts that only grow, and a description that the
// newest source gives. Two orders that saw the same deliveries are equal, in
// whatever order and however often they saw them; Merge is the only way in.
type Order struct {
	ID       OrderID     `json:"id"`
	PersonID PersonID    `json:"person_id"`
	Keys     []SourceKey `json:"keys"`

	Detail Detail  `json:"detail"`
	Charge Charges `json:"charges,omitempty"`

	PlacedAt      Instant `json:"placed_at,omitempty"`
	Cancel        Cancel  `json:"cancel"`
	DeletedAt     Instant `json:"deleted_at,omitempty"`
	FulfilledSeen Instant `json:"fulfilled_seen,omitempty"`
	Payment       Payment `json:"payment"`

	Refunds     map[string]Refund     `json:"refunds,omitempty"`
	Fulfilments map[string]Fulfilment `json:"fulfilments,omitempty"`
	Disputes    map[string]Dispute    `json:"disputes,omitempty"`
	Edits       map[string]Edit       `json:"edits,omitempty"`
	Returns     map[string]Return     `json:"returns,omitempty"`

	// PaymentFailed is when a subscription's payment was first tried in vain; that it was paid since, Payment tells.
	PaymentFailed Instant `json:"payment_failed,omitempty"`

	Reporting Reporting `json:"reporting"`
	Origin    Origin    `json:"origin,omitzero"`
	// HeldUntil keeps a purchase from sending while more about it will be told soon.
	HeldUntil Instant `json:"held_until,omitempty"`
	// SameAs names the order this row turned out to be the same purchase as; "" = none.
	SameAs OrderID `json:"same_as,omitempty"`
}

// Detail is a source's description of a purchase. Among the details of one
// platform the one with the greater (Rank, UpdatedAt, Hash) stands; the leading
// platform's stands above the other's.
type Detail struct {
	Platform Platform `json:"platform,omitempty"`
	// Rank says how much the source can tell. A platform that describes one purchase by several
	// objects ranks them, so that a bare payment never wipes a checkout with lines; 0 where all are equal.
	Rank      int     `json:"rank,omitempty"`
	UpdatedAt Instant `json:"updated_at,omitempty"`
	Hash      uint64  `json:"hash,omitempty"` // of the body

	Name            string   `json:"name,omitempty"` // "#1001", what the customer knows it by
	Test            bool     `json:"test,omitempty"`
	Unconfirmed     bool     `json:"unconfirmed,omitempty"`
	FinancialStatus string   `json:"financial_status,omitempty"` // Shopify's word, or paid / unpaid
	Gateways        []string `json:"gateways,omitempty"`
	SourceName      string   `json:"source_name,omitempty"`
	Language        string   `json:"language,omitempty"`
	Country         string   `json:"country,omitempty"` // shipping address, else billing
	Tags            []string `json:"tags,omitempty"`
	DiscountCodes   []string `json:"discount_codes,omitempty"`
	Promotions      []string `json:"promotions,omitempty"`  // the platform's ids of codes, where it tells those instead
	Renewal         bool     `json:"renewal,omitempty"`     // an invoice of a running subscription
	NoShipping      bool     `json:"no_shipping,omitempty"` // nothing of it is ever sent
	Region          string   `json:"region,omitempty"`      // province code of the same address as Country
	ShippingMethod  string   `json:"shipping_method,omitempty"`
	Pickup          bool     `json:"pickup,omitempty"`      // the customer fetches it
	B2B             bool     `json:"b2b,omitempty"`         // sold to a company
	Draft           bool     `json:"draft,omitempty"`       // made by staff from a draft
	Invoiced        bool     `json:"invoiced,omitempty"`    // a draft the customer paid through its invoice
	Gift            bool     `json:"gift,omitempty"`        // the order says that it is for somebody else
	Marketplace     string   `json:"marketplace,omitempty"` // amazon, ebay, tiktok, ...; "" = the shop's own

	Total           Money  `json:"total"`                     // as paid, in the customer's currency
	ShopTotal       Money  `json:"shop_total"`                // the same in the platform's shop currency
	CurrentTotal    Money  `json:"current_total"`             // after edits and refunds, shop currency
	SubtotalCurrent Money  `json:"subtotal_current,omitzero"` // the same of the lines alone; zero where not told
	Lines           []Line `json:"lines,omitempty"`
	Parts           Parts  `json:"parts,omitzero"`
}

// Parts are what an order's total has beside goods, as it was bought, in the shop's currency; zero where not told.
type Parts struct {
	Tax         Money `json:"tax,omitzero"`
	Shipping    Money `json:"shipping,omitzero"`
	TaxIncluded bool  `json:"tax_included,omitempty"` // in the prices of lines, so that subtotals hold it
}

// Known reports whether any source has described the purchase; without one it is a stub.
func (d Detail) Known() bool { return d.Platform != "" }

// Reporting is the order's total in the shop's reporting currency, frozen with its rate.
type Reporting struct {
	Amount Money  `json:"amount"`
	Rate   string `json:"rate,omitempty"`   // reporting units for one paid unit; "" = unknown, never 1
	Source string `json:"source,omitempty"` // same, shopify
}

// Facts returns all an order knows as one change, for taking it over into another row.
func (o *Order) Facts() OrderChange {
	c := OrderChange{
		Keys: o.Keys, PlacedAt: o.PlacedAt, Cancel: o.Cancel, DeletedAt: o.DeletedAt, FulfilledSeen: o.FulfilledSeen,
		Payment: o.Payment, Charges: slices.Collect(maps.Values(o.Charge)), Refunds: slices.Collect(maps.Values(o.Refunds)),
		Fulfilments: slices.Collect(maps.Values(o.Fulfilments)), Disputes: slices.Collect(maps.Values(o.Disputes)),
		Edits: slices.Collect(maps.Values(o.Edits)), Returns: slices.Collect(maps.Values(o.Returns)), PaymentFailed: o.PaymentFailed,
		Origin: o.Origin,
	}
	if o.Detail.Known() {
		c.Detail = &o.Detail
	}
	return c
}

// Stub reports whether only a refund, dispute or fulfilment told of the order so far.
func (o *Order) Stub() bool { return !o.Detail.Known() }

// Merge takes over what c says; leading names the platform whose description
// stands. It reports whether a decision could read something new.
func (o *Order) Merge(c OrderChange, leading Platform) bool {
	before := o.clone()
	for _, k := range c.Keys {
		if !slices.Contains(o.Keys, k) {
			o.Keys = append(o.Keys, k)
		}
	}
	slices.SortFunc(o.Keys, func(a, b SourceKey) int {
		return cmp.Or(cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	if c.Detail != nil && o.Detail.yieldsTo(*c.Detail, leading) {
		o.Detail = *c.Detail
	}
	o.PlacedAt = Earliest(o.PlacedAt, c.PlacedAt)
	o.Cancel.merge(c.Cancel)
	o.DeletedAt = Earliest(o.DeletedAt, c.DeletedAt)
	o.FulfilledSeen = Earliest(o.FulfilledSeen, c.FulfilledSeen)
	o.Payment.merge(c.Payment)
	o.PaymentFailed = Earliest(o.PaymentFailed, c.PaymentFailed)
	o.Origin.merge(c.Origin)
	for _, ch := range c.Charges {
		mergeByID(&o.Charge, ch.ID, ch, Charge.yieldsTo)
	}
	for _, r := range c.Refunds {
		r.Lines = sortLines(r.Lines)
		if r.Platform == "" && len(c.Keys) > 0 {
			r.Platform = c.Keys[0].Platform
		}
		mergeByID(&o.Refunds, r.ID, r, Refund.yieldsTo)
	}
	for _, f := range c.Fulfilments {
		mergeByID(&o.Fulfilments, f.ID, o.Fulfilments[f.ID].with(f), always)
	}
	for _, d := range c.Disputes {
		mergeByID(&o.Disputes, d.ID, o.Disputes[d.ID].with(d), always)
	}
	for _, e := range c.Edits {
		e.Removed = sortLines(e.Removed)
		mergeByID(&o.Edits, e.ID, e, Edit.yieldsTo)
	}
	for _, r := range c.Returns {
		mergeByID(&o.Returns, r.ID, o.Returns[r.ID].with(r), always)
	}
	return !before.equal(o)
}

// mergeByID keeps, of two rows of one id, the one the other yields to.
func mergeByID[M ~map[string]V, V any](rows *M, id string, row V, yields func(old, new V) bool) {
	if *rows == nil {
		*rows = M{}
	}
	if old, seen := (*rows)[id]; !seen || yields(old, row) {
		(*rows)[id] = row
	}
}

func always[V any](_, _ V) bool { return true }

func (d Detail) yieldsTo(n Detail, leading Platform) bool {
	switch {
	case !d.Known():
		return true
	case d.Platform != n.Platform && n.Platform != leading && d.Platform != leading:
		return n.Platform < d.Platform // neither leads: any rule will do that is one
	case d.Platform != n.Platform:
		return n.Platform == leading
	case d.Rank != n.Rank:
		return n.Rank > d.Rank
	case d.UpdatedAt != n.UpdatedAt:
		return n.UpdatedAt > d.UpdatedAt
	}
	return n.Hash > d.Hash
}

// Freeze sets the amount in the shop's reporting currency from what the order
// itself says. Without a rate it stays unknown.
func (o *Order) Freeze(reporting string) {
	o.Reporting = Reporting{}
	switch total, shop := o.Detail.Total, o.Detail.ShopTotal; {
	case reporting == "" || total.Currency == "":
	case total.Currency == reporting:
		o.Reporting = Reporting{total, "1", "same"}
	case shop.Currency == reporting && total.Amount != 0 && shop.Amount != 0:
		o.Reporting = Reporting{shop, rate(shop, total), string(o.Detail.Platform)}
	}
}

// Sale returns the moment at which the purchase counts as made: paid, or
// placed where the customer pays the courier. 0 = not yet.
func (o *Order) Sale(s Settings) Instant {
	if o.PayOnDelivery(s) {
		return Earliest(o.PlacedAt, o.Payment.At())
	}
	return o.Payment.At()
}

// PayOnDelivery reports whether the shop counts the order's gateway as paid to the courier.
func (o *Order) PayOnDelivery(s Settings) bool { return s.PaysOnDelivery(o.Detail.Gateways) }

func (o *Order) clone() *Order {
	c := *o
	c.Keys = slices.Clone(o.Keys)
	c.Charge, c.Refunds, c.Fulfilments = maps.Clone(o.Charge), maps.Clone(o.Refunds), maps.Clone(o.Fulfilments)
	c.Disputes, c.Edits, c.Returns = maps.Clone(o.Disputes), maps.Clone(o.Edits), maps.Clone(o.Returns)
	return &c
}
