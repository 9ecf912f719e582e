package codes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
)

// Terms are what a code is worth. Its JSON is kept: a cause has one code of a
// rule, with the terms of the first time.
type Terms struct {
	Kind     stripe.PromotionKind `json:"kind"`
	Percent  int                  `json:"percent,omitempty"` // in hundredths of a percent: 500 is 5 %
	Amount   commerce.Money       `json:"amount,omitzero"`
	Products []string             `json:"products,omitempty"` // prod_..., what it is for; none = everything
	Minimum  commerce.Money       `json:"minimum,omitzero"`   // of what it is used on; zero = any
	Days     int                  `json:"days,omitempty"`     // for how long, from when it was first asked for; 0 = for ever
}

// maxDays bounds how long a code may be good for.
const maxDays = 3650

// ReadTerms reads the kept JSON. Errors are fault.Permanent.
func ReadTerms(text string) (Terms, error) {
	var t Terms
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return t, fault.Wrap(fault.Permanent, err, "the terms of a code cannot be read")
	}
	return t, nil
}

// String says the terms on one line, for staff.
func (t Terms) String() string {
	off := strconv.FormatFloat(float64(t.Percent)/100, 'f', -1, 64) + "%"
	if t.Kind == stripe.AmountOff {
		off = t.Amount.Decimal() + " " + t.Amount.Currency
	}
	if len(t.Products) > 0 {
		off += " on " + strings.Join(t.Products, ", ")
	}
	if t.Minimum.Amount > 0 {
		off += " from " + t.Minimum.Decimal() + " " + t.Minimum.Currency
	}
	if t.Days > 0 {
		off += fmt.Sprintf(", %d days", t.Days)
	}
	return off
}

// normal makes equal what means the same.
func (t Terms) normal() Terms {
	t.Products = slices.Clone(t.Products)
	slices.Sort(t.Products)
	t.Products = slices.Compact(t.Products)
	if t.Kind == stripe.PercentOff {
		t.Amount = commerce.Money{}
	} else {
		t.Percent = 0
	}
	return t
}

func (t Terms) text() string {
	data, _ := json.Marshal(t) // numbers and strings always encode
	return string(data)
}

// endsAt is when a code ends that was first asked for at asked.
func (t Terms) endsAt(asked commerce.Instant) time.Time {
	if t.Days == 0 {
		return time.Time{}
	}
	return asked.Time().AddDate(0, 0, t.Days)
}

// promotion is what Stripe is to make, without code, key and end.
func (r Reward) promotion(title string) stripe.Promotion {
	return stripe.Promotion{
		Title: title, Kind: r.Kind, Percent: r.Percent, Amount: r.Amount, Products: r.Products, Customer: r.Customer, MinimumAmount: r.Minimum,
	}
}

// check refuses before anything is noted what Stripe would never make.
func (r Reward) check() error {
	if r.Days < 0 || r.Days > maxDays {
		return fault.New(fault.Invalid, "a code is good for at most %d days", maxDays)
	}
	p := r.promotion(r.Title)
	p.Code, p.Key = "C", "K" // the real ones are always good
	return p.Check()
}
