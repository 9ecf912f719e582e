package campaign

import (
	"strings"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

func firstOrder(_ Trigger, f Facts, _ string) moment { return orderAt(f, 0) }

func nthOrder(t Trigger, f Facts, _ string) moment { return orderAt(f, t.N-1) }

// orderAt is the sale of the order that stands at place among those that count.
// When an earlier one comes late, the right one is in and the wrong one ends.
func orderAt(f Facts, place int) moment {
	switch f.History.Index(f.Order.ID) {
	case -1:
		return moment{}
	case place:
		return moment{at: f.Order.Sale(f.Shop.Settings)}
	}
	return moment{gone: gate.CauseGone}
}

// spent is the sale with which the person's purchases first reach the amount.
func spent(t Trigger, f Facts, _ string) moment {
	wanted, ok := minorUnits(t.Amount, f.Shop.Currency)
	if !ok || f.History.Index(f.Order.ID) < 0 {
		return moment{}
	}
	var sum int64
	for _, p := range f.History {
		if !p.Counts {
			continue
		}
		before := sum
		if sum += p.Amount; p.Order == f.Order.ID {
			if before < wanted && sum >= wanted {
				return moment{at: f.Order.Sale(f.Shop.Settings)}
			}
			break
		}
	}
	return moment{gone: gate.CauseGone}
}

// minorUnits reads an amount in major units of currency, upwards where the
// currency has fewer decimals.
func minorUnits(amount, currency string) (int64, bool) {
	if currency == "" {
		return 0, false // no order has told it yet
	}
	whole, frac, _ := strings.Cut(amount, ".")
	exp := commerce.Exponent(currency)
	kept, rest := frac, ""
	if len(frac) > exp {
		kept, rest = frac[:exp], frac[exp:]
	}
	m, err := commerce.ParseMoney(whole+"."+kept, currency)
	if strings.Trim(rest, "0") != "" {
		m.Amount++
	}
	return m.Amount, err == nil
}
