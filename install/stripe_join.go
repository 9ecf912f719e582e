package install

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// Joining is an account whose owner has installed the app, as Stripe's signature says.
type Joining struct {
	Account string          // acct_...
	Live    bool            // which of its two modes
	Shop    commerce.ShopID // which it joins; "" = its own
}

// Join ties an account to a shop: to the given one, else to the one it has, else
// to a new one with its campaigns as drafts. That the app is installed there, in
// this mode, is proved by a call with the platform's key of the mode. An account
// that was here before keeps its history and gets a new epoch; one that is
// connected well is only greeted. However many tabs join at once make one shop,
// and whatever a crash left undone the next Join does.
//
// Errors beside the store's: fault.Conflict where the account is open in another
// shop, fault.Denied where Stripe gives no access or no key can ask, and
// fault.Temporary.
func (d *StripeDesk) Join(ctx context.Context, j Joining) (Opened, error) {
	a, err := d.platform(j)
	if err != nil {
		return Opened{}, err
	}
	owner, name := store.NewID(), "install "+j.Account+mode(j.Live)
	for p := newPatience(); ; {
		alone, err := d.Store.Lead(ctx, name, owner, callTime)
		if err != nil {
			return Opened{}, err
		}
		if alone {
			defer d.yield(ctx, name, owner)
			return d.join(ctx, a, j)
		}
		if err := p.wait(ctx); err != nil {
			return Opened{}, err
		}
	}
}

// platform is in whose name the account is asked: always the platform's key, since
// that is what the app gives access to.
func (d *StripeDesk) platform(j Joining) (stripe.Access, error) {
	if !stripe.ValidAccount(j.Account) {
		return stripe.Access{}, fault.New(fault.Denied, "this is not an account of Stripe")
	}
	return d.Access(commerce.Connection{ID: "new", Platform: commerce.Stripe, ExternalID: j.Account, Live: j.Live})
}

func mode(live bool) string {
	if live {
		return " live"
	}
	return " test"
}

func (d *StripeDesk) yield(ctx context.Context, name, owner string) {
	if err := d.Store.Yield(context.WithoutCancel(ctx), name, owner); err != nil {
		d.Log.Warn("install lease not given back", "error", err)
	}
}

// join asks Stripe, looks what the account has here, and does what is missing.
func (d *StripeDesk) join(ctx context.Context, a stripe.Access, j Joining) (Opened, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	called := d.Store.Now()
	facts, err := d.Stripe.Account(ctx, a)
	switch {
	case err != nil:
		return Opened{}, fmt.Errorf("account %s: %w", j.Account, err)
	case facts.ID != j.Account: // the key's own account cannot be taken for another
		return Opened{}, fault.New(fault.Denied, "Stripe does not say that the app is installed in this account")
	}
	c, err := d.Store.ConnectionByAccount(ctx, commerce.Stripe, j.Account, j.Live)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Opened{}, err
	}
	here := err == nil
	if here && c.Open() && j.Shop != "" && j.Shop != c.ShopID {
		return Opened{}, fault.New(fault.Conflict, "the Stripe account %s is connected to another shop: disconnect it there first, then connect it here", j.Account)
	}
	if here && c.Open() && c.TokenState != commerce.TokenRevoked {
		return d.welcome(ctx, c, called, false)
	}
	return d.settle(ctx, j, facts, called)
}

// settle makes what is missing: shop, campaigns and connection, all or nothing.
func (d *StripeDesk) settle(ctx context.Context, j Joining, facts stripe.AccountFacts, called commerce.Instant) (Opened, error) {
	in := store.Installation{
		Into: j.Shop, SeenAt: called, Anew: true, Shop: stripeShop(facts),
		Connection: commerce.Connection{Platform: commerce.Stripe, ExternalID: j.Account, Live: j.Live, PlatformID: j.Account, InstalledAt: d.Store.Now()},
	}
	var err error
	if in.Drafts, err = DefaultCampaigns(); err != nil {
		return Opened{}, err
	}
	out, err := d.Store.Install(ctx, in)
	if err != nil {
		return Opened{}, err
	}
	d.Log.Info("account connected", "shop", out.Shop, "connection", out.Connection, "live", j.Live, "again", !out.Made)
	c, err := d.Store.ConnectionByID(ctx, out.Connection)
	if err != nil {
		return Opened{}, err
	}
	return d.welcome(ctx, c, called, out.Opened)
}

// welcome does what may still be undone and returns the shop. What fails of it is
// done at the next Join, so it keeps nobody out.
func (d *StripeDesk) welcome(ctx context.Context, c commerce.Connection, called commerce.Instant, fresh bool) (Opened, error) {
	err := errors.Join(d.Store.ConfirmInstall(ctx, c, called), d.Settle(ctx, c))
	if err != nil {
		d.Log.Warn("install not complete yet", "shop", c.ShopID, "error", err)
	}
	shop, err := d.Store.Shop(ctx, c.ShopID)
	return Opened{Shop: shop, Connection: c, Fresh: fresh}, err
}

// Settle takes up what came for a connection before it was there, and has its
// past read. Doing it again changes nothing.
func (d *StripeDesk) Settle(ctx context.Context, c commerce.Connection) error {
	n, err := d.Store.TakePending(ctx, c)
	if n > 0 && d.Arrived != nil {
		d.Arrived(c.ShopID)
	}
	if d.Backfill != nil {
		err = errors.Join(err, d.Backfill(ctx, c))
	}
	return err
}

// Leave ends a connection here, as a merchant wishes: nothing of it is asked or
// taken any more, and its own key and secrets are forgotten at once. The app
// stays in the account until it is removed there. One that is closed already
// stays so. It is fault.NotFound where the shop has no such connection.
func (d *StripeDesk) Leave(ctx context.Context, shop commerce.ShopID, id commerce.ConnectionID) error {
	c, err := d.Store.ConnectionByID(ctx, id)
	if err == nil && (c.ShopID != shop || c.Platform != commerce.Stripe) {
		err = fault.New(fault.NotFound, "this shop has no such Stripe account")
	}
	if err != nil || !c.Open() {
		return err
	}
	ended := false
	err = d.Store.Transact(ctx, func(tx *store.Tx) (err error) {
		ended, err = tx.EndConnection(shop, id)
		return errors.Join(err, tx.TouchShop(shop))
	})
	if err == nil && ended { // else another was first
		d.Log.Info("account disconnected", "shop", shop, "connection", id)
	}
	return err
}

// stripeShop makes a shop of what an account says of itself.
func stripeShop(f stripe.AccountFacts) commerce.Shop {
	return commerce.Shop{
		Name: cmp.Or(f.Name, f.Email, f.ID), Email: f.Email, Locale: "en", Timezone: f.Timezone, Country: f.Country, Currency: f.Currency, Site: f.URL,
		Settings: commerce.Settings{StoreURL: f.URL, PostalAddress: f.Address},
	}
}
