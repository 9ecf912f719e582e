package stripe

import (
	"math"
	"strings"

	"flywheel/commerce"
	"flywheel/fault"
)

// exponents are the decimals of the currencies that Stripe does not count in
// hundredths (https://docs.stripe.com/currencies). UGX stands in Stripe's own
// list of zero decimals, but its special cases say, as of ISK, that 5 is told
// as 500; HUF and TWD are whole in payouts only, never in a charge.
var exponents = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "JPY": 0, "KMF": 0, "KRW": 0, "MGA": 0,
	"PYG": 0, "RWF": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3,
}

// money turns an amount as Stripe counts it into ISO minor units. What ISO
// cannot express is rounded half away from zero; Stripe never charges it.
func money(amount int64, currency string) (commerce.Money, error) {
	currency = strings.ToUpper(currency)
	if len(currency) != 3 || strings.Trim(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return commerce.Money{}, fault.New(fault.Permanent, "%q is not a currency", clean(currency))
	}
	told, listed := exponents[currency]
	if !listed {
		told = 2
	}
	for ; told < commerce.Exponent(currency); told++ {
		if amount > math.MaxInt64/10 || amount < math.MinInt64/10 {
			return commerce.Money{}, fault.New(fault.Permanent, "an amount of %s is beyond all bounds", currency)
		}
		amount *= 10
	}
	unit := int64(1)
	for ; told > commerce.Exponent(currency); told-- {
		unit *= 10
	}
	whole, rest := amount/unit, amount%unit
	switch {
	case 2*rest >= unit && unit > 1:
		whole++
	case -2*rest >= unit && unit > 1:
		whole--
	}
	return commerce.Money{Amount: whole, Currency: currency}, nil
}

// price is money that cannot be less than nothing: what was paid or given back.
// nil, an amount that the object should tell and does not, is no 0: at a version
// that moved the field, a sale would silently be worth nothing.
func price(amount *int64, currency string) (commerce.Money, error) {
	switch {
	case amount == nil:
		return commerce.Money{}, fault.New(fault.Permanent, "an amount is missing")
	case *amount < 0:
		return commerce.Money{}, fault.New(fault.Permanent, "an amount is less than nothing")
	}
	return money(*amount, currency)
}
