package stripe

import (
	"math"
	"strings"

	"flywheel/commerce"
	"flywheel/fault"
)

// counted turns ISO minor units into what Stripe counts, with the currency as
// its forms have it: the reverse of money. What Stripe cannot count is
// fault.Invalid: parts of a currency that it takes whole, and a last digit of
// three decimals, of which it takes two only (https://docs.stripe.com/currencies).
func counted(m commerce.Money) (int64, string, error) {
	if len(m.Currency) != 3 || strings.Trim(m.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return 0, "", fault.New(fault.Invalid, "%q is not a currency", clean(m.Currency))
	}
	told, listed := exponents[m.Currency]
	if !listed {
		told = 2
	}
	amount := m.Amount
	for have := commerce.Exponent(m.Currency); have < told; have++ {
		if amount > math.MaxInt64/10 || amount < math.MinInt64/10 {
			return 0, "", fault.New(fault.Invalid, "an amount of %s is beyond all bounds", m.Currency)
		}
		amount *= 10
	}
	for have := commerce.Exponent(m.Currency); have > told; have-- {
		if amount%10 != 0 {
			return 0, "", fault.New(fault.Invalid, "Stripe takes whole %s only, not %s", m.Currency, m.Decimal())
		}
		amount /= 10
	}
	if told == 3 && amount%10 != 0 {
		return 0, "", fault.New(fault.Invalid, "Stripe takes two decimals of %s only, not %s", m.Currency, m.Decimal())
	}
	return amount, strings.ToLower(m.Currency), nil
}
