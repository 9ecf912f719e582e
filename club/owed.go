package club

import (
	"context"
	"math/big"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// Owed is what a shop owes its customers in points.
type Owed struct {
	store.Liability
	// Per points are worth Rate minor units of the reporting currency, by the reward that
	// asks for the fewest points; Per = 0: no reward says it, and Worth is not known.
	Per, Rate int64
	Worth     int64
	// Expire is how many of the outstanding points are expected to expire: as large a
	// share as of those that have run their course. Known = false: there are too few yet.
	Known      bool
	Ran        int64 // points that were spent or have expired
	Expired    int64 // of those
	Expire     int64
	ShareTenth int64 // Expired of Ran, in tenths of a percent
}

// enough is how many points must have run their course before a share of them says something.
const enough = 1000

// Owed reads what a shop owes by the rewards and the policy of today.
func (d Desk) Owed(ctx context.Context, shop commerce.ShopID) (Owed, error) {
	p, err := d.Store.LoyaltyProgram(ctx, shop)
	if err != nil {
		return Owed{}, err
	}
	l, err := d.Store.Liability(ctx, shop)
	if err != nil {
		return Owed{}, err
	}
	moved, err := d.Store.LedgerSums(ctx, shop, 0, d.Store.Now()+1)
	if err != nil {
		return Owed{}, err
	}
	return owedBy(l, moved, p, d.Store.Now()), nil
}

func owedBy(l store.Liability, moved store.LedgerSums, p store.Program, now commerce.Instant) Owed {
	o := Owed{Liability: l, Ran: moved.Spent + moved.Expired, Expired: moved.Expired}
	if o.Per, o.Rate = cheapest(p.Rewards); o.Per > 0 {
		o.Worth = share(l.Points, o.Rate, o.Per)
	}
	lived := p.LiveAt != 0 && p.Months > 0 && commerce.At(p.LiveAt.Time().AddDate(0, p.Months, 0)) <= now
	switch {
	case p.Months == 0 && p.LiveAt != 0 && o.Expired == 0: // points live for ever
		o.Known = true
	case lived && o.Ran >= enough:
		o.Known, o.ShareTenth = true, share(1000, o.Expired, o.Ran)
		o.Expire = share(l.Points, o.Expired, o.Ran)
	}
	return o
}

// cheapest is the rate of the reward that asks for the fewest points; of two the better one for customers.
func cheapest(rewards []loyalty.Reward) (points, worth int64) {
	least := int64(0)
	for _, r := range rewards {
		one := r.Amount
		if r.Kind != loyalty.AmountOff {
			one = r.Worth
		}
		from := r.Cost * max(1, r.Least)
		if r.Hidden || r.Cost <= 0 || one <= 0 {
			continue
		}
		if least == 0 || from < least || from == least && share(1_000_000, one, r.Cost) > share(1_000_000, worth, points) {
			least, points, worth = from, r.Cost, one
		}
	}
	return points, worth
}

// share is of / all of amount, rounded down; the product may not fit 64 bits.
func share(amount, of, all int64) int64 {
	if all == 0 {
		return 0
	}
	n := new(big.Int).Mul(big.NewInt(amount), big.NewInt(of))
	return n.Div(n, big.NewInt(all)).Int64()
}
