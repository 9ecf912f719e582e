package install

import (
	"context"
	"log/slog"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// StripeDesk ties Stripe accounts to shops of ours. Of a merchant who installs
// the Stripe App nothing secret is kept: our own key acts in the account's name.
// Who runs Flywheel for one account may give it a restricted key of their own,
// which is kept sealed. It is safe for several goroutines.
type StripeDesk struct {
	Store  *store.Store
	Stripe *stripe.Client
	Keys   stripe.Keys // of the platform
	Log    *slog.Logger
	// Backfill has what happened before an install read; asking again must be
	// harmless. nil = nobody reads the past.
	Backfill func(context.Context, commerce.Connection) error
	// Arrived hints that deliveries wait in a shop's inbox; nil = nobody is told.
	Arrived func(commerce.ShopID)

	good goodKeys
}

// Access returns what a call about the connection's account needs: its own key
// where it has one, else the platform's key of its mode in its name. It is
// fault.Denied where the account has left, where Stripe refused this very key for
// it, and where no key can ask.
func (d *StripeDesk) Access(c commerce.Connection) (stripe.Access, error) {
	switch {
	case c.ID == "" || !c.Open():
		return stripe.Access{}, fault.New(fault.Denied, "the account is not connected any more")
	case c.TokenState == commerce.TokenRevoked && (c.RefusedKey == "" || c.RefusedKey == markOf(d.key(c))):
		return stripe.Access{}, fault.New(fault.Denied, "Stripe no longer gives access to the account: connect it once more")
	}
	return d.access(c)
}

// access is Access to an account that may have been refused.
func (d *StripeDesk) access(c commerce.Connection) (stripe.Access, error) {
	key := d.key(c)
	switch {
	case key == "" && c.Live:
		return stripe.Access{}, fault.New(fault.Denied, "there is no live key of Stripe to ask with: set STRIPE_SECRET_KEY")
	case key == "":
		return stripe.Access{}, fault.New(fault.Denied, "there is no test key of Stripe to ask with: add one to STRIPE_SECRET_KEY")
	case c.Token != "" || c.OwnAccount:
		return stripe.Access{Key: key}, nil
	}
	return stripe.Access{Key: key, Account: c.ExternalID}, nil
}
