package stripe

import (
	"strconv"
	"strings"

	"github.com/stripe/stripe-go/v76/form"

	"flywheel/commerce"
	"flywheel/fault"
)

// maxTitle is how many letters Stripe takes for the name of a coupon.
const maxTitle = 40

// Check refuses, without asking anybody, what would make a promotion other than
// the one that is meant. Errors are fault.Invalid.
func (p Promotion) Check() error {
	_, _, err := p.forms()
	return err
}

func (p Promotion) forms() (coupon, code *form.Values, err error) {
	if err = p.check(); err == nil {
		coupon, err = p.couponForm()
	}
	if err == nil {
		code, err = p.codeForm()
	}
	return coupon, code, err
}

func (p Promotion) check() error {
	switch {
	case !word(p.Code) || !word(p.Key) || clean(p.Title) == "":
		return fault.New(fault.Invalid, "a promotion needs a code and a key of letters and digits, and a title")
	case !plain(p.Customer):
		return fault.New(fault.Invalid, "%q is not the id of a customer", clean(p.Customer))
	case p.MinimumAmount.Amount < 0:
		return fault.New(fault.Invalid, "a promotion's least amount is not less than nothing")
	}
	for _, id := range p.Products {
		if id == "" || !plain(id) {
			return fault.New(fault.Invalid, "%q is not the id of a product", clean(id))
		}
	}
	switch {
	case p.Kind == PercentOff && (p.Percent < 1 || p.Percent > 100_00):
		return fault.New(fault.Invalid, "a promotion takes off between 0.01 and 100 percent")
	case p.Kind == AmountOff && p.Amount.Amount <= 0:
		return fault.New(fault.Invalid, "a promotion takes off more than nothing")
	case p.Kind != PercentOff && p.Kind != AmountOff:
		return fault.New(fault.Invalid, "%q is no kind of promotion", clean(string(p.Kind)))
	}
	return nil
}

// word reports whether text is what a code may be made of.
func word(text string) bool {
	return text != "" && len(text) <= 100 && strings.Trim(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
}

// percentOff is 0 where an amount is taken off.
func (p Promotion) percentOff() int {
	if p.Kind == PercentOff {
		return p.Percent
	}
	return 0
}

// amountOff is 0 where a percentage is taken off.
func (p Promotion) amountOff() (int64, string, error) {
	if p.Kind == PercentOff {
		return 0, "", nil
	}
	return counted(p.Amount)
}

// couponForm is the coupon. It may be used once, too: whatever codes staff add
// to it, the discount is given once.
func (p Promotion) couponForm() (*form.Values, error) {
	title := []rune(clean(p.Title))
	pairs := []string{
		"id", couponID(p.Key), "duration", "once", "max_redemptions", "1",
		"name", strings.TrimSpace(string(title[:min(len(title), maxTitle)])), "metadata[" + keyField + "]", p.Key,
	}
	if p.Kind == PercentOff {
		// a float holds it well enough: it has two decimals, and nothing is added up
		pairs = append(pairs, "percent_off", strconv.FormatFloat(float64(p.Percent)/100, 'f', -1, 64))
	} else {
		amount, currency, err := counted(p.Amount)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, "amount_off", strconv.FormatInt(amount, 10), "currency", currency)
	}
	for i, id := range p.Products {
		pairs = append(pairs, "applies_to[products]["+strconv.Itoa(i)+"]", id)
	}
	return fields(pairs...), nil
}

func (p Promotion) codeForm() (*form.Values, error) {
	pairs := []string{
		"coupon", couponID(p.Key), "code", p.Code, "customer", p.Customer, "max_redemptions", "1", "metadata[" + keyField + "]", p.Key,
	}
	if !p.EndsAt.IsZero() {
		pairs = append(pairs, "expires_at", strconv.FormatInt(p.EndsAt.Unix(), 10))
	}
	if p.MinimumAmount != (commerce.Money{}) {
		amount, currency, err := counted(p.MinimumAmount)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, "restrictions[minimum_amount]", strconv.FormatInt(amount, 10), "restrictions[minimum_amount_currency]", currency)
	}
	return fields(pairs...), nil
}
