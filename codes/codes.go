// Package codes gives discount codes in a merchant's Stripe account: one for
// each cause and rule, however often, by however many and after whatever crash it
// is asked for, and never one that has ended once more. What is given for what,
// and when, is decided elsewhere.
package codes

import (
	"context"
	"errors"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/install"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// allButOver is how little time is left of a code that nobody is given any more.
const allButOver = time.Hour

// Desk gives codes and ends them. It is safe for several goroutines, and any
// number of desks may work on one database.
type Desk struct {
	Store    *store.Store
	Accounts *install.StripeDesk
}

// Reward is a code that is to be given.
type Reward struct {
	Cause    string // what for, such as an order
	Rule     string // that gives it; a cause has one code of each rule
	Title    string // what the customer reads on the receipt; the first one stays
	Customer string // cus_..., the only one who may use it; "" = whoever has the code
	Terms

	// Connection is the account it is given in; "" = the shop's only one of the mode.
	Connection commerce.ConnectionID
	Test       bool // in test mode
}

// Given is a code that the customer may be told, unless it has ended.
type Given struct {
	Code     string
	EndsAt   time.Time // zero = never
	Existing bool      // it was given before
	Ended    bool      // it was taken back, or was over when it was found: it is worth nothing, and no other comes
}

// Give makes the code of r, or finds it. The row comes first, then Stripe, then
// the row again; who comes after a crash finds at Stripe, by a key derived from
// cause and rule, what was made. Errors are fault.Invalid, also with the
// parameter that Stripe refuses, fault.Conflict where the cause has a code of the
// rule with other terms or somebody else has taken it, fault.NotFound where no account
// is connected, and those of StripeDesk.Access and stripe.Client.CreatePromotion.
func (d *Desk) Give(ctx context.Context, shop commerce.ShopID, r Reward) (Given, error) {
	r.Terms = r.Terms.normal()
	if err := r.check(); err != nil {
		return Given{}, err
	}
	c, err := d.connection(ctx, shop, r)
	if err != nil {
		return Given{}, err
	}
	access, err := d.Accounts.Access(c)
	if err != nil {
		return Given{}, err
	}
	row, err := d.Store.BeginPromotion(ctx, shop, store.Promotion{
		Connection: c.ID, Cause: r.Cause, Rule: r.Rule, Customer: r.Customer, Terms: r.text(),
	})
	switch {
	case err != nil:
		return Given{}, err
	case row.State == store.PromotionEnded && row.LookAt > 0: // while it was being made, and who made it may have gone
		return given(row, r.Terms, true), d.end(ctx, c, access, row, "")
	case row.State != store.PromotionMaking:
		return given(row, r.Terms, true), nil
	}
	if row, err = d.renew(ctx, c, access, row, r.Terms); err != nil {
		return Given{}, err
	}
	return d.make(ctx, c, access, row, r)
}

// renew lets the time of a code begin anew that is over, or all but over, before
// it was made: whoever was to make it died long ago, and Stripe takes no end that is past.
func (d *Desk) renew(ctx context.Context, c commerce.Connection, a stripe.Access, row store.Promotion, t Terms) (store.Promotion, error) {
	end := t.endsAt(row.AskedAt)
	if end.IsZero() || end.After(d.Store.Now().Add(allButOver).Time()) {
		return row, nil
	}
	_, err := d.Accounts.Stripe.FindPromotion(ctx, a, row.Key)
	switch {
	case fault.Is(err, fault.NotFound):
		return d.Store.RenewPromotion(ctx, c.ShopID, row)
	case err != nil:
		return row, errors.Join(err, d.failed(ctx, c, row, err))
	}
	return row, nil // Stripe has it, with the end of that time
}

// make has Stripe make the code of a row, and notes it.
func (d *Desk) make(ctx context.Context, c commerce.Connection, a stripe.Access, row store.Promotion, r Reward) (Given, error) {
	p := r.promotion(r.Title)
	p.Code, p.Key, p.EndsAt = row.Code, row.Key, r.endsAt(row.AskedAt)
	ref, err := d.Accounts.Stripe.CreatePromotion(ctx, a, p)
	if err != nil {
		return Given{}, errors.Join(err, d.failed(ctx, c, row, err))
	}
	row, err = d.found(ctx, c, a, row, ref)
	return given(row, r.Terms, ref.Existing), err
}

// found notes what Stripe has of a row. Where it was taken back meanwhile, it is ended there.
func (d *Desk) found(ctx context.Context, c commerce.Connection, a stripe.Access, row store.Promotion, ref stripe.PromotionRef) (store.Promotion, error) {
	row, err := d.Store.PromotionMade(ctx, c.ShopID, row, ref.Coupon, ref.Promotion)
	switch {
	case err != nil:
	case row.State == store.PromotionEnded:
		err = d.end(ctx, c, a, row, "")
	case ref.Ended:
		row, err = d.Store.PromotionEnded(ctx, c.ShopID, row, "it was over when it was found")
	}
	return row, err
}

// failed notes why a code was not made. What Stripe refuses for good is no
// promise to anybody: it may be asked for in another way.
func (d *Desk) failed(ctx context.Context, c commerce.Connection, row store.Promotion, cause error) error {
	switch {
	case ctx.Err() != nil:
		return nil
	case fault.Is(cause, fault.Invalid):
		return d.Store.DropPromotion(ctx, c.ShopID, row)
	}
	return errors.Join(d.Accounts.Refused(ctx, c, cause), d.Store.PromotionFailed(ctx, c.ShopID, row, fault.Sentence(cause)))
}

// connection is the account that a code is given in.
func (d *Desk) connection(ctx context.Context, shop commerce.ShopID, r Reward) (commerce.Connection, error) {
	all, err := d.Store.Connections(ctx, shop)
	if err != nil {
		return commerce.Connection{}, err
	}
	var fit []commerce.Connection
	for _, c := range all {
		if c.Platform == commerce.Stripe && c.Open() && c.Live != r.Test && (r.Connection == "" || c.ID == r.Connection) {
			fit = append(fit, c)
		}
	}
	switch mode := map[bool]string{true: "test", false: "live"}[r.Test]; len(fit) {
	case 0:
		return commerce.Connection{}, fault.New(fault.NotFound, "the shop has no such Stripe account in %s mode", mode)
	case 1:
		return fit[0], nil
	default:
		return commerce.Connection{}, fault.New(fault.Invalid, "the shop has %d Stripe accounts in %s mode: say which connection", len(fit), mode)
	}
}

func given(row store.Promotion, t Terms, existing bool) Given {
	return Given{Code: row.Code, EndsAt: t.endsAt(row.AskedAt), Existing: existing, Ended: row.State == store.PromotionEnded}
}
