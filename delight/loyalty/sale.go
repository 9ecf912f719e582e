package loyalty

import (
	"math/big"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// Counts is what of an order earns points beyond its goods after discounts.
// The zero value is the default: neither tax nor shipping nor gift cards.
type Counts struct {
	Tax       bool `json:"tax,omitempty"`
	Shipping  bool `json:"shipping,omitempty"`
	GiftCards bool `json:"gift_cards,omitempty"` // buying one; paying by one is paying
	Discounts bool `json:"discounts,omitempty"`  // what discounts took off counts as spent
}

// Sale is an order as points see it.
type Sale struct {
	Order commerce.OrderID
	At    commerce.Instant // when it was made; 0 = not yet, or never
	// Counts is what of it counts now, in minor units of the reporting currency; 0 = nothing stands.
	Counts commerce.Money
	// OpensAt is when its points may be spent; 0 = that is not known yet.
	OpensAt commerce.Instant
	Nth     int // its place among the person's orders, from 1
	// Historic purchases, those of before the shop was here, earn nothing.
	Historic bool
	// Excluded ones are of a kind that the shop leaves alone: they begin no award; what was given before follows them still.
	Excluded bool

	stands *commerce.Order // what Counts is read from; nil = nothing of it counts, or Counts was given
}

// counted is what of the sale counts where so much of an order does: an award
// follows what counted on its day.
func (s Sale) counted(c Counts) int64 {
	if s.stands == nil {
		return s.Counts.Amount
	}
	return counted(s.stands, c)
}

// SaleOf is what an order is worth to points now. A pure function of the order:
// who heard the same of it sees the same.
func SaleOf(o *commerce.Order, s commerce.Shop, c Counts, p Policy, nth int) Sale {
	out := Sale{Order: o.ID, At: o.Sale(s.Settings), Nth: nth, Counts: commerce.Money{Currency: o.Reporting.Amount.Currency}}
	out.Historic = out.At != 0 && o.Historic(out.At, s)
	out.Excluded = gate.LeftAlone(o, s.Settings)
	stands := gate.Stands(o, s.Settings)
	if out.At == 0 || stands.Answer == gate.Skip || o.Reporting.Rate == "" {
		return out
	}
	out.stands, out.Counts.Amount = o, counted(o, c)
	if stands.Answer == gate.Send && o.Payment.At() != 0 { // disputes hold, and the courier must have been paid
		out.OpensAt = opens(o, s, p)
	}
	return out
}

// slowest is how long points wait at most for a parcel that nobody says has come.
const slowest = 60 * 24 * time.Hour

// opens is the end of the return window, which begins when the goods arrive.
func opens(o *commerce.Order, s commerce.Shop, p Policy) commerce.Instant {
	sale := o.Sale(s.Settings)
	from, assumed := o.Arrived(s)
	switch {
	case o.Detail.NoShipping:
		from = sale
	case from == 0 || assumed && from > sale.Add(slowest):
		from = sale.Add(slowest)
	}
	return max(from, o.Payment.At()).Add(time.Duration(p.ReturnDays) * 24 * time.Hour)
}

// counted is what of the order counts, in the reporting currency: its goods as
// they are left, and what else the shop counts; never more than was paid and
// not given back.
func counted(o *commerce.Order, c Counts) int64 {
	d := o.Detail
	total := d.ShopTotal.Amount
	if total == 0 {
		total = d.Total.Amount
	}
	kept := total - portion(total, o.Refunded(), d.Total.Amount)
	counts := portion(bare(d.Parts, c, total), kept, total)
	if g := goodsOf(o); g.bought > 0 {
		counts = min(g.worth(d, c, total), kept)
	}
	return portion(o.Reporting.Amount.Amount, counts, total)
}

// bare is what counts of a total whose lines nobody tells.
func bare(p commerce.Parts, c Counts, total int64) int64 {
	if !c.Tax {
		total -= p.Tax.Amount
	}
	if !c.Shipping {
		total -= p.Shipping.Amount
	}
	return max(0, total)
}

// goods are an order's lines by their prices, in the currency that was paid.
type goods struct {
	bought int64 // as ordered
	told   int64 // as the snapshot counts them, which SubtotalCurrent is of
	left   int64 // what the customer has still
	gifts  int64 // of left, what is gift cards
}

func goodsOf(o *commerce.Order) (g goods) {
	for _, l := range o.Detail.Lines {
		g.bought += l.Price.Amount * l.Quantity
		g.told += l.Price.Amount * l.Current
	}
	for _, l := range o.Kept() {
		g.left += l.Price.Amount * l.Current
		if l.GiftCard {
			g.gifts += l.Price.Amount * l.Current
		}
	}
	return g
}

// worth is what counts of an order of total, in the shop's currency there.
func (g goods) worth(d commerce.Detail, c Counts, total int64) int64 {
	left := g.left
	if !c.GiftCards {
		left -= g.gifts
	}
	var sum int64
	if discounted := d.SubtotalCurrent; !c.Discounts && discounted.Currency != "" {
		sum = portion(discounted.Amount, left, g.told)
	} else {
		sum = times(left, total, d.Total.Amount)
	}
	tax := portion(d.Parts.Tax.Amount, left, g.bought)
	switch {
	case c.Tax && !d.Parts.TaxIncluded:
		sum += tax
	case !c.Tax && d.Parts.TaxIncluded:
		sum -= tax
	}
	if c.Shipping && left > 0 {
		sum += d.Parts.Shipping.Amount
	}
	return max(0, sum)
}

// portion is of / all of amount, rounded down and never more than amount; 0 where there is no whole.
func portion(amount, of, all int64) int64 { return times(amount, min(of, all), all) }

// times is amount * by / all, rounded down, whose product may not fit 64 bits; 0 where there is no whole.
func times(amount, by, all int64) int64 {
	if all <= 0 || by <= 0 || amount <= 0 {
		return 0
	}
	p := new(big.Int).Mul(big.NewInt(amount), big.NewInt(by))
	if p.Div(p, big.NewInt(all)); !p.IsInt64() {
		return maxBalance
	}
	return p.Int64()
}
