package message

import (
	"math"
	"sync"
	"time"

	"flywheel/commerce"
	"flywheel/message/liquid"
)

// order are the values that start with order; lists and dates are made when they
// are asked for, since most texts name none of them.
func (r reader) order(f Facts, kept []commerce.Line) map[string]any {
	o := f.Order
	if o == nil {
		return map[string]any{}
	}
	var pieces int64
	for _, line := range kept {
		pieces += line.Current
	}
	first, summary := r.summary(kept)
	return map[string]any{
		"name":        r.code(o.Detail.Name, maxOrder),
		"total":       r.price(o.Detail.Total),
		"total_price": major(o.Detail.Total),
		"currency":    currencyCode(o.Detail.Total.Currency),
		"items":       liquid.Shown{Text: r.number(pieces), Raw: pieces},
		"item_count":  pieces,
		"first_item":  first,
		"summary":     summary,
		"date":        func() any { return r.placed(o) },
		"lines":       sync.OnceValue(func() any { return r.lines(kept) }),
		"together":    sync.OnceValue(func() any { return r.together(f.Together) }),
	}
}

// price shows as money and counts as a number in whole units.
func (r reader) price(m commerce.Money) liquid.Shown {
	return liquid.Shown{Text: r.money(m), Raw: major(m)}
}

// moment shows as a date and counts as a time.
func (r reader) moment(at time.Time) liquid.Shown {
	return liquid.Shown{Text: r.date(at, "long"), Raw: at}
}

func (r reader) placed(o *commerce.Order) any {
	if o.PlacedAt == 0 {
		return nil
	}
	return r.moment(o.PlacedAt.Time())
}

func (r reader) lines(kept []commerce.Line) []any {
	out := []any{}
	for _, line := range kept[:min(len(kept), liquid.MaxList)] {
		entry := map[string]any{
			"title": r.name(line.Title, maxTitle), "variant": r.name(line.Variant, maxTitle), "vendor": r.name(line.Vendor, maxTitle), "sku": r.code(line.SKU, maxOrder),
			"quantity": liquid.Shown{Text: r.number(line.Current), Raw: line.Current},
			"price":    r.price(line.Price),
			"image":    publicPicture(line.Image),
		}
		if total, ok := lineTotal(line); ok {
			entry["total"] = r.price(total)
		}
		out = append(out, entry)
	}
	return out
}

// lineTotal is what is paid for what is kept of a line; ok is false where it is
// not known or beyond all sense.
func lineTotal(line commerce.Line) (total commerce.Money, ok bool) {
	if line.Price.Amount <= 0 || line.Current >= math.MaxInt64/line.Price.Amount {
		return total, false
	}
	return commerce.Money{Amount: line.Price.Amount * line.Current, Currency: line.Price.Currency}, true
}

func (r reader) together(orders []*commerce.Order) []any {
	out := []any{}
	for _, o := range orders[:min(len(orders), liquid.MaxList)] {
		out = append(out, map[string]any{
			"name": r.code(o.Detail.Name, maxOrder), "total": r.price(o.Detail.Total), "date": r.placed(o),
		})
	}
	return out
}
