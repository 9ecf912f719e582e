package commerce

import (
	"math"
	"strconv"
	"strings"

	"github.com/Rhymond/go-money"

	"flywheel/fault"
)

// Money is an amount in minor units of an ISO 4217 currency (cents, fils, whole yen).
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// Exponent returns how many decimals currency has by ISO 4217; 2 if it is not known.
func Exponent(currency string) int {
	if c := money.GetCurrency(currency); c != nil {
		return c.Fraction
	}
	return 2
}

// maxAmount bounds what is taken for an amount, so that sums of them cannot overflow.
const maxAmount = 1e16

// ParseMoney reads a decimal such as "414.95" without going through a float.
// Digits beyond the currency's decimals must be zero. Errors are fault.Invalid.
func ParseMoney(decimal, currency string) (Money, error) {
	currency = strings.ToUpper(strings.TrimSpace(currency))
	if len(currency) != 3 || strings.Trim(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return Money{}, fault.New(fault.Invalid, "%q is not a currency code", currency)
	}
	text, negative := strings.CutPrefix(strings.TrimSpace(decimal), "-")
	whole, frac, _ := strings.Cut(text, ".")
	exp := Exponent(currency)
	if len(frac) > exp {
		if strings.Trim(frac[exp:], "0") != "" {
			return Money{}, fault.New(fault.Invalid, "%q has more decimals than %s", decimal, currency)
		}
		frac = frac[:exp]
	}
	digits := whole + frac + strings.Repeat("0", exp-len(frac))
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || whole == "" || n > maxAmount {
		return Money{}, fault.New(fault.Invalid, "%q is not an amount of %s", decimal, currency)
	}
	amount := int64(n)
	if negative {
		amount = -amount
	}
	return Money{amount, currency}, nil
}

// Decimal writes m with its currency's decimals and no grouping, as in "414.95".
func (m Money) Decimal() string {
	exp := Exponent(m.Currency)
	sign, n := "", uint64(m.Amount)
	if m.Amount < 0 {
		sign, n = "-", uint64(-m.Amount)
	}
	digits := strconv.FormatUint(n, 10)
	if exp == 0 {
		return sign + digits
	}
	if len(digits) <= exp {
		digits = strings.Repeat("0", exp-len(digits)+1) + digits
	}
	return sign + digits[:len(digits)-exp] + "." + digits[len(digits)-exp:]
}

// IsZero reports whether m is no amount at all.
func (m Money) IsZero() bool { return m.Amount == 0 }

// Float returns m in major units, for conditions and charts only, never for sums.
func (m Money) Float() float64 {
	return float64(m.Amount) / math.Pow10(Exponent(m.Currency))
}
