package jobs

import (
	"context"
	"errors"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// shopifyOf returns the shop's open Shopify connection; false = there is none.
// Whether it has a token that is accepted, atShopify finds out.
func (w *Worker) shopifyOf(ctx context.Context, shop commerce.ShopID) (commerce.Connection, bool, error) {
	if w.Shopify == nil || w.Install == nil {
		return commerce.Connection{}, false, nil
	}
	all, err := w.Store.Connections(ctx, shop)
	for _, c := range all { // the oldest first, as Ties has it
		if err == nil && c.Open() && c.Platform == commerce.Shopify {
			return c, true, nil
		}
	}
	return commerce.Connection{}, false, err
}

// atShopify makes a call with a token that is good. One that the shop does not
// accept after all is exchanged, and the call made once more. It is fault.Denied
// where the shop does not allow it, or somebody must open the app first.
func (w *Worker) atShopify(ctx context.Context, c commerce.Connection, call func(shopify.Access) error) error {
	for again := true; ; again = false {
		access, err := w.Install.Token(ctx, c)
		if err != nil {
			return err
		}
		if err = call(access); !fault.Is(err, fault.Denied) {
			return err
		}
		c.Token = access.Token
		if heard := w.refused(ctx, c, err); heard != nil {
			return heard
		}
		if !again || !errors.Is(err, shopify.ErrToken) {
			return err
		}
		if c, err = w.Store.ConnectionByID(ctx, c.ID); err != nil {
			return err
		}
	}
}

// atStripe makes a call in the name of a connection's account.
func (w *Worker) atStripe(ctx context.Context, c commerce.Connection, call func(stripe.Access) error) error {
	access, err := w.Accounts.Access(c)
	if err != nil {
		return err
	}
	if err = call(access); fault.Is(err, fault.Denied) {
		return errors.Join(err, w.Accounts.Refused(ctx, c, err))
	}
	if err == nil {
		err = w.Accounts.Regained(ctx, c)
	}
	return err
}

// eachCustomer does something for each of a person's customers that the shop
// still has, and reports how many those are.
func eachCustomer(customers []store.Customer, do func(id string) error) (n int, err error) {
	for _, c := range customers {
		switch err := do(c.ID); {
		case fault.Is(err, fault.NotFound): // deleted, or merged into another
		case err != nil:
			return n, err
		default:
			n++
		}
	}
	return n, nil
}
