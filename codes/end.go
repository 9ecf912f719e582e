package codes

import (
	"context"
	"errors"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// End takes back what a rule has given for a cause, wherever it was given. Who
// has used the code has used it. Twice is no harm. Of an account that has moved to
// another shop nothing is asked: the row alone ends, with a note. Nothing given is
// fault.NotFound; other errors are those of StripeDesk.Access and
// stripe.Client.EndPromotion.
func (d *Desk) End(ctx context.Context, shop commerce.ShopID, cause, rule string) error {
	rows, err := d.Store.PromotionsFor(ctx, shop, cause, rule)
	if err == nil && len(rows) == 0 {
		err = fault.New(fault.NotFound, "the rule %s has given no code for %s", rule, cause)
	}
	for _, row := range rows {
		err = errors.Join(err, d.takeBack(ctx, shop, row))
	}
	return err
}

// movedAway is noted of a code whose account another merchant's shop has by now.
const movedAway = "taken back here only: the account has moved to another shop, and may still take it"

// takeBack ends one, at Stripe too where its account is this shop's still.
func (d *Desk) takeBack(ctx context.Context, shop commerce.ShopID, row store.Promotion) error {
	c, err := d.Store.ConnectionByID(ctx, row.Connection)
	if err != nil {
		return err
	}
	if c.ShopID != shop {
		_, err = d.Store.TakeBackPromotion(ctx, shop, row, movedAway)
		return err
	}
	a, err := d.Accounts.Access(c)
	if err == nil {
		err = d.end(ctx, c, a, row, "taken back")
	}
	return err
}

// end ends one. Where it is still being made the row comes first, so that
// whoever makes it sees that; else Stripe does, so that the row never says more
// than is true.
func (d *Desk) end(ctx context.Context, c commerce.Connection, a stripe.Access, row store.Promotion, why string) (err error) {
	if row.State == store.PromotionMaking {
		if row, err = d.Store.TakeBackPromotion(ctx, c.ShopID, row, why); err != nil {
			return err
		}
	}
	if row.Promotion == "" {
		ref, err := d.Accounts.Stripe.FindPromotion(ctx, a, row.Key)
		if fault.Is(err, fault.NotFound) {
			return d.nothing(ctx, c, row)
		}
		if err == nil {
			row, err = d.Store.PromotionMade(ctx, c.ShopID, row, ref.Coupon, ref.Promotion)
		}
		if err != nil {
			return errors.Join(err, d.Accounts.Refused(ctx, c, err))
		}
	}
	err = d.Accounts.Stripe.EndPromotion(ctx, a, row.Promotion)
	if fault.Is(err, fault.NotFound) {
		why, err = "the account no longer has it", nil
	}
	if err != nil {
		return errors.Join(err, d.Accounts.Refused(ctx, c, err))
	}
	_, err = d.Store.PromotionEnded(ctx, c.ShopID, row, why)
	return err
}
