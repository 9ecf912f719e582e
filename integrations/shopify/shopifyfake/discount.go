package shopifyfake

import (
	"slices"
	"strings"
	"time"
)

// DiscountRecord is a discount code of a shop, as the app made it.
type DiscountRecord struct {
	ID               int64
	Kind             string // basic, free_shipping
	Title, Code      string
	Percentage       float64  // of basic ones: 0..1
	Amount           string   // of basic ones: decimal
	Customers        []string // gids; empty: everybody
	Products         []string // gids; empty: all
	Minimum          string   // decimal: the least subtotal of an order it is used on
	Dearest          string   // decimal: of free shipping, what shipping may cost
	Anybody          bool     // who has it may use it
	StartsAt, EndsAt time.Time
	UsageLimit       int64
	OncePerCustomer  bool
	Status           string // ACTIVE, SCHEDULED, EXPIRED
	Used             int64
}

// Discounts lists the discount codes of a shop, oldest first.
func (f *Fake) Discounts(domain string) []DiscountRecord {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []DiscountRecord
	for _, d := range f.shop(domain).discounts {
		out = append(out, *d)
	}
	return out
}

// PutDiscount puts a code into a shop that the merchant or another app made, so
// that it is taken. Kind may also be bxgy or app.
func (f *Fake) PutDiscount(domain string, d DiscountRecord) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.shop(domain)
	d.ID, d.Status = or64(d.ID, 1_400_000_000_000+f.mint()), or(d.Status, "ACTIVE")
	s.discounts = append(s.discounts, &d)
}

// UseDiscount counts one order that used a code; false if there is none to use.
func (f *Fake) UseDiscount(domain, code string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.shop(domain).discount(code)
	if d == nil || d.Status != "ACTIVE" || (d.UsageLimit > 0 && d.Used >= d.UsageLimit) {
		return false
	}
	d.Used++
	return true
}

func (s *shop) discount(code string) *DiscountRecord {
	for _, d := range s.discounts {
		if strings.EqualFold(d.Code, code) {
			return d
		}
	}
	return nil
}

func (s *shop) discountByCode(args map[string]any) (any, error) {
	code, _ := args["code"].(string)
	if d := s.discount(code); d != nil {
		return d.object(), nil
	}
	return nil, nil
}

func (d *DiscountRecord) object() object {
	kind := map[string]string{"basic": "DiscountCodeBasic", "free_shipping": "DiscountCodeFreeShipping", "bxgy": "DiscountCodeBxgy", "app": "DiscountCodeApp"}[d.Kind]
	return object{
		"id": id("DiscountCodeNode", d.ID).GID,
		"codeDiscount": object{
			"__typename": kind, "title": d.Title, "status": d.Status, "asyncUsageCount": d.Used,
			"appliesOncePerCustomer": d.OncePerCustomer, "appliesOnOneTimePurchase": true,
		},
	}
}

func (s *shop) deactivate(args map[string]any) (any, error) {
	n, err := number("DiscountCodeNode", args["id"])
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(s.discounts, func(d *DiscountRecord) bool { return d.ID == n })
	if i < 0 {
		return payload([]object{userError("INVALID", "Discount does not exist", "id")}, nil), nil
	}
	s.discounts[i].Status = "EXPIRED"
	return payload(nil, nil), nil
}

// createDiscount makes a code of the input under that argument, which is also
// the first part of the field an error names.
func (f *Fake) createDiscount(s *shop, args map[string]any, argument string) (any, error) {
	input, _ := args[argument].(map[string]any)
	d, errors := s.readDiscount(input, argument)
	if len(errors) > 0 {
		return payload(errors, object{"codeDiscountNode": nil}), nil
	}
	d.ID, d.Status = 1_400_000_000_000+f.mint(), "ACTIVE"
	if d.StartsAt.After(f.now()) {
		d.Status = "SCHEDULED"
	}
	s.discounts = append(s.discounts, d)
	return payload(nil, object{"codeDiscountNode": d.object()}), nil
}
