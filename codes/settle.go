package codes

import (
	"context"
	"errors"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// goneAfter is how old a code is of which Stripe has nothing, when nobody can be
// making it any more, not even a process that was suspended.
const goneAfter = 24 * time.Hour

// Settle finishes what a crash or a silent Stripe has left in doubt, at most
// limit: what was taken back while it was made ends at Stripe too, and what was
// made while its maker died is noted. What cannot be settled now is looked at
// again later, when it is a day old once a day. It makes no code: who was promised
// one asks again.
func (d *Desk) Settle(ctx context.Context, limit int) error {
	rows, err := d.Store.TakeDoubtfulPromotions(ctx, limit)
	for _, row := range rows {
		if ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		err = errors.Join(err, d.settle(ctx, row.Shop, row.Promotion))
	}
	return err
}

func (d *Desk) settle(ctx context.Context, shop commerce.ShopID, row store.Promotion) error {
	c, err := d.Store.ConnectionByID(ctx, row.Connection)
	if err != nil || c.ShopID != shop {
		return err
	}
	a, err := d.Accounts.Access(c)
	switch {
	case fault.Is(err, fault.Denied): // another key or another install is needed: it rests
		return nil
	case err != nil:
		return err
	case row.State == store.PromotionEnded:
		return d.end(ctx, c, a, row, "")
	}
	return d.look(ctx, c, a, row)
}

// look notes what Stripe has of a code whose maker is not heard of any more.
func (d *Desk) look(ctx context.Context, c commerce.Connection, a stripe.Access, row store.Promotion) error {
	ref, err := d.Accounts.Stripe.FindPromotion(ctx, a, row.Key)
	if fault.Is(err, fault.NotFound) {
		return d.nothing(ctx, c, row)
	}
	if err != nil {
		return errors.Join(err, d.Accounts.Refused(ctx, c, err))
	}
	_, err = d.found(ctx, c, a, row, ref)
	return err
}

// nothing hears that Stripe has nothing of a code: after a day that is the last word.
func (d *Desk) nothing(ctx context.Context, c commerce.Connection, row store.Promotion) error {
	if max(row.AskedAt, row.EndedAt) > d.Store.Now().Add(-goneAfter) {
		return nil
	}
	return d.Store.SettlePromotion(ctx, c.ShopID, row, "it was not made: ask for it again")
}
