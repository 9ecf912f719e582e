package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

const (
	// farewellDays is how long what a Stripe account brought is kept after the
	// merchant has removed the app: who comes back within that time finds all.
	farewellDays = 30
	// farewellsAtOnce bounds one run; an hour later comes the next.
	farewellsAtOnce = 200
	// doubt is how near a goodbye may lie to a proof of being connected for the
	// two to have changed places: Stripe tells its time in whole seconds, and its
	// clock is not ours.
	doubt = 2 * time.Second
)

// bidFarewell erases shops whose Stripe account left a month ago, with a proof;
// where another platform is connected only what was Stripe's alone goes. Who
// came back meanwhile stays as they are. Before that it finds out about accounts
// that give no access and never said goodbye.
func (w *Worker) bidFarewell(ctx context.Context) error {
	var asked error
	if w.Accounts != nil {
		asked = w.Accounts.AskRefused(ctx)
	}
	gone, err := w.Store.Farewells(ctx, commerce.Stripe, w.Store.Now().Add(-farewellDays*24*time.Hour), farewellsAtOnce)
	for _, f := range gone {
		fate, e := w.Store.EraseShop(ctx, f.Shop, commerce.Stripe, f.At)
		switch {
		case e != nil:
		case fate == store.ShopErased:
			w.Log.Info("shop erased: its account left a month ago", "shop", f.Shop)
		case fate == store.ShopWaits:
			_, e = w.Store.ForgetPlatform(ctx, f.Shop, commerce.Stripe)
		}
		err = errors.Join(err, e)
	}
	return errors.Join(asked, err)
}

// hearGoodbyes settles when exactly an app was removed, before a batch is merged.
// Stripe tells the second: it counts to its end. Where the account was connected
// at about that time, Stripe is asked which of the two came last.
func (w *Worker) hearGoodbyes(ctx context.Context, shop commerce.ShopID, batch []decoded) {
	for i, d := range batch {
		u := d.change.Uninstall
		if u == nil || d.delivery.Platform != commerce.Stripe {
			continue
		}
		end := u.At.Add(time.Second - time.Millisecond)
		granted, err := w.Store.GrantedAt(ctx, shop, d.delivery.ConnectionID)
		if err == nil && granted >= u.At.Add(-doubt) && granted <= end.Add(doubt) {
			switch err := w.askThere(ctx, shop, d.delivery.ConnectionID); {
			case err == nil:
				batch[i].change = commerce.Change{Ignored: "the app was installed again at once"}
				continue
			case errors.Is(err, stripe.ErrNoAccess):
				end = max(end, granted)
			}
		}
		batch[i].change.Uninstall = &commerce.Uninstall{At: end}
	}
}

// askThere asks Stripe whether the app is installed in a connection's account; nil = it is.
func (w *Worker) askThere(ctx context.Context, shop commerce.ShopID, id commerce.ConnectionID) error {
	c, err := w.Store.ConnectionByID(ctx, id)
	if err == nil && (c.ShopID != shop || c.Token != "" || w.Accounts == nil) {
		err = fault.New(fault.Denied, "nobody can ask for the app of this account")
	}
	if err != nil {
		return err
	}
	a, err := w.Accounts.Access(c)
	if err == nil {
		_, err = w.Accounts.Stripe.Account(ctx, a)
	}
	if fault.Is(err, fault.Temporary) {
		w.Log.Warn("Stripe was not there to say whether the app is installed", "shop", shop, "connection", id, "error", err)
	}
	return err
}

// withoutGone leaves out what comes of a Stripe account that was disconnected
// before: its deliveries are done with, and bring nothing. What comes of any other
// is a sign that it is still there.
func (m *merge) withoutGone(batch []decoded) ([]decoded, error) {
	isStripe := func(d decoded) bool { return d.delivery.Platform == commerce.Stripe }
	if !slices.ContainsFunc(batch, isStripe) {
		return batch, nil
	}
	var heard []commerce.ConnectionID
	for _, d := range batch {
		if id := d.delivery.ConnectionID; isStripe(d) && d.change.Uninstall == nil && !slices.Contains(heard, id) {
			heard = append(heard, id)
		}
	}
	closed, err := m.tx.ClosedConnections(m.shop.ID, commerce.Stripe)
	if err == nil && len(heard) > 0 {
		err = m.tx.HearOf(m.shop.ID, heard)
	}
	if err != nil || len(closed) == 0 {
		return batch, err
	}
	batch = slices.Clone(batch) // the transaction may be repeated
	for i, d := range batch {
		if closed[d.delivery.ConnectionID] {
			batch[i].err, batch[i].change = nil, commerce.Change{Ignored: "the account is disconnected: nothing of it is taken any more"}
		}
	}
	return batch, nil
}
